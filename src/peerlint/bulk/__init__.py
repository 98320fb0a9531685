"""The fast path: whole dumps as columns, without an object per route."""

from peerlint.bulk.attribute_set import AttributeSet
from peerlint.bulk.batch import Kind, RouteBatch
from peerlint.bulk.bmp import BmpReader, TableChange
from peerlint.bulk.kernel import COMPILED, Moment
from peerlint.bulk.peers import DumpPeer
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.bulk.reader import DumpReader, PeerCounts
from peerlint.bulk.route_budget import MAX_COUNTED, RouteBudget
from peerlint.bulk.row_filter import FilteredRows, RowFilter
from peerlint.bulk.snapshots import (
    DumpTimes,
    SessionEvents,
    Snapshot,
    counted,
    is_left_out,
    replaced_times,
)
from peerlint.bulk.states import NO_STATE, StateColumn, States
from peerlint.bulk.tally import Tally
from peerlint.wire.damage import Damage, Quality

__all__ = [
    "COMPILED",
    "MAX_COUNTED",
    "NO_STATE",
    "AttributeSet",
    "BmpReader",
    "Damage",
    "DumpPeer",
    "DumpReader",
    "DumpTimes",
    "FilteredRows",
    "Kind",
    "Moment",
    "PeerCounts",
    "PrefixFilter",
    "Quality",
    "RouteBatch",
    "RouteBudget",
    "RowFilter",
    "SessionEvents",
    "Snapshot",
    "StateColumn",
    "States",
    "TableChange",
    "Tally",
    "counted",
    "is_left_out",
    "replaced_times",
]
