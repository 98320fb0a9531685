"""The walk over one dump: octets in, batches out, damage accounted for."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal

import attrs
import numpy as np

from peerlint.bulk import _kernel_py as codes
from peerlint.bulk._kernel import Kernel, Stop
from peerlint.bulk.batch import ROW, DumpPeer, RouteBatch
from peerlint.bulk.damage import KEPT_DAMAGE, Damage, Quality
from peerlint.bulk.watch import Watch
from peerlint.errors import DamageError
from peerlint.model import Criteria, Fact, Viewpoint
from peerlint.wire.mrt import EXTENDED_TYPES, HEADER_OCTETS, MAX_RECORD, MrtType, Peer

#: After damage, reading goes on where so many record headers follow one another.
CHAIN: Final = 3
#: Headers of one chain are at most so far apart, in microseconds: a day.
CHAIN_SPAN: Final = 86_400_000_000
#: Subtypes that exist, by record type; for historical and OSPF types any below 64 will do.
_SUBTYPES_OF: Final[dict[int, range]] = dict.fromkeys(map(int, MrtType), range(64)) | {
    MrtType.TABLE_DUMP: range(1, 3),
    MrtType.TABLE_DUMP_V2: range(1, 13),
    MrtType.BGP4MP: range(12),
    MrtType.BGP4MP_ET: range(12),
}


@attrs.frozen
class PeerCounts:
    """What one peer of a dump showed.

    RIB records that a watch leaves out unread (see `Walk`) count nowhere.

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

    Iterate over it once; `quality` and `counts` are whole after that.

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
        on_damage: Literal["keep", "raise"] = "keep",
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            pages: the decompressed dump, in pieces of any size.
            source: its name.
            viewpoint: how the routes of a peer are seen, None if they are not asked for.
            criteria: what routes are measured against.
            watch: rows that do not overlap it are left out; None for all rows. Without
                `tagged_too`, entries of RIB records outside it are not read, not even for damage.
            tagged_too: rows outside `watch` are kept if they carry the community.
            on_damage: "raise" ends the walk at the first damage with a `DamageError`.
        """
        self.source = source
        self.quality = Quality()
        self._pages = iter(pages)
        self._viewpoint = viewpoint
        self._on_damage = on_damage
        self._kernel = Kernel(criteria, watch, tagged_too=tagged_too)
        self._peers: list[DumpPeer] = []
        self._buffer = b""
        self._at = 0  # in the buffer
        self._base = 0  # of the buffer in the stream
        self._ended = False
        self._damage: list[Damage] = []
        self._damages = self._lost = self._malformed = self._read_of_broken = 0

    @property
    def counts(self) -> tuple[PeerCounts, ...]:
        """What each peer showed."""
        kernel = self._kernel
        return tuple(
            PeerCounts(
                peer,
                kernel.entries[index],
                kernel.withdrawn[index],
                kernel.tagged[index],
                kernel.ipv6[index],
                bool(kernel.seen[index] & codes.OPENED),
                tuple(
                    family
                    for family, bit in ((4, codes.END_OF_RIB_4), (6, codes.END_OF_RIB_6))
                    if kernel.seen[index] & bit
                ),
            )
            for index, peer in enumerate(self._peers)
        )

    def __iter__(self) -> Iterator[RouteBatch]:
        """Yield batches; each holds the rows of one page.

        Raises:
            DamageError: with on_damage="raise", at the first damage.
        """
        while self._next_page() or self._pass_tail():
            self._walk_buffer()
            yield from self._take_rows()
        self._note_quality()

    # -- octets

    def _next_page(self) -> bool:
        """Drop what has been read and append a page; False at the end of the dump."""
        self._base += self._at
        self._buffer = self._buffer[self._at :]
        self._at = 0
        return self._extend()

    def _extend(self) -> bool:
        """Append a page; offsets into the buffer stay as they are."""
        page = None if self._ended else next(self._pages, None)
        if page is None:
            self._ended = True
            return False
        self._buffer += page
        return True

    def _has(self, end: int) -> bool:
        """Whether the dump goes up to an offset of the buffer; reads on to find out."""
        while end > len(self._buffer):
            if not self._extend():
                return False
        return True

    # -- records

    def _walk_buffer(self) -> None:
        """Let the kernel read as far as the buffer goes."""
        kernel = self._kernel
        while True:
            self._at, stop = kernel.walk(self._buffer, self._at, self._base)
            for at, octets, expected, found in kernel.lost:
                self._note_damage(at, octets, expected, found)
            kernel.lost.clear()
            if stop is Stop.END:
                return
            if stop is Stop.PEERS:
                self._meet_peers()
            elif stop is Stop.BROKEN:
                self._pass_broken()
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
                kernel.readings[index] = viewpoint.reading
                kernel.owns[index] = -1 if viewpoint.asn is None else viewpoint.asn

    def _take_rows(self) -> Iterator[RouteBatch]:
        if not self._kernel.rows:
            return
        rows = np.array(self._kernel.rows, dtype=ROW)
        self._kernel.rows.clear()
        self._malformed += int(np.count_nonzero(rows["facts"] & np.uint32(Fact.MALFORMED)))
        yield RouteBatch(rows, tuple(self._peers), self._buffer)

    # -- damage

    def _pass_broken(self) -> None:
        """Go on after a record whose body makes no sense."""
        kernel = self._kernel
        self._read_of_broken += kernel.broken_at - self._at
        if self._is_chain(kernel.record_end, at_least=1):
            # Its length can be believed: only the rest of the record is lost.
            resumed = kernel.record_end
        else:
            resumed = self._resynchronise(max(kernel.broken_at, self._at + 1))
        self._lose(kernel.broken_at, resumed, kernel.expected, kernel.found)

    def _pass_unknown(self) -> None:
        """Go on after a head of no known type: an unsupported record, or no record at all."""
        kind, subtype, length = struct.unpack_from(">HHI", self._buffer, self._at + 4)
        end = self._kernel.record_end
        if length <= MAX_RECORD and self._is_chain(end, at_least=CHAIN):
            key = (kind, subtype)
            self._kernel.unsupported[key] = self._kernel.unsupported.get(key, 0) + 1
            self._kernel.octets_skipped += end - self._at
            self._at = end
            return
        head = self._buffer[self._at : self._at + HEADER_OCTETS].hex()
        self._lose(self._at, self._resynchronise(self._at + 1), "an MRT record header", head)

    def _pass_tail(self) -> bool:
        """Account for what the end of the dump leaves; True if records were found in it."""
        at, size = self._at, len(self._buffer)
        if at == size:
            return False
        # A length that lies swallows the rest of the dump: is there another record inside?
        resumed = self._resynchronise(at + 1)
        if size - at < HEADER_OCTETS:
            expected = f"{HEADER_OCTETS} octets of MRT header"
        else:
            expected = f"{int.from_bytes(self._buffer[at + 8 : at + 12]):,} octets of record"
        found = f"{size - at:,} octets and the end of the dump"
        self._lose(at, resumed, expected, found)
        return self._at < size

    def _lose(self, at: int, resumed: int, expected: str, found: str) -> None:
        self._note_damage(at, resumed - at, expected, found)
        self._at = resumed

    def _note_damage(self, at: int, octets: int, expected: str, found: str) -> None:
        if self._on_damage == "raise":
            raise DamageError(self.source, self._base + at, expected=expected, found=found)
        self._damages += 1
        self._lost += octets
        if len(self._damage) < KEPT_DAMAGE:
            self._damage.append(Damage(self._base + at, octets, expected, found))

    def _resynchronise(self, at: int) -> int:
        """Return the next offset where a chain of record headers starts, or the dump's end."""
        while True:
            match = _HEADER_PATTERN.search(self._buffer, at)
            if match is not None:
                if self._is_chain(match.start(), at_least=2):
                    return match.start()
                at = match.start() + 1
            else:
                at = max(at, len(self._buffer) - HEADER_OCTETS + 1)
                if not self._extend():
                    return len(self._buffer)

    def _is_chain(self, at: int, *, at_least: int) -> bool:
        """Whether record headers follow one another from an offset of the buffer.

        Args:
            at: where the first should stand.
            at_least: how many will do where the dump ends inside the last of them; otherwise
                there have to be `CHAIN`, or as many as there is room for.
        """
        earliest: int | None = None
        for count in range(CHAIN):
            if not self._has(at + HEADER_OCTETS):
                return at == len(self._buffer) or count >= at_least
            header = _plausible(self._buffer, at)
            if header is None:
                return False
            timestamp, end = header
            if earliest is not None and abs(timestamp - earliest) > CHAIN_SPAN:
                return False
            earliest = timestamp
            if not self._has(end):
                return count + 1 >= at_least
            at = end
        return True

    def _note_quality(self) -> None:
        kernel = self._kernel
        self.quality = Quality(
            octets=self._base + self._at,
            records=kernel.records,
            entries=sum(kernel.entries),
            malformed=self._malformed,
            read=kernel.octets_read + self._read_of_broken,
            skipped=kernel.octets_skipped,
            lost=self._lost,
            damages=self._damages,
            damage=tuple(self._damage),
            unsupported=tuple(
                (kind, subtype, count)
                for (kind, subtype), count in sorted(kernel.unsupported.items())
            ),
        )


#: A timestamp, a type and a subtype that exist, and a length below `MAX_RECORD`.
_HEADER_PATTERN: Final = re.compile(
    rb"(?=....\0["
    + b"".join(re.escape(bytes((kind,))) for kind in sorted(MrtType))
    + rb"]\0[\0-\x3f](?:\0...|\x01\0\0\0))",
    re.DOTALL,
)


def _plausible(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Return timestamp and end of the record at `at` if its head of 12 octets can be one."""
    seconds, kind, subtype, length = struct.unpack_from(">IHHI", buffer, at)
    if length > MAX_RECORD or kind not in _SUBTYPES_OF or subtype not in _SUBTYPES_OF[kind]:
        return None
    if kind in EXTENDED_TYPES and length < 4:  # the microseconds, which may be on the next page
        return None
    return seconds * 1_000_000, at + HEADER_OCTETS + length
