"""An UPDATE: which prefixes it names, and what is lost of it. See `python.update`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from peerlint.bulk.kernel.compiled.attributes cimport AttributeFacts, withdraws
from peerlint.bulk.kernel.compiled.contract cimport (
    ADD_PATH, ATTRIBUTE_LIST, BROKEN, Broken, CUT, DEFAULT_ROUTES, END_OF_RIB_4, END_OF_RIB_6,
    FLAGS, GOOD, LOSSES, Loss, MALFORMED_TYPE, NEXT_HOP, NEXT_HOP_OF_IPV6, RARE, REPEATED, SHORT,
    UNREADABLE, UNRECOGNISED, UPDATE_LENGTH, broken_at, needs,
)
from peerlint.bulk.kernel.compiled.octets cimport Octets, u8, u16, u32
from peerlint.bulk.kernel.compiled.prefixes cimport Prefix, read_prefix
from peerlint.bulk.kernel.compiled.values cimport (
    Attribute, EXTENDED_LENGTH, KIND_BITS, MP_REACH_NLRI, MP_UNREACH_NLRI, OPTIONAL, is_read_here,
    is_recognised, read_attribute, read_head,
)

cdef enum:
    MANY_DEFAULTS = 3        # see `wire.update`

cdef struct Section:         # prefixes of one family
    int64_t at, end
    uint8_t family, safi
    bint is_cut              # the writer cut them off at the end

cdef struct Update:          # see `python.update.UpdateSections`
    uint8_t form
    int64_t unread, attributes, attributes_end, whole_end
    int64_t withdrawn, announced  # how many prefixes
    Section sections[4]      # withdrawn, MP_UNREACH_NLRI, NLRI, MP_REACH_NLRI
    uint32_t ended
    bint is_foreign, undeclared_path_ids, lacks_nlri
    int64_t defaults, most_defaults
    bint has_spare_bits
    int losses
    Loss lost[LOSSES]


cdef inline void read_update(
    AttributeFacts* tables, Octets octets, int64_t at, int64_t end, uint8_t form,
    int64_t missing, Update* found,
) noexcept nogil:
    """See `python.update.read_update`; sections end where the first unreadable prefix starts."""
    read_either_way(octets, at, end, form, missing, found)
    if found.lacks_nlri:
        note_malformed(tables, octets, found)


cdef inline void read_either_way(
    Octets octets, int64_t at, int64_t end, uint8_t form, int64_t missing, Update* found
) noexcept nogil:
    """See `python.update._read_either_way`."""
    cdef Update with_ids
    cdef bint is_nonsense
    cdef int64_t defaults
    read_fields(octets, at, end, form, missing, found)
    defaults = found.defaults
    if form & ADD_PATH or defaults == 0:
        return
    is_nonsense = defaults >= MANY_DEFAULTS or found.has_spare_bits
    if not is_nonsense and found.most_defaults == 1:
        return
    read_fields(octets, at, end, form | ADD_PATH, missing, &with_ids)
    if with_ids.losses == 0:
        found[0] = with_ids
        found.undeclared_path_ids = True
    elif is_nonsense:
        start(found, form, end)
        lose(found, at, end, DEFAULT_ROUTES, 0, defaults)


cdef inline void start(Update* found, uint8_t form, int64_t end) noexcept nogil:
    memset(found.sections, 0, sizeof(found.sections))
    found.form, found.unread = form, end
    found.attributes = found.attributes_end = found.whole_end = end
    found.withdrawn = found.announced = found.defaults = found.most_defaults = 0
    found.ended, found.losses = 0, 0
    found.is_foreign = found.undeclared_path_ids = found.has_spare_bits = False
    found.lacks_nlri = False


cdef inline void lose(
    Update* found, int64_t at, int64_t end, int fault, int64_t wanted, int64_t there
) noexcept nogil:
    """Record octets that cannot be read, in ascending order; a message has at most nine."""
    cdef int index = found.losses
    while index > 0 and found.lost[index - 1].at > at:
        found.lost[index] = found.lost[index - 1]
        index -= 1
    found.lost[index] = Loss(at, end, wanted, there, fault)
    found.losses += 1


cdef inline void lose_prefixes(
    Update* found, int64_t at, int64_t end, const Broken* broken
) noexcept nogil:
    lose(found, at, end, broken.fault, broken.wanted, broken.found)
    found.form |= UNREADABLE


cdef inline void read_fields(
    Octets octets, int64_t at, int64_t end, uint8_t form, int64_t missing, Update* found
) noexcept nogil:
    """See `python.update._Reading.read`."""
    cdef int64_t whole = end + missing, withdrawn_end, attributes, list_end
    cdef Section* sections = found.sections
    start(found, form, end)
    if at + 2 > end:
        end_at(octets, at, end, missing, found)
        return
    withdrawn_end = at + 2 + u16(octets, at)
    if withdrawn_end > whole:
        end_at(octets, at, end, missing, found)
        return
    sections[0] = Section(at + 2, min(withdrawn_end, end), 4, 1, withdrawn_end > end)
    found.withdrawn += count_field(octets, &sections[0], found)
    if withdrawn_end > end:
        return
    attributes = withdrawn_end + 2
    if attributes > end:
        end_at(octets, withdrawn_end, end, missing, found)
        return
    list_end = attributes + u16(octets, withdrawn_end)
    if list_end > whole:
        end_at(octets, withdrawn_end, end, missing, found)
        return
    found.attributes, found.attributes_end = attributes, min(list_end, end)
    find_sections(octets, list_end, end, found)
    found.withdrawn += count_field(octets, &sections[1], found)
    if list_end < end:
        sections[2] = Section(list_end, end, 4, 1, missing > 0)
        found.announced += count_field(octets, &sections[2], found)
    found.announced += count_field(octets, &sections[3], found)
    if not found.losses and list_end == end and not missing and not found.announced:
        # After the header of the first attribute and its family; most lists have only that one.
        found.lacks_nlri = attributes < end and not (
            sections[1].family and sections[1].at <= attributes + 7 and sections[1].end == end
        )
        if not found.withdrawn and not found.is_foreign:
            note_end_of_rib(found)


cdef inline void note_malformed(AttributeFacts* tables, Octets octets, Update* found) noexcept nogil:
    """See `python.update._note_malformed`; attributes that name prefixes can be read."""
    cdef int64_t at = found.attributes, end = found.attributes_end, first = -1, after = 0
    cdef uint32_t kind = 0
    cdef uint64_t seen[4]
    cdef uint64_t bit
    cdef Attribute one
    memset(seen, 0, sizeof(seen))
    while read_attribute(octets, at, end, &one):
        bit = <uint64_t> 1 << (one.kind & 63)
        if one.kind == MP_REACH_NLRI:
            if not is_read_here(u16(octets, one.value), u8(octets, one.value + 2)):
                return  # it may announce something
        elif first < 0 and one.kind != MP_UNREACH_NLRI and not seen[one.kind >> 6] & bit:
            # The first one of a type counts, RFC 7606 section 3 g.
            if withdraws(tables, octets, at, one.end, found.form):
                first, after, kind = at, one.end, one.kind
        seen[one.kind >> 6] |= bit
        at = one.end
    if first >= 0:
        lose(found, first, after, MALFORMED_TYPE, 0, kind)
    elif at < end:
        lose(found, at, end, ATTRIBUTE_LIST, 0, end - at)
    else:
        return
    found.ended = 0


cdef inline void note_end_of_rib(Update* found) noexcept nogil:
    """See `python.update._ended_family`."""
    cdef const Section* unreach = &found.sections[1]
    if found.attributes == found.attributes_end:
        found.ended = END_OF_RIB_4
    elif unreach.family and not found.sections[3].family and unreach.safi == 1:
        found.ended = END_OF_RIB_4 if unreach.family == 4 else END_OF_RIB_6


cdef inline void end_at(
    Octets octets, int64_t at, int64_t end, int64_t missing, Update* found
) noexcept nogil:
    """See `python.update._Reading._ended`."""
    cdef int64_t length = 0
    if missing:
        found.unread = at
    elif at < end or found.losses == 0:
        if at + 2 <= end:
            length = u16(octets, at)
        elif at < end:
            length = u8(octets, at)
        lose(found, min(at, end - 1), end, UPDATE_LENGTH, 0, length)


cdef inline void find_sections(
    Octets octets, int64_t list_end, int64_t end, Update* found
) noexcept nogil:
    """See `python.update._Reading._attributes`."""
    cdef int64_t at = found.attributes, stop = found.attributes_end, again = -1
    cdef bint is_cut = list_end > end
    cdef uint32_t seen = 0, again_kind = 0
    cdef uint64_t others[4]  # types seen that are not recognised
    cdef bint has_others = False, has_unrecognised = False
    cdef Attribute one
    cdef Section* sections = found.sections
    cdef Section part
    cdef Broken broken
    cdef int step
    cdef int64_t defaults, most
    cdef bint spare
    while read_attribute(octets, at, stop, &one):
        if (one.kind == MP_REACH_NLRI or one.kind == MP_UNREACH_NLRI) and again < 0:
            if seen >> one.kind & 1:
                again, again_kind = at, one.kind
            else:
                seen |= <uint32_t> 1 << one.kind
                if one.flags & KIND_BITS != OPTIONAL:  # RFC 7606 section 5.3
                    lose(found, at, at + 1, FLAGS, OPTIONAL, one.flags & ~EXTENDED_LENGTH)
                step = read_section(
                    octets, one.kind, one.value, one.end,
                    &sections[3 if one.kind == MP_REACH_NLRI else 1], &broken,
                )
                if step == BROKEN:
                    # With the last octet of its length: the value may be empty.
                    lose_prefixes(found, one.value - 1, one.end, &broken)
                found.is_foreign |= step == RARE
        elif not is_recognised(one.kind) and again < 0 and not has_unrecognised:
            if not has_others:
                memset(others, 0, sizeof(others))
                has_others = True
            # RFC 4271 section 6.3; a receiver resets the session at the first.
            has_unrecognised = not one.flags & OPTIONAL and not (
                others[one.kind >> 6] >> (one.kind & 63) & 1
            )
            if has_unrecognised:
                lose(found, at, one.end, UNRECOGNISED, 0, one.kind)
            others[one.kind >> 6] |= <uint64_t> 1 << (one.kind & 63)
        at = one.end
    found.whole_end = stop
    if again >= 0:
        # RFC 7606 section 3 g: neither which of the two counts is known, nor what follows them.
        broken_at(&broken, again, REPEATED, 0, again_kind)
        lose_prefixes(found, again, at if is_cut else stop, &broken)
    if not is_cut:
        return
    # In a list that is cut off, announcements count only if no attribute would follow them.
    defaults, most, spare = found.defaults, found.most_defaults, found.has_spare_bits
    count_field(octets, &sections[3], found)  # to record what is lost in it
    found.defaults, found.most_defaults, found.has_spare_bits = defaults, most, spare
    memset(&sections[3], 0, sizeof(Section))
    found.unread = at
    if not read_head(octets, at, end, &one) or (
        one.kind != MP_REACH_NLRI and one.kind != MP_UNREACH_NLRI
    ) or seen >> one.kind & 1:
        found.is_foreign = False
    elif read_section(octets, one.kind, one.value, end, &part, &broken) != GOOD:
        found.is_foreign = False
    elif one.kind == MP_UNREACH_NLRI:
        part.is_cut, found.unread, found.is_foreign = True, end, False
        sections[1] = part
    elif one.end == list_end:
        part.is_cut, found.unread, found.whole_end = True, end, at
        sections[3] = part
        found.form |= CUT
    else:
        found.is_foreign = False


cdef inline int read_section(
    Octets octets, uint32_t kind, int64_t at, int64_t end, Section* section, Broken* broken
) noexcept nogil:
    """See `python.update.read_multiprotocol`; RARE for a family that is not read."""
    cdef uint32_t hop
    memset(section, 0, sizeof(Section))
    if not needs(broken, at, 3, end):
        return BROKEN
    if not is_read_here(u16(octets, at), u8(octets, at + 2)):
        return RARE
    if kind == MP_REACH_NLRI:
        if not needs(broken, at, 5, end):
            return BROKEN
        hop = u8(octets, at + 3)
        if not needs(broken, at, 5 + hop, end):
            return BROKEN
        if hop != 4 and hop != 16 and hop != 32:
            return broken_at(broken, at + 3, NEXT_HOP, 0, hop)
        if hop == 4 and u16(octets, at) == 2:
            return broken_at(broken, at + 3, NEXT_HOP_OF_IPV6, 0, hop)
    section.family, section.safi = 4 if u16(octets, at) == 1 else 6, u8(octets, at + 2)
    section.at, section.end = at + (5 + hop if kind == MP_REACH_NLRI else 3), end
    return GOOD


cdef inline int64_t count_field(Octets octets, Section* section, Update* found) noexcept nogil:
    """See `python.update._Reading._field`; return how many prefixes there are."""
    cdef int64_t at = section.at, before, count = 0, defaults = 0
    cdef int spare
    cdef Prefix prefix
    cdef Broken broken
    while at < section.end:
        before = at
        at = read_nlri(octets, at, section, found.form, &prefix, &broken)
        if at < 0:
            if section.is_cut and broken.fault == SHORT:
                found.unread = before
            else:
                lose_prefixes(found, before, section.end, &broken)
            section.end = before
            break
        count += 1
        spare = prefix.length & 7
        if prefix.length == 0:
            defaults += 1
        elif spare and u8(octets, at - 1) & 0xFF >> spare:
            found.has_spare_bits = True
    found.defaults += defaults
    found.most_defaults = max(found.most_defaults, defaults)
    return count


cdef inline int64_t read_nlri(
    Octets octets, int64_t at, const Section* section, uint8_t form, Prefix* found, Broken* broken
) noexcept nogil:
    """Read one prefix of a section; return the offset after it, -1 if it is broken."""
    found.family, found.safi, found.path_id = section.family, section.safi, -1
    if form & ADD_PATH:
        if not needs(broken, at, 4, section.end):
            return -1
        found.path_id = u32(octets, at)
        at += 4
    return read_prefix(octets, at, section.end, found, broken)
