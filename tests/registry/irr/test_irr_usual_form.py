"""Objects that are read many at a time give what each gives on its own.

`read_object` defines what an object has. Dumps are made of fields that are right, nearly right or
wrong, because octets by chance never look like an object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from benchmarks.irr_reader import dump
from hypothesis import example, given
from hypothesis import strategies as st

from peerlint.registry.columns import AutNumColumns, RouteColumns
from peerlint.registry.irr import AsSet, IrrDump, chunk, read_irr_chunks
from peerlint.registry.irr.objects import AutNum, Route, Unread, read_object
from peerlint.registry.irr.rpsl import attributes
from peerlint.registry.skips import KEPT

if TYPE_CHECKING:
    import pytest

_PREFIXES = st.sampled_from(
    [
        "192.0.2.0/24",
        "198.51.100.128/25",
        "203.0.113.7/32",
        "0.0.0.0/0",
        "255.255.255.255/32",
        "192.0.2.1/24",
        "192.0.2.0/33",
        "192.0.2.0/024",
        "192.0.02.0/24",
        "192.0.2/24",
        "192.0.2.0.0/24",
        "256.0.2.0/24",
        "192.0.2.0",
        "192.0.2.0/",
        "2001:db8::/32",
        "2001:DB8:0:1::/64",
        "2001:db8:1:2:3:4:5:6/128",
        "::/0",
        "::1/128",
        "1:2:3:4:5:6:7::/112",
        "::2:3:4:5:6:7:8/128",
        "2001:db8::/129",
        "2001:db8::1/64",
        "2001:db8:::/32",
        "2001:db8::1::/64",
        "2001:db8/32",
        "1:2:3:4:5:6:7:8:9/128",
        "1:2:3:4:5:6:7:8::/128",
        ":1:2:3:4:5:6:7/128",
        "2001:0db80::/32",
        "::ffff:192.0.2.0/120",
        "2001:db8::%eth0/64",
        "2001:db8::g/64",
        "/24",
        "",
    ]
)
_ASNS = st.one_of(
    st.sampled_from(
        ["AS64500", "as64501", "As0", "AS4294967295", "AS4294967296", "AS00064500"]
        + ["AS4.603", "AS65536.1", "64500", "AS", "AS-64500", "AS64500,AS64501", "AS12345678901"]
        + ["AS 64500", "AS64500x", "A64500", ""]
    ),
    st.integers(0, 1 << 33).map(lambda number: f"AS{number}"),
)
_SOURCES = st.sampled_from(
    ["RIPE", "ripe", "RIPE-NONAUTH", "RADB", "RPKI", "A" * 16, "A" * 17, "A" * 65]
    + ["8X", "RIPE RADB", "R_1", "R\xe9", ""]
)
_TIMES = st.one_of(
    st.sampled_from(
        ["2026-11-24T10:00:00Z", "2024-02-29T23:59:59Z", "1970-01-01T00:00:00Z"]
        + ["2023-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "2026-13-01T00:00:00Z"]
        + ["2026-11-24T24:00:00Z", "2026-11-24T10:00:60Z", "2026-11-24", "0000-01-01T00:00:00Z"]
        + ["2026-11-24T10:00:00+00:00", "2026/11/24T10:00:00Z", ""]
    ),
    st.datetimes().map(lambda time: f"{time.isoformat()[:19]}Z"),
)
_CHANGED = st.sampled_from(
    ["noc@contoso.example 20261124", "noc@contoso.example 20261131", "20251124"]
    + ["noc@contoso.example\t20240229", "noc 20261124 # 20271124", "#20271124", "# 20271124"]
    + ["noc@contoso.example", f"{'n' * 80} 20261124", "noc 120261124", "noc 19691231", ""]
)
_VALUES = {
    "route": _PREFIXES,
    "route6": _PREFIXES,
    "aut-num": _ASNS,
    "as-set": st.sampled_from(["AS-CONTOSO", "AS64500:AS-ALL", "AS CONTOSO", "AS-\xe9", ""]),
    "origin": _ASNS,
    "source": _SOURCES,
    "last-modified": _TIMES,
    "changed": _CHANGED,
    "members": st.sampled_from(["AS64500, AS-OTHER", "AS64501 AS64502", ""]),
    "mbrs-by-ref": st.sampled_from(["ANY", "MAINT-EXAMPLE"]),
    "descr": st.sampled_from(["route: 192.0.2.0/24", "source: RIPE", "\u00fc", ""]),
    "origins": _ASNS,
    "source-": _SOURCES,
    "last-modifies": _TIMES,
    "organisation-of-a-long-name": st.just("x"),
    "8descr": st.just("x"),
}
_NAMES = st.sampled_from(sorted(_VALUES))
_CASE = st.sampled_from([str.lower, str.lower, str.upper, str.title])
_BLANKS = st.sampled_from(["", " ", "\t", " " * 8, " " * 9, " " * 10, " " * 40, "\r", " \t "])
_TAILS = st.sampled_from(["", "", "", " ", "\t", "# x", "  # x", " x", "\r", " " * 40, "\x0b"])
_BETWEEN = st.sampled_from(
    ["", "", "", "", " more\n", "\tmore\n", "+more\n", "+\n", "# x\n", "% 20271124\n", "#\n+1\n"]
    + ["  # x\n", "garbage\n", ": x\n", " \n", "\x00\xff\n"]
)


_USUAL = {
    "route": ["192.0.2.0/24", "198.51.100.128/25", "0.0.0.0/0", "203.0.113.7/32"],
    "route6": ["2001:db8::/32", "2001:DB8:0:1::/64", "::/0", "2001:db8:1:2:3:4:5:6/128"],
    "aut-num": ["AS64500", "as4294967295"],
    "origin": ["AS64500", "AS0", "AS4294967295"],
    "source": ["RIPE", "RADB", "RIPE-NONAUTH", "radb"],
    "last-modified": ["2026-11-24T10:00:00Z", "2024-02-29T23:59:59Z"],
    "changed": [
        "noc@contoso.example 20261124",
        "noc@contoso.example 20250101  #10:00:00Z",
    ],
    "descr": ["Contoso"],
}


@st.composite
def _lines(draw: st.DrawFn, name: str) -> str:
    """An attribute in any form."""
    value = draw(_VALUES[name])
    name = draw(_CASE)(name)
    return f"{name}:{draw(_BLANKS)}{value}{draw(_TAILS)}\n{draw(_BETWEEN)}"


@st.composite
def _usual(draw: st.DrawFn) -> str:
    """An object of the usual form, or one in which one line is not."""
    first = draw(st.sampled_from(["route", "route", "route6", "aut-num"]))
    names = [first, "descr", "origin", "last-modified", "source"]
    if draw(st.booleans()):
        names[3:4] = ["changed"] * draw(st.integers(0, 2))
    lines = [f"{f'{name}:':<16}{draw(st.sampled_from(_USUAL[name]))}\n" for name in names]
    if draw(st.booleans()):
        place = draw(st.integers(0, len(names) - 1))
        lines[place] = draw(st.one_of(_lines(names[place]), _NAMES.flatmap(_lines), st.just("")))
    return "".join(lines)


_OBJECTS = st.one_of(
    _usual(),
    _usual(),
    _usual(),
    st.lists(_NAMES.flatmap(_lines), max_size=6).map("".join),
    st.lists(_BETWEEN, max_size=3).map("".join),
)
#: No more objects than there are places of one reason.
_DUMPS = st.lists(_OBJECTS, max_size=KEPT).map(
    lambda each: "\n".join([*each, ""]).encode("latin-1")
)


@attrs.frozen
class _Row:
    """A row of columns."""

    where: tuple[int, ...]
    asn: int
    source: str
    modified: int


def _rows(routes: RouteColumns, aut_nums: AutNumColumns) -> list[_Row]:
    prefixes = routes.prefixes
    columns = (prefixes.family, prefixes.prefix_hi, prefixes.prefix_lo, prefixes.length)
    rows = [
        _Row(where, asn, routes.sources[source], modified)
        for *where_, asn, source, modified in zip(
            *(each.tolist() for each in columns),
            routes.origin.tolist(),
            routes.source.tolist(),
            routes.modified.tolist(),
            strict=True,
        )
        for where in [tuple(where_)]
    ]
    rows += [
        _Row((), asn, aut_nums.sources[source], modified)
        for asn, source, modified in zip(
            aut_nums.asn.tolist(),
            aut_nums.source.tolist(),
            aut_nums.modified.tolist(),
            strict=True,
        )
    ]
    return rows


@attrs.frozen
class _Expected:
    """What a dump has according to `read_object`."""

    rows: list[_Row]
    as_sets: list[AsSet]
    unread: list[tuple[str, int]]
    others: int
    newest: int


def _expected(text: bytes) -> _Expected:
    rows = list[tuple[bool, _Row]]()
    as_sets, unread = list[AsSet](), list[tuple[str, int]]()
    others, line, newest = 0, 1, -1
    for part in text.replace(b"\r\n", b"\n").split(b"\n\n"):
        found = read_object(part)
        if isinstance(found, Route):
            wide = found.address << 96 if found.family == 4 else found.address
            where = (found.family, wide >> 64, wide & (1 << 64) - 1, found.length)
            row = _Row(where, found.origin, found.common.source, found.common.modified)
            rows.append((False, row))
        elif isinstance(found, AutNum):
            row = _Row((), found.asn, found.common.source, found.common.modified)
            rows.append((True, row))
        elif isinstance(found, AsSet):
            as_sets.append(found)
        elif isinstance(found, Unread):
            unread.append((found.reason, line + found.line))
        elif attributes(part):
            others += 1
        if isinstance(found, Route | AutNum):
            newest = max(newest, found.common.last_modified)
        if isinstance(found, AsSet):
            newest = max(newest, found.last_modified)
        line += part.count(b"\n") + 2
    ordered = [row for _, row in sorted(rows, key=lambda each: each[0])]
    return _Expected(ordered, as_sets, unread, others, newest)


def _found(whole: IrrDump) -> _Expected:
    unread = sorted(
        (place.number, each.reason) for each in whole.skips.by_reason for place in each.first
    )
    return _Expected(
        _rows(whole.routes, whole.aut_nums),
        list(whole.as_sets),
        [(reason, number) for number, reason in unread],
        whole.other_objects,
        whole.newest,
    )


@given(_DUMPS)
@example(b"source: RIPE\n\n")
@example(b"route: 192.0.2.0/24\norigin: AS64500\nsource: RIPE\n\n")
def test_many_at_a_time_equal_one_by_one(text: bytes) -> None:
    """Rows, sets, skips with their lines, and counts are those of `read_object`."""
    assert _expected(text) == _found(read_irr_chunks([text], "a.db"))


def test_dumps_are_of_the_usual_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a dump as registries write it, only as-sets are read one by one."""
    one_by_one = list[bytes]()

    def counted(octets: bytes) -> Route | AutNum | AsSet | Unread | None:
        one_by_one.append(octets)
        return read_object(octets)

    monkeypatch.setattr(chunk, "read_object", counted)
    found = read_irr_chunks([dump(2_000, seed=15)], "a.db")
    assert (0, False, len(one_by_one)) == (found.skips.count, found.is_cut, len(found.as_sets))
    assert found.objects > 1_900
