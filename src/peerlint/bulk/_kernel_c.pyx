# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# distutils: extra_compile_args = -O2 -g0
"""The compiled kernel. Reference and specification: `_kernel_py` and the modules it is made of.

All octets of a dump are read by the functions of `_octets`, or compared behind a CHECK, and each
has a guard in the lines above it; built with PEERLINT_CHECKED, they abort where a guard is missing.
What is rare (peer tables, state changes, sessions that are new, sentences) is left to Python. Nothing is
allocated for a row.
"""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memmove, memset

import numpy as np

from peerlint.bulk._octets cimport CHECK, Octets, u8, u16, u32

from peerlint.bulk import _contract as contract
from peerlint.bulk._counts import Counts
from peerlint.bulk._criteria import asn_ranges, blocks, community_bits
from peerlint.bulk._peers import read_peer_table, read_session, read_state_change
from peerlint.model import Fact
from peerlint.wire import mrt
from peerlint.wire.attribute_types import AttributeType, Treatment

cdef extern from *:
    """
    #ifdef __GNUC__
    #define PREFETCH(address) __builtin_prefetch(address)
    #else
    #define PREFETCH(address) ((void)0)
    #endif
    """
    void PREFETCH(const void* address) noexcept nogil

# Codes of the contract, as compile-time constants; `test_codes` compares them.
cdef enum:
    RIB = 0, ANNOUNCE = 1, WITHDRAW = 2
    AS4 = 1, ADD_PATH = 2, UPDATE = 4
    OPENED = 1, END_OF_RIB_4 = 2, END_OF_RIB_6 = 4
    AS_IS = 0, OWN_ADDED = 1, OWN_IF_ABSENT = 2, FROM_OWN = 3, TRANSPARENT = 4
    AS_SET_TYPE = 1, SEQUENCE = 2, FIRST_CONFED = 3
    SHORT = 0, NO_PEER_TABLE = 2, NO_ENTRY = 3, NO_ATTRIBUTES = 4, NO_RECORD_END = 5
    PREFIX_LENGTH = 6, AFI = 7, MARKER = 9, MESSAGE_LENGTH = 10, MESSAGE_TYPE = 11
    REPEATED = 12, NEXT_HOP = 13, PEER_INDEX = 14
    MICROSOFT = 8075, AS_TRANS = 23456, MAX_RECORD = 1 << 24
    # Why `run` came back; the first four are those of `Stop`.
    END = 0, BROKEN = 2, UNKNOWN = 3, RARE = 4, NEW_SESSION = 5, NO_MEMORY = 6
    # What became of a record.
    GOOD = 10, FOREIGN = 11
    TYPES = 64        # attribute types that are looked at are smaller
    ASNS = 1 << 17    # members of two paths of 65,535 octets
    PLAIN = 1 << 11   # in blocks of 64: from here on AS numbers are public, up to the private ones
    NEAR_PATH = 24    # so many ASes are compared one with another, more through a table
    SHORT_PATH = 8    # paths up to here are judged without branches
    NO_BITS = 0xFFFFFFFF

cdef enum Facts:
    TAGGED = 1 << 0, NEAR_LARGE = 1 << 1, NEAR_EXTENDED = 1 << 2, LONG_PATH = 1 << 14
    PREPENDED = 1 << 17, LOOP = 1 << 18, AS_SET = 1 << 21, CONFED = 1 << 22
    EMPTY_PATH = 1 << 23, FIRST_AS_OTHER = 1 << 24, NO_ORIGIN = 1 << 25, IPV6 = 1 << 26
    SPECIAL_PREFIX = 1 << 27, LONGER_THAN_24 = 1 << 28, MALFORMED = 1 << 29
    NO_STATEMENT = 1 << 30


def codes():
    """Return the constants above by their names in the contract, for a test."""
    return dict(
        RIB=RIB, ANNOUNCE=ANNOUNCE, WITHDRAW=WITHDRAW, FORM_AS4=AS4, FORM_ADD_PATH=ADD_PATH,
        FORM_UPDATE=UPDATE, OPENED=OPENED, END_OF_RIB_4=END_OF_RIB_4, END_OF_RIB_6=END_OF_RIB_6,
        READING_AS_IS=AS_IS, READING_OWN_ADDED=OWN_ADDED, READING_OWN_IF_ABSENT=OWN_IF_ABSENT,
        READING_FROM_OWN=FROM_OWN, READING_TRANSPARENT=TRANSPARENT, FAULT_SHORT=SHORT,
        FAULT_NO_PEER_TABLE=NO_PEER_TABLE, FAULT_NO_ENTRY=NO_ENTRY, FAULT_AFI=AFI,
        FAULT_NO_ATTRIBUTES=NO_ATTRIBUTES, FAULT_NO_RECORD_END=NO_RECORD_END,
        FAULT_PREFIX_LENGTH=PREFIX_LENGTH, FAULT_MARKER=MARKER, FAULT_NEXT_HOP=NEXT_HOP,
        FAULT_MESSAGE_LENGTH=MESSAGE_LENGTH, FAULT_MESSAGE_TYPE=MESSAGE_TYPE,
        FAULT_REPEATED=REPEATED, FAULT_PEER_INDEX=PEER_INDEX, STOP_END=END, STOP_BROKEN=BROKEN,
        STOP_UNKNOWN=UNKNOWN, TAGGED=TAGGED, NEAR_LARGE=NEAR_LARGE, NEAR_EXTENDED=NEAR_EXTENDED,
        LONG_PATH=LONG_PATH, PREPENDED=PREPENDED, LOOP=LOOP, AS_SET=AS_SET, CONFED=CONFED,
        EMPTY_PATH=EMPTY_PATH, FIRST_AS_OTHER=FIRST_AS_OTHER, NO_ORIGIN=NO_ORIGIN, IPV6=IPV6,
        SPECIAL_PREFIX=SPECIAL_PREFIX, LONGER_THAN_24=LONGER_THAN_24, MALFORMED=MALFORMED,
        NO_STATEMENT=NO_STATEMENT, MICROSOFT=MICROSOFT, AS_TRANS=AS_TRANS, MAX_RECORD=MAX_RECORD,
        ROW=sizeof(Row),
    )


cdef packed struct Row:
    uint8_t kind, family, safi, length, form
    uint32_t peer, facts
    uint16_t path_length
    int64_t timestamp
    uint64_t prefix_hi, prefix_lo
    int64_t path_id, origin
    uint64_t record
    uint32_t attr_at, attr_len

cdef struct Prefix:
    uint64_t hi, lo          # left-aligned, IPv4 in the top 32 bits
    int64_t path_id
    uint8_t family, safi, length

cdef struct Section:         # NLRI of one family
    int64_t at, end
    uint8_t family, safi

cdef struct Segment:
    int64_t at, count        # of its members in `Kernel.asns`
    uint8_t kind

cdef struct Subtype:
    bint known
    uint8_t family, safi, form
    bint local

cdef struct Range:
    uint64_t first_hi, first_lo, last_hi, last_lo

cdef struct Block:
    uint64_t hi, lo
    uint8_t length
    bint allowed, exception

cdef struct AsnRange:
    uint32_t first, last, bits

cdef struct CommunityBits:
    uint32_t community, bits

cdef struct Mask:
    uint32_t any_of, none_of

cdef packed struct Session:
    uint32_t asn, local_asn
    uint8_t sent, size
    uint8_t address[16]

cdef struct Judged:          # attributes in the buffer, and what was found
    int64_t at, size, path_length, origin
    uint32_t facts, bits     # `bits` are those of the prefix
    uint64_t routes          # that have all this and are not yet counted
    uint64_t* word           # where they are counted, NULL if there is no room
    uint64_t* by_origin

cdef struct Peer:
    Session session
    int64_t own
    int reading
    uint32_t seen
    uint64_t entries, withdrawn, tagged, ipv6, routes, faulty
    uint64_t walk            # which call of `walk` the offsets are of
    Judged judged            # its last RIB entry: the next one often has the same attributes

