"""The kernel and the readers that decode everything agree on dumps like real ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.bulk import DumpPeer, DumpReader, Kind
from peerlint.model import Criteria, Fact, Viewpoint, facts

CRITERIA: Final = Criteria()


def as_received(peer: DumpPeer) -> Viewpoint:
    """Return a viewpoint as if AS8075 were the collector."""
    return Viewpoint("received", peer.peer.asn)


def as_loc_rib(peer: DumpPeer) -> Viewpoint:
    """Return a viewpoint as if each peer had sent its own RIB."""
    return Viewpoint("loc-rib", peer.peer.asn)


def test_the_same_number_of_routes(made_file: Path) -> None:
    """`peerlint.scan` has a row for each route and withdrawal of `peerlint.dump`."""
    elements = [element for element in peerlint.dump(made_file) if element.states is None]
    scan = peerlint.scan(made_file)
    rows = sum(map(len, scan))

    assert (len(elements), 0, 0) == (rows, scan.quality.lost, scan.quality.damages)
    assert scan.quality.octets == made_file.stat().st_size


@pytest.mark.parametrize("viewpoint", [as_received, as_loc_rib])
def test_the_same_facts(viewpoint: Callable[[DumpPeer], Viewpoint], made_file: Path) -> None:
    """For every route, the kernel computes the facts of the model from octets."""
    octets = made_file.read_bytes()
    reader = DumpReader([octets], source="made", viewpoint=viewpoint, criteria=CRITERIA)
    wrong, seen = [], Counter[Kind]()
    for batch in reader:
        columns = (batch.rows[column].tolist() for column in ("kind", "peer", "facts"))
        for kind, peer, bits, route in zip(*columns, batch.routes(), strict=True):
            seen[Kind(kind)] += 1
            if kind == Kind.WITHDRAW:
                expected = Fact(0)
            else:
                expected = facts(route, viewpoint(batch.peers[peer]), CRITERIA)
            if expected != bits:
                wrong.append((str(route), expected, Fact(bits)))

    assert [] == wrong
    assert {Kind.RIB} == set(seen) or Kind.WITHDRAW in seen
