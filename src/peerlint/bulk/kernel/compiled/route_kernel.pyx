# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: freethreading_compatible=False
# distutils: extra_compile_args = -O2 -g0
"""The compiled route kernel. Reference and specification: `python.route_kernel`, with its parts.

Its parts are the `.pxd` files beside it; each that has a specification names it. The C compiler
sees all of them as one file.

All octets of a dump are read by the functions of `octets`, or compared behind a CHECK, and each
read has a guard in the lines above it; built with PEERLINT_CHECKED, it aborts where the guard is
missing. Rare things (peer tables, state changes, new sessions, messages) are left to Python.
Nothing is allocated for a row.

A kernel may be used by one thread at a time, which its callers ensure (`peerlint.api.exclusive`).
An interpreter without a global lock turns one on when it loads this module, for the parts that
are left to Python.
"""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

import numpy as np

from peerlint.bulk.kernel.compiled.asns cimport load_asns, probes_of_asns
from peerlint.bulk.kernel.compiled.attributes cimport is_tagged, load_communities
from peerlint.bulk.kernel.compiled.contract cimport (
    ADD_PATH, AS4, ASKED, BROKEN, DOWN, END, GOOD, HAS_OPEN, INTERNAL, LEFT_OUT, Loss, MAX_RECORD, MOMENTS, NEW_SESSION,
    NO_ATTRIBUTES, NO_ENTRY, NO_MEMORY, NO_PEER_TABLE, NO_RECORD_END, OPENED, PEER_INDEX, RARE, RIB,
    Row, Run, DESCRIBED, STARTED, TABLE_HEAD,
    OF_LOC_RIB, UNKNOWN, UPDATE, broken_at, contract_codes, needs,
)
from peerlint.bulk.kernel.compiled.counts cimport (
    Alike, Counter, LENGTHS, count_prefix, expect_prefix, load_counter,
)
from peerlint.bulk.kernel.compiled.messages cimport find_session, read_message
from peerlint.bulk.kernel.compiled.monitoring cimport Monitored, read_bmp
from peerlint.bulk.kernel.compiled.octets cimport Octets, u16, u32
from peerlint.bulk.kernel.compiled.other_routes cimport (
    OtherRoutes, add_others, clear_others, key_of, shows,
)
from peerlint.bulk.kernel.compiled.paths cimport make_paths
from peerlint.bulk.kernel.compiled.peers cimport (
    IN_TABLE, Peer, Session, add_head, add_peer, cell_of_session, touch,
)
from peerlint.bulk.kernel.compiled.prefixes cimport (
    Prefix, load_ranges, load_special, prefix_bits, read_prefix,
)
from peerlint.bulk.kernel.compiled.rows cimport (
    Rows, add_route, compute_entry_facts, free_rows, note, note_message, note_record,
    passes_filter, reserve,
    settle_noted, starts_anew, write,
)
from peerlint.bulk.kernel.compiled.runs cimport Runs, add_to_run
from peerlint.bulk.kernel.compiled.table_dumps cimport read_table_dump
from peerlint.bulk.kernel.compiled.siphash cimport Key, load_key
from peerlint.bulk.kernel.compiled.tables cimport Table, make_table, probes_of
from peerlint.bulk.kernel.compiled.values cimport load_types, type_codes

from peerlint.bulk.kernel import contract
from peerlint.bulk.kernel.counts import Counts
from peerlint.bulk.kernel.criteria import asn_ranges, blocks, community_bits
from peerlint.bulk.kernel.lost_parts import LostParts
from peerlint.bulk.kernel.peers import (
    read_monitored_peer, read_peer_table, read_session, read_state_change, read_table_name,
    read_table_peer,
)
from peerlint.bulk.kernel.siphash import PROCESS_KEY
from peerlint.bulk.kernel.unread import examine_unread
from peerlint.bulk.asn_counts import AsnCounts
from peerlint.errors import WireError
from peerlint.wire import mrt
from peerlint.wire.mrt import body_of
from peerlint.wire.damage import SkippedKinds
from peerlint.wire.attribute_types import AttributeType, Treatment
from peerlint.wire.bgp import MARKER, decode_open
from peerlint.wire.bmp import PeerFlags, PeerType
from peerlint.wire.nlri import FAMILIES
from peerlint.wire.raw_types import RAW_FLAGS

cdef struct Subtype:
    bint known
    uint8_t family, safi, form
    bint local


def codes():
    """Return the constants of the parts by their names in the contract, for a test."""
    return contract_codes() | type_codes()


cdef columns_of(const Table* table):
    """Return the keys of a table, and as many of each of their numbers."""
    cdef uint64_t size = (table.mask + 1) * table.stride
    cells = np.asarray(<uint64_t[:size]> table.cells).reshape(-1, <int64_t> table.stride)
    used = cells[:, 0] != 0
    return [column.compress(used) for column in cells.T]


