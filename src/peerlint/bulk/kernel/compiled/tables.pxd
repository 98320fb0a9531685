"""Hash tables by open addressing: each cell has a key, which is not 0, and numbers, at first 0.

Where a key's cell is looked for depends on the process's own key (see `siphash`): in a dump that
was written without it, no keys crowd together more than random ones do.
"""

from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from peerlint.bulk.kernel.compiled.siphash cimport Key, sip_number

cdef extern from *:
    """
    #ifdef __GNUC__
    #define PREFETCH(address) __builtin_prefetch(address)
    #else
    #define PREFETCH(address) ((void)0)
    #endif
    """
    void PREFETCH(const void* address) noexcept nogil

cdef enum:
    LEAST = 64               # cells of a table that is not used yet, half of them
    SPARSE = 16              # cells for each key; a sparser table is allocated anew

cdef struct Table:
    uint64_t* cells
    uint64_t mask, used, limit, stride
    bint hashed              # whether the keys are hashes, under the process's key, themselves
    Key key


cdef inline uint64_t slot_of(const Table* table, uint64_t key, uint64_t mask) noexcept nogil:
    return (key >> 32 if table.hashed else sip_number(table.key, key)) & mask


cdef inline bint make_table(
    Table* table, uint64_t limit, uint64_t numbers, uint64_t capacity, bint hashed, Key key
) noexcept nogil:
    """Set up a table that grows up to a limit of keys; False without memory."""
    table.cells, table.used, table.limit, table.stride = NULL, 0, limit, 1 + numbers
    table.hashed, table.key = hashed, key
    table.mask = LEAST - 1
    while (table.mask + 1) * 3 < capacity * 2:
        table.mask = 2 * table.mask + 1
    return grow(table)


cdef inline bint empty_table(Table* table) noexcept nogil:
    """Forget all keys; False without memory.

    What that costs has to do with the keys that are forgotten, not with those long before: one
    batch with many of them must not make all later ones dear.
    """
    if table.mask >= SPARSE * max(table.used, <uint64_t> LEAST):
        free(table.cells)
        table.cells, table.used, table.mask = NULL, 0, LEAST - 1
        return grow(table)
    memset(table.cells, 0, (table.mask + 1) * table.stride * sizeof(uint64_t))
    table.used = 0
    return True


cdef inline void free_table(Table* table) noexcept nogil:
    """Forget all keys and return the memory; `cell_of` may not be called then."""
    free(table.cells)
    table.cells, table.used = NULL, 0


cdef inline uint64_t probes_of(const Table* table) noexcept nogil:
    """Return how many cells are probed to find each key once, for tests.

    Where a key is taken out, others move up, so each is behind its first cell without a gap.
    """
    cdef uint64_t slot, key, probes = 0
    for slot in range(table.mask + 1 if table.cells != NULL else 0):
        key = table.cells[slot * table.stride]
        if key != 0:
            probes += ((slot - slot_of(table, key, table.mask)) & table.mask) + 1
    return probes


cdef inline bint grow(Table* table) noexcept nogil:
    return resize(table, 2 * (table.mask + 1))


cdef inline bint resize(Table* table, uint64_t size) noexcept nogil:
    """Move all keys to so many cells, a power of two; False without memory."""
    cdef uint64_t old, slot
    cdef uint64_t* cell
    cdef uint64_t* cells = <uint64_t*> calloc(size * table.stride, sizeof(uint64_t))
    if cells == NULL:
        return False
    for old in range(table.mask + 1 if table.cells != NULL else 0):
        cell = table.cells + old * table.stride
        if cell[0] != 0:
            slot = slot_of(table, cell[0], size - 1)
            while cells[slot * table.stride] != 0:
                slot = (slot + 1) & (size - 1)
            memcpy(cells + slot * table.stride, cell, table.stride * sizeof(uint64_t))
    free(table.cells)
    table.cells, table.mask = cells, size - 1
    return True


cdef inline uint64_t* cell_of(Table* table, uint64_t key) noexcept nogil:
    """Return the cell of a key, which is new if its numbers are 0; NULL if the table is full."""
    cdef uint64_t slot
    cdef uint64_t* cell
    if table.used * 4 >= (table.mask + 1) * 3 and not grow(table):
        return NULL
    slot = slot_of(table, key, table.mask)
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
    """Prefetch the memory of a key's cell, which takes a hundred nanoseconds."""
    PREFETCH(table.cells + slot_of(table, key, table.mask) * table.stride)


cdef inline uint64_t* known_cell(const Table* table, uint64_t key) noexcept nogil:
    """Return the cell of a key; NULL if the table does not have it."""
    cdef uint64_t slot = slot_of(table, key, table.mask)
    cdef uint64_t* cell
    while True:
        cell = table.cells + slot * table.stride
        if cell[0] == key:
            return cell
        if cell[0] == 0:
            return NULL
        slot = (slot + 1) & table.mask


cdef inline bint take_out(Table* table, uint64_t key) noexcept nogil:
    """Take a key out, and return whether the table had it; other cells may move.

    Keys behind it move up, so that none is behind an empty cell: nothing marks the place, and a
    table in which keys come and go for ever does not become slow.
    """
    cdef uint64_t* cell = known_cell(table, key)
    cdef uint64_t gap, slot, stride = table.stride
    if cell == NULL:
        return False
    gap = slot = <uint64_t> (cell - table.cells) // stride
    while True:
        slot = (slot + 1) & table.mask
        cell = table.cells + slot * stride
        if cell[0] == 0:
            break
        if ((slot - slot_of(table, cell[0], table.mask)) & table.mask) >= ((slot - gap) & table.mask):
            memcpy(table.cells + gap * stride, cell, stride * sizeof(uint64_t))
            gap = slot
    memset(table.cells + gap * stride, 0, stride * sizeof(uint64_t))
    table.used -= 1
    if table.mask >= LEAST and table.used * SPARSE <= table.mask:
        resize(table, (table.mask + 1) >> 1)  # without memory, it stays as large as it is
    return True
