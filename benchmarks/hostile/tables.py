"""Hash tables and peer tables: keys crafted against a fixed hash, and peers that repeat."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from benchmarks.hostile import Row
from peerlint import COMPILED
from peerlint.bulk.kernel import Kernel
from peerlint.bulk.kernel.contract import Stop
from peerlint.model import Criteria

_KEYS = 20_000
_PEERS = 5_000
_TABLES = 40
#: Cells of the fixed table that crafted prefixes fell into.
_CELLS, _CROWDED = 1 << 16, 1 << 10


def rows() -> Iterator[Row]:
    """Yield what crafted keys and peers cost; the tables of the Python kernel cannot be counted."""
    if COMPILED:
        plain, crafted = (_probes(each) for each in _prefixes())
        yield Row("prefixes of one cell of a fixed hash", "cells looked at", plain, crafted)
    one = _walked(_table(_PEERS))
    several = _walked(_table(_PEERS) * _TABLES)
    yield Row(
        f"a peer table that comes {_TABLES} times", "peers in memory",
        len(one.peers), len(several.peers), bound=1,
    )  # fmt: skip


def _prefixes() -> tuple[list[int], list[int]]:
    """Return addresses at random, and some that a fixed hash put into few cells."""
    every = np.arange(1 << 24, (1 << 24) + (1 << 22), dtype=np.uint64)
    keys = every << np.uint64(32) | np.uint64(32 | 256)
    keys = (keys ^ keys >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ keys >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    keys = (keys ^ keys >> np.uint64(31)) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)
    crowded = every[keys & np.uint64(_CELLS - 1) < _CROWDED][:_KEYS]
    plain = np.random.default_rng(8075).choice(every, _KEYS, replace=False)
    return plain.tolist(), crowded.tolist()


def _probes(addresses: Iterable[int]) -> int:
    """Return how many cells it takes to find each of some /32 prefixes once."""
    attributes = bytes.fromhex("40010100400206020100000000400304c0000201")
    entry = struct.pack(">HIH", 0, 0, len(attributes)) + attributes
    records = (
        _record(2, struct.pack(">IBIH", number, 32, address, 1) + entry)
        for number, address in enumerate(addresses)
    )
    kernel = _walked(_table(1) + b"".join(records))
    probes: int = kernel.probes()["prefixes"][1]
    return probes


def _walked(octets: bytes) -> Any:  # noqa: ANN401  # the compiled kernel has methods for tests
    kernel = Kernel(Criteria(), None, tagged_too=False, writing=False, violations=())
    at, known, stop = 0, 0, Stop.PEERS
    while stop is not Stop.END:
        at, stop = kernel.read(octets, at, 0)
        for peer in range(known, len(kernel.peers)):
            kernel.set_viewpoint(peer, 0, -1)
        known = len(kernel.peers)
    return kernel


def _table(peers: int) -> bytes:
    every = (struct.pack(">BIII", 2, 1, 0xC6120000 + number, 64500) for number in range(peers))
    return _record(1, struct.pack(">IHH", 0, 0, peers) + b"".join(every))


def _record(subtype: int, body: bytes) -> bytes:
    return struct.pack(">IHHI", 0, 13, subtype, len(body)) + body
