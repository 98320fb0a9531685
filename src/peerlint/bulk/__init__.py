"""The fast path: whole dumps as columns, without an object per route."""

from peerlint.bulk._contract import Moment
from peerlint.bulk._kernel import COMPILED
from peerlint.bulk.batch import DumpPeer, Kind, RouteBatch, Wording
from peerlint.bulk.chosen import Choice, Chosen
from peerlint.bulk.snapshots import (
    DumpTimes,
    SessionEvents,
    Snapshot,
    counted,
    is_left_out,
    replaced_times,
)
from peerlint.bulk.tally import Masks, Tally
from peerlint.bulk.walk import PeerCounts, Walk
from peerlint.bulk.watch import Watch
from peerlint.wire.damage import Damage, Quality

__all__ = [
    "COMPILED",
    "Choice",
    "Chosen",
    "Damage",
    "DumpPeer",
    "DumpTimes",
    "Kind",
    "Masks",
    "Moment",
    "PeerCounts",
    "Quality",
    "RouteBatch",
    "SessionEvents",
    "Snapshot",
    "Tally",
    "Walk",
    "Watch",
    "Wording",
    "counted",
    "is_left_out",
    "replaced_times",
]
