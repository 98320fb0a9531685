"""Peers, and the sessions of a feed.

See `python.rows.Rows` and `python.messages.Messages`.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memcmp, memset

from peerlint.bulk.kernel.compiled.contract cimport MOMENTS, TABLE_HEAD
from peerlint.bulk.kernel.compiled.counts cimport Alike
from peerlint.bulk.kernel.compiled.siphash cimport sip_octets
from peerlint.bulk.kernel.compiled.tables cimport Table, cell_of, known_cell

cdef enum:
    # In `Session.sent`: a peer of a TABLE_DUMP, whose local AS is the number of its snapshot.
    IN_TABLE = 2

cdef packed struct Session:
    uint32_t asn, local_asn
    uint8_t sent, size
    uint8_t address[16]

cdef struct Moment:          # see `contract.Moments`
    int64_t time             # -1: never
    uint64_t record

cdef struct Peer:
    Session session
    int64_t own
    int reading
    uint32_t seen
    uint64_t entries, withdrawn, tagged, ipv6, routes, violating
    # Its last RIB entry, because the next one often has the same attributes.
    Alike alike
    int64_t at, size         # of the attributes
    uint64_t chunk           # the call of `read` that this offset belongs to
    int64_t after            # the next in the list of `rows.Rows.noted`; 0 if it is not in it
    Moment moments[MOMENTS]
    # Of a table of a BMP stream: see `python.monitoring._Table`
    uint8_t head[TABLE_HEAD]
    uint8_t form, families
    bint is_touched
    int64_t frames
    int64_t touched          # 1 + the table touched before it; 0 for none
    int64_t others           # -1: its other routes are not counted

cdef struct Peers:
    Peer* known
    int64_t count
    Table sessions
    int64_t touched          # 1 + the table that was touched last; 0 for none


cdef inline bint add_peer(Peers* peers, int reading) noexcept nogil:
    """Add a peer, whose own AS is not known; False without memory."""
    cdef Peer* more
    cdef int event
    if peers.count & peers.count - 1 == 0:  # a power of two: double the memory
        more = <Peer*> realloc(peers.known, max(1, 2 * peers.count) * sizeof(Peer))
        if more == NULL:
            return False
        peers.known = more
    memset(peers.known + peers.count, 0, sizeof(Peer))
    peers.known[peers.count].reading, peers.known[peers.count].own = reading, -1
    peers.known[peers.count].others = -1
    for event in range(MOMENTS):
        peers.known[peers.count].moments[event].time = -1
    peers.count += 1
    return True


cdef inline void touch(Peers* peers, int64_t index) noexcept nogil:
    """See `python.monitoring.Monitoring.touch`."""
    cdef Peer* peer = peers.known + index
    if not peer.is_touched:
        peer.is_touched, peer.touched = True, peers.touched
        peers.touched = index + 1


cdef inline uint64_t* cell_of_session(Peers* peers, const Session* session) noexcept nogil:
    """Return the cell with the session's index + 1, 0 if it is new; NULL without memory."""
    cdef uint64_t key = sip_octets(
        peers.sessions.key, <const uint8_t*> session, sizeof(Session)
    ) | 1
    cdef uint64_t* cell
    while True:
        cell = cell_of(&peers.sessions, key)
        if cell == NULL or cell[1] == 0 or (
            memcmp(&peers.known[cell[1] - 1].session, session, sizeof(Session)) == 0
        ):
            return cell
        key += 2  # never 0


cdef inline uint64_t key_of_head(const Peers* peers, const uint8_t* head) noexcept nogil:
    return sip_octets(peers.sessions.key, head, TABLE_HEAD) | 1


cdef inline bint add_head(Peers* peers, int64_t index) noexcept nogil:
    """Make a peer known by its per-peer header, which is new; False without memory."""
    cdef uint64_t key = key_of_head(peers, peers.known[index].head)
    cdef uint64_t* cell = cell_of(&peers.sessions, key)
    while cell != NULL and cell[1] != 0:
        key += 2  # never 0
        cell = cell_of(&peers.sessions, key)
    if cell == NULL:
        return False
    cell[1] = index + 1
    return True


cdef inline int64_t find_head(const Peers* peers, const uint8_t* head) noexcept nogil:
    """Return the index of the table of a BMP stream with a per-peer header; -1 if it is new.

    What is not found takes no memory, unlike in `cell_of_session`: a stream need not end.
    """
    cdef uint64_t key = key_of_head(peers, head)
    cdef const uint64_t* cell
    while True:
        cell = known_cell(&peers.sessions, key)
        if cell == NULL:
            return -1
        if memcmp(peers.known[cell[1] - 1].head, head, TABLE_HEAD) == 0:
            return cell[1] - 1
        key += 2
