"""The routes of one address family of a live table of which no rows are made, as hashes."""

from __future__ import annotations

from struct import Struct
from typing import Final

import attrs

#: Length, address in two halves, and 1 + the path identifier: 0 for none.
_ROUTE: Final = Struct(">BQQQ")


@attrs.define
class Room:
    """How many more routes may be kept; several streams may share it.

    Attributes:
        routes: the number.
    """

    routes: int = 0


@attrs.define(eq=False)
class OtherRoutes:
    """Routes outside the filter that were announced and not withdrawn.

    A route that carried the community has rows until it is withdrawn, also without it: what follows
    routes learns that it has lost it. The other routes only are counted.

    A route is kept as a hash under a key that nobody knows (of octets, see `siphash`). Two routes
    with one hash are one route; with two million routes, there are two such routes once in several
    million streams.

    Attributes:
        others: those without rows.
        shown: those with rows.
        is_uncounted: whether there was no room for those without rows. They are not kept then.
        shows_all: whether there was no room for those with rows either. All routes have rows then.
        is_touched: whether a message was about a route without rows since the last `take`.
        is_grown: whether one of them was new, or that is not known.
    """

    others: set[int] = attrs.Factory(set)
    shown: set[int] = attrs.Factory(set)
    is_uncounted: bool = False
    shows_all: bool = False
    is_touched: bool = False
    is_grown: bool = False

    def shows(self, key: int, room: Room, *, is_tagged: bool, is_gone: bool) -> bool:
        """Note a route outside the filter; return whether it has a row.

        Args:
            key: its hash.
            room: how many more may be kept.
            is_tagged: whether it carries the community.
            is_gone: whether it is withdrawn, or treated as withdrawn (RFC 7606).
        """
        if self.shows_all:
            return True
        if key in self.shown:
            if is_gone:
                self.shown.remove(key)
                room.routes += 1
            return True
        is_other = key in self.others
        if is_other and (is_gone or is_tagged):
            self.others.remove(key)
            room.routes += 1
        self.is_touched |= is_other or not is_tagged
        if is_gone:
            return is_tagged
        if is_tagged:
            self._show(key, room)
        elif self.is_uncounted:
            self.is_grown = True
        elif not is_other:
            self.is_grown = True
            self._add(key, room)
        return is_tagged

    def clear(self, room: Room) -> None:
        """Forget all routes, and count again."""
        room.routes += len(self.others) + len(self.shown)
        self.others, self.shown = set(), set()
        self.is_uncounted = self.shows_all = self.is_touched = self.is_grown = False

    def take(self) -> tuple[int, bool] | None:
        """Return the number of routes without rows, -1 if they are not counted, and `is_grown`.

        Returns:
            None if no message was about one of them since the last call.
        """
        if not self.is_touched:
            return None
        found = (-1 if self.is_uncounted else len(self.others), self.is_grown)
        self.is_touched = self.is_grown = False
        return found

    def _add(self, key: int, room: Room) -> None:
        if room.routes:
            self.others.add(key)
            room.routes -= 1
        else:
            self._stop_counting(room)

    def _show(self, key: int, room: Room) -> None:
        if not room.routes:
            self._stop_counting(room)
        if room.routes:
            self.shown.add(key)
            room.routes -= 1
            return
        room.routes += len(self.shown)
        self.shown = set()
        self.shows_all = True

    def _stop_counting(self, room: Room) -> None:
        room.routes += len(self.others)
        self.others = set()
        self.is_uncounted = self.is_touched = self.is_grown = True


def key_of(hi: int, lo: int, length: int, path_id: int) -> int:
    """Return the hash of a route.

    Args:
        hi: the upper 64 bits of its address; that of IPv4 is in the top 32.
        lo: the lower 64 bits.
        length: of its prefix.
        path_id: -1 for none.
    """
    return hash(_ROUTE.pack(length, hi, lo, path_id + 1))
