# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: freethreading_compatible=False
# distutils: extra_compile_args = -O2 -g0
"""The compiled encoder. Reference and specification: `python.text_encoder`.

It shares parts with the route kernel, and reads octets in the same way. Memory grows by doubling;
paths that AS4_PATH completes are left to Python.
"""

cimport cython
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy

import numpy as np

from peerlint.bulk.kernel.compiled.contract cimport AS4, UPDATE
from peerlint.bulk.kernel.compiled.octets cimport CHECK, Octets, u32, u64
from peerlint.bulk.kernel.compiled.paths cimport (
    FIRST_CONFED, SEQUENCE, Segment, member_at, read_segment,
)
from peerlint.bulk.kernel.compiled.siphash cimport Key as HashKey, load_key, sip_octets, sip_three
from peerlint.bulk.kernel.compiled.tables cimport Table, cell_of, empty_table, make_table, probes_of
from peerlint.bulk.kernel.compiled.texts cimport (
    Codes, Texts, empty_texts, end_text, enlarge, free_texts, push, reserve, write, write_number,
    write_words,
)
from peerlint.bulk.kernel.compiled.values cimport (
    AS4_PATH, AS_PATH, COMMUNITIES, EXTENDED_COMMUNITIES, LARGE_COMMUNITIES, Values, has,
    load_types, split,
)

from peerlint.bulk.kernel.siphash import PROCESS_KEY
from peerlint.bulk.kernel.python.text_encoder import path_of
from peerlint.bulk.kernel.texts import EncodedText, Texts as SpelledTexts
from peerlint.wire.attribute_types import AttributeType, Treatment
from peerlint.wire.raw_types import RAW_FLAGS

cdef enum:
    NO_PATH = -1
    LONGEST = 40                         # the longest community takes 32 characters, a large one
    # Why `encode` returned.
    DONE = 0, RARE = 1, NO_MEMORY = 2, TOO_MUCH = 3

# How segments of types 1 to 4 are written; see `peerlint.model.aspath`.
cdef const uint8_t* OPENING = b" { (["
cdef const uint8_t* CLOSING = b" } )]"

cdef struct Key:             # a community: type code and administrator, the rest
    uint64_t hi, lo

cdef struct List:
    int64_t at, size
    uint8_t form


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
    if kind == EXTENDED_COMMUNITIES:
        write_extended(texts, key.lo)
    elif kind == COMMUNITIES:
        write_number(texts, <uint32_t> (key.lo >> 16))
        write(texts, b":")
        write_number(texts, <uint32_t> (key.lo & 0xFFFF))
    else:
        write_number(texts, <uint32_t> key.hi)
        write(texts, b":")
        write_number(texts, <uint32_t> (key.lo >> 32))
        write(texts, b":")
        write_number(texts, <uint32_t> key.lo)


