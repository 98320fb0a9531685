"""The current record, routes and their rows: what all parts share. See `python.rows.Rows`."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcmp

from peerlint.bulk.kernel.compiled.attributes cimport AttributeFacts, compute_facts
from peerlint.bulk.kernel.compiled.contract cimport (
    Broken, IPV4_RECORDS, IPV6_RECORDS, LONGEST_PAUSE, LOSSES, Loss, Row, TAGGED,
)
from peerlint.bulk.kernel.compiled.counts cimport (
    Alike, Counter, count_routes, find_cells, free_counter,
)
from peerlint.bulk.kernel.compiled.octets cimport CHECK, Octets
from peerlint.bulk.kernel.compiled.other_routes cimport OtherTables, free_others
from peerlint.bulk.kernel.compiled.paths cimport free_paths
from peerlint.bulk.kernel.compiled.peers cimport Moment, Peer, Peers
from peerlint.bulk.kernel.compiled.prefixes cimport Prefix, Special, Ranges, is_inside
from peerlint.bulk.kernel.compiled.runs cimport Runs, reserve_runs

cdef enum:
    NO_BITS = 0xFFFFFFFF     # not those of any prefix
    LAST = -1                # the end of a list of peers

cdef struct Rows:
    bint tagged_too, writing
    Ranges prefix_filter[2]  # of IPv4, of IPv6
    Special special[2]
    AttributeFacts facts
    Counter counter
    Peers peers
    OtherTables others
    int64_t noted            # 1 + the first peer with routes that are not counted yet; or LAST
    Row* written
    int64_t count, capacity
    Runs runs
    # Of the current snapshot: its number, its view if it is a TABLE_DUMP (else -1), the families of
    # its records, the time of the last one, the last sequence number by subtype (-1: none),
    # whether something was lost, and where another snapshot seems to start (a time of -1: nowhere)
    int64_t hand, view
    uint32_t families
    int64_t last
    int64_t sequences[64]
    bint is_damaged
    Moment lost_start
    # Of a feed: the times of its first and its last record; -1 without any
    int64_t first_message, last_message
    # The current record
    Octets octets
    uint64_t base, chunk
    int64_t at, end, timestamp
    int64_t newcomer         # the offset of the route of a new peer in a TABLE_DUMP
    Broken broken
    int losses               # of the current message
    Loss lost[LOSSES]
    int64_t undeclared_path_ids


cdef inline void free_rows(Rows* rows) noexcept nogil:
    free(rows.prefix_filter[0].ranges)
    free(rows.prefix_filter[1].ranges)
    free_paths(&rows.facts.paths)
    free_counter(&rows.counter)
    free_others(&rows.others)
    free(rows.peers.known)
    free(rows.peers.sessions.cells)
    free(rows.written)
    free(rows.runs.written)


cdef inline void note(const Rows* rows, Peer* peer, int event) noexcept nogil:
    """Record the time of an event of a session, unless a later one is known."""
    cdef Moment* moment = &peer.moments[event]
    if moment.time <= rows.timestamp:
        moment.time, moment.record = rows.timestamp, rows.base + rows.at


cdef inline void note_record(
    Rows* rows, uint32_t subtype, uint8_t family, uint8_t safi, int64_t sequence
) noexcept nogil:
    """See `python.snapshots.Snapshots._note_record`."""
    cdef bint is_strange = (
        sequence <= rows.sequences[subtype] or rows.timestamp - rows.last > LONGEST_PAUSE
    )
    if rows.view >= 0:
        return  # it belongs to the table before the current one
    if rows.is_damaged and is_strange and rows.lost_start.time < 0:
        rows.lost_start.time, rows.lost_start.record = rows.timestamp, rows.base + rows.at
    rows.sequences[subtype] = sequence
    if safi == 1:
        rows.families |= IPV4_RECORDS if family == 4 else IPV6_RECORDS


cdef inline bint starts_anew(const Rows* rows, uint32_t subtype, int64_t sequence) noexcept nogil:
    """See `python.snapshots.Snapshots._starts_anew`."""
    cdef int64_t last = rows.sequences[subtype]
    cdef bint is_elsewhen = rows.timestamp != rows.last
    cdef bint is_late = rows.timestamp - rows.last > LONGEST_PAUSE
    if last < 0:
        return (is_late or (rows.is_damaged and is_elsewhen)) and (
            rows.sequences[1] >= 0 or rows.sequences[2] >= 0
        )
    if rows.is_damaged and (is_elsewhen or sequence <= last):
        return True
    if sequence == 0 and last == 0xFFFF:
        return is_late
    return sequence < last or (sequence == 0 and last == 0 and is_elsewhen)


cdef inline void note_table_record(
    Rows* rows, uint32_t subtype, uint8_t family, int64_t sequence
) noexcept nogil:
    """See `python.snapshots.Snapshots._note_table_record`."""
    rows.sequences[subtype] = sequence
    rows.last = rows.timestamp
    rows.families |= IPV4_RECORDS if family == 4 else IPV6_RECORDS


cdef inline void note_message(Rows* rows) noexcept nogil:
    """Keep the times of the first and the last record of a feed."""
    if rows.first_message < 0:
        rows.first_message = rows.timestamp
    rows.last_message = rows.timestamp


cdef inline bint passes_filter(const Rows* rows, const Prefix* prefix) noexcept nogil:
    return is_inside(&rows.prefix_filter[prefix.family == 6], prefix)


cdef inline bint reserve(Rows* rows, int64_t more) noexcept nogil:
    """Reserve memory for the rows and runs of a record; False if there is none."""
    cdef int64_t capacity
    cdef Row* written
    if not reserve_runs(&rows.runs, more):
        return False
    if not rows.writing or rows.count + more <= rows.capacity:
        return True
    capacity = 2 * rows.capacity + more
    written = <Row*> realloc(rows.written, capacity * sizeof(Row))
    if written == NULL:
        return False
    rows.written, rows.capacity = written, capacity
    return True


cdef inline void write(
    Rows* rows, int kind, uint8_t form, int64_t peer, const Prefix* prefix, const Alike* alike,
    int64_t attributes, int64_t size,
) noexcept nogil:
    """Write a row into memory that `reserve` has reserved."""
    cdef Row* row = rows.written + rows.count
    CHECK(rows.count < rows.capacity)
    row.kind, row.form, row.peer = kind, form, <uint32_t> peer
    row.facts = alike.route.facts | alike.bits
    row.family, row.safi, row.length = prefix.family, prefix.safi, prefix.length
    row.prefix_hi, row.prefix_lo, row.path_id = prefix.hi, prefix.lo, prefix.path_id
    row.path_length, row.origin = <uint16_t> alike.route.path_length, alike.route.origin
    row.timestamp, row.record = rows.timestamp, rows.base + rows.at
    row.attr_at, row.attr_len = <uint32_t> attributes, <uint32_t> size
    rows.count += 1


cdef inline Alike* compute_entry_facts(
    Rows* rows, Peer* peer, int64_t at, int64_t size, uint8_t form
) noexcept nogil:
    """Compute the facts of a RIB entry, unless its peer's entry before had the same attributes."""
    cdef const uint8_t* first = rows.octets.first
    CHECK(at + size <= rows.octets.size)
    if peer.chunk != rows.chunk or peer.size != size or (
        memcmp(first + at, first + peer.at, size) != 0
    ):
        settle(rows, peer)
        if peer.after == 0:
            peer.after = rows.noted if rows.noted > 0 else LAST
            rows.noted = peer - rows.peers.known + 1
        compute_facts(
            &rows.facts, rows.octets, at, at + size, form, peer.reading, peer.own,
            &peer.alike.route,
        )
        peer.alike.bits = NO_BITS
        peer.size, peer.chunk = size, rows.chunk
    peer.at = at
    return &peer.alike


cdef inline void add_route(Rows* rows, Peer* peer, uint32_t bits) noexcept nogil:
    """Note a route of a RIB, to be counted together with the following ones that are alike."""
    if peer.alike.bits != bits:
        settle(rows, peer)
        peer.alike.bits = bits
        find_cells(&rows.counter, &peer.alike)
    peer.alike.routes += 1


cdef inline void settle(Rows* rows, Peer* peer) noexcept nogil:
    """Count the noted routes of a peer."""
    cdef Alike* alike = &peer.alike
    if alike.routes > 0:
        peer.tagged += alike.routes if alike.route.facts & TAGGED else 0
        peer.routes += alike.routes
        peer.violating += count_routes(&rows.counter, alike)
        alike.routes = 0


cdef inline void settle_noted(Rows* rows) noexcept nogil:
    """Count the noted routes of all peers since the last call."""
    cdef int64_t one = rows.noted
    cdef Peer* peer
    while one > 0:
        peer = rows.peers.known + one - 1
        settle(rows, peer)
        one, peer.after = peer.after, 0
    rows.noted = LAST
