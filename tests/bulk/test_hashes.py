"""No dump makes a table of the compiled kernel slow: keys that fell together are spread out.

Costs are counted, not timed: `probes` says how many cells it takes to find each key of a table
once.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import count, islice
from random import Random
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pytest

from peerlint.bulk import PrefixFilter
from peerlint.bulk.kernel.contract import FORM_AS4, LIMITS, ROW, Stop
from peerlint.bulk.kernel.python import route_kernel as kernel_py
from peerlint.bulk.kernel.siphash import SHARED_KEY, siphash
from peerlint.model import Criteria, Prefix
from peerlint.testing.bmp import BmpPeer, BmpStream

kernel_c = pytest.importorskip("peerlint.bulk.kernel.compiled.route_kernel")

KNOWN, OTHER = bytes(range(16)), bytes(range(16, 32))
KEYS: Final = 500
ONES: Final = (1 << 64) - 1
_SESSION: Final = struct.Struct("<IIBB16s")
Numbers = npt.NDArray[np.uint64]


def text_encoder(key: bytes) -> Any:  # noqa: ANN401  # not there with another kernel
    """Return a compiled encoder; a build of the kernel alone has none."""
    return pytest.importorskip("peerlint.bulk.kernel.compiled.text_encoder").TextEncoder(key)


# -- what is crafted against: the hash of today under a known key, and that of 0.1.0's first kernels


def sip13(key: bytes, octets: bytes) -> int:
    """SipHash-1-3, written down once more from its paper (Aumasson and Bernstein, 2012)."""
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D]
    v += [k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def turn(word: int, bits: int) -> int:
        return (word << bits | word >> 64 - bits) & ONES

    def sip_round() -> None:
        v[0], v[2] = v[0] + v[1] & ONES, v[2] + v[3] & ONES
        v[1], v[3] = turn(v[1], 13) ^ v[0], turn(v[3], 16) ^ v[2]
        v[0], v[2] = turn(v[0], 32), v[2] + v[1] & ONES
        v[0] = v[0] + v[3] & ONES
        v[1], v[3] = turn(v[1], 17) ^ v[2], turn(v[3], 21) ^ v[0]
        v[2] = turn(v[2], 32)

    padded = octets + bytes(-(len(octets) + 1) % 8) + bytes((len(octets) & 255,))
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        sip_round()
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(3):
        sip_round()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def old_mix(keys: Numbers) -> Numbers:
    """The fixed hash of before: Stafford's variant 13 of the finalizer of MurmurHash3."""
    keys = (keys ^ keys >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ keys >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return keys ^ keys >> np.uint64(31)


def old_slot(keys: Numbers) -> Numbers:
    """Return the cells of before, of any number of cells."""
    return keys * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)


def crowded(candidates: Numbers, slots: Numbers, cells: int, window: int) -> list[int]:
    """Return candidates whose first cell is among a few of a table."""
    chosen = candidates[slots & np.uint64(cells - 1) < window]
    assert len(chosen) >= KEYS
    return [int(each) for each in chosen[:KEYS]]


def crowded_octets(make: Callable[[int], bytes], hashed: Callable[[bytes], bytes]) -> list[bytes]:
    """Return made octets whose cell, under the known key, is among the first few of 1,024."""
    every = map(make, count())
    return list(islice((one for one in every if sip13(KNOWN, hashed(one)) >> 32 & 1023 < 16), KEYS))


# -- dumps with these keys


def record(kind: int, subtype: int, body: bytes) -> bytes:
    """Return an MRT record."""
    return struct.pack(">IHHI", 0, kind, subtype, len(body)) + body


PEER_TABLE = record(13, 1, struct.pack(">IHHBIII", 0, 0, 1, 2, 1, 0x0A000001, 64500))


