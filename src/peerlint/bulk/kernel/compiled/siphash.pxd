"""SipHash-1-3: without the key, nobody can make hashes collide on purpose.

The author of a dump chooses its content. With a fixed hash, that is enough to make all keys of a
table fall into one cell. The module `siphash` has the key of the process, and the same hash in Python.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t

cdef extern from *:
    """
    #include <string.h>
    typedef struct { uint64_t k0, k1; } peerlint_sip_key;
    typedef struct { uint64_t v0, v1, v2, v3; } peerlint_sip;
    #define PEERLINT_ROTATE(word, bits) ((word) << (bits) | (word) >> (64 - (bits)))
    static inline void sip_round(peerlint_sip* s) {
        s->v0 += s->v1; s->v2 += s->v3;
        s->v1 = PEERLINT_ROTATE(s->v1, 13) ^ s->v0; s->v3 = PEERLINT_ROTATE(s->v3, 16) ^ s->v2;
        s->v0 = PEERLINT_ROTATE(s->v0, 32);
        s->v2 += s->v1; s->v0 += s->v3;
        s->v1 = PEERLINT_ROTATE(s->v1, 17) ^ s->v2; s->v3 = PEERLINT_ROTATE(s->v3, 21) ^ s->v0;
        s->v2 = PEERLINT_ROTATE(s->v2, 32);
    }
    static inline peerlint_sip sip_start(peerlint_sip_key key) {
        peerlint_sip s = {
            key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du,
            key.k0 ^ 0x6c7967656e657261u, key.k1 ^ 0x7465646279746573u,
        };
        return s;
    }
    static inline void sip_add(peerlint_sip* s, uint64_t word) {
        s->v3 ^= word; sip_round(s); s->v0 ^= word;
    }
    static inline uint64_t sip_end(peerlint_sip* s, uint64_t last) {
        sip_add(s, last);
        s->v2 ^= 0xff;
        sip_round(s); sip_round(s); sip_round(s);
        return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
    }
    static inline uint64_t sip_number(peerlint_sip_key key, uint64_t number) {
        peerlint_sip s = sip_start(key);
        sip_add(&s, number);
        return sip_end(&s, (uint64_t)8 << 56);
    }
    static inline uint64_t sip_three(peerlint_sip_key key, uint64_t a, uint64_t b, uint64_t c) {
        peerlint_sip s = sip_start(key);
        sip_add(&s, a); sip_add(&s, b); sip_add(&s, c);
        return sip_end(&s, (uint64_t)24 << 56);
    }
    /* As the reference on machines whose numbers start with the low octet; on others as strong. */
    static inline uint64_t sip_octets(peerlint_sip_key key, const uint8_t* first, int64_t size) {
        peerlint_sip s = sip_start(key);
        uint64_t word, last = (uint64_t)size << 56;
        int shift;
        for (; size >= 8; size -= 8, first += 8) { memcpy(&word, first, 8); sip_add(&s, word); }
        for (shift = 0; size > 0; size--, shift += 8) last |= (uint64_t)*first++ << shift;
        return sip_end(&s, last);
    }
    """
    ctypedef struct Key "peerlint_sip_key":
        uint64_t k0, k1
    uint64_t sip_number(Key key, uint64_t number) noexcept nogil
    uint64_t sip_three(Key key, uint64_t a, uint64_t b, uint64_t c) noexcept nogil
    uint64_t sip_octets(Key key, const uint8_t* first, int64_t size) noexcept nogil


cdef inline Key load_key(bytes octets):
    """Load a key of 16 octets."""
    cdef Key key
    key.k0 = int.from_bytes(octets[:8], "little")
    key.k1 = int.from_bytes(octets[8:], "little")
    return key
