"""The part of the kernel that reads TABLE_DUMP. See `python.table_dumps.TableDumps`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from peerlint.bulk.kernel.compiled.attributes cimport is_tagged
from peerlint.bulk.kernel.compiled.contract cimport (
    BROKEN, GOOD, NEW_SESSION, NO_MEMORY, NO_RECORD_END, PREFIX_LENGTH, RARE, RIB, broken_at, needs,
)
from peerlint.bulk.kernel.compiled.counts cimport Alike, count_prefix
from peerlint.bulk.kernel.compiled.octets cimport CHECK, Octets, u8, u16, u32, u64
from peerlint.bulk.kernel.compiled.peers cimport IN_TABLE, Peer, Session, cell_of_session
from peerlint.bulk.kernel.compiled.prefixes cimport Prefix, ones_right_of, prefix_bits
from peerlint.bulk.kernel.compiled.rows cimport (
    Rows, add_route, compute_entry_facts, note_table_record, passes_filter, reserve, starts_anew,
    write,
)
from peerlint.bulk.kernel.compiled.runs cimport add_to_run
from peerlint.bulk.kernel.compiled.values cimport Attribute, read_attribute

cdef enum:
    HEAD = 4                 # view and sequence number, before the routes of a record
    FORM = 0                 # AS numbers of two octets, and no path identifiers


cdef inline int read_table_dump(Rows* rows, uint32_t subtype, int64_t start) noexcept nogil:
    """Read a record; rows are written when its snapshot and all peers are known."""
    cdef uint8_t family = 4 if subtype == 1 else 6
    cdef int64_t at = start + HEAD, end = rows.end, after, count = 0, index, sequence
    cdef int fault = GOOD
    cdef uint64_t* cell
    if not needs(&rows.broken, start, HEAD + fixed(family), end):
        return BROKEN
    if end_of_entry(rows, family, at, True) < 0:
        return BROKEN
    sequence = u16(rows.octets, start + 2)
    if u16(rows.octets, start) != rows.view or starts_anew(rows, subtype, sequence):
        return RARE
    while at < end:
        after = end_of_entry(rows, family, at, at == start + HEAD)
        if after < 0:
            fault = BROKEN
            break
        cell = cell_of_peer(rows, family, at)
        if cell == NULL:
            return NO_MEMORY
        if cell[1] == 0:
            rows.newcomer = at
            return NEW_SESSION
        count += 1
        at = after
    if not reserve(rows, count):
        return NO_MEMORY
    note_table_record(rows, subtype, family, sequence)
    at = start + HEAD
    for index in range(count):
        after = at + fixed(family) + u16(rows.octets, at + fixed(family) - 2)
        cell = cell_of_peer(rows, family, at)
        if cell == NULL:
            return NO_MEMORY
        read_route(rows, family, cell[1] - 1, at, after)
        at = after
    return fault


cdef inline int64_t fixed(uint8_t family) noexcept nogil:
    """Return how many octets a route has in front of its attributes."""
    return 18 if family == 4 else 42


cdef inline int64_t end_of_entry(
    Rows* rows, uint8_t family, int64_t at, bint is_first
) noexcept nogil:
    """Return the offset after the route at an offset, -1 if it is broken."""
    cdef Octets octets = rows.octets
    cdef int64_t width = 4 if family == 4 else 16, start = at + fixed(family), size
    cdef uint32_t length
    if not needs(&rows.broken, at, start - at, rows.end):
        return -1
    length, size = u8(octets, at + width), u16(octets, start - 2)
    if not is_first and (
        length > 8 * width or start + size > rows.end or not is_list(octets, start, start + size)
    ):
        broken_at(&rows.broken, at, NO_RECORD_END, 0, rows.end - at)
        return -1
    if length > 8 * width:
        broken_at(&rows.broken, at + width, PREFIX_LENGTH, 8 * width, length)
        return -1
    if not needs(&rows.broken, start, size, rows.end):
        return -1
    return start + size


cdef inline bint is_list(Octets octets, int64_t at, int64_t end) noexcept nogil:
    """Whether there is at least one attribute, and each ends inside the list."""
    cdef Attribute one
    if at == end:
        return False
    while read_attribute(octets, at, end, &one):
        at = one.end
    return at == end


cdef inline uint64_t* cell_of_peer(Rows* rows, uint8_t family, int64_t at) noexcept nogil:
    """Return the cell of the peer of the route at an offset."""
    cdef int64_t width = 4 if family == 4 else 16, start = at + fixed(family)
    cdef Session session
    memset(&session, 0, sizeof(Session))
    session.asn, session.local_asn = u16(rows.octets, start - 4), <uint32_t> rows.hand
    session.sent, session.size = IN_TABLE, width
    CHECK(start <= rows.octets.size)
    memcpy(session.address, rows.octets.first + at + width + 6, width)
    return cell_of_session(&rows.peers, &session)


cdef inline void read_route(
    Rows* rows, uint8_t family, int64_t index, int64_t at, int64_t after
) noexcept nogil:
    """Write the row of the route at an offset, which `end_of_entry` has read before."""
    cdef Octets octets = rows.octets
    cdef int64_t start = at + fixed(family), size = after - start
    cdef Peer* peer = rows.peers.known + index
    cdef Prefix prefix
    cdef Alike* alike
    peer.entries += 1
    if peer.reading < 0:
        return
    prefix.family, prefix.safi, prefix.path_id = family, 1, -1
    if family == 4:
        prefix.hi, prefix.lo = <uint64_t> u32(octets, at) << 32, 0
        prefix.length = u8(octets, at + 4)
    else:
        peer.ipv6 += 1
        prefix.hi, prefix.lo = u64(octets, at), u64(octets, at + 8)
        prefix.length = u8(octets, at + 16)
    # Bits right of the length are irrelevant, as in NLRI.
    prefix.hi &= ~ones_right_of(prefix.length)
    prefix.lo &= ~ones_right_of(prefix.length - 64)
    if not passes_filter(rows, &prefix) and not (
        rows.tagged_too and is_tagged(&rows.facts.communities, octets, start, after)
    ):
        return
    alike = compute_entry_facts(rows, peer, start, size, FORM)
    add_route(rows, peer, prefix_bits(&rows.special[family == 6], &prefix))
    add_to_run(&rows.runs, &prefix, alike.route.origin)
    if rows.writing:
        write(rows, RIB, FORM, index, &prefix, alike, start, size)
    count_prefix(&rows.counter, &prefix)
