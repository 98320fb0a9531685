"""BMP streams: the framing, the reader, and the encoding of every message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from unittest.mock import patch

from fuzz.harnesses._laws import agree, attributes_hold
from peerlint.bulk import BmpReader, Kind, RouteBatch
from peerlint.bulk import bmp as bulk_bmp
from peerlint.bulk.kernel import Kernel
from peerlint.bulk.kernel.python import route_kernel
from peerlint.model import Criteria, Viewpoint
from peerlint.wire.bmp import (
    PeerDown,
    PeerUp,
    Reader,
    Record,
    RouteMirroring,
    RouteMonitoring,
    decode_body,
    encode_body,
)
from peerlint.wire.damage import Quality

_VIEWPOINT: Final = Viewpoint("received", 64500)


def check_bmp(octets: bytes) -> None:
    """Read the stream after the first octet, which is the size of its pieces; 0 means one piece.

    Raises:
        AssertionError: octets are counted twice or not at all, the size of pieces changes the
            result, a kernel reads something else, or a message does not survive encoding and
            decoding.
    """
    size, stream = int.from_bytes(octets[:1]), octets[1:]
    records, quality = _read(stream, size or max(1, len(stream)))
    _all_counted(quality, stream)
    agree(
        "records and quality in one piece", _read(stream, max(1, len(stream))), (records, quality)
    )
    _kernels_agree(stream, size, records, quality)
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


def _kernels_agree(stream: bytes, size: int, records: list[Record], quality: Quality) -> None:
    """Check that both kernels read the same routes and messages, and count the same octets."""
    expected = [entry for record in records for entry in _entries_of_record(record)]
    for kernel in {Kernel, route_kernel.Kernel}:
        with patch.object(bulk_bmp, "Kernel", kernel):
            reader = BmpReader(source="fuzz", viewpoint=lambda _: _VIEWPOINT, criteria=Criteria())
        found: list[object] = []
        for at in range(0, len(stream), size or max(1, len(stream))):
            for each in reader.feed(stream[at : at + (size or len(stream))]):
                if isinstance(each, Record):
                    found += _entries_of_record(each)
                else:
                    found += _entries_of_batch(each)
        reader.end()
        agree("what a kernel reads", expected, found)
        agree("the quality of a kernel", quality, reader.quality)


def _entries_of_record(record: Record) -> Iterator[object]:
    """Yield the routes and withdrawals of a message, or any other message itself."""
    body, update = record.body, record.update
    if not isinstance(body, RouteMonitoring) or update is None:
        yield record
        return
    for nlri, _ in update.all_withdrawn:
        yield record.offset, nlri.prefix, nlri.path_id, None
    for nlri, _ in update.announced:
        # In a Loc-RIB, no attribute counts as missing.
        in_rib, time = body.peer.is_loc_rib, body.peer.timestamp or 0
        route = update.attributes.route(nlri, time, in_rib=in_rib)
        yield record.offset, nlri.prefix, nlri.path_id, route


def _entries_of_batch(batch: RouteBatch) -> Iterator[object]:
    for route, row in zip(batch.routes(), batch.rows, strict=True):
        announced = row["kind"] == Kind.ANNOUNCE
        yield int(row["record"]), route.prefix, route.path_id, route if announced else None


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
