"""Bodies of large records are memoryviews, and are read like octets."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.testing import malformed_dumps
from peerlint.wire.damage import Quality
from peerlint.wire.mrt import MAX_RECORD, body_of, header
from peerlint.wire.reader import Reader


def read(octets: bytes) -> tuple[list[Any], Quality]:
    """Return the records of a dump, and its quality."""
    reader = Reader([octets], source="test")
    return [*reader], reader.quality


@given(malformed_dumps.dumps())
def test_views_are_read_as_octets_are(octets: bytes) -> None:
    """Records, their values and the damage do not depend on which bodies count as large."""
    plain = read(octets)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "_LARGE", 0)
        seen = read(octets)

    assert plain == seen
    for record in seen[0]:
        assert_no_view(record)


def assert_no_view(value: object) -> None:
    """Check that no value keeps the chunk of octets alive that it was read from."""
    assert not isinstance(value, memoryview)
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            assert_no_view(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            assert_no_view(each)


@given(st.integers(0, 64))
def test_a_large_body_is_not_copied(start: int) -> None:
    """A record with a wrong length of 16 MiB is only read up to its first error."""
    buffer = bytes(start + MAX_RECORD)

    body = body_of(buffer, start, len(buffer))

    assert isinstance(body, memoryview)
    assert MAX_RECORD == len(body)
    assert body.obj is buffer
