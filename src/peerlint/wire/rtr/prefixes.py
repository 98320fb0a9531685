"""Read runs of prefix PDUs as columns: a cache sends a million of them in one answer.

A VRP becomes a key of 24 octets: family, address (IPv4 in the first four octets of sixteen),
length, maximum length, a zero, and the AS number, all in network byte order. So the order of keys
is that of family, address, length, maximum length and AS, and equal VRPs have equal keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.model import Prefix
from peerlint.wire.rtr.header import IPV4_OCTETS, IPV6_OCTETS, PduError
from peerlint.wire.rtr.pdus import ANNOUNCE, PrefixPdu

if TYPE_CHECKING:
    import numpy.typing as npt

    Octets = npt.NDArray[np.uint8]
    Keys = npt.NDArray[np.bytes_]

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
#: By length the bits of an address that are right of it, as two numbers of 64 bits.
_RIGHT: Final = np.array(
    [divmod((1 << 128 - length) - 1, 1 << 64) for length in range(129)], np.dtype(">u8")
)


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
    offsets: npt.NDArray[np.intp]
    end: int

    def __len__(self) -> int:
        """Return the number of PDUs."""
        return len(self.keys)


def read_prefixes(octets: bytes, at: int, version: int) -> PrefixRun:
    """Read the complete prefix PDUs of a version from offset `at` on, up to the first other PDU.

    Returns:
        A run; an empty one if no such PDU is there.

    Raises:
        PduError: a length or a maximum length is not valid, or bits are set right of the length.
    """
    buffer = np.frombuffer(octets, np.uint8)
    same = _same(buffer, at, version)
    if len(same) >= _SHORT:
        return _run(buffer, same)
    return _run(buffer, _walk(octets, at, version))


def _same(buffer: Octets, at: int, version: int) -> npt.NDArray[np.intp]:
    """Return the offsets of PDUs of one type in a row."""
    size = _SIZES.get(int(buffer[at + 1])) if at + 1 < len(buffer) else None
    count = (len(buffer) - at) // size if size else 0
    if not size or not count:
        return np.zeros(0, np.intp)
    found, few = 0, 0
    # Few first, then more and more of them: the rest of the buffer may be of the other size.
    while found == few < count:
        few = min(count, max(_SHORT, 8 * few))
        found = _same_first(buffer[at : at + few * size].reshape(few, size), version)
    return np.arange(found, dtype=np.intp) * size + at


def _same_first(rows: Octets, version: int) -> int:
    """Return how many PDUs from the first one on have its type, its size and a version."""
    size = rows.shape[1]
    differs = rows[:, :8] != np.array([version, rows[0, 1], 0, 0, 0, 0, 0, size], np.uint8)
    differs[:, 2:4] = False  # a field that has to be zero, and is ignored on receipt
    is_other = differs.any(axis=1)
    return int(is_other.argmax()) if is_other.any() else len(rows)


def _walk(octets: bytes, at: int, version: int) -> npt.NDArray[np.intp]:
    """Return the offsets of PDUs of both types that follow each other, `_WALK` at most."""
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


def _run(buffer: Octets, offsets: npt.NDArray[np.intp]) -> PrefixRun:
    """Return the PDUs at some offsets."""
    if not len(offsets):
        return PrefixRun(np.zeros(0, KEY), np.zeros(0, np.bool_), offsets, 0)
    kinds = buffer[offsets + 1]
    keys = np.zeros((len(offsets), KEY_OCTETS), np.uint8)
    flags = np.zeros(len(offsets), np.uint8)
    for kind, size in _SIZES.items():
        rows = np.flatnonzero(kinds == kind)
        if len(rows):
            pdus = _pdus(buffer, offsets[rows], size)
            keys[rows] = _keys(pdus, kind)
            flags[rows] = pdus[:, 8]
    _check(keys, offsets)
    end = int(offsets[-1]) + _SIZES[int(kinds[-1])]
    return PrefixRun(keys.view(KEY).ravel(), flags & ANNOUNCE == ANNOUNCE, offsets, end)


def _pdus(buffer: Octets, offsets: npt.NDArray[np.intp], size: int) -> Octets:
    """Return PDUs of one size as rows."""
    first, last = int(offsets[0]), int(offsets[-1])
    if last - first == (len(offsets) - 1) * size:
        return buffer[first : last + size].reshape(len(offsets), size)
    rows: Octets = buffer[offsets[:, None] + np.arange(size)]
    return rows


def _keys(pdus: Octets, family: int) -> Octets:
    """Return the keys of PDUs of one family, as rows."""
    octets = 4 if family == 4 else 16
    keys = np.zeros((len(pdus), KEY_OCTETS), np.uint8)
    keys[:, 0] = family
    keys[:, 1 : 1 + octets] = pdus[:, 12 : 12 + octets]
    keys[:, 17] = pdus[:, 9]
    keys[:, 18] = pdus[:, 10]
    keys[:, 20:] = pdus[:, 12 + octets :]
    return keys


def _check(keys: Octets, offsets: npt.NDArray[np.intp]) -> None:
    """Check lengths, and that no bit is set right of them.

    Raises:
        PduError: about the first PDU that is not valid.
    """
    length, longest = keys[:, 17], keys[:, 18]
    bits = np.where(keys[:, 0] == 4, np.uint8(32), np.uint8(128))
    is_wrong = (length > longest) | (longest > bits)
    if is_wrong.any():
        row = int(is_wrong.argmax())
        expected = f"a length, and a maximum length from that to {bits[row]}"
        found = f"{length[row]} and {longest[row]}"
        start = int(offsets[row])
        raise PduError(start + 9, start=start, expected=expected, found=found)
    address = np.ascontiguousarray(keys[:, 1:17]).view(">u8")
    # Both sides in network byte order: nothing has to be converted.
    is_wrong = ((address & _RIGHT[length]) != 0).any(axis=1)
    if is_wrong.any():
        row = int(is_wrong.argmax())
        expected = f"no bit set right of /{length[row]}"
        found = bytes(keys[row, 1 : 5 if bits[row] == 32 else 17]).hex(" ")
        start = int(offsets[row])
        raise PduError(start + 12, start=start, expected=expected, found=found)


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
