"""Debian's bgpdump and peerlint give the same output for generated dumps and those of daemons."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
import pytest

import peerlint
from peerlint.elements import bgpdump_line, element_data
from peerlint.wire.attributes import AttributeType
from peerlint.wire.mrt import MrtType
from peerlint.wire.reader import Reader

ROOT: Final = Path(__file__).resolve().parents[2]
DEVIATIONS: Final = ROOT / "docs" / "reference" / "deviations.md"
#: Files that BIRD, FRR, OpenBGPD and GoBGP wrote in the lab of the example.
OF_DAEMONS: Final = sorted((ROOT / "examples" / "contoso" / "dumps").glob("*.mrt.gz"))
ALIKE: Final = (
    "TABLE_DUMP of IPv4",
    "TABLE_DUMP of IPv6",
    "TABLE_DUMP_V2 of IPv4",
    "TABLE_DUMP_V2 of IPv6",
    "TABLE_DUMP_V2 of IPv6, MP_REACH_NLRI in full",
    "TABLE_DUMP_V2 of IPv4 with add-path",
    "TABLE_DUMP_V2 of IPv6 with add-path",
    "TABLE_DUMP_V2 with records of more than 64 KiB",
    "BGP4MP of every subtype that is alike",
    "BGP4MP with long withdrawals",
)
Made = Callable[[str], Path]
Fields = dict[str, object]


def bgpdump(path: Path, *options: str) -> list[str]:
    """Return the output of the program; skip the test if it is not installed, except in CI."""
    program = shutil.which("bgpdump")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("bgpdump is not installed")
        pytest.skip("bgpdump is not installed")
    done = subprocess.run(
        [program, *options, str(path)], capture_output=True, check=True, text=True, timeout=60,
        env={**os.environ, "TZ": "UTC"},
    )  # fmt: skip
    return done.stdout.splitlines()


def lines(path: Path) -> list[str]:
    """Return the lines of `peerlint dump`."""
    return [bgpdump_line(element) for element in peerlint.dump(path)]


@pytest.mark.parametrize("name", ALIKE)
def test_lines(name: str, made: Made) -> None:
    """`bgpdump -m -v` and `peerlint dump` print the same lines, in the same order."""
    expected = bgpdump(made(name), "-m", "-v")

    assert expected == lines(made(name))
    assert len(expected) >= 100


@pytest.mark.parametrize("path", OF_DAEMONS, ids=lambda path: path.name)
def test_lines_of_daemons(path: Path) -> None:
    """Both print the same lines for files that daemons wrote."""
    expected = bgpdump(path, "-m", "-v")

    assert expected == lines(path)
    assert expected


# -- where they differ


@attrs.frozen
class Deviation:
    """A row of docs/reference/deviations.md, and its effect on a line of bgpdump.

    Attributes:
        row: the start of the row.
        ours: converts a line of bgpdump to the line of peerlint.
    """

    row: str
    ours: Callable[[str], str]


def _as_recipient(line: str) -> str:
    """Replace the sender of a sent message, which bgpdump prints, by the recipient."""
    name, time, kind, address, asn, *rest = line.split("|")
    if kind == "STATE":
        return line
    # Of both sessions the sender is AS64500; which of them it is, its records say.
    assert (name.removesuffix("_AP").removesuffix("_ET"), address, asn) == (
        "BGP4MP",
        "192.0.2.0",
        "64500",
    )
    return "|".join((name.replace("_AP", "_LOCAL_AP"), time, kind, "192.0.2.1", "*", *rest))


def _without_trailing_bits(line: str) -> str:
    return re.sub(r"\|(198\.18\.\d+)\.255/25\|", r"|\1.128/25|", line)


KNOWN: Final = {
    "BGP4MP_LOCAL with add-path": Deviation(
        "BGP4MP_MESSAGE_LOCAL_ADDPATH and its AS4 form", _as_recipient
    ),
    "BGP4MP with bits behind a prefix's length": Deviation(
        "IPv4 NLRI with bits set right of the length", _without_trailing_bits
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_deviations(name: str, made: Made) -> None:
    """Lines differ only as the page of deviations says."""
    theirs, ours = bgpdump(made(name), "-m", "-v"), lines(made(name))
    known = KNOWN[name]
    if known.ours is _as_recipient:  # of two sessions with one address
        ours = [re.sub(r"(_LOCAL_AP\|[^|]+\|[AW]\|192\.0\.2\.1)\|\d+", r"\1|*", x) for x in ours]

    assert ours == list(map(known.ours, theirs))
    assert ours != theirs, "the deviation is gone"
    assert f"| {known.row} |" in DEVIATIONS.read_text(encoding="utf-8")


# -- fields that lines do not have


def blocks(path: Path) -> Iterator[list[str]]:
    """Yield the lines of each record in the output of plain `bgpdump`."""
    block: list[str] = []
    for line in [*bgpdump(path), ""]:
        if line:
            block.append(line)
        elif block:
            yield block
            block = []


UNKNOWN: Final = re.compile(r" +UNKNOWN_ATTR\((\d+), (\d+), \d+\):(.*)")


def fields_of_bgpdump(block: list[str]) -> Iterator[Fields]:
    """Yield the fields of each prefix of a record, or of a state change."""
    words: dict[str, str] = {}
    prefixes: list[tuple[str, str]] = []
    part = ""
    for line in block:
        if line in ("ANNOUNCE", "WITHDRAW"):
            part = line
        elif line.startswith("  ") and part:
            prefixes.append((part, line.strip()))
        else:
            name, _, value = line.partition(":")
            mp = "MP " if name == "NEXT_HOP" and "MP_REACH_NLRI(IPv6 Unicast)" in words else ""
            words.setdefault(mp + name, value.strip())  # a link-local next hop comes second
    if "PREFIX" in words:
        prefixes.append(("RIB", words["PREFIX"]))
    raw = [
        (int(found[2]), int(found[1]), found[3].replace(" ", ""))
        for line in block
        if (found := UNKNOWN.fullmatch(line))
    ]
    for kind, prefix in prefixes:
        yield _route(words, kind, prefix, sorted(raw))
    if "STATE" in words:
        yield _head(words, "PEER") | {"states": words["STATE"].casefold()}


def _head(words: dict[str, str], peer: str) -> Fields:
    address, _, asn = words[peer].partition(" AS")
    form = "%m/%d/%y %H:%M:%S.%f" if "." in words["TIME"] else "%m/%d/%y %H:%M:%S"
    time = datetime.strptime(words["TIME"], form).replace(tzinfo=UTC)
    return {"time": time.timestamp(), "peer": address, "asn": int(asn)}


def _route(words: dict[str, str], kind: str, text: str, raw: list[tuple[int, int, str]]) -> Fields:
    sent = "_LOCAL" in words["TYPE"]
    prefix, _, path_id = text.partition(" PATH_ID: ")
    fields = _head(words, "TO" if sent else "FROM") | {
        "sent": sent,
        "kind": kind,
        "prefix": prefix,
        "path_id": int(path_id) if path_id else None,
    }
    if kind == "WITHDRAW":
        return fields
    return fields | {
        "originated": words.get("ORIGINATED"),
        "origin": words.get("ORIGIN"),
        "as_path": words.get("ASPATH"),
        "next_hop": words.get("MP NEXT_HOP" if ":" in prefix else "NEXT_HOP"),
        "med": words.get("MULTI_EXIT_DISC"),
        "local_pref": words.get("LOCAL_PREF"),
        "atomic": "ATOMIC_AGGREGATE" in words,
        "aggregator": words.get("AGGREGATOR"),
        "originator_id": words.get("ORIGINATOR_ID"),
        "cluster_list": words.get("CLUSTER_LIST", "").split(),
        "communities": words.get("COMMUNITY", "").split(),
        "large_communities": words.get("LARGE_COMMUNITY", "").split(),
        "raw": raw,
    }


#: bgpdump's names of the well-known communities of RFC 1997.
NAMES: Final = {
    "65535:65281": "no-export",
    "65535:65282": "no-advertise",
    "65535:65283": "local-AS",
}
KINDS: Final = {"R": "RIB", "A": "ANNOUNCE", "W": "WITHDRAW"}


def fields_of_peerlint(path: Path) -> Iterator[Fields]:
    """Yield the same fields of the objects of `peerlint dump --format json`."""
    for element in peerlint.dump(path):
        data = element_data(element)
        fields: Fields = {
            "time": data["timestamp"],
            "peer": data["peer_ip"],
            "asn": data["peer_asn"],
        }
        if element.states is not None:
            states = f"{data['old_state']}/{data['new_state']}"
            yield fields | {"states": states.casefold()}
            continue
        fields |= {"sent": data["sent"], "kind": KINDS[str(data["elem_type"])]}
        fields |= {name: data[name] for name in ("prefix", "path_id")}
        if element.attributes is not None:
            fields |= _carried(data)
        yield fields


def _carried(data: Fields) -> Fields:
    def text(name: str) -> str | None:
        return None if data[name] is None else str(data[name])

    def texts(name: str) -> list[str]:
        values = data[name]
        assert isinstance(values, list)
        return [NAMES.get(str(each), str(each)) for each in values]

    raw_attributes, seconds = data["raw_attributes"], data["originated"]
    assert isinstance(raw_attributes, list)
    raw = [(each["type"], each["flags"], each["value"]) for each in raw_attributes]
    if data["ext_communities"]:  # bgpdump has no names for these two
        raw.append((16, 0xC0, EXTENDED))
    if isinstance(data["only_to_customer"], int):
        raw.append((35, 0xC0, f"{data['only_to_customer']:08x}"))
    aggregator = None
    if data["aggr_asn"] is not None:
        aggregator = f"AS{data['aggr_asn']} {data['aggr_ip']}"
    originated = None
    if isinstance(seconds, int):
        originated = datetime.fromtimestamp(seconds, UTC).strftime("%m/%d/%y %H:%M:%S")
    return {
        "originated": originated,
        "origin": data["origin"],
        "as_path": data["as_path"],
        "next_hop": data["next_hop"],
        "med": text("med"),
        "local_pref": text("local_pref"),
        "atomic": data["atomic"],
        "aggregator": aggregator,
        "originator_id": data["originator_id"],
        "cluster_list": texts("cluster_list"),
        "communities": texts("communities"),
        "large_communities": texts("large_communities"),
        "raw": sorted(raw),
    }


#: The extended communities of the files, as octets.
EXTENDED: Final = "0002fbf4000000010000000000000001"


@pytest.mark.parametrize("name", ALIKE)
def test_fields(name: str, made: Made) -> None:
    """Plain `bgpdump` and `--format json` have equal attributes, also those without a name."""
    expected = [fields for block in blocks(made(name)) for fields in fields_of_bgpdump(block)]

    assert expected == list(fields_of_peerlint(made(name)))


# -- what the files have


def test_files_have_every_type(made: Made) -> None:
    """Together, the files have every type and subtype that bgpdump reads, and every attribute."""
    subtypes, types = set(), set()
    for name in (*ALIKE, *KNOWN):
        reader = Reader([made(name).read_bytes()], source=name)
        subtypes |= {(record.header.type, record.header.subtype) for record in reader}
        for element in peerlint.dump(made(name)):
            carried = element.attributes
            if carried is not None:
                types |= {kind for kind, there in _types(carried).items() if there}
                types |= {raw.type for raw in carried.others}

    bgp4mp = {(kind, sub) for kind in (MrtType.BGP4MP, MrtType.BGP4MP_ET) for sub in BGP4MP}
    tables = {(12, 1), (12, 2), *((13, subtype) for subtype in (1, 2, 4, 8, 10))}
    assert bgp4mp | tables == subtypes
    assert {*map(int, AttributeType), 25, 99, 128} == types


#: bgpdump does not read BGP4MP_ENTRY and BGP4MP_SNAPSHOT (2, 3).
BGP4MP: Final = (0, 1, *range(4, 12))


def _types(carried: object) -> dict[AttributeType, bool]:
    renamed = {
        "MULTI_EXIT_DISC": "med",
        "MP_REACH_NLRI": "mp_reach",
        "MP_UNREACH_NLRI": "mp_unreach",
    }
    names = {kind: renamed.get(kind.name, kind.name.lower()) for kind in AttributeType}
    return {kind: getattr(carried, name) not in (None, (), False) for kind, name in names.items()}
