"""Octets, and the functions that read them.

Built with PEERLINT_CHECKED, a read without a guard aborts.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

cdef extern from *:
    """
    #include <stdlib.h>
    #ifdef PEERLINT_CHECKED
    #define CHECK(inside) do { if (!(inside)) abort(); } while (0)
    #else
    #define CHECK(inside) ((void)0)
    #endif
    /* In C, for compilers know these as one load each. */
    static inline uint32_t big_endian_16(const uint8_t* at) {
        return (uint32_t)at[0] << 8 | at[1];
    }
    static inline uint32_t big_endian_32(const uint8_t* at) {
        return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    """
    void CHECK(bint inside) noexcept nogil
    uint32_t big_endian_16(const uint8_t* at) noexcept nogil
    uint32_t big_endian_32(const uint8_t* at) noexcept nogil

cdef struct Octets:
    const uint8_t* first
    int64_t size


cdef inline uint8_t u8(Octets octets, int64_t at) noexcept nogil:
    CHECK(0 <= at < octets.size)
    return octets.first[at]


cdef inline uint32_t u16(Octets octets, int64_t at) noexcept nogil:
    CHECK(0 <= at and at + 2 <= octets.size)
    return big_endian_16(octets.first + at)


cdef inline uint32_t u32(Octets octets, int64_t at) noexcept nogil:
    CHECK(0 <= at and at + 4 <= octets.size)
    return big_endian_32(octets.first + at)


cdef inline uint64_t u64(Octets octets, int64_t at) noexcept nogil:
    return <uint64_t> u32(octets, at) << 32 | u32(octets, at + 4)
