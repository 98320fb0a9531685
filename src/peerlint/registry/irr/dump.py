"""What a dump of an IRR has."""

from __future__ import annotations

import attrs

from peerlint.registry.columns import AutNumColumns, RouteColumns
from peerlint.registry.irr.objects import AsSet
from peerlint.registry.skips import Skips


@attrs.frozen(eq=False)
class IrrDump:
    """What a dump of an IRR has; or one of several files of a registry.

    Attributes:
        name: the name of the file, as given.
        routes: objects of the classes `route` and `route6`, in the order of the file.
        aut_nums: objects of the class `aut-num`, in the order of the file.
        as_sets: objects of the class `as-set`, in the order of the file.
        skips: what cannot be read; places are lines.
        octets: the size of the dump, decompressed.
        is_cut: whether it ends within an object. An end between two objects cannot be told from
            that of a whole dump.
        newest: the latest `last-modified` of the objects above, in seconds since 1970; -1 if no
            object has one. The dump is no older, but may be newer. Days in `changed`, which people
            write, do not count.
        other_objects: the number of objects of classes that are not read.
    """

    name: str
    routes: RouteColumns
    aut_nums: AutNumColumns
    as_sets: tuple[AsSet, ...]
    skips: Skips
    octets: int
    is_cut: bool
    newest: int
    other_objects: int

    @property
    def objects(self) -> int:
        """The number of objects that were read."""
        return len(self.routes) + len(self.aut_nums) + len(self.as_sets)
