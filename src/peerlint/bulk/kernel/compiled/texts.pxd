# cython: cdivision=True
"""Texts in the layout of Arrow, and their codes; memory grows by doubling."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport free, realloc

from peerlint.bulk.kernel.compiled.octets cimport CHECK
cdef struct Texts:           # see `texts.Texts`
    uint8_t* octets
    int64_t size, capacity
    int32_t* offsets         # count + 1 of them
    int64_t count, places

cdef struct Codes:
    int32_t* items
    int64_t count, capacity


cdef inline bint enlarge(void** memory, int64_t* capacity, int64_t wanted, size_t item) noexcept nogil:
    """Reserve memory for at least so many items."""
    cdef int64_t more = capacity[0]
    cdef void* larger
    if wanted <= capacity[0]:
        return True
    while more < wanted:
        more = max(<int64_t> 256, 2 * more)
    larger = realloc(memory[0], more * item)
    if larger == NULL:
        return False
    memory[0], capacity[0] = larger, more
    return True


cdef inline bint push(Codes* codes, int32_t code) noexcept nogil:
    if codes.count >= codes.capacity and not enlarge(
        <void**> &codes.items, &codes.capacity, codes.count + 1, sizeof(int32_t)
    ):
        return False
    codes.items[codes.count] = code
    codes.count += 1
    return True


cdef inline bint reserve(Texts* texts, int64_t octets) noexcept nogil:
    """Reserve memory for a text of so many octets, and for its offset."""
    return enlarge(<void**> &texts.octets, &texts.capacity, texts.size + octets, 1) and enlarge(
        <void**> &texts.offsets, &texts.places, texts.count + 2, sizeof(int32_t)
    )


cdef inline bint empty_texts(Texts* texts) noexcept nogil:
    texts.size = texts.count = 0
    if not reserve(texts, 1):
        return False
    texts.offsets[0] = 0
    return True


cdef inline void free_texts(Texts* texts) noexcept nogil:
    free(texts.octets)
    free(texts.offsets)


cdef inline int64_t end_text(Texts* texts) noexcept nogil:
    """End the text that was written since the last one; return its number."""
    texts.count += 1
    texts.offsets[texts.count] = <int32_t> texts.size
    return texts.count - 1


cdef inline void write(Texts* texts, uint8_t letter) noexcept nogil:
    CHECK(texts.size < texts.capacity)
    texts.octets[texts.size] = letter
    texts.size += 1


cdef inline void write_number(Texts* texts, uint32_t number) noexcept nogil:
    """Write a number in decimal, at most ten digits."""
    cdef uint8_t digits[10]
    cdef int count = 0
    while True:
        digits[count] = <uint8_t> (48 + number % 10)
        count += 1
        number //= 10
        if number == 0:
            break
    while count > 0:
        count -= 1
        write(texts, digits[count])


cdef inline void write_words(Texts* texts, const char* words) noexcept nogil:
    while words[0]:
        write(texts, <uint8_t> words[0])
        words += 1