def rib(first: int, attributes: bytes) -> bytes:
    """Return a RIB record of one route to a /32."""
    head = struct.pack(">IBIH", 0, 32, first, 1)
    return record(13, 2, head + struct.pack(">HIH", 0, 0, len(attributes)) + attributes)


def attribute_list(asns: Iterable[int]) -> bytes:
    """Return the attributes of a route with a path."""
    members = tuple(asns)
    path = b""
    for at in range(0, len(members), 255):
        part = members[at : at + 255]
        path += bytes((2, len(part))) + struct.pack(f">{len(part)}I", *part)
    return bytes.fromhex("40010100400304c0000201") + b"\x50\2" + struct.pack(">H", len(path)) + path


PLAIN_LIST = attribute_list([64500])


def sessions_dump(sessions: Iterable[bytes]) -> bytes:
    """KEEPALIVEs, one of each session, whose key is written as the kernel keeps it."""
    parts = []
    for session in sessions:
        asn, local_asn, _, _, address = _SESSION.unpack(session)
        head = struct.pack(">IIHH", asn, local_asn, 0, 2) + address + address
        parts.append(record(16, 4, head + b"\xff" * 16 + struct.pack(">HB", 19, 4)))
    return b"".join(parts)


def session(number: int, asn: int = 64500, local_asn: int = 64501) -> bytes:
    """Return a session as the kernel keeps it."""
    return _SESSION.pack(asn, local_asn, 0, 16, struct.pack(">QQ", 0x20010DB8 << 32, number))


def old_session(number: int) -> bytes:
    """A session of the same number under the hash of before, which could be run backwards."""

    def unmix(word: int) -> int:
        def unshift(word: int, bits: int) -> int:
            found = word
            for _ in range(3):
                found = word ^ found >> bits
            return found

        word = unshift(word, 31) * pow(0x94D049BB133111EB, -1, 1 << 64) & ONES
        word = unshift(word, 27) * pow(0xBF58476D1CE4E5B9, -1, 1 << 64) & ONES
        return unshift(word, 30)

    key = 0x1234567890ABCDEE
    for octet in reversed(struct.pack(">QQ", 0x20010DB8 << 32, number)):
        key = unmix(key) - octet & ONES
    return session(number, key >> 32, key & 0xFFFFFFFF)


def prefixes_dump(addresses: Iterable[int]) -> bytes:
    """Return a table of /32 prefixes."""
    return PEER_TABLE + b"".join(rib(each, PLAIN_LIST) for each in addresses)


def origins_dump(origins: Iterable[int]) -> bytes:
    """Return a table of routes with these origins."""
    lists = (attribute_list([64500, each]) for each in origins)
    return PEER_TABLE + b"".join(rib(1 << 24, each) for each in lists)


def path_dump(asns: Iterable[int]) -> bytes:
    """Return a table of one route whose path has these ASes."""
    return PEER_TABLE + rib(1 << 24, attribute_list(asns))


def kernel_probes(octets: bytes, key: bytes) -> dict[str, tuple[int, int]]:
    """Walk over a dump; return what its tables cost."""
    kernel = kernel_c.Kernel(
        Criteria(), None, tagged_too=False, writing=False, violations=(), limits=SMALL, key=key
    )
    at, known, stop = 0, 0, Stop.PEERS
    while stop is not Stop.END:
        at, stop = kernel.read(octets, at, 0)
        assert stop in (Stop.END, Stop.PEERS)
        for peer in range(known, len(kernel.peers)):
            kernel.set_viewpoint(peer, 0, -1)
        known = len(kernel.peers)
    return kernel.probes()


def speller_probes(lists: Iterable[bytes], key: bytes) -> dict[str, tuple[int, int]]:
    """Spell lists of attributes; return what the tables cost."""
    every = list(lists)
    rows = np.zeros(len(every), ROW)
    rows["attr_len"] = [len(each) for each in every]
    rows["attr_at"] = np.cumsum(rows["attr_len"]) - rows["attr_len"]
    rows["form"] = FORM_AS4
    encoder = text_encoder(key)
    encoder.add(rows, b"".join(every))
    return encoder.probes()


