"""Selection of elements by the texts that a user gives."""

from __future__ import annotations

from ipaddress import IPv6Address
from pathlib import Path

import pytest

import peerlint
from peerlint.elements import Element, Kind, Selection, elements_of
from peerlint.errors import InputError
from peerlint.model import AsPath, Prefix
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import Attributes
from peerlint.wire.bgp import MessageType, Update, encode_message
from peerlint.wire.nlri import Nlri
from peerlint.wire.reader import Reader

FIRST = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
SECOND = FeedSession("2001:db8::1", 200_001, "2001:db8::2", 8075)
#: The routes to select from, by name.
ROUTES = {
    "plain": (FIRST, "203.0.113.0/24 path 64500 64501 64502 community 64500:120"),
    "half": (FIRST, "203.0.113.0/25 path 64500 64502 community 1403:1299 no-export"),
    "all": (FIRST, "203.0.112.0/23 path 64500 1403 {64502,64503} large 64500:1:2"),
    "other": (SECOND, "198.51.100.0/24 path 200001 1299 community 1299:35000"),
    "v6": (SECOND, "2001:db8::/32 path 200001 200001"),
    "direct": (SECOND, "2001:db8:1::/48 path (64512) 200001 large 1299:2:3"),
}
FIRST4 = "203.0.113.0/24"
PATH = "400206 0201 0000fbf4"
NAMES = [*ROUTES, "withdrawn", "state"]


def elements() -> dict[str, Element]:
    """Return the elements by name: the routes, a withdrawal, and a change of state."""
    dump = UpdateDump()
    for session, line in ROUTES.values():
        dump.announce(session, line)
    dump.withdraw(FIRST, "203.0.113.0/24").state_change(FIRST)
    reader = Reader([dump.octets()], source="test")
    found = [element for record in reader for element in elements_of(record)]
    return dict(zip(NAMES, found, strict=True))


ELEMENTS = elements()


def passing(**tests: object) -> str:
    """Return the names of the selected elements."""
    select = Selection.of(**{
        name: (value,) if isinstance(value, str) else value for name, value in tests.items()
    })  # type: ignore[arg-type]  # fmt: skip
    return " ".join(name for name, element in ELEMENTS.items() if select.holds(element))


def test_no_tests() -> None:
    """Without tests, all elements pass."""
    assert " ".join(NAMES) == passing()


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ({"prefix": "203.0.113.0/24"}, "plain withdrawn"),
        ({"prefix": "203.0.113.0/26"}, ""),
        ({"prefix_more": "203.0.113.0/24"}, "plain half withdrawn"),
        ({"prefix_less": "203.0.113.0/24"}, "plain all withdrawn"),
        ({"prefix_less": "203.0.113.1/32"}, "plain half all withdrawn"),
        ({"prefix_more": "0.0.0.0/0"}, "plain half all other withdrawn"),
        ({"prefix_more": "::/0"}, "v6 direct"),
        ({"prefix": ("203.0.113.0/24", "2001:db8::/32")}, "plain v6 withdrawn"),
        ({"prefix": "2001:db8::/32", "prefix_more": "203.0.113.0/25"}, "half v6"),
        ({"prefix": "!203.0.113.0/24"}, "half all other v6 direct"),
        ({"prefix_more": ("0.0.0.0/0", "!203.0.113.0/24")}, "all other"),
        ({"prefix_more": ("!0.0.0.0/0", "!2001:db8:1::/48")}, "v6"),
    ],
)
def test_prefixes(tests: dict[str, object], expected: str) -> None:
    """Exact, more and less specific prefixes are alternatives; a state has no prefix."""
    assert expected == passing(**tests)


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ({"origin_asn": "64502"}, "plain half all"),
        ({"origin_asn": "AS64503"}, "all"),
        ({"origin_asn": "64501"}, ""),
        ({"origin_asn": "200001"}, "v6 direct"),
        ({"origin_asn": ("1299", "64503")}, "all other"),
        ({"origin_asn": "!64502"}, "other v6 direct"),
        ({"origin_asn": ("!64502", "!1299")}, "v6 direct"),
        ({"peer_asn": "200001"}, "other v6 direct"),
        ({"peer_asn": "!200001"}, "plain half all withdrawn state"),
        ({"peer_ip": "2001:DB8:0::1"}, "other v6 direct"),
        ({"peer_ip": "192.0.2.1"}, "plain half all withdrawn state"),
        ({"peer_ip": "192.0.2.0"}, ""),
        ({"peer_asn": "64500", "origin_asn": "64502", "prefix": "!203.0.113.0/24"}, "half all"),
    ],
)
def test_numbers_and_peers(tests: dict[str, object], expected: str) -> None:
    """Origins are the last AS, or all members of a final set; all kinds of tests must pass."""
    assert expected == passing(**tests)


