"""What `--alert` says: the form of a sink and where it delivers."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

import attrs

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError
from peerlint.redaction import without_credentials
from peerlint.wording import Words

_FORMS: Final = "jsonl:PATH, jsonl:- (standard output), alertmanager:URL or webhook:URL"
_URL_FORM: Final = "a URL that begins with http:// or https:// and has a host"
#: Octets of the hash that distinguish sinks whose names look alike.
_HASH: Final = 4


class SinkKind(StrEnum):
    """The forms of sinks."""

    JSONL = "jsonl"
    ALERTMANAGER = "alertmanager"
    WEBHOOK = "webhook"

    @property
    def token_variable(self) -> str:
        """The environment variable with the bearer token of its requests."""
        return f"PEERLINT_{self.upper()}_TOKEN"


@attrs.frozen
class SinkArgument:
    """A sink as the user gives it.

    Attributes:
        kind: its form.
        target: the path or URL; it may have a secret.
        name: what it is called in messages, metrics and the state file, without secrets.
    """

    kind: SinkKind
    target: str = attrs.field(repr=False)
    name: str


def parse_sink(text: str) -> SinkArgument:
    """Return the sink that a text describes, such as "webhook:https://noc.example/peerlint".

    Raises:
        InputError: the text has none of the forms, or its URL has a password.
    """
    must_be("alerts", text, str, A_STRING)
    form, colon, target = text.partition(":")
    if not colon or form not in set(SinkKind) or not target:
        found = Words(f"'{without_credentials(text)}'")
        raise InputError("alerts", expected=_FORMS, found=found)
    kind = SinkKind(form)
    if kind is SinkKind.JSONL:
        if "\0" in target:
            raise InputError("alerts", expected="the name of a file", found=target)
        return SinkArgument(kind, target, text)
    _check_url(kind, target)
    return SinkArgument(kind, target, _name(kind, target))


def _check_url(kind: SinkKind, target: str) -> None:
    shown = Words(f"'{kind}:{without_credentials(target)}'")
    try:
        url = urlsplit(target)
        is_url = _is_url(url) and target.isprintable() and " " not in target
    except ValueError:  # a port that is no number, brackets that do not match
        is_url = False
    if not is_url:
        raise InputError("alerts", expected=_URL_FORM, found=shown)
    if url.username is not None or url.password is not None:
        raise InputError(
            "alerts",
            expected="a URL without a user or password, which every list of processes shows",
            found=shown,
            hint=f"put a token into the environment variable {kind.token_variable}",
        )


def _is_url(url: SplitResult) -> bool:
    # Reading the port checks it.
    return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0


def _name(kind: SinkKind, target: str) -> str:
    """Return the name; if its URL has a secret, with a hash that distinguishes it from others."""
    shown = without_credentials(target)
    if shown != target:
        shown += f" ({hashlib.sha256(target.encode()).hexdigest()[: 2 * _HASH]})"
    return f"{kind}:{shown}"
