"""Dumps of IRRs: whole, cut, compressed, of another class, of another encoding, and garbage."""

from __future__ import annotations

import bz2
import gzip
import io
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from peerlint.feeds import Dump
from peerlint.model import Prefix
from peerlint.registry.irr import IrrDump, framing, objects, read_irr, read_irr_chunks, reader
from peerlint.registry.irr.chunk import TOO_MANY_SOURCES
from peerlint.registry.skips import Place, Skip

_HEADER: Final = "# The contents of this file are made up.\n% Another comment\n\n"
_ROUTE: Final = "route: 203.0.113.0/24\norigin: AS64500\nsource: RIPE\n"
_ROUTE6: Final = (
    "route6: 2001:db8::/32\ndescr: Contoso\norigin: AS64501\n"
    "last-modified: 2026-11-24T10:00:00Z\nsource: RADB\n"
)
_AUT_NUM: Final = (
    "aut-num: AS64502\nimport: from AS64500\n        accept ANY\nsource: RIPE # Filtered\n"
)
_AS_SET: Final = "as-set: AS-CONTOSO\nmembers: AS64500\nsource: ALTDB\n"
_MNTNER: Final = "mntner: MAINT-EXAMPLE\nauth: CRYPT-PW # Filtered\nsource: RIPE\n"
_WHOLE: Final = "\n".join([_HEADER + _ROUTE, _ROUTE6, _MNTNER, _AUT_NUM, _AS_SET, "# EOF\n"])


def _read(text: str | bytes, name: str = "a.db") -> IrrDump:
    return read_irr(io.BytesIO(text.encode() if isinstance(text, str) else text), name)


def _routes(dump: IrrDump) -> list[str]:
    routes = dump.routes
    rows = zip(routes.prefixes, routes.origin.tolist(), routes.source.tolist(), strict=True)
    return [f"{prefix} AS{origin} {routes.sources[source]}" for prefix, origin, source in rows]


def _skips(dump: IrrDump) -> dict[str, list[int]]:
    """Return the lines of each reason."""
    return {each.reason: [place.number for place in each.first] for each in dump.skips.by_reason}


def _summary(dump: IrrDump) -> tuple[object, ...]:
    """Return what can be compared of a dump."""
    times = (dump.routes.modified.tolist(), dump.aut_nums.modified.tolist(), dump.newest)
    aut_nums = (dump.aut_nums.asn.tolist(), dump.aut_nums.source.tolist(), dump.aut_nums.sources)
    counts = (dump.is_cut, dump.other_objects, dump.skips.by_reason)
    return _routes(dump), aut_nums, dump.as_sets, times, counts


def test_a_whole_dump() -> None:
    """Objects of four classes are read, others counted; comments are nothing."""
    dump = _read(_WHOLE)
    assert ["203.0.113.0/24 AS64500 RIPE", "2001:db8::/32 AS64501 RADB"] == _routes(dump)
    assert [-1, 1795514400] == dump.routes.modified.tolist()
    assert [64502] == dump.aut_nums.asn.tolist()
    assert ("RIPE",) == dump.aut_nums.sources
    assert ["AS-CONTOSO"] == [each.name for each in dump.as_sets]
    assert (1, 0, False) == (dump.other_objects, dump.skips.count, dump.is_cut)
    assert (1795514400, len(_WHOLE), 4) == (dump.newest, dump.octets, dump.objects)


def test_columns_have_the_types_of_the_table() -> None:
    """Columns of no rows have the same types as others."""
    for dump in (_read(_WHOLE), _read("")):
        prefixes = dump.routes.prefixes
        columns = (prefixes.family, prefixes.prefix_hi, prefixes.prefix_lo, prefixes.length)
        assert ["uint8", "uint64", "uint64", "uint8"] == [str(each.dtype) for each in columns]
        routes = (dump.routes.origin, dump.routes.source, dump.routes.modified)
        assert ["uint32", "uint8", "int64"] == [str(each.dtype) for each in routes]
        assert str(dump.routes.is_route_object.dtype) == "bool"
        aut_nums = (dump.aut_nums.asn, dump.aut_nums.source, dump.aut_nums.modified)
        assert ["uint32", "uint8", "int64"] == [str(each.dtype) for each in aut_nums]


def test_names_of_registries_are_sorted() -> None:
    """Indices do not depend on the order of the file; names without rows are left out."""
    routes = [_ROUTE.replace("RIPE", name) for name in ("RADB", "ARIN", "ripe", "RADB")]
    broken = _ROUTE.replace("RIPE", "LEVEL3").replace("AS64500", "AS-X")
    dump = _read("\n".join([*routes, broken]))
    assert ("ARIN", "RADB", "RIPE") == dump.routes.sources
    assert [1, 0, 2, 1] == dump.routes.source.tolist()