@pytest.mark.parametrize(
    ("community", "expected"),
    [
        ("64500:120", "plain"),
        ("64500:*", "plain"),
        ("*:120", "plain"),
        ("*:*", "plain half other"),
        # 1403:1299 has 1299 in its second half, 1299:2:3 is no standard community
        ("1299:*", "other"),
        ("1299:*:*", "direct"),
        ("64500:1:2", "all"),
        ("*:*:3", "direct"),
        ("*:*:*", "all direct"),
        ("64500:1:*", "all"),
        ("64500:1", ""),
        ("no-export", "half"),
        ("65535:65281", "half"),
        ("!64500:120", "half all other v6 direct"),
        ("!*:*", "all v6 direct"),
        (("64500:120", "no-export"), "plain half"),
        (("*:*", "!no-export"), "plain other"),
    ],
)
def test_communities(community: object, expected: str) -> None:
    """A community must have as many parts; withdrawals pass neither a test nor its opposite."""
    assert expected == passing(community=community)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("_64501_", "plain"),
        ("^64500_", "plain half all"),
        ("_64502$", "plain half"),
        ("_64502_", "plain half all"),
        ("_64503_", "all"),
        ("_6450_", ""),
        ("6450", "plain half all"),
        ("_1299_", "other"),
        ("_1403_", "all"),
        ("^200001 200001$", "v6"),
        ("^200001( 200001)*$", "v6"),
        ("_64512_", "direct"),
        ("_64500_64501_64502_", "plain"),
        ("^[^ ]+ [^ ]+$", "half other v6 direct"),
        ("[_]", ""),
        (r"\_", ""),
        (r"\{64502", "all"),
        ("!_64502_", "other v6 direct"),
        ("^$", ""),
    ],
)
def test_as_paths(expression: str, expected: str) -> None:
    """`_` is a boundary, except in brackets and after a backslash."""
    assert expected == passing(as_path=expression)