def counting_kernel(module: Any, **options: Any) -> Any:  # noqa: ANN401  # one of two classes
    """Return a kernel that counts the routes of a table of a BMP stream; none are watched."""
    kernel = module.Kernel(Criteria(), PrefixFilter.of([]), tagged_too=False, **options)
    peer = BmpPeer("192.0.2.1", 64500, "192.0.2.2", 64501)
    message = BmpStream().announce(peer, "192.0.2.0/24 path 64500").messages[1]
    assert kernel.read_bmp(message, 0, 0, 1 << 16) == (0, Stop.PEERS)
    kernel.count_others(0, kernel.add_others())
    kernel.room = 1 << 20
    return kernel


def held_probes(addresses: Iterable[int], key: bytes) -> dict[str, tuple[int, int]]:
    """Announce /32 prefixes; return what the tables cost."""
    kernel = counting_kernel(kernel_c, key=key)
    for each in addresses:
        assert not kernel.shows(0, (4, each, 32, -1), tagged=False, gone=False)
    return kernel.probes()


#: Room for few origins, so that tests need few.
SMALL = (LIMITS[0], 1_000, LIMITS[2])
MANY = np.arange(1 << 24, (1 << 24) + (1 << 21), dtype=np.uint64)


def plain(bits: int = 32) -> list[int]:
    """Return numbers at random."""
    dice = np.random.default_rng(8075)
    chosen = dice.choice(MANY, KEYS, replace=False)
    return [int(each) & (1 << bits) - 1 for each in chosen]


def community(number: int) -> bytes:
    """Return a list of attributes with one community."""
    return bytes.fromhex("c00804") + struct.pack(">I", number)


def path_text(number: int) -> bytes:
    """Return a path as the encoder writes it."""
    return f"64500 {number + (1 << 24)}".encode()


def path_list(text: bytes) -> bytes:
    """Return a list of attributes with a path."""
    return attribute_list(map(int, text.split()))


@attrs.frozen
class Flood:
    """A table, ordinary keys for it, crafted ones, and what makes it look at them."""

    table: str
    probes: Callable[[Iterable[object], bytes], dict[str, tuple[int, int]]]
    plain: Callable[[], list[object]]
    crafted: Callable[[], list[object]]
    against: str
    seen: bool = True


def of_kernel(
    dump: Callable[[Iterable[object]], bytes],
) -> Callable[..., dict[str, tuple[int, int]]]:
    """Return what counts the probes of the kernel for the keys of a dump."""
    return lambda keys, key: kernel_probes(dump(keys), key)


def of_speller(one: Callable[[object], bytes]) -> Callable[..., dict[str, tuple[int, int]]]:
    """Return what counts the probes of the encoder for keys that become lists."""
    return lambda keys, key: speller_probes(map(one, keys), key)


