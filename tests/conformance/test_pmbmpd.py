"""peerlint's events of a BMP stream are what Debian's pmbmpd reads, in the same order.

The streams are those that peerlint makes, in every view that BMP has, and those that FRRouting and
GoBGP sent in the lab. No daemon of Debian's sends Adj-RIB-Out: the views `sent` and `advertised`
are only in streams that peerlint makes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from bmp_readers.pmbmpd import Pmbmpd, pmbmpd
from bmp_readers.seen import Seen, seen_by_peerlint
from bmp_readers.streams import CAPTURED, MADE, octets_of

pytestmark = pytest.mark.skipif(
    shutil.which("pmbmpd") is None and not os.environ.get("CI"), reason="pmbmpd is not installed"
)


@attrs.frozen
class Difference:
    """A known difference.

    Attributes:
        why: which program is right, and by which section.
        streams: the streams in which it shows.
        theirs: converts what peerlint sees to what pmbmpd sees.
    """

    why: str
    streams: frozenset[str]
    theirs: Callable[[list[Seen]], list[Seen]]


def _without_end_of_rib(seen: list[Seen]) -> list[Seen]:
    return [each for each in seen if each.what != "end-of-rib"]


def _without_peer_up(seen: list[Seen]) -> list[Seen]:
    """Return what is about peers that are up, and about no table."""
    up: set[tuple[int, str]] = set()
    found = []
    for each in seen:
        peer = (each.distinguisher, each.peer)
        if each.what == "up":
            up.add(peer)
        elif each.what == "down":
            up.discard(peer)
        if not each.table or peer in up:
            found.append(each)
    return found


def _own_as(asn: int) -> Callable[[list[Seen]], list[Seen]]:
    def theirs(seen: list[Seen]) -> list[Seen]:
        return [
            attrs.evolve(each, path=f"{asn} {each.path}")
            if each.what == "announce" and each.path
            else each
            for each in seen
        ]

    return theirs


def _no_next_hop(seen: list[Seen]) -> list[Seen]:
    return [
        attrs.evolve(each, next_hop="") if ":" in each.next_hop and "." in each.prefix else each
        for each in seen
    ]


def _no_family(seen: list[Seen]) -> list[Seen]:
    return [
        attrs.evolve(each, prefix="17") if each.prefix.startswith("17 ") else each for each in seen
    ]


_OWN_AS = (
    "FRRouting 8.4 puts its own AS in front of a path that it received, which is not part of the "
    "route (FRRouting/frr pull request 21815); peerlint cuts it off"
)
DIFFERENCES = (
    Difference(
        "pmbmpd does not write End-of-RIB (RFC 4724 section 2)",
        frozenset({"views", "add-path", "story"}),
        _without_end_of_rib,
    ),
    Difference(
        "pmbmpd drops routes of peers without a Peer Up (FRRouting's own, GoBGP's Loc-RIB)",
        frozenset({"story", *CAPTURED}),
        _without_peer_up,
    ),
    Difference(_OWN_AS, frozenset({"microsoft.ams", "microsoft.ams.after-policy"}), _own_as(8075)),
    Difference(_OWN_AS, frozenset({"edge2.ams"}), _own_as(64500)),
    Difference(
        "pmbmpd has no next hop of IPv6 for an IPv4 route (RFC 8950)",
        frozenset({"views"}),
        _no_next_hop,
    ),
    Difference(
        "pmbmpd does not write the family of statistic 17 (RFC 8671 section 6.2)",
        frozenset({"story"}),
        _no_family,
    ),
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pmbmpd]:
    """Run pmbmpd for all tests of this file."""
    with pmbmpd(tmp_path_factory.mktemp("pmbmpd")) as running:
        yield running


def _assert_equal(name: str, octets: bytes, reader: Pmbmpd) -> None:
    expected = seen_by_peerlint(octets)
    assert expected
    for difference in DIFFERENCES:
        if name in difference.streams:
            plain = expected
            expected = difference.theirs(plain)
            assert plain != expected, f"the difference is gone: {difference.why}"

    assert expected == reader.read(octets)


@pytest.mark.parametrize("name", [*MADE, *CAPTURED])
def test_stream(name: str, reader: Pmbmpd) -> None:
    """Sessions, routes, withdrawals and counts are equal, except for the differences above."""
    _assert_equal(name, octets_of(name), reader)


@pytest.mark.samples
@pytest.mark.parametrize("name", ["edge2.ams", "edge2.fra"])
def test_streams_of_daemons(name: str, samples: Callable[[str], Path], reader: Pmbmpd) -> None:
    """Likewise for streams that are not part of the project."""
    _assert_equal(name, samples(f"bmp/{name}.bmp").read_bytes(), reader)


def test_all_daemons_are_read() -> None:
    """The streams of the four routers of the lab that send BMP are there, one of them twice."""
    assert CAPTURED == (
        *("edge2.ams", "edge2.fra", "microsoft.ams", "microsoft.ams.after-policy"),
        "microsoft.fra",
    )
