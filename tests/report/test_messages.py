"""Messages in two halves: what was found, and what was wanted."""

from __future__ import annotations

import pytest

from peerlint.report.messages import found_and_wanted


@pytest.mark.parametrize(
    ("message", "found", "wanted"),
    [
        ("found /7, wanted /8 or longer", "/7", "/8 or longer"),
        ("found no key of x; wanted one to hand over", "no key of x", "one to hand over"),
        # A hint is neither.
        (
            "found 64500:120, wanted 8075:8007 on ams-2 (edge2.ams); 2 of 2 routes of this session "
            "lack it: is send-community off?",
            "64500:120",
            "8075:8007 on ams-2 (edge2.ams)",
        ),
        # Azure's own words stand in what was found: the last half is ours.
        (
            "found Failed: expected, wanted more; wanted less, wanted Verified",
            "Failed: expected, wanted more; wanted less",
            "Verified",
        ),
        ("found a\nb, wanted c\nd", "a\nb", "c\nd"),
        # Other forms.
        ("203.0.113.0/24 overlaps 198.51.100.0/24; wanted no overlap", None, None),
        ("on ams-1: found no peer address; found 10.0.0.0/31, wanted a /30", None, None),
        ("whether 203.0.113.0/24 is activated is not known", None, None),
        ("found no IPv6 session of contoso-ams; policy.md expects one", None, None),
        ("", None, None),
    ],
)
def test_halves(message: str, found: str | None, wanted: str | None) -> None:
    """A message of the form "found X, wanted Y" has both halves, any other has none."""
    assert (found, wanted) == found_and_wanted(message)
