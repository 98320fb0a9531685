"""The routes of live tables of which no rows are made: the kernel counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from peerlint.bulk.kernel import Kernel
from peerlint.bulk.route_budget import RouteBudget
from peerlint.model import View
from peerlint.wire.bmp import PeerHeader
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import IPAddress

#: Address and distinguisher of a peer.
_PeerKey = tuple[IPAddress, int]
#: The numbers of tables, by view and policy.
_Kinds = dict[tuple[View, bool], int]
_FAMILIES: Final = (4, 6)


class OtherTables:
    """What a kernel counts of the tables of one stream.

    Tables whose headers only differ in AS number, BGP identifier, peer type or unknown flags are
    counted as one: events do not tell them apart.
    """

    def __init__(self, kernel: Kernel, budget: RouteBudget) -> None:
        """Start without tables.

        Args:
            kernel: what reads the stream.
            budget: how many routes are counted; other streams may share it.
        """
        self._kernel, self._budget = kernel, budget
        self._lent = 0
        #: By index into the kernel's tables.
        self._numbers: list[int] = []
        self._by_peer: dict[_PeerKey, _Kinds] = {}

    def add(self, table: PeerHeader) -> None:
        """Count the routes of the kernel's next table."""
        kinds = self._by_peer.setdefault((table.address, table.distinguisher), {})
        kind = (table.view, table.is_post_policy and table.view is View.ADJ_RIB_IN)
        if kind not in kinds:
            kinds[kind] = self._kernel.add_others()
        self._kernel.count_others(len(self._numbers), kinds[kind])
        self._numbers.append(kinds[kind])

    def shows(self, index: int, nlri: Nlri, *, tagged: bool, gone: bool) -> bool:
        """See `peerlint.bulk.BmpReader.shows`."""
        prefix, path_id = nlri.prefix, -1 if nlri.path_id is None else nlri.path_id
        route = (prefix.family, prefix.first, prefix.length, path_id)
        self.lend()
        is_shown: bool = self._kernel.shows(index, route, tagged=tagged, gone=gone)
        self.settle()
        self._kernel.touch(index)
        return is_shown

    def take(self, index: int) -> dict[int, tuple[int | None, bool]]:
        """Return what changed of a table; see `peerlint.bulk.TableChange.others`."""
        found: dict[int, tuple[int | None, bool]] = {}
        changes = self._kernel.take_others(self._numbers[index])
        for family, change in zip(_FAMILIES, changes, strict=True):
            if change is not None:
                routes, is_grown = change
                found[family] = (None if routes < 0 else routes, is_grown)
        return found

    def forget(self, peer: PeerHeader, is_meant: Callable[[View, bool], bool]) -> None:
        """See `peerlint.bulk.BmpReader.forget`."""
        self.lend()
        for kind, number in self._by_peer.get((peer.address, peer.distinguisher), {}).items():
            if is_meant(*kind):
                self._kernel.clear_others(number)
        self.settle()

    def close(self) -> None:
        """Forget all routes."""
        self.lend()
        for number in set(self._numbers):
            self._kernel.clear_others(number)
        self.settle()

    def lend(self) -> None:
        """Let the kernel have what is left of the budget; `settle` has to follow."""
        self._lent = max(0, self._budget.limit - self._budget.used)
        self._kernel.room = self._lent

    def settle(self) -> None:
        """Count what the kernel has used of the budget, or has given back."""
        self._budget.used += self._lent - self._kernel.room