cdef struct Table:           # open addressing: cells of a key that is not 0, and counters
    uint64_t* cells
    uint64_t mask, used, limit, stride


cdef inline uint64_t ones_right_of(int length) noexcept nogil:
    """Return the bits of 64 that a prefix of this length leaves open; any length will do."""
    if length <= 0:
        return <uint64_t> -1
    return 0 if length >= 64 else (<uint64_t> -1) >> length


cdef inline bint agree(
    uint64_t hi, uint64_t lo, uint64_t hi2, uint64_t lo2, int bits
) noexcept nogil:
    """Whether two addresses have so many leading bits in common."""
    return not ((hi ^ hi2) & ~ones_right_of(bits) or (lo ^ lo2) & ~ones_right_of(bits - 64))


cdef inline uint64_t mix(uint64_t key) noexcept nogil:
    """Spread 64 bits, one to one; `_counts.mix` is the same."""
    key = (key ^ key >> 30) * <uint64_t> 0xBF58476D1CE4E5B9
    key = (key ^ key >> 27) * <uint64_t> 0x94D049BB133111EB
    return key ^ key >> 31


cdef inline uint64_t hint_of(uint32_t asn) noexcept nogil:
    """Return one of 64 bits; an AS whose bit is not among those of others is none of them."""
    return <uint64_t> 1 << (asn * <uint32_t> 0x9E3779B1 >> 26)


cdef inline uint64_t slot_of(uint64_t key, uint64_t mask) noexcept nogil:
    return (key * <uint64_t> 0x9E3779B97F4A7C15 >> 32) & mask


cdef uint64_t* cell_of(Table* table, uint64_t key) noexcept nogil:
    """Return the cell of a key, which is new if its counters are 0; NULL if there is no room."""
    cdef uint64_t slot
    cdef uint64_t* cell
    if table.used * 4 >= (table.mask + 1) * 3 and not grow(table):
        return NULL
    slot = slot_of(key, table.mask)
    while True:
        cell = table.cells + slot * table.stride
        if cell[0] == 0:
            if table.used >= table.limit:
                return NULL
            table.used += 1
            cell[0] = key
        if cell[0] == key:
            return cell
        slot = (slot + 1) & table.mask


cdef inline void fetch_cell(Table* table, uint64_t key) noexcept nogil:
    """Ask for the memory where a key's cell is looked for; it takes a hundred nanoseconds."""
    PREFETCH(table.cells + slot_of(key, table.mask) * table.stride)


cdef bint grow(Table* table) noexcept nogil:
    cdef uint64_t size = 2 * (table.mask + 1), old, slot
    cdef uint64_t* cell
    cdef uint64_t* cells = <uint64_t*> calloc(size * table.stride, sizeof(uint64_t))
    if cells == NULL:
        return False
    for old in range(table.mask + 1 if table.cells != NULL else 0):
        cell = table.cells + old * table.stride
        if cell[0] != 0:
            slot = slot_of(cell[0], size - 1)
            while cells[slot * table.stride] != 0:
                slot = (slot + 1) & (size - 1)
            memcpy(cells + slot * table.stride, cell, table.stride * sizeof(uint64_t))
    free(table.cells)
    table.cells, table.mask = cells, size - 1
    return True


cdef inline uint64_t prefix_key(Prefix* prefix) noexcept nogil:
    """See `_counts.prefix_keys`."""
    cdef uint64_t key
    if prefix.family == 4:
        key = mix(prefix.hi | prefix.length | 256)
    else:
        key = mix(mix(mix(prefix.hi + 1) ^ prefix.lo) + prefix.length)
    return key if key else 1


cdef inline uint64_t session_key(Session* session) noexcept nogil:
    """Return a number that is the same for the same session, and hardly for another."""
    cdef uint64_t key = <uint64_t> session.asn << 32 | session.local_asn
    cdef int index
    for index in range(16):
        key = mix(key + session.address[index])
    return (key + session.sent) >> 1 | 1


cdef Table empty_table(uint64_t limit, uint64_t counters, uint64_t room = 192) except *:
    """Return a table that grows when it has more keys than there is room for."""
    cdef Table table = Table(NULL, 63, 0, limit, 1 + counters)
    while (table.mask + 1) * 3 < room * 2:
        table.mask = 2 * table.mask + 1
    if not grow(&table):
        raise MemoryError
    return table


cdef list cells(Table* table):
    """Return (key, routes, faulty) of every cell of a table with two counters."""
    cdef uint64_t slot
    cdef uint64_t* cell
    found = []
    for slot in range(table.mask + 1):
        cell = table.cells + slot * table.stride
        if cell[0]:
            found.append((cell[0], cell[1], cell[2]))
    return found


