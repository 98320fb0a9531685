"""Read runs of prefix PDUs as columns: a cache sends a million of them in one answer.

A VRP becomes a key of 24 octets: family, address (IPv4 in the first four octets of sixteen),
length, maximum length, a zero, and the AS number, all in network byte order. So the order of keys
is that of family, address, length, maximum length and AS, and equal VRPs have equal keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np

from peerlint.model import Prefix
from peerlint.wire.rtr.header import IPV4_OCTETS, IPV6_OCTETS
from peerlint.wire.rtr.pdus import ANNOUNCE, PrefixPdu, decode_pdu

if TYPE_CHECKING:
    import numpy.typing as npt

    Octets = npt.NDArray[np.uint8]
    Offsets = npt.NDArray[np.intp]
    Keys = npt.NDArray[np.bytes_]
    Fields = npt.NDArray[np.void]

#: Octets of a key.
KEY_OCTETS: Final = 24
#: The type of keys. numpy ignores zeros at the end of such strings when it makes `bytes` of one,
#: but not when it compares them, as all have the same length.
KEY: Final = np.dtype(f"S{KEY_OCTETS}")
#: Below so many PDUs of one size in a row, they are walked through one by one: numpy needs as long
#: for a few of them as for many.
_SHORT: Final = 128
#: How many PDUs are walked through before long runs are looked for again.
_WALK: Final = 4096
_SIZES: Final = {4: IPV4_OCTETS, 6: IPV6_OCTETS}
#: The octets of a header without its third and fourth, which have to be zero and are ignored on
#: receipt (RFC 8210 section 5.1), as one number.
_HEADER: Final = np.dtype("<u8")
_COMPARED: Final = np.uint64(int.from_bytes(b"\xff\xff\0\0\xff\xff\xff\xff", "little"))

#: Addresses as numbers whose octets are in network byte order: they are copied and masked only.
_ADDRESSES: Final[dict[int, Any]] = {4: ("<u4", (1,)), 6: ("<u8", (2,))}
#: The fields of a prefix PDU (RFC 8210 sections 5.6 and 5.7) and of a key, by family.
_PDUS: Final = {
    family: np.dtype(
        [
            ("header", _HEADER),
            *(("flags", "u1"), ("length", "u1"), ("longest", "u1"), ("zero", "u1")),
            ("address", *address),
            ("asn", "<u4"),
        ]
    )
    for family, address in _ADDRESSES.items()
}
_KEYS: Final = {
    family: np.dtype(
        [
            ("family", "u1"),
            ("address", *address),
            *([("rest", "V12")] if family == 4 else []),
            *(("length", "u1"), ("longest", "u1"), ("zero", "u1")),
            ("asn", "<u4"),
        ]
    )
    for family, address in _ADDRESSES.items()
}


def _right_of_lengths(bits: int, parts: int) -> npt.NDArray[Any]:
    """Return by length the bits of an address that are right of it, in network byte order."""
    size = bits // parts
    rows = [
        [((1 << bits - length) - 1) >> size * part & (1 << size) - 1 for part in range(parts)][::-1]
        for length in range(bits + 1)
    ]
    # Lengths over the maximum are found out before: for them no bit is wrong.
    rows += [[0] * parts] * (256 - len(rows))
    return np.array(rows, f">u{size // 8}").view(f"<u{size // 8}")


_RIGHT: Final = {4: _right_of_lengths(32, 1), 6: _right_of_lengths(128, 2)}
_BITS: Final = {4: 32, 6: 128}


@attrs.frozen(eq=False)
class PrefixRun:
    """Prefix PDUs that follow each other, in their order.

    Attributes:
        keys: their VRPs.
        is_announcement: for each whether it is announced; if not, it is withdrawn.
        offsets: the offset of each PDU in the buffer.
        end: the offset behind the last one.
    """

    keys: Keys
    is_announcement: npt.NDArray[np.bool_]
    offsets: Offsets
    end: int

    def __len__(self) -> int:
        """Return the number of PDUs."""
        return len(self.keys)


def read_prefixes(octets: bytes, at: int, version: int) -> PrefixRun:
    """Read the complete prefix PDUs of a version from offset `at` on, up to the first other PDU.

    Returns:
        A run, which ends at the latest where the PDU of the other family begins; there may be more
        behind it. An empty one if no such PDU is at the offset.

    Raises:
        PduError: a length or a maximum length is not valid, or bits are set right of the length.
    """
    family = octets[at + 1] if at + 1 < len(octets) else 0
    if family in _SIZES:
        count = _same(octets, at, version, family)
        if count >= _SHORT:
            return _run_of_one(octets, at, family, count)
    return _run_of_both(octets, _walk(octets, at, version))


def _same(octets: bytes, at: int, version: int, family: int) -> int:
    """Return the number of PDUs of one family in a row."""
    size = _SIZES[family]
    count = (len(octets) - at) // size
    wanted = np.uint64(int.from_bytes(bytes((version, family, 0, 0, 0, 0, 0, size)), "little"))
    found, few = 0, 0
    # Few first, then more and more of them: the rest of the buffer may be of the other size.
    while found == few < count:
        few = min(count, max(_SHORT, 8 * few))
        heads = np.ndarray(few - found, _HEADER, octets, at + found * size, (size,))
        is_other = heads & _COMPARED != wanted
        first = int(is_other.argmax())
        found = found + first if is_other[first] else few
    return found


def _walk(octets: bytes, at: int, version: int) -> Offsets:
    """Return the offsets of PDUs of both families that follow each other, `_WALK` at most."""
    offsets: list[int] = []
    heads = {
        bytes((version, 4)): (b"\0\0\0\x14", IPV4_OCTETS),
        bytes((version, 6)): (b"\0\0\0\x20", IPV6_OCTETS),
    }
    end = len(octets)
    while len(offsets) < _WALK:
        length, size = heads.get(octets[at : at + 2], (b"", 0))
        if not size or at + size > end or octets[at + 4 : at + 8] != length:
            break
        offsets.append(at)
        at += size
    return np.array(offsets, np.intp)


def _run_of_one(octets: bytes, at: int, family: int, count: int) -> PrefixRun:
    """Return PDUs of one family in a row."""
    size = _SIZES[family]
    offsets = np.arange(count, dtype=np.intp) * size + at
    pdus = np.frombuffer(octets, _PDUS[family], count, at)
    keys = _checked_keys(octets, offsets, pdus, family)
    is_announcement = pdus["flags"] & ANNOUNCE == ANNOUNCE
    return PrefixRun(keys.view(KEY), is_announcement, offsets, at + count * size)


def _run_of_both(octets: bytes, offsets: Offsets) -> PrefixRun:
    """Return PDUs of both families at some offsets."""
    keys = np.zeros(len(offsets), KEY)
    is_announcement = np.zeros(len(offsets), np.bool_)
    if not len(offsets):
        return PrefixRun(keys, is_announcement, offsets, 0)
    buffer = np.frombuffer(octets, np.uint8)
    kinds = buffer[offsets + 1]
    for family, size in _SIZES.items():
        rows = np.flatnonzero(kinds == family)
        if len(rows):
            places = offsets[rows]
            pdus = buffer[places[:, None] + np.arange(size)].view(_PDUS[family]).ravel()
            keys[rows] = _checked_keys(octets, offsets, pdus, family).view(KEY)
            is_announcement[rows] = pdus["flags"] & ANNOUNCE == ANNOUNCE
    return PrefixRun(keys, is_announcement, offsets, int(offsets[-1]) + _SIZES[int(kinds[-1])])


def _checked_keys(octets: bytes, offsets: Offsets, pdus: Fields, family: int) -> Fields:
    """Return the keys of PDUs of one family.

    Args:
        octets: the buffer.
        offsets: of all PDUs of the run, for the error.
        pdus: those of the family.
        family: 4 or 6.

    Raises:
        PduError: about the first PDU of the run that is not valid.
    """
    length, longest = pdus["length"], pdus["longest"]
    right = _RIGHT[family][length]
    is_wrong = (length > longest) | (longest > _BITS[family])
    is_wrong |= (pdus["address"] & right != 0).any(axis=1)
    if is_wrong.any():
        for each in offsets:
            decode_pdu(octets, int(each))  # raises the error, with its offset
    keys = np.zeros(len(pdus), _KEYS[family])
    keys["family"] = family
    for name in ("address", "length", "longest", "asn"):
        keys[name] = pdus[name]
    return keys


def key_of(prefix: Prefix, max_length: int, asn: int) -> bytes:
    """Return the key of one VRP."""
    octets = prefix.first.to_bytes(4 if prefix.family == 4 else 16).ljust(16, b"\0")
    head = bytes((prefix.family,)) + octets + bytes((prefix.length, max_length, 0))
    return head + asn.to_bytes(4)


def pdu_of(key: bytes, *, is_announcement: bool = True) -> PrefixPdu:
    """Return the prefix PDU of a key."""
    key = key.ljust(KEY_OCTETS, b"\0")
    octets = 4 if key[0] == 4 else 16
    prefix = Prefix(key[0], int.from_bytes(key[1 : 1 + octets]), key[17])
    return PrefixPdu(prefix, key[18], int.from_bytes(key[20:]), is_announcement)
