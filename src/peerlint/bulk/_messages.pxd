"""The half of the kernel that reads BGP4MP. See `_messages_py.Messages`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from peerlint.bulk._attributes cimport judge_attributes
from peerlint.bulk._contract cimport (
    ADD_PATH, AFI, ANNOUNCE, AS4, ATTRIBUTE_LIST, BROKEN, Broken, DOWN, END_OF_RIB_4, END_OF_RIB_6,
    ENDED, GOOD, HEARD, MARKER, MESSAGE_LENGTH, MESSAGE_TYPE, NEW_SESSION, NEXT_HOP, NO_MEMORY,
    OPENED, RARE, REPEATED, STARTED, TAGGED, WITHDRAW, broken_at, needs,
)
from peerlint.bulk._counts cimport Alike, count_prefix, count_routes, find_cells
from peerlint.bulk._octets cimport CHECK, Octets, u8, u16, u32
from peerlint.bulk._paths cimport Judged
from peerlint.bulk._peers cimport Peer, Session, cell_of_session
from peerlint.bulk._prefixes cimport Prefix, prefix_bits, read_prefix
from peerlint.bulk._rows cimport Rows, is_watched, note, reserve, write
from peerlint.bulk._values cimport Attribute, MP_REACH_NLRI, MP_UNREACH_NLRI, read_attribute

cdef struct Section:         # NLRI of one family
    int64_t at, end
    uint8_t family, safi


cdef inline int read_message(Rows* rows, uint8_t form, uint8_t local, int64_t at) noexcept nogil:
    """See `_messages_py.Messages._message`."""
    cdef Octets octets = rows.octets
    cdef int64_t width = 4 if form & AS4 else 2, addresses = at + 2 * width + 4, size, peer
    cdef int64_t end = rows.end, asns_end = at + 2 * width
    cdef uint32_t afi, message
    cdef uint64_t* cell
    cdef Session session
    if asns_end + 16 <= end and is_marker(octets, asns_end):
        return GOOD
    if not needs(&rows.broken, at, 2 * width + 4, end):
        return BROKEN
    afi = u16(octets, addresses - 2)
    if afi != 1 and afi != 2:
        return broken_at(&rows.broken, addresses - 2, AFI, 0, afi)
    size = 4 if afi == 1 else 16
    if not needs(&rows.broken, addresses, 2 * size, end):
        return BROKEN
    memset(&session, 0, sizeof(Session))
    session.asn = u32(octets, at) if width == 4 else u16(octets, at)
    session.local_asn = u32(octets, at + 4) if width == 4 else u16(octets, at + 2)
    session.sent, session.size = local, size
    CHECK(addresses + size <= octets.size)
    memcpy(session.address, octets.first + addresses, size)
    cell = cell_of_session(&rows.peers, &session)
    if cell == NULL:
        return NO_MEMORY
    if cell[1] == 0:
        return NEW_SESSION
    peer = cell[1] - 1
    at = addresses + 2 * size
    if not needs(&rows.broken, at, 19, end):
        return BROKEN
    if not is_marker(octets, at):
        return broken_at(&rows.broken, at, MARKER, 0, 0)
    if u16(octets, at + 16) != end - at:
        return broken_at(&rows.broken, at + 16, MESSAGE_LENGTH, end - at, u16(octets, at + 16))
    message = u8(octets, at + 18)
    if not 1 <= message <= 5:
        return broken_at(&rows.broken, at + 18, MESSAGE_TYPE, 0, message)
    note(rows, rows.peers.known + peer, STARTED if message == 1 else DOWN if message == 3 else HEARD)
    if message == 2:
        return read_update(rows, peer, form, at + 19)
    if message == 1:
        rows.peers.known[peer].seen |= OPENED
    return GOOD


cdef inline bint is_marker(Octets octets, int64_t at) noexcept nogil:
    cdef int64_t index
    for index in range(at, at + 16):
        if u8(octets, index) != 0xFF:
            return False
    return True


cdef inline int read_update(Rows* rows, int64_t index, uint8_t form, int64_t at) noexcept nogil:
    """See `_messages_py.Messages._update`."""
    cdef Octets octets = rows.octets
    cdef Peer* peer = rows.peers.known + index
    cdef int64_t end = rows.end, withdrawn = at + 2, withdrawn_end, attributes, nlri
    cdef int64_t gone = 0, come = 0
    cdef Judged judged = Judged(0, 0, -1)
    cdef Section sections[4]     # withdrawn, MP_UNREACH_NLRI, NLRI, MP_REACH_NLRI
    cdef int step
    cdef bint is_mp
    if not needs(&rows.broken, at, 2, end):
        return BROKEN
    withdrawn_end = withdrawn + u16(octets, at)
    if not needs(&rows.broken, withdrawn, withdrawn_end - withdrawn + 2, end):
        return BROKEN
    attributes = withdrawn_end + 2
    nlri = attributes + u16(octets, withdrawn_end)
    if not needs(&rows.broken, attributes, nlri - attributes, end):
        return BROKEN
    memset(sections, 0, sizeof(sections))
    sections[0] = Section(withdrawn, withdrawn_end, 4, 1)
    sections[2] = Section(nlri, end, 4, 1)
    # The rows of a message appear all or not at all: count first, and stop at the first fault.
    if not count_nlri(rows, &sections[0], form, &gone):
        return BROKEN
    if not count_nlri(rows, &sections[2], form, &come):
        return BROKEN
    step = find_sections(rows, attributes, nlri, &sections[3], &sections[1])
    if step != GOOD:
        return step
    if not count_nlri(rows, &sections[1], form, &gone):
        return BROKEN
    if not count_nlri(rows, &sections[3], form, &come):
        return BROKEN
    if gone + come == 0:
        # Nothing at all, or an MP_UNREACH_NLRI without prefixes: End-of-RIB, RFC 4724. That of
        # multicast says nothing of the unicast routes.
        is_mp = sections[1].family and not sections[3].family and sections[1].safi == 1
        if nlri == attributes or (is_mp and sections[1].family == 4):
            peer.seen |= END_OF_RIB_4
            note(rows, peer, ENDED)
        elif is_mp:
            peer.seen |= END_OF_RIB_6
    if not reserve(rows, gone + come):
        return NO_MEMORY
    peer.entries += gone + come
    if peer.reading < 0:
        return GOOD
    peer.withdrawn += gone
    emit(rows, WITHDRAW, form, index, judged, &sections[0], attributes, nlri)
    emit(rows, WITHDRAW, form, index, judged, &sections[1], attributes, nlri)
    if come:
        judge_attributes(
            &rows.judge, octets, attributes, nlri, form, peer.reading, peer.own, &judged
        )
        emit(rows, ANNOUNCE, form, index, judged, &sections[2], attributes, nlri)
        emit(rows, ANNOUNCE, form, index, judged, &sections[3], attributes, nlri)
    return GOOD


cdef inline bint count_nlri(
    Rows* rows, const Section* section, uint8_t form, int64_t* count
) noexcept nogil:
    """Count the prefixes of a section; False if one is broken."""
    cdef int64_t at = section.at
    cdef Prefix prefix
    while at < section.end:
        at = read_nlri(rows, at, section, form, &prefix)
        if at < 0:
            return False
        count[0] += 1
    return True


cdef inline int64_t read_nlri(
    Rows* rows, int64_t at, const Section* section, uint8_t form, Prefix* found
) noexcept nogil:
    """Read one prefix of a section; return the offset after it, -1 if it is broken."""
    found.family, found.safi, found.path_id = section.family, section.safi, -1
    if form & ADD_PATH:
        if not needs(&rows.broken, at, 4, section.end):
            return -1
        found.path_id = u32(rows.octets, at)
        at += 4
    return read_prefix(rows.octets, at, section.end, found, &rows.broken)


cdef inline void emit(
    Rows* rows, int kind, uint8_t form, int64_t index, Judged judged, const Section* section,
    int64_t attributes, int64_t nlri,
) noexcept nogil:
    """Write the rows of a section, which `count_nlri` has read before."""
    cdef int64_t at = section.at
    cdef Peer* peer = rows.peers.known + index
    cdef Alike alike = Alike(judged, 0, 1, NULL, NULL)
    cdef Prefix prefix
    cdef bint kept
    while at < section.end:
        at = read_nlri(rows, at, section, form, &prefix)
        if kind == ANNOUNCE:
            peer.tagged += judged.facts & TAGGED
            peer.ipv6 += prefix.family == 6
        # A withdrawal may be of a route that was tagged before.
        kept = rows.tagged_too and (judged.facts & TAGGED or kind == WITHDRAW)
        if not kept and not is_watched(rows, &prefix):
            continue
        if kind == ANNOUNCE:
            alike.bits = prefix_bits(&rows.special[prefix.family == 6], &prefix)
            find_cells(&rows.counter, &alike)
            peer.routes += 1
            peer.faulty += count_routes(&rows.counter, &alike)
            count_prefix(&rows.counter, &prefix)
        else:
            rows.counter.withdrawals += 1
        if rows.writing:
            write(rows, kind, form, index, &prefix, &alike, attributes, nlri - attributes)


cdef inline int find_sections(
    Rows* rows, int64_t at, int64_t end, Section* reach, Section* unreach
) noexcept nogil:
    """See `_messages_py.Messages._multiprotocol`; sections that are not there stay empty."""
    cdef Octets octets = rows.octets
    cdef Broken* broken = &rows.broken
    cdef Section* section
    cdef Attribute one
    cdef int64_t first = at
    cdef uint32_t hop
    while read_attribute(octets, at, end, &one):
        at = one.end
        if one.kind != MP_REACH_NLRI and one.kind != MP_UNREACH_NLRI:
            continue
        section = reach if one.kind == MP_REACH_NLRI else unreach
        if section.family:
            # RFC 7606 section 3 g: nobody knows which of the two counts.
            return broken_at(broken, one.value, REPEATED, 0, one.kind)
        if not needs(broken, one.value, 3, one.end):
            return BROKEN
        if not read_family(octets, one.value, section):
            return RARE  # to be skipped
        section.at, section.end = one.value + 3, one.end
        if section == reach:
            if not needs(broken, one.value, 5, one.end):
                return BROKEN
            hop = u8(octets, one.value + 3)
            if not needs(broken, one.value, 5 + hop, one.end):
                return BROKEN
            if hop != 4 and hop != 16 and hop != 32:
                return broken_at(broken, one.value + 3, NEXT_HOP, 0, hop)
            section.at = one.value + 5 + hop
    if at < end and end == rows.end and not reach.family and not unreach.family:
        # No prefix to withdraw (RFC 7606 section 5.2): it may stand in what is left.
        return broken_at(broken, first, ATTRIBUTE_LIST, 0, end - at)
    return GOOD


cdef inline bint read_family(Octets octets, int64_t at, Section* section) noexcept nogil:
    """Read AFI and SAFI; False if they are not IPv4 or IPv6 unicast or multicast."""
    cdef uint32_t afi = u16(octets, at), safi = u8(octets, at + 2)
    section.family, section.safi = 4 if afi == 1 else 6, safi
    return 1 <= afi <= 2 and 1 <= safi <= 2
