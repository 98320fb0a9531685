"""The half of the kernel that reads BGP4MP. See `python.messages.Messages`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from peerlint.bulk.kernel.compiled.attributes cimport compute_facts
from peerlint.bulk.kernel.compiled.contract cimport (
    AFI, ANNOUNCE, AS4, AS_TRANS, BROKEN, DOWN, END_OF_RIB_4, ENDED, GOOD, HAS_OPEN, HEARD,
    INTERNAL, LOSSES, MALFORMED, MARKER, MESSAGE_END, MESSAGE_LENGTH, NEW_SESSION, NO_MEMORY,
    RARE, SHORT, TAGGED, UNREADABLE, WITHDRAW, broken_at, needs,
)
from peerlint.bulk.kernel.compiled.counts cimport Alike, count_prefix, count_routes, find_cells
from peerlint.bulk.kernel.compiled.octets cimport CHECK, Octets, u8, u16, u32
from peerlint.bulk.kernel.compiled.other_routes cimport key_of, shows
from peerlint.bulk.kernel.compiled.paths cimport RouteFacts
from peerlint.bulk.kernel.compiled.peers cimport Peer, Session, cell_of_session
from peerlint.bulk.kernel.compiled.prefixes cimport Prefix, prefix_bits
from peerlint.bulk.kernel.compiled.rows cimport Rows, passes_filter, note, reserve, write
from peerlint.bulk.kernel.compiled.runs cimport add_to_run
from peerlint.bulk.kernel.compiled.update cimport Section, Update, lose, read_nlri, read_update


cdef inline int find_session(
    Rows* rows, uint8_t* form, uint8_t local, int64_t* place, int64_t* peer
) noexcept nogil:
    """Find the session of a record, and where its messages start; see `python.messages._message`.

    `peer` is -1 without addresses; `form` gets its bit of internal sessions.
    """
    cdef Octets octets = rows.octets
    cdef int64_t at = place[0], width = 4 if form[0] & AS4 else 2, addresses = at + 2 * width + 4
    cdef int64_t end = rows.end, asns_end = at + 2 * width, size
    cdef uint32_t afi
    cdef uint64_t* cell
    cdef Session session
    peer[0] = -1
    if asns_end + 16 <= end and is_marker(octets, asns_end):
        return RARE
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
    if session.asn == session.local_asn and session.asn != 0 and session.asn != AS_TRANS:
        form[0] |= INTERNAL
    session.sent, session.size = local, size
    CHECK(addresses + size <= octets.size)
    memcpy(session.address, octets.first + addresses, size)
    cell = cell_of_session(&rows.peers, &session)
    if cell == NULL:
        return NO_MEMORY
    if cell[1] == 0:
        return NEW_SESSION
    peer[0] = cell[1] - 1
    place[0] = addresses + 2 * size
    return GOOD


cdef inline int read_message(
    Rows* rows, int64_t peer, uint8_t form, int64_t* place, bint is_first, bint* is_foreign
) noexcept nogil:
    """Read a message, and go on behind it. See `python.messages.Messages._one_message`."""
    cdef Octets octets = rows.octets
    cdef int64_t at = place[0], end = rows.end, length, after
    cdef uint32_t message
    cdef bint is_message = at + 16 <= end and is_marker(octets, at)
    cdef Update update
    cdef int step
    if not is_message and not is_first:
        return broken_at(&rows.broken, at, MESSAGE_END, 0, end - at)
    if not needs(&rows.broken, at, 19, end):
        return BROKEN
    if not is_message:
        return broken_at(&rows.broken, at, MARKER, 0, 0)
    length = u16(octets, at + 16)
    if length < 19:
        return broken_at(&rows.broken, at + 16, MESSAGE_LENGTH, end - at, length)
    message = u8(octets, at + 18)
    if message != 1:  # which may be none, see `Kernel.read_open`
        note(rows, rows.peers.known + peer, DOWN if message == 3 else HEARD)
    after = place[0] = at + length
    if message == 2:
        read_update(
            &rows.facts, octets, at + 19, min(after, end), form, max(0, after - end), &update
        )
        if after > end:  # the writer cut it off, possibly between two prefixes
            if update.unread < end:
                lose(&update, update.unread, end, MESSAGE_LENGTH, end - at, length)
            else:
                lose(&update, at + 16, at + 18, MESSAGE_LENGTH, end - at, length)
        if update.losses:
            CHECK(update.losses <= LOSSES)
            memcpy(rows.lost, update.lost, sizeof(rows.lost))
            rows.losses = update.losses
        rows.undeclared_path_ids += update.undeclared_path_ids
        is_foreign[0] |= update.is_foreign
        return add_update(rows, peer, &update)
    if after > end:
        return broken_at(&rows.broken, at + 16, MESSAGE_LENGTH, end - at, length)
    if not 1 <= message <= 5:
        is_foreign[0] = True
    elif message == 1:
        return HAS_OPEN
    elif message == 4 and length > 19:
        return broken_at(&rows.broken, at + 19, MESSAGE_END, 0, length - 19)
    elif message == 3 and length < 21:  # code and subcode
        return broken_at(&rows.broken, after, SHORT, 2, length - 19)
    elif message == 5 and length < 23:  # AFI, subtype and SAFI
        return broken_at(&rows.broken, after, SHORT, 4, length - 19)
    return GOOD


cdef inline bint is_marker(Octets octets, int64_t at) noexcept nogil:
    cdef int64_t index
    for index in range(at, at + 16):
        if u8(octets, index) != 0xFF:
            return False
    return True


cdef inline int add_update(Rows* rows, int64_t index, const Update* update) noexcept nogil:
    """See `python.messages.Messages._update`."""
    cdef Peer* peer = rows.peers.known + index
    cdef int64_t withdrawn = update.withdrawn, announced = update.announced
    cdef RouteFacts route = RouteFacts(0, 0, -1)
    peer.seen |= update.ended
    if update.ended & END_OF_RIB_4:
        note(rows, peer, ENDED)
    if not reserve(rows, withdrawn + announced):
        return NO_MEMORY
    peer.entries += withdrawn + announced
    if peer.reading < 0:
        return GOOD
    peer.withdrawn += withdrawn
    if not emit(rows, WITHDRAW, index, route, &update.sections[0], update) or (
        not emit(rows, WITHDRAW, index, route, &update.sections[1], update)
    ):
        return NO_MEMORY
    if announced:
        if update.form & UNREADABLE:
            route = RouteFacts(MALFORMED, 0, -1)
        else:
            compute_facts(
                &rows.facts, rows.octets, update.attributes, update.whole_end, update.form,
                peer.reading, peer.own, &route,
            )
        if not emit(rows, ANNOUNCE, index, route, &update.sections[2], update) or (
            not emit(rows, ANNOUNCE, index, route, &update.sections[3], update)
        ):
            return NO_MEMORY
    return GOOD


cdef inline int is_kept(
    Rows* rows, const Peer* peer, const Prefix* prefix, uint32_t facts, int kind
) noexcept nogil:
    """See `python.messages.Messages._is_kept`; -1 without memory."""
    cdef bint gone
    if peer.others >= 0:
        if prefix.safi != 1 or passes_filter(rows, prefix):
            return prefix.safi == 1
        gone = kind == WITHDRAW or facts & MALFORMED != 0
        return shows(
            &rows.others, rows.others.known + 2 * peer.others + (prefix.family == 6),
            key_of(&rows.others, prefix), facts & TAGGED != 0, gone,
        )
    # A withdrawal may withdraw a route that carried the community.
    if rows.tagged_too and (facts & TAGGED or kind == WITHDRAW):
        return True
    return passes_filter(rows, prefix)


cdef inline bint emit(
    Rows* rows, int kind, int64_t index, RouteFacts route, const Section* section,
    const Update* update,
) noexcept nogil:
    """Write the rows of a section, which `count_field` has read before; False without memory."""
    cdef int64_t at = section.at
    cdef Peer* peer = rows.peers.known + index
    cdef Alike alike = Alike(route, 0, 1, NULL, NULL)
    cdef Prefix prefix
    cdef int kept
    while at < section.end:
        at = read_nlri(rows.octets, at, section, update.form, &prefix, &rows.broken)
        if kind == ANNOUNCE:
            peer.tagged += route.facts & TAGGED
            peer.ipv6 += prefix.family == 6
        kept = is_kept(rows, peer, &prefix, route.facts, kind)
        if kept < 0:
            return False
        if not kept:
            continue
        if kind == ANNOUNCE:
            alike.bits = prefix_bits(&rows.special[prefix.family == 6], &prefix)
            find_cells(&rows.counter, &alike)
            peer.routes += 1
            peer.violating += count_routes(&rows.counter, &alike)
            count_prefix(&rows.counter, &prefix)
            add_to_run(&rows.runs, &prefix, route.origin)
        else:
            rows.counter.withdrawals += 1
        if rows.writing:
            write(
                rows, kind, update.form, index, &prefix, &alike, update.attributes,
                update.attributes_end - update.attributes,
            )
    return True
