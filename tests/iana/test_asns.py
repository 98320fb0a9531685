"""Classes of AS numbers, at both sides of every border of IANA's ranges."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from peerlint.iana import AsnClass, asn_class
from peerlint.iana.asns import RANGES
from peerlint.testing import strategies

PUBLIC, PRIVATE = AsnClass.PUBLIC, AsnClass.PRIVATE
DOCUMENTATION, AS_TRANS = AsnClass.DOCUMENTATION, AsnClass.AS_TRANS
RESERVED = AsnClass.RESERVED


@pytest.mark.parametrize(
    ("asn", "expected", "source"),
    [
        (0, RESERVED, "RFC 7607"),
        (1, PUBLIC, "IANA AS Numbers"),
        (112, PUBLIC, "RFC 7534: AS112 is anycast, allowed"),
        (8075, PUBLIC, "Microsoft"),
        (23455, PUBLIC, "IANA AS Numbers"),
        (23456, AS_TRANS, "RFC 6793"),
        (23457, PUBLIC, "IANA AS Numbers"),
        (64495, PUBLIC, "IANA AS Numbers"),
        (64496, DOCUMENTATION, "RFC 5398"),
        (64511, DOCUMENTATION, "RFC 5398"),
        (64512, PRIVATE, "RFC 6996"),
        (65534, PRIVATE, "RFC 6996"),
        (65535, RESERVED, "RFC 7300"),
        (65536, DOCUMENTATION, "RFC 5398"),
        (65551, DOCUMENTATION, "RFC 5398"),
        (65552, RESERVED, "IANA AS Numbers"),
        (131071, RESERVED, "IANA AS Numbers"),
        (131072, PUBLIC, "IANA AS Numbers"),
        (4199999999, PUBLIC, "IANA AS Numbers"),
        (4200000000, PRIVATE, "RFC 6996"),
        (4294967294, PRIVATE, "RFC 6996"),
        (4294967295, RESERVED, "RFC 7300"),
    ],
)
def test_class(asn: int, expected: AsnClass, source: str) -> None:
    """Every AS number at a border of paths#as-numbers has the class of its side."""
    assert expected is asn_class(asn), source


@pytest.mark.parametrize(
    ("kind", "is_bogon"),
    [
        (PUBLIC, False),
        (PRIVATE, False),
        (DOCUMENTATION, True),
        (AS_TRANS, True),
        (RESERVED, True),
    ],
)
def test_private_and_bogon_are_different(kind: AsnClass, *, is_bogon: bool) -> None:
    """Private numbers violate a rule of Microsoft, bogons one of peerlint (paths#as-numbers)."""
    assert is_bogon == kind.is_bogon


def test_ranges_ascend_from_zero() -> None:
    """The table starts at 0 and ascends, so that every number has exactly one row."""
    firsts = [first for first, _, _ in RANGES]

    assert firsts[0] == 0
    assert all(before < after for before, after in pairwise(firsts))


@given(strategies.asns())
def test_class_is_that_of_the_row(asn: int) -> None:
    """A number's class is that of the last row that starts at or before it."""
    *_, (_, expected, _) = (row for row in RANGES if row[0] <= asn)

    assert expected is asn_class(asn)
