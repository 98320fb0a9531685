"""Long records, and lengths that lie, in streams that come in small pieces."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from benchmarks.hostile import Row
from peerlint.feeds.streams import decompressed
from peerlint.wire.attributes import Form
from peerlint.wire.framing import COPIES, Framing
from peerlint.wire.messages import read_messages
from peerlint.wire.mrt import MrtType, encode_record
from peerlint.wire.reader import Reader

#: Octets of each stream; more would give the same ratios.
_SIZE: Final = 1 << 20
_SLICE: Final = 1 << 10
_START: Final = 1_795_219_200_000_000
_RECORD: Final = encode_record(_START, MrtType.OSPFV2, 0, bytes(20))


def rows() -> Iterator[Row]:
    """Yield what it costs to read in slices of 1 KiB, and compressed streams of a few octets."""
    for name, octets in (
        ("a long record in slices", _record(_SIZE)),
        ("broken records that swallow what follows", _wrong_lengths(_SIZE // 4)),
        ("the same, up to the end of the dump", _wrong_lengths(2 * _SIZE)),
        ("garbage in slices", b"\xfe\xed" * (_SIZE // 2)),
    ):
        framing = _read(octets)
        yield Row(name, "octets copied per octet", 1, framing.copied / len(octets), COPIES + 0.1)
    for kind, stream in (
        ("gzip", bytes.fromhex("1f8b080000000000020303000000000000000000")),
        ("zstandard", bytes.fromhex("28b52ffd2000010000")),
    ):
        octets = Counted(stream * (_SIZE // 4 // len(stream)))
        Counted.copied = 0
        for _ in decompressed(kind, octets, lambda: b""):
            pass
        yield Row(
            f"empty {kind} streams", "octets copied per octet", 1, Counted.copied / len(octets), 16
        )

    octets = Counted(2_000 * (b"\xff" * 16 + b"\0\x13\4"))
    Counted.copied = 0
    read_messages(octets, Form(as4=True, in_rib=False))
    copied = Counted.copied / len(octets)
    yield Row("2,000 messages in a record", "octets copied per octet", 1, copied)


class Counted(bytes):
    """Octets that count how many of them are copied."""

    copied = 0

    def __getitem__(self, key: slice) -> bytes:  # type: ignore[override]  # only slices are asked for
        """Return a part and count it."""
        part = super().__getitem__(key)
        Counted.copied += len(part)
        return part


def _record(size: int) -> bytes:
    return encode_record(_START, MrtType.OSPFV2, 0, bytes(size))


def _wrong_lengths(claimed: int) -> bytes:
    """Return two records and a header with a wrong length, over and over."""
    wrong = _RECORD[:4] + struct.pack(">HHI", MrtType.TABLE_DUMP_V2, 2, claimed)
    one = 2 * _RECORD + wrong
    return one * (_SIZE // len(one))


def _read(octets: bytes) -> Framing:
    """Read a stream in slices; return its framing."""
    framing = Framing((octets[at : at + _SLICE] for at in range(0, len(octets), _SLICE)), source="")
    reader = Reader((), source="")
    vars(reader)["_framing"] = framing
    for _ in reader:
        pass
    return framing
