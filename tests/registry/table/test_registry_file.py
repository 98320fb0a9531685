"""Registry files: the same octets from the same inputs; what is wrong with one is an error."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from itertools import count
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import FeedError, InputError, PeerlintError
from peerlint.feeds.registry_file import build_registry, identity, open_registry
from peerlint.model import Prefix
from peerlint.registry import (
    AutNum,
    Registry,
    RegistryInputs,
    RouteObject,
    SourceInfo,
    SourceKind,
    Vrp,
    aut_num_columns,
    route_columns,
    vrp_columns,
)
from peerlint.registry.build import built
from peerlint.registry.delegated import read_delegated
from peerlint.registry.peeringdb import Contact, Facility, Network, PeeringDbFile, RecordKind
from peerlint.registry.skips import Skips

V4, V6 = Prefix.parse("203.0.113.0/24"), Prefix.parse("2001:db8::/32")
VRPS = (Vrp(V4, 24, 64500, "RIPE"), Vrp(V6, 48, 64501, "ARIN", 1_900_000_000))
ROUTES = (RouteObject(V4, 64500, "RADB", 5), RouteObject(V6, 64501, "RIPE"))
AUT_NUMS = (AutNum(64500, "RIPE", 7), AutNum(64501, "ARIN"))
SOURCES = (
    SourceInfo(SourceKind.IRR, "RIPE", 5, 2),
    SourceInfo(SourceKind.VRPS, "vrps.json", None, 2, skipped=1, is_cut=True),
)
DELEGATED = read_delegated(
    BytesIO(
        b"2|ripencc|20261130|3|19700101|20261130|+0000\n"
        b"ripencc|NL|asn|64500|2|20200101|allocated|x\n"
        b"ripencc|NL|ipv4|203.0.113.0|256|20200101|assigned|x\n"
        b"ripencc|NL|ipv6|2001:db8::|32||reserved|\n"
    ),
    "delegated-ripencc-extended-latest",
)
PEERINGDB = PeeringDbFile(
    "peeringdb.json",
    (Network(694, 8075, "Microsoft", "", 5), Network(9, 64500, "Contoso", "Contoso", None)),
    (Facility(1, "Example DC", "Amsterdam", "NL"),),
    ((694, 1), (9, 1)),
    ((9, Contact("NOC", "noc.example", has_phone=True)),),
    frozenset(RecordKind),
    None,
    7,
    Skips(),
)
INPUTS = RegistryInputs(
    1_000_000,
    SOURCES,
    (route_columns(ROUTES),),
    (aut_num_columns(AUT_NUMS),),
    (vrp_columns(VRPS),),
    (DELEGATED,),
    (PEERINGDB,),
)
OCTETS = built(INPUTS)


def ask_everything(registry: Registry) -> object:
    """Use each table of a registry."""
    return (
        registry.judge(["203.0.113.0/24", "2001:db8::/32"], [64500, 64501]).tolist(),
        registry.judge_route_objects(["203.0.113.0/24", "2001:db8::/32"], [64500, 1]).tolist(),
        registry.are_registered([64500, 64502], ["RADB"]).tolist(),
        registry.origin(64500),
        registry.routes_of(64501),
        registry.holder("203.0.113.0/24"),
        registry.holder("2001:db8::/32"),
        registry.peeringdb.networks,
        registry.delegations(64500),
        registry.facilities(8075),
        registry.contacts(64500),
        registry.sources,
    )


EXPECTED = ask_everything(Registry.of_octets(OCTETS, "registry"))


#: The number of arrays in a file.
ARRAYS = 56


def with_header(octets: bytes, change: Callable[[dict[str, object]], None]) -> bytes:
    """Return a file whose header is changed and has a correct checksum."""
    length = struct.unpack_from("<I", octets, 12)[0]
    header = json.loads(octets[48 : 48 + length])
    change(header)
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    arrays = octets[-(-(48 + length) // 64) * 64 :]
    front = octets[:12] + struct.pack("<I", len(text)) + hashlib.sha256(text).digest() + text
    return front + bytes(-len(front) % 64) + arrays


def test_the_order_of_inputs_makes_no_difference() -> None:
    """Records in another order, and in several columns, give the same octets."""
    other = RegistryInputs(
        1_000_000,
        SOURCES[::-1],
        tuple(route_columns([each]) for each in ROUTES[::-1]),
        (aut_num_columns(AUT_NUMS[::-1]), aut_num_columns(AUT_NUMS)),
        tuple(vrp_columns([each]) for each in VRPS[::-1]),
        (DELEGATED, DELEGATED),
        (PEERINGDB, attrs.evolve(PEERINGDB, networks=PEERINGDB.networks[::-1])),
    )

    assert OCTETS == built(INPUTS)
    assert OCTETS == built(other)


def test_the_time_is_an_input() -> None:
    """Another time of the build gives other octets."""
    assert built(RegistryInputs(1)) != built(RegistryInputs(2))


def test_an_empty_registry() -> None:
    """A file without any records can be opened and asked."""
    registry = Registry.of(RegistryInputs(0))

    assert [0] == registry.judge(["203.0.113.0/24"], [64500]).tolist()
    assert [False] == registry.are_registered([64500], ["RIPE"]).tolist()
    assert () == registry.routes("203.0.113.0/24") + registry.routes_of(64500)
    assert 0 == len(registry.judge([], []))


def test_a_file_on_disk_says_what_it_was_built_from(tmp_path: Path) -> None:
    """What was written is found again."""
    path = tmp_path / "registry.peerlint"

    size = build_registry(INPUTS, path)
    registry = open_registry(path, now=1_000_000)

    assert (size, OCTETS) == (path.stat().st_size, path.read_bytes())
    assert EXPECTED == ask_everything(registry)
    assert (SOURCES, 1_000_000) == (registry.sources, registry.built)
    assert ["registry.peerlint"] == [each.name for each in tmp_path.iterdir()]


def test_a_registry_uses_the_clock() -> None:
    """Without a time, an opened registry answers for now, one in memory for its build."""
    assert 1_000_000 == Registry.of(INPUTS).now


@given(st.integers(0, len(OCTETS) - 1))
def test_damage_is_an_error(octet: int) -> None:
    """A file with one octet changed gives an error of ours, or only padding has changed."""
    damaged = bytearray(OCTETS)
    damaged[octet] ^= 0x10

    try:
        found, message = ask_everything(Registry.of_octets(bytes(damaged), "x.peerlint")), ""
    except FeedError as error:
        found, message = EXPECTED, str(error)

    assert EXPECTED == found
    assert not message or message.startswith("x.peerlint: ")
    assert not message or "peerlint registry build" in message


@given(st.integers(0, len(OCTETS) - 1))
def test_a_file_that_is_cut_is_an_error(length: int) -> None:
    """A file that lacks octets at its end is refused when it is opened."""
    with pytest.raises(FeedError):
        Registry.of_octets(OCTETS[:length], "registry.peerlint")


def test_a_file_that_is_too_long_is_an_error() -> None:
    """Octets behind the last array are no part of a registry file."""
    with pytest.raises(FeedError, match=r"damaged: expected [0-9,]+ octets, found [0-9,]+;"):
        Registry.of_octets(OCTETS + b"\0", "registry.peerlint")


@given(st.binary(max_size=200))
def test_any_octets_are_an_error(octets: bytes) -> None:
    """Octets that are no registry file are refused, also behind its first octets."""
    for content in (octets, OCTETS[:8] + octets, OCTETS[:48] + octets):
        with pytest.raises(FeedError):
            Registry.of_octets(content, "registry.peerlint")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (2, "registry.peerlint: expected a registry file of format 1, found format 2; update "
            "peerlint, or build it again with peerlint registry build"),
        (0, "registry.peerlint: expected a registry file of format 1, found format 0; build it "
            "again with peerlint registry build"),
    ],
)  # fmt: skip
def test_another_version_is_an_error(version: int, message: str) -> None:
    """A file of another version is refused, whatever else it has."""
    with pytest.raises(FeedError) as caught:
        Registry.of_octets(OCTETS[:8] + struct.pack("<I", version), "registry.peerlint")
    assert "something else" in str(caught.value)  # too short to be one at all

    octets = OCTETS[:8] + struct.pack("<I", version) + OCTETS[12:]
    with pytest.raises(FeedError) as caught:
        Registry.of_octets(octets, "registry.peerlint")

    assert message == str(caught.value)


def test_another_file_is_an_error() -> None:
    """A file of another kind is named as such."""
    with pytest.raises(FeedError, match="expected a registry file, found something else"):
        Registry.of_octets(b"aut-num: AS64500\n" * 100, "ripe.db")


def put(name: str, value: object) -> Callable[[dict[str, object]], None]:
    """Return a change of a header: a member gets a value."""
    return lambda header: header.update({name: value})


def put_array(at: int, column: int, value: object) -> Callable[[dict[str, object]], None]:
    """Return a change of a header: an array is described otherwise."""

    def change(header: dict[str, object]) -> None:
        arrays = header["arrays"]
        assert isinstance(arrays, list)
        arrays[at][column] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        put("arrays", None), put("arrays", [[1]]), put("arrays", [["a", "?!", 0, 0, ""]]),
        put("arrays", []), put("built", "x"), put("built", None), put("sources", [1]),
        put("sources", [{"kind": "x"}]), put("registries", 1), put("registries", []),
        put("trust_anchors", []),
    ],
)  # fmt: skip
def test_a_header_that_lies_is_an_error(change: Callable[[dict[str, object]], None]) -> None:
    """A header with a correct checksum and wrong content gives an error of ours."""
    with pytest.raises(FeedError):
        ask_everything(Registry.of_octets(with_header(OCTETS, change), "registry.peerlint"))


@pytest.mark.parametrize(
    ("column", "value"), [(0, "x"), (1, "<i8"), (2, -1), (2, 1 << 70), (3, -1), (3, 1 << 70)]
)
def test_an_array_that_is_described_wrongly_is_an_error(column: int, value: object) -> None:
    """A header with a correct checksum that gives an array another place or type is refused."""
    for at in range(column, ARRAYS, 5):
        octets = with_header(OCTETS, put_array(at, column, value))
        with pytest.raises(FeedError):
            ask_everything(Registry.of_octets(octets, "registry.peerlint"))


def test_a_header_that_is_unchanged_is_none() -> None:
    """The helper of the test above makes a file that can be used."""
    assert OCTETS == with_header(OCTETS, lambda _: None)


def test_a_renamed_file_leaves_an_open_registry_as_it_is(tmp_path: Path) -> None:
    """A registry that is replaced by name keeps its content; the new one is found by identity."""
    path = tmp_path / "registry.peerlint"
    build_registry(INPUTS, path)
    registry, before = open_registry(path, now=1_000_000), identity(path)

    build_registry(RegistryInputs(5), path)

    assert EXPECTED == ask_everything(registry)
    assert before != identity(path)
    assert 5 == open_registry(path).built


@pytest.mark.parametrize("size", [0, 100, len(OCTETS) - 1, len(OCTETS) + 1])
def test_a_file_that_is_overwritten_while_in_use_is_an_error(tmp_path: Path, size: int) -> None:
    """A registry whose file is cut or grows refuses to answer, and does not end the process."""
    path = tmp_path / "registry.peerlint"
    build_registry(INPUTS, path)
    used, fresh = open_registry(path), open_registry(path)
    ask_everything(used)

    os.truncate(path, size)

    for registry in (used, fresh):
        with pytest.raises(FeedError, match="was overwritten while it is in use; open it again"):
            ask_everything(registry)


def test_a_file_with_other_octets_of_the_same_size_is_an_error(tmp_path: Path) -> None:
    """A registry whose file is written again where it is refuses to answer."""
    path = tmp_path / "registry.peerlint"
    build_registry(INPUTS, path)
    registry = open_registry(path)

    path.write_bytes(OCTETS)
    os.utime(path, ns=(0, 0))

    with pytest.raises(FeedError, match="was overwritten"):
        registry.validity("203.0.113.0/24", 64500)


@pytest.mark.parametrize("name", ["none", "folder", "pipe", "empty", "a\0b"])
def test_what_cannot_be_opened_is_an_error(tmp_path: Path, name: str) -> None:
    """A missing file, a folder, a pipe and an empty file are refused without waiting."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(FeedError):
        open_registry(f"{tmp_path}/{name}")


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """A registry that cannot be written is an error that names the file."""
    with pytest.raises(FeedError, match="cannot be written"):
        build_registry(INPUTS, tmp_path / "none" / "registry.peerlint")
    assert identity(tmp_path / "none") is None


