"""Two kernels, one answer: the compiled one against the one in Python, on octets that lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import COMPILED, Watch, _contract, _kernel_py
from peerlint.bulk._contract import Stop
from peerlint.bulk._counts import Counts
from peerlint.model import Criteria, Fact, Viewpoint
from peerlint.testing import lying_dumps, strategies

compiled = pytest.importorskip("peerlint.bulk._kernel_c")
KernelClass = Callable[..., Any]
FAULTS = ((int(Fact.LOOP | Fact.LONG_PATH), 0), (0, int(Fact.TAGGED | Fact.IPV6)))


@attrs.frozen
class Asked:
    """What is asked of a kernel."""

    seen: list[Viewpoint | None]
    criteria: Criteria
    watch: Watch | None
    tagged_too: bool
    limits: tuple[int, int, int] = _contract.LIMITS
    writing: bool = True


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Return a question: some peers without a viewpoint, tables that may be tiny."""
    seen = draw(st.lists(st.one_of(strategies.viewpoints(), st.none()), min_size=1, max_size=3))
    watched = draw(st.one_of(st.none(), st.lists(strategies.prefixes(), max_size=3)))
    small = st.integers(0, 3)
    return Asked(
        seen,
        draw(strategies.criteria()),
        None if watched is None else Watch.of(watched),
        draw(st.booleans()),
        draw(st.one_of(st.just(_contract.LIMITS), st.tuples(small, small, small))),
        draw(st.booleans()),
    )


def answer(kernel_class: KernelClass, octets: bytes, asked: Asked) -> list[object]:
    """Walk over octets; return everything that a kernel says, in its order."""
    kernel = kernel_class(
        asked.criteria,
        asked.watch,
        tagged_too=asked.tagged_too,
        writing=asked.writing,
        faults=FAULTS,
        limits=asked.limits,
    )
    said: list[object] = []
    at, met = 0, 0
    while True:
        at, stop = kernel.walk(octets, at, 1 << 33)
        said.append((at, Stop(stop), list(kernel.lost)))
        kernel.lost.clear()
        if stop is Stop.PEERS:
            for index in range(met, len(kernel.peers)):
                viewpoint = asked.seen[index % len(asked.seen)]
                if viewpoint is not None:
                    own = -1 if viewpoint.asn is None else viewpoint.asn
                    kernel.see(index, viewpoint.reading, own)
            met = len(kernel.peers)
        elif stop is Stop.BROKEN:
            said.append((kernel.broken_at, kernel.record_end, kernel.expected, kernel.found))
            at = kernel.record_end
        else:
            said.append(kernel.record_end if stop is Stop.UNKNOWN else None)
            break
    said += (kernel.peers, [kernel.count(peer) for peer in range(met)])
    rows = kernel.take_rows()
    said += (rows.dtype, *rows.tolist())
    counts: Counts = kernel.counts()
    said += (kernel.records, kernel.octets_read, kernel.octets_skipped, kernel.malformed)
    said += (kernel.unsupported, counts.prefixes.tolist(), *attrs.astuple(counts)[:6])
    return [*said, counts.prefixes_full]


def test_the_compiled_kernel_is_in_use() -> None:
    """A fallback would be silent: here it is not."""
    assert COMPILED == (os.environ.get("PEERLINT_PURE") != "1")


@given(lying_dumps.dumps(), questions())
def test_same_answer(octets: bytes, asked: Asked) -> None:
    """Both give the same rows, counts, peers, lost parts and reasons to stop, in the same order."""
    expected = answer(_kernel_py.Kernel, octets, asked)

    assert expected == answer(compiled.Kernel, octets, asked)