@cython.final
cdef class Kernel:
    """See `_kernel_py.Kernel`."""

    cdef public list peers, lost
    cdef public dict unsupported
    cdef public int64_t records, octets_read, octets_skipped, malformed
    cdef public int64_t broken_at, record_end
    cdef public str expected, found
    cdef bint tagged_too, writing, counting, watching
    cdef int fault
    cdef int64_t wanted, there
    # Criteria
    cdef uint64_t record_types
    cdef Subtype ribs[64]
    cdef Subtype messages[64]
    cdef uint8_t kind_bits[TYPES]
    cdef uint64_t discarded
    cdef AsnRange ranges[32]
    cdef int n_ranges
    cdef uint8_t plain[(PLAIN >> 3) + 1]  # a bit for each block below PLAIN, and one for more
    cdef uint32_t plain_last
    cdef CommunityBits communities[64]
    cdef int n_communities
    cdef uint8_t noted_halves[1 << 13]   # a bit for each upper half of a community in the list
    cdef uint64_t wanted_asn, wanted_value
    cdef int64_t max_path
    cdef Block blocks[2][64]
    cdef int n_blocks[2]
    cdef uint8_t special_octets[2][256]
    cdef Range* watched[2]
    cdef int64_t n_watched[2]
    cdef Mask* masks
    cdef int n_masks
    # The dump so far
    cdef dict by_session
    cdef Table sessions
    cdef Peer* known
    cdef int64_t n_known
    cdef uint32_t* table
    cdef int64_t table_size              # -1 without a table
    cdef Row* rows
    cdef int64_t n_rows, room
    cdef Table words, origins, prefixes
    cdef uint64_t* word                  # of the routes before
    cdef uint64_t* by_origin
    cdef uint64_t withdrawals, unsorted
    cdef bint prefixes_full
    cdef uint64_t lengths[1 << 16]
    # The record in hand
    cdef Octets octets
    cdef uint64_t base, walks
    cdef int64_t at, end, timestamp
    cdef int step
    # The attributes in hand
    cdef uint64_t have
    cdef int64_t value_at[TYPES]
    cdef int64_t value_size[TYPES]
    cdef Segment* segments               # [0] is for an AS that is put in front
    cdef uint32_t* asns
    cdef uint32_t met[NEAR_PATH]         # ASes of a path, each once
    cdef uint64_t hints                  # an AS that was met has its bit here
    cdef int n_met                       # NEAR_PATH + 1: in `marks`, with this path's stamp
    cdef uint64_t* marks
    cdef uint32_t stamp
    cdef uint32_t facts
    cdef int64_t path_length, origin

    def __cinit__(self):
        self.segments = <Segment*> calloc(ASNS, sizeof(Segment))
        self.asns = <uint32_t*> calloc(ASNS, sizeof(uint32_t))
        self.marks = <uint64_t*> calloc(ASNS, sizeof(uint64_t))
        if self.segments == NULL or self.asns == NULL or self.marks == NULL:
            raise MemoryError
        self.table_size = -1

    def __dealloc__(self):
        for memory in range(2):
            free(self.watched[memory])
        free(self.segments)
        free(self.asns)
        free(self.marks)
        free(self.masks)
        free(self.known)
        free(self.table)
        free(self.rows)
        free(self.sessions.cells)
        free(self.words.cells)
        free(self.origins.cells)
        free(self.prefixes.cells)

    def __init__(
        self, criteria, watch, *, tagged_too, writing=True, faults=None, limits=contract.LIMITS
    ):
        self.peers, self.lost, self.unsupported, self.by_session = [], [], {}, {}
        self.expected = self.found = ""
        self.tagged_too, self.writing, self.counting = tagged_too, writing, faults is not None
        self.watching = watch is not None
        # Cells of these two are pointed to, and must not move: there is room for all from the start.
        self.words = empty_table(limits[0], 2, limits[0] + 1)
        self.origins = empty_table(limits[1], 2, limits[1] + 1)
        self.prefixes = empty_table(limits[2], 0)
        self.sessions = empty_table(<uint64_t> -1, 1)
        self.load_wire()
        self.load_criteria(criteria)
        if watch is not None:
            self.load_watch(watch)
        self.masks = <Mask*> calloc(len(faults or ()) + 1, sizeof(Mask))
        if self.masks == NULL:
            raise MemoryError
        for self.n_masks, (any_of, none_of) in enumerate(faults or (), 1):
            self.masks[self.n_masks - 1] = Mask(any_of, none_of)

    cdef load_wire(self):
        for kind in mrt.MrtType:
            self.record_types |= <uint64_t> 1 << <int> kind
        for subtype, (family, safi, add_path) in mrt.RIB_SUBTYPES.items():
            form = AS4 | (ADD_PATH if add_path else 0)
            self.ribs[subtype] = Subtype(True, family, safi, form, False)
        for subtype, (as4, local, add_path) in mrt.MESSAGE_SUBTYPES.items():
            form = UPDATE | (AS4 if as4 else 0) | (ADD_PATH if add_path else 0)
            self.messages[subtype] = Subtype(True, 0, 0, form, local)
        memset(self.kind_bits, 0xFF, TYPES)
        for kind in AttributeType:
            self.kind_bits[<int> kind] = kind.flags
            if kind.treatment is Treatment.DISCARD:
                self.discarded |= <uint64_t> 1 << <int> kind

    cdef load_criteria(self, criteria):
        cdef int side
        cdef uint32_t asn
        for first, last, bits in asn_ranges(criteria):
            self.ranges[self.n_ranges] = AsnRange(first, last, bits)
            self.n_ranges += 1
            if not bits:
                for asn in range(first + 63 >> 6, min(last + 1 >> 6, PLAIN + 1)):
                    self.plain[asn >> 3] |= 1 << (asn & 7)
                self.plain_last = last
        for community, bits in community_bits(criteria).items():
            self.communities[self.n_communities] = CommunityBits(community, bits)
            self.n_communities += 1
            self.noted_halves[community >> 19] |= 1 << (community >> 16 & 7)
        self.wanted_asn, self.wanted_value = criteria.community.asn, criteria.community.value
        self.max_path = criteria.max_path
        for side in range(2):
            for first, length, allowed, exception in blocks(6 if side else 4, criteria):
                self.blocks[side][self.n_blocks[side]] = Block(
                    first >> 64, first & 0xFFFFFFFFFFFFFFFF, length, allowed, exception
                )
                self.n_blocks[side] += 1
                for octet in range(first >> 120, (first >> 120) + (1 << max(0, 8 - length))):
                    self.special_octets[side][octet] = 1

    cdef load_watch(self, watch):
        cdef int side
        cdef int64_t index
        for side in range(2):
            family = 6 if side else 4
            shift = 0 if side else 96
            firsts, lasts = watch.firsts[family], watch.lasts[family]
            self.watched[side] = <Range*> calloc(len(firsts) + 1, sizeof(Range))
            if self.watched[side] == NULL:
                raise MemoryError
            self.n_watched[side] = len(firsts)
            for index in range(self.n_watched[side]):
                first = firsts[index] << shift
                last = (lasts[index] + 1 << shift) - 1
                self.watched[side][index] = Range(
                    first >> 64, first & 0xFFFFFFFFFFFFFFFF, last >> 64, last & 0xFFFFFFFFFFFFFFFF
                )

    # -- what the caller asks

    def see(self, int64_t peer, int reading, int64_t own):
        """See `_kernel_py.Kernel.see`."""
        if not 0 <= peer < self.n_known:
            raise IndexError(peer)
        self.known[peer].reading, self.known[peer].own = reading, own
        self.known[peer].walk = 0

    def count(self, int64_t peer):
        """See `_kernel_py.Kernel.count`."""
        if not 0 <= peer < self.n_known:
            raise IndexError(peer)
        cdef Peer* one = self.known + peer
        return one.entries, one.withdrawn, one.tagged, one.ipv6, one.seen

    def take_rows(self):
        """See `_kernel_py.Kernel.take_rows`."""
        octets = np.empty(self.n_rows * sizeof(Row), np.uint8)
        cdef uint8_t[::1] view = octets
        if self.n_rows:
            memcpy(&view[0], self.rows, view.nbytes)
        self.n_rows = 0
        return octets.view(contract.ROW)

    def counts(self):
        """See `_kernel_py.Kernel.counts`."""
        cdef int64_t peer
        known, lengths = range(self.n_known), range(1 << 16)
        origins = cells(&self.origins)
        return Counts(
            words={key - 1: routes for key, routes, _ in cells(&self.words)},
            unsorted=self.unsorted,
            withdrawals=self.withdrawals,
            peers=[(self.known[peer].routes, self.known[peer].faulty) for peer in known],
            origins={<int64_t> key - 2: (routes, faulty) for key, routes, faulty in origins},
            path_lengths={index: self.lengths[index] for index in lengths if self.lengths[index]},
            prefixes=self.prefix_keys(),
            prefixes_full=self.prefixes_full,
        )

    cdef prefix_keys(self):
        slots = np.empty(self.prefixes.mask + 1, np.uint64)
        cdef uint64_t[::1] view = slots
        memcpy(&view[0], self.prefixes.cells, view.nbytes)
        return slots[slots != 0]

    def walk(self, bytes buffer not None, int64_t at, uint64_t base):
        """See `_kernel_py.Kernel.walk`."""
        cdef int64_t peer
        if at < 0:
            raise IndexError(at)
        self.octets = Octets(<const uint8_t*> <const char*> buffer, len(buffer))
        self.at, self.base = at, base
        self.walks += 1
        while True:
            with nogil:
                self.step = self.run()
            if self.step == NO_MEMORY:
                raise MemoryError
            if self.step == NEW_SESSION:
                self.add_session(self.session_row(buffer))
                return self.at, contract.Stop.PEERS
            try:
                stop = self.rare(buffer) if self.step == RARE else contract.Stop(self.step)
            except contract.BrokenError as broken:
                self.records += 1
                self.broken_at, self.fault = broken.at, broken.fault
                self.wanted, self.there = broken.wanted, broken.found
                stop = contract.Stop.BROKEN
            if stop is contract.Stop.BROKEN:
                octets = buffer[self.broken_at : min(self.broken_at + 16, self.end)]
                said = contract.describe(self.fault, self.wanted, self.there, octets)
                self.expected, self.found = said
            if stop is not None:
                for peer in range(self.n_known):
                    self.settle(self.known + peer)
                self.octets = Octets(NULL, 0)
                return self.at, stop

    # -- what is rare

    cdef body(self):
        """Where the body of the record in hand starts, behind the microseconds if it has any."""
        return self.at + (16 if u16(self.octets, self.at + 4) == 17 else 12)

    cdef session_row(self, bytes buffer):
        subtype = u16(self.octets, self.at + 6)
        as4, local, _ = mrt.MESSAGE_SUBTYPES[subtype]
        return read_session(buffer, self.body(), self.end, as4=as4, local=local)[0]

    cdef rare(self, bytes buffer):
        """Read a record whose type is rare; return why to stop, None to go on."""
        kind, subtype = u16(self.octets, self.at + 4), u16(self.octets, self.at + 6)
        end = self.end
        if kind == mrt.MrtType.TABLE_DUMP_V2 and subtype == mrt.PEER_INDEX_TABLE:
            self.table_size = -1
            rows = read_peer_table(buffer, self.at + 12, end)
            self.set_table([self.add_peer(row) for row in rows])
            self.octets_read += end - self.at
            stop = contract.Stop.PEERS
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
                    self.known[<int64_t> self.by_session[row]].seen |= OPENED
            self.octets_read += end - self.at
            stop = None
        else:
            self.skip()
            stop = None
        self.records += 1
        self.at = end
        return stop

    cdef skip(self):
        key = u16(self.octets, self.at + 4), u16(self.octets, self.at + 6)
        self.unsupported[key] = self.unsupported.get(key, 0) + 1
        self.octets_skipped += self.end - self.at

    cdef set_table(self, list indexes):
        cdef int64_t index
        self.table = <uint32_t*> realloc(self.table, (len(indexes) + 1) * sizeof(uint32_t))
        if self.table == NULL:
            raise MemoryError
        for index in range(len(indexes)):
            self.table[index] = indexes[index]
        self.table_size = len(indexes)

    cdef add_peer(self, tuple row):
        if self.n_known & self.n_known - 1 == 0:  # powers of two: time to double
            more = max(1, 2 * self.n_known)
            known = <Peer*> realloc(self.known, more * sizeof(Peer))
            if known == NULL:
                raise MemoryError
            self.known = known
        memset(self.known + self.n_known, 0, sizeof(Peer))
        self.known[self.n_known].reading = contract.UNWANTED
        self.known[self.n_known].own = -1
        self.peers.append(row)
        self.n_known += 1
        return self.n_known - 1

    cdef add_session(self, tuple row):
        cdef Session session
        cdef uint64_t key
        cdef bytes address = row[0]
        index = self.add_peer(row)
        memset(&session, 0, sizeof(Session))
        session.asn, session.local_asn, session.sent = row[1], row[3], row[4]
        session.size = len(address)
        memcpy(session.address, <char*> address, session.size)
        self.known[<int64_t> index].session = session
        key = session_key(&session)
        while cell_of(&self.sessions, key)[1]:  # of another session: `find_session` looks on, too
            key += 1
        cell_of(&self.sessions, key)[1] = index + 1
        self.by_session[row] = index

    # -- without the GIL from here on: records

    cdef int run(self) noexcept nogil:
        """Read records as far as that goes alone; return why it ended."""
        cdef Octets octets = self.octets
        cdef uint32_t kind, subtype, length
        cdef int64_t start
        cdef int step
        while self.at + 12 <= octets.size:
            kind, subtype = u16(octets, self.at + 4), u16(octets, self.at + 6)
            length = u32(octets, self.at + 8)
            self.end = self.record_end = self.at + 12 + length
            if length > MAX_RECORD or kind >= 64 or not self.record_types >> kind & 1:
                return UNKNOWN
            if self.end > octets.size:
                return END
            start = self.at + 12
            self.timestamp = <int64_t> u32(octets, self.at) * 1_000_000
            step = GOOD
            if kind == 17:
                if self.needs(start, 4, self.end):
                    self.timestamp += u32(octets, start)
                    start += 4
                else:
                    step = BROKEN
            if step == GOOD:
                if kind == 13 and subtype < 64 and self.ribs[subtype].known:
                    step = self.rib(self.ribs[subtype], start)
                elif (kind == 16 or kind == 17) and subtype < 64 and self.messages[subtype].known:
                    step = self.message(self.messages[subtype], start)
                else:
                    return RARE
            if step == NEW_SESSION or step == NO_MEMORY:
                return step
            self.records += 1
            if step == BROKEN:
                return BROKEN
            if step == FOREIGN:
                with gil:
                    self.skip()
            self.at = self.end
        return END

    cdef int broken(self, int64_t at, int fault, int64_t wanted, int64_t there) noexcept nogil:
        self.broken_at, self.fault, self.wanted, self.there = at, fault, wanted, there
        return BROKEN

    cdef inline bint needs(self, int64_t at, int64_t octets, int64_t end) noexcept nogil:
        """Whether so many octets are there; else the record is broken."""
        if at + octets > end:
            self.broken(at, SHORT, octets, end - at)
            return False
        return True

    cdef int64_t prefix(self, int64_t at, int64_t end, Prefix* found) noexcept nogil:
        """Read a prefix of `found.family`; return the offset after it, -1 if it is broken."""
        cdef Octets octets = self.octets
        cdef int width = 32 if found.family == 4 else 128, index
        cdef int64_t after
        if not self.needs(at, 1, end):
            return -1
        found.length = u8(octets, at)
        if found.length > width:
            self.broken(at, PREFIX_LENGTH, width, found.length)
            return -1
        after = at + 1 + (found.length + 7) // 8
        if not self.needs(at, after - at, end):
            return -1
        found.hi = found.lo = 0
        for index in range(<int> (after - at - 1)):
            if index < 8:
                found.hi |= <uint64_t> u8(octets, at + 1 + index) << 56 - 8 * index
            else:
                found.lo |= <uint64_t> u8(octets, at + 1 + index) << 120 - 8 * index
        # Bits right of the length are irrelevant (RFC 4271 section 4.3).
        found.hi &= ~ones_right_of(found.length)
        found.lo &= ~ones_right_of(found.length - 64)
        return after

    cdef bint inside(self, Prefix* prefix) noexcept nogil:
        """See `_rows_py.Rows._inside`."""
        cdef int side = prefix.family == 6
        cdef Range* watched = self.watched[side]
        cdef int64_t low = 0, high, middle
        cdef uint64_t hi = prefix.hi | ones_right_of(prefix.length)
        cdef uint64_t lo = prefix.lo | ones_right_of(prefix.length - 64)
        if not self.watching:
            return True
        high = self.n_watched[side]
        while low < high:  # the number of ranges that start at or before the prefix's last address
            middle = (low + high) // 2
            if watched[middle].first_hi < hi or (
                watched[middle].first_hi == hi and watched[middle].first_lo <= lo
            ):
                low = middle + 1
            else:
                high = middle
        if low == 0:
            return False
        watched += low - 1
        return watched.last_hi > prefix.hi or (
            watched.last_hi == prefix.hi and watched.last_lo >= prefix.lo
        )

    cdef uint32_t prefix_bits(self, Prefix* prefix) noexcept nogil:
        """See `_rows_py.Rows._prefix_bits`."""
        cdef uint32_t bits = 0
        if prefix.family == 6:
            bits = IPV6
        elif prefix.length > 24:
            bits = LONGER_THAN_24
        return bits | SPECIAL_PREFIX if self.special(prefix) else bits

    cdef bint special(self, Prefix* prefix) noexcept nogil:
        """See `peerlint.iana.special_blocks`."""
        cdef int side = prefix.family == 6, index, length
        cdef bint hit = False
        cdef Block* block
        if prefix.length < 8 or self.special_octets[side][prefix.hi >> 56]:
            for index in range(self.n_blocks[side]):
                block = &self.blocks[side][index]
                length = min(block.length, prefix.length)
                if block.exception or not agree(block.hi, block.lo, prefix.hi, prefix.lo, length):
                    continue
                hit = True
                if not block.allowed and not self.sheltered(side, block, prefix):
                    return True
        # Nothing outside 2000::/3 is global unicast (RFC 4291).
        return not hit and side and not (prefix.length >= 3 and prefix.hi >> 61 == 1)

    cdef bint sheltered(self, int side, Block* around, Prefix* prefix) noexcept nogil:
        """Whether an exception or an allowed block inside a block contains the prefix."""
        cdef int index
        cdef Block* block
        for index in range(self.n_blocks[side]):
            block = &self.blocks[side][index]
            if (
                (block.exception or block.allowed)
                and block.length <= prefix.length
                and agree(block.hi, block.lo, prefix.hi, prefix.lo, block.length)
                and around.length <= block.length
                and agree(around.hi, around.lo, block.hi, block.lo, around.length)
            ):
                return True
        return False

    # -- TABLE_DUMP_V2

    cdef int rib(self, Subtype form, int64_t at) noexcept nogil:
        """See `_kernel_py.Kernel._rib`."""
        cdef Octets octets = self.octets
        cdef Prefix prefix
        cdef int64_t count
        cdef bint inside
        prefix.family, prefix.safi, prefix.path_id = form.family, form.safi, -1
        if not self.needs(at, 5, self.end):
            return BROKEN
        at = self.prefix(at + 4, self.end, &prefix)
        if at < 0 or not self.needs(at, 2, self.end):
            return BROKEN
        count = u16(octets, at)
        at += 2
        if self.table_size < 0:
            return self.broken(at, NO_PEER_TABLE, 0, 0)
        inside = self.inside(&prefix)
        if not inside and not self.tagged_too:
            self.octets_read += self.end - self.at
            return GOOD
        if not self.reserve(min(count, self.end - at)):
            return NO_MEMORY
        if self.counting:
            fetch_cell(&self.prefixes, prefix_key(&prefix))
        return self.rib_entries(at, count, &prefix, form.form, inside)

    cdef int rib_entries(
        self, int64_t at, int64_t count, Prefix* prefix, uint8_t form, bint inside
    ) noexcept nogil:
        """See `_kernel_py.Kernel._rib_entries`."""
        cdef Octets octets = self.octets
        cdef int64_t head = 12 if form & ADD_PATH else 8, end = self.end, lost = 0, after, size
        cdef uint32_t bits = self.prefix_bits(prefix), index
        cdef bint seen = False
        cdef Peer* peer
        cdef Judged* judged
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
                lost += after - at
                at = after
                continue
            peer = self.known + self.table[index]
            peer.entries += 1
            if peer.reading >= 0:
                peer.ipv6 += prefix.family == 6
                if inside or self.is_tagged(at + head, after):
                    if form & ADD_PATH:
                        prefix.path_id = u32(octets, at + 6)
                    judged = self.judge_again(peer, at + head, size, form)
                    self.add_route(peer, judged, bits)
                    if self.writing:
                        self.write(RIB, form, self.table[index], prefix, judged, at + head, size)
                    seen = True
            at = after
        if seen and self.counting:
            self.count_prefix(prefix)
        if fault == GOOD:
            if at == end:
                self.octets_read += end - self.at - lost
                return GOOD
            fault, size = NO_RECORD_END, 0
        # The rest of the record is given up; what was read of it stays read.
        self.octets_read -= lost
        return self.broken(at, fault, size, end - at)

    cdef void lose(self, int64_t at, int64_t after, uint32_t index) noexcept nogil:
        with gil:
            said = contract.describe(PEER_INDEX, self.table_size, index)
            self.lost.append((at, after - at, *said))

    # -- BGP4MP

    cdef int message(self, Subtype form, int64_t at) noexcept nogil:
        """See `_messages_py.Messages._message`."""
        cdef Octets octets = self.octets
        cdef int64_t width = 4 if form.form & AS4 else 2, addresses = at + 2 * width + 4, size, peer
        cdef int64_t end = self.end, asns_end = at + 2 * width
        cdef uint32_t afi, message
        cdef Session session
        cdef int step
        if asns_end + 16 <= end and self.is_marker(asns_end):
            self.octets_read += end - self.at
            return GOOD
        if not self.needs(at, 2 * width + 4, end):
            return BROKEN
        afi = u16(octets, addresses - 2)
        if afi != 1 and afi != 2:
            return self.broken(addresses - 2, AFI, 0, afi)
        size = 4 if afi == 1 else 16
        if not self.needs(addresses, 2 * size, end):
            return BROKEN
        memset(&session, 0, sizeof(Session))
        session.asn = u32(octets, at) if width == 4 else u16(octets, at)
        session.local_asn = u32(octets, at + 4) if width == 4 else u16(octets, at + 2)
        session.sent, session.size = form.local, size
        CHECK(addresses + size <= octets.size)
        memcpy(session.address, octets.first + addresses, size)
        peer = self.find_session(&session)
        if peer < 0:
            return NEW_SESSION if peer == -1 else NO_MEMORY
        at = addresses + 2 * size
        if not self.needs(at, 19, end):
            return BROKEN
        if not self.is_marker(at):
            return self.broken(at, MARKER, 0, 0)
        if u16(octets, at + 16) != end - at:
            return self.broken(at + 16, MESSAGE_LENGTH, end - at, u16(octets, at + 16))
        message = u8(octets, at + 18)
        if message == 1:
            self.known[peer].seen |= OPENED
        elif message == 2:
            step = self.update(peer, form.form, at + 19)
            if step != GOOD:
                return step
        elif not 3 <= message <= 5:
            return self.broken(at + 18, MESSAGE_TYPE, 0, message)
        self.octets_read += end - self.at
        return GOOD

    cdef bint is_marker(self, int64_t at) noexcept nogil:
        cdef int64_t index
        for index in range(at, at + 16):
            if u8(self.octets, index) != 0xFF:
                return False
        return True

    cdef int64_t find_session(self, Session* session) noexcept nogil:
        """Return the peer's index, -1 if it is new, -2 if there is no memory."""
        cdef uint64_t key = session_key(session)
        cdef uint64_t* cell
        while True:
            cell = cell_of(&self.sessions, key)
            if cell == NULL:
                return -2
            if cell[1] == 0:
                return -1
            if memcmp(&self.known[cell[1] - 1].session, session, sizeof(Session)) == 0:
                return <int64_t> cell[1] - 1
            key += 1

    cdef int update(self, int64_t peer, uint8_t form, int64_t at) noexcept nogil:
        """See `_messages_py.Messages._update`."""
        cdef Octets octets = self.octets
        cdef int64_t end = self.end, withdrawn = at + 2, withdrawn_end, attributes, nlri
        cdef int64_t gone = 0, come = 0
        cdef int step
        cdef Section sections[4]     # withdrawn, MP_UNREACH_NLRI, NLRI, MP_REACH_NLRI
        if not self.needs(at, 2, end):
            return BROKEN
        withdrawn_end = withdrawn + u16(octets, at)
        if not self.needs(withdrawn, withdrawn_end - withdrawn + 2, end):
            return BROKEN
        attributes = withdrawn_end + 2
        nlri = attributes + u16(octets, withdrawn_end)
        if not self.needs(attributes, nlri - attributes, end):
            return BROKEN
        sections[0] = Section(withdrawn, withdrawn_end, 4, 1)
        sections[1] = Section(0, 0, 0, 0)
        sections[2] = Section(nlri, end, 4, 1)
        sections[3] = Section(0, 0, 0, 0)
        # The rows of a message appear all or not at all: count first, and stop at the first fault.
        if not self.count_nlri(&sections[0], form, &gone):
            return BROKEN
        if not self.count_nlri(&sections[2], form, &come):
            return BROKEN
        step = self.multiprotocol(attributes, nlri, &sections[3], &sections[1])
        if step != GOOD:
            return step
        if not self.count_nlri(&sections[1], form, &gone):
            return BROKEN
        if not self.count_nlri(&sections[3], form, &come):
            return BROKEN
        if gone + come == 0:
            # Nothing at all, or an MP_UNREACH_NLRI without prefixes: End-of-RIB, RFC 4724. That of
            # multicast says nothing of the unicast routes.
            if nlri == attributes:
                self.known[peer].seen |= END_OF_RIB_4
            elif sections[1].family and not sections[3].family and sections[1].safi == 1:
                self.known[peer].seen |= END_OF_RIB_4 if sections[1].family == 4 else END_OF_RIB_6
        if not self.reserve(gone + come):
            return NO_MEMORY
        self.known[peer].entries += gone + come
        if self.known[peer].reading < 0:
            return GOOD
        self.known[peer].withdrawn += gone
        self.facts, self.path_length, self.origin = 0, 0, -1
        self.emit(WITHDRAW, form, peer, &sections[0], attributes, nlri)
        self.emit(WITHDRAW, form, peer, &sections[1], attributes, nlri)
        if come:
            self.judge(attributes, nlri, form, self.known[peer].reading, self.known[peer].own)
            self.emit(ANNOUNCE, form, peer, &sections[2], attributes, nlri)
            self.emit(ANNOUNCE, form, peer, &sections[3], attributes, nlri)
        return GOOD

    cdef bint count_nlri(self, Section* section, uint8_t form, int64_t* count) noexcept nogil:
        """Count the prefixes of a section; False if one is broken."""
        cdef int64_t at = section.at
        cdef Prefix prefix
        while at < section.end:
            at = self.nlri(at, section, form, &prefix)
            if at < 0:
                return False
            count[0] += 1
        return True

    cdef int64_t nlri(
        self, int64_t at, Section* section, uint8_t form, Prefix* found
    ) noexcept nogil:
        """Read one prefix of a section; return the offset after it, -1 if it is broken."""
        found.family, found.safi, found.path_id = section.family, section.safi, -1
        if form & ADD_PATH:
            if not self.needs(at, 4, section.end):
                return -1
            found.path_id = u32(self.octets, at)
            at += 4
        return self.prefix(at, section.end, found)

    cdef void emit(
        self, int kind, uint8_t form, int64_t peer, Section* section, int64_t attributes,
        int64_t nlri,
    ) noexcept nogil:
        """Write the rows of a section, which `count_nlri` has read before."""
        cdef int64_t at = section.at
        cdef Prefix prefix
        cdef Judged judged = Judged(
            0, 0, self.path_length, self.origin, self.facts, 0, 0, NULL, NULL
        )
        cdef bint kept
        while at < section.end:
            at = self.nlri(at, section, form, &prefix)
            if kind == ANNOUNCE:
                self.known[peer].tagged += self.facts & TAGGED
                self.known[peer].ipv6 += prefix.family == 6
            # A withdrawal may be of a route that was tagged before.
            kept = self.tagged_too and (self.facts & TAGGED or kind == WITHDRAW)
            if not kept and not self.inside(&prefix):
                continue
            if kind == ANNOUNCE:
                judged.bits, judged.routes = self.prefix_bits(&prefix), 1
                self.claim(&judged)
                self.count_routes(self.known + peer, &judged)
                if self.counting:
                    self.count_prefix(&prefix)
            elif self.counting:
                self.withdrawals += 1
            if self.writing:
                self.write(kind, form, peer, &prefix, &judged, attributes, nlri - attributes)

    cdef int multiprotocol(
        self, int64_t at, int64_t end, Section* reach, Section* unreach
    ) noexcept nogil:
        """See `_messages_py.Messages._multiprotocol`; sections that are not there stay empty."""
        cdef Octets octets = self.octets
        cdef int64_t value, after
        cdef uint32_t kind, hop
        cdef int step
        while at + 3 <= end:
            value = at + (4 if u8(octets, at) & 0x10 else 3)
            if value > end:
                break
            after = value + (u16(octets, at + 2) if u8(octets, at) & 0x10 else u8(octets, at + 2))
            if after > end:
                break
            kind = u8(octets, at + 1)
            if (kind == 14 and reach.family) or (kind == 15 and unreach.family):
                return self.broken(value, REPEATED, 0, kind)
            if kind == 14:
                step = self.family(value, after, reach)
                if step != GOOD:
                    return step
                if not self.needs(value, 5, after):
                    return BROKEN
                hop = u8(octets, value + 3)
                if not self.needs(value, 5 + hop, after):
                    return BROKEN
                if hop != 4 and hop != 16 and hop != 32:
                    return self.broken(value + 3, NEXT_HOP, 0, hop)
                reach.at = value + 5 + hop
            elif kind == 15:
                step = self.family(value, after, unreach)
                if step != GOOD:
                    return step
                unreach.at = value + 3
            at = after
        return GOOD

    cdef int family(self, int64_t at, int64_t end, Section* section) noexcept nogil:
        cdef uint32_t afi, safi
        if not self.needs(at, 3, end):
            return BROKEN
        afi, safi = u16(self.octets, at), u8(self.octets, at + 2)
        if afi - 1 > 1 or safi - 1 > 1:
            return FOREIGN
        section.family, section.safi, section.end = 4 if afi == 1 else 6, safi, end
        return GOOD

    # -- rows and counts

    cdef bint reserve(self, int64_t rows) noexcept nogil:
        """Make room for the rows of a record; False if there is no memory."""
        cdef int64_t room
        cdef Row* more
        if not self.writing or self.n_rows + rows <= self.room:
            return True
        room = 2 * self.room + rows
        more = <Row*> realloc(self.rows, room * sizeof(Row))
        if more == NULL:
            return False
        self.rows, self.room = more, room
        return True

    cdef void write(
        self, int kind, uint8_t form, int64_t peer, Prefix* prefix, Judged* judged,
        int64_t attributes, int64_t size,
    ) noexcept nogil:
        """Write a row; `reserve` has made room."""
        cdef Row* row = self.rows + self.n_rows
        CHECK(self.n_rows < self.room)
        row.kind, row.form, row.peer = kind, form, <uint32_t> peer
        row.facts = judged.facts | judged.bits
        row.family, row.safi, row.length = prefix.family, prefix.safi, prefix.length
        row.prefix_hi, row.prefix_lo, row.path_id = prefix.hi, prefix.lo, prefix.path_id
        row.path_length, row.origin = <uint16_t> judged.path_length, judged.origin
        row.timestamp, row.record = self.timestamp, self.base + self.at
        row.attr_at, row.attr_len = <uint32_t> attributes, <uint32_t> size
        self.n_rows += 1

    cdef inline void add_route(self, Peer* peer, Judged* judged, uint32_t bits) noexcept nogil:
        """Note a route of a RIB; it is counted together with those behind it that are alike."""
        if judged.bits != bits:
            self.settle(peer)
            judged.bits = bits
            self.claim(judged)
        judged.routes += 1

    cdef void settle(self, Peer* peer) noexcept nogil:
        """Count routes that are only noted."""
        cdef Judged* judged = &peer.judged
        if judged.routes > 0:
            peer.tagged += judged.routes if judged.facts & TAGGED else 0
            self.count_routes(peer, judged)
            judged.routes = 0

    cdef void claim(self, Judged* judged) noexcept nogil:
        """Find where routes are counted; at the first of them, for the first keep their places."""
        cdef uint32_t facts = judged.facts | judged.bits
        cdef uint64_t word = <uint64_t> facts + 1, origin = <uint64_t> (judged.origin + 2)
        if not self.counting:
            return
        # Mostly facts and origin are those of the routes before.
        if self.word == NULL or self.word[0] != word:
            self.word = cell_of(&self.words, word)
            if self.word != NULL and self.word[1] == 0:
                self.word[2] = self.is_faulty(facts)
        if self.by_origin == NULL or self.by_origin[0] != origin:
            self.by_origin = cell_of(&self.origins, origin)
        judged.word, judged.by_origin = self.word, self.by_origin

    cdef void count_routes(self, Peer* peer, Judged* judged) noexcept nogil:
        """See `_counts.Counter`."""
        cdef uint64_t routes = judged.routes, faulty
        cdef uint32_t facts = judged.facts | judged.bits
        self.malformed += routes if facts & MALFORMED else 0
        if not self.counting:
            return
        if judged.word != NULL:
            judged.word[1] += routes
            faulty = routes if judged.word[2] else 0
        else:
            self.unsorted += routes
            faulty = routes if self.is_faulty(facts) else 0
        peer.routes += routes
        peer.faulty += faulty
        if judged.by_origin != NULL:
            judged.by_origin[1] += routes
            judged.by_origin[2] += faulty
        if not facts & (MALFORMED | NO_STATEMENT):
            CHECK(0 <= judged.path_length < 1 << 16)
            self.lengths[judged.path_length] += routes

    cdef bint is_faulty(self, uint32_t facts) noexcept nogil:
        cdef int index
        for index in range(self.n_masks):
            if not facts & self.masks[index].none_of and (
                not self.masks[index].any_of or facts & self.masks[index].any_of
            ):
                return True
        return False

    cdef void count_prefix(self, Prefix* prefix) noexcept nogil:
        if cell_of(&self.prefixes, prefix_key(prefix)) == NULL:
            self.prefixes_full = True

    # -- attributes (see `_attributes_py`)

    cdef bint is_tagged(self, int64_t at, int64_t end) noexcept nogil:
        """See `AttributeFacts.is_tagged`."""
        cdef Octets octets = self.octets
        cdef int64_t value, after
        while at + 3 <= end:
            value = at + (4 if u8(octets, at) & 0x10 else 3)
            if value > end:
                return False
            after = value + (u16(octets, at + 2) if u8(octets, at) & 0x10 else u8(octets, at + 2))
            if after > end:
                return False
            if u8(octets, at + 1) == 8:
                return self.community_facts(value, after - value) & TAGGED
            at = after
        return False

    cdef void judge(
        self, int64_t at, int64_t end, uint8_t form, int reading, int64_t own
    ) noexcept nogil:
        """See `AttributeFacts.judge`; leaves `facts`, `path_length` and `origin`."""
        self.facts, self.path_length, self.origin = 0, 0, -1
        if self.split(at, end, form & UPDATE) and self.fits(form):
            self.judge_path(form, reading, own)
            if self.has(8):
                self.facts |= self.community_facts(self.value_at[8], self.value_size[8])
            if self.has(16):
                self.facts |= self.extended_facts(self.value_at[16], self.value_size[16])
            if self.has(32):
                self.facts |= self.large_facts(self.value_at[32], self.value_size[32])
        else:
            self.facts = MALFORMED
        if self.facts & MALFORMED:
            self.facts, self.path_length, self.origin = MALFORMED, 0, -1

    cdef Judged* judge_again(
        self, Peer* peer, int64_t at, int64_t size, uint8_t form
    ) noexcept nogil:
        """Judge a RIB entry, unless its peer's entry before had the same attributes."""
        cdef const uint8_t* first = self.octets.first
        cdef Judged* judged = &peer.judged
        CHECK(at + size <= self.octets.size)
        if peer.walk == self.walks and judged.size == size and (
            memcmp(first + at, first + judged.at, size) == 0
        ):
            judged.at = at
        else:
            self.settle(peer)
            self.judge(at, at + size, form, peer.reading, peer.own)
            peer.walk = self.walks
            judged[0] = Judged(
                at, size, self.path_length, self.origin, self.facts, NO_BITS, 0, NULL, NULL
            )
        return judged

    cdef inline bint has(self, int kind) noexcept nogil:
        return self.have >> kind & 1

    cdef bint split(self, int64_t at, int64_t end, bint in_update) noexcept nogil:
        """See `_attributes_py._split`."""
        cdef Octets octets = self.octets
        cdef uint64_t ignored = 0, bit
        cdef int64_t value, size
        cdef uint32_t flags, kind, expected
        self.have = 0
        while at + 3 <= end:
            flags, kind, size = u8(octets, at), u8(octets, at + 1), u8(octets, at + 2)
            value = at + 3
            if flags & 0x10:
                if at + 4 > end:
                    return False
                size = u16(octets, at + 2)
                value += 1
            at = value + size
            if kind >= TYPES:
                continue
            bit = <uint64_t> 1 << kind
            if (self.have | ignored) & bit:
                continue  # the first one counts, RFC 7606 section 3 g
            expected = self.kind_bits[kind]
            if not in_update or expected == 0xFF or expected == flags & 0xC0:
                self.have |= bit
                self.value_at[kind], self.value_size[kind] = value, size
            elif self.discarded & bit:
                ignored |= bit
            else:
                return False
        return at == end

    cdef bint fits(self, uint8_t form) noexcept nogil:
        """Whether AS_PATH is there and single numbers are well-formed."""
        if not self.has(2):
            if form & UPDATE:
                return False  # RFC 7606 section 3 d
            self.value_at[2] = self.value_size[2] = 0
        if self.has(1) and (self.value_size[1] != 1 or u8(self.octets, self.value_at[1]) > 2):
            return False
        return not (
            (self.has(3) and self.value_size[3] != 4)
            or (self.has(4) and self.value_size[4] != 4)
            or (self.has(35) and self.value_size[35] != 4)
        )

    cdef uint32_t community_facts(self, int64_t at, int64_t size) noexcept nogil:
        cdef Octets octets = self.octets
        cdef uint32_t bits = 0, community
        cdef int64_t end = at + size
        cdef int index
        if size == 0 or size & 3:
            return MALFORMED  # RFC 7606 section 7.8
        while at < end:
            community = u32(octets, at)
            if self.noted_halves[community >> 19] >> (community >> 16 & 7) & 1:
                for index in range(self.n_communities):
                    if self.communities[index].community == community:
                        bits |= self.communities[index].bits
            at += 4
        return bits

    cdef uint32_t extended_facts(self, int64_t at, int64_t size) noexcept nogil:
        cdef Octets octets = self.octets
        cdef int64_t end = at + size
        cdef uint64_t local
        cdef uint32_t kind
        if size == 0 or size & 7:
            return MALFORMED  # RFC 7606 section 7.14
        while at < end:
            local = <uint64_t> u16(octets, at + 2) << 32 | u32(octets, at + 4)
            if u8(octets, at + 1) == 2 or u8(octets, at + 1) == 3:
                kind = u8(octets, at)
                if (kind == 0 and local == (self.wanted_asn << 32 | self.wanted_value)) or (
                    kind == 2 and local == (self.wanted_asn << 16 | self.wanted_value)
                ):
                    return NEAR_EXTENDED
            at += 8
        return 0

    cdef uint32_t large_facts(self, int64_t at, int64_t size) noexcept nogil:
        cdef Octets octets = self.octets
        cdef int64_t end = at + size
        cdef uint32_t middle
        if size == 0 or size % 12:
            return MALFORMED  # RFC 8092 section 5
        while at < end:
            middle = u32(octets, at + 4)
            if (u32(octets, at) == self.wanted_asn and middle == self.wanted_value) or (
                middle == self.wanted_asn and u32(octets, at + 8) == self.wanted_value
            ):
                return NEAR_LARGE
            at += 12
        return 0

    # -- paths: segments[1:], members in `asns` from 1 on

    cdef int64_t cut(self, int64_t first, int64_t member, int kind, int width) noexcept nogil:
        """Cut a path into segments from `first` on; return their end, -1 if it is malformed."""
        cdef Octets octets = self.octets
        cdef int64_t at = self.value_at[kind], end = at + self.value_size[kind], count, index
        cdef uint32_t form
        while at < end:
            if at + 2 > end:
                return -1
            form, count = u8(octets, at), u8(octets, at + 1)
            at += 2
            if form - 1 > 3 or count == 0 or at + width * count > end:
                return -1
            CHECK(first < ASNS and member + count <= ASNS)
            self.segments[first] = Segment(member, count, <uint8_t> form)
            if width == 4:
                for index in range(count):
                    self.asns[member + index] = u32(octets, at + 4 * index)
            else:
                for index in range(count):
                    self.asns[member + index] = u16(octets, at + 2 * index)
            first += 1
            member += count
            at += width * count
        return first

    cdef void judge_path(self, uint8_t form, int reading, int64_t own) noexcept nogil:
        """See `AttributeFacts._judge_path`."""
        cdef Segment* segments = self.segments
        cdef int64_t low = 1, high, first
        if form & AS4 and self.judge_sequence(reading, own):
            return
        high = self.cut(1, 1, 2, 4 if form & AS4 else 2)
        if high >= 0 and not form & AS4:
            high = self.merge(high)
        if high < 0:
            self.facts = MALFORMED
            return
        if reading == FROM_OWN:
            low = self.cut_before(high, own)
            if low < 0:
                self.facts = NO_STATEMENT
                return
        elif reading != AS_IS and not (
            reading == OWN_IF_ABSENT and self.first_as(low, high) == own
        ):
            high = self.without_confederations(1, high)
            if reading != TRANSPARENT or high == 1:
                segments[0], self.asns[0] = Segment(0, 1, SEQUENCE), <uint32_t> own
                low = 0
        self.walk_path(low, high)
        first = self.first_as(low, high)
        if own >= 0 and first != -2 and first != own:
            self.facts |= FIRST_AS_OTHER
        self.origin = own
        if low < high and segments[high - 1].kind < FIRST_CONFED:
            self.origin = -1
            if segments[high - 1].kind == SEQUENCE:
                self.origin = self.asns[segments[high - 1].at + segments[high - 1].count - 1]
        if self.origin < 0:
            self.facts |= NO_ORIGIN

    cdef bint judge_sequence(self, int reading, int64_t own) noexcept nogil:
        """Judge a short path of one AS_SEQUENCE where it stands, as most are; False for others.

        What is asked of every AS is asked without branches, which would be guessed wrong.
        """
        cdef Octets octets = self.octets
        cdef int64_t at = self.value_at[2], size = self.value_size[2], count = (size - 2) // 4
        cdef int index, other
        cdef uint32_t asns[SHORT_PATH]
        cdef uint32_t asn, bits = 0
        cdef bint plain = True, met, repeated, prepended = False, loop = False
        if size < 6 or count > SHORT_PATH or size != 2 + 4 * count or (
            u16(octets, at) != <uint32_t> (SEQUENCE << 8 | count)
        ):
            return False
        at += 2
        if reading != AS_IS and not (reading == OWN_IF_ABSENT and u32(octets, at) == own):
            return False
        for index in range(<int> count):
            asn = asns[index] = u32(octets, at + 4 * index)
            plain &= self.is_plain(asn)
            met = False
            for other in range(index - 1):
                met |= asns[other] == asn
            repeated = index > 0 and asns[index - 1] == asn
            prepended |= repeated
            loop |= met & (not repeated) & (asn != MICROSOFT)
        if not plain:
            for index in range(<int> count):
                bits |= self.asn_bits(asns[index])
        bits |= (PREPENDED if prepended else 0) | (LOOP if loop else 0)
        if count > self.max_path:
            bits |= LONG_PATH
        if own >= 0 and asns[0] != own:
            bits |= FIRST_AS_OTHER
        self.facts, self.path_length, self.origin = bits, count, asn
        return True

    cdef int64_t first_as(self, int64_t low, int64_t high) noexcept nogil:
        """Return the leftmost AS outside confederations, -1 for a set, -2 if nothing is there."""
        cdef int64_t index
        for index in range(low, high):
            if self.segments[index].kind < FIRST_CONFED:
                if self.segments[index].kind == SEQUENCE:
                    return self.asns[self.segments[index].at]
                return -1
        return -2

    cdef int64_t cut_before(self, int64_t high, int64_t own) noexcept nogil:
        """Cut off what stands before an AS; return the first segment left, -1 without it."""
        cdef int64_t index, member
        cdef Segment* segment
        for index in range(1, high):
            segment = self.segments + index
            if segment.kind == SEQUENCE:
                for member in range(segment.count):
                    if self.asns[segment.at + member] == own:
                        segment.at += member
                        segment.count -= member
                        return index
        return -1

    cdef int64_t without_confederations(self, int64_t low, int64_t high) noexcept nogil:
        """Close the gaps that confederation segments leave; return the new end."""
        cdef int64_t index
        for index in range(low, high):
            if self.segments[index].kind < FIRST_CONFED:
                self.segments[low] = self.segments[index]
                low += 1
        return low

    cdef int64_t length(self, int64_t low, int64_t high) noexcept nogil:
        """Count ASes as in route selection."""
        cdef int64_t index, found = 0
        for index in range(low, high):
            if self.segments[index].kind == SEQUENCE:
                found += self.segments[index].count
            else:
                found += self.segments[index].kind == AS_SET_TYPE
        return found

    cdef int64_t merge(self, int64_t high) noexcept nogil:
        """See `_attributes_py._in_four_octets` and `_merge`; return the new end."""
        cdef Segment* segments = self.segments
        cdef int64_t low = 1, end, missing
        if not self.has(17):
            return high
        if self.has(7) and self.has(18) and self.value_size[7] == 6 and self.value_size[18] == 8:
            if u16(self.octets, self.value_at[7]) != AS_TRANS:
                return high  # aggregated since
        end = self.cut(high, self.members(high), 17, 4)
        if end < 0:
            return high  # malformed: discarded, RFC 6793 section 6
        end = self.without_confederations(high, end)
        missing = self.length(1, high) - self.length(high, end)
        if missing < 0:
            return high
        while low < high:
            if segments[low].kind == AS_SET_TYPE and missing > 0:
                missing -= 1
            elif segments[low].kind < FIRST_CONFED:
                if missing == 0:
                    break
                if missing < segments[low].count:
                    segments[low].count = missing
                    low += 1
                    break
                missing -= segments[low].count
            low += 1
        memmove(segments + low, segments + high, (end - high) * sizeof(Segment))
        return low + end - high

    cdef int64_t members(self, int64_t high) noexcept nogil:
        """Return where members can be written after those of segments[1:high]."""
        return 1 if high == 1 else self.segments[high - 1].at + self.segments[high - 1].count

    cdef inline bint is_plain(self, uint32_t asn) noexcept nogil:
        """Whether an AS number surely has no bits; without a branch: it is asked of every AS."""
        cdef uint32_t block = min(asn >> 6, <uint32_t> PLAIN)
        return self.plain[block >> 3] >> (block & 7) & <uint32_t> (asn <= self.plain_last)

    cdef uint32_t asn_bits(self, uint32_t asn) noexcept nogil:
        cdef int index
        for index in range(self.n_ranges):
            if asn <= self.ranges[index].last:
                return self.ranges[index].bits
        return 0

    cdef inline bint meet(self, uint32_t asn) noexcept nogil:
        """Whether an AS was met before in this path; it is from now on."""
        cdef int index
        cdef uint64_t hint = hint_of(asn)
        if self.n_met > NEAR_PATH:
            return self.mark(asn)
        if self.hints & hint:
            for index in range(self.n_met):
                if self.met[index] == asn:
                    return True
        self.hints |= hint
        if self.n_met < NEAR_PATH:
            self.met[self.n_met] = asn
            self.n_met += 1
            return False
        self.n_met += 1  # comparing each with all takes too long: on with the table
        self.stamp += 1
        if self.stamp == 0:
            memset(self.marks, 0, ASNS * sizeof(uint64_t))
            self.stamp = 1
        for index in range(NEAR_PATH):
            self.mark(self.met[index])
        return self.mark(asn)

    cdef bint mark(self, uint32_t asn) noexcept nogil:
        cdef uint64_t key = <uint64_t> self.stamp << 32 | asn, slot = mix(asn) & (ASNS - 1)
        while self.marks[slot] >> 32 == self.stamp:
            if self.marks[slot] == key:
                return True
            slot = (slot + 1) & (ASNS - 1)
        self.marks[slot] = key
        return False

    cdef void walk_path(self, int64_t low, int64_t high) noexcept nogil:
        """See `AttributeFacts._walk_path`."""
        cdef uint32_t bits = 0 if low < high else EMPTY_PATH, asn
        cdef int64_t index, member, previous = -1
        cdef int64_t length = self.length(low, high)
        cdef Segment segment
        self.n_met, self.hints = 0, 0
        for index in range(low, high):
            segment = self.segments[index]
            for member in range(segment.at, segment.at + segment.count):
                asn = self.asns[member]
                if not self.is_plain(asn):
                    bits |= self.asn_bits(asn)
                if segment.kind == SEQUENCE:
                    if asn == previous:
                        bits |= PREPENDED
                    else:
                        if self.meet(asn) and asn != MICROSOFT:
                            bits |= LOOP
                        previous = asn
            if segment.kind >= FIRST_CONFED:
                bits |= CONFED
            elif segment.kind == AS_SET_TYPE:
                bits |= AS_SET
                previous = -1  # a set breaks a row of repeats
        if length > self.max_path:
            bits |= LONG_PATH
        self.facts, self.path_length = bits, length