FLOODS = [
    Flood(
        "sessions", of_kernel(sessions_dump), lambda: [*map(session, range(KEYS))],
        lambda: crowded_octets(session, bytes), "the known key",
    ),
    Flood(
        "sessions", of_kernel(sessions_dump), lambda: [*map(session, range(KEYS))],
        lambda: [*map(old_session, range(KEYS))], "the hash of before", seen=False,
    ),
    Flood(
        "prefixes", of_kernel(prefixes_dump), plain,
        lambda: crowded(MANY, siphash(KNOWN, MANY << np.uint64(32) | np.uint64(288)), 1024, 16),
        "the known key",
    ),
    Flood(
        "prefixes", of_kernel(prefixes_dump), plain,
        lambda: crowded(
            MANY, old_slot(old_mix(MANY << np.uint64(32) | np.uint64(288))), 1024, 16
        ),
        "the hash of before", seen=False,
    ),
    Flood(
        "origins", of_kernel(origins_dump), plain,
        lambda: crowded(MANY, siphash(KNOWN, MANY + np.uint64(2)), 2048, 16), "the known key",
    ),
    Flood(
        "origins", of_kernel(origins_dump), plain,
        lambda: crowded(MANY, old_slot(MANY + np.uint64(2)), 2048, 16),
        "the hash of before", seen=False,
    ),
    Flood(
        "asns", of_kernel(path_dump), plain,
        lambda: crowded(MANY, siphash(KNOWN, MANY), 1 << 17, 64), "the known key",
    ),
    Flood(
        "asns", of_kernel(path_dump), plain,
        lambda: crowded(MANY, old_mix(MANY), 1 << 17, 64), "the hash of before", seen=False,
    ),
    Flood(
        "others", held_probes, plain,
        lambda: crowded(
            MANY, siphash(KNOWN, MANY << np.uint64(32) | np.uint64(32)) >> np.uint64(32), 1024, 16
        ),
        "the known key",
    ),
    Flood(
        "lists", of_speller(bytes), lambda: [*map(community, range(KEYS))],
        lambda: crowded_octets(community, bytes), "the known key",
    ),
    Flood(
        "paths", of_speller(path_list), lambda: [*map(path_text, range(KEYS))],
        lambda: crowded_octets(path_text, bytes), "the known key",
    ),
    Flood(
        "communities", of_speller(community), plain,
        lambda: crowded(
            MANY,
            siphash(KNOWN, np.full_like(MANY, 8 << 32), MANY, np.zeros_like(MANY)) >> np.uint64(32),
            1024, 16,
        ),
        "the known key",
    ),
    Flood(
        "communities", of_speller(community), plain,
        lambda: crowded(
            MANY, old_slot(old_mix(MANY ^ old_mix(np.full_like(MANY, 8 << 32))) | np.uint64(1)),
            1024, 16,
        ),
        "the hash of before", seen=False,
    ),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("flood", FLOODS, ids=lambda each: f"{each.table} against {each.against}")
def test_crafted_keys_cost_what_plain_ones_do(flood: Flood) -> None:
    """Keys that somebody crafted without the process's key take at most twice the probes."""
    crafted = flood.crafted()
    used, ordinary = flood.probes(flood.plain(), OTHER)[flood.table]
    assert used >= KEYS
    used, probes = flood.probes(crafted, OTHER)[flood.table]
    assert used >= KEYS
    assert probes <= 2 * ordinary
    if flood.seen:  # with the key, they do crowd together: the counter would tell
        _, probes = flood.probes(crafted, KNOWN)[flood.table]
        assert probes > 20 * ordinary


def test_facts_words_are_spread_by_the_same_hash() -> None:
    """Of facts nobody can choose 500 words freely; their table hashes as those of numbers do."""
    cells = KEYS * 2
    numbers = np.arange(1, cells, dtype=np.uint64)
    slots = siphash(OTHER, numbers) & np.uint64(1023)
    assert len(np.unique(slots)) > cells // 2
    found = kernel_probes(prefixes_dump(plain()), OTHER)["words"]
    assert found == (1, 1)


@pytest.mark.slow
def test_two_processes_have_two_keys() -> None:
    """A key is drawn for each process, whatever `PYTHONHASHSEED` says."""
    code = "from peerlint.bulk.kernel.siphash import PROCESS_KEY; print(PROCESS_KEY.hex())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": "0"}, check=True,
            capture_output=True, text=True,
        ).stdout
        for _ in range(2)
    }  # fmt: skip
    assert len(found) == 2


