"""The AS numbers in an as-set and in the as-sets inside it (RFC 2622 section 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from peerlint.registry.irr import values
from peerlint.registry.irr.objects import AsSet

#: Sets inside sets; the deepest hierarchies of today's registries have about 30 levels.
MAX_DEPTH: Final = 64
#: AS numbers and names of sets; there are about 80,000 active AS numbers.
MAX_MEMBERS: Final = 500_000
TOO_DEEP: Final = "sets are nested deeper than {:,} levels"
TOO_MANY: Final = "there are more than {:,} members"

#: Returns the as-set of a name, in capitals; None if no registry has it.
Lookup = Callable[[str], AsSet | None]


@attrs.frozen
class Expansion:
    """The AS numbers in an as-set.

    Attributes:
        asns: the numbers.
        sets: the names of the as-sets that were read, in the order in which they were found.
        missing: the names of as-sets that no registry has, in the same order.
        unread: members that are neither an AS number nor the name of an as-set.
        by_reference: the names of as-sets that may have further members, which refer to the set by
            `member-of` and are not read.
        cut: why members are left out; None if none are.
    """

    asns: frozenset[int]
    sets: tuple[str, ...]
    missing: tuple[str, ...]
    unread: tuple[str, ...]
    by_reference: tuple[str, ...]
    cut: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every member is known."""
        return not (self.missing or self.unread or self.by_reference or self.cut)


def expand(
    as_set: AsSet,
    lookup: Lookup,
    max_depth: int = MAX_DEPTH,
    max_members: int = MAX_MEMBERS,
) -> Expansion:
    """Return the AS numbers in an as-set and in those inside it.

    Every set is read once, so that sets that contain each other have an end.

    Args:
        as_set: the set.
        lookup: returns the as-set of a name. Registries may have sets of one name.
        max_depth: the number of levels of sets inside the set that are read.
        max_members: the number of AS numbers and sets after which no further ones are read.
    """
    expander = _Expander(lookup, max_members)
    level, depth = [as_set.name], 0
    expander.add(as_set)
    while level := list(expander.inside(level)):
        depth += 1
        if depth > max_depth:
            expander.cut = TOO_DEEP.format(max_depth)
            break
        level = [name for name in level if expander.take(name)]
        if expander.cut is not None:
            break
    return expander.result()


class _Expander:
    """What is known of the sets so far."""

    def __init__(self, lookup: Lookup, max_members: int) -> None:
        self.cut: str | None = None
        self._lookup, self._max = lookup, max_members
        self._asns = set[int]()
        #: By name. Dictionaries keep the order; None is a set that no registry has.
        self._sets, self._unread = dict[str, AsSet | None](), dict[str, None]()

    def add(self, as_set: AsSet) -> None:
        """Add a set, without the sets inside it."""
        self._sets[as_set.name] = as_set

    def take(self, name: str) -> bool:
        """Look a set up; return whether there is one."""
        self._sets[name] = found = self._lookup(name)
        return found is not None

    def inside(self, names: list[str]) -> Iterator[str]:
        """Add the AS numbers of sets, and yield the names of new sets inside them."""
        new = set[str]()
        for name in names:
            as_set = self._sets[name]
            for member in () if as_set is None else as_set.members:
                if len(self._asns) + len(self._sets) + len(new) + len(self._unread) > self._max:
                    self.cut = TOO_MANY.format(self._max)
                    return
                asn = values.as_number(member.encode())
                if asn is not None:
                    self._asns.add(asn)
                elif values.as_set_name(member.encode()) is None:
                    self._unread[member] = None
                elif member not in self._sets and member not in new:
                    new.add(member)
                    yield member

    def result(self) -> Expansion:
        """Return what is known."""
        known = [each for each in self._sets.values() if each is not None]
        return Expansion(
            frozenset(self._asns),
            tuple(each.name for each in known),
            tuple(name for name, each in self._sets.items() if each is None),
            tuple(self._unread),
            tuple(each.name for each in known if each.by_reference),
            self.cut,
        )
