# cython: cdivision=True
"""AS paths: cutting, what AS8075 receives of them, and judging. See `python.attributes`."""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memmove

from peerlint.bulk.kernel.compiled.asns cimport ASNS, Asns, Met, asn_bits, forget, is_plain, make_met, meet
from peerlint.bulk.kernel.compiled.contract cimport (
    AS4, AS_IS, AS_SET, AS_TRANS, CONFED, EMPTY_PATH, FIRST_AS_OTHER, FROM_OWN, LONG_PATH, LOOP,
    MALFORMED, MICROSOFT, NO_ORIGIN, NO_STATEMENT, OWN_IF_ABSENT, PREPENDED, TRANSPARENT, UPDATE,
)
from peerlint.bulk.kernel.compiled.octets cimport CHECK, Octets, u8, u16, u32
from peerlint.bulk.kernel.compiled.siphash cimport Key
from peerlint.bulk.kernel.compiled.values cimport AGGREGATOR, AS4_AGGREGATOR, AS4_PATH, AS_PATH, Values, has

cdef enum:
    SET = 1, SEQUENCE = 2, FIRST_CONFED = 3
    SHORT_PATH = 8           # paths up to here are read without branches

cdef struct Segment:
    int64_t at, count        # of its members: in octets, or in `Paths.members`
    uint8_t kind

# Filled in place: a copy would stall on the write before it.
cdef struct RouteFacts:
    uint32_t facts
    int64_t path_length, origin

cdef struct Paths:
    Asns asns
    int64_t max_path
    # The current path: segments[low:high], from 1 on; [0] is for an AS that is prepended.
    Segment* segments
    uint32_t* members
    int64_t low, high
    Met met


cdef inline bint make_paths(Paths* paths, Key key) noexcept nogil:
    """Allocate memory for the longest path; False if there is none."""
    paths.segments = <Segment*> calloc(ASNS, sizeof(Segment))
    paths.members = <uint32_t*> calloc(ASNS, sizeof(uint32_t))
    return make_met(&paths.met, key) and paths.segments != NULL and paths.members != NULL


cdef inline void free_paths(Paths* paths) noexcept nogil:
    free(paths.segments)
    free(paths.members)
    free(paths.met.marks)


cdef inline bint read_segment(
    Octets octets, int64_t at, int64_t end, int width, Segment* found
) noexcept nogil:
    """Read the head of a segment; False if it is malformed (RFC 7606 section 7.2)."""
    if at + 2 > end:
        return False
    found.at, found.count, found.kind = at + 2, u8(octets, at + 1), u8(octets, at)
    return 1 <= found.kind <= 4 and found.count > 0 and at + 2 + width * found.count <= end


cdef inline uint32_t member_at(
    Octets octets, const Segment* segment, int64_t index, int width
) noexcept nogil:
    """Return a member of a segment in octets."""
    if width == 4:
        return u32(octets, segment.at + 4 * index)
    return u16(octets, segment.at + 2 * index)


cdef inline void compute_path_facts(
    Paths* paths, const Values* values, uint8_t form, int reading, int64_t own, RouteFacts* route
) noexcept nogil:
    """See `AttributeFacts._compute_path`."""
    cdef Segment* last
    cdef int64_t first
    if form & AS4 and compute_sequence_facts(paths, values, form, reading, own, route):
        return
    route.facts, route.path_length, route.origin = MALFORMED, 0, -1
    paths.low = 1
    paths.high = cut(paths, values, AS_PATH, form, 1, 1, 4 if form & AS4 else 2)
    if paths.high < 0:
        return
    if not form & AS4:
        merge(paths, values, form)
    if not make_effective(paths, reading, own):
        route.facts = NO_STATEMENT
        return
    walk_path(paths, route)
    first = first_as(paths)
    if own >= 0 and first != -2 and first != own:
        route.facts |= FIRST_AS_OTHER
    route.origin = own
    last = paths.segments + paths.high - 1
    if paths.low < paths.high and last.kind < FIRST_CONFED:
        route.origin = paths.members[last.at + last.count - 1] if last.kind == SEQUENCE else -1
    if route.origin < 0:
        route.facts |= NO_ORIGIN


cdef inline bint compute_sequence_facts(
    const Paths* paths, const Values* values, uint8_t form, int reading, int64_t own,
    RouteFacts* route,
) noexcept nogil:
    """Compute the facts of a short path of one AS_SEQUENCE, as most are; False for others.

    What is asked of every AS is asked without branches, which would be guessed wrong.
    """
    cdef Octets octets = values.octets
    cdef int64_t at = values.at[AS_PATH], size = values.size[AS_PATH], count = (size - 2) // 4
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
        plain &= is_plain(&paths.asns, asn)
        met = False
        for other in range(index - 1):
            met |= asns[other] == asn
        repeated = index > 0 and asns[index - 1] == asn
        prepended |= repeated
        loop |= met & (not repeated) & (asn != MICROSOFT)
    if not plain:
        for index in range(<int> count):
            if asns[index] == 0 and form & UPDATE:
                return False  # malformed, as `cut` says
            bits |= asn_bits(&paths.asns, asns[index])
    bits |= (PREPENDED if prepended else 0) | (LOOP if loop else 0)
    if count > paths.max_path:
        bits |= LONG_PATH
    if own >= 0 and asns[0] != own:
        bits |= FIRST_AS_OTHER
    route.facts, route.path_length, route.origin = bits, count, asn
    return True