cdef bint write_path(
    Texts* texts, Octets octets, int64_t at, int64_t end, uint8_t form
) noexcept nogil:
    """Write a path, as `AsPath.__str__` does; False if it is malformed (RFC 7606 section 7.2)."""
    cdef Segment segment
    cdef int64_t index
    cdef int width = 4 if form & AS4 else 2
    cdef uint32_t asn
    cdef uint8_t between
    cdef bint first = True
    while at < end:
        if not read_segment(octets, at, end, width, &segment):
            return False
        if not first:
            write(texts, b" ")
        first = False
        if segment.kind != SEQUENCE:
            write(texts, OPENING[segment.kind])
        between = b" " if segment.kind == SEQUENCE or segment.kind == FIRST_CONFED else b","
        for index in range(segment.count):
            if index > 0:
                write(texts, between)
            asn = member_at(octets, &segment, index, width)
            if asn == 0 and form & UPDATE:
                return False  # RFC 7607 section 2
            write_number(texts, asn)
        if segment.kind != SEQUENCE:
            write(texts, CLOSING[segment.kind])
        at = segment.at + width * segment.count
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
cdef class TextEncoder:
    """See `python.text_encoder.TextEncoder`."""

    cdef readonly int64_t held
    cdef Codes lists, path_codes, offsets, codes
    cdef Texts paths, communities
    cdef Key* keys                       # of the communities
    cdef int64_t keys_room
    cdef HashKey hash_key
    # By hash; the number is that of the text + 1, or that of the list in its batch.
    cdef Table known_paths, known_communities, known_lists
    # The current batch
    cdef Octets octets
    cdef List* places                    # of its lists
    cdef int64_t places_room, first_list
    # The current list
    cdef Values values

    def __cinit__(self, bytes key not None=PROCESS_KEY):
        self.hash_key = load_key(key)
        load_types(&self.values, AttributeType, Treatment.DISCARD, RAW_FLAGS)
        if not (
            make_table(&self.known_paths, INT32_MAX, 1, 0, True, self.hash_key)
            and make_table(&self.known_communities, INT32_MAX, 1, 0, True, self.hash_key)
            and make_table(&self.known_lists, INT32_MAX, 1, 0, True, self.hash_key)
        ):
            raise MemoryError
        self.start()

    def __dealloc__(self):
        free(self.lists.items)
        free(self.path_codes.items)
        free(self.offsets.items)
        free(self.codes.items)
        free(self.known_paths.cells)
        free(self.known_communities.cells)
        free(self.known_lists.cells)
        free_texts(&self.paths)
        free_texts(&self.communities)
        free(self.keys)
        free(self.places)

    cdef start(self):
        self.held = 0
        self.lists.count = self.path_codes.count = self.offsets.count = self.codes.count = 0
        if not (
            empty_table(&self.known_paths)
            and empty_table(&self.known_communities)
            and empty_texts(&self.paths)
            and empty_texts(&self.communities)
            and push(&self.offsets, 0)
        ):
            raise MemoryError

    def add(self, rows, bytes buffer):
        # Copies, because rows are packed, and a single one counts as contiguous.
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
        if not empty_table(&self.known_lists):
            raise MemoryError
        while True:
            with nogil:
                step = self.encode(&at[0], &size[0], &form[0], &row, count)
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
        """Set the path of the last list, which Python encoded."""
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
        encoded = EncodedText(
            array_of(self.lists.items, self.lists.count),
            array_of(self.path_codes.items, self.path_codes.count),
            texts_of(&self.paths),
            array_of(self.offsets.items, self.offsets.count),
            array_of(self.codes.items, self.codes.count),
            texts_of(&self.communities),
        )
        self.start()
        return encoded

    def probes(self):
        """Return for each table its keys, and the cells probed to find each once, for tests."""
        return {
            "paths": (self.known_paths.used, probes_of(&self.known_paths)),
            "communities": (self.known_communities.used, probes_of(&self.known_communities)),
            "lists": (self.known_lists.used, probes_of(&self.known_lists)),
        }

    def cells(self):
        """Return how many cells the table of a batch's lists has: for tests."""
        return self.known_lists.mask + 1

    # -- without the GIL

    cdef int encode(
        self, const uint32_t* at, const uint32_t* size, const uint8_t* form, int64_t* row,
        int64_t count,
    ) noexcept nogil:
        """Encode rows from `row` on; return why it ended."""
        cdef int64_t number, start, length
        cdef uint64_t* cell
        cdef int step
        while row[0] < count:
            # As a slice in Python does, because rows may come from anywhere.
            start = min(<int64_t> at[row[0]], self.octets.size)
            length = min(<int64_t> size[row[0]], self.octets.size - start)
            cell = self.cell_of_list(start, length, form[row[0]])
            if cell == NULL:
                return NO_MEMORY
            if cell[1] == 0:
                step = self.add_list(start, length, form[row[0]])
                cell[1] = self.path_codes.count - self.first_list
                if step != DONE:
                    return step
            number = self.first_list + <int64_t> cell[1] - 1
            if not push(&self.lists, <int32_t> number):
                return NO_MEMORY
            self.held += 4 * (self.offsets.items[number + 1] - self.offsets.items[number])
            row[0] += 1
        return DONE

    cdef uint64_t* cell_of_list(self, int64_t at, int64_t size, uint8_t form) noexcept nogil:
        """Return the cell of a list, which is new to this batch if its number is 0."""
        cdef const uint8_t* first = self.octets.first
        cdef uint64_t key
        cdef uint64_t* cell
        cdef List* place
        CHECK(0 <= at and 0 <= size and at + size <= self.octets.size)
        key = sip_octets(self.hash_key, first + at, size) | 1
        while True:
            cell = cell_of(&self.known_lists, key)
            if cell == NULL or cell[1] == 0:
                return cell
            place = self.places + cell[1] - 1
            if place.size == size and place.form == form and (
                memcmp(first + place.at, first + at, size) == 0
            ):
                return cell
            key += 2  # never 0

    cdef int add_list(self, int64_t at, int64_t size, uint8_t form) noexcept nogil:
        """Encode a new list; RARE if its path is still missing."""
        cdef Values* values = &self.values
        cdef int64_t index = self.path_codes.count - self.first_list, start = self.paths.size, end
        if self.paths.size > INT32_MAX - 8 * size or self.communities.size > INT32_MAX - 16 * size:
            return TOO_MUCH
        if self.codes.count > INT32_MAX - size:
            return TOO_MUCH
        if not enlarge(<void**> &self.places, &self.places_room, index + 1, sizeof(List)):
            return NO_MEMORY
        self.places[index] = List(at, size, form)
        split(values, self.octets, at, at + size, form & UPDATE)
        if not (
            push(&self.path_codes, NO_PATH)
            and self.add_communities(COMMUNITIES, 4)
            and self.add_communities(LARGE_COMMUNITIES, 12)
            and self.add_communities(EXTENDED_COMMUNITIES, 8)
            and push(&self.offsets, <int32_t> self.codes.count)
        ):
            return NO_MEMORY
        if not has(values, AS_PATH):
            return DONE
        if not form & AS4 and has(values, AS4_PATH):
            return RARE
        # Four octets are at most eleven characters, two at most six: three with brackets, a blank.
        if not reserve(&self.paths, 4 * values.size[AS_PATH] + 1):
            return NO_MEMORY
        at, end = values.at[AS_PATH], values.at[AS_PATH] + values.size[AS_PATH]
        if not write_path(&self.paths, self.octets, at, end, form):
            self.paths.size = start
            return DONE
        return DONE if self.keep_path(start) else NO_MEMORY

    cdef bint keep_path(self, int64_t start) noexcept nogil:
        """Make the text from `start` on the last list's path, and keep it if it is new."""
        cdef Texts* paths = &self.paths
        cdef int64_t size = paths.size - start
        cdef uint64_t key = sip_octets(self.hash_key, paths.octets + start, size) | 1
        cdef uint64_t* cell
        cdef const int32_t* offsets
        while True:
            cell = cell_of(&self.known_paths, key)
            if cell == NULL:
                return False
            if cell[1] == 0:
                cell[1] = end_text(paths) + 1
                self.held += size
                break
            offsets = paths.offsets + cell[1] - 1
            if offsets[1] - offsets[0] == size and (
                memcmp(paths.octets + offsets[0], paths.octets + start, size) == 0
            ):
                paths.size = start
                break
            key += 2  # never 0
        self.path_codes.items[self.path_codes.count - 1] = <int32_t> cell[1] - 1
        return True

    cdef bint add_communities(self, int kind, int width) noexcept nogil:
        """Add the communities of a type, if their list is whole (RFC 7606, 7.8 and 7.14)."""
        cdef Octets octets = self.octets
        cdef int64_t at = self.values.at[kind], end = at + self.values.size[kind]
        cdef Key key
        if not has(&self.values, kind) or self.values.size[kind] % width:
            return True
        while at < end:
            key.hi = <uint64_t> kind << 32
            if width == 12:
                key.hi |= u32(octets, at)
            key.lo = u32(octets, at) if width == 4 else u64(octets, at + width - 8)
            if not self.add_community(key):
                return False
            at += width
        return True

    cdef bint add_community(self, Key key) noexcept nogil:
        cdef Texts* texts = &self.communities
        cdef uint64_t hashed = sip_three(self.hash_key, key.hi, key.lo, 0) | 1
        cdef int64_t start = texts.size
        cdef uint64_t* cell
        while True:
            cell = cell_of(&self.known_communities, hashed)
            if cell == NULL:
                return False
            if cell[1] == 0:
                break
            if self.keys[cell[1] - 1].hi == key.hi and self.keys[cell[1] - 1].lo == key.lo:
                return push(&self.codes, <int32_t> cell[1] - 1)
            hashed += 2  # never 0
        if not (
            reserve(texts, LONGEST)
            and enlarge(<void**> &self.keys, &self.keys_room, texts.count + 1, sizeof(Key))
        ):
            return False
        write_community(texts, key)
        self.held += texts.size - start
        self.keys[texts.count] = key
        cell[1] = end_text(texts) + 1
        return push(&self.codes, <int32_t> cell[1] - 1)
