# cython: cdivision=True
"""Prefixes: reading one, whether it passes the filter, whether it is special.

See `python.rows.Rows`.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc

from peerlint.bulk.kernel.compiled.contract cimport (
    Broken, IPV6, LONGER_THAN_24, PREFIX_LENGTH, SPECIAL_PREFIX, broken_at, needs,
)
from peerlint.bulk.kernel.compiled.octets cimport Octets, u8

cdef struct Prefix:
    uint64_t hi, lo          # left-aligned, IPv4 in the top 32 bits
    int64_t path_id
    uint8_t family, safi, length

cdef struct Range:
    uint64_t first_hi, first_lo, last_hi, last_lo

cdef struct Ranges:          # ranges of a family, ascending
    Range* ranges
    int64_t count

cdef struct Block:
    uint64_t hi, lo
    uint8_t length
    bint allowed, exception

cdef struct Special:         # blocks of a family
    Block blocks[64]
    int count
    uint8_t octets[256]      # whether addresses of this first octet are in one


cdef inline load_ranges(Ranges* filtered, firsts, lasts, int shift):
    """Load ranges of addresses, shifted so that they are left-aligned."""
    cdef int64_t index
    filtered.ranges = <Range*> calloc(len(firsts) + 1, sizeof(Range))
    if filtered.ranges == NULL:
        raise MemoryError
    filtered.count = len(firsts)
    for index in range(filtered.count):
        first = firsts[index] << shift
        last = (lasts[index] + 1 << shift) - 1
        filtered.ranges[index] = Range(
            first >> 64, first & 0xFFFFFFFFFFFFFFFF, last >> 64, last & 0xFFFFFFFFFFFFFFFF
        )


cdef inline load_special(Special* special, blocks):
    """Load `criteria.blocks`."""
    for first, length, allowed, exception in blocks:
        special.blocks[special.count] = Block(
            first >> 64, first & 0xFFFFFFFFFFFFFFFF, length, allowed, exception
        )
        special.count += 1
        for octet in range(first >> 120, (first >> 120) + (1 << max(0, 8 - length))):
            special.octets[<int> octet] = 1


cdef inline uint64_t ones_right_of(int length) noexcept nogil:
    """Return the bits of 64 right of a prefix length, which may be any number."""
    if length <= 0:
        return <uint64_t> -1
    return 0 if length >= 64 else (<uint64_t> -1) >> length


cdef inline bint agree(
    uint64_t hi, uint64_t lo, uint64_t hi2, uint64_t lo2, int bits
) noexcept nogil:
    """Whether two addresses have so many leading bits in common."""
    return not ((hi ^ hi2) & ~ones_right_of(bits) or (lo ^ lo2) & ~ones_right_of(bits - 64))


cdef inline int64_t read_prefix(
    Octets octets, int64_t at, int64_t end, Prefix* found, Broken* broken
) noexcept nogil:
    """Read a prefix of `found.family`; return the offset after it, -1 if it is broken."""
    cdef int width = 32 if found.family == 4 else 128, index
    cdef int64_t after
    if not needs(broken, at, 1, end):
        return -1
    found.length = u8(octets, at)
    if found.length > width:
        broken_at(broken, at, PREFIX_LENGTH, width, found.length)
        return -1
    after = at + 1 + (found.length + 7) // 8
    if not needs(broken, at, after - at, end):
        return -1
    found.hi = found.lo = 0
    for index in range(<int> (after - at - 1)):
        if index < 8:
            found.hi |= <uint64_t> u8(octets, at + 1 + index) << 56 - 8 * index
        else:
            found.lo |= <uint64_t> u8(octets, at + 1 + index) << 120 - 8 * index
    # Bits right of the length are irrelevant (RFC 4271 section 4.3).
    found.hi &= ~ones_right_of(found.length)
    found.lo &= ~ones_right_of(found.length - 64)
    return after


cdef inline bint is_inside(const Ranges* filtered, const Prefix* prefix) noexcept nogil:
    """See `python.rows.Rows._inside`; the ranges are those of the prefix's family."""
    cdef const Range* found
    cdef int64_t low = 0, high = filtered.count, middle
    cdef uint64_t hi = prefix.hi | ones_right_of(prefix.length)
    cdef uint64_t lo = prefix.lo | ones_right_of(prefix.length - 64)
    while low < high:  # the number of ranges that start at or before the prefix's last address
        middle = (low + high) // 2
        found = filtered.ranges + middle
        if found.first_hi < hi or (found.first_hi == hi and found.first_lo <= lo):
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return False
    found = filtered.ranges + low - 1
    return found.last_hi > prefix.hi or (
        found.last_hi == prefix.hi and found.last_lo >= prefix.lo
    )


cdef inline uint32_t prefix_bits(const Special* special, const Prefix* prefix) noexcept nogil:
    """See `python.rows.Rows._prefix_bits`; special are those of the prefix's family."""
    cdef uint32_t bits = 0
    if prefix.family == 6:
        bits = IPV6
    elif prefix.length > 24:
        bits = LONGER_THAN_24
    return bits | SPECIAL_PREFIX if is_special(special, prefix) else bits


cdef inline bint is_special(const Special* special, const Prefix* prefix) noexcept nogil:
    """See `peerlint.iana.special_blocks`."""
    cdef int index, length
    cdef bint hit = False
    cdef const Block* block
    if prefix.length < 8 or special.octets[prefix.hi >> 56]:
        for index in range(special.count):
            block = special.blocks + index
            length = min(block.length, prefix.length)
            if block.exception or not agree(block.hi, block.lo, prefix.hi, prefix.lo, length):
                continue
            hit = True
            if not block.allowed and not is_sheltered(special, block, prefix):
                return True
    # Nothing outside 2000::/3 is global unicast (RFC 4291).
    return not hit and prefix.family == 6 and not (prefix.length >= 3 and prefix.hi >> 61 == 1)


cdef inline bint is_sheltered(
    const Special* special, const Block* around, const Prefix* prefix
) noexcept nogil:
    """Whether an exception or an allowed block inside a block contains the prefix."""
    cdef int index
    cdef const Block* block
    for index in range(special.count):
        block = special.blocks + index
        if (
            (block.exception or block.allowed)
            and block.length <= prefix.length
            and agree(block.hi, block.lo, prefix.hi, prefix.lo, block.length)
            and around.length <= block.length
            and agree(around.hi, around.lo, block.hi, block.lo, around.length)
        ):
            return True
    return False
