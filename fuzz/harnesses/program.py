"""The whole program with random arguments, files, outputs and environment."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Final, TypeVar

from peerlint.cli.main import main
from peerlint.testing.dumps import RibDump

Option = TypeVar("Option")
#: The exit statuses that the program may have; 70 is an internal error.
STATUS: Final = frozenset({0, 1, 2, 3})
INVENTORY: Final = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
role = "primary"
bandwidth = "100G"
utilization = 39.9

[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "192.0.2.0"

[[peering.registered_prefix]]
name = "sbc-1"
prefix = "203.0.113.0/24"
origin = 64500

[[attestation]]
rule = "topology.lacp"
scope = "contoso-ams"
by = "noc@contoso.example"
on = 2026-11-01

[lab]
allow = ["documentation"]
max_age = "off"
"""
PROFILE: Final = """
extends = "maps"
title = "ours"
[parameters]
max_path = 4
community = "8075:8007"
[rules]
"route.prepending" = { level = "should", severity = "warning" }
"""
_PEERING: Final = "/subscriptions/0/providers/Microsoft.Peering/peerings/contoso"
EXPORT: Final = json.dumps(
    [
        {
            "type": "Microsoft.Peering/peerings",
            "id": _PEERING,
            "name": "contoso",
            "kind": "Direct",
            "properties": {
                "peeringLocation": "Amsterdam",
                "direct": {
                    "peerAsn": {"id": "/providers/Microsoft.Peering/peerAsns/contoso"},
                    "connections": [{"bandwidthInMbps": 100000, "connectionState": "Active"}],
                },
            },
        },
        {
            "type": "Microsoft.Peering/peerAsns",
            "id": "/providers/Microsoft.Peering/peerAsns/contoso",
            "name": "contoso",
            "properties": {"peerAsn": 64500},
        },
        {
            "type": "Microsoft.Peering/peerings/registeredPrefixes",
            "id": f"{_PEERING}/registeredPrefixes/sbc-1",
            "name": "sbc-1",
            "properties": {"prefix": "203.0.113.0/24", "prefixValidationState": "Verified"},
        },
    ],
    indent=1,
)
RECEIVED: Final = json.dumps(
    [{"prefix": "203.0.113.0/24", "nextHop": "192.0.2.0", "asPath": "64500"}], indent=1
)
REPORT: Final = json.dumps(
    {
        "schema": "peerlint/report/2",
        "now": "2026-11-21T10:00:00+00:00",
        "findings": [{"id": 5, "message": None}],
        "prefixes": [{"prefix": "203.0.113.0/24", "state": "Verified"}],
    },
    indent=1,
)
#: Values that break careless parsers, for the text of files and for arguments.
HOSTILE: Final = (
    "",
    "-",
    "--",
    "-1",
    "\0",
    "\x1b[2J\r\n::error::",
    "\udcff\ud800",
    "\u202e\ufeff東京",
    "9" * 5000,
    "0x" + "f" * 5000,
    "1e999",
    "-1e-999",
    "nan",
    "NaN",
    "Infinity",
    "null",
    "true",
    "{}",
    "[]",
    '""',
    "[" * 3000 + "]" * 3000,
    "[" * 70 + "]" * 70,
    '{"a":' * 3000 + "1" + "}" * 3000,
    "{a=" * 90 + "1" + "}" * 90,
    '{"a": 1, "a": 2}',
    '"\\ud800"',
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30",
    "00:00:60",
    "a" * 300,
    "./" * 3000 + "a",
    "x" * 100_000,
    "(" * 2000,
    "a{99999999999}",
)
#: Valid values.
PLAIN: Final = (
    "inventory.toml", "profile.toml", "export.json", "received.json", "report.json", "dump.mrt",
    "missing", ".", "/dev/null", "new.toml", "new.csv", "new.jsonl", "new.parquet",
    "sub/new.html", "maps", "route-server", "203.0.113.0/24", "2001:db8::/32", "64500", "AS64500",
    "64500 64501 {64502,64503}", "8075:8007", "64500:1:2", "rt:64500:1", "no-export", "text",
    "json", "html", "csv", "junit", "sarif", "bgpdump", "error", "open", "unverified", "warning",
    "unknown", "always", "never", "auto", "off", "24h", "2026-11-21T10:00:00Z", "documentation",
    "route.community-missing", "router=edge1.ams", "ams-1=dump.mrt@sent", "edge1.ams=dump.mrt",
    "received", "loc-rib", "1", "0", "_64500_", "!64500", "64500:*", "192.0.2.0",
)  # fmt: skip
#: Commands with their first arguments.
COMMANDS: Final[tuple[tuple[str, ...], ...]] = (
    ("check", "inventory.toml"),
    ("check", "inventory.toml", "--rib", "dump.mrt", "--format", "html"),
    ("check", "inventory.toml", "--received", "received.json"),
    ("scan", "dump.mrt"),
    ("dump", "dump.mrt"),
    ("route", "203.0.113.0/24", "--path", "64500"),
    ("explain", "route.community-missing"),
    ("explain", "203.0.113.0/24", "--report", "report.json"),
    ("diff", "report.json", "report.json"),
    ("keys", "inventory.toml"),
    ("rules", "--profile", "profile.toml"),
    ("init", "maps"),
    ("import", "azure", "export.json"),
    ("import", "azure", "export.json", "-o", "inventory.toml"),
    ("--version",),
    ("--help",),
    (),
)
#: Without --jobs above 1 and --subscription: no processes and no network.
OPTIONS: Final = (
    "--rib", "--received", "--profile", "--strict", "--allow", "--plan", "--now", "--max-age",
    "--taken", "--without", "--fail-on", "--format", "--output", "-o", "--quiet", "--color",
    "--verbose", "--prefix", "--prefix-more", "--prefix-less", "--community", "--origin-asn",
    "--peer-asn", "--peer-ip", "--as-path", "--rule", "--out", "--paths", "--report", "--path",
    "--view", "--no-keys", "--help", "--unknown",
)  # fmt: skip
ENVIRONMENT: Final = (
    "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "HOME", "PWD", "TMPDIR", "TZ", "LANG",
    "LC_ALL", "PYTHONIOENCODING", "PEERLINT_PURE", "PATH",
)  # fmt: skip
ENCODINGS: Final = ("utf-8", "ascii", "latin-1", "cp437", "utf-16")


