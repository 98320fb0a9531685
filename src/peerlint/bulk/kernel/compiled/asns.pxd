"""AS numbers: the bits that each has, and the set of those in a path."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc
from libc.string cimport memset

from peerlint.bulk.kernel.compiled.siphash cimport Key, sip_number

cdef enum:
    ASNS = 1 << 17           # members of two paths of 65,535 octets
    PLAIN = 1 << 11          # in blocks of 64: from here on numbers are public, up to private ones
    NEAR_PATH = 24           # so many are compared with each other, more are looked up in a table

cdef struct AsnRange:
    uint32_t last, bits

cdef struct Asns:
    AsnRange ranges[32]      # ascending, without gaps
    int count
    uint8_t plain[(PLAIN >> 3) + 1]  # a bit for each block below PLAIN, and one for more
    uint32_t plain_last

cdef struct Met:             # ASes of a path, each once
    uint32_t near[NEAR_PATH]
    int count                # NEAR_PATH + 1: in `marks`, with this path's stamp
    uint64_t hints           # has a bit for every AS in the path
    uint64_t* marks
    uint32_t stamp
    Key key


cdef inline load_asns(Asns* asns, ranges):
    """Load `criteria.asn_ranges`."""
    cdef uint32_t block
    for first, last, bits in ranges:
        asns.ranges[asns.count] = AsnRange(last, bits)
        asns.count += 1
        if not bits:
            for block in range(first + 63 >> 6, min(last + 1 >> 6, PLAIN + 1)):
                asns.plain[block >> 3] |= 1 << (block & 7)
            asns.plain_last = last


cdef inline bint is_plain(const Asns* asns, uint32_t asn) noexcept nogil:
    """Whether an AS number certainly has no bits, without a branch, because every AS is asked."""
    cdef uint32_t block = min(asn >> 6, <uint32_t> PLAIN)
    return asns.plain[block >> 3] >> (block & 7) & <uint32_t> (asn <= asns.plain_last)


cdef inline uint32_t asn_bits(const Asns* asns, uint32_t asn) noexcept nogil:
    cdef int index
    for index in range(asns.count):
        if asn <= asns.ranges[index].last:
            return asns.ranges[index].bits
    return 0


cdef inline bint make_met(Met* met, Key key) noexcept nogil:
    met.key = key
    met.marks = <uint64_t*> calloc(ASNS, sizeof(uint64_t))
    return met.marks != NULL


cdef inline void forget(Met* met) noexcept nogil:
    met.count, met.hints = 0, 0


cdef inline uint64_t hint_of(uint32_t asn) noexcept nogil:
    """Return one of 64 bits; an AS whose bit no other has is not one of them."""
    return <uint64_t> 1 << (asn * <uint32_t> 0x9E3779B1 >> 26)


cdef inline bint meet(Met* met, uint32_t asn) noexcept nogil:
    """Whether an AS occurred before in this path; add it."""
    cdef int index
    cdef uint64_t hint = hint_of(asn)
    if met.count > NEAR_PATH:
        return mark(met, asn)
    if met.hints & hint:
        for index in range(met.count):
            if met.near[index] == asn:
                return True
    met.hints |= hint
    if met.count < NEAR_PATH:
        met.near[met.count] = asn
        met.count += 1
        return False
    met.count += 1  # comparing each with all takes too long: use the table
    met.stamp += 1
    if met.stamp == 0:
        memset(met.marks, 0, ASNS * sizeof(uint64_t))
        met.stamp = 1
    for index in range(NEAR_PATH):
        mark(met, met.near[index])
    return mark(met, asn)


cdef inline uint64_t slot_of_asn(const Met* met, uint32_t asn) noexcept nogil:
    return sip_number(met.key, asn) & (ASNS - 1)


cdef inline uint64_t probes_of_asns(const Met* met, uint64_t* used) noexcept nogil:
    """Return how many cells were probed for the last path with many ASes; see `tables`."""
    cdef uint64_t slot, probes = 0
    used[0] = 0
    for slot in range(ASNS):
        if met.stamp != 0 and met.marks[slot] >> 32 == met.stamp:
            used[0] += 1
            probes += ((slot - slot_of_asn(met, <uint32_t> met.marks[slot])) & (ASNS - 1)) + 1
    return probes


cdef inline bint mark(Met* met, uint32_t asn) noexcept nogil:
    cdef uint64_t key = <uint64_t> met.stamp << 32 | asn, slot = slot_of_asn(met, asn)
    while met.marks[slot] >> 32 == met.stamp:
        if met.marks[slot] == key:
            return True
        slot = (slot + 1) & (ASNS - 1)
    met.marks[slot] = key
    return False
