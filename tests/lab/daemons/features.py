"""Find the features in a dump that the lab tests need."""

from collections.abc import Iterator
from pathlib import Path

from peerlint.model import SegmentType
from peerlint.wire.attributes import Attributes
from peerlint.wire.bgp import Open, Update
from peerlint.wire.mrt import Bgp4mpEntry, MrtType, Rib, StateChange, TableDump
from peerlint.wire.reader import Reader, Record

#: Attributes that are features by their names.
_NAMES = (
    "med",
    "local_pref",
    "atomic_aggregate",
    "aggregator",
    "communities",
    "extended_communities",
    "large_communities",
    "originator_id",
    "cluster_list",
    "as4_path",
    "as4_aggregator",
    "mp_reach",
    "mp_unreach",
)


def features(dump: Path) -> frozenset[str]:
    """Return the names of the features in a dump."""
    reader = Reader([dump.read_bytes()], source=dump.name)
    return frozenset(name for record in reader for name in _of_record(record))


def _of_record(record: Record) -> Iterator[str]:
    yield f"{MrtType(record.header.type).name}/{record.header.subtype}"
    match record.body, record.message:
        case StateChange(), _:
            yield "state change"
        case Rib(), _:
            yield f"IPv{record.body.nlri.prefix.family} RIB"
            if record.body.add_path:
                yield f"IPv{record.body.nlri.prefix.family} add-path RIB"
            for entry in record.body.entries:
                yield from _of_attributes(entry.attributes)
        case (TableDump() | Bgp4mpEntry()) as entry, _:
            yield from _of_attributes(entry.attributes)
        case _, Update() as update:
            yield from _of_update(update)
        case _, Open():
            yield "OPEN"
        case _:
            pass


def _of_update(update: Update) -> Iterator[str]:
    yield from _of_attributes(update.attributes)
    for nlri, _ in update.announced:
        yield f"IPv{nlri.prefix.family} route"
        if nlri.path_id is not None:
            yield f"IPv{nlri.prefix.family} add-path route"
    for nlri, _ in update.all_withdrawn:
        yield f"IPv{nlri.prefix.family} withdrawal"


def _of_attributes(attributes: Attributes) -> Iterator[str]:
    yield from (name for name in _NAMES if getattr(attributes, name))
    path = attributes.path
    yield from (SegmentType(segment.type).name for segment in path.segments)
    if any(asn > 0xFFFF for asn in path.asns):
        yield "four octets"
