# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# distutils: extra_compile_args = -O2 -g0
"""The compiled speller. Reference and specification: `_spell_py`.

Octets of a dump are read by `u8`, `u16` and `u32`, or compared behind a CHECK, as in the kernel.
Memory grows by doubling, never by the row; paths that AS4_PATH completes are left to Python.
"""

cimport cython
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport abort, calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

from peerlint.bulk._octets cimport CHECK, Octets, u8, u16, u32

import numpy as np

from peerlint.bulk._spell_py import path_of
from peerlint.bulk._spelled import Spelled, Texts as SpelledTexts
from peerlint.wire.attribute_types import AttributeType

cdef enum:
    AS4 = 1, UPDATE = 4                  # of the contract's forms
    EXTENDED_LENGTH = 0x10, KIND_BITS = 0xC0
    PATH = 2, STANDARD = 8, EXTENDED = 16, AS4_PATH = 17, LARGE = 32
    KINDS = 64                           # types that are looked at are smaller
    SEQUENCE = 2, CONFED_SEQUENCE = 3
    NO_PATH = -1
    LONGEST = 40                         # the longest community takes 32 characters, a large one
    # Why `spell` came back.
    DONE = 0, RARE = 1, NO_MEMORY = 2, TOO_MUCH = 3

cdef uint8_t FLAGS[KINDS]                # of the types above, in an UPDATE
for kind in (PATH, STANDARD, EXTENDED, AS4_PATH, LARGE):
    FLAGS[<int> kind] = AttributeType(kind).flags
# How segments of types 1 to 4 are written; see `peerlint.model.aspath`.
cdef const uint8_t* OPENING = b" { (["
cdef const uint8_t* CLOSING = b" } )]"

cdef struct Index:           # open addressing: upper half a hash, lower half a number from 1 on
    uint64_t* cells
    uint64_t mask, used

cdef struct Texts:
    uint8_t* octets
    int64_t size, room
    int32_t* offsets         # count + 1 of them
    int64_t count, places

cdef struct Numbers:
    int32_t* items
    int64_t count, room

cdef struct Key:             # a community: type code and administrator, the rest
    uint64_t hi, lo

cdef struct List:
    int64_t at, size
    uint8_t form


cdef inline uint64_t mix(uint64_t key) noexcept nogil:
    key = (key ^ key >> 30) * <uint64_t> 0xBF58476D1CE4E5B9
    key = (key ^ key >> 27) * <uint64_t> 0x94D049BB133111EB
    return key ^ key >> 31


cdef inline uint64_t hash_of(const uint8_t* first, int64_t size) noexcept nogil:
    """Return a number whose upper half is hardly the same for other octets."""
    cdef uint64_t key = <uint64_t> size, word
    while size > 0:
        word = 0
        if size >= 8:
            memcpy(&word, first, 8)
        else:
            memcpy(&word, first, size)
        key = (key ^ word) * <uint64_t> 0x9E3779B97F4A7C15
        key ^= key >> 29
        first += 8
        size -= 8
    return mix(key)


cdef bint enlarge(void** memory, int64_t* room, int64_t wanted, size_t item) noexcept nogil:
    """Make room for so many items at least."""
    cdef int64_t more = room[0]
    cdef void* larger
    if wanted <= room[0]:
        return True
    while more < wanted:
        more = max(<int64_t> 256, 2 * more)
    larger = realloc(memory[0], more * item)
    if larger == NULL:
        return False
    memory[0], room[0] = larger, more
    return True


cdef bint make_index(Index* index, uint64_t entries) noexcept nogil:
    """Empty an index and make room for so many entries, twice as many cells."""
    cdef uint64_t size = 256
    while size < 2 * entries:
        size *= 2
    if index.cells == NULL or index.mask + 1 < size:
        free(index.cells)
        index.cells = <uint64_t*> calloc(size, sizeof(uint64_t))
        if index.cells == NULL:
            return False
        index.mask = size - 1
    else:
        memset(index.cells, 0, (index.mask + 1) * sizeof(uint64_t))
    index.used = 0
    return True


