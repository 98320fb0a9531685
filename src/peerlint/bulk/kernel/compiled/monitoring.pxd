"""The part that reads Route Monitoring messages of BMP. See `python.monitoring.Monitoring`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t

from peerlint.bulk.kernel.compiled.contract cimport (
    ADD_PATH, ALL_FAMILY_BITS, ASKED, END, FRAME, GOOD, LEFT_OUT, MONITORED_HEAD, NEW_SESSION, NOT_PLAIN,
    TABLE_HEAD,
)
from peerlint.bulk.kernel.compiled.messages cimport add_update, is_marker
from peerlint.bulk.kernel.compiled.octets cimport CHECK, Octets, u8, u16, u32
from peerlint.bulk.kernel.compiled.peers cimport Peer, find_head, touch
from peerlint.bulk.kernel.compiled.rows cimport Rows
from peerlint.bulk.kernel.compiled.update cimport Section, Update, find_sections, read_update, start

cdef enum:
    HEADER = 6               # octets of the common header
    BGP_HEADER = 19
    VERSION = 3
    PEER_TYPES = 4
    MILLION = 1000000

cdef struct Monitored:       # what was read of a stream
    int64_t records, read, skipped, foreign, asked


cdef inline int read_bmp(Rows* rows, int64_t longest, Monitored* total) noexcept nogil:
    """Read messages as far as possible without the caller; return why it ended.

    See `python.monitoring.Monitoring.read_bmp`.
    """
    cdef Octets octets = rows.octets
    cdef int64_t length
    cdef int step
    while rows.at + HEADER <= octets.size:
        length = u32(octets, rows.at + 1)
        if u8(octets, rows.at) != VERSION or u8(octets, rows.at + 5) != 0 or not (
            MONITORED_HEAD + BGP_HEADER <= length <= longest
        ):
            return FRAME
        rows.end = rows.at + length
        if rows.end > octets.size:
            break
        step = read_monitored(rows, total)
        if step != GOOD:
            return step
        total.records += 1
        rows.at = rows.end
    return END


cdef inline int read_monitored(Rows* rows, Monitored* total) noexcept nogil:
    """See `python.monitoring.Monitoring._monitored`."""
    cdef Octets octets = rows.octets
    cdef int64_t at = rows.at, end = rows.end, message = at + MONITORED_HEAD, index
    cdef uint32_t fraction
    cdef int form, step
    cdef bint is_empty
    cdef Peer* peer
    cdef Update update
    CHECK(at + MONITORED_HEAD <= octets.size)
    if u8(octets, at + HEADER) >= PEER_TYPES:
        return FRAME
    index = find_head(&rows.peers, octets.first + at + HEADER)
    if index < 0:
        total.asked = -1
        return NEW_SESSION
    peer = rows.peers.known + index
    if peer.reading == LEFT_OUT:
        peer.frames += 1
        touch(&rows.peers, index)
        total.skipped += end - at
        return GOOD
    if not is_marker(octets, message) or u16(octets, message + 16) != end - message or (
        u8(octets, message + 18) != 2
    ):
        return FRAME
    form = form_of(octets, peer, message + BGP_HEADER, end)
    if form < 0:
        return FRAME
    read_update(&rows.facts, octets, message + BGP_HEADER, end, <uint8_t> form, 0, &update)
    if update.losses or update.undeclared_path_ids or update.ended:
        return FRAME
    is_empty = update.is_foreign and update.announced == 0 and update.withdrawn == 0
    if peer.reading == ASKED and not is_empty:
        total.asked = index
        return NEW_SESSION
    fraction = u32(octets, at + HEADER + TABLE_HEAD + 4)
    rows.timestamp = <int64_t> u32(octets, at + HEADER + TABLE_HEAD) * MILLION
    rows.timestamp += fraction if fraction < MILLION else 0
    step = add_update(rows, index, &update)
    if step != GOOD:
        return step
    if not is_empty:
        peer.frames += 1
        touch(&rows.peers, index)
    if update.is_foreign:
        total.foreign += 1
        total.skipped += end - at
    else:
        total.read += end - at
    return GOOD


cdef inline int form_of(Octets octets, const Peer* peer, int64_t at, int64_t end) noexcept nogil:
    """See `python.monitoring.Monitoring._form_of`; -1 for None."""
    cdef uint32_t families = peer.families, named
    if families & NOT_PLAIN:
        return -1
    if families == 0 or families == ALL_FAMILY_BITS:
        return peer.form | (ADD_PATH if families else 0)
    named = named_families(octets, at, end)
    if not named & families:
        return peer.form
    return -1 if named & ~families else peer.form | ADD_PATH


cdef inline uint32_t named_families(Octets octets, int64_t at, int64_t end) noexcept nogil:
    """See `python.monitoring.Monitoring._named_families`."""
    cdef Update found
    cdef int64_t attributes, list_end
    cdef uint32_t bits = 0
    if at + 4 > end:
        return 0
    attributes = at + 4 + u16(octets, at)
    if attributes > end:
        return 0
    list_end = attributes + u16(octets, attributes - 2)
    if list_end > end:
        return 0
    if attributes > at + 4 or list_end < end:
        bits = 1
    start(&found, 0, end)
    found.attributes, found.attributes_end = attributes, list_end
    find_sections(octets, list_end, end, &found)
    return bits | bit_of(&found.sections[1]) | bit_of(&found.sections[3])


cdef inline uint32_t bit_of(const Section* section) noexcept nogil:
    """See `contract.FAMILY_BITS`; 0 if there is no such section."""
    if section.family == 0:
        return 0
    return <uint32_t> 1 << ((2 if section.family == 6 else 0) + section.safi - 1)
