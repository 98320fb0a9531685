"""Prefixes: syntax (paths#prefix-texts), order, and the algebra of address space."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.testing import strategies


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("192.0.2.5/24", "bits right of the mask"),
        ("192.0.2.0/33", "longer than the address"),
        ("192.0.2.0", "no length"),
        ("192.0.2/24", "three octets"),
        ("010.0.0.0/8", "a leading zero"),
        ("10.0.0.0/08", "a leading zero in the length"),
        (" 10.0.0.0/8", "white space"),
        ("10.0.0.0/8 ", "white space"),
        ("10.0.0.0 /8", "white space"),
        ("10.0.0.0/8\n", "white space"),
        ("10.0.0.0/-1", "a sign"),
        ("10.0.0.0/+8", "a sign"),
        ("10.0.0.0/255.0.0.0", "a mask"),
        ("10.0.0.0/", "no length"),
        ("/8", "no address"),
        ("", "nothing"),
        ("256.0.0.0/8", "an octet above 255"),
        ("2001:db8::/129", "longer than the address"),
        ("2001:db8::1/32", "bits right of the mask"),
        ("fe80::%eth0/64", "a zone"),
        ("2001:db8/32", "too few groups"),
    ],
)
def test_invalid_texts(text: str, why: str) -> None:
    """A text that is invalid by paths#prefix-texts is an error that contains it."""
    with pytest.raises(InputError) as caught:
        Prefix.parse(text)

    assert text == caught.value.found, why


def test_parse_suggests_the_masked_prefix() -> None:
    """If bits are set right of the mask, the error names the masked prefix."""
    with pytest.raises(InputError, match=r"192\.0\.2\.0/24"):
        Prefix.parse("192.0.2.5/24")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.5/24", "192.0.2.0/24"),
        ("255.255.255.255/0", "0.0.0.0/0"),
        ("2001:DB8:0::1/32", "2001:db8::/32"),
        ("203.0.113.255/31", "203.0.113.254/31"),
        ("203.0.113.255/32", "203.0.113.255/32"),
    ],
)
def test_parse_relaxed_masks(text: str, expected: str) -> None:
    """The lenient constructor clears bits right of the mask, silently (paths#prefix-texts)."""
    assert expected == str(Prefix.parse_relaxed(text))


@pytest.mark.parametrize("text", ["192.0.2.0/33", "192.0.2.0", "192.0.2/24", "010.0.0.0/8"])
def test_invalid_texts_for_parse_relaxed(text: str) -> None:
    """Other invalid texts are errors for `parse_relaxed` too."""
    with pytest.raises(InputError):
        Prefix.parse_relaxed(text)


@pytest.mark.parametrize(
    "arguments", [(5, 0, 0), (4, 0, 33), (4, 0, -1), (6, 0, 129), (4, 1, 31), (4, 1 << 32, 32)]
)
def test_impossible_values(arguments: tuple[int, int, int]) -> None:
    """Invalid fields are an error."""
    with pytest.raises(InputError):
        Prefix(*arguments)


@pytest.mark.parametrize(
    ("family", "length", "octets", "expected", "source"),
    [
        (4, 24, "cb0071", "203.0.113.0/24", "RFC 4271 section 4.3"),
        (4, 0, "", "0.0.0.0/0", "no octet at all"),
        (4, 1, "ff", "128.0.0.0/1", "trailing bits are irrelevant"),
        (4, 25, "cb0071ff", "203.0.113.128/25", "trailing bits are irrelevant"),
        (4, 32, "cb007101", "203.0.113.1/32", "all four"),
        (6, 32, "20010db8", "2001:db8::/32", "RFC 4760 section 5"),
        (6, 33, "20010db8ff", "2001:db8:8000::/33", "trailing bits are irrelevant"),
    ],
)
def test_from_octets(family: int, length: int, octets: str, expected: str, source: str) -> None:
    """NLRI octets give the prefix, whatever bits are right of its mask."""
    found = Prefix.from_octets(family, length, bytes.fromhex(octets))

    assert expected == str(found), source
    assert (length + 7) // 8 == len(found.octets)


@pytest.mark.parametrize(("family", "length"), [(4, 33), (4, 255), (6, 129)])
def test_from_octets_with_a_length_beyond_the_family(family: int, length: int) -> None:
    """A length that exceeds an address of the family is an error that contains it."""
    with pytest.raises(InputError) as caught:
        Prefix.from_octets(family, length, bytes(32))

    assert length == caught.value.found


@given(strategies.prefixes())
def test_round_trip(prefix: Prefix) -> None:
    """A prefix survives as text and as octets; the text is that of `ipaddress`."""
    assert prefix == Prefix.parse(str(prefix)) == Prefix.parse_relaxed(str(prefix))
    assert prefix == Prefix.from_octets(prefix.family, prefix.length, prefix.octets)
    assert str(prefix) == str(ip_network(str(prefix)))
    assert repr(prefix) == f"Prefix('{prefix}')"


