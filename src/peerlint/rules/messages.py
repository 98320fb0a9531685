"""Map error messages of Azure to rules.

The wording of a message changes, so it is recognised by patterns, which ignore case, apostrophes
and the surrounding text. Sources: the pages on requirements of registered prefixes (June 2023 to
October 2024) and of service prefixes (June 2023 to August 2026), azure-portal.md (2019 to 2026) and
recordings of the service. A message may say "MAPS" in one year and "Peering Service" in another.
"""

from __future__ import annotations

import re
from typing import Final

_NOT_RECEIVED: Final = ("route.not-received", "route.covering-only", "route.more-specifics-only")
_NOT_RECEIVED_S: Final = ("activation.not-received", *_NOT_RECEIVED)
_COMMUNITY: Final = ("route.community-missing", "route.community-wrong-type")
_PATH: Final = ("route.as-path-length", "route.private-asn", "route.prepending")
_TEXT: Final = ("prefix.valid", "prefix.ipv4-only", "prefix.host-bits")

#: Patterns, and the rules that a matching message may stand for; more exact patterns come first.
PATTERNS: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = tuple(
    (re.compile(pattern), rules)
    for pattern, rules in (
        (r"internal server error", ("registration.internal-error",)),
        (r"not received from ip", _NOT_RECEIVED),
        (r"not receiving prefix|wasnt received from|was not received from", _NOT_RECEIVED_S),
        (r"(missing|should have|valid|without|lacks?)\b.*\bcommunit", _COMMUNITY),
        (r"longer as path|path length", ("route.as-path-length",)),
        (r"private (as\b|asn|autonomous)", ("route.private-asn",)),
        (r"prepend", ("route.prepending",)),
        (r"as path isnt correct|as path is not correct|incorrect as path", _PATH),
        (r"overlaps with an existing prefix", ("activation.overlap",)),
        (r"fewer than two sessions", ("activation.primary-sessions", "topology.min-connections")),
        (r"no sessions in its backup|backup route not found", ("activation.backup-sessions",)),
        (r"provider not found", ("activation.provider",)),
        (r"invalid ip prefix", ("prefix.private-range", "activation.fields", *_TEXT)),
        (
            r"invalid peering service prefix|service prefix is invalid",
            ("activation.fields", *_TEXT),
        ),
        (r"prefix is invalid|unrecognized routeprefix", _TEXT),
        (
            r"not supported for this peering type|operationnotsupported",
            ("topology.use-for-peering-service", "topology.microsoft-network"),
        ),
    )
)
_APOSTROPHES: Final = re.compile("['`\u2018\u2019]")
_ADDRESSES: Final = re.compile(r"from ips?\b(.*)")
_ADDRESS: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?!/)")


def rules_of(message: str) -> tuple[str, ...]:
    """Return the ids of the rules that a message may stand for; none if no pattern matches."""
    plain = _plain(message)
    return next((rules for pattern, rules in PATTERNS if pattern.search(plain)), ())


def sessions_of(message: str) -> tuple[str, ...]:
    """Return the addresses of the sessions that a message names, without duplicates."""
    found = _ADDRESSES.search(_plain(message))
    return tuple(dict.fromkeys(_ADDRESS.findall(found[1]))) if found else ()


def _plain(message: str) -> str:
    return " ".join(_APOSTROPHES.sub("", message).casefold().split())
