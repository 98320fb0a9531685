"""Read one dump: octets in, batches out, damage accounted for."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, Literal

import attrs

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.kernel import (
    END_OF_RIB_4,
    END_OF_RIB_6,
    MAX_SNAPSHOTS,
    OPENED,
    BrokenError,
    Kernel,
    PeerCount,
    PeerRow,
    Stop,
    read_table_name,
)
from peerlint.bulk.peers import DumpPeer, MetPeers
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.bulk.snapshots import DumpTimes, SessionEvents, Snapshot, families_of
from peerlint.bulk.states import StateColumn, StateCounter, States
from peerlint.bulk.tally import Tally, violations_of
from peerlint.model import Criteria, Masks, Viewpoint
from peerlint.wire.damage import Quality
from peerlint.wire.framing import Framing
from peerlint.wire.mrt import (
    HEADER_OCTETS,
    MAX_RECORD,
    PEER_INDEX_TABLE,
    MrtType,
    Peer,
    may_hold_ipv4,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Type and subtype of the record that starts a snapshot.
_PEER_TABLE: Final = struct.pack(">HH", MrtType.TABLE_DUMP_V2, PEER_INDEX_TABLE)


@attrs.frozen
class PeerCounts:
    """The counts of one peer of a dump.

    Attributes:
        peer: the peer.
        entries: its routes and withdrawals, whether or not its rows are wanted.
        withdrawn: its withdrawals.
        tagged: its routes that carry the community; 0 if its rows are not wanted.
        ipv6: its IPv6 routes; 0 if its rows are not wanted.
        opened: whether the dump has the start of the session.
        ended: the address families of which there was an End-of-RIB.
        events: when that was, and other events of a session in a feed.
        snapshot: the number of the snapshot whose table lists it, see `DumpReader.times`; None in
            a feed.
    """

    peer: DumpPeer
    entries: int
    withdrawn: int
    tagged: int
    ipv6: int
    opened: bool
    ended: tuple[int, ...]
    events: SessionEvents = SessionEvents()
    snapshot: int | None = None


@attrs.define
class _Begun:
    """The start of a snapshot.

    Attributes:
        number: its number in the kernel; None if its peer table is broken.
        broken: what is known of it then.
        obscured: how many places before it were lost or skipped.
        damages: how many of them were lost.
    """

    number: int | None
    broken: Snapshot | None
    obscured: int
    damages: int


class DumpReader:
    """Reads one dump into batches.

    Iterate over it once; `quality`, `counts` and `tally` are complete after that.

    Attributes:
        source: the dump's name, for errors.
        quality: how well the dump could be read.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        *,
        source: str,
        viewpoint: Callable[[DumpPeer], Viewpoint | None],
        criteria: Criteria,
        prefix_filter: PrefixFilter | None = None,
        tagged_too: bool = False,
        rules: Mapping[str, Masks] | None = None,
        attribute_to_rule: Collection[str] | None = None,
        states: Collection[StateColumn] = (),
        rows: bool = True,
        on_damage: Literal["keep", "raise"] = "keep",
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            chunks: the decompressed dump, in pieces of any size.
            source: its name.
            viewpoint: returns the viewpoint of a peer's routes; None if they are not wanted.
            criteria: the community and the limits that facts depend on.
            prefix_filter: rows that do not overlap it are left out; None for all rows.
            tagged_too: whether rows outside the filter are kept if they carry the community.
            rules: the masks of the rules to count in `tally`; None to count nothing.
            attribute_to_rule: rules that make a route a violating one; None for all of them.
            states: further columns of the batches; their counts are in `tally` too.
            rows: whether batches are wanted; without, only counts.
            on_damage: "raise" stops at the first damage with a `DamageError`.
        """
        self.source = source
        self.quality = Quality()
        self._framing = Framing(chunks, source=source, on_damage=on_damage)
        self._viewpoint = viewpoint
        self._rules = rules
        self._kernel = Kernel(
            criteria,
            prefix_filter,
            tagged_too=tagged_too,
            writing=rows,
            runs=bool(states),
            violations=None if rules is None else violations_of(rules, attribute_to_rule),
        )
        self._states = StateCounter(states)
        self._has_states, self._has_rows = bool(states), rows
        self._peers: list[DumpPeer] = []
        #: One object for equal peers: every snapshot lists its peers again.
        self._known: dict[PeerRow, DumpPeer] = {}
        self._snapshots: list[_Begun] = []
        self._begun = 0
        self._read_of_broken = 0

    @property
    def counts(self) -> tuple[PeerCounts, ...]:
        """The counts of each peer."""
        numbers: dict[int, int] = {}
        for place, (number, _) in enumerate(self._snapshots_so_far()):
            numbers.setdefault(number, place)
        return tuple(self._counts_of(index, numbers) for index in range(len(self._peers)))

    def _counts_of(self, index: int, numbers: Mapping[int, int]) -> PeerCounts:
        kernel = self._kernel
        snapshot = kernel.snapshot_of[index]
        return _peer_counts(
            self._peers[index],
            kernel.count(index),
            SessionEvents(*kernel.moments(index)),
            None if snapshot < 0 else numbers[snapshot],
        )

    @property
    def times(self) -> DumpTimes:
        """The times of the records so far; the last snapshot is complete after the last record."""
        snapshots = tuple(snapshot for _, snapshot in self._snapshots_so_far())
        return DumpTimes(snapshots, self._kernel.messages)

    @property
    def snapshots_begun(self) -> int:
        """How many snapshots there are so far."""
        return len(self._snapshots)

    def _snapshots_so_far(self) -> Iterator[tuple[int, Snapshot]]:
        """Yield each snapshot with its number in the kernel; -1 if the kernel has none of it."""
        rows = self._kernel.snapshots()
        obscured, damages = self._obscured, self._framing.damages
        for each, after in zip_longest(self._snapshots, self._snapshots[1:]):
            if each.number is None:
                if each.broken is not None:
                    yield -1, each.broken
                continue
            collector, view, taken, record, families, last, lost, is_late = rows[each.number]
            yield (
                each.number,
                Snapshot(
                    (collector, view),
                    taken,
                    last,
                    record,
                    families_of(families),
                    is_damaged=is_late
                    or (damages if after is None else after.damages) > each.damages,
                    is_sound=not is_late and obscured == each.obscured,
                ),
            )
            if lost is not None:
                # It is not known which table follows; the one before it is older.
                yield -1, _lost_snapshot(None, *lost)

    @property
    def _obscured(self) -> int:
        """How many places that may hide a route were lost or skipped."""
        return self._framing.damages + self._kernel.may_hide

    def _begin_snapshot(self, number: int | None, broken: Snapshot | None = None) -> None:
        obscured, damages = self._obscured, self._framing.damages
        if number is None and len(self._snapshots) >= 2 * MAX_SNAPSHOTS:
            return  # enough lost tables are remembered; this one is counted as damage
        self._snapshots.append(_Begun(number, broken, obscured, damages))

    @property
    def tally(self) -> Tally:
        """The counts of the rows so far, written or not; empty without `rules`."""
        if self._rules is None:
            return Tally()
        counts = self._kernel.counts()
        return Tally.from_counts(counts, self._peers, self._rules, self.state_counts)

    @property
    def state_counts(self) -> dict[str, Counter[str]]:
        """The number of routes in each state so far, by the name of the column."""
        return self._states.counts()

    def __iter__(self) -> Iterator[RouteBatch]:
        """Yield batches; each holds the rows of one chunk, or of a part of one.

        Raises:
            DamageError: with on_damage="raise", at the first damage.
        """
        while self._framing.next_chunk() or self._pass_tail():
            while (stop := self._read_buffer()) is not Stop.END:
                # Damage may be dropped from the buffer that the rows point into.
                yield from self._take_rows()
                self._pass(stop)
            yield from self._take_rows()
        self._note_quality()

    def _read_buffer(self) -> Stop:
        """Let the kernel read to the end of the buffer, or to octets that it cannot read."""
        kernel, framing = self._kernel, self._framing
        while True:
            framing.at, stop = kernel.read(framing.buffer, framing.at, framing.base)
            lost = kernel.lost
            for at, octets, expected, found in lost.parts:
                framing.note(framing.base + at, octets, expected, found)
            framing.note_more(
                lost.count - len(lost.parts), lost.octets - sum(part[1] for part in lost.parts)
            )
            lost.clear()
            if stop is not Stop.PEERS:
                return stop
            self._meet_peers()

    def _pass_tail(self) -> bool:
        self._meet_broken_table()
        return self._framing.pass_tail()

    def _meet_broken_table(self) -> None:
        """Record that a snapshot begins, if the current record is a broken peer table."""
        buffer, at = self._framing.buffer, self._framing.at
        if buffer[at + 4 : at + 8] != _PEER_TABLE:
            return
        # The peer table before it is no longer valid.
        self._kernel.drop_table()
        try:
            table = read_table_name(buffer, at + HEADER_OCTETS, len(buffer))
        except BrokenError:
            table = None
        taken = int.from_bytes(buffer[at : at + 4]) * 1_000_000
        self._begin_snapshot(None, _lost_snapshot(table, taken, self._framing.base + at))

    def _pass(self, stop: Stop) -> None:
        kernel, framing = self._kernel, self._framing
        self._meet_broken_table()
        if stop is Stop.BROKEN:
            self._read_of_broken += kernel.broken_at - framing.at
            framing.pass_broken(kernel.broken_at, kernel.record_end, kernel.expected, kernel.found)
        else:
            self._pass_unknown()

    def _meet_peers(self) -> None:
        kernel = self._kernel
        while self._begun < len(kernel.snapshots()):
            self._begin_snapshot(self._begun)
            self._begun += 1
        for index in range(len(self._peers), len(kernel.peers)):
            row = kernel.peers[index]
            peer = self._known.get(row)
            if peer is None:
                peer = self._known[row] = _dump_peer(row)
            self._peers.append(peer)
            viewpoint = self._viewpoint(self._peers[index])
            if viewpoint is not None:
                own = -1 if viewpoint.asn is None else viewpoint.asn
                kernel.set_viewpoint(index, viewpoint.reading, own)

    def _take_rows(self) -> Iterator[RouteBatch]:
        rows = self._kernel.take_rows()
        states = self._take_states(rows) if self._has_states else ()
        if len(rows):
            yield RouteBatch(rows, MetPeers(self._peers), self._framing.buffer, states)

    def _take_states(self, rows: npt.NDArray[np.void]) -> tuple[States, ...]:
        """Count the states of the last routes, and return them if rows are wanted."""
        runs = self._kernel.take_runs()
        if self._has_rows:
            return self._states.states(rows, runs)
        self._states.add(runs)
        return ()

    def _pass_unknown(self) -> None:
        """Go on after a header of an unknown type: an unsupported record, or no record at all."""
        framing, kernel = self._framing, self._kernel
        kind, subtype, length = struct.unpack_from(">HHI", framing.buffer, framing.at + 4)
        size = kernel.record_end - framing.at
        if length > MAX_RECORD or not framing.is_sound(size):
            framing.pass_headless()
            return
        kernel.unsupported.add(kind, subtype)
        kernel.may_hide += may_hold_ipv4(kind, subtype)
        kernel.octets_skipped += size
        framing.at += size

    def _note_quality(self) -> None:
        kernel, framing = self._kernel, self._framing
        other_kinds, other_records, kinds_full = kernel.unsupported.others
        self.quality = Quality(
            octets=framing.octets,
            records=kernel.records,
            entries=sum(kernel.count(index)[0] for index in range(len(self._peers))),
            malformed=kernel.malformed,
            read=kernel.octets_read + self._read_of_broken,
            skipped=kernel.octets_skipped,
            lost=framing.lost,
            damages=framing.damages,
            damage=tuple(framing.damage),
            unsupported=kernel.unsupported.most,
            may_hide_routes=kernel.may_hide,
            undeclared_path_ids=kernel.undeclared_path_ids,
            other_kinds=other_kinds,
            other_records=other_records,
            kinds_full=kinds_full,
        )


def _dump_peer(row: PeerRow) -> DumpPeer:
    address, asn, bgp_id, local_asn, sent = row
    peer = Peer(
        IPv4Address(address) if len(address) == 4 else IPv6Address(address),
        asn,
        IPv4Address(bgp_id or bytes(4)),
    )
    return DumpPeer(peer, local_asn, sent)


def _lost_snapshot(table: tuple[bytes, bytes] | None, taken: int, record: int) -> Snapshot:
    """Return a snapshot whose peer table is lost, so that its records cannot be read."""
    return Snapshot(table, taken, taken, record, frozenset(), is_damaged=True, is_sound=False)


def _peer_counts(
    peer: DumpPeer, count: PeerCount, events: SessionEvents, snapshot: int | None
) -> PeerCounts:
    entries, withdrawn, tagged, ipv6, seen = count
    families = ((4, END_OF_RIB_4), (6, END_OF_RIB_6))
    ended = tuple(family for family, bit in families if seen & bit)
    opened = bool(seen & OPENED)
    return PeerCounts(peer, entries, withdrawn, tagged, ipv6, opened, ended, events, snapshot)