@given(strategies.prefixes(), st.binary(min_size=16, max_size=16))
def test_octets_right_of_the_mask_are_irrelevant(prefix: Prefix, noise: bytes) -> None:
    """Any bits right of the length give the same prefix (RFC 4271 section 4.3)."""
    size = len(prefix.octets)
    mask = ((1 << 8 * size) - 1) & ((1 << (8 * size - prefix.length)) - 1)
    noisy = int.from_bytes(prefix.octets) | int.from_bytes(noise) & mask

    assert prefix == Prefix.from_octets(prefix.family, prefix.length, noisy.to_bytes(size))


def network(prefix: Prefix) -> IPv4Network | IPv6Network:
    """Return the standard library's value."""
    return ip_network(str(prefix))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Prefix, Prefix]:
    """Return two prefixes, often one inside the other or side by side."""
    one = draw(strategies.prefixes())
    if draw(st.booleans()):
        return one, draw(strategies.prefixes())
    bits = 32 if one.family == 4 else 128
    address = draw(st.sampled_from((one.first, one.last, one.first - 1, one.last + 1)))
    shift = draw(st.integers(0, bits))
    return one, Prefix(one.family, address % (1 << bits) >> shift << shift, bits - shift)


@given(pairs())
def test_covers_and_overlaps_as_the_standard_library(pair: tuple[Prefix, Prefix]) -> None:
    """`covers` is `supernet_of`, `overlaps` is `overlaps`, and families never meet."""
    one, other = pair
    same = one.family == other.family

    assert (same and network(one).supernet_of(network(other))) == one.covers(other)  # type: ignore[arg-type]
    assert (same and network(one).overlaps(network(other))) == one.overlaps(other)
    assert one.overlaps(other) == other.overlaps(one)


@given(pairs())
def test_order_and_hash(pair: tuple[Prefix, Prefix]) -> None:
    """Prefixes sort by family, address and length, covering ones first; equal ones hash equally."""
    one, other = pair

    assert (one < other) + (one == other) + (one > other) == 1
    assert (str(one) == str(other)) == (one == other)
    if one == other:
        assert hash(one) == hash(other)
    elif one.covers(other):
        assert one < other


def test_less_specific_sorts_first() -> None:
    """A sorted table has every prefix before its more specifics, IPv4 before IPv6."""
    expected = ["0.0.0.0/0", "192.0.2.0/24", "192.0.2.0/25", "192.0.2.128/25", "::/0"]

    assert expected == [str(prefix) for prefix in sorted(map(Prefix.parse, reversed(expected)))]


@pytest.mark.parametrize(
    ("whole", "parts", "expected", "source"),
    [
        (
            "198.18.0.0/22",
            "198.18.0.0/24 198.18.1.0/24 198.18.2.0/24 198.18.3.0/24",
            True,
            "paths#exact-match",
        ),
        ("198.18.0.0/22", "198.18.0.0/24 198.18.1.0/24 198.18.3.0/24", False, "a gap"),
        (
            "198.18.0.0/22",
            "198.18.0.0/23 198.18.2.0/24 198.18.3.0/25 198.18.3.128/25",
            True,
            "paths#exact-match",
        ),
        ("198.18.0.0/22", "198.18.0.0/21", True, "one larger part"),
        ("198.18.0.0/22", "198.18.0.0/22", True, "itself"),
        ("198.18.0.0/22", "", False, "nothing"),
        ("198.18.0.0/22", "2001:db8::/22", False, "another family"),
        ("0.0.0.0/0", "0.0.0.0/1 128.0.0.0/1", True, "all of it"),
        ("::/0", "::/1 8000::/1", True, "all of it"),
        ("0.0.0.0/0", "::/0", False, "another family"),
    ],
)
def test_is_tiled_by(whole: str, parts: str, *, expected: bool, source: str) -> None:
    """Parts tile a prefix exactly if no address of it is left over."""
    found = Prefix.parse_relaxed(whole).is_tiled_by(map(Prefix.parse_relaxed, parts.split()))

    assert expected == found, source


def small(family: int, near: str) -> st.SearchStrategy[Prefix]:
    """Return prefixes inside the 32 addresses at the start of another."""
    start, bits = Prefix.parse(near).first, 32 if family == 4 else 128
    return st.tuples(st.integers(0, 31), st.integers(0, 5)).map(
        lambda pair: Prefix(family, start + (pair[0] >> pair[1] << pair[1]), bits - pair[1])
    )


four = small(4, "203.0.113.0/24")
six = st.one_of(small(6, "2001:db8::/32"), small(6, "::ffff:203.0.113.0/120"))


@given(st.one_of(four, six), st.lists(st.one_of(four, six), max_size=16))
def test_is_tiled_by_against_brute_force(whole: Prefix, parts: list[Prefix]) -> None:
    """A prefix is tiled exactly if each of its addresses is in some part of its family."""
    parts_of_family = [part for part in parts if part.family == whole.family]
    expected = all(
        any(part.first <= address <= part.last for part in parts_of_family)
        for address in range(whole.first, whole.last + 1)
    )

    assert expected == whole.is_tiled_by(parts)
