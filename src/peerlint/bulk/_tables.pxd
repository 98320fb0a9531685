"""Tables by open addressing: cells of a key that is not 0, and its numbers, which start as 0."""

from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

cdef extern from *:
    """
    #ifdef __GNUC__
    #define PREFETCH(address) __builtin_prefetch(address)
    #else
    #define PREFETCH(address) ((void)0)
    #endif
    """
    void PREFETCH(const void* address) noexcept nogil

cdef struct Table:
    uint64_t* cells
    uint64_t mask, used, limit, stride


cdef inline uint64_t mix(uint64_t key) noexcept nogil:
    """Spread 64 bits, one to one; `_counts.mix` is the same."""
    key = (key ^ key >> 30) * <uint64_t> 0xBF58476D1CE4E5B9
    key = (key ^ key >> 27) * <uint64_t> 0x94D049BB133111EB
    return key ^ key >> 31


cdef inline uint64_t slot_of(uint64_t key, uint64_t mask) noexcept nogil:
    return (key * <uint64_t> 0x9E3779B97F4A7C15 >> 32) & mask


cdef inline bint make_table(
    Table* table, uint64_t limit, uint64_t numbers, uint64_t room
) noexcept nogil:
    """Set up a table that grows beyond its room, up to a limit of keys; False without memory."""
    table.cells, table.used, table.limit, table.stride = NULL, 0, limit, 1 + numbers
    table.mask = 63
    while (table.mask + 1) * 3 < room * 2:
        table.mask = 2 * table.mask + 1
    return grow(table)


cdef inline void empty_table(Table* table) noexcept nogil:
    memset(table.cells, 0, (table.mask + 1) * table.stride * sizeof(uint64_t))
    table.used = 0


cdef inline bint grow(Table* table) noexcept nogil:
    cdef uint64_t size = 2 * (table.mask + 1), old, slot
    cdef uint64_t* cell
    cdef uint64_t* cells = <uint64_t*> calloc(size * table.stride, sizeof(uint64_t))
    if cells == NULL:
        return False
    for old in range(table.mask + 1 if table.cells != NULL else 0):
        cell = table.cells + old * table.stride
        if cell[0] != 0:
            slot = slot_of(cell[0], size - 1)
            while cells[slot * table.stride] != 0:
                slot = (slot + 1) & (size - 1)
            memcpy(cells + slot * table.stride, cell, table.stride * sizeof(uint64_t))
    free(table.cells)
    table.cells, table.mask = cells, size - 1
    return True


cdef inline uint64_t* cell_of(Table* table, uint64_t key) noexcept nogil:
    """Return the cell of a key, which is new if its numbers are 0; NULL if there is no room."""
    cdef uint64_t slot
    cdef uint64_t* cell
    if table.used * 4 >= (table.mask + 1) * 3 and not grow(table):
        return NULL
    slot = slot_of(key, table.mask)
    while True:
        cell = table.cells + slot * table.stride
        if cell[0] == 0:
            if table.used >= table.limit:
                return NULL
            table.used += 1
            cell[0] = key
        if cell[0] == key:
            return cell
        slot = (slot + 1) & table.mask


cdef inline void fetch_cell(Table* table, uint64_t key) noexcept nogil:
    """Ask for the memory where a key's cell is looked for; it takes a hundred nanoseconds."""
    PREFETCH(table.cells + slot_of(key, table.mask) * table.stride)