class _Octets:
    """A sequence of decisions from octets; after their end, every decision is the first choice."""

    def __init__(self, octets: bytes) -> None:
        self._octets = iter(octets)

    def number(self, below: int) -> int:
        most = 1 if below <= 256 else 2
        return sum(next(self._octets, 0) << 8 * at for at in range(most)) % below

    def of(self, choices: Sequence[Option]) -> Option:
        return choices[self.number(len(choices))]

    def is_rare(self) -> bool:
        return self.number(8) == 7


def check_program(octets: bytes) -> None:
    """Run one command line with files and an environment that the octets determine.

    Raises:
        AssertionError: it ends with a traceback, or with an exit status that is not allowed.
    """
    decisions = _Octets(octets)
    words = _command(decisions)
    with tempfile.TemporaryDirectory() as folder, _inside(Path(folder), decisions):
        _files(Path(folder), decisions)
        if decisions.is_rare():
            gone = Path(folder, "gone")
            gone.mkdir()
            os.chdir(gone)
            gone.rmdir()
        with _streams(Path(folder), decisions) as stderr:
            status = _status(words)
        assert status in STATUS, (words, status, stderr.read_text(errors="replace")[-3000:])  # noqa: S101  # the claim


def _status(words: list[str]) -> object:
    try:
        main(words)
    except SystemExit as ended:
        return ended.code
    except Exception as error:  # noqa: BLE001  # every one is a finding
        return f"{type(error).__name__}: {error}"


