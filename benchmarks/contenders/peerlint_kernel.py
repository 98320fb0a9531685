"""The kernel alone: one thread, on chunks that were decompressed before."""

from peerlint.api.scans import COUNTED, VIOLATIONS
from peerlint.bulk import DumpPeer, DumpReader
from peerlint.feeds import Dump
from peerlint.model import Asn, Criteria, View, Viewpoint

LABEL = "the kernel alone: the same, chunks in memory"
_CHUNKS: list[bytes] = []


def prepare(path: str) -> str:
    """Decompress the dump, and keep its chunks in memory."""
    _CHUNKS.extend(Dump(path).chunks())
    return path


def run(path: str) -> int:
    """Count the routes of the chunks."""
    reader = DumpReader(
        iter(_CHUNKS),
        source=path,
        viewpoint=_from_its_own_as,
        criteria=Criteria(),
        rules=COUNTED,
        attribute_to_rule=VIOLATIONS,
        rows=False,
    )
    for _ in reader:
        pass
    return reader.tally.routes


def _from_its_own_as(peer: DumpPeer) -> Viewpoint:
    return Viewpoint(View.RECEIVED, Asn(peer.peer.asn))
