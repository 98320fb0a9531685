"""What registries say of the routes of a scan, against definitions that look at every record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import peerlint
from peerlint import Prefix, Registry, scan
from peerlint.api.registry_states import ORIGIN_REGISTERED, ROV, RegistryFile
from peerlint.bulk import NO_STATE, RouteBatch, Tally
from peerlint.bulk.kernel.python import route_kernel as python
from peerlint.errors import FeedError, InputError
from peerlint.feeds.registry_file import build_registry, open_registry
from peerlint.registry import (
    AutNum,
    RegistryInputs,
    RouteObject,
    SourceInfo,
    SourceKind,
    Vrp,
    aut_num_columns,
    route_columns,
    vrp_columns,
)
from peerlint.rules import RegistryCriteria
from peerlint.rules._registry_data import RegistryData
from peerlint.rules.asn.origin_grades import ORIGIN_WORDS, OriginGrades
from peerlint.rules.asn.registration import Grade, registration
from peerlint.testing.dumps import FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.testing.notation import scenario

compiled = pytest.importorskip("peerlint.bulk.kernel.compiled.route_kernel")
KERNELS = pytest.mark.parametrize("kernel", [python.Kernel, compiled.Kernel], ids=["py", "c"])
NOW = 1_000_000_000
#: AS numbers of VRPs and of paths; the last one does not fit into two octets.
ASNS = (64500, 64501, 64502, 4200000000)
#: Prefixes that cover each other, of both families.
POOL = tuple(
    map(
        Prefix.parse,
        (
            "0.0.0.0/0",
            *("203.0.112.0/23", "203.0.113.0/24", "203.0.113.0/25", "203.0.113.128/32"),
            "198.51.100.0/24",
            *("::/0", "2001:db8::/32", "2001:db8::/48", "2001:db8::/64", "2001:db8::8000:0:0:0/65"),
            "2001:db8::/128",
        ),
    )
)
#: What can be at the end of a path: an AS, an AS_SET (RFC 9774), or nothing at all.
ENDS = (*map(str, ASNS), "{64500,64501}", "{64501}", "")


def vrps() -> st.SearchStrategy[Vrp]:
    """Give VRPs, of which some have expired, are for AS 0, or have too small a maximum length."""

    def of(prefix: Prefix, more: int, asn: int, expires: int | None) -> Vrp:
        longest = min(max(prefix.length + more, 0), {4: 32, 6: 128}[prefix.family])
        return Vrp(prefix, longest, asn, "ripe", expires)

    lengths = st.sampled_from([-1, 0, 0, 1, 8, 128])
    times = st.sampled_from([None, None, 999, 1000, 1001])
    return st.builds(of, st.sampled_from(POOL), lengths, st.sampled_from([0, *ASNS]), times)


@st.composite
def dumps(draw: st.DrawFn) -> bytes:
    """Give a table, perhaps of the old kind, or updates with withdrawals, of three peers."""
    shown = st.lists(st.tuples(st.sampled_from(POOL), st.sampled_from(ENDS)), max_size=12)
    by_peer = [
        [f"{prefix} path {asn} {end}".strip() for prefix, end in draw(shown)]
        for asn in (64510, 64511, 64510)
    ]
    rib, old, feed = RibDump(), OldRibDump(), UpdateDump()
    for number, routes in enumerate(by_peer):
        address, asn = f"192.0.2.{number + 1}", 64510 + number % 2
        rib.routes(rib.peer(address, asn), *routes)
        for each in routes:
            is_ipv6 = "::" in each
            own, local = ("2001:db8::1", "2001:db8::9") if is_ipv6 else (address, "192.0.2.9")
            old.routes(own, asn, each)
            session = FeedSession(own, asn, local, 64499)
            feed.announce(session, each)
            if draw(st.booleans()):
                feed.withdraw(session, each.split()[0])
    return draw(st.sampled_from([rib, old, feed])).octets()


def rov(vrps: Iterable[Vrp], prefix: Prefix, origin: int) -> str:
    """Return the state of a route as RFC 6811 section 2 defines it; the origin is -1 for none."""
    live = [each for each in vrps if each.expires is None or each.expires * 1_000_000 >= NOW]
    covering = [each for each in live if each.prefix.covers(prefix)]
    if not covering:
        return "not-found"
    matches = (
        prefix.length <= each.max_length and each.asn == origin and origin > 0 for each in covering
    )
    return "valid" if any(matches) else "invalid"


def words(batch: RouteBatch, name: str) -> list[str | None]:
    """Return a column of states of a batch as words."""
    (states,) = (each for each in batch.states if each.name == name)
    return states.texts()


def registry_of(
    vrps: Iterable[Vrp] = (), objects: Iterable[RouteObject | AutNum] = (), time: int = NOW
) -> Registry:
    """Return registry data with objects of some registries, and VRPs, all of one time."""
    every, objects = tuple(vrps), tuple(objects)
    names = sorted({each.source for each in objects})
    sources = [SourceInfo(SourceKind.IRR, name, time, 1) for name in names]
    sources.append(SourceInfo(SourceKind.VRPS, "vrps.json", time, len(every)))
    inputs = RegistryInputs(
        0,
        tuple(sources),
        (route_columns(each for each in objects if isinstance(each, RouteObject)),),
        (aut_num_columns(each for each in objects if isinstance(each, AutNum)),),
        (vrp_columns(every),),
    )
    return Registry.of(inputs).at(NOW)


@pytest.fixture(name="dump")
def _dump(tmp_path: Path) -> Path:
    """A table of two peers: three prefixes, one of them with two origins."""
    rib = RibDump()
    first, second = rib.peer("192.0.2.1", 64510), rib.peer("192.0.2.2", 64511)
    rib.routes(first, "203.0.113.0/24 path 64510 64500", "198.51.100.0/24 path 64510 64501")
    rib.routes(second, "203.0.113.0/24 path 64511 64502", "2001:db8::/32 path 64511 {64500}")
    path = tmp_path / "rib"
    path.write_bytes(rib.octets())
    return path


#: Of that table: one valid route, one invalid one, and so on.
SAID = registry_of(
    [Vrp(POOL[2], 24, 64500, "ripe"), Vrp(POOL[7], 48, 64500, "ripe")],
    [
        RouteObject(POOL[2], 64500, "RADB"),
        AutNum(64501, "NTTCOM"),
        RouteObject(POOL[2], 64502, "RIPE-NONAUTH"),
    ],
)
LAB = {"allow": ("documentation",)}
ROWS = [
    ("203.0.113.0/24", "valid", "named"),
    ("203.0.113.0/24", "invalid", "weak"),
    ("198.51.100.0/24", "not-found", "listed"),
    ("2001:db8::/32", "invalid", "none"),  # an AS_SET at the end is no origin
]


@KERNELS
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(vrps(), max_size=20), dumps())
def test_rov_is_that_of_rfc_6811(
    kernel: Any,  # noqa: ANN401  # compiled
    tmp_path_factory: pytest.TempPathFactory,
    vrps: list[Vrp],
    octets: bytes,
) -> None:
    """Each route has the state of the definition, withdrawals have none, and all are counted."""
    path = tmp_path_factory.mktemp("scan") / "dump"
    path.write_bytes(octets)
    registry = registry_of(vrps)
    expected: Counter[str] = Counter()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("peerlint.bulk.reader.Kernel", kernel)
        read = scan(path, registry=registry)
        for batch in read:
            of_rows = [
                None
                if kind == peerlint.bulk.Kind.WITHDRAW
                else rov(vrps, batch.prefix(row), origin)
                for row, (kind, origin) in enumerate(
                    zip(batch.kind.tolist(), batch.origin.tolist(), strict=True)
                )
            ]
            assert of_rows == words(batch, ROV)
            expected.update(each for each in of_rows if each is not None)
        counted = scan(path, registry=registry, rows=False)
        assert [] == list(counted)

    for tally in (read.tally, counted.tally):
        assert +expected == +tally.states[ROV]
        assert tally.routes == tally.states[ROV].total() == tally.states[ORIGIN_REGISTERED].total()


@given(
    st.lists(
        st.one_of(
            st.builds(
                RouteObject,
                st.sampled_from(POOL),
                st.sampled_from([0, 23456, 3320, 64500, 64512, 4199999999]),
                st.sampled_from(["RADB", "NTTCOM", "RIPE-NONAUTH", "FOO"]),
            ),
            st.builds(
                RouteObject,
                st.sampled_from(POOL),
                st.sampled_from([3320, 64500, 4199999999]),
                st.just("RPKI"),
                is_route_object=st.just(value=False),
            ),
            st.builds(
                AutNum,
                st.sampled_from([0, 3320, 174, 64500, 65535, 4199999999]),
                st.sampled_from(["RADB", "NTTCOM", "RIPE-NONAUTH", "FOO"]),
            ),
        ),
        max_size=8,
    ),
    st.lists(vrps(), max_size=3),
    st.sampled_from([NOW, NOW - 8 * 86_400_000_000]),
    st.booleans(),
    st.booleans(),
)
def test_registration_is_that_of_the_rule(
    objects: list[RouteObject | AutNum],
    vrps: list[Vrp],
    time: int,
    is_one_enough: bool,
    is_lab: bool,
) -> None:
    """An origin has the grade that asn.origin-registered finds for it alone."""
    registry = registry_of(vrps, objects, max(time, 0))
    criteria = RegistryCriteria(named=("RADB",)) if is_one_enough else RegistryCriteria()
    data = RegistryData(registry, criteria)
    asns = [0, 174, 3320, 23456, 64500, 64501, 64512, 65535, 4199999999, 4200000000, 4294967295]
    specials = {0, 23456, 64512, 65535, 4200000000, 4294967295} | (
        set() if is_lab else {64500, 64501}
    )

    codes = OriginGrades(registry, criteria, ["documentation"] if is_lab else []).codes(
        np.array([*asns, -1], np.int64)
    )

    absent = "unknown" if data.irr_gaps("aut-num", "route") else "none"
    for asn, code in zip(asns, codes.tolist(), strict=False):
        grade = registration(data, asn, None).grade
        expected = absent if grade is Grade.NONE else grade.value
        assert (asn, "none" if asn in specials else expected) == (asn, ORIGIN_WORDS[code])
    assert "none" == ORIGIN_WORDS[codes[-1]]


@pytest.mark.parametrize(
    ("lines", "accept", "expected"),
    [
        ("irr RADB aut-num 3320", (), "named"),
        ("irr RIPE route 203.0.113.0/24 3320", (), "named"),
        ("irr NTTCOM aut-num 3320", (), "listed"),
        ("irr NTTCOM aut-num 3320\ndelegated RIPE 3320 allocated", ("rir",), "listed"),
        ("delegated RIPE 3320 allocated", ("rir",), "accepted"),
        ("irr RIPE-NONAUTH route 203.0.113.0/24 3320", (), "weak"),
        ("irr FOO aut-num 3320", (), "unlisted"),
        ("irr RPKI route 203.0.113.0/24 3320", (), "made"),
        ("vrp 203.0.113.0/24 3320", (), "vrp"),
        ("delegated RIPE 3320 allocated", (), "delegated"),
        ("delegated RIPE 3320 reserved", (), "none"),
        ("registry named", (), "none"),
        ("registry irr RADB", (), "unknown"),
        ("registry named age=8d", (), "unknown"),
    ],
)
def test_states_of_an_origin(lines: str, accept: tuple[str, ...], expected: str) -> None:
    """The best evidence decides; nothing is nothing only in whole and recent data."""
    lines = lines if lines.startswith("registry") else f"registry named\n{lines}"
    registry = scenario(f"registered 203.0.113.0/24\n{lines}").registry
    assert registry is not None
    criteria = RegistryCriteria(accept=("irr", *accept))

    (code,) = OriginGrades(registry, criteria).codes(np.array([3320], np.int64))

    assert expected == ORIGIN_WORDS[code]


def test_columns(dump: Path) -> None:
    """A batch has the columns as codes and as words, and Arrow has them as words."""
    (batch,) = scan(dump, registry=SAID, **LAB)
    table = batch.to_arrow(paths=True)

    states = words(batch, ROV), words(batch, ORIGIN_REGISTERED)
    assert ROWS == list(zip(table["prefix"].to_pylist(), *states, strict=True))
    assert [row[1] for row in ROWS] == table[ROV].to_pylist()
    assert [row[2] for row in ROWS] == table[ORIGIN_REGISTERED].to_pylist()
    assert "valid" == batch.states[0].words[batch.rov[0]]
    assert ["facts", ROV, ORIGIN_REGISTERED, "path", "communities"] == table.schema.names[8:]


def test_without_a_registry(dump: Path) -> None:
    """Without registry data there are no such columns and no counts of them."""
    read = scan(dump)
    (batch,) = read

    assert ({}, ()) == (read.tally.states, batch.states)
    assert ROV not in batch.to_arrow().schema.names
    with pytest.raises(AttributeError):
        _ = batch.rov


def test_withdrawals_have_no_state(tmp_path: Path) -> None:
    """A withdrawal is null in Arrow, `NO_STATE` in a batch, and counts in no state."""
    feed, session = UpdateDump(), FeedSession("192.0.2.1", 64510, "192.0.2.9", 64499)
    feed.announce(session, "203.0.113.0/24 path 64510 64500").withdraw(session, "203.0.113.0/24")
    (tmp_path / "updates").write_bytes(feed.octets())

    read = scan(tmp_path / "updates", registry=SAID, **LAB)
    (batch,) = read

    assert ["valid", None] == batch.to_arrow()[ROV].to_pylist()
    assert NO_STATE == batch.rov[1]
    assert Counter(valid=1) == +read.tally.states[ROV]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"origin_asns": [64500]}, {"valid": 1}),
        ({"origin_asns": [64502]}, {"invalid": 1}),
        ({"peer_asns": [64511]}, {"invalid": 2}),
        ({"prefixes": ["203.0.113.0/24"]}, {"valid": 1, "invalid": 1}),
    ],
)
@pytest.mark.parametrize("rows", [True, False])
def test_filters(dump: Path, filters: dict[str, Any], expected: dict[str, int], rows: bool) -> None:
    """Only the wanted routes are counted, and their states stay beside them."""
    read = scan(dump, registry=SAID, rows=rows, **LAB, **filters)
    found = [word for batch in read for word in words(batch, ROV)] if rows else [*read][:0]

    assert Counter(expected) == +read.tally.states[ROV]
    assert found in ([], sorted(Counter(expected).elements(), reverse=True))


def test_tallies_add_up(dump: Path) -> None:
    """Of two tallies, states are added; a tally without any adds nothing."""
    read = scan(dump, registry=SAID, rows=False, **LAB)
    assert [] == list(read)
    both = read.tally + read.tally

    assert Counter(valid=2, invalid=4, **{"not-found": 2}) == +both.states[ROV]
    assert read.tally.states == (read.tally + Tally()).states == (Tally() + read.tally).states
    (batch,) = scan(dump, registry=SAID, **LAB)
    assert +read.tally.states[ROV] == +Tally.of(batch, {}).states[ROV]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_files(dump: Path, form: str) -> None:
    """Every format has the columns, in front of paths and communities."""
    file = BytesIO()
    encoder = peerlint.route_encoder(form, file, paths=True, registry=True)
    for batch in scan(dump, registry=SAID, **LAB):
        encoder.write(batch)
    encoder.close()

    if form == "parquet":
        table = parquet.read_table(BytesIO(file.getvalue()))
        assert [row[1] for row in ROWS] == table[ROV].to_pylist()
        assert [row[2] for row in ROWS] == table[ORIGIN_REGISTERED].to_pylist()
        return
    head, first, *_ = file.getvalue().decode().splitlines()
    if form == "csv":
        assert head.endswith(",facts,rov,origin_registered,path,communities")
        assert ",valid,named,64510 64500," in first
    else:
        assert '"rov": "valid", "origin_registered": "named", "path": ' in head


def test_a_file_for_batches_without_states(dump: Path) -> None:
    """Batches of a scan without registry data do not get into a file that has its columns."""
    (batch,) = scan(dump)

    with pytest.raises(InputError, match="batch: expected the column rov, found none"):
        peerlint.route_encoder("csv", BytesIO(), registry=True).write(batch)


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    """A registry file with one VRP."""
    path = tmp_path / "registry.peerlint"
    columns = vrp_columns([Vrp(POOL[2], 24, 64500, "ripe")])
    source = SourceInfo(SourceKind.VRPS, "vrps.json", NOW, 1)
    build_registry(RegistryInputs(0, (source,), vrps=(columns,)), path)
    return path


@pytest.mark.parametrize("jobs", [1, 2])
def test_several_dumps(dump: Path, file: Path, jobs: int) -> None:
    """Dumps that processes of their own read have the same counts."""
    time = "1970-01-01T00:16:40Z"
    result = peerlint.scan_all([dump, dump], registry=file, now=time, jobs=jobs, **LAB)

    assert Counter(valid=2, invalid=2, **{"not-found": 4}) == +result.tally.states[ROV]
    (source,) = result.registry_sources
    assert ("vrps.json", 0, False) == (source.name, source.age_seconds, source.is_too_old)
    assert () == result.remarks


def test_a_registry_in_memory_stays_in_its_process(dump: Path) -> None:
    """Several processes need the file."""
    with pytest.raises(InputError, match="jobs: expected 1 with a Registry"):
        peerlint.scan_all([dump, dump], registry=SAID, jobs=2)


def test_time_without_a_registry(dump: Path) -> None:
    """`now` has a meaning for registry data only."""
    with pytest.raises(InputError, match="now: expected registry data with it"):
        peerlint.scan_all([dump], now="2026-11-30T00:00:00Z")


def test_an_overwritten_file_is_no_error_of_the_dump(dump: Path, file: Path) -> None:
    """The scan ends with an error that names the registry file."""
    registry = open_registry(file)
    file.write_bytes(file.read_bytes() + b"more")

    with pytest.raises(FeedError) as raised:
        peerlint.scan_all([dump], registry=registry)
    assert str(file) == raised.value.source


def test_another_file_of_the_same_name(file: Path) -> None:
    """Processes that open the file later do not mix the answers of two files."""
    given = RegistryFile.of(str(file), NOW)
    assert NOW == given.open().now
    build_registry(RegistryInputs(1, ()), file)

    with pytest.raises(FeedError, match="another registry file got this name during the scan"):
        given.open()


def test_too_old(dump: Path, file: Path) -> None:
    """Old data are used, and a remark says so."""
    result = peerlint.scan_all([dump], registry=file, now="1970-01-09T00:00:00Z", **LAB)

    assert 1 == result.tally.states[ROV]["valid"]
    (remark,) = result.remarks
    assert remark.startswith("registry data too old: vrps.json (of 1970-01-01")


def test_evolve_keeps_rows_and_states_together(dump: Path) -> None:
    """`RouteBatch.where` takes the same rows of every column."""
    (batch,) = scan(dump, registry=SAID, **LAB)

    part = batch.where(batch.rov == batch.states[0].words.index("invalid"))

    assert ["203.0.113.0/24", "2001:db8::/32"] == [str(part.prefix(row)) for row in range(2)]
    assert ["weak", "none"] == words(part, ORIGIN_REGISTERED)
    assert attrs.evolve(part).states == part.states
