"""A registry file from real readers: texts go in, answers come out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import attrs
import pytest

from peerlint.api.registry import Registry
from peerlint.errors import FeedError, InputError
from peerlint.feeds.registry_file import build_registry
from peerlint.registry import RegistryInputs, RouteObjectState, SourceInfo, SourceKind
from peerlint.registry.delegated import read_delegated
from peerlint.registry.dumps import inputs_of
from peerlint.registry.irr import read_irr
from peerlint.registry.peeringdb import read_peeringdb
from peerlint.registry.rpki import read_slurm, read_vrps

NOW = 1_796_000_000_000_000
RADB = b"""\
route: 203.0.113.0/24
origin: AS64500
last-modified: 2026-11-20T00:00:00Z
source: RADB

aut-num: AS64500
last-modified: 2026-11-21T00:00:00Z
source: RADB

route: 203.0.113.0
origin: AS64500
source: RADB
"""
RIPE = b"""\
route6: 2001:db8::/32
origin: AS64501
source: RIPE
"""
VRPS = b"""{"metadata": {"generated": 1795999000}, "roas": [
 {"asn": "AS64500", "prefix": "203.0.113.0/24", "maxLength": 24, "ta": "ripe"},
 {"asn": 64501, "prefix": "2001:db8::/32", "maxLength": 48, "ta": "arin", "expires": 1796000100},
 {"asn": 64502, "prefix": "198.51.100.0/24", "maxLength": 24, "ta": "ripe"}
]}"""
SLURM = b"""{"slurmVersion": 1,
 "validationOutputFilters": {"prefixFilters": [{"asn": 64502}], "bgpsecFilters": []},
 "locallyAddedAssertions": {"prefixAssertions": [{"asn": 64503, "prefix": "192.0.2.0/24"}],
 "bgpsecAssertions": []}}"""
DELEGATED = b"""\
2|ripencc|20261129|1|19700101|20261129|+0000
ripencc|NL|asn|64500|1|20200101|allocated|x
"""
PEERINGDB = b"""{"net": {"data": [{"id": 9, "asn": 64500, "name": "Contoso", "status": "ok"}]}}"""
JOINT = b"""\
2|nro|20261128|3|19700101|20261128|+0000
arin|US|asn|64511|1|20200101|assigned|x
ripencc|NL|asn|64500|1|20200101|assigned|x
"""
DAY = 86_400_000_000
MIDNIGHT = int(datetime(2026, 11, 29, tzinfo=UTC).timestamp()) * 1_000_000
NEWEST = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp()) * 1_000_000
TAKEN = NOW - 5
#: Arguments of `inputs_of`.
FILES = {
    "RADB": {"irr": [read_irr(BytesIO(RADB), "radb.db")]},
    "delegated": {"delegated": [read_delegated(BytesIO(DELEGATED), "delegated-ripencc")]},
    "vrps": {"vrps": [read_vrps(BytesIO(VRPS), "vrps.json", NOW)]},
    "vrps-csv": {
        "vrps": [
            read_vrps(
                BytesIO(b"ASN,IP Prefix,Max Length,Trust Anchor\nAS64500,203.0.113.0/24,24,ripe\n"),
                "vrps.csv",
                NOW,
            )
        ]
    },
    "peeringdb": {"peeringdb": [read_peeringdb(BytesIO(PEERINGDB), "peeringdb.json")]},
}


@pytest.fixture(name="inputs")
def _inputs() -> RegistryInputs:
    return inputs_of(
        NOW,
        irr=[read_irr(BytesIO(RADB), "radb.db"), read_irr(BytesIO(RIPE), "ripe.db.route6")],
        delegated=[read_delegated(BytesIO(DELEGATED), "delegated-ripencc")],
        vrps=[read_vrps(BytesIO(VRPS), "vrps.json", NOW)],
        slurm=read_slurm(BytesIO(SLURM), "slurm.json"),
        peeringdb=[read_peeringdb(BytesIO(PEERINGDB), "peeringdb.json")],
    )


@pytest.fixture(name="path")
def _path(inputs: RegistryInputs, tmp_path: Path) -> Path:
    path = tmp_path / "registry.peerlint"
    build_registry(inputs, path)
    return path


def test_sources_with_their_ages(path: Path) -> None:
    """Each registry, RIR and file is a source, with its time, its records and what it lacks."""
    found = {(each.kind, each.name): each for each in Registry.open(path).sources}

    assert {
        ("irr", "RADB"): SourceInfo(SourceKind.IRR, "RADB", NEWEST, 2, skipped=1),
        ("irr", "RIPE"): SourceInfo(SourceKind.IRR, "RIPE", None, 1, lacks=("aut-num", "route")),
        ("delegated", "RIPE"): SourceInfo(SourceKind.DELEGATED, "RIPE", MIDNIGHT, 1),
        ("vrps", "vrps.json"): SourceInfo(SourceKind.VRPS, "vrps.json", 1_795_999_000_000_000, 3),
        ("peeringdb", "peeringdb.json"): SourceInfo(
            SourceKind.PEERINGDB, "peeringdb.json", None, 1
        ),
    } == found


def test_answers(path: Path) -> None:
    """Every kind of source answers, local exceptions applied."""
    registry = Registry.open(path, datetime(2026, 11, 29, tzinfo=UTC))
    origin = registry.origin(64500)

    states = registry.judge(
        ["203.0.113.0/24", "2001:db8:1::/48", "198.51.100.0/24", "192.0.2.0/24"],
        [64500, 64501, 64502, 64503],
    )

    assert [2, 2, 1, 2] == states.tolist()
    assert ["RADB"] == [each.source for each in origin.aut_nums]
    assert [("RADB", 1)] == [(each.source, each.count) for each in origin.routes]
    assert ["RIPE"] == [each.rir for each in origin.delegations]
    assert origin.peeringdb is not None
    assert "Contoso" == origin.peeringdb.name
    assert [RouteObjectState.EXACT] == registry.judge_route_objects(
        ["2001:db8::/32"], [64501]
    ).tolist()


def test_the_time_of_an_open_registry(path: Path) -> None:
    """A VRP that has expired by the time given does not count; without a time it is the clock's."""
    late = datetime.fromtimestamp(1_796_000_101, UTC)
    times = (late - timedelta(seconds=1), late)

    found = [Registry.open(path, now).judge(["2001:db8::/32"], [64501]).tolist() for now in times]

    assert [[2], [1]] == found
    assert isinstance(Registry.open(path).at(5), Registry)