def test_a_build_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """Inputs that cannot be stored leave the old file, and no new one beside it."""
    path = tmp_path / "registry.peerlint"
    build_registry(INPUTS, path)

    with pytest.raises(InputError, match="now: expected microseconds since 1970"):
        build_registry(RegistryInputs(-1), path)

    assert OCTETS == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that a link names is replaced, not the link."""
    path, link = tmp_path / "registry.peerlint", tmp_path / "link"
    link.symlink_to(path)

    build_registry(INPUTS, link)

    assert link.is_symlink()
    assert OCTETS == path.read_bytes()


def test_more_registries_than_a_file_can_number() -> None:
    """More than 256 registries are an error that says so."""
    routes = [RouteObject(V4, 64500, f"R{number}") for number in range(257)]
    parts = (route_columns(routes[:200]), route_columns(routes[200:]))

    with pytest.raises(PeerlintError, match="registries: expected at most 256 different names"):
        built(RegistryInputs(0, routes=parts))


@pytest.mark.parametrize("size", [0, 100, len(OCTETS) // 2, len(OCTETS) - 1])
def test_a_file_that_is_cut_during_an_answer_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """What is cut right after the file was found unchanged is missing octets, not a signal."""
    path = tmp_path / "registry.peerlint"
    build_registry(INPUTS, path)
    used, fresh = open_registry(path, 1_000_000), open_registry(path, 1_000_000)
    ask_everything(used)

    os.truncate(path, size)
    monkeypatch.setattr("peerlint.registry.file.RegistryFile.check_unchanged", lambda _: None)

    assert EXPECTED == ask_everything(used)  # its tables are in memory
    with pytest.raises(FeedError, match=r"damaged: expected array .* with the checksum"):
        ask_everything(fresh)


#: Asks a file, and opens it again after an error, until it was asked 300 times after "as RIPE".
#: Prints each thing that it finds once.
ASKING = """
import sys
from peerlint import Registry
from peerlint.errors import FeedError

