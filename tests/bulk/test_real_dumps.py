"""Real dumps, read whole: kernel, model and bgpdump say the same of every entry."""

from __future__ import annotations

import bz2
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from peerlint.bulk import DumpPeer, RouteBatch
from peerlint.model import Criteria, Fact, Route, Viewpoint
from peerlint.model.facts import prefix_facts

pytestmark = pytest.mark.samples

Expected = tuple[Fact, int, int]
FactsOf = Callable[[Route, Viewpoint, Criteria], Expected]
#: Peer and octets of a list of attributes, and what the model says of them.
Known = dict[tuple[int, bytes], Expected]

IPV4 = "rib.20140523.0600_firstMB.bz2"
IPV6 = "rib6.20151101.0600_firstMB.bz2"
TABLE_DUMP = "rib.20080501.0644_firstMB.bz2"
CRITERIA = Criteria()
#: How `bgpdump -m` says well-known communities.
NAMES = {"no-export": "65535:65281", "no-advertise": "65535:65282", "local-AS": "65535:65283"}


def decompressed(path: Path) -> Iterator[bytes]:
    """Yield what can be decompressed of a file whose end is missing."""
    decompressor = bz2.BZ2Decompressor()
    yield decompressor.decompress(path.read_bytes(), 1 << 20)
    while not decompressor.needs_input:
        yield decompressor.decompress(b"", 1 << 20)


def attributes(batch: RouteBatch) -> list[bytes]:
    """Return the octets of every row's attributes."""
    rows = zip(batch.attr_at.tolist(), batch.attr_len.tolist(), strict=True)
    return [batch.buffer[at : at + size] for at, size in rows]


def routes_of(batch: RouteBatch, known: Known) -> Iterator[tuple[tuple[int, bytes], Route]]:
    """Yield peer, octets and route of every list of attributes that is not known yet."""
    keys = list(zip(batch.peer.tolist(), attributes(batch), strict=True))
    first = {key: index for index, key in reversed(list(enumerate(keys))) if key not in known}
    mask = np.zeros(len(batch), dtype=np.bool_)
    mask[list(first.values())] = True
    return zip((keys[index] for index in mask.nonzero()[0]), batch.routes(mask), strict=True)


def as_received(peer: DumpPeer) -> Viewpoint:
    """See routes as if AS8075 were the collector."""
    return Viewpoint("received", peer.peer.asn)


def as_loc_rib(peer: DumpPeer) -> Viewpoint:
    """See routes as if each peer had shown its own RIB."""
    return Viewpoint("loc-rib", peer.peer.asn)


@pytest.mark.parametrize(
    ("name", "viewpoint", "entries", "octets"),
    [
        (IPV4, as_received, 270_005, 15_274_550),
        (IPV4, as_loc_rib, 270_005, 15_274_550),
        (IPV6, as_received, 149_578, 12_132_997),
        (TABLE_DUMP, as_received, 139_291, 9_876_188),
        (TABLE_DUMP, as_loc_rib, 139_291, 9_876_188),
    ],
)
def test_kernel_and_model(
    name: str,
    viewpoint: Callable[[DumpPeer], Viewpoint],
    entries: int,
    octets: int,
    samples: Callable[[str], Path],
    read: Callable[..., Any],
    facts_of: FactsOf,
) -> None:
    """Of every entry the kernel says from octets what the model says of the decoded route."""
    found = read(decompressed(samples(name)), viewpoint, CRITERIA)
    known: Known = {}
    wrong = []
    for batch in found.batches:
        for key, route in routes_of(batch, known):
            bits, length, origin = facts_of(route, viewpoint(batch.peers[key[0]]), CRITERIA)
            known[key] = bits & ~prefix_facts(route.prefix, CRITERIA), length, origin
        columns = (batch.peer, batch.facts, batch.path_length, batch.origin)
        rows = zip(attributes(batch), *(column.tolist() for column in columns), strict=True)
        for index, (raw, peer, bits, length, origin) in enumerate(rows):
            said, *rest = known[peer, raw]
            expected = (said | prefix_facts(batch.prefix(index), CRITERIA), *rest)
            if expected != (bits, length, origin):
                wrong.append((index, expected, (bits, length, origin)))

    assert wrong == []
    assert entries == sum(map(len, found.batches)) == found.quality.entries
    assert octets == found.quality.octets
    # The last record is cut with the file.
    assert (0, 1) == (found.quality.malformed, found.quality.damages)
    assert octets - found.quality.lost == found.quality.damage[0].offset == found.quality.read