cdef bint widen(Index* index) noexcept nogil:
    """Double an index that is half full."""
    cdef Index wide = Index(NULL, 0, 0)
    cdef uint64_t old
    if 2 * index.used < index.mask:
        return True
    if not make_index(&wide, index.mask + 1):
        return False
    for old in range(index.mask + 1):
        if index.cells[old]:
            put(&wide, index.cells[old] >> 32, index.cells[old])
    wide.used = index.used
    free(index.cells)
    index[0] = wide
    return True


cdef inline void put(Index* index, uint64_t slot, uint64_t cell) noexcept nogil:
    """Write a cell into the first free place from its slot on."""
    slot &= index.mask
    while index.cells[slot]:
        slot = (slot + 1) & index.mask
    index.cells[slot] = cell
    index.used += 1


cdef inline uint64_t cell_of(uint64_t hashed, int64_t number) noexcept nogil:
    return hashed >> 32 << 32 | <uint64_t> (number + 1)


cdef inline int64_t number_of(uint64_t cell) noexcept nogil:
    return <int64_t> <uint32_t> cell - 1


cdef inline bint push(Numbers* numbers, int32_t number) noexcept nogil:
    if numbers.count >= numbers.room and not enlarge(
        <void**> &numbers.items, &numbers.room, numbers.count + 1, sizeof(int32_t)
    ):
        return False
    numbers.items[numbers.count] = number
    numbers.count += 1
    return True


cdef inline bint reserve(Texts* texts, int64_t octets) noexcept nogil:
    """Make room for a text of so many octets, and for its offset."""
    return enlarge(<void**> &texts.octets, &texts.room, texts.size + octets, 1) and enlarge(
        <void**> &texts.offsets, &texts.places, texts.count + 2, sizeof(int32_t)
    )


cdef inline void write(Texts* texts, uint8_t letter) noexcept nogil:
    CHECK(texts.size < texts.room)
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


cdef void write_words(Texts* texts, const char* words) noexcept nogil:
    while words[0]:
        write(texts, <uint8_t> words[0])
        words += 1


cdef void write_extended(Texts* texts, uint64_t number) noexcept nogil:
    """See `ExtendedCommunity.__str__`."""
    cdef uint32_t kind = <uint32_t> (number >> 56), subtype = <uint32_t> (number >> 48 & 0xFF)
    cdef uint64_t value = number & <uint64_t> 0xFFFFFFFFFFFF
    cdef int shift
    if kind > 2 or subtype < 2 or subtype > 3:
        write_words(texts, b"0x")
        for shift in range(60, -4, -4):
            write(texts, b"0123456789abcdef"[number >> shift & 0xF])
        return
    write_words(texts, b"rt:" if subtype == 2 else b"ro:")
    if kind == 0:
        write_number(texts, <uint32_t> (value >> 32))
        write(texts, b":")
        write_number(texts, <uint32_t> value)
        return
    if kind == 1:
        for shift in range(40, 8, -8):
            write_number(texts, <uint32_t> (value >> shift & 0xFF))
            write(texts, b"." if shift > 16 else b":")
    else:
        write_number(texts, <uint32_t> (value >> 16))
        write_words(texts, b"L:")
    write_number(texts, <uint32_t> (value & 0xFFFF))


cdef void write_community(Texts* texts, Key key) noexcept nogil:
    cdef uint64_t kind = key.hi >> 32
    if kind == EXTENDED:
        write_extended(texts, key.lo)
    elif kind == STANDARD:
        write_number(texts, <uint32_t> (key.lo >> 16))
        write(texts, b":")
        write_number(texts, <uint32_t> (key.lo & 0xFFFF))
    else:
        write_number(texts, <uint32_t> key.hi)
        write(texts, b":")
        write_number(texts, <uint32_t> (key.lo >> 32))
        write(texts, b":")
        write_number(texts, <uint32_t> key.lo)


cdef bint write_path(Texts* texts, Octets octets, int64_t at, int64_t end, int width) noexcept nogil:
    """Write a path, as `AsPath.__str__` does; False if it is malformed (RFC 7606 section 7.2)."""
    cdef uint8_t kind
    cdef int64_t count, index
    cdef bint first = True
    while at < end:
        if at + 2 > end:
            return False
        kind, count = u8(octets, at), u8(octets, at + 1)
        at += 2
        if kind < 1 or kind > 4 or count == 0 or at + width * count > end:
            return False
        if not first:
            write(texts, b" ")
        first = False
        if kind != SEQUENCE:
            write(texts, OPENING[kind])
        for index in range(count):
            if index > 0:
                write(texts, b" " if kind == SEQUENCE or kind == CONFED_SEQUENCE else b",")
            if width == 4:
                write_number(texts, u32(octets, at + 4 * index))
            else:
                write_number(texts, u16(octets, at + 2 * index))
        if kind != SEQUENCE:
            write(texts, CLOSING[kind])
        at += width * count
    return True


