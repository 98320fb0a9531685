"""Communities: notations, ranges, well-known names (paths#communities)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.model import MAPS_COMMUNITY, Community, ExtendedCommunity, LargeCommunity
from peerlint.testing import strategies


@pytest.mark.parametrize(
    "text", ["8075:8007", "(8075,8007)", "( 8075 , 8007 )", "529211207", "0x1F8B1F47", "0X1f8b1f47"]
)
def test_every_notation_of_the_community(text: str) -> None:
    """Every notation of paths#communities is parsed as Microsoft's community."""
    assert Community.parse(text) == MAPS_COMMUNITY


@pytest.mark.parametrize(
    ("name", "expected", "source"),
    [
        ("GRACEFUL_SHUTDOWN", "65535:0", "RFC 8326"),
        ("LLGR_STALE", "65535:6", "RFC 9494"),
        ("NO_LLGR", "65535:7", "RFC 9494"),
        ("BLACKHOLE", "65535:666", "RFC 7999"),
        ("NO_EXPORT", "65535:65281", "RFC 1997"),
        ("NO_ADVERTISE", "65535:65282", "RFC 1997"),
        ("NO_EXPORT_SUBCONFED", "65535:65283", "RFC 1997"),
        ("NOPEER", "65535:65284", "RFC 3765"),
    ],
)
def test_well_known_names(name: str, expected: str, source: str) -> None:
    """Well-known names are parsed in any case, with hyphens or underscores."""
    for text in (name, name.lower(), name.replace("_", "-"), name.title()):
        assert expected == str(Community.parse(text)), source
    assert name == Community.parse(expected).name


@pytest.mark.parametrize(
    "text",
    ["", "8075:", ":8007", "8075:8007:0", "65536:0", "0:65536", "8075:-1", "0x", "nobody"]
    + ["4294967296", "0x1F8B1F470", "(8075,8007", " 8075:8007", "8075:8007 "],
)
def test_invalid_texts(text: str) -> None:
    """A text that is not a standard community is an error."""
    with pytest.raises(InputError):
        Community.parse(text)


@pytest.mark.parametrize("number", [-1, 1 << 32])
def test_range(number: int) -> None:
    """A standard community has 32 bits."""
    with pytest.raises(InputError):
        Community(number)


@pytest.mark.parametrize("pair", [(-1, 0), (65536, 0), (0, 65536), (0, -1)])
def test_halves(pair: tuple[int, int]) -> None:
    """Each half has 16 bits."""
    with pytest.raises(InputError):
        Community.of(*pair)


@given(strategies.communities())
def test_standard_round_trip(community: Community) -> None:
    """A community survives as text, number and name."""
    assert community == Community.parse(str(community)) == Community.parse(str(community.number))
    assert community == Community.of(community.asn, community.value)
    assert community.name is None or community == Community.parse(community.name)


@given(strategies.large_communities())
def test_large_round_trip(large: LargeCommunity) -> None:
    """A large community survives as text."""
    assert large == LargeCommunity.parse(str(large)) == LargeCommunity(*large.parts)


@pytest.mark.parametrize("text", ["8075:8007", "1:2:3:4", "4294967296:0:0", "1:2:-3", "1:2:", ""])
def test_invalid_large_communities(text: str) -> None:
    """A text that is not three numbers of 32 bits is no large community (RFC 8092)."""
    with pytest.raises(InputError):
        LargeCommunity.parse(text)


