"""The kernel reads dumps like real ones as the readers do that decode everything."""

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
    """See routes as if AS8075 were the collector."""
    return Viewpoint("received", peer.peer.asn)


def as_loc_rib(peer: DumpPeer) -> Viewpoint:
    """See routes as if each peer had shown its own RIB."""
    return Viewpoint("loc-rib", peer.peer.asn)


def test_as_many_routes(made_file: Path) -> None:
    """`peerlint.scan` has a row for each route and withdrawal of `peerlint.dump`."""
    elements = [element for element in peerlint.dump(made_file) if element.states is None]
    scan = peerlint.scan(made_file)
    rows = sum(map(len, scan))

    assert (len(elements), 0, 0) == (rows, scan.quality.lost, scan.quality.damages)
    assert scan.quality.octets == made_file.stat().st_size


@pytest.mark.parametrize("viewpoint", [as_received, as_loc_rib])
def test_the_same_facts(viewpoint: Callable[[DumpPeer], Viewpoint], made_file: Path) -> None:
    """Of every route the kernel says from octets what the model says of the decoded route."""
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
