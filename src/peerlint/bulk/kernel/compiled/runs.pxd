"""Runs: adjacent routes of one prefix and origin, counted. See `runs.runs_of`."""

from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport realloc

from peerlint.bulk.kernel.compiled.contract cimport Run
from peerlint.bulk.kernel.compiled.octets cimport CHECK
from peerlint.bulk.kernel.compiled.prefixes cimport Prefix

cdef struct Runs:
    bint wanted
    Run* written
    int64_t count, capacity


cdef inline bint reserve_runs(Runs* runs, int64_t more) noexcept nogil:
    """Reserve memory for the runs of a record; False if there is none."""
    cdef int64_t capacity
    cdef Run* written
    if not runs.wanted or runs.count + more <= runs.capacity:
        return True
    capacity = 2 * runs.capacity + more
    written = <Run*> realloc(runs.written, capacity * sizeof(Run))
    if written == NULL:
        return False
    runs.written, runs.capacity = written, capacity
    return True


cdef inline void add_to_run(Runs* runs, const Prefix* prefix, int64_t origin) noexcept nogil:
    """Count a route in the last run if it has the same prefix and origin, else in a new one."""
    cdef Run* run
    if not runs.wanted:
        return
    if runs.count:
        run = runs.written + runs.count - 1
        if run.origin == origin and run.prefix_hi == prefix.hi and run.prefix_lo == prefix.lo and (
            run.length == prefix.length and run.family == prefix.family
        ):
            run.routes += 1
            return
    CHECK(runs.count < runs.capacity)
    run = runs.written + runs.count
    run.prefix_hi, run.prefix_lo, run.origin, run.routes = prefix.hi, prefix.lo, origin, 1
    run.family, run.length = prefix.family, <uint8_t> prefix.length
    runs.count += 1
