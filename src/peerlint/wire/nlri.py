"""Decode and encode NLRI (RFC 4271 section 4.3), with add-path identifiers (RFC 7911)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.model import Prefix
from peerlint.model.prefix import BITS
from peerlint.wire.damage import Lost

#: The number of decoded prefixes that are kept: UPDATEs often repeat the same few prefixes.
MEMO: Final = 1 << 15
#: Address family (4 or 6) and SAFI (1 unicast, 2 multicast).
Family = tuple[int, int]
#: Address families by AFI, and AFIs by address family (RFC 4760).
FAMILIES: Final = {1: 4, 2: 6}
AFIS: Final = {4: 1, 6: 2}
ALL_FAMILIES: Final[frozenset[Family]] = frozenset(
    (family, safi) for family in (4, 6) for safi in (1, 2)
)
#: Octets of a path identifier (RFC 7911 section 3).
_PATH_ID: Final = 4
_TOO_WIDE: Final = 1 << 32
#: Octets that a prefix takes, including its length octet, by family and length.
_WIDTHS: Final = {
    family: tuple(1 + (length + 7) // 8 if length <= bits else _TOO_WIDE for length in range(256))
    for family, bits in BITS.items()
}


@attrs.frozen
class Nlri:
    """One prefix as sent.

    Attributes:
        prefix: the prefix, with all bits right of its length cleared.
        path_id: the add-path identifier; None on a session without add-path.
    """

    prefix: Prefix
    path_id: int | None = None


#: Decoded prefixes by family and octets; a dictionary is three times as fast as `lru_cache` here.
_KNOWN: Final[dict[int, dict[bytes, Nlri]]] = {family: {} for family in BITS}


def decode_nlri(octets: bytes, family: int, *, add_path: bool, base: int = 0) -> tuple[Nlri, ...]:
    """Decode prefixes to the end of the buffer.

    Args:
        octets: a field that contains only prefixes.
        family: 4 or 6.
        add_path: whether each prefix has a path identifier of four octets before it.
        base: the offset of the buffer; it is added to offsets in errors.

    Raises:
        WireError: a prefix length exceeds 32 or 128, or a prefix overruns the end.
    """
    found, lost = read_nlri(octets, family, add_path=add_path, base=base)
    if lost is not None:
        raise lost.error
    return found


def read_nlri(
    octets: bytes, family: int, *, add_path: bool, base: int = 0
) -> tuple[tuple[Nlri, ...], Lost | None]:
    """Decode prefixes as far as they can be read.

    Args:
        octets: a field that contains only prefixes.
        family: 4 or 6.
        add_path: whether each prefix has a path identifier of four octets before it.
        base: the offset of the buffer; it is added to offsets in errors.

    Returns:
        The prefixes, and the range that is lost from the first unreadable prefix on, if any.
    """
    found: list[Nlri] = []
    at, size, widths = 0, len(octets), _WIDTHS[family]
    known, before = _KNOWN[family], _PATH_ID if add_path else 0
    while at < size:
        # The fast path of decode_one_nlri, which makes the error messages: one call for each
        # prefix would take a tenth of the time to read UPDATEs.
        start = at + before
        end = start + (widths[octets[start]] if start < size else _TOO_WIDE)
        if end > size:
            try:
                decode_one_nlri(octets, at, family, add_path=add_path, base=base)
            except WireError as error:
                is_cut = start >= size or octets[start] <= BITS[family]
                return tuple(found), Lost(base + at, base + size, error, is_cut)
        raw = octets[start:end]
        nlri = known.get(raw) or _new_nlri(family, raw)
        if add_path:
            nlri = Nlri(nlri.prefix, int.from_bytes(octets[at:start]))
        found.append(nlri)
        at = end
    return tuple(found), None


def decode_one_nlri(
    octets: bytes, at: int, family: int, *, add_path: bool, base: int = 0
) -> tuple[Nlri, int]:
    """Decode one prefix; return it and the offset after it.

    Args:
        octets: a buffer.
        at: the offset of the prefix.
        family: 4 or 6.
        add_path: whether it has a path identifier of four octets before it.
        base: the offset of the buffer; it is added to offsets in errors.

    Raises:
        WireError: the prefix length exceeds 32 or 128, or the prefix overruns the end.
    """
    path_id = None
    if add_path:
        if at + _PATH_ID > len(octets):
            raise WireError(base + at, expected="a path identifier", found="the end")
        path_id = int.from_bytes(octets[at : at + _PATH_ID])
        at += _PATH_ID
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
    raw = bytes(octets[at:end])
    plain = _KNOWN[family].get(raw) or _new_nlri(family, raw)
    return (plain if path_id is None else Nlri(plain.prefix, path_id)), end


def _new_nlri(family: int, raw: bytes) -> Nlri:
    known = _KNOWN[family]
    if len(known) >= MEMO:
        known.clear()
    nlri = known[raw] = Nlri(Prefix.from_octets(family, raw[0], raw[1:]))
    return nlri


def encode_nlri(nlri: Iterable[Nlri]) -> bytes:
    """Encode prefixes; a prefix with a path identifier gets it written first."""
    parts: list[bytes] = []
    for item in nlri:
        if item.path_id is not None:
            parts.append(item.path_id.to_bytes(4))
        parts += (bytes((item.prefix.length,)), item.prefix.octets)
    return b"".join(parts)
