"""Counts of routes, one by one. See `counts.RowCounter`."""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from peerlint.bulk.kernel.compiled.contract cimport MALFORMED, NO_STATEMENT
from peerlint.bulk.kernel.compiled.octets cimport CHECK
from peerlint.bulk.kernel.compiled.paths cimport RouteFacts
from peerlint.bulk.kernel.compiled.prefixes cimport Prefix
from peerlint.bulk.kernel.compiled.siphash cimport Key, sip_three
from peerlint.bulk.kernel.compiled.tables cimport Table, cell_of, fetch_cell, make_table

cdef enum:
    LENGTHS = 1 << 16        # a path length is below
    RECENT_BITS = 6          # of the number of words whose cells are cached

cdef struct Mask:
    uint32_t any_of, none_of

cdef struct Alike:           # routes that are counted together
    RouteFacts route
    uint32_t bits            # those of the prefix
    uint64_t routes          # that are not yet counted
    uint64_t* word           # where they are counted, NULL if the table is full
    uint64_t* by_origin

cdef struct Counter:
    bint counting
    Mask* violations
    int n_violations
    Table words, origins, prefixes
    uint64_t* word           # of the routes before
    uint64_t* by_origin
    uint64_t* recent[1 << RECENT_BITS]  # cells of words
    uint64_t malformed, withdrawals, unsorted
    bint prefixes_full
    uint64_t lengths[LENGTHS]


cdef inline load_counter(Counter* counter, violations, limits, Key key):
    """Set up; nothing is counted if `violations` are None."""
    counter.counting = violations is not None
    counter.violations = <Mask*> calloc(len(violations or ()) + 1, sizeof(Mask))
    # Pointers to cells of two of these are kept, so the tables are allocated in full at the start.
    if counter.violations == NULL or not (
        make_table(&counter.words, limits[0], 2, limits[0] + 1, False, key)
        and make_table(&counter.origins, limits[1], 2, limits[1] + 1, False, key)
        and make_table(&counter.prefixes, limits[2], 0, 0, False, key)
    ):
        raise MemoryError
    for any_of, none_of in violations or ():
        counter.violations[counter.n_violations] = Mask(any_of, none_of)
        counter.n_violations += 1


cdef inline void free_counter(Counter* counter) noexcept nogil:
    free(counter.violations)
    free(counter.words.cells)
    free(counter.origins.cells)
    free(counter.prefixes.cells)


cdef inline void find_cells(Counter* counter, Alike* alike) noexcept nogil:
    """Find the cells in which routes are counted."""
    cdef uint32_t facts = alike.route.facts | alike.bits
    cdef uint64_t word = <uint64_t> facts + 1, origin = <uint64_t> (alike.route.origin + 2)
    if not counter.counting:
        return
    # Facts and origin are mostly those of the previous routes.
    if counter.word == NULL or counter.word[0] != word:
        counter.word = cell_of_word(counter, word)
        if counter.word != NULL and counter.word[1] == 0:
            counter.word[2] = is_violating(counter, facts)
    if counter.by_origin == NULL or counter.by_origin[0] != origin:
        counter.by_origin = cell_of(&counter.origins, origin)
    alike.word, alike.by_origin = counter.word, counter.by_origin


cdef inline uint64_t* cell_of_word(Counter* counter, uint64_t word) noexcept nogil:
    """Return the cell of facts, mostly without a hash: a dump has few different ones.

    Whoever makes all of them share a place here gains nothing but the hash.
    """
    cdef uint64_t place = word * <uint64_t> 0x9E3779B97F4A7C15 >> 64 - RECENT_BITS
    cdef uint64_t* cell = counter.recent[place]
    if cell == NULL or cell[0] != word:
        cell = counter.recent[place] = cell_of(&counter.words, word)
    return cell


cdef inline uint64_t count_routes(Counter* counter, const Alike* alike) noexcept nogil:
    """Count routes; return how many of them are violating."""
    cdef uint64_t routes = alike.routes, violating
    cdef uint32_t facts = alike.route.facts | alike.bits
    counter.malformed += routes if facts & MALFORMED else 0
    if not counter.counting:
        return 0
    if alike.word != NULL:
        alike.word[1] += routes
        violating = routes if alike.word[2] else 0
    else:
        counter.unsorted += routes
        violating = routes if is_violating(counter, facts) else 0
    if alike.by_origin != NULL:
        alike.by_origin[1] += routes
        alike.by_origin[2] += violating
    if not facts & (MALFORMED | NO_STATEMENT):
        CHECK(0 <= alike.route.path_length < LENGTHS)
        counter.lengths[alike.route.path_length] += routes
    return violating


cdef inline bint is_violating(const Counter* counter, uint32_t facts) noexcept nogil:
    cdef int index
    for index in range(counter.n_violations):
        if not facts & counter.violations[index].none_of and (
            not counter.violations[index].any_of or facts & counter.violations[index].any_of
        ):
            return True
    return False


cdef inline uint64_t prefix_key(const Prefix* prefix) noexcept nogil:
    """See `counts.prefix_keys`."""
    cdef uint64_t key
    if prefix.family == 4:
        return prefix.hi | prefix.length | 256
    key = sip_three(Key(0, 0), prefix.hi, prefix.lo, prefix.length)
    return key if key else 1


cdef inline void expect_prefix(Counter* counter, const Prefix* prefix) noexcept nogil:
    """Prefetch the cell of a prefix that may be counted soon."""
    if counter.counting:
        fetch_cell(&counter.prefixes, prefix_key(prefix))


cdef inline void count_prefix(Counter* counter, const Prefix* prefix) noexcept nogil:
    if counter.counting and cell_of(&counter.prefixes, prefix_key(prefix)) == NULL:
        counter.prefixes_full = True