def test_objects_made_from_vrps_are_no_route_objects() -> None:
    """IRRd shows VRPs as objects of the registry RPKI, which no registry has."""
    dump = _read(f"{_ROUTE}\n{_ROUTE.replace('RIPE', 'RPKI')}\n{_ROUTE}")
    assert [True, False, True] == dump.routes.is_route_object.tolist()


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        ("", bytes),
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_compressed_dumps(tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]) -> None:
    """A dump in every form that the feeds open is the same dump."""
    path = tmp_path / f"ripe.db{suffix}"
    path.write_bytes(compress(_WHOLE.encode()))
    found = read_irr_chunks(Dump(str(path)).chunks(), "a.db")
    assert _summary(_read(_WHOLE)) == _summary(found)


@given(st.lists(st.integers(0, len(_WHOLE)), max_size=20))
def test_chunks_of_any_size(cuts: list[int]) -> None:
    """Where the octets are cut makes no difference, with line ends of Unix and of Windows."""
    for text in (_WHOLE, _WHOLE.replace("\n", "\r\n")):
        octets = text.encode()
        places = [0, *sorted(cuts), len(octets)]
        chunks = [octets[start:end] for start, end in pairwise(places)]
        found = read_irr_chunks(chunks, "a.db")
        assert _summary(_read(_WHOLE)) == _summary(found)
        assert len(octets) == found.octets


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_small_chunks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects are whole also if the reader hands over few octets at a time."""
    monkeypatch.setattr(framing, "CHUNK", size)
    for text in (_WHOLE, _WHOLE.replace("\n", "\r\n")):
        octets = text.encode()
        chunks = [octets[at : at + size] for at in range(0, len(octets), size)]
        assert _summary(_read(_WHOLE)) == _summary(read_irr_chunks(chunks, "a.db"))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_encodings(encoding: str) -> None:
    """RPSL does not say its encoding: what is read is ASCII, and the rest makes no difference."""
    text = _ROUTE.replace("origin:", "descr: R\u00e9seau \u00a0\norigin:")
    assert ["203.0.113.0/24 AS64500 RIPE"] == _routes(_read(text.encode(encoding)))


def test_a_byte_order_mark_is_dropped() -> None:
    """The mark that Windows writes in front of UTF-8 is not part of the first attribute."""
    assert _summary(_read(_WHOLE)) == _summary(_read("\ufeff" + _WHOLE))


def test_every_cut_of_a_dump_is_told() -> None:
    """A dump that ends within an object is cut; no value of that object is taken."""
    whole = f"{_ROUTE}\n{_AUT_NUM}\n{_ROUTE6}"
    start, expected = whole.index("route6:"), ["203.0.113.0/24 AS64500 RIPE"]
    # A source that lacks its last letters has no newline; one with a newline is whole.
    for end in range(start + 1, len(whole)):
        dump = _read(whole[:end])
        assert dump.is_cut, whole[:end]
        assert expected == _routes(dump)
        assert dump.skips.count == 1
    assert not _read(whole).is_cut
    assert not _read(whole[:start]).is_cut


def test_a_cut_is_named_with_its_line() -> None:
    """The object without its end is skipped, with the line on which it starts."""
    dump = _read(f"{_ROUTE}\n{_ROUTE6[:-3]}")
    assert (Skip(reader.CUT, 1, (Place("a.db", 5),)),) == dump.skips.by_reason
    assert str(dump.skips.by_reason[0].first[0]) == "a.db:5"


def test_a_dump_of_another_class() -> None:
    """Objects of classes that are not read are counted, and nothing is skipped."""
    dump = _read("\n".join([_MNTNER] * 1000))
    assert (0, 1000, 0, False) == (
        dump.objects,
        dump.other_objects,
        dump.skips.count,
        dump.is_cut,
    )


def test_an_empty_dump() -> None:
    """A file without octets, or with comments only, has no objects."""
    for text in ("", "\n\n", "# EOF", "# one\n\n% two"):
        dump = _read(text)
        assert (0, 0, False, -1) == (dump.objects, dump.skips.count, dump.is_cut, dump.newest)


def test_skips_are_named_with_lines() -> None:
    """What cannot be read is skipped, and the objects around it are read."""
    parts = [
        _ROUTE,
        _ROUTE.replace("origin: AS64500\n", ""),
        _ROUTE.replace("origin:", "origin: AS64501\norigin:"),
        _ROUTE.replace("203.0.113.0", "203.0.113.1"),
        f"{_ROUTE}{_ROUTE}",
        "<!DOCTYPE html>\n<html>\n",
        f"{_MNTNER}{_ROUTE}",
        _ROUTE,
    ]
    dump = _read(_HEADER + "\n".join(parts))
    assert ["203.0.113.0/24 AS64500 RIPE"] * 2 == _routes(dump)
    assert {
        "no origin": [8],
        "origin is given more than once": [13],
        objects.HOST_BITS: [16],
        objects.INNER_OBJECT: [23, 33],
        objects.NO_ATTRIBUTE: [27],
    } == _skips(dump)


def test_garbage_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Octets by chance give skips, in time that grows with them, and no error."""
    monkeypatch.setattr(framing, "LARGEST", 1 << 18)
    garbage = random.Random(15).randbytes(1 << 20)  # noqa: S311  # reproducible, not secret
    before, behind = f"{_ROUTE}\n".encode(), f"\n\n{_ROUTE}".encode()
    dump = _read(before + garbage + behind)
    assert ["203.0.113.0/24 AS64500 RIPE"] * 2 == _routes(dump)
    assert not dump.is_cut
    assert objects.NO_ATTRIBUTE in _skips(dump)


