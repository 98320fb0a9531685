"""NLRI: prefixes as octets (RFC 4271 section 4.3), with add-path identifiers (RFC 7911)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.model import Prefix
from peerlint.model.prefix import BITS

#: Address family (4 or 6) and SAFI (1 unicast, 2 multicast).
Family = tuple[int, int]
#: Address families by AFI (RFC 4760), and back.
FAMILIES: Final = {1: 4, 2: 6}
AFIS: Final = {4: 1, 6: 2}
ALL_FAMILIES: Final[frozenset[Family]] = frozenset(
    (family, safi) for family in (4, 6) for safi in (1, 2)
)


@attrs.frozen
class Nlri:
    """One prefix as sent.

    Attributes:
        prefix: bits right of the length are cleared, whatever was sent.
        path_id: the add-path identifier, None in a session without add-path.
    """

    prefix: Prefix
    path_id: int | None = None


def decode_nlri(octets: bytes, family: int, *, add_path: bool, base: int = 0) -> tuple[Nlri, ...]:
    """Read prefixes to the end of the buffer.

    Args:
        octets: nothing but prefixes.
        family: 4 or 6.
        add_path: whether four octets of path identifier stand before each.
        base: what to add to offsets in errors.

    Raises:
        WireError: a length over 32 or 128, or a prefix that runs over the end.
    """
    found, error = read_nlri(octets, family, add_path=add_path, base=base)
    if error is not None:
        raise error
    return found


def read_nlri(
    octets: bytes, family: int, *, add_path: bool, base: int = 0
) -> tuple[tuple[Nlri, ...], WireError | None]:
    """Read prefixes as far as they can be read; see `decode_nlri`.

    Returns:
        The prefixes, and the error that ended the reading before the end.
    """
    found: list[Nlri] = []
    at = 0
    try:
        while at < len(octets):
            nlri, at = decode_one_nlri(octets, at, family, add_path=add_path, base=base)
            found.append(nlri)
    except WireError as error:
        return tuple(found), error
    return tuple(found), None


def decode_one_nlri(
    octets: bytes, at: int, family: int, *, add_path: bool, base: int = 0
) -> tuple[Nlri, int]:
    """Read the prefix at `at`; return it and the offset after it.

    Raises:
        WireError: see `decode_nlri`.
    """
    path_id = None
    if add_path:
        if at + 4 > len(octets):
            raise WireError(base + at, expected="a path identifier", found="the end")
        path_id = int.from_bytes(octets[at : at + 4])
        at += 4
    if at >= len(octets):
        raise WireError(base + at, expected="a prefix length", found="the end")
    length = octets[at]
    if length > BITS[family]:
        raise WireError(
            base + at, expected=f"a prefix length up to {BITS[family]}", found=str(length)
        )
    end = at + 1 + (length + 7) // 8
    if end > len(octets):
        raise WireError(base + at, expected=f"a prefix of {length} bits", found="the end")
    return Nlri(Prefix.from_octets(family, length, octets[at + 1 : end]), path_id), end


def encode_nlri(nlri: Iterable[Nlri]) -> bytes:
    """Return the octets; a path identifier is written where there is one."""
    parts: list[bytes] = []
    for item in nlri:
        if item.path_id is not None:
            parts.append(item.path_id.to_bytes(4))
        parts += (bytes((item.prefix.length,)), item.prefix.octets)
    return b"".join(parts)