cdef take_others(OtherRoutes* one):
    """See `python.other_routes.OtherRoutes.take`."""
    if not one.is_touched:
        return None
    found = (-1 if one.is_uncounted else one.others.used, bool(one.is_grown))
    one.is_touched = one.is_grown = False
    return found


@cython.final
cdef class Kernel:
    """See `python.route_kernel.Kernel`."""

    cdef public list peers, snapshot_of
    cdef public object unsupported, lost
    cdef public dict headers             # of the tables of a BMP stream
    cdef public int64_t foreign, asked
    cdef public int64_t records, octets_read, octets_skipped, may_hide
    cdef public str expected, found
    cdef uint64_t record_types
    cdef Subtype ribs[64]
    cdef Subtype messages[64]
    cdef dict by_session
    cdef list begun                      # snapshots
    cdef dict views                      # of TABLE_DUMP: see `python.snapshots.Snapshots._views`
    cdef uint32_t* table                 # peer index -> index into `peers`
    cdef int64_t table_size              # -1 without a table
    cdef tuple last_table                # see `python.route_kernel.Kernel._last_table`
    cdef public int64_t max_peers, max_snapshots
    cdef Rows rows

    def __cinit__(self, *args, bytes key not None=PROCESS_KEY, **named):
        cdef Key hash_key = load_key(key)
        self.table_size = self.asked = -1
        self.rows.others.key = hash_key
        if not make_paths(&self.rows.facts.paths, hash_key) or not make_table(
            &self.rows.peers.sessions, <uint64_t> -1, 1, 0, True, hash_key
        ):
            raise MemoryError

    def __dealloc__(self):
        free(self.table)
        free_rows(&self.rows)

    def __init__(
        self, criteria, prefix_filter, *, tagged_too, writing=True, runs=False, violations=None,
        limits=contract.LIMITS, bytes key not None=PROCESS_KEY,
    ):
        self.peers, self.lost, self.by_session = [], LostParts(), {}
        self.unsupported = SkippedKinds()
        self.snapshot_of, self.begun, self.views = [], [], {}
        self.last_table, self.headers = (-1, {}), {}
        self.max_peers, self.max_snapshots = contract.MAX_PEERS, contract.MAX_SNAPSHOTS
        self.rows.hand = self.rows.view = -1
        self.rows.first_message = self.rows.last_message = -1
        self.expected = self.found = ""
        self.rows.tagged_too, self.rows.writing = tagged_too, writing
        self.rows.runs.wanted = runs
        load_counter(&self.rows.counter, violations, limits, load_key(key))
        self.load_wire()
        self.load_criteria(criteria, prefix_filter)

    cdef load_wire(self):
        for kind in mrt.MrtType:
            self.record_types |= <uint64_t> 1 << <int> kind
        for subtype, (family, safi, add_path) in mrt.RIB_SUBTYPES.items():
            form = AS4 | (ADD_PATH if add_path else 0)
            self.ribs[subtype] = Subtype(True, family, safi, form, False)
        for subtype, (as4, local, add_path) in mrt.MESSAGE_SUBTYPES.items():
            form = UPDATE | (AS4 if as4 else 0) | (ADD_PATH if add_path else 0)
            self.messages[subtype] = Subtype(True, 0, 0, form, local)
        load_types(&self.rows.facts.values, AttributeType, Treatment.DISCARD, RAW_FLAGS)

    cdef load_criteria(self, criteria, prefix_filter):
        load_asns(&self.rows.facts.paths.asns, asn_ranges(criteria))
        self.rows.facts.paths.max_path = criteria.max_path
        wanted, bits = criteria.community, community_bits(criteria)
        load_communities(&self.rows.facts.communities, wanted, bits)
        for side, family, width in ((0, 4, 32), (1, 6, 128)):
            load_special(&self.rows.special[<int> side], blocks(family, criteria))
            # Without a filter, all addresses pass.
            firsts = [0] if prefix_filter is None else prefix_filter.firsts[family]
            lasts = [(1 << width) - 1] if prefix_filter is None else prefix_filter.lasts[family]
            load_ranges(&self.rows.prefix_filter[<int> side], firsts, lasts, 128 - width)

    @property
    def malformed(self):
        return self.rows.counter.malformed

    @property
    def undeclared_path_ids(self):
        return self.rows.undeclared_path_ids

    @property
    def broken_at(self):
        return self.rows.broken.at

    @property
    def record_end(self):
        return self.rows.end

    # -- questions of the caller

    cdef Peer* peer(self, int64_t index) except NULL:
        if not 0 <= index < self.rows.peers.count:
            raise IndexError(index)
        return self.rows.peers.known + index

    def set_viewpoint(self, int64_t peer, int reading, int64_t own):
        """See `python.route_kernel.Kernel.set_viewpoint`."""
        cdef Peer* one = self.peer(peer)
        one.reading, one.own = reading, own
        one.chunk = 0

    def count(self, int64_t peer):
        """See `python.route_kernel.Kernel.count`."""
        cdef Peer* one = self.peer(peer)
        return one.entries, one.withdrawn, one.tagged, one.ipv6, one.seen

    def moments(self, int64_t peer):
        """See `python.route_kernel.Kernel.moments`."""
        cdef Peer* one = self.peer(peer)
        return tuple([
            None if one.moments[event].time < 0
            else (one.moments[event].time, one.moments[event].record)
            for event in range(MOMENTS)
        ])

    @property
    def messages(self):
        if self.rows.first_message < 0:
            return None
        return self.rows.first_message, self.rows.last_message

    def snapshots(self):
        """See `python.route_kernel.Kernel.snapshots`."""
        self.settle_snapshot()
        return self.begun

    def drop_table(self):
        """See `python.route_kernel.Kernel.drop_table`."""
        self.table_size = -1

    def take_rows(self):
        """See `python.route_kernel.Kernel.take_rows`."""
        octets = np.empty(self.rows.count * sizeof(Row), np.uint8)
        cdef uint8_t[::1] view = octets
        if self.rows.count:
            memcpy(&view[0], self.rows.written, view.nbytes)
        self.rows.count = 0
        return octets.view(contract.ROW)

    def take_runs(self):
        """See `python.route_kernel.Kernel.take_runs`."""
        cdef Runs* runs = &self.rows.runs
        octets = np.empty(runs.count * sizeof(Run), np.uint8)
        cdef uint8_t[::1] view = octets
        if runs.count:
            memcpy(&view[0], runs.written, view.nbytes)
        runs.count = 0
        return octets.view(contract.RUN)

    def counts(self):
        """See `python.route_kernel.Kernel.counts`."""
        cdef Counter* counter = &self.rows.counter
        cdef Peer* known = self.rows.peers.known
        cdef int64_t index
        peers = range(self.rows.peers.count)
        words, routes, _ = columns_of(&counter.words)
        origins, by_origin, violating = columns_of(&counter.origins)
        origins = origins.view(np.int64) - 2
        lengths = np.asarray(<uint64_t[:LENGTHS]> counter.lengths)
        (met,) = lengths.nonzero()
        (prefixes,) = columns_of(&counter.prefixes)
        return Counts(
            words=dict(zip((words - 1).tolist(), routes.tolist(), strict=True)),
            unsorted=counter.unsorted,
            withdrawals=counter.withdrawals,
            peers=[(known[index].routes, known[index].violating) for index in peers],
            origins=AsnCounts.of(origins, by_origin),
            violating_origins=AsnCounts.of(origins, violating),
            path_lengths=dict(zip(met.tolist(), lengths[met].tolist(), strict=True)),
            prefixes=prefixes,
            prefixes_full=counter.prefixes_full,
        )

    def other_cells(self):
        """Return how many cells the first table of other routes has, for tests."""
        cdef Table* others = &self.others(0).others
        return 0 if others.cells == NULL else others.mask + 1

    def probes(self):
        """Return for each table its keys, and the cells probed to find each once, for tests."""
        cdef uint64_t asns, probes = probes_of_asns(&self.rows.facts.paths.met, &asns)
        cdef Counter* counter = &self.rows.counter
        cdef uint64_t others = 0, other_probes = 0
        if self.rows.others.count:
            others = self.rows.others.known[0].others.used
            other_probes = probes_of(&self.rows.others.known[0].others)
        return {
            "others": (others, other_probes),
            "sessions": (self.rows.peers.sessions.used, probes_of(&self.rows.peers.sessions)),
            "words": (counter.words.used, probes_of(&counter.words)),
            "origins": (counter.origins.used, probes_of(&counter.origins)),
            "prefixes": (counter.prefixes.used, probes_of(&counter.prefixes)),
            "asns": (asns, probes),
        }

    def read(self, bytes buffer not None, int64_t at, uint64_t base):
        """See `python.route_kernel.Kernel.read`."""
        cdef int step
        if at < 0:
            raise IndexError(at)
        self.rows.octets = Octets(<const uint8_t*> <const char*> buffer, len(buffer))
        self.rows.at, self.rows.base = at, base
        self.rows.chunk += 1
        while True:
            with nogil:
                step = self.run()
            if step == NO_MEMORY:
                raise MemoryError
            try:
                if step == NEW_SESSION:
                    self.add_session(self.session_row(buffer))
                    return self.rows.at, contract.Stop.PEERS
                if step == DESCRIBED:
                    self.records += 1
                    stop = contract.Stop.BROKEN
                else:
                    stop = self.rare(buffer) if step == RARE else contract.Stop(step)
                    if stop is contract.Stop.BROKEN:
                        self.describe(buffer)
            except contract.BrokenError as broken:
                self.records += 1
                broken_at(
                    &self.rows.broken, broken.at, broken.fault, broken.wanted, broken.found
                )
                self.describe(buffer)
                stop = contract.Stop.BROKEN
            except WireError as error:  # of a record that is not read
                self.records += 1
                self.rows.broken.at = error.offset
                self.expected, self.found = error.expected, error.found
                stop = contract.Stop.BROKEN
            if stop is contract.Stop.BROKEN or stop is contract.Stop.UNKNOWN:
                self.rows.is_damaged = True
            if stop is not None:
                settle_noted(&self.rows)
                self.rows.octets = Octets(NULL, 0)
                return self.rows.at, stop

    # -- BMP

    def set_form(self, int64_t peer, uint8_t families, *, bint internal):
        """See `python.monitoring.Monitoring.set_form`."""
        cdef Peer* one = self.peer(peer)
        one.families = families
        one.form = one.form & ~INTERNAL | (INTERNAL if internal else 0)

    def frames(self, int64_t peer):
        """See `python.monitoring.Monitoring.frames`."""
        return self.peer(peer).frames

    def leave_out(self, int64_t peer):
        """See `python.monitoring.Monitoring.leave_out`."""
        self.peer(peer).reading = LEFT_OUT

    def ask(self, int64_t peer):
        """See `python.monitoring.Monitoring.ask`."""
        self.peer(peer).reading = ASKED

    def touch(self, int64_t peer):
        """See `python.monitoring.Monitoring.touch`."""
        self.peer(peer)
        touch(&self.rows.peers, peer)

    def take_touched(self):
        """See `python.monitoring.Monitoring.take_touched`."""
        cdef int64_t one = self.rows.peers.touched
        cdef Peer* peer
        found = []
        while one > 0:
            peer = self.peer(one - 1)
            found.append(one - 1)
            one, peer.touched, peer.is_touched = peer.touched, 0, False
        self.rows.peers.touched = 0
        found.reverse()
        return found

    # -- routes of live tables without rows

    @property
    def room(self):
        """See `python.rows.Rows.room`."""
        return self.rows.others.room

    @room.setter
    def room(self, uint64_t routes):
        self.rows.others.room = routes

    def add_others(self):
        """See `python.rows.Rows.add_others`."""
        if not add_others(&self.rows.others):
            raise MemoryError
        return self.rows.others.count - 1

    cdef OtherRoutes* others(self, int64_t number) except NULL:
        if not 0 <= number < self.rows.others.count:
            raise IndexError(number)
        return self.rows.others.known + 2 * number

    def count_others(self, int64_t peer, int64_t others):
        """See `python.rows.Rows.count_others`."""
        self.others(others)
        self.peer(peer).others = others

    def clear_others(self, int64_t others):
        """See `python.rows.Rows.clear_others`."""
        cdef OtherRoutes* both = self.others(others)
        clear_others(&self.rows.others, &both[0])
        clear_others(&self.rows.others, &both[1])

    def take_others(self, int64_t others):
        """See `python.rows.Rows.take_others`."""
        cdef OtherRoutes* both = self.others(others)
        return take_others(&both[0]), take_others(&both[1])

    def shows(self, int64_t peer, tuple route, *, bint tagged, bint gone):
        """See `python.rows.Rows.shows`."""
        cdef Prefix prefix
        cdef int found
        cdef OtherRoutes* both = self.others(self.peer(peer).others)
        family, first, length, path_id = route
        prefix.family, prefix.safi, prefix.length, prefix.path_id = family, 1, length, path_id
        prefix.hi = first << 32 if family == 4 else first >> 64
        prefix.lo = 0 if family == 4 else first & 0xFFFFFFFFFFFFFFFF
        if passes_filter(&self.rows, &prefix):
            return True
        found = shows(
            &self.rows.others, &both[family == 6], key_of(&self.rows.others, &prefix), tagged, gone
        )
        if found < 0:
            raise MemoryError
        return bool(found)

    def read_bmp(self, bytes buffer not None, int64_t at, uint64_t base, int64_t longest):
        """See `python.monitoring.Monitoring.read_bmp`."""
        cdef Monitored total = Monitored(0, 0, 0, 0, -1)
        cdef int step
        if at < 0:
            raise IndexError(at)
        self.rows.octets = Octets(<const uint8_t*> <const char*> buffer, len(buffer))
        self.rows.at, self.rows.base = at, base
        self.rows.chunk += 1
        with nogil:
            step = read_bmp(&self.rows, longest, &total)
        self.rows.octets = Octets(NULL, 0)
        self.records += total.records
        self.octets_read += total.read
        self.octets_skipped += total.skipped
        self.foreign += total.foreign
        if step == NO_MEMORY:
            raise MemoryError
        if step == NEW_SESSION:
            self.asked = total.asked
            if self.asked >= 0:
                return self.rows.at, contract.Stop.PEERS
            head = buffer[self.rows.at + 6 : self.rows.at + 6 + TABLE_HEAD]
            return self.rows.at, self.meet_table(head)
        return self.rows.at, contract.Stop(step)

    cdef meet_table(self, bytes head):
        """See `python.monitoring.Monitoring._meet_table`; the type of the peer is known."""
        cdef Peer* one
        if self.rows.peers.count >= self.max_peers:
            return contract.Stop.FRAME
        index = self.add_peer(read_monitored_peer(head))
        one = self.peer(index)
        as4 = head[0] == PeerType.LOC_RIB or not head[1] & PeerFlags.A
        loc_rib = OF_LOC_RIB if head[0] == PeerType.LOC_RIB else 0
        one.form = UPDATE | loc_rib | (AS4 if as4 else 0)
        memcpy(one.head, <const char*> head, TABLE_HEAD)
        if not add_head(&self.rows.peers, index):
            raise MemoryError
        self.headers[index] = head
        return contract.Stop.PEERS

    # -- rare records

    cdef describe(self, bytes buffer):
        broken = self.rows.broken
        octets = buffer[broken.at : min(broken.at + 16, self.rows.end)]
        texts = contract.describe(broken.fault, broken.wanted, broken.found, octets)
        self.expected, self.found = texts

    cdef body(self):
        """Return where the body of the current record starts, after its microseconds if it has any."""
        return self.rows.at + (16 if u16(self.rows.octets, self.rows.at + 4) == 17 else 12)

    cdef session_row(self, bytes buffer):
        kind, subtype = u16(self.rows.octets, self.rows.at + 4), u16(self.rows.octets, self.rows.at + 6)
        if kind == mrt.MrtType.TABLE_DUMP:
            return read_table_peer(buffer, self.rows.newcomer, FAMILIES[subtype])
        as4, local, _ = mrt.MESSAGE_SUBTYPES[subtype]
        return read_session(buffer, self.body(), self.rows.end, as4=as4, local=local)[0]

    cdef rare(self, bytes buffer):
        """Read a record that `run` cannot read; return why to stop, or None to go on."""
        at, end, stop = self.rows.at, self.rows.end, None
        kind, subtype = u16(self.rows.octets, at + 4), u16(self.rows.octets, at + 6)
        if kind == mrt.MrtType.TABLE_DUMP_V2 and subtype == mrt.PEER_INDEX_TABLE:
            self.table_size = -1  # a broken table must not leave the one before it in force
            table = read_peer_table(buffer, at + 12, end)
            collector, view = read_table_name(buffer, at + 12, end)
            self.load_table(table, collector, view)
            self.octets_read += end - at
            stop = contract.Stop.PEERS
        elif kind == mrt.MrtType.TABLE_DUMP and subtype in FAMILIES:
            view, sequence = u16(self.rows.octets, at + 12), u16(self.rows.octets, at + 14)
            self.find_snapshot(view, subtype, sequence)
            return None  # the record is read once more
        elif kind != mrt.MrtType.TABLE_DUMP_V2 and subtype in mrt.STATE_CHANGE_SUBTYPES and (
            kind == mrt.MrtType.BGP4MP or kind == mrt.MrtType.BGP4MP_ET
        ):
            as4 = mrt.STATE_CHANGE_SUBTYPES[subtype]
            found = read_state_change(buffer, self.body(), end, as4=as4)
            if found is not None:
                row, state = found
                if row not in self.by_session:
                    self.add_session(row)
                    return contract.Stop.PEERS
                if state == contract.ESTABLISHED:
                    self.peer(self.by_session[row]).seen |= OPENED
                note(
                    &self.rows, self.peer(self.by_session[row]),
                    STARTED if state == contract.ESTABLISHED else DOWN,
                )
            note_message(&self.rows)
            self.octets_read += end - at
        else:
            if kind in mrt.EXTENDED_TYPES:
                contract.need(at + 12, 4, end)
            if self.is_foreign(kind, subtype, buffer):
                self.skip(kind, subtype)
            else:
                self.examine(kind, subtype, body_of(buffer, self.body(), end))
                if self.is_message(kind, subtype):
                    note_message(&self.rows)
        self.records += 1
        self.rows.at = end
        return stop

    cdef skip(self, kind, subtype):
        self.unsupported.add(kind, subtype)
        self.octets_skipped += self.rows.end - self.rows.at

    cdef bint is_foreign(self, kind, subtype, bytes buffer):
        """Whether the current record has messages of a session, which `run` has read."""
        if not self.is_message(kind, subtype):
            return False
        as4, _, _ = mrt.MESSAGE_SUBTYPES[subtype]
        at = self.body() + (8 if as4 else 4)
        return buffer[at : min(at + 16, self.rows.end)] != MARKER

    cdef bint is_message(self, kind, subtype):
        return subtype in mrt.MESSAGE_SUBTYPES and (
            kind == mrt.MrtType.BGP4MP or kind == mrt.MrtType.BGP4MP_ET
        )

    cdef begin_snapshot(self, bytes collector, bytes view, is_late=False):
        """See `python.snapshots.Snapshots._begin_snapshot`; a view of TABLE_DUMP is still to be set."""
        self.settle_snapshot()
        if len(self.begun) >= self.max_snapshots:
            raise contract.BrokenError(
                self.rows.at + 12, contract.Fault.SNAPSHOTS, self.max_snapshots, 0
            )
        time = self.rows.timestamp
        self.rows.hand = len(self.begun)
        record = self.rows.base + self.rows.at
        self.begun.append((collector, view, time, record, 0, time, None, is_late))
        self.rows.families, self.rows.last = 0, time
        for subtype in range(64):
            self.rows.sequences[<int> subtype] = -1
        self.rows.is_damaged, self.rows.lost_start.time = False, -1
        self.rows.view = -1

    cdef settle_snapshot(self):
        """See `python.snapshots.Snapshots._settle_snapshot`."""
        if not self.begun:
            return
        collector, view, time, record, _, _, _, is_late = self.begun[self.rows.hand]
        start = self.rows.lost_start
        lost = None if start.time < 0 else (start.time, start.record)
        known = (self.rows.families, self.rows.last, lost, is_late)
        self.begun[self.rows.hand] = (collector, view, time, record, *known)
        if self.rows.view >= 0:
            sequences = (self.rows.sequences[1], self.rows.sequences[2])
            self.views[self.rows.view] = (self.rows.hand, *sequences)

    cdef find_snapshot(self, view, subtype, sequence):
        """See `python.snapshots.Snapshots._find_snapshot`."""
        if self.rows.view != view and view in self.views:
            self.take_up(view)
        if self.rows.view != view or starts_anew(&self.rows, subtype, sequence):
            is_late = bool(self.rows.is_damaged) and sequence > 0
            self.begin_snapshot(b"", int(view).to_bytes(2, "big"), is_late)
            self.rows.view = view

    cdef take_up(self, view):
        """See `python.snapshots.Snapshots._take_up`."""
        self.settle_snapshot()
        hand, one, two = self.views[view]
        _, _, _, _, families, last, lost, _ = self.begun[hand]
        for subtype in range(64):
            self.rows.sequences[<int> subtype] = -1
        self.rows.hand, self.rows.sequences[1], self.rows.sequences[2] = hand, one, two
        self.rows.families, self.rows.last = families, last
        self.rows.lost_start.time = -1 if lost is None else lost[0]
        self.rows.lost_start.record = 0 if lost is None else lost[1]
        self.rows.is_damaged, self.rows.view = False, view

    cdef examine(self, kind, subtype, octets):
        """See `python.rows.Rows._pass_unread`."""
        peers = None if self.table_size < 0 else self.table_size
        found = examine_unread(kind, subtype, octets, peers)
        lost = sum([each.octets for each in found.lost])
        for each in found.lost:
            self.lost.add(self.body() + each.offset, each.octets, each.expected, each.found)
        if found.error is not None:
            self.octets_read -= lost
            raise found.error.moved(self.body())
        if found.is_read:
            self.octets_read += self.rows.end - self.rows.at - lost
        else:
            self.octets_skipped -= lost
            self.may_hide += found.may_hide
            self.skip(kind, subtype)

    cdef load_table(self, list table, bytes collector, bytes view):
        """See `python.route_kernel.Kernel._peer_index_table`."""
        known = self.peers_of_empty_table(collector, view)
        cdef dict peers = dict.fromkeys(table, -1)
        self.need_room(len(peers.keys() - known.keys()))
        self.begin_snapshot(collector, view)
        for row in peers:
            if row in known:
                peers[row] = known[row]
                self.snapshot_of[known[row]] = self.rows.hand
            else:
                peers[row] = self.add_peer(row, self.rows.hand)
        self.set_table([peers[row] for row in table])
        self.last_table = self.rows.hand, peers

    cdef dict peers_of_empty_table(self, bytes collector, bytes view):
        """See `python.route_kernel.Kernel._peers_of_empty_table`."""
        number, peers = self.last_table
        if number < 0:
            return {}
        self.settle_snapshot()
        begun = self.begun[number]
        if begun[0] != collector or begun[1] != view or begun[4]:
            return {}
        for index in peers.values():
            if self.peer(index).entries:
                return {}
        return peers

    cdef set_table(self, list indexes):
        cdef int64_t index
        self.table = <uint32_t*> realloc(self.table, (len(indexes) + 1) * sizeof(uint32_t))
        if self.table == NULL:
            raise MemoryError
        for index in range(len(indexes)):
            self.table[index] = indexes[index]
        self.table_size = len(indexes)

    cdef need_room(self, int64_t more):
        """See `python.rows.Rows._need_room`."""
        if self.rows.peers.count + more > self.max_peers:
            raise contract.BrokenError(
                self.rows.at + 12, contract.Fault.PEERS, self.max_peers,
                self.rows.peers.count + more,
            )

    cdef add_peer(self, tuple row, snapshot=-1):
        self.need_room(1)
        if not add_peer(&self.rows.peers, contract.UNWANTED):
            raise MemoryError
        self.peers.append(row)
        self.snapshot_of.append(snapshot)
        return self.rows.peers.count - 1

    cdef add_session(self, tuple row):
        cdef Session session
        cdef bytes address = row[0]
        cdef bint in_table = row[3] is None
        index = self.add_peer(row, self.rows.hand if in_table else -1)
        memset(&session, 0, sizeof(Session))
        session.asn, session.local_asn, session.sent = row[1], row[3] or 0, row[4]
        if in_table:
            session.local_asn, session.sent = self.rows.hand, IN_TABLE
        session.size = len(address)
        memcpy(session.address, <char*> address, session.size)
        self.peer(index).session = session
        cell_of_session(&self.rows.peers, &session)[1] = index + 1
        if not in_table:
            self.by_session[row] = index

    # -- without the GIL

    cdef int run(self) noexcept nogil:
        """Read records as far as possible without Python; return why it ended."""
        cdef Rows* rows = &self.rows
        cdef Octets octets = rows.octets
        cdef uint32_t kind, length
        cdef int step
        while rows.at + 12 <= octets.size:
            kind, length = u16(octets, rows.at + 4), u32(octets, rows.at + 8)
            rows.end = rows.at + 12 + length
            if length > MAX_RECORD or kind >= 64 or not self.record_types >> kind & 1:
                return UNKNOWN
            if rows.end > octets.size:
                return END
            step = self.record(kind, u16(octets, rows.at + 6))
            if step != GOOD and step != BROKEN:
                return step
            self.records += 1
            if step == BROKEN:
                return BROKEN
            self.octets_read += rows.end - rows.at
            if kind == 13:
                if rows.view < 0:
                    rows.last = rows.timestamp
            elif kind != 12:
                note_message(rows)
            rows.at = rows.end
        return END

    cdef inline int record(self, uint32_t kind, uint32_t subtype) noexcept nogil:
        cdef Rows* rows = &self.rows
        cdef int64_t start = rows.at + 12
        rows.timestamp = <int64_t> u32(rows.octets, rows.at) * 1_000_000
        if kind == 17:
            # Microseconds count in the length (RFC 6396 section 3).
            if not needs(&rows.broken, start, 4, rows.end):
                return BROKEN
            rows.timestamp += u32(rows.octets, start)
            start += 4
        if kind == 13 and subtype < 64 and self.ribs[subtype].known:
            return self.rib(subtype, self.ribs[subtype], start)
        if kind == 12 and 1 <= subtype <= 2:
            return read_table_dump(rows, subtype, start)
        if (kind == 16 or kind == 17) and subtype < 64 and self.messages[subtype].known:
            return self.message(self.messages[subtype], start)
        return RARE

    cdef int message(self, Subtype form, int64_t at) noexcept nogil:
        """See `python.messages.Messages._message`."""
        cdef Rows* rows = &self.rows
        cdef int64_t peer, first, start, lost = 0
        cdef bint is_foreign = False
        cdef int step = find_session(rows, &form.form, form.local, &at, &peer)
        first = at
        if peer < 0:
            return step
        # RFC 6396 speaks of one message, but more may stand there.
        while step == GOOD and (at == first or at < rows.end):
            start = at
            rows.losses = 0
            step = read_message(rows, peer, form.form, &at, at == first, &is_foreign)
            if rows.losses:
                lost += self.note_losses()
            if step == HAS_OPEN:
                step = self.read_open(peer, start + 19, at)
        if step == GOOD and is_foreign:
            self.octets_skipped -= lost
            return RARE
        self.octets_read -= lost
        return step

    cdef int read_open(self, int64_t peer, int64_t at, int64_t end) noexcept with gil:
        """Read the body of an OPEN, which is rare."""
        cdef bytes octets = (<const char*> self.rows.octets.first)[at:end]
        try:
            decode_open(octets)
        except WireError as error:
            self.rows.broken.at = at + error.offset
            self.expected, self.found = error.expected, error.found
            return DESCRIBED
        self.rows.peers.known[peer].seen |= OPENED
        note(&self.rows, self.rows.peers.known + peer, STARTED)
        return GOOD

    cdef int64_t note_losses(self) noexcept nogil:
        """Record what is lost of the current message; return how many octets."""
        cdef Loss one
        cdef int64_t octets = 0
        cdef int index
        for index in range(self.rows.losses):
            one = self.rows.lost[index]
            octets += one.end - one.at
            with gil:
                texts = ()
                if not self.lost.is_full:
                    texts = contract.describe(one.fault, one.wanted, one.found)
                self.lost.add(one.at, one.end - one.at, *texts)
        return octets

    cdef int rib(self, uint32_t subtype, Subtype form, int64_t at) noexcept nogil:
        """See `python.route_kernel.Kernel._rib`."""
        cdef Rows* rows = &self.rows
        cdef Octets octets = rows.octets
        cdef Prefix prefix
        cdef int64_t count, sequence
        cdef bint inside
        prefix.family, prefix.safi, prefix.path_id = form.family, form.safi, -1
        if not needs(&rows.broken, at, 4, rows.end):
            return BROKEN
        sequence = u32(octets, at)
        at = read_prefix(octets, at + 4, rows.end, &prefix, &rows.broken)
        if at < 0 or not needs(&rows.broken, at, 2, rows.end):
            return BROKEN
        count = u16(octets, at)
        at += 2
        if self.table_size < 0:
            return broken_at(&rows.broken, at, NO_PEER_TABLE, 0, 0)
        note_record(rows, subtype, form.family, form.safi, sequence)
        inside = passes_filter(rows, &prefix)
        if inside or rows.tagged_too:
            if not reserve(rows, min(count, rows.end - at)):
                return NO_MEMORY
            expect_prefix(&rows.counter, &prefix)
        return self.rib_entries(at, count, &prefix, form.form, inside)

    cdef int rib_entries(
        self, int64_t at, int64_t count, Prefix* prefix, uint8_t form, bint inside
    ) noexcept nogil:
        """See `python.route_kernel.Kernel._rib_entries`."""
        cdef Rows* rows = &self.rows
        cdef Octets octets = rows.octets
        cdef int64_t head = 12 if form & ADD_PATH else 8, end = rows.end, after, size
        cdef uint32_t bits = prefix_bits(&rows.special[prefix.family == 6], prefix), index
        cdef bint seen = False
        cdef Peer* peer
        cdef Alike* alike
        cdef int fault = GOOD
        while count > 0:
            count -= 1
            if at + head > end:
                fault, size = NO_ENTRY, 0
                break
            index, size = u16(octets, at), u16(octets, at + head - 2)
            after = at + head + size
            if after > end:
                fault = NO_ATTRIBUTES
                break
            if index >= self.table_size:
                self.lose(at, after, index)
                at = after
                continue
            peer = rows.peers.known + self.table[index]
            peer.entries += 1
            if peer.reading >= 0:
                peer.ipv6 += prefix.family == 6
                if inside or (
                    rows.tagged_too
                    and is_tagged(&rows.facts.communities, octets, at + head, after)
                ):
                    if form & ADD_PATH:
                        prefix.path_id = u32(octets, at + 6)
                    alike = compute_entry_facts(rows, peer, at + head, size, form)
                    add_route(rows, peer, bits)
                    add_to_run(&rows.runs, prefix, alike.route.origin)
                    if rows.writing:
                        write(rows, RIB, form, self.table[index], prefix, alike, at + head, size)
                    seen = True
            at = after
        if seen:
            count_prefix(&rows.counter, prefix)
        if fault == GOOD:
            if at == end:
                return GOOD
            fault, size = NO_RECORD_END, 0
        # The rest of the record is lost; what was read of it stays.
        return broken_at(&rows.broken, at, fault, size, end - at)

    cdef void lose(self, int64_t at, int64_t after, uint32_t index) noexcept nogil:
        with gil:
            texts = ()
            if not self.lost.is_full:
                texts = contract.describe(PEER_INDEX, self.table_size, index)
            self.lost.add(at, after - at, *texts)
            self.octets_read -= after - at
