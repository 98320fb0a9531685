"""AS numbers as text (RFC 5396)."""

from __future__ import annotations

import pytest
from hypothesis import given

from peerlint.errors import InputError
from peerlint.iana import asn_class
from peerlint.model import Asn
from peerlint.testing import strategies


@pytest.mark.parametrize(
    ("text", "expected", "source"),
    [
        ("64500", 64500, "RFC 5396 section 2, asplain"),
        ("AS64500", 64500, "paths#as-numbers"),
        ("as64500", 64500, "in any case"),
        ("1.10", 65546, "paths#as-numbers: asdot"),
        ("AS1.10", 65546, "RFC 2622: RPSL has it"),
        ("0.8075", 8075, "RFC 5396 section 2, asdot+"),
        ("65535.65535", 4294967295, "the last"),
        ("0", 0, "the first"),
        ("4294967295", 4294967295, "RFC 6793"),
    ],
)
def test_parse(text: str, expected: int, source: str) -> None:
    """Asplain and asdot are parsed, with and without `AS` before them."""
    assert expected == Asn.parse(text), source


@pytest.mark.parametrize(
    "text",
    ["", "AS", "-1", "+1", "1.", ".1", "1.2.3", "65536.0", "0.65536", "4294967296", "1 2", "0x10"]
    + [" 1", "1\n", "\N{ARABIC-INDIC DIGIT ONE}"],
)
def test_invalid_texts(text: str) -> None:
    """A text that is not an AS number is an error that contains it."""
    with pytest.raises(InputError) as caught:
        Asn.parse(text)

    assert text == str(caught.value.found)


@pytest.mark.parametrize("value", [-1, 1 << 32])
def test_range(value: int) -> None:
    """A number of more than 32 bits is an error."""
    with pytest.raises(InputError):
        Asn(value)


@pytest.mark.parametrize(
    ("asn", "expected", "source"),
    [
        (0, "0", "RFC 5396 section 2: asplain below 65536"),
        (64500, "64500", "RFC 5396 section 2"),
        (65535, "65535", "RFC 5396 section 2: the last of them"),
        (65536, "1.0", "RFC 5396 section 2: the first in two halves"),
        (65546, "1.10", "paths#as-numbers"),
        (131071, "1.65535", "the low half is full"),
        (4294967295, "65535.65535", "the last"),
    ],
)
def test_asdot(asn: int, expected: str, source: str) -> None:
    """Asdot is asplain below 65536, and has two halves from there on."""
    assert expected == Asn(asn).asdot, source


@given(strategies.asns())
def test_round_trip(asn: Asn) -> None:
    """A number survives printing and parsing in both notations."""
    assert asn == Asn.parse(str(asn)) == Asn.parse(asn.asdot) == Asn.parse(f"AS{asn}")


@given(strategies.asns())
def test_it_is_an_integer(asn: Asn) -> None:
    """An AS number equals, hashes and prints like the integer, and has its class."""
    assert (int(asn), hash(int(asn)), str(int(asn))) == (asn, hash(asn), str(asn))
    assert f"Asn({int(asn)})" == repr(asn)
    assert asn_class(asn) is asn.iana_class
