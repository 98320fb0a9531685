"""RIB dumps as the daemons write them: MRT records, one snapshot after the other."""

import gzip
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

_HEADER = struct.Struct("!IHHI")
_TABLE_DUMP_V2 = 13
_PEER_INDEX_TABLE = 1


def last_snapshot(mrt: bytes) -> bytes:
    """Return the complete records from the last peer index table on; empty without one."""
    start = end = 0
    for record, subtype in _table_records(mrt):
        if subtype == _PEER_INDEX_TABLE:
            start = record.start
        end = record.stop
    return mrt[start:end]


def count_prefixes(snapshot: bytes) -> int:
    """Return the number of prefixes of a snapshot, which has one per record."""
    return sum(subtype != _PEER_INDEX_TABLE for _, subtype in _table_records(snapshot))


def _table_records(mrt: bytes) -> Iterator[tuple[slice, int]]:
    at = 0
    while at + _HEADER.size <= len(mrt):
        _, kind, subtype, length = _HEADER.unpack_from(mrt, at)
        end = at + _HEADER.size + length
        if kind != _TABLE_DUMP_V2 or end > len(mrt):
            return
        yield slice(at, end), subtype
        at = end


def write_dumps(dumps: Mapping[str, bytes], out: Path) -> None:
    """Write dumps as NAME.mrt.gz; the gzip header is the same in every run."""
    out.mkdir(parents=True, exist_ok=True)
    for name, mrt in dumps.items():
        (out / f"{name}.mrt.gz").write_bytes(gzip.compress(mrt, 9, mtime=0))
