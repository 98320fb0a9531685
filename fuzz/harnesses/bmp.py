"""BMP streams: the framing, the reader, and the encoding of every message."""

from __future__ import annotations

from fuzz.harnesses._laws import agree, attributes_hold
from peerlint.wire.bmp import (
    PeerDown,
    PeerUp,
    Reader,
    Record,
    RouteMirroring,
    decode_body,
    encode_body,
)
from peerlint.wire.damage import Quality


def check_bmp(octets: bytes) -> None:
    """Read the stream after the first octet, which is the size of its pieces; 0 means one piece.

    Raises:
        AssertionError: octets are counted twice or not at all, the size of pieces changes the
            result, or a message does not survive encoding and decoding.
    """
    size, stream = int.from_bytes(octets[:1]), octets[1:]
    records, quality = _read(stream, size or max(1, len(stream)))
    _all_counted(quality, stream)
    agree(
        "records and quality in one piece", _read(stream, max(1, len(stream))), (records, quality)
    )
    for record in records:
        _properties(record)
        if not record.is_damaged:
            kind, body = encode_body(record.body)
            agree("a body read back", record.body, decode_body(kind, body))
        if record.update is not None and record.form is not None:
            attributes_hold(record.update.attributes, record.form)


def _read(stream: bytes, size: int) -> tuple[list[Record], Quality]:
    reader = Reader(source="fuzz")
    records = list(reader.read(stream[at : at + size] for at in range(0, len(stream), size)))
    agree("octets that are pending after the end", 0, reader.pending)
    return records, reader.quality


def _all_counted(quality: Quality, stream: bytes) -> None:
    agree("octets passed", len(stream), quality.octets)
    counts = (quality.read, quality.skipped, quality.lost)
    agree("read, skipped and lost", quality.octets, sum(counts))
    agree("no count below 0", expected=True, actual=min(counts) >= 0)
    agree("lost octets are damage", expected=True, actual=quality.damages > 0 or not quality.lost)
    for damage in quality.damage:
        agree("damage inside the stream", expected=True, actual=0 <= damage.offset <= len(stream))


def _properties(record: Record) -> None:
    """Compute what values decode further, which must not raise."""
    match record.body:
        case PeerUp() as up:
            _ = up.table_name, up.admin_labels, up.peer.view
        case PeerDown() as down:
            _ = down.notification, down.fsm_event, down.tlvs
        case RouteMirroring() as mirrored:
            _ = mirrored.messages, mirrored.information
        case _:
            pass