cdef inline void walk_path(Paths* paths, RouteFacts* route) noexcept nogil:
    """See `AttributeFacts._walk_path`."""
    cdef uint32_t bits = 0 if paths.low < paths.high else EMPTY_PATH, asn
    cdef int64_t index, member, previous = -1
    cdef int64_t length = length_of(paths, paths.low, paths.high)
    cdef Segment segment
    forget(&paths.met)
    for index in range(paths.low, paths.high):
        segment = paths.segments[index]
        for member in range(segment.at, segment.at + segment.count):
            asn = paths.members[member]
            if not is_plain(&paths.asns, asn):
                bits |= asn_bits(&paths.asns, asn)
            if segment.kind == SEQUENCE:
                if asn == previous:
                    bits |= PREPENDED
                else:
                    if meet(&paths.met, asn) and asn != MICROSOFT:
                        bits |= LOOP
                    previous = asn
        if segment.kind >= FIRST_CONFED:
            bits |= CONFED
        elif segment.kind == SET:
            bits |= AS_SET
            previous = -1  # a set ends a run of repeats
    if length > paths.max_path:
        bits |= LONG_PATH
    route.facts, route.path_length = bits, length


cdef inline int64_t cut(
    Paths* paths, const Values* values, int kind, uint8_t form, int64_t first, int64_t member,
    int width,
) noexcept nogil:
    """Cut a value into segments from `first` on; return their end, -1 if it is malformed."""
    cdef Octets octets = values.octets
    cdef int64_t at = values.at[kind], end = at + values.size[kind], index
    cdef Segment found
    while at < end:
        if not read_segment(octets, at, end, width, &found):
            return -1
        CHECK(first < ASNS and member + found.count <= ASNS)
        for index in range(found.count):
            paths.members[member + index] = member_at(octets, &found, index, width)
            if form & UPDATE and paths.members[member + index] == 0:
                return -1  # RFC 7607 section 2
        paths.segments[first] = Segment(member, found.count, found.kind)
        first += 1
        member += found.count
        at = found.at + width * found.count
    return first


cdef inline bint make_effective(Paths* paths, int reading, int64_t own) noexcept nogil:
    """See `python.attributes._effective`; False if the view does not tell."""
    if reading == FROM_OWN:
        return cut_before(paths, own)
    if reading == AS_IS or (reading == OWN_IF_ABSENT and first_as(paths) == own):
        return True
    paths.high = without_confederations(paths, paths.low, paths.high)
    if reading != TRANSPARENT or paths.low == paths.high:
        paths.segments[0], paths.members[0] = Segment(0, 1, SEQUENCE), <uint32_t> own
        paths.low = 0
    return True


cdef inline int64_t first_as(const Paths* paths) noexcept nogil:
    """Return the leftmost AS outside confederations, -1 for a set, -2 if there is none."""
    cdef int64_t index
    for index in range(paths.low, paths.high):
        if paths.segments[index].kind < FIRST_CONFED:
            if paths.segments[index].kind == SEQUENCE:
                return paths.members[paths.segments[index].at]
            return -1
    return -2


cdef inline bint cut_before(Paths* paths, int64_t own) noexcept nogil:
    """Remove everything before an AS; False without it."""
    cdef int64_t index, member
    cdef Segment* segment
    for index in range(paths.low, paths.high):
        segment = paths.segments + index
        if segment.kind == SEQUENCE:
            for member in range(segment.count):
                if paths.members[segment.at + member] == own:
                    segment.at += member
                    segment.count -= member
                    paths.low = index
                    return True
    return False


cdef inline int64_t without_confederations(Paths* paths, int64_t low, int64_t high) noexcept nogil:
    """Remove confederation segments; return the new end."""
    cdef int64_t index
    for index in range(low, high):
        if paths.segments[index].kind < FIRST_CONFED:
            paths.segments[low] = paths.segments[index]
            low += 1
    return low


cdef inline int64_t length_of(const Paths* paths, int64_t low, int64_t high) noexcept nogil:
    """Count ASes as in route selection."""
    cdef int64_t index, found = 0
    for index in range(low, high):
        if paths.segments[index].kind == SEQUENCE:
            found += paths.segments[index].count
        else:
            found += paths.segments[index].kind == SET
    return found


cdef inline void merge(Paths* paths, const Values* values, uint8_t form) noexcept nogil:
    """See `python.attributes._in_four_octets` and `_merge`."""
    cdef Segment* segments = paths.segments
    cdef int64_t low = 1, high = paths.high, end, member = 1, missing
    cdef uint32_t asn
    if not has(values, AS4_PATH):
        return
    if has(values, AGGREGATOR) and has(values, AS4_AGGREGATOR):
        if values.size[AGGREGATOR] == 6 and values.size[AS4_AGGREGATOR] == 8:
            asn = u16(values.octets, values.at[AGGREGATOR])
            # AS 0 in an UPDATE is malformed: either is discarded, RFC 7607 section 2.
            if asn != AS_TRANS and not (form & UPDATE and (
                asn == 0 or u32(values.octets, values.at[AS4_AGGREGATOR]) == 0
            )):
                return  # aggregated since
    if high > 1:
        member = segments[high - 1].at + segments[high - 1].count
    end = cut(paths, values, AS4_PATH, form, high, member, 4)
    if end < 0:
        return  # malformed: discarded, RFC 6793 section 6
    end = without_confederations(paths, high, end)
    missing = length_of(paths, 1, high) - length_of(paths, high, end)
    if missing < 0:
        return
    while low < high:
        if segments[low].kind == SET and missing > 0:
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
    paths.high = low + end - high