@pytest.mark.parametrize(
    ("path", "now"),
    [(5, None), (None, None), ("x", "2026"), ("x", datetime(2026, 1, 1))],  # noqa: DTZ001
)
def test_wrong_arguments_of_open(path: object, now: object) -> None:
    """A path that is none and a time without a zone are `InputError`s."""
    with pytest.raises(InputError):
        Registry.open(path, now)


def test_a_missing_file() -> None:
    """The file is named."""
    with pytest.raises(FeedError, match=r"none\.peerlint: cannot be read: No such file"):
        Registry.open("none.peerlint")


def test_a_registry_in_several_files_is_one_source() -> None:
    """Parts of a registry add up; one that is cut makes the registry cut."""
    whole = read_irr(BytesIO(RADB), "radb.db")
    cut = read_irr(BytesIO(RADB[:-5]), "radb.db.2")

    (source,) = inputs_of(NOW, irr=[whole, cut]).sources

    assert cut.is_cut
    assert SourceInfo(SourceKind.IRR, "RADB", NEWEST, 4, skipped=2, is_cut=True) == attrs.evolve(
        source, skipped=2
    )


ROUTE = b"route: 203.0.113.0/24\norigin: AS64500\nsource: RIPE\n\n"
AUT_NUM = b"aut-num: AS64500\nsource: RIPE\n\n"


@pytest.mark.parametrize(
    ("files", "lacks"),
    [
        pytest.param({"ripe.db": ROUTE}, (), id="a small registry may have one class only"),
        pytest.param({"ripe.db.route.gz": ROUTE}, ("aut-num", "route6"), id="a file of a class"),
        pytest.param({"dumps/apnic.db.route6": ROUTE}, ("aut-num", "route6"), id="another class"),
        pytest.param({"dumps/route.gz": ROUTE}, ("aut-num", "route6"), id="a class alone"),
        pytest.param(
            {"ripe.db.route.gz": ROUTE, "ripe.db.aut-num.gz": AUT_NUM}, ("route6",), id="two files"
        ),
        pytest.param({"routes": ROUTE * 1_000}, ("aut-num", "route6"), id="large, of any name"),
        pytest.param({"routes": ROUTE * 999}, (), id="almost as large"),
    ],
)
def test_what_is_in_other_files(files: dict[str, bytes], lacks: tuple[str, ...]) -> None:
    """A registry that has a file for each class lacks those that were not given."""
    (source,) = inputs_of(
        NOW, irr=[read_irr(BytesIO(each), name) for name, each in files.items()]
    ).sources

    assert source.lacks == lacks


