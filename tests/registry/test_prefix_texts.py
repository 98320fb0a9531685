"""Texts of prefixes as columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.registry.prefix_texts import HOST_BITS, NO_PREFIX, parse_prefixes

NUMBERS = ["0", "1", "9", "10", "128", "192", "255", "256", "999", "1000", "01", "", "-1", "x", "٣"]
octets = st.sampled_from(NUMBERS)
lengths = st.sampled_from([*NUMBERS, "8", "24", "32", "33", "64", "129"])
#: Texts that are almost prefixes.
texts = st.one_of(
    st.builds("{}.{}.{}.{}/{}".format, octets, octets, octets, octets, lengths),
    st.builds(
        "{}/{}".format,
        st.sampled_from(["::", "2001:db8::", "2001:db8:::", "2001:db8::1", "::%1", ":", "1:2"]),
        lengths,
    ),
    st.sampled_from(["192.0.2.0/24\n", " 192.0.2.0/24", "192.0.2.0/24 198.51.100.0/24", "\n", "/"]),
    st.integers(0, (1 << 32) - 1).map(lambda first: str(Prefix(4, first, 32))),
    st.integers(0, (1 << 128) - 1).map(lambda first: str(Prefix(6, first, 128))),
    st.text(max_size=6),
)


@given(st.lists(texts, max_size=30))
def test_columns_equal_prefixes_parsed_one_by_one(rows: list[str]) -> None:
    """One text that is no prefix changes no other row."""
    found = parse_prefixes(rows)
    for row, text in enumerate(rows):
        try:
            expected = Prefix.parse(text)
        except InputError as error:
            is_host_bits = "right of the mask" in (error.expected or "")
            assert (HOST_BITS if is_host_bits else NO_PREFIX) == found.problems[row]
            continue
        assert expected == found.prefixes.at(row)
        assert row not in found.problems


@pytest.mark.parametrize("rows", [[], ["192.0.2.0/24"], ["2001:db8::/32"], ["", ":"]])
def test_few_rows_and_one_family(rows: list[str]) -> None:
    """Columns have a row for each text, also for those that are no prefix."""
    assert len(rows) == len(parse_prefixes(rows).prefixes)
