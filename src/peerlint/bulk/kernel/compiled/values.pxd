"""The values of a list of attributes by their types. See `python.values.split_values`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from peerlint.bulk.kernel.compiled.contract cimport INTERNAL, UPDATE
from peerlint.bulk.kernel.compiled.octets cimport Octets, u8, u16

cdef enum:
    ORIGIN = 1, AS_PATH = 2, NEXT_HOP = 3, MULTI_EXIT_DISC = 4, LOCAL_PREF = 5
    AGGREGATOR = 7, COMMUNITIES = 8, ORIGINATOR_ID = 9, CLUSTER_LIST = 10
    MP_REACH_NLRI = 14, MP_UNREACH_NLRI = 15, EXTENDED_COMMUNITIES = 16, AS4_PATH = 17
    AS4_AGGREGATOR = 18, LARGE_COMMUNITIES = 32, ONLY_TO_CUSTOMER = 35
    IPV6_EXTENDED_COMMUNITIES = 25, ATTR_SET = 128  # see `wire.raw_types`
    TYPES = 64               # types whose values are read later are smaller
    OPTIONAL = 0x80, EXTENDED_LENGTH = 0x10, KIND_BITS = 0xC0, ANY_BITS = 0xFF

cdef struct Attribute:
    uint32_t flags, kind
    int64_t value, size, end

cdef struct Values:
    uint8_t flags[TYPES]     # required flags of each type in an UPDATE; ANY_BITS: not recognised
    uint64_t discarded[2]    # types that other flags discard, by whether the session is internal
    # The current list
    Octets octets
    uint64_t have
    int64_t at[TYPES]
    int64_t size[TYPES]


cdef inline dict type_codes():
    """Return the types above by their names in `AttributeType`."""
    return dict(
        TYPE_ORIGIN=ORIGIN, TYPE_AS_PATH=AS_PATH, TYPE_NEXT_HOP=NEXT_HOP,
        TYPE_MULTI_EXIT_DISC=MULTI_EXIT_DISC, TYPE_LOCAL_PREF=LOCAL_PREF,
        TYPE_AGGREGATOR=AGGREGATOR, TYPE_ORIGINATOR_ID=ORIGINATOR_ID,
        TYPE_CLUSTER_LIST=CLUSTER_LIST,
        TYPE_COMMUNITIES=COMMUNITIES, TYPE_MP_REACH_NLRI=MP_REACH_NLRI,
        TYPE_MP_UNREACH_NLRI=MP_UNREACH_NLRI, TYPE_EXTENDED_COMMUNITIES=EXTENDED_COMMUNITIES,
        TYPE_AS4_PATH=AS4_PATH, TYPE_AS4_AGGREGATOR=AS4_AGGREGATOR,
        TYPE_LARGE_COMMUNITIES=LARGE_COMMUNITIES, TYPE_ONLY_TO_CUSTOMER=ONLY_TO_CUSTOMER,
    )


cdef inline load_types(Values* values, types, discard, raw_flags):
    """Load the flags of `AttributeType`, and the types that `Treatment.DISCARD` applies to."""
    memset(values.flags, ANY_BITS, TYPES)
    values.flags[<int> IPV6_EXTENDED_COMMUNITIES] = raw_flags
    for kind in types:
        values.flags[<int> kind] = kind.flags
        for internal in (False, True):
            if kind.flags_treatment_from(internal=internal) is discard:
                values.discarded[<int> internal] |= <uint64_t> 1 << <int> kind


cdef inline bint read_attribute(
    Octets octets, int64_t at, int64_t end, Attribute* found
) noexcept nogil:
    """Read the head of an attribute; False if the attribute is incomplete."""
    return read_head(octets, at, end, found) and found.end <= end


cdef inline bint read_head(
    Octets octets, int64_t at, int64_t end, Attribute* found
) noexcept nogil:
    """Read the head of an attribute; False if its header is incomplete."""
    if at + 3 > end:
        return False
    found.flags, found.kind = u8(octets, at), u8(octets, at + 1)
    found.value, found.size = at + 3, u8(octets, at + 2)
    if found.flags & EXTENDED_LENGTH:
        if at + 4 > end:
            return False
        found.value, found.size = at + 4, u16(octets, at + 2)
    found.end = found.value + found.size
    return True


cdef inline bint is_read_here(uint32_t afi, uint32_t safi) noexcept nogil:
    """Whether a family is IPv4 or IPv6, unicast or multicast."""
    return 1 <= afi <= 2 and 1 <= safi <= 2


cdef inline bint has(const Values* values, int kind) noexcept nogil:
    return values.have >> kind & 1


cdef inline bint is_recognised(uint32_t kind) noexcept nogil:
    """Whether a type is in `wire.raw_types.RECOGNISED`."""
    cdef uint64_t known = (
        <uint64_t> 0x7FE | <uint64_t> 0x1F << MP_REACH_NLRI | <uint64_t> 1 << LARGE_COMMUNITIES
        | <uint64_t> 1 << IPV6_EXTENDED_COMMUNITIES | <uint64_t> 1 << ONLY_TO_CUSTOMER
    )
    return kind == ATTR_SET or (kind < 64 and known >> kind & 1)


cdef inline bint far_are_kept(
    Octets octets, int64_t at, int64_t end, bint in_update
) noexcept nogil:
    """Whether attributes of types from TYPES on leave the route alone; few lists have any.

    See `python.values._is_kept`; the first one of a type counts.
    """
    cdef Attribute one
    cdef uint64_t seen[4]
    cdef uint64_t bit
    cdef bint good = True
    memset(seen, 0, sizeof(seen))
    while read_attribute(octets, at, end, &one):
        at = one.end
        bit = <uint64_t> 1 << (one.kind & 63)
        if one.kind >= TYPES and not seen[one.kind >> 6] & bit:
            if one.kind == ATTR_SET:
                good &= fits_attr_set(octets, &one, in_update)
            elif in_update and not one.flags & OPTIONAL:
                good = False  # RFC 4271 section 6.3
        seen[one.kind >> 6] |= bit
    return good


cdef inline bint fits_attr_set(
    Octets octets, const Attribute* found, bint in_update
) noexcept nogil:
    """See `wire.raw_types`."""
    cdef Attribute one
    cdef int64_t at = found.value + 4  # after the AS number
    if in_update and found.flags & KIND_BITS != KIND_BITS:
        return False
    while read_attribute(octets, at, found.end, &one):
        at = one.end
    return at == found.end


cdef inline bint split(
    Values* values, Octets octets, int64_t at, int64_t end, uint8_t form
) noexcept nogil:
    """Find the values of a list; False if it withdraws the route, with those that are whole."""
    cdef Attribute one
    cdef uint64_t seen = 0, bit
    cdef bint good = True, in_update = (form & UPDATE) != 0, has_far = False
    cdef int64_t first = at
    values.octets, values.have = octets, 0
    while read_attribute(octets, at, end, &one):
        at = one.end
        if one.kind >= TYPES:
            has_far = True
            continue
        bit = <uint64_t> 1 << one.kind
        if seen & bit:
            continue  # the first one counts, RFC 7606 section 3 g
        seen |= bit
        if in_update and values.flags[one.kind] != one.flags & KIND_BITS:
            if values.flags[one.kind] == ANY_BITS:
                good &= one.flags >> 7  # RFC 4271 section 6.3
            else:  # RFC 7606 section 3 c
                good &= values.discarded[(form & INTERNAL) != 0] >> one.kind & 1
            continue
        values.have |= bit
        values.at[one.kind], values.size[one.kind] = one.value, one.size
    if has_far:
        good &= far_are_kept(octets, first, end, in_update)
    return good and at == end