def test_objects_in_the_dump_of_another_registry() -> None:
    """A few objects of RIPE in RADB's dump are not the registry RIPE: what they lack is unknown."""
    sources = inputs_of(NOW, irr=[read_irr(BytesIO(RADB + b"\n" + ROUTE), "radb.db")]).sources

    assert [(each.name, each.lacks) for each in sources] == [
        ("RADB", ()),
        ("RIPE", ("aut-num", "route6")),
    ]


def changed(text: bytes, day: str) -> bytes:
    """Return objects that were changed on a day."""
    return text.replace(b"source:", f"last-modified: {day}T00:00:00Z\nsource:".encode())


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(1_000, 1, id="large"),
        pytest.param(1, 29, id="small: it may be quiet for years"),
    ],
)
def test_the_oldest_large_class_is_the_age(count: int, expected: int) -> None:
    """A new file of routes beside an old one of aut-nums: the registry is as old as the old one."""
    old, new = changed(AUT_NUM, "2026-11-01"), changed(ROUTE, "2026-11-29")
    dumps = [
        read_irr(BytesIO(new), "ripe.db.route"),
        read_irr(BytesIO(old * count), "ripe.db.aut-num"),
    ]

    (source,) = inputs_of(NOW, irr=dumps).sources

    assert source.time == int(datetime(2026, 11, expected, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("count", "day", "is_taken"),
    [
        pytest.param(1_000, "2026-09-01", False, id="a mirror that stopped"),
        pytest.param(1_000, "2026-11-20", True, id="a registry that changes"),
        pytest.param(10, "2019-01-01", True, id="a small registry may be quiet for years"),
    ],
)
def test_a_copy_that_has_stopped(count: int, day: str, is_taken: bool) -> None:
    """That a file was fetched today does not make a copy new that a mirror no longer updates."""
    dump = read_irr(BytesIO(changed(ROUTE, day) * count), "ripe.db")

    (source,) = inputs_of(NOW, irr=[dump], taken=TAKEN).sources

    assert (source.time == TAKEN) is is_taken


@pytest.mark.parametrize(
    ("name", "own", "expected"),
    [
        ("RADB", NEWEST, TAKEN),
        ("delegated", MIDNIGHT, MIDNIGHT),
        ("vrps", 1_795_999_000_000_000, 1_795_999_000_000_000),
        ("vrps-csv", None, TAKEN),
        ("peeringdb", None, TAKEN),
    ],
)
def test_when_files_were_taken(name: str, own: int | None, expected: int) -> None:
    """The time at which files were fetched is that of files that say none of themselves.

    A dump of an IRR says none; its newest object is older than the dump.
    """
    found = [inputs_of(NOW, **FILES[name], taken=taken).sources[0].time for taken in (None, TAKEN)]

    assert [own, expected] == found


def test_a_time_in_the_future_does_not_count() -> None:
    """A source whose time is more than a day after the build has an unknown age."""
    dump = FILES["vrps"]
    (generated,) = (each.time for each in inputs_of(NOW, **dump).sources)
    day = 86_400_000_000

    times = [inputs_of(generated - each, **dump).sources[0].time for each in (day, day + 1)]

    assert [generated, None] == times


def test_the_joint_file_has_a_source_for_each_registry() -> None:
    """The NRO's file names the RIRs; of an RIR in two files the later and whole one counts."""
    joint = read_delegated(BytesIO(JOINT), "nro-delegated-stats")
    own = read_delegated(BytesIO(DELEGATED), "delegated-ripencc")

    found = inputs_of(NOW, delegated=[joint, own]).sources

    assert joint.is_cut
    assert [
        SourceInfo(SourceKind.DELEGATED, "ARIN", MIDNIGHT - DAY, 1, is_cut=True),
        SourceInfo(SourceKind.DELEGATED, "RIPE", MIDNIGHT, 2),
    ] == list(found)
