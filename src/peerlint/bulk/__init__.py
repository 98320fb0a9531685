"""The fast path: whole dumps as columns, without an object per route."""

from peerlint.bulk._contract import Moment
from peerlint.bulk._kernel import COMPILED
from peerlint.bulk.batch import AttributeSet, DumpPeer, Kind, RouteBatch
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.bulk.reader import DumpReader, PeerCounts
from peerlint.bulk.row_filter import FilteredRows, RowFilter
from peerlint.bulk.snapshots import (
    DumpTimes,
    SessionEvents,
    Snapshot,
    counted,
    is_left_out,
    replaced_times,
)
from peerlint.bulk.tally import Masks, Tally
from peerlint.wire.damage import Damage, Quality

__all__ = [
    "COMPILED",
    "AttributeSet",
    "Damage",
    "DumpPeer",
    "DumpReader",
    "DumpTimes",
    "FilteredRows",
    "Kind",
    "Masks",
    "Moment",
    "PeerCounts",
    "PrefixFilter",
    "Quality",
    "RouteBatch",
    "RowFilter",
    "SessionEvents",
    "Snapshot",
    "Tally",
    "counted",
    "is_left_out",
    "replaced_times",
]