@pytest.mark.parametrize(
    ("text", "number", "target", "source"),
    [
        ("rt:8075:8007", 0x0002_1F8B_0000_1F47, (8075, 8007), "RFC 4360 section 4, type 0x00"),
        ("ro:8075:8007", 0x0003_1F8B_0000_1F47, (8075, 8007), "RFC 4360 section 5"),
        ("RT:8075:8007", 0x0002_1F8B_0000_1F47, (8075, 8007), "in any case"),
        ("rt:8075L:8007", 0x0202_0000_1F8B_1F47, (8075, 8007), "RFC 5668, type 0x02"),
        ("rt:200001:1", 0x0202_0003_0D41_0001, (200001, 1), "RFC 5668: AS above 65535"),
        ("rt:192.0.2.1:1", 0x0102_C000_0201_0001, None, "RFC 4360, type 0x01: an address"),
        ("0x43021F8B00001F47", 0x4302_1F8B_0000_1F47, None, "another type, raw"),
        ("rt:65535:4294967295", 0x0002_FFFF_FFFF_FFFF, (65535, 4294967295), "the largest"),
    ],
)
def test_extended(text: str, number: int, target: tuple[int, int] | None, source: str) -> None:
    """Each form of paths#near-misses has its type octet, AS number and value."""
    community = ExtendedCommunity.parse(text)

    assert (number, target) == (community.number, community.target), source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("0x01021F8B00001F47", "RFC 4360 type 0x01: 31.139.0.0 is an address"),
        ("0x00041F8B00001F47", "RFC 4360: subtype 0x04 is no target"),
        ("0x00011F8B00001F47", "subtype 0x01"),
        ("0x03021F8B00001F47", "type 0x03, opaque"),
        ("0x40021F8B00001F47", "type 0x40: not transitive"),
        ("0x420200001F8B1F47", "type 0x42: not transitive"),
    ],
)
def test_other_types_have_no_target(text: str, source: str) -> None:
    """Other types and subtypes have no AS number and value."""
    assert ExtendedCommunity.parse(text).target is None, source


@pytest.mark.parametrize("number", [-1, 1 << 64])
def test_extended_range(number: int) -> None:
    """An extended community has 64 bits."""
    with pytest.raises(InputError):
        ExtendedCommunity(number)


@pytest.mark.parametrize("parts", [(-1, 0, 0), (0, 1 << 32, 0), (0, 0, 1 << 32), (0, 0, -1)])
def test_large_range(parts: tuple[int, int, int]) -> None:
    """Each part of a large community has 32 bits."""
    with pytest.raises(InputError):
        LargeCommunity(*parts)


@pytest.mark.parametrize("text", ["0:0:0", "4294967295:4294967295:4294967295", "64500:1:2"])
def test_large_bounds(text: str) -> None:
    """The smallest and the largest large community are parsed (RFC 8092)."""
    assert text == str(LargeCommunity.parse(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0:0"),
        ("0x0", "0:0"),
        ("4294967295", "65535:65535"),
        ("0xffffffff", "65535:65535"),
        ("65535:65535", "65535:65535"),
        ("0:8075", "0:8075"),
        ("(0,8075)", "0:8075"),
    ],
)
def test_bounds(text: str, expected: str) -> None:
    """The smallest and the largest standard community are parsed in every notation."""
    assert expected == str(Community.parse(text))


@pytest.mark.parametrize(
    "text",
    ["", "rt:1", "rt:1:2:3", "rt:200001:65536", "rt:4294967296:1", "rt:1L:65536", "soo:1:2"]
    + ["rt:1:4294967296", "rt:192.0.2.1:65536", "rt:192.0.2:1", "0x1", "0x43021F8B00001F470"]
    + ["rt:192.0.2.1L:1", "rt::1", "rt:1:", "rt:1.10:1", "RT64500:1"],
)
def test_invalid_extended_communities(text: str) -> None:
    """A text in no form of an extended community is an error."""
    with pytest.raises(InputError):
        ExtendedCommunity.parse(text)


@given(strategies.extended_communities())
def test_extended_round_trip(extended: ExtendedCommunity) -> None:
    """An extended community of any type survives as text."""
    assert extended == ExtendedCommunity.parse(str(extended))


@given(
    st.one_of(
        st.lists(strategies.communities(), min_size=2, max_size=2),
        st.lists(strategies.large_communities(), min_size=2, max_size=2),
        st.lists(strategies.extended_communities(), min_size=2, max_size=2),
    )
)
def test_order_and_hash(pair: list[Community]) -> None:
    """Communities of one kind are totally ordered, and equal exactly if their texts are equal."""
    one, other = pair

    assert (one < other) + (one == other) + (one > other) == 1
    assert (str(one) == str(other)) == (one == other)
    assert one != other or hash(one) == hash(other)
