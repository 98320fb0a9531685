# cython: cdivision=True
"""Facts from the octets of path attributes. See `python.attributes.AttributeFacts`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from peerlint.bulk.kernel.compiled.contract cimport (
    AS4, CUT, INTERNAL, MALFORMED, NEAR_EXTENDED, NEAR_LARGE, OF_LOC_RIB, TAGGED, UPDATE,
)
from peerlint.bulk.kernel.compiled.octets cimport Octets, u8, u16, u32
from peerlint.bulk.kernel.compiled.paths cimport RouteFacts, Paths, cut, compute_path_facts
from peerlint.bulk.kernel.compiled.values cimport (
    AS_PATH, Attribute, CLUSTER_LIST, COMMUNITIES, EXTENDED_COMMUNITIES,
    IPV6_EXTENDED_COMMUNITIES, LARGE_COMMUNITIES, LOCAL_PREF, MP_REACH_NLRI, MULTI_EXIT_DISC,
    NEXT_HOP, ONLY_TO_CUSTOMER, ORIGIN, ORIGINATOR_ID, Values, has, is_read_here, read_attribute,
    split,
)

cdef struct CommunityBits:
    uint32_t community, bits

cdef struct Communities:
    CommunityBits noted[64]
    int count
    uint8_t halves[1 << 13]  # a bit for each upper half of a community in the list
    uint64_t asn, value      # of the community that is wanted

cdef struct AttributeFacts:
    Values values
    Paths paths
    Communities communities


cdef inline load_communities(Communities* communities, wanted, bits):
    """Load the wanted community, and `criteria.community_bits`."""
    cdef uint32_t community
    communities.asn, communities.value = wanted.asn, wanted.value
    for community in bits:
        communities.noted[communities.count] = CommunityBits(community, bits[community])
        communities.count += 1
        communities.halves[community >> 19] |= 1 << (community >> 16 & 7)


cdef inline void compute_facts(
    AttributeFacts* tables, Octets octets, int64_t at, int64_t end, uint8_t form, int reading,
    int64_t own, RouteFacts* route,
) noexcept nogil:
    """See `AttributeFacts.compute`."""
    cdef Values* values = &tables.values
    route.facts = MALFORMED
    if split(values, octets, at, end, form) and fit(values, form):
        compute_path_facts(&tables.paths, values, form, reading, own, route)
        route.facts |= all_community_facts(&tables.communities, values)
    if route.facts & MALFORMED:
        route.facts, route.path_length, route.origin = MALFORMED, 0, -1


cdef inline bint withdraws(
    AttributeFacts* tables, Octets octets, int64_t at, int64_t end, uint8_t form
) noexcept nogil:
    """Whether one complete attribute is malformed, and not only discarded."""
    cdef Values* values = &tables.values
    if not split(values, octets, at, end, form) or not each_fits(values, form):
        return True
    if has(values, AS_PATH) and (
        cut(&tables.paths, values, AS_PATH, form, 1, 1, 4 if form & AS4 else 2) < 0
    ):
        return True
    return all_community_facts(&tables.communities, values) & MALFORMED


cdef inline uint32_t all_community_facts(
    const Communities* communities, const Values* values
) noexcept nogil:
    """Return the bits of communities of all types."""
    cdef Octets octets = values.octets
    cdef uint32_t bits = 0
    if has(values, COMMUNITIES):
        bits |= community_facts(
            communities, octets, values.at[COMMUNITIES], values.size[COMMUNITIES]
        )
    if has(values, EXTENDED_COMMUNITIES):
        bits |= extended_facts(
            communities, octets, values.at[EXTENDED_COMMUNITIES], values.size[EXTENDED_COMMUNITIES]
        )
    if has(values, LARGE_COMMUNITIES):
        bits |= large_facts(
            communities, octets, values.at[LARGE_COMMUNITIES], values.size[LARGE_COMMUNITIES]
        )
    return bits


cdef inline bint is_tagged(
    const Communities* communities, Octets octets, int64_t at, int64_t end
) noexcept nogil:
    """See `AttributeFacts.is_tagged`."""
    cdef Attribute one
    while read_attribute(octets, at, end, &one):
        if one.kind == COMMUNITIES:
            return community_facts(communities, octets, one.value, one.size) & TAGGED
        at = one.end
    return False


cdef inline bint fit(Values* values, uint8_t form) noexcept nogil:
    """Whether mandatory attributes are present and each value is well-formed."""
    if form & UPDATE and not form & OF_LOC_RIB and not (
        has(values, ORIGIN) and has(values, AS_PATH)
        and (has(values, NEXT_HOP) or form & CUT or brings_hop(values))
    ):
        return False  # RFC 7606 section 3 d
    if not has(values, AS_PATH):
        values.at[AS_PATH] = values.size[AS_PATH] = 0
    return each_fits(values, form)


cdef inline bint each_fits(const Values* values, uint8_t form) noexcept nogil:
    """Whether each value is well-formed."""
    if has(values, ORIGIN) and (
        values.size[ORIGIN] != 1 or u8(values.octets, values.at[ORIGIN]) > 2
    ):
        return False
    if (has(values, IPV6_EXTENDED_COMMUNITIES) or form & INTERNAL) and not rare_fit(values, form):
        return False
    return not (
        (has(values, NEXT_HOP) and values.size[NEXT_HOP] != 4)
        or (has(values, MULTI_EXIT_DISC) and values.size[MULTI_EXIT_DISC] != 4)
        or (has(values, ONLY_TO_CUSTOMER) and values.size[ONLY_TO_CUSTOMER] != 4)
    )


cdef inline bint rare_fit(const Values* values, uint8_t form) noexcept nogil:
    """Whether values that few lists have are well-formed; see `attributes._internal_fit`."""
    if has(values, IPV6_EXTENDED_COMMUNITIES) and (
        values.size[IPV6_EXTENDED_COMMUNITIES] == 0 or values.size[IPV6_EXTENDED_COMMUNITIES] % 20
    ):
        return False  # RFC 7606 section 7.15
    return not form & INTERNAL or not (
        (has(values, LOCAL_PREF) and values.size[LOCAL_PREF] != 4)
        or (has(values, ORIGINATOR_ID) and values.size[ORIGINATOR_ID] != 4)
        or (has(values, CLUSTER_LIST) and (
            values.size[CLUSTER_LIST] == 0 or values.size[CLUSTER_LIST] & 3
        ))
    )


cdef inline bint brings_hop(const Values* values) noexcept nogil:
    """Whether MP_REACH_NLRI has a next hop of a family that is read."""
    cdef int64_t at = values.at[MP_REACH_NLRI]
    return has(values, MP_REACH_NLRI) and values.size[MP_REACH_NLRI] >= 3 and is_read_here(
        u16(values.octets, at), u8(values.octets, at + 2)
    )


cdef inline uint32_t community_facts(
    const Communities* communities, Octets octets, int64_t at, int64_t size
) noexcept nogil:
    cdef uint32_t bits = 0, community
    cdef int64_t end = at + size
    cdef int index
    if size == 0 or size & 3:
        return MALFORMED  # RFC 7606 section 7.8
    while at < end:
        community = u32(octets, at)
        if communities.halves[community >> 19] >> (community >> 16 & 7) & 1:
            for index in range(communities.count):
                if communities.noted[index].community == community:
                    bits |= communities.noted[index].bits
        at += 4
    return bits


cdef inline uint32_t extended_facts(
    const Communities* communities, Octets octets, int64_t at, int64_t size
) noexcept nogil:
    cdef int64_t end = at + size
    cdef uint64_t local
    cdef uint32_t kind
    if size == 0 or size & 7:
        return MALFORMED  # RFC 7606 section 7.14
    while at < end:
        local = <uint64_t> u16(octets, at + 2) << 32 | u32(octets, at + 4)
        if u8(octets, at + 1) == 2 or u8(octets, at + 1) == 3:
            kind = u8(octets, at)
            if (kind == 0 and local == (communities.asn << 32 | communities.value)) or (
                kind == 2 and local == (communities.asn << 16 | communities.value)
            ):
                return NEAR_EXTENDED
        at += 8
    return 0


cdef inline uint32_t large_facts(
    const Communities* communities, Octets octets, int64_t at, int64_t size
) noexcept nogil:
    cdef int64_t end = at + size
    cdef uint32_t middle
    if size == 0 or size % 12:
        return MALFORMED  # RFC 8092 section 5
    while at < end:
        middle = u32(octets, at + 4)
        if (u32(octets, at) == communities.asn and middle == communities.value) or (
            middle == communities.asn and u32(octets, at + 8) == communities.value
        ):
            return NEAR_LARGE
        at += 12
    return 0
