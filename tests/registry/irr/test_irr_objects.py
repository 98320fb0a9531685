"""What is read of an RPSL object (RFC 2622), by rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from peerlint.model import Prefix
from peerlint.registry.irr import AsSet, objects
from peerlint.registry.irr.objects import AutNum, Common, Route, Unread, read_object
from peerlint.registry.irr.rpsl import Attribute, attributes

_ROUTE: Final = """\
route:          203.0.113.0/24
descr:          Contoso
origin:         AS64500
mnt-by:         MAINT-EXAMPLE
last-modified:  2026-11-24T10:00:00Z
source:         RIPE
"""


def _seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


_MODIFIED: Final = _seconds(2026, 11, 24, 10)


def _route(
    prefix: str = "203.0.113.0/24",
    origin: int = 64500,
    source: str = "RIPE",
    last_modified: int = _MODIFIED,
    changed: int = -1,
) -> Route:
    parsed = Prefix.parse(prefix)
    common = Common(source, last_modified, changed)
    return Route(parsed.family, parsed.first, parsed.length, origin, common)


def _with(old: str, new: str) -> bytes:
    assert old in _ROUTE
    return _ROUTE.replace(old, new).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("descr: one", [("descr", "one", 0)]),
        ("DESCR:one", [("descr", "one", 0)]),
        ("descr:\t one \r", [("descr", "one", 0)]),
        ("descr: one # two", [("descr", "one", 0)]),
        ("descr:", [("descr", "", 0)]),
        ("members: A,\n B,\n\tC,\n+D", [("members", "A, B, C, D", 0)]),
        ("members: A # first\n B # second", [("members", "A B", 0)]),
        ("members:\n+\n  A\n+ # none\n", [("members", "A", 0)]),
        ("members: A\n# a comment\n B", [("members", "A B", 0)]),
        ("# a comment\n% another\ndescr: one", [("descr", "one", 2)]),
        ("descr: a: b", [("descr", "a: b", 0)]),
        ("descr: one\ngarbage\n more", [("descr", "one", 0), ("", "garbage more", 1)]),
        ("descr : one", [("", "descr : one", 0)]),
        (" descr: one", [("", "descr: one", 0)]),
        ("\n\ndescr: one\n\n", [("descr", "one", 2)]),
        ("# only\n% comments", []),
        ("", []),
    ],
)
def test_attributes(text: str, expected: list[tuple[str, str, int]]) -> None:
    """Names are in lower case, values without comments, and continued lines are joined."""
    wanted = [Attribute(name.encode(), value.encode(), line) for name, value, line in expected]
    assert wanted == list(attributes(text.encode()))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("AS64500", "AS64500", _route()),
        ("AS64500", "as64500 # Contoso", _route()),
        ("AS64500", "\n+ AS64500", _route()),
        ("AS64500", "AS4.603", _route(origin=262747)),
        ("AS64500", "AS0", _route(origin=0)),
        ("AS64500", "AS4294967295", _route(origin=4294967295)),
        ("origin:", "ORIGIN:", _route()),
        ("RIPE", "ripe-nonauth", _route(source="RIPE-NONAUTH")),
        ("RIPE", "RIPE # Filtered", _route(source="RIPE")),
        ("203.0.113.0/24", "0.0.0.0/0", _route("0.0.0.0/0")),
        ("203.0.113.0/24", "\n\t203.0.113.128/25", _route("203.0.113.128/25")),
        ("route:          203.0.113.0/24", "route6: 2001:db8::/32", _route("2001:db8::/32")),
        ("route:          203.0.113.0/24", "route6: 2001:DB8::/32", _route("2001:db8::/32")),
        ("Contoso", "R\u00e9seau", _route()),
        ("Contoso", "origin: AS64501\n source: RADB", _route()),
        ("descr", "a line that is no attribute\ndescr", _route()),
        ("2026-11-24T10:00:00Z", "yesterday", _route(last_modified=-1)),
        ("2026-11-24T10:00:00Z", "2026-02-30T10:00:00Z", _route(last_modified=-1)),
        (
            "last-modified:  2026-11-24T10:00:00Z",
            "changed: noc@contoso.example 20261120\nchanged: noc@contoso.example 20251120 # 2027",
            _route(last_modified=-1, changed=_seconds(2026, 11, 20)),
        ),
        # RFC 7909 section 3: a signature names attributes in its continuation lines.
        (
            "source:",
            "signature: v=1; c=rsync://rpki.example/a.cer; m=sha256WithRSAEncryption;\n"
            "           a=route+origin+source; b=Zm9v\nsource:",
            _route(),
        ),
    ],
)
def test_a_route_is_read(old: str, new: str, expected: Route) -> None:
    """A route has its prefix, origin, registry and time in every notation that is allowed."""
    assert expected == read_object(_with(old, new))


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ("origin:", "remarks:", "no origin", 0),
        ("mnt-by:         MAINT-EXAMPLE", "origin: AS64501", objects.TWICE[b"origin"], 3),
        ("AS64500", "", objects.NO_ASN, 2),
        ("AS64500", "64500", objects.NO_ASN, 2),
        ("AS64500", "AS64500, AS64501", objects.NO_ASN, 2),
        ("AS64500", "AS4294967296", objects.NO_ASN, 2),
        ("AS64500", "AS65536.1", objects.NO_ASN, 2),
        ("AS64500", "AS1.65536", objects.NO_ASN, 2),
        ("AS64500", "AS64\n 500", objects.NO_ASN, 2),
        ("203.0.113.0/24", "203.0.113.1/24", objects.HOST_BITS, 0),
        ("203.0.113.0/24", "203.0.113.0", objects.NO_PREFIX[4], 0),
        ("203.0.113.0/24", "203.0.113/24", objects.NO_PREFIX[4], 0),
        ("203.0.113.0/24", "203.0.113.0/33", objects.NO_PREFIX[4], 0),
        ("203.0.113.0/24", "203.000.113.0/24", objects.NO_PREFIX[4], 0),
        ("203.0.113.0/24", "2001:db8::/32", objects.NO_PREFIX[4], 0),
        ("203.0.113.0/24", "\u0662.0.0.0/8", objects.NO_PREFIX[4], 0),
        ("route: ", "route6:", objects.NO_PREFIX[6], 0),
        ("source:", "remarks:", "no source", 0),
        ("RIPE", "", objects.NO_REGISTRY, 5),
        ("RIPE", "RIPE RADB", objects.NO_REGISTRY, 5),
        ("RIPE", "RIPE\nsource: RADB", objects.TWICE[b"source"], 6),
        ("source:", "route: 192.0.2.0/24\nsource:", objects.INNER_OBJECT, 5),
        ("route:", "route ", objects.NO_ATTRIBUTE, 0),
        ("route:", "<html>\nroute:", objects.NO_ATTRIBUTE, 0),
    ],
)
def test_a_route_is_refused(old: str, new: str, reason: str, line: int) -> None:
    """A route without a clear prefix, origin or registry is not read; the reason has its line."""
    assert Unread(reason, line) == read_object(_with(old, new))


def test_aut_num() -> None:
    """An AS number that is registered."""
    text = b"aut-num: AS64500\nimport: from AS64501 accept ANY\nsource: ARIN\n"
    assert AutNum(64500, Common("ARIN", -1, -1)) == read_object(text)
    assert Unread(objects.NO_ASN, 0) == read_object(text.replace(b"AS64500", b"AS-64500"))


def test_as_set() -> None:
    """Members are those of all attributes, separated by commas, blanks or both."""
    text = (
        b"as-set: as64500:as-all\nmembers: AS64500, as64501,AS-OTHER\n+ ,AS64502 AS64503 # one\n"
        b"members:\nmembers: AS64504,\nmbrs-by-ref: MAINT-EXAMPLE\nsource: RADB\n"
    )
    members = ("AS64500", "AS64501", "AS-OTHER", "AS64502", "AS64503", "AS64504")
    expected = AsSet("AS64500:AS-ALL", "RADB", members, ("MAINT-EXAMPLE",))
    assert expected == read_object(text)


@pytest.mark.parametrize("name", ["AS64500", "CONTOSO", "AS-", "AS-A:", ":AS-A", "AS-A AS-B", ""])
def test_an_as_set_needs_a_name(name: str) -> None:
    """At least one part of a name starts with "AS-", and all others are of that kind or numbers."""
    assert Unread(objects.NO_SET, 0) == read_object(f"as-set: {name}\nsource: RADB".encode())


@pytest.mark.parametrize("text", ["mntner: MAINT-EXAMPLE\nsource: RIPE\n", "inetnum: x\n", "# x\n"])
def test_other_classes_are_left_out(text: str) -> None:
    """Objects of other classes, and comments, are nothing."""
    assert read_object(text.encode()) is None