def _command(decisions: _Octets) -> list[str]:
    words = list(decisions.of(COMMANDS))
    for _ in range(decisions.number(4)):
        word = decisions.of(OPTIONS) if decisions.number(3) else _value(decisions)
        words.insert(len(words) - decisions.number(max(1, len(words))), word)
        if word in OPTIONS and decisions.number(4):
            words.insert(words.index(word) + 1, _value(decisions))
    if words and decisions.is_rare():
        words[decisions.number(len(words))] = _value(decisions)
    # They would use the network, or wait for input.
    return [word for word in words if "--jobs" not in word and "--subscription" not in word]


def _value(decisions: _Octets) -> str:
    return decisions.of(PLAIN if decisions.number(3) else HOSTILE)


def _files(folder: Path, decisions: _Octets) -> None:
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.0", 64500), "203.0.113.0/24 path 64500 community 8075:8007")
    texts = {
        "inventory.toml": INVENTORY,
        "profile.toml": PROFILE,
        "export.json": EXPORT,
        "received.json": RECEIVED,
        "report.json": REPORT,
    }
    for name, text in texts.items():
        (folder / name).write_bytes(_encoded(_mutated(text, decisions), decisions))
    octets = bytearray(rib.octets())
    for _ in range(decisions.number(3)):
        octets[decisions.number(len(octets))] = decisions.number(256)
    (folder / "dump.mrt").write_bytes(octets[: None if decisions.number(4) else 40])


def _mutated(text: str, decisions: _Octets) -> str:
    """Replace values, repeat or drop lines, or cut a text."""
    lines = text.splitlines()
    for _ in range(decisions.number(3)):
        at = decisions.number(len(lines))
        match decisions.number(4):
            case 0:
                mark = "=" if "=" in lines[at] else ":"
                key, _, _ = lines[at].partition(mark)
                lines[at] = f"{key}{mark} {decisions.of(HOSTILE)}"
            case 1:
                lines.insert(at, lines[at])
            case 2:
                lines[at] = decisions.of(HOSTILE)
            case _ if len(lines) > 1:
                del lines[at]
    return "\n".join(lines)


def _encoded(text: str, decisions: _Octets) -> bytes:
    encoding = decisions.of(("utf-8",) * 9 + ("utf-8-sig", "utf-16", "latin-1", "utf-32-be"))
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


@contextmanager
def _inside(folder: Path, decisions: _Octets) -> Iterator[None]:
    """Change to a folder with a changed environment, and restore both."""
    before, where = dict(os.environ), Path.cwd()
    for _ in range(decisions.number(4)):
        name = decisions.of(ENVIRONMENT)
        value = _value(decisions)
        os.environ.pop(name, None)
        if "\0" not in value and "\ud800" not in value and decisions.number(3):
            os.environ[name] = value
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _streams(folder: Path, decisions: _Octets) -> Iterator[Path]:
    """Replace both outputs by files in some encoding, a full disk, or closed ones."""
    before = sys.stdout, sys.stderr
    stderr = folder / ".stderr"
    encoding = decisions.of(ENCODINGS)
    kind = decisions.number(12)
    output = Path("/dev/full" if kind == 11 else folder / ".output")
    errors = decisions.of(("strict", "surrogateescape"))
    out = TextIOWrapper(output.open("wb"), encoding=encoding, errors=errors)
    err = TextIOWrapper(stderr.open("wb"), encoding="ascii", errors="backslashreplace")
    # A closed output is None (`>&-`).
    sys.stdout = None if kind == 10 else out
    sys.stderr = None if kind == 9 else err
    try:
        yield stderr
    finally:
        for stream in (sys.stdout, sys.stderr, out, err):
            if stream is not None and stream not in before:
                with suppress(OSError):  # the disk is full
                    stream.close()
        sys.stdout, sys.stderr = before
