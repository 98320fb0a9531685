"""The fast path: whole dumps as columns, without an object per route."""

from peerlint.bulk._kernel import COMPILED
from peerlint.bulk.batch import DumpPeer, Kind, RouteBatch, Wording
from peerlint.bulk.chosen import Choice, Chosen
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
    "Kind",
    "Masks",
    "PeerCounts",
    "Quality",
    "RouteBatch",
    "Tally",
    "Walk",
    "Watch",
    "Wording",
]
