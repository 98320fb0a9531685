"""Filing: from the batches of one dump to what it says of each session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from peerlint.bulk import DumpPeer, PeerCounts, Quality, RouteBatch
from peerlint.inventory import Inventory
from peerlint.model import Criteria, View, Viewpoint
from peerlint.model.facts import attribute_facts, prefix_facts
from peerlint.observe.filed import ROW, Filed, Rows, Shared
from peerlint.observe.seen import Coverage, SessionCounts, SessionSource, SourceSummary
from peerlint.observe.sessions import RibArgument, Sighting, Stranger, sightings, swapped
from peerlint.observe.table import Table

_BEST_FIRST: Final = list(Coverage)
#: Unicast: routes of other SAFIs are nobody's announcement to AS8075.
_UNICAST: Final = 1
#: Indexes of rows.
Places = npt.NDArray[np.intp]
Facts = npt.NDArray[np.uint32]


class Filing:
    """One dump, filed by session while it is read."""

    def __init__(
        self, argument: RibArgument, inventory: Inventory, criteria: Mapping[str, Criteria]
    ) -> None:
        """Start with an empty file.

        Args:
            argument: the dump, and whose it is.
            inventory: the sessions.
            criteria: what routes are measured against, by the name of the peering.
        """
        self._argument = argument
        self._inventory = inventory
        #: What the dump is to be walked with: the criteria of most sessions.
        self.criteria = next(iter(criteria.values()), Criteria())
        self._criteria = criteria
        #: For each sighting of a peer whether the kernel looks with the same eyes.
        self._judged: list[tuple[bool, ...]] = []
        self._mapped: list[tuple[Sighting, ...] | Stranger] = []
        self._table = Table()

    def viewpoint(self, peer: DumpPeer) -> Viewpoint | None:
        """Return how a peer's routes are seen; to be asked once for each peer, in their order."""
        found = sightings(peer, self._argument, self._inventory)
        self._mapped.append(found)
        if not isinstance(found, tuple):
            self._judged.append(())
            return None
        first = found[0].viewpoint
        self._judged.append(
            tuple(
                each.viewpoint == first and self._criteria[each.place.peering.name] == self.criteria
                for each in found
            )
        )
        return first

    def add(self, batch: RouteBatch) -> None:
        """File the rows of a batch; of a feed, what is announced last counts.

        Args:
            batch: walked with `criteria`, seen as `viewpoint` says.
        """
        mapped = np.array([isinstance(found, tuple) for found in self._mapped], dtype=np.bool_)
        self._table.add(batch, mapped[batch.peer] & (batch.safi == _UNICAST))

    def close(
        self, counts: tuple[PeerCounts, ...], quality: Quality
    ) -> tuple[SourceSummary, dict[str, tuple[SessionSource, ...]]]:
        """Return what the dump says as a whole and of each session.

        Args:
            counts: what each peer showed, in the order of `viewpoint`.
            quality: how well the dump could be read.
        """
        pairs = list(zip(counts, self._mapped, strict=True))
        sources = self._sources(pairs, quality)
        every = [source for by_view in sources.values() for source in by_view]
        summary = SourceSummary(
            self._argument.file,
            tuple((session, each.view) for session, by_view in sources.items() for each in by_view),
            min(
                (source.coverage for source in every), key=_BEST_FIRST.index, default=Coverage.NONE
            ),
            quality,
            microsoft=sum(each.entries for each, found in pairs if found is Stranger.MICROSOFT),
            from_microsoft=tuple(self._from_microsoft(pairs, quality)),
            strangers=tuple(
                (f"{each.peer.peer.address} AS{each.peer.peer.asn}", each.entries)
                for each, found in pairs
                if found is Stranger.UNKNOWN and each.entries
            ),
            swapped=tuple(
                one
                for each, found in pairs
                if isinstance(found, Stranger)
                for one in swapped(each.peer, self._inventory)
            ),
        )
        return summary, sources

    def _from_microsoft(
        self, pairs: list[tuple[PeerCounts, tuple[Sighting, ...] | Stranger]], quality: Quality
    ) -> Iterator[tuple[str, int]]:
        """Count Microsoft's routes on each session that a whole dump shows them of."""
        for each, found in pairs:
            if found is not Stranger.MICROSOFT:
                continue
            places = [
                place.id
                for place in self._inventory.sessions
                if place.session.microsoft == each.peer.peer.address
            ]
            # In a mesh an address has several sessions: which of them it is, nobody knows.
            if len(places) == 1 and coverage_of(each, quality) is Coverage.COMPLETE:
                yield places[0], each.entries - each.withdrawn

    def _sources(
        self, pairs: list[tuple[PeerCounts, tuple[Sighting, ...] | Stranger]], quality: Quality
    ) -> dict[str, tuple[SessionSource, ...]]:
        """Return one source for each view of a session."""
        filed = self._filed()
        found: dict[tuple[str, View], SessionSource] = {}
        for each, places in pairs:
            for sighting in places if isinstance(places, tuple) else ():
                key = (sighting.place.id, sighting.viewpoint.view)
                shown = each.entries - each.withdrawn
                counts = SessionCounts(shown, each.tagged, each.ipv6, _is_rib(each))
                coverage = coverage_of(each, quality)
                before = found.get(key)
                if before is not None:
                    counts += before.counts
                    coverage = min(coverage, before.coverage, key=_BEST_FIRST.index)
                seen = filed.get(key, ())
                found[key] = SessionSource(self._argument.file, key[1], coverage, counts, seen)
        by_session: dict[str, tuple[SessionSource, ...]] = {}
        for (session, _), source in found.items():
            by_session[session] = (*by_session.get(session, ()), source)
        return by_session

    def _filed(self) -> dict[tuple[str, View], Filed]:
        """Return the observations of each view of a session, in the order of the dump."""
        shared, rows = self._table.close()
        by_peer = np.argsort(rows["peer"], kind="stable")
        bounds = np.searchsorted(rows["peer"][by_peer], np.arange(len(self._mapped) + 1))
        peers: dict[tuple[str, View], list[tuple[Sighting, bool, Places]]] = {}
        for number, mapped in enumerate(self._mapped):
            places = by_peer[bounds[number] : bounds[number + 1]]
            if isinstance(mapped, tuple) and len(places):
                for each, judged in zip(mapped, self._judged[number], strict=True):
                    key = (each.place.id, each.viewpoint.view)
                    peers.setdefault(key, []).append((each, judged, places))
        return {key: self._of_session(found, rows, shared) for key, found in peers.items()}

    def _of_session(
        self, found: list[tuple[Sighting, bool, Places]], rows: Rows, shared: Shared
    ) -> Filed:
        """File what the peers that are one view of one session show."""
        sighting = found[0][0]
        places = np.sort(np.concatenate([places for _, _, places in found]))
        chosen = np.empty(len(places), ROW)
        for name in ROW.names or ():
            chosen[name] = rows[name][places]
        place, viewpoint, file = sighting.place, sighting.viewpoint, self._argument.file
        criteria = self._criteria[place.peering.name]
        if not all(judged for _, judged, _ in found):
            chosen["facts"] = _facts(chosen, shared, viewpoint, criteria)
        return Filed(chosen, shared, place.id, viewpoint, file)


