"""What a scan counted, as a person reads it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Protocol

import attrs
import numpy as np
import pytest

from peerlint.api.scans import COUNTED
from peerlint.bulk import DumpPeer, Quality, Tally
from peerlint.model import Community, Criteria, Fact
from peerlint.observations import Coverage, SourceSummary
from peerlint.report.scan import WORST, render_scan
from peerlint.results import RegistrySource
from peerlint.wire.mrt import Peer


class Golden(Protocol):
    """See `conftest.py`."""

    def __call__(self, name: str, text: str) -> None:
        """Compare."""


ATTRIBUTED_TO = "a rule of severity error"


def source(name: str) -> SourceSummary:
    """Return a dump that could be read."""
    return SourceSummary(name, (), Coverage.NONE, Quality())


def peer(address: str, asn: int, *, sent: bool = False) -> DumpPeer:
    """Return a peer of a dump."""
    return DumpPeer(Peer(ip_address(address), asn), sent=sent)


@pytest.fixture(name="tally")
def _tally() -> Tally:
    """Two dumps of a partner: three peers, some faults, more origins than a page has room for.

    Its counts agree with each other, as those of real dumps do.
    """
    peers = [peer("192.0.2.1", 64500), peer("2001:db8::1", 64496), peer("192.0.2.9", 64511)]
    violating = Counter({64496 + number: 40 - number for number in range(14)})
    routes = Counter(dict.fromkeys(violating, 100)) + Counter({64500: 10_942})
    return Tally(
        routes=12_345,
        withdrawals=1,
        facts=Counter({fact.name or "": 0 for fact in Fact})
        + Counter(TAGGED=12_000, LONG_PATH=470),
        rules=Counter({"route.community-missing": 345, "route.as-path-length": 470}),
        peers=Counter(dict(zip(peers, (12_000, 345, 0), strict=True))),
        violating_peers=Counter({peers[0]: 235, peers[1]: 235}),
        origins=routes + Counter({-1: 3}),
        violating_origins=violating + Counter({-1: 1}),
        path_lengths=Counter({1: 11_545, 2: 330, 4: 455, 10: 8, 11: 4, 300: 3}),
        prefixes=np.arange(1, 5_001, dtype=np.uint64),
    )


def test_a_page(golden: Golden, tally: Tally) -> None:
    """Counts with their share, the most frequent first; then the worst peers and origins."""
    golden("scan.txt", render_scan(tally, [source("a"), source("b")], ATTRIBUTED_TO))


def test_registry_data(golden: Golden, tally: Tally) -> None:
    """What registries say follows the path lengths; the sources of the data and their ages end it.

    States without a route are left out; the others are in the order of their meaning.
    """
    states = {
        "rov": Counter({"unknown": 0, "not-found": 5_000, "valid": 7_000, "invalid": 345}),
        "origin_registered": Counter({"named": 12_000, "weak": 300, "none": 40, "unknown": 5}),
    }
    time = datetime(2026, 11, 20, 6, tzinfo=UTC)
    registry = (
        RegistrySource("irr", "RADB", time, 86_400, 2_000_000, 3, is_cut=False, is_too_old=False),
        RegistrySource("irr", "RIPE", time, 86_400, 400_000, 0, is_cut=True, is_too_old=False),
        RegistrySource("vrps", "vrps.json", time, 86_401, 9, 0, is_cut=False, is_too_old=True),
    )
    text = render_scan(attrs.evolve(tally, states=states), [source("a")], registry=registry)
    golden("scan-registry.txt", text)


def test_one_of_each(golden: Golden) -> None:
    """Nouns are in the singular for one route."""
    only = peer("192.0.2.1", 64500, sent=True)
    tally = Tally(
        routes=1,
        rules=Counter({"route.prepending": 1}),
        peers=Counter({only: 1}),
        violating_peers=Counter({only: 1}),
        origins=Counter({64500: 1}),
        violating_origins=Counter({64500: 1}),
        path_lengths=Counter({2: 1}),
        prefixes=np.ones(1, np.uint64),
    )

    golden("scan-one.txt", render_scan(tally, [source("a")], ATTRIBUTED_TO))


def test_a_table_that_nobody_registered(golden: Golden, tally: Tally) -> None:
    """Without a rule or a profile no route is violating, and no title is about registrations.

    Peers and origins with most routes are listed, instead of those with most violating routes.
    """
    rules = dict.fromkeys(COUNTED, 1)
    page = render_scan(attrs.evolve(tally, rules=Counter(rules)), [source("a"), source("b")])

    assert [] == [word for word in ("aulty", "egistered") if word in page]
    assert [] == [rule for rule in COUNTED if rule not in page]
    golden("scan-any-table.txt", page)


def test_titles_name_what_was_looked_for() -> None:
    """Titles have the community and the longest path of the criteria."""
    tally = Tally(
        routes=1,
        rules=Counter({"route.community-missing": 1, "route.as-path-length": 1}),
    )

    page = render_scan(tally, [source("a")], criteria=Criteria(Community.of(64500, 9), 4))

    assert "Community 64500:9 is missing" in page
    assert "AS path is longer than 4" in page


def test_nothing() -> None:
    """Without a route there is no table, and no division by zero."""
    expected = "0 routes in 1 dump: 0 prefixes, 0 origins, 0 peers; 0 withdrawals\n"

    assert expected == render_scan(Tally(), [source("a")], ATTRIBUTED_TO)


def test_what_had_no_room(tally: Tally) -> None:
    """Routes that are left out of a count are reported."""
    full = Tally(
        routes=10, peers=tally.peers, prefixes=tally.prefixes, prefixes_full=True, unsorted=2
    )

    page = render_scan(full, [source("a")], ATTRIBUTED_TO)

    assert "more than 5,000 prefixes" in page
    assert "more origins than are counted one by one: 10 routes of others" in page
    assert "more sets of facts than are counted separately: 2 routes in no fact or rule" in page


def test_the_worst_first(tally: Tally) -> None:
    """Peers and origins are in the order of violating routes, then of their share."""
    lines = render_scan(tally, [source("a")], ATTRIBUTED_TO).splitlines()
    peers = lines[next(at for at, line in enumerate(lines) if line.endswith("  peer")) :]
    origins = lines[next(at for at, line in enumerate(lines) if line.endswith("  origin")) :]

    assert ["2001:db8::1 AS64496", "192.0.2.1 AS64500"] == [row[39:] for row in peers[1:3]]
    assert [f"AS{64496 + number}" for number in range(WORST)] == [
        row[39:] for row in origins[1 : WORST + 1]
    ]
    assert "and 5 more with violating routes" == origins[WORST + 1].strip()


def test_what_the_dumps_did_not_give() -> None:
    """Lost and unsupported octets, and dumps that were cut or not read, end the page."""
    cut = SourceSummary("a", (), Coverage.NONE, Quality(octets=900, lost=7, skipped=20, cut="cut"))
    missing = SourceSummary("b", (), Coverage.NONE, Quality(), error="no such file")

    *_, last = render_scan(Tally(), [cut, missing, source("c")], ATTRIBUTED_TO).splitlines()

    assert last == (
        "left out of all this: 1 dump not read; 1 dump cut short; 7 octets lost; "
        "20 octets skipped, not supported"
    )
