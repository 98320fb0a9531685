"""Octets and the guarded ways to read them; built with PEERLINT_CHECKED, a missing guard aborts."""

from libc.stdint cimport int64_t, uint8_t, uint32_t

cdef extern from *:
    """
    #ifdef PEERLINT_CHECKED
    #define CHECK(inside) do { if (!(inside)) abort(); } while (0)
    #else
    #define CHECK(inside) ((void)0)
    #endif
    """
    void CHECK(bint inside) noexcept nogil

cdef struct Octets:
    const uint8_t* first
    int64_t size


cdef inline uint8_t u8(Octets octets, int64_t at) noexcept nogil:
    CHECK(0 <= at < octets.size)
    return octets.first[at]


cdef inline uint32_t u16(Octets octets, int64_t at) noexcept nogil:
    CHECK(0 <= at and at + 2 <= octets.size)
    return <uint32_t> octets.first[at] << 8 | octets.first[at + 1]


cdef inline uint32_t u32(Octets octets, int64_t at) noexcept nogil:
    CHECK(0 <= at and at + 4 <= octets.size)
    return (<uint32_t> octets.first[at] << 24 | <uint32_t> octets.first[at + 1] << 16
            | <uint32_t> octets.first[at + 2] << 8 | octets.first[at + 3])
