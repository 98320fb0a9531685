"""The walk over one dump: octets in, batches out, damage accounted for."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import attrs

from peerlint.bulk._contract import END_OF_RIB_4, END_OF_RIB_6, OPENED, PeerCount, Stop
from peerlint.bulk._kernel import Kernel
from peerlint.bulk.batch import DumpPeer, RouteBatch
from peerlint.bulk.tally import Masks, Tally, faults_of
from peerlint.bulk.watch import Watch
from peerlint.model import Criteria, Viewpoint
from peerlint.wire.damage import Quality
from peerlint.wire.framing import Framing
from peerlint.wire.mrt import MAX_RECORD, Peer, may_hold_ipv4


@attrs.frozen
class PeerCounts:
    """What one peer of a dump showed.

    Attributes:
        peer: see `DumpPeer`.
        entries: its routes and withdrawals, whether or not its rows were asked for.
        tagged: its routes that carry the community; 0 if its rows were not asked for.
        ipv6: its IPv6 routes; likewise.
        opened: whether the dump has the start of the session.
        ended: families of which an End-of-RIB was seen.
    """

    peer: DumpPeer
    entries: int
    withdrawn: int
    tagged: int
    ipv6: int
    opened: bool
    ended: tuple[int, ...]


class Walk:
    """One reading of one dump.

    Iterate over it once; `quality`, `counts` and `tally` are whole after that.

    Attributes:
        source: the dump's name, for errors.
        quality: how well the octets so far could be read.
    """

    def __init__(
        self,
        pages: Iterable[bytes],
        *,
        source: str,
        viewpoint: Callable[[DumpPeer], Viewpoint | None],
        criteria: Criteria,
        watch: Watch | None = None,
        tagged_too: bool = False,
        rules: Mapping[str, Masks] | None = None,
        blame: Collection[str] | None = None,
        rows: bool = True,
        on_damage: Literal["keep", "raise"] = "keep",
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            pages: the decompressed dump, in pieces of any size.
            source: its name.
            viewpoint: how the routes of a peer are seen, None if they are not asked for.
            criteria: what routes are measured against.
            watch: rows that do not overlap it are left out; None for all rows.
            tagged_too: rows outside `watch` are kept if they carry the community.
            rules: which routes each rule is about, to be counted in `tally`; None to count none.
            blame: rules that make a route faulty; None for all of them.
            rows: whether batches are wanted; without, only counts.
            on_damage: "raise" ends the walk at the first damage with a `DamageError`.
        """
        self.source = source
        self.quality = Quality()
        self._framing = Framing(pages, source=source, on_damage=on_damage)
        self._viewpoint = viewpoint
        self._rules = rules
        self._kernel = Kernel(
            criteria,
            watch,
            tagged_too=tagged_too,
            writing=rows,
            faults=None if rules is None else faults_of(rules, blame),
        )
        self._peers: list[DumpPeer] = []
        self._read_of_broken = 0

    @property
    def counts(self) -> tuple[PeerCounts, ...]:
        """What each peer showed."""
        return tuple(
            _peer_counts(peer, self._kernel.count(index)) for index, peer in enumerate(self._peers)
        )

    @property
    def tally(self) -> Tally:
        """The counts of the rows so far, written or not; empty without `rules`."""
        if self._rules is None:
            return Tally()
        return Tally.from_counts(self._kernel.counts(), self._peers, self._rules)

    def __iter__(self) -> Iterator[RouteBatch]:
        """Yield batches; each holds the rows of one page, or of a part of one.

        Raises:
            DamageError: with on_damage="raise", at the first damage.
        """
        while self._framing.next_page() or self._framing.pass_tail():
            while (stop := self._walk_buffer()) is not Stop.END:
                # Damage may be dropped from the buffer that the rows point into.
                yield from self._take_rows()
                self._pass(stop)
            yield from self._take_rows()
        self._note_quality()

    def _walk_buffer(self) -> Stop:
        """Let the kernel read to the end of the buffer, or to what it cannot read."""
        kernel, framing = self._kernel, self._framing
        while True:
            framing.at, stop = kernel.walk(framing.buffer, framing.at, framing.base)
            for at, octets, expected, found in kernel.lost:
                framing.note(framing.base + at, octets, expected, found)
            kernel.lost.clear()
            if stop is not Stop.PEERS:
                return stop
            self._meet_peers()

    def _pass(self, stop: Stop) -> None:
        kernel, framing = self._kernel, self._framing
        if stop is Stop.BROKEN:
            self._read_of_broken += kernel.broken_at - framing.at
            framing.pass_broken(kernel.broken_at, kernel.record_end, kernel.expected, kernel.found)
        else:
            self._pass_unknown()

    def _meet_peers(self) -> None:
        kernel = self._kernel
        for index in range(len(self._peers), len(kernel.peers)):
            address, asn, bgp_id, local_asn, sent = kernel.peers[index]
            peer = Peer(
                IPv4Address(address) if len(address) == 4 else IPv6Address(address),
                asn,
                IPv4Address(bgp_id or bytes(4)),
            )
            self._peers.append(DumpPeer(peer, local_asn, sent))
            viewpoint = self._viewpoint(self._peers[index])
            if viewpoint is not None:
                own = -1 if viewpoint.asn is None else viewpoint.asn
                kernel.see(index, viewpoint.reading, own)

    def _take_rows(self) -> Iterator[RouteBatch]:
        rows = self._kernel.take_rows()
        if len(rows):
            yield RouteBatch(rows, tuple(self._peers), self._framing.buffer)

    def _pass_unknown(self) -> None:
        """Go on after a head of no known type: an unsupported record, or no record at all."""
        framing, kernel = self._framing, self._kernel
        kind, subtype, length = struct.unpack_from(">HHI", framing.buffer, framing.at + 4)
        end = kernel.record_end
        if length > MAX_RECORD or not framing.is_sound(end):
            framing.pass_headless()
            return
        key = (kind, subtype)
        kernel.unsupported[key] = kernel.unsupported.get(key, 0) + 1
        kernel.may_hide += may_hold_ipv4(kind, subtype)
        kernel.octets_skipped += end - framing.at
        framing.at = end

    def _note_quality(self) -> None:
        kernel, framing = self._kernel, self._framing
        self.quality = Quality(
            octets=framing.octets,
            records=kernel.records,
            entries=sum(each.entries for each in self.counts),
            malformed=kernel.malformed,
            read=kernel.octets_read + self._read_of_broken,
            skipped=kernel.octets_skipped,
            lost=framing.lost,
            damages=framing.damages,
            damage=tuple(framing.damage),
            unsupported=tuple(
                (kind, subtype, count)
                for (kind, subtype), count in sorted(kernel.unsupported.items())
            ),
            may_hide_routes=kernel.may_hide,
            undeclared_path_ids=kernel.undeclared_path_ids,
        )


def _peer_counts(peer: DumpPeer, count: PeerCount) -> PeerCounts:
    entries, withdrawn, tagged, ipv6, seen = count
    families = ((4, END_OF_RIB_4), (6, END_OF_RIB_6))
    ended = tuple(family for family, bit in families if seen & bit)
    return PeerCounts(peer, entries, withdrawn, tagged, ipv6, bool(seen & OPENED), ended)