def _facts(rows: Rows, shared: Shared, viewpoint: Viewpoint, criteria: Criteria) -> Facts:
    """Take the facts of rows: of each prefix and each wording once."""
    wordings, worded = np.unique(rows["wording"], return_inverse=True)
    prefixes, prefixed = np.unique(rows["prefix"], return_inverse=True)
    of_wordings = [
        attribute_facts(shared.said(each), viewpoint, criteria) for each in wordings.tolist()
    ]
    of_prefixes = [prefix_facts(shared.prefixes[each], criteria) for each in prefixes.tolist()]
    return np.array(of_wordings, np.uint32)[worded] | np.array(of_prefixes, np.uint32)[prefixed]


def coverage_of(counts: PeerCounts, quality: Quality) -> Coverage:
    """Say whether a peer's absence of a prefix means something.

    A RIB shows everything if it is whole. A feed does so if it has the start of the session and
    its End-of-RIB for IPv4 (RFC 4724), the family that registered prefixes are of.
    """
    if not quality.is_complete:
        return Coverage.PARTIAL
    whole = _is_rib(counts) or (counts.opened and 4 in counts.ended)
    return Coverage.COMPLETE if whole else Coverage.PARTIAL


def _is_rib(counts: PeerCounts) -> bool:
    """Whether a peer stands in a RIB, not in a feed."""
    return counts.peer.local_asn is None