cdef object array_of(const int32_t* items, int64_t count):
    made = np.empty(count, np.int32)
    cdef int32_t[::1] view = made
    if count:
        memcpy(&view[0], items, count * sizeof(int32_t))
    return made


cdef object texts_of(const Texts* texts):
    return SpelledTexts(
        array_of(texts.offsets, texts.count + 1), (<char*> texts.octets)[: texts.size]
    )


@cython.final
cdef class Speller:
    """See `_spell_py.Speller`."""

    cdef readonly int64_t held
    cdef Numbers lists, path_codes, offsets, codes
    cdef Texts paths, communities
    cdef Key* keys                       # of the communities
    cdef int64_t keys_room
    cdef Index known_paths, known_communities
    # The batch in hand
    cdef Octets octets
    cdef Index known_lists
    cdef List* places                    # of its lists
    cdef int64_t places_room, first_list
    # The list in hand
    cdef uint64_t have
    cdef int64_t value_at[KINDS]
    cdef int64_t value_size[KINDS]

    def __cinit__(self):
        self.start()

    def __dealloc__(self):
        free(self.lists.items)
        free(self.path_codes.items)
        free(self.offsets.items)
        free(self.codes.items)
        free(self.paths.octets)
        free(self.paths.offsets)
        free(self.communities.octets)
        free(self.communities.offsets)
        free(self.keys)
        free(self.known_paths.cells)
        free(self.known_communities.cells)
        free(self.known_lists.cells)
        free(self.places)

    cdef start(self):
        self.held = 0
        self.lists.count = self.path_codes.count = self.offsets.count = self.codes.count = 0
        self.empty(&self.paths)
        self.empty(&self.communities)
        if not (
            push(&self.offsets, 0)
            and make_index(&self.known_paths, 0)
            and make_index(&self.known_communities, 0)
        ):
            raise MemoryError

    cdef empty(self, Texts* texts):
        texts.size = texts.count = 0
        if not reserve(texts, 1):
            raise MemoryError
        texts.offsets[0] = 0

    def add(self, rows, bytes buffer):
        # Copies: rows are packed, and a single one counts as contiguous where it stands.
        cdef const uint32_t[::1] at = rows["attr_at"].copy()
        cdef const uint32_t[::1] size = rows["attr_len"].copy()
        cdef const uint8_t[::1] form = rows["form"].copy()
        cdef int64_t row = 0, count = len(rows)
        cdef List place
        cdef int step
        if count == 0:
            return
        self.octets = Octets(<const uint8_t*> <char*> buffer, len(buffer))
        self.first_list = self.path_codes.count
        if not make_index(&self.known_lists, count):
            raise MemoryError
        while True:
            with nogil:
                step = self.spell(&at[0], &size[0], &form[0], &row, count)
            if step != RARE:
                break
            place = self.places[self.path_codes.count - 1 - self.first_list]
            self.complete(path_of(buffer[place.at : place.at + place.size], place.form))
        self.octets = Octets(NULL, 0)
        if step == TOO_MUCH:
            raise OverflowError("expected less than 2 GiB of paths and communities, found more")
        if step == NO_MEMORY:
            raise MemoryError

    cdef complete(self, path):
        """Give the last list a path that Python spelled."""
        cdef bytes text
        cdef int64_t start = self.paths.size
        if path is None:
            return
        text = path.encode("ascii")
        if not reserve(&self.paths, len(text)):
            raise MemoryError
        memcpy(self.paths.octets + start, <char*> text, len(text))
        self.paths.size += len(text)
        if not self.keep_path(start):
            raise MemoryError

    def take(self):
        spelled = Spelled(
            array_of(self.lists.items, self.lists.count),
            array_of(self.path_codes.items, self.path_codes.count),
            texts_of(&self.paths),
            array_of(self.offsets.items, self.offsets.count),
            array_of(self.codes.items, self.codes.count),
            texts_of(&self.communities),
        )
        self.start()
        return spelled

    # -- without the GIL from here on

    cdef int spell(
        self, const uint32_t* at, const uint32_t* size, const uint8_t* form, int64_t* row,
        int64_t count,
    ) noexcept nogil:
        """Spell rows from `row` on; return why it ended."""
        cdef int64_t number, start, length
        cdef int step
        while row[0] < count:
            # As a slice in Python does: rows may be anybody's.
            start = min(<int64_t> at[row[0]], self.octets.size)
            length = min(<int64_t> size[row[0]], self.octets.size - start)
            number = self.list_at(start, length, form[row[0]])
            if number < 0:
                step = self.add_list(start, length, form[row[0]])
                if step != DONE:
                    return step
                continue
            if not push(&self.lists, <int32_t> number):
                return NO_MEMORY
            self.held += 4 * (self.offsets.items[number + 1] - self.offsets.items[number])
            row[0] += 1
        return DONE

    cdef int64_t list_at(self, int64_t at, int64_t size, uint8_t form) noexcept nogil:
        """Return the number of a list that this batch had before, -1 if it is new."""
        cdef const uint8_t* first = self.octets.first
        cdef uint64_t hashed, slot, cell
        cdef int64_t number
        cdef List* place
        CHECK(0 <= at and 0 <= size and at + size <= self.octets.size)
        hashed = hash_of(first + at, size)
        slot = hashed >> 32 & self.known_lists.mask
        while self.known_lists.cells[slot]:
            cell = self.known_lists.cells[slot]
            if cell >> 32 == hashed >> 32:
                number = number_of(cell)
                place = self.places + (number - self.first_list)
                if (
                    place.size == size
                    and place.form == form
                    and memcmp(first + place.at, first + at, size) == 0
                ):
                    return number
            slot = (slot + 1) & self.known_lists.mask
        return -1

    cdef int add_list(self, int64_t at, int64_t size, uint8_t form) noexcept nogil:
        """Spell a list that is new; RARE if its path is still missing."""
        cdef int64_t number = self.path_codes.count, index = number - self.first_list, start
        cdef bint rare
        if self.paths.size > INT32_MAX - 8 * size or self.communities.size > INT32_MAX - 16 * size:
            return TOO_MUCH
        if self.codes.count > INT32_MAX - size:
            return TOO_MUCH
        if not enlarge(<void**> &self.places, &self.places_room, index + 1, sizeof(List)):
            return NO_MEMORY
        self.places[index] = List(at, size, form)
        put(&self.known_lists, hash_of(self.octets.first + at, size) >> 32,
            cell_of(hash_of(self.octets.first + at, size), number))
        self.split(at, at + size, form)
        if not push(&self.path_codes, NO_PATH) or not self.add_communities():
            return NO_MEMORY
        if not push(&self.offsets, <int32_t> self.codes.count):
            return NO_MEMORY
        if not self.has(PATH):
            return DONE
        if not form & AS4 and self.has(AS4_PATH):
            return RARE
        start = self.paths.size
        # Four octets are at most eleven characters, two at most six: three with brackets, a blank.
        if not reserve(&self.paths, 4 * self.value_size[PATH] + 1):
            return NO_MEMORY
        if not write_path(
            &self.paths, self.octets, self.value_at[PATH],
            self.value_at[PATH] + self.value_size[PATH], 4 if form & AS4 else 2,
        ):
            self.paths.size = start
            return DONE
        return DONE if self.keep_path(start) else NO_MEMORY

    cdef inline bint has(self, int kind) noexcept nogil:
        return self.have >> kind & 1

    cdef void split(self, int64_t at, int64_t end, uint8_t form) noexcept nogil:
        """Find the values of a list; see `peerlint.wire.attributes.decode_attributes`."""
        cdef Octets octets = self.octets
        cdef uint64_t seen = 0
        cdef uint8_t flags, kind
        cdef int64_t start, size
        self.have = 0
        while at + 3 <= end:
            flags, kind = u8(octets, at), u8(octets, at + 1)
            start = at + 3
            if flags & EXTENDED_LENGTH:
                start += 1
                if start > end:
                    return
                size = u16(octets, at + 2)
            else:
                size = u8(octets, at + 2)
            at = start + size
            if at > end:
                return
            if kind >= KINDS or seen >> kind & 1:
                continue  # the first one counts, RFC 7606 section 3 g
            seen |= <uint64_t> 1 << kind
            # Flags that conflict, RFC 7606 section 3 c; other types are not asked for.
            if not form & UPDATE or FLAGS[kind] == flags & KIND_BITS:
                self.have |= <uint64_t> 1 << kind
                self.value_at[kind], self.value_size[kind] = start, size

    cdef bint keep_path(self, int64_t start) noexcept nogil:
        """Make the text from `start` on the last list's path, and keep it if it is new."""
        cdef Texts* paths = &self.paths
        cdef int64_t size = paths.size - start, number
        cdef uint64_t hashed = hash_of(paths.octets + start, size), slot
        cdef const int32_t* offsets = paths.offsets
        if not widen(&self.known_paths):
            return False
        slot = hashed >> 32 & self.known_paths.mask
        while self.known_paths.cells[slot]:
            number = number_of(self.known_paths.cells[slot])
            if (
                self.known_paths.cells[slot] >> 32 == hashed >> 32
                and offsets[number + 1] - offsets[number] == size
                and memcmp(paths.octets + offsets[number], paths.octets + start, size) == 0
            ):
                paths.size = start
                self.path_codes.items[self.path_codes.count - 1] = <int32_t> number
                return True
            slot = (slot + 1) & self.known_paths.mask
        put(&self.known_paths, slot, cell_of(hashed, paths.count))
        self.path_codes.items[self.path_codes.count - 1] = <int32_t> paths.count
        paths.count += 1
        paths.offsets[paths.count] = <int32_t> paths.size
        self.held += size
        return True

    cdef bint add_communities(self) noexcept nogil:
        """Add the communities of the list in hand to `codes`."""
        cdef int64_t at, end
        if self.whole(STANDARD, 4):
            at, end = self.value_at[STANDARD], self.value_at[STANDARD] + self.value_size[STANDARD]
            while at < end:
                if not self.add_community(Key(<uint64_t> STANDARD << 32, u32(self.octets, at))):
                    return False
                at += 4
        if self.whole(LARGE, 12):
            at, end = self.value_at[LARGE], self.value_at[LARGE] + self.value_size[LARGE]
            while at < end:
                if not self.add_community(
                    Key(<uint64_t> LARGE << 32 | u32(self.octets, at), self.u64(at + 4))
                ):
                    return False
                at += 12
        if self.whole(EXTENDED, 8):
            at, end = self.value_at[EXTENDED], self.value_at[EXTENDED] + self.value_size[EXTENDED]
            while at < end:
                if not self.add_community(Key(<uint64_t> EXTENDED << 32, self.u64(at))):
                    return False
                at += 8
        return True

    cdef bint whole(self, int kind, int64_t width) noexcept nogil:
        """Whether a list of communities is there and whole (RFC 7606 sections 7.8 and 7.14)."""
        return self.has(kind) and self.value_size[kind] % width == 0

    cdef inline uint64_t u64(self, int64_t at) noexcept nogil:
        return <uint64_t> u32(self.octets, at) << 32 | u32(self.octets, at + 4)

    cdef bint add_community(self, Key key) noexcept nogil:
        cdef Texts* texts = &self.communities
        cdef uint64_t hashed = mix(key.lo ^ mix(key.hi)), slot
        cdef int64_t number
        slot = hashed >> 32 & self.known_communities.mask
        while self.known_communities.cells[slot]:
            number = number_of(self.known_communities.cells[slot])
            if self.keys[number].hi == key.hi and self.keys[number].lo == key.lo:
                return push(&self.codes, <int32_t> number)
            slot = (slot + 1) & self.known_communities.mask
        if not (
            reserve(texts, LONGEST)
            and enlarge(<void**> &self.keys, &self.keys_room, texts.count + 1, sizeof(Key))
        ):
            return False
        number = texts.size
        write_community(texts, key)
        self.held += texts.size - number
        self.keys[texts.count] = key
        put(&self.known_communities, slot, cell_of(hashed, texts.count))
        texts.count += 1
        texts.offsets[texts.count] = <int32_t> texts.size
        return widen(&self.known_communities) and push(&self.codes, <int32_t> texts.count - 1)