def test_an_underscore_is_a_boundary_at_both_ends() -> None:
    """`_` matches before the first AS, after the last one, and in an empty path."""
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), "203.0.113.0/24")
    (element,) = (e for r in Reader([rib.octets()], source="test") for e in elements_of(r))

    assert element.attributes is not None
    assert AsPath() == element.attributes.path
    assert Selection.of(as_path=("^$",)).holds(element)
    assert Selection.of(as_path=("^_$",)).holds(element)
    assert not Selection.of(as_path=("_64500_",)).holds(element)


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ({"prefix": "203.0.113.0/33"}, "203.0.113.0/33"),
        ({"prefix_more": "somewhere"}, "somewhere"),
        ({"prefix_less": "!"}, "prefix"),
        ({"origin_asn": "AS"}, "AS"),
        ({"peer_asn": "4294967296"}, "4294967296"),
        ({"peer_ip": "192.0.2.256"}, "an IPv4 or IPv6 address"),
        ({"community": "65536:1"}, "parts from 0 to 65535 or *"),
        ({"community": "4294967296:1:1"}, "parts from 0 to 4294967295 or *"),
        ({"community": "sixty"}, "sixty"),
        ({"community": "64500"}, "64500:*"),
        ({"community": "1:2:3:4"}, "1:2:3:4"),
        ({"as_path": "("}, "a regular expression"),
        ({"as_path": "!*"}, "a regular expression"),
        ({"as_path": "[_"}, "a regular expression"),
    ],
)
def test_invalid_values(tests: dict[str, str], expected: str) -> None:
    """An invalid value is an `InputError` that contains it."""
    with pytest.raises(InputError) as caught:
        passing(**tests)

    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("path", "expression", "expected"),
    [
        ("[64512,64513] 64500", "_64512_", True),
        ("[64512,64513] 64500", "_64513_", True),
        ("[64512,64513] 64500", "_6451_", False),
        ("(64512 64513) 64500", "_64513_64500_", False),
        ("(64512 64513) 64500", "_64513_.*_64500_", True),
        ("64500 {64501,64502}", "_64502_$", True),
        ("64500 {64501}", "_64501_", True),
        ("64500 64501 64502", "_64500_.*_64502_", True),
        ("64500 64502", "_64500_.*_64502_", False),
        ("64500 64502", "_64500_(.*_)?64502_", True),
        ("64500 64500 64501", "^64500(_64500)*_64501$", True),
        ("64500 64501", "^64500_[0-9]+$", True),
        ("64500 64501 64502", "^64500_[0-9]+$", False),
        ("64500 64501", "_(64501|64502)$", True),
        ("", "^$", True),
        ("64500", "^$", False),
    ],
)
def test_as_paths_as_routers_read_them(path: str, expression: str, expected: bool) -> None:
    """`_` matches one delimiter or an end, also in confederations and sets, as on Cisco routers."""
    update = Update((), Attributes(as_path=AsPath.parse(path)), (Nlri(Prefix.parse(FIRST4)),))
    reader = Reader([UpdateDump().update(FIRST, update).octets()], source="test")
    (element,) = (each for record in reader for each in elements_of(record))

    assert expected == Selection.of(as_path=(expression,)).holds(element)
    assert expected != Selection.of(as_path=(f"!{expression}",)).holds(element)


@pytest.mark.parametrize(
    ("attributes", "tests", "source"),
    [
        ("400202 0200", {"as_path": "^$"}, "RFC 7606 section 7.2: a path without members"),
        ("400202 0200", {"as_path": "!_64500_"}, "the same"),
        ("400202 0200", {"origin_asn": "!64500"}, "the same"),
        (PATH + "c00803 fbf400", {"community": "!64500:*"}, "RFC 7606 section 7.8"),
        (PATH + "c00803 fbf400", {"community": "!no-export"}, "the same"),
        (PATH + "c02004 0000fbf4", {"community": "!64500:*:*"}, "RFC 8092 section 5"),
    ],
)
def test_malformed_attributes_are_not_known(
    attributes: str, tests: dict[str, str], source: str
) -> None:
    """With a malformed path or community, a route passes neither a test nor its opposite."""
    octets = bytes.fromhex(attributes)
    body = bytes(2) + len(octets).to_bytes(2) + octets + bytes.fromhex("18cb0071")
    message = encode_message(MessageType.UPDATE, body)
    reader = Reader([UpdateDump().message(FIRST, message).octets()], source="test")
    (element,) = (each for record in reader for each in elements_of(record))

    assert not Selection.of(**{name: (text,) for name, text in tests.items()}).holds(element)
    assert Selection.of(prefix=("203.0.113.0/24",), peer_asn=("64500",)).holds(element), source


def test_a_dump_is_read_through_a_selection(tmp_path: Path) -> None:
    """`peerlint.dump` yields the selected elements, and has the quality of the whole dump."""
    dump = UpdateDump()
    for session, line in ROUTES.values():
        dump.announce(session, line)
    path = tmp_path / "dump"
    path.write_bytes(dump.octets())

    found = peerlint.dump(path, select=Selection.of(prefix=("2001:db8::/32",)))

    (element,) = found
    assert (Kind.ANNOUNCE, IPv6Address("2001:db8::1")) == (element.kind, element.next_hop)
    assert len(ROUTES) == found.quality.entries