@pytest.mark.skipif(sys.hash_info.algorithm != "siphash13", reason="Python hashes otherwise")
@pytest.mark.parametrize("octets", [b"", b"octets", bytes(8), bytes(range(16)), b"\xff" * 26])
def test_siphash_is_that_of_python(octets: bytes) -> None:
    """Python's own hash of octets, under the key 0, is a second implementation."""
    found = subprocess.run(
        [sys.executable, "-c", f"print(hash({octets!r}))"], env={"PYTHONHASHSEED": "0"},
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    # 0 octets hash to 0 there, as all empty things do.
    assert int(found) & ONES == (sip13(SHARED_KEY, octets) if octets else 0)


def test_siphash_of_columns_is_that_of_octets() -> None:
    """A row of columns is hashed as the octets of its numbers."""
    first, second = MANY[:5], MANY[5:10] * np.uint64(0x9E3779B97F4A7C15)
    octets = [
        struct.pack("<QQ", int(one), int(two)) for one, two in zip(first, second, strict=True)
    ]
    assert siphash(KNOWN, first, second).tolist() == [sip13(KNOWN, each) for each in octets]


def test_addresses_that_python_hashes_alike_are_different_prefixes() -> None:
    """Python's hash of an integer is its rest by 2^61 - 1, for everybody to see."""
    first = 0x20010DB8 << 96
    prefixes = [Prefix(6, first + number * (2**61 - 1), 128) for number in range(1_000)]
    assert len({hash(each.first) for each in prefixes}) == 1
    assert len({hash(each) for each in prefixes}) == len(prefixes)


def test_emptying_a_table_costs_what_it_held() -> None:
    """One batch with many lists of attributes does not make the next ones dear."""
    encoder = text_encoder(OTHER)
    for lists in (range(100_000), range(1), range(1)):
        octets = b"".join(map(community, lists))
        rows = np.zeros(len(lists), ROW)
        rows["attr_len"], rows["attr_at"] = 7, np.arange(len(lists)) * 7
        encoder.add(rows, octets)
    assert encoder.cells() < 1_000


def test_routes_that_come_and_go() -> None:
    """Both kernels count the same; the compiled one's tables do not become slow, nor stay large."""
    dice = Random(8075)  # noqa: S311  # no secret
    compiled, python = counting_kernel(kernel_c, key=OTHER), counting_kernel(kernel_py)
    for turn in range(40_000):
        # Mostly announcements, then mostly withdrawals.
        gone = dice.random() < (0.2 if turn < 20_000 else 0.8)
        tagged = dice.random() < 0.01
        path_id = dice.choice((-1, -1, 0, 7))
        route = dice.choice((
            (4, dice.randrange(4_000) << 8, 24, path_id),
            (6, 0x20010DB8 << 96 | dice.randrange(4_000) << 80, 48, path_id),
        ))  # fmt: skip
        found = compiled.shows(0, route, tagged=tagged and not gone, gone=gone)
        assert found == python.shows(0, route, tagged=tagged and not gone, gone=gone)
        assert compiled.room == python.room
        if turn % 1_000 == 0:
            used, probes = compiled.probes()["others"]
            assert probes <= 3 * used
            assert compiled.other_cells() <= 16 * max(used, 64)
            assert compiled.take_others(0) == python.take_others(0)
    for first in range(4_000):
        for path_id in (-1, 0, 7):
            compiled.shows(0, (4, first << 8, 24, path_id), tagged=False, gone=True)
    assert compiled.probes()["others"] == (0, 0)
    assert compiled.other_cells() <= 128
    compiled.clear_others(0)
    assert compiled.room == 1 << 20


def test_a_counted_route_takes_sixteen_octets() -> None:
    """Two million routes, the limit, are in cells of eight octets."""
    limit = 2_000_000
    kernel = counting_kernel(kernel_c, key=OTHER)
    kernel.room = limit
    for first in range(50_000):
        kernel.shows(0, (4, first << 8, 24, -1), tagged=False, gone=False)
    # A table doubles at three quarters: so many routes have the cells of two millions.
    assert kernel.other_cells() == 1 << 17
    assert limit < (1 << 22) * 3 // 4
    assert 8 * (1 << 22) <= 17 * limit