#: What made the numbers below, with `bgpdump -m FILE | awk -F'|' -f THIS`.
AWK = r"""
{
    n = split($7, a, " "); prepended = length_ = private = 0
    for (i = 1; i <= n; i++) {
        if (a[i] == a[i - 1]) prepended = 1
        length_ += a[i] !~ /^\(/
        m = split(a[i], s, /[{},()]/)
        for (j = 1; j <= m; j++)
            private = private || (s[j] > 64511 && s[j] < 65535) \
                || (s[j] > 4199999999 && s[j] < 4294967295)
    }
    PREPENDED += prepended; LONG_PATH += length_ > 3; PRIVATE_ASN += private
    AS_SET += $7 ~ /{/; HAS_8075 += " " $7 " " ~ /[ {,]8075[ },]/
    NO_EXPORT += " " $12 " " ~ / no-export /
    if (!prefix[$6]++) prefixes++
    if (!peer[$4]++) peers++
    if (a[n] !~ /{/ && !origin[a[n]]++) origins++
}
END {
    print NR, prefixes, peers, origins
    print LONG_PATH, PREPENDED, PRIVATE_ASN, AS_SET, HAS_8075, NO_EXPORT
}
"""
COUNTED = [
    (IPV4, (270_005, 9_072, 35, 2_176), (185_982, 47_287, 78, 87, 0, 0)),
    (IPV6, (149_578, 6_870, 27, 2_911), (81_831, 17_509, 31, 181, 133, 5_752)),
    (TABLE_DUMP, (139_291, 3_507, 44, 1_131), (76_550, 13_466, 2, 0, 31, 3_457)),
]


@pytest.mark.parametrize(("name", "sizes", "facts"), COUNTED)
def test_counts_of_awk(
    name: str,
    sizes: tuple[int, ...],
    facts: tuple[int, ...],
    samples: Callable[[str], Path],
    read: Callable[..., Any],
) -> None:
    """A tally counts what an awk script counts in what bgpdump prints."""
    names = ("LONG_PATH", "PREPENDED", "PRIVATE_ASN", "AS_SET", "HAS_8075", "NO_EXPORT")

    tally = read(decompressed(samples(name)), as_received, CRITERIA, rules={}, rows=False).tally

    peers = sum(count > 0 for count in tally.peers.values())
    origins = len(tally.origins.keys() - {-1})
    assert sizes == (tally.routes, tally.distinct_prefixes, peers, origins)
    assert facts == tuple(tally.facts[fact] for fact in names)


@pytest.mark.parametrize(("name", "sizes", "facts"), COUNTED)
def test_awk_counts_that(
    name: str,
    sizes: tuple[int, ...],
    facts: tuple[int, ...],
    samples: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    """The numbers above are what the script gives."""
    program, awk = shutil.which("bgpdump"), shutil.which("awk")
    if program is None or awk is None:
        pytest.skip("bgpdump or awk is not installed")
    dump, script = tmp_path / "rib", tmp_path / "script"
    dump.write_bytes(b"".join(decompressed(samples(name))))
    script.write_text(AWK)
    lines = subprocess.run([program, "-m", str(dump)], capture_output=True, check=True).stdout

    command = [awk, "-F|", "-f", str(script)]
    found = subprocess.run(command, input=lines, capture_output=True, check=True).stdout

    assert [*sizes, *facts] == [int(number) for number in found.split()]


def printed(route: Route) -> tuple[str, frozenset[str]]:
    """Return path and communities as bgpdump writes them."""
    return str(route.path), frozenset(map(str, route.communities))


@pytest.mark.parametrize(("name", "entries"), [(IPV4, 270_005), (TABLE_DUMP, 139_291)])
def test_bgpdump_agrees(
    name: str,
    entries: int,
    samples: Callable[[str], Path],
    read: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """Prefix, peer, path and communities of every entry are those that bgpdump prints."""
    program = shutil.which("bgpdump")
    if program is None:
        pytest.skip("bgpdump is not installed")
    dump = tmp_path / "rib"
    dump.write_bytes(b"".join(decompressed(samples(name))))
    found = read(dump.read_bytes(), as_received, CRITERIA)
    ours: list[tuple[object, ...]] = []
    known: dict[tuple[int, bytes], tuple[str, frozenset[str]]] = {}
    for batch in found.batches:
        known.update((key, printed(route)) for key, route in routes_of(batch, known))
        peers = [(str(each.peer.address), str(each.peer.asn)) for each in batch.peers]
        for index, key in enumerate(zip(batch.peer.tolist(), attributes(batch), strict=True)):
            ours.append((*peers[key[0]], str(batch.prefix(index)), *known[key]))

    command = [program, "-m", str(dump)]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout

    theirs = []
    for line in output.splitlines():
        _, _, kind, address, asn, prefix, path, _, _, _, _, communities, *_ = line.split("|")
        assert kind == "B"
        words = frozenset(NAMES.get(word, word) for word in communities.split())
        theirs.append((address, asn, prefix, path, words))
    assert len(theirs) == len(ours) == entries
    assert [] == [pair for pair in zip(theirs, ours, strict=True) if pair[0] != pair[1]]


def test_chunks_do_not_matter(samples: Callable[[str], Path], read: Callable[..., Any]) -> None:
    """A real dump gives the same rows and counts in chunks that are smaller than its records."""
    octets = b"".join(decompressed(samples(IPV6)))[: 1 << 20]
    chunks = (octets[at : at + 997] for at in range(0, len(octets), 997))

    whole, paged = read(octets), read(chunks)

    assert whole.rows.tolist() == paged.rows.tolist()
    assert (whole.quality, whole.counts) == (paged.quality, paged.counts)
