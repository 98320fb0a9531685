"""Checks for all decoders: input that is whole, cut at every octet, or followed by junk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peerlint.errors import WireError

Decode = Callable[[bytes], object]
AssertParses = Callable[[Decode, bytes, object], None]
ValueOrError = Callable[[Decode, bytes], None]


def _value_or_error(decode: Decode, octets: bytes) -> None:
    try:
        decode(octets)
    except WireError as caught:
        error = caught
    else:
        return
    assert 0 <= error.offset <= len(octets)
    assert str(error).startswith(f"octet {error.offset}: expected {error.expected}")


@pytest.fixture(scope="session")
def value_or_error() -> ValueOrError:
    """Check that octets decode to a value, or raise a `WireError` with an offset inside them."""
    return _value_or_error


@pytest.fixture(scope="session")
def assert_parses() -> AssertParses:
    """Check a decoder with octets that are whole, cut before every octet, and followed by junk."""

    def check(decode: Decode, octets: bytes, expected: object) -> None:
        assert expected == decode(octets)
        for end in range(len(octets)):
            _value_or_error(decode, octets[:end])
        for junk in (b"\0", b"\xff", b"\xff" * 20, bytes(20), bytes(range(64))):
            _value_or_error(decode, octets + junk)

    return check
