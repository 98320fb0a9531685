"""NLRI as octets (RFC 4271 section 4.3, RFC 7911)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.model import Prefix
from peerlint.testing import malformed, strategies
from peerlint.wire.nlri import Nlri, decode_nlri, decode_one_nlri, encode_nlri

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]


@pytest.mark.parametrize(
    ("octets", "family", "add_path", "expected"),
    [
        ("", 4, False, []),
        ("00", 4, False, ["0.0.0.0/0"]),
        ("18 cb0071", 4, False, ["203.0.113.0/24"]),
        ("19 cb007180", 4, False, ["203.0.113.128/25"]),
        ("20 cb007101 08 0a", 4, False, ["203.0.113.1/32", "10.0.0.0/8"]),
        ("20 20010db8", 6, False, ["2001:db8::/32"]),
        ("80" + "00" * 15 + "01", 6, False, ["::1/128"]),
        ("00000007 18 cb0071", 4, True, ["203.0.113.0/24 7"]),
        ("ffffffff 00 00000000 00", 4, True, ["0.0.0.0/0 4294967295", "0.0.0.0/0 0"]),
    ],
)
def test_octets(
    octets: str, family: int, expected: list[str], assert_parses: AssertParses, *, add_path: bool
) -> None:
    """NLRI has an optional path identifier, a length in bits, and the octets needed for it."""
    found = [text.split() for text in expected]
    values = tuple(Nlri(Prefix.parse(p), *(int(number) for number in ids)) for p, *ids in found)
    raw = bytes.fromhex(octets)

    assert_parses(partial(decode_nlri, family=family, add_path=add_path), raw, values)
    assert raw == encode_nlri(values)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("18 cb0071", "203.0.113.0/24"),
        ("17 cb0071", "203.0.112.0/23"),
        ("01 ff", "128.0.0.0/1"),
        ("19 cb0071ff", "203.0.113.128/25"),
        ("1f cb0071ff", "203.0.113.254/31"),
    ],
)
def test_trailing_bits_are_irrelevant(octets: str, expected: str) -> None:
    """Bits right of the length are masked silently (RFC 4271 section 4.3)."""
    (found,) = decode_nlri(bytes.fromhex(octets), 4, add_path=False)

    assert expected == str(found.prefix)


@pytest.mark.parametrize(
    ("octets", "family", "add_path", "offset"),
    [
        ("21 cb007100 00", 4, False, 0),
        ("18 cb0071 21 cb007100 00", 4, False, 4),
        ("81" + "00" * 17, 6, False, 0),
        ("ff", 4, False, 0),
        ("18 cb00", 4, False, 0),
        ("000000", 4, True, 0),
        ("00000007", 4, True, 4),
    ],
)
def test_malformed(octets: str, family: int, offset: int, *, add_path: bool) -> None:
    """A prefix that is too long, or overruns the end, is an error at its offset."""
    with pytest.raises(WireError) as caught:
        decode_nlri(bytes.fromhex(octets), family, add_path=add_path, base=100)

    assert offset + 100 == caught.value.offset


@given(st.sampled_from((4, 6)), st.booleans(), st.data())
def test_round_trip(family: int, add_path: bool, data: st.DataObject) -> None:
    """Any list of prefixes survives encoding and decoding, and so does each prefix alone."""
    items = tuple(data.draw(st.lists(strategies.nlri(family, add_path=add_path), max_size=4)))

    assert items == decode_nlri(encode_nlri(items), family, add_path=add_path)
    for item in items:
        octets = encode_nlri((item,))
        assert (item, len(octets)) == decode_one_nlri(octets, 0, family, add_path=add_path)


@given(st.sampled_from((4, 6)), st.booleans(), st.data())
def test_any_octets_give_prefixes_or_an_error(
    value_or_error: ValueOrError,
    family: int,
    add_path: bool,  # Hypothesis gives it
    data: st.DataObject,
) -> None:
    """Any octets decode to prefixes or raise a `WireError`."""
    wrong = malformed.nlri_octets(family=family, add_path=add_path)
    octets = data.draw(st.one_of(st.binary(max_size=40), wrong))

    value_or_error(partial(decode_nlri, family=family, add_path=add_path), octets)