@pytest.mark.parametrize(
    "octets", [b"x", b" ", b"\n", b"\r", b"\0", b"#", b"a:\n", b" \n", b"+\n", b"a:\n\n"]
)
def test_ten_megabytes_of_the_same(octets: bytes) -> None:
    """Neither a line nor an object without an end takes long, or hides the objects around it."""
    garbage = octets * (10_000_000 // len(octets))
    dump = _read(b"%b\n%b\n\n%b" % (_ROUTE.encode(), garbage, _ROUTE.encode()))
    assert ["203.0.113.0/24 AS64500 RIPE"] * 2 == _routes(dump)
    assert dump.skips.count <= 1  # of the object that is the garbage


def test_an_object_that_is_too_large_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its octets are not kept; lines behind it keep their numbers."""
    monkeypatch.setattr(framing, "CHUNK", 10)
    monkeypatch.setattr(framing, "LARGEST", 100)
    large = "remarks: x\n" * 50
    for bad in (f"as-set: AS-LARGE\n{large}", f"{large[:-1]} "):
        text = f"{_ROUTE}\n{bad}\n\n{_ROUTE.replace('AS64500', 'x')}\n{_ROUTE}"
        line = text[: text.index("origin: x")].count("\n") + 1
        dump = read_irr_chunks([text[at : at + 10].encode() for at in range(0, len(text), 10)], "a")
        assert {reader.TOO_LARGE: [5], objects.NO_ASN: [line]} == _skips(dump)
        assert len(dump.routes) == 2
        assert not dump.is_cut
    assert _read(f"{_ROUTE}\n{large}").is_cut


def test_names_of_registries_are_bounded() -> None:
    """A column has one octet for a registry: objects of further ones are skipped."""
    routes = [_ROUTE.replace("RIPE", f"R{number}") for number in range(300)]
    dump = _read("\n".join(routes))
    assert 255 == len(dump.routes) == len(dump.routes.sources)
    assert {TOO_MANY_SOURCES: 45} == {each.reason: each.count for each in dump.skips.by_reason}


def test_only_sources_are_names_of_registries() -> None:
    """Objects without a source do not use up the names of registries."""
    without = [f"aut-num: AS{number}\n" for number in range(64000, 64300)]
    dump = _read("\n".join([*without, _ROUTE, _AUT_NUM]))
    assert {"no source": 300} == {each.reason: each.count for each in dump.skips.by_reason}
    assert dump.objects == 2


@pytest.mark.parametrize(
    ("text", "objects_read", "others"),
    [
        ("aut-num:\n AS64500\nsource: RIPE\n", 1, 0),
        ("route:\n+203.0.113.0/24\norigin:\tAS1.10 # one\nsource: RIPE\n", 1, 0),
        ("route6: ::ffff:192.0.2.0/120\norigin: AS64500\nsource: RIPE\n", 1, 0),
        (f"{_ROUTE[:-1]}{'-' * 40}\n", 1, 0),
        (f"{_ROUTE.replace(':', ':' + ' ' * 40)}", 1, 0),
        ("a-class-with-a-very-long-name: x\nsource: RIPE\n", 0, 1),
    ],
)
def test_objects_of_unusual_form(text: str, objects_read: int, others: int) -> None:
    """Objects that are rarely written as here are read like others."""
    dump = _read(text)
    assert (objects_read, others, 0) == (dump.objects, dump.other_objects, dump.skips.count)


def test_the_newest_time_is_that_of_software() -> None:
    """Days that people write may be in the future; they do not make a dump new."""
    old = _ROUTE.replace("source:", "last-modified: 2020-01-01T00:00:00Z\nsource:")
    typo = _ROUTE.replace("source:", "changed: noc@contoso.example 20991231\nsource:")
    dump = _read(f"{old}\n{typo}")
    assert [1577836800, 4102358400] == dump.routes.modified.tolist()
    assert dump.newest == 1577836800
    assert _read(typo).newest == -1


@given(st.binary(max_size=300), st.integers(0, len(_WHOLE)), st.integers(0, 40))
def test_octets_by_chance(octets: bytes, at: int, lost: int) -> None:
    """Octets in a dump that are replaced by others give rows or skips, and no error."""
    whole = _WHOLE.encode()
    dump = _read(whole[:at] + octets + whole[at + lost :])
    assert dump.objects + dump.other_objects + dump.skips.count >= 0
    assert all(isinstance(each, Prefix) for each in dump.routes.prefixes)


@given(st.text(alphabet="route6:igns AS2.0/\n\t+#%\r", max_size=200))
def test_letters_by_chance(text: str) -> None:
    """Text of the characters of RPSL gives rows or skips, and no error."""
    dump = _read(text)
    assert len(text) == dump.octets
