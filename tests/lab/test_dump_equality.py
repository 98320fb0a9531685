"""`peerlint dump` and Debian's bgpdump print the same for files that real daemons write."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import attrs
import pytest
from daemons.features import features
from daemons.peers import IPV4, IPV6, MEMBER, PLAIN
from daemons.recording import RECORDERS, Recording

from peerlint.cli.exits import Exit

pytestmark = pytest.mark.lab

_DUMP_SECONDS = 30.0
_BGPDUMP = ("bgpdump", "-m", "-v")
_PEERLINT = (sys.executable, "-m", "peerlint", "dump")
#: The one file that bgpdump cannot read.
_ORIGINATING = ("gobgp-originating", "rib")
_FILES = tuple(
    (name, file)
    for name, files in {
        "bird": ("messages", "master4", "master6"),
        "frr": ("all", "updates", "rib"),
        "openbgpd": ("all", "sent", "updates", "table", "table-mp", "table-v2"),
        "gobgp": ("updates", "rib"),
    }.items()
    for file in files
)


@attrs.frozen
class Difference:
    """A known difference.

    Attributes:
        why: which program is right, and by which section.
        expected: converts bgpdump's lines for the file, and for the table-v2 file, to peerlint's.
    """

    why: str
    expected: Callable[[list[str], list[str]], list[str]]


def _without_aggregator(lines: list[str], _: list[str]) -> list[str]:
    return [_aggregator_left_out(line.split("|")) for line in lines]


def _entries(_lines: list[str], table_v2: list[str]) -> list[str]:
    """Return the lines of the same RIB as BGP4MP entries have them."""
    lines = []
    for _, timestamp, _, peer, _, prefix, *rest in (each.split("|") for each in table_v2):
        # an add-path line has a path identifier after the prefix, an entry has none
        fields = rest[1:] if rest[0].isdecimal() and len(rest) > 9 else rest
        # OpenBGPD swaps its own AS and address with those of the peer
        own = (IPV6 if ":" in peer else IPV4, str(MEMBER))
        lines.append(_aggregator_left_out(["BGP4MP", timestamp, "B", *own, prefix, *fields]))
    return lines


def _aggregator_left_out(fields: list[str]) -> str:
    return "|".join((*fields[:-2], "", ""))


_LONG_AGGREGATOR = (
    "OpenBGPD writes an AGGREGATOR of 8 octets where AS numbers have two; "
    "RFC 7606 section 7.7 discards it"
)
DIFFERENCES = {
    ("openbgpd", "table"): Difference(
        f"{_LONG_AGGREGATOR}, bgpdump prints AS 65551 as 1 and the address two octets late",
        _without_aggregator,
    ),
    ("openbgpd", "table-mp"): Difference(
        f"bgpdump prints nothing of BGP4MP_ENTRY (RFC 6396 appendix B). {_LONG_AGGREGATOR}",
        _entries,
    ),
}

_ATTRIBUTES = frozenset(
    ("med", "atomic_aggregate", "aggregator", "communities", "large_communities", "local_pref")
)
_REFLECTED = frozenset(("extended_communities", "originator_id", "cluster_list"))
_PATHS = frozenset(("AS_SEQUENCE", "AS_SET", "four octets"))
_CONFEDERATION = frozenset(("AS_CONFED_SEQUENCE", "AS_CONFED_SET"))
_FAMILIES = frozenset(("IPv4", "IPv6"))
_OLD_SPEAKER = frozenset(("as4_path", "as4_aggregator"))
_UPDATES = (
    frozenset(
        f"{family} {what}"
        for family in _FAMILIES
        for what in ("route", "add-path route", "withdrawal")
    )
    | {"mp_reach", "mp_unreach"}
    | _ATTRIBUTES
    | _REFLECTED
    | _PATHS
    | _OLD_SPEAKER
)
_SESSION = frozenset(("OPEN", "state change"))
_RIB = (
    frozenset(f"{family} {what}" for family in _FAMILIES for what in ("RIB", "add-path RIB"))
    | _ATTRIBUTES
    | _PATHS
)
#: The features of each daemon's files; FRR omits some attributes in its RIB.
COVERED = {
    "bird": _UPDATES | _SESSION | _RIB | _CONFEDERATION,
    "frr": _UPDATES | _SESSION | _RIB | _CONFEDERATION,
    "openbgpd": _UPDATES | _SESSION | _RIB | {"TABLE_DUMP/1", "TABLE_DUMP/2", "BGP4MP/2"},
    "gobgp": _UPDATES | _RIB,
}


@pytest.fixture(scope="module")
def dumps(daemons_available: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001  # skips
    """Return a folder with the files of each daemon, which all run at the same time."""
    out = tmp_path_factory.mktemp("dumps")
    with ExitStack() as cleanup:
        recordings = {name: Recording(name, cleanup) for name in RECORDERS}
        with ThreadPoolExecutor(len(recordings)) as threads:
            for each in [
                threads.submit(_record, recording, out / name)
                for name, recording in recordings.items()
            ]:
                each.result()
    return out


def _record(recording: Recording, out: Path) -> None:
    recording.show()
    recording.record(out)


def _run(command: Iterable[str], file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, str(file)], check=False, capture_output=True, text=True, timeout=_DUMP_SECONDS
    )


def _lines(command: Iterable[str], file: Path) -> list[str]:
    done = _run(command, file)
    done.check_returncode()
    return done.stdout.splitlines()


@pytest.mark.parametrize(("daemon", "file"), _FILES)
def test_dump_prints_what_bgpdump_prints(dumps: Path, daemon: str, file: str) -> None:
    """The lines are equal, except for the differences in the table."""
    expected = _lines(_BGPDUMP, dumps / daemon / f"{file}.mrt")
    known = DIFFERENCES.get((daemon, file))
    if known is not None:
        plain = expected
        expected = known.expected(plain, _lines(_BGPDUMP, dumps / daemon / "table-v2.mrt"))
        assert plain != expected, "the difference is gone"

    actual = _lines(_PEERLINT, dumps / daemon / f"{file}.mrt")

    assert expected == actual
    assert actual


def test_own_route_of_gobgp_is_the_only_one_lost(dumps: Path) -> None:
    """A peer index beyond the peer table (RFC 6396 section 4.3.2) ends bgpdump, not peerlint."""
    theirs = _run(_BGPDUMP, dumps / _ORIGINATING[0] / "rib.mrt")
    ours = _run(_PEERLINT, dumps / _ORIGINATING[0] / "rib.mrt")
    from_plain = [
        fields
        for fields in _timeless(_lines(_BGPDUMP, dumps / "gobgp" / "rib.mrt"))
        if fields[2] == PLAIN.address
    ]

    assert (-signal.SIGABRT, Exit.SOURCES) == (theirs.returncode, ours.returncode)
    assert sorted(from_plain) == sorted(_timeless(ours.stdout.splitlines()))


def _timeless(lines: Iterable[str]) -> list[list[str]]:
    return [[form, *fields] for form, _, *fields in (line.split("|") for line in lines)]


def test_all_files_are_compared(dumps: Path) -> None:
    """Every file that a daemon wrote is compared."""
    written = {(file.parent.name, file.stem) for file in dumps.glob("*/*.mrt")}

    assert {*_FILES, _ORIGINATING} == written


@pytest.mark.parametrize("daemon", COVERED)
def test_dumps_have_the_features(dumps: Path, daemon: str) -> None:
    """The files of each daemon have every feature that is to be compared."""
    found = frozenset[str]().union(*map(features, (dumps / daemon).glob("*.mrt")))

    assert frozenset() == COVERED[daemon] - found
