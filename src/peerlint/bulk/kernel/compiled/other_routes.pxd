"""Routes of live tables of which no rows are made, as hashes. See `python.other_routes`."""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport realloc, free
from libc.string cimport memset

from peerlint.bulk.kernel.compiled.prefixes cimport Prefix
from peerlint.bulk.kernel.compiled.siphash cimport Key, sip_number, sip_three
from peerlint.bulk.kernel.compiled.tables cimport (
    Table, cell_of, free_table, known_cell, make_table, take_out,
)

cdef struct OtherRoutes:     # see `python.other_routes.OtherRoutes`
    Table others, shown      # without memory while they are empty
    bint is_uncounted, shows_all, is_touched, is_grown

cdef struct OtherTables:
    OtherRoutes* known       # two for each table, those of IPv4 and of IPv6
    int64_t count            # of tables
    uint64_t room
    Key key


cdef inline bint add_others(OtherTables* tables) noexcept nogil:
    """Add a table; False without memory."""
    cdef OtherRoutes* more
    if tables.count & tables.count - 1 == 0:  # a power of two: double the memory
        more = <OtherRoutes*> realloc(
            tables.known, max(2, 4 * tables.count) * sizeof(OtherRoutes)
        )
        if more == NULL:
            return False
        tables.known = more
    memset(tables.known + 2 * tables.count, 0, 2 * sizeof(OtherRoutes))
    tables.count += 1
    return True


cdef inline void free_others(OtherTables* tables) noexcept nogil:
    cdef int64_t index
    for index in range(2 * tables.count):
        free_table(&tables.known[index].others)
        free_table(&tables.known[index].shown)
    free(tables.known)


cdef inline void clear_others(OtherTables* tables, OtherRoutes* one) noexcept nogil:
    """See `python.other_routes.OtherRoutes.clear`."""
    tables.room += one.others.used + one.shown.used
    free_table(&one.others)
    free_table(&one.shown)
    one.is_uncounted = one.shows_all = one.is_touched = one.is_grown = False


cdef inline uint64_t key_of(const OtherTables* tables, const Prefix* prefix) noexcept nogil:
    """See `python.other_routes.key_of`; never 0."""
    cdef uint64_t path_id = <uint64_t> (prefix.path_id + 1)
    if prefix.family == 4 and path_id == 0:
        return sip_number(tables.key, prefix.hi | prefix.length) | 1
    return sip_three(tables.key, prefix.hi, prefix.lo, path_id << 8 | prefix.length) | 1


cdef inline bint has(const Table* table, uint64_t key) noexcept nogil:
    return table.used != 0 and known_cell(table, key) != NULL


cdef inline bint put(Table* table, Key hash_key, uint64_t key) noexcept nogil:
    """Add a key if it is not there; False without memory."""
    if table.cells == NULL and not make_table(table, <uint64_t> -1, 0, 0, True, hash_key):
        return False
    return cell_of(table, key) != NULL


cdef inline bint drop(OtherTables* tables, Table* table, uint64_t key) noexcept nogil:
    """Take a key out, and return whether it was there."""
    if table.used == 0 or not take_out(table, key):
        return False
    tables.room += 1
    return True


cdef inline int shows(
    OtherTables* tables, OtherRoutes* one, uint64_t key, bint is_tagged, bint is_gone
) noexcept nogil:
    """See `python.other_routes.OtherRoutes.shows`; -1 without memory."""
    cdef bint is_other
    cdef uint64_t before
    if one.shows_all:
        return True
    if has(&one.shown, key):
        if is_gone:
            drop(tables, &one.shown, key)
        return True
    if not is_gone and not is_tagged and tables.room != 0 and not one.is_uncounted:
        # Most routes are this one's: without a second look whether it is there.
        one.is_touched = True
        before = one.others.used
        if not put(&one.others, tables.key, key):
            return -1
        one.is_grown |= one.others.used != before
        tables.room -= one.others.used - before
        return False
    if is_gone or is_tagged:
        is_other = drop(tables, &one.others, key)
    else:
        is_other = has(&one.others, key)
    one.is_touched |= is_other or not is_tagged
    if is_gone:
        return is_tagged
    if is_tagged:
        if not show(tables, one, key):
            return -1
    elif one.is_uncounted:
        one.is_grown = True
    elif not is_other:
        stop_counting(tables, one)  # there is no room
    return is_tagged


cdef inline bint show(OtherTables* tables, OtherRoutes* one, uint64_t key) noexcept nogil:
    """See `python.other_routes.OtherRoutes._show`; False without memory."""
    if tables.room == 0:
        stop_counting(tables, one)
    if tables.room != 0:
        tables.room -= 1  # it is new
        return put(&one.shown, tables.key, key)
    tables.room += one.shown.used
    free_table(&one.shown)
    one.shows_all = True
    return True


cdef inline void stop_counting(OtherTables* tables, OtherRoutes* one) noexcept nogil:
    tables.room += one.others.used
    free_table(&one.others)
    one.is_uncounted = one.is_touched = one.is_grown = True