path = sys.argv[1]
known, registry, left = set(), None, 300
while left:
    try:
        registry = registry or Registry.open(path)
        state = registry.validity("203.0.113.0/24", 64500).reason
        registries = [each.source for each in registry.routes("203.0.113.0/24")]
        found = " ".join([state, *registries])
    except FeedError as error:
        assert str(error).startswith(path + ": "), error
        found, registry = "error", None
    if found not in known:
        known.add(found)
        print(found, flush=True)
    left -= "as RIPE" in known
"""


@pytest.mark.slow
def test_a_file_that_is_written_where_it_is_ends_no_process(tmp_path: Path) -> None:
    """Whatever is done to a file in use: an answer is that of one of its contents, or an error."""
    contents = [
        built(
            RegistryInputs(
                1,
                SOURCES,
                (route_columns([RouteObject(V4, 64500, name)]),),
                vrps=(vrp_columns([Vrp(V4, 24, asn + more, "RIPE") for more in range(5_000)]),),
            )
        )
        for name, asn in (("RADB", 64500), ("RIPE", 64501))
    ]
    path = tmp_path / "registry.peerlint"
    path.write_bytes(contents[0])
    child = subprocess.Popen(
        [sys.executable, "-c", ASKING, path], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None

    with child, path.open("r+b") as file:
        found = [child.stdout.readline()]
        file.write(contents[1])
        file.flush()
        found.extend(child.stdout.readline() for _ in range(2))
        for turn in count():
            if child.poll() is not None:
                break
            content = contents[turn // 2 % 2]
            file.truncate(turn * 997 % len(content))
            file.seek(0)
            file.write(content)
            file.flush()
        found.extend(child.stdout)

    assert ["matched RADB\n", "error\n", "as RIPE\n"] == found
    assert 0 == child.returncode
