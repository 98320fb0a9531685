"""The pages on live feeds: configurations that daemons accept, and numbers of the code."""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

import peerlint
from peerlint.api.bmp import bmp_feed
from peerlint.api.feeds import wait_of
from peerlint.cli.commands.check import check
from peerlint.events import Announce, EndOfRib, TableRef
from peerlint.model import Route, View
from peerlint.monitor import MAX_COUNTED, Synchronisation
from peerlint.monitor.synchronisation import HOLD, RECONNECT_INTERVAL
from peerlint.observations import Coverage
from peerlint.wire.bmp import STATISTIC_TYPES

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
ROUTERS: Final = (DOCS / "how-to" / "check-live-routers.md").read_text(encoding="utf-8")
FEEDS: Final = (DOCS / "how-to" / "read-live-feeds.md").read_text(encoding="utf-8")
TABLES: Final = (DOCS / "explanation" / "live-tables.md").read_text(encoding="utf-8")
SUPPORTED: Final = (DOCS / "reference" / "supported.md").read_text(encoding="utf-8")
FRR: Final = Path("/usr/lib/frr/bgpd")
_SECOND: Final = 1_000_000


def section(text: str, heading: str) -> str:
    """Return one section of a page."""
    return text.partition(f"{heading}\n")[2].partition("\n#")[0]


def example(heading: str) -> str:
    """Return the first example of a section of the page on BMP."""
    return re.findall(r"```\w+\n(.*?)```", section(ROUTERS, heading), re.DOTALL)[0]


def run(*command: str | Path) -> str:
    """Return what a daemon prints when it only checks a configuration."""
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return f"{found.returncode} {found.stdout}{found.stderr}"


def need(program: str) -> str:
    """Return a program's path, or skip the test."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


# -- check-live-routers.md


def test_every_router_has_a_section_and_sources() -> None:
    """A router of the table has a configuration, and says where each fact comes from."""
    anchors = re.findall(r"^\| \[[^]]+\]\(#([\w-]+)\)", ROUTERS, re.MULTILINE)
    headings = re.findall(r"^### (.+)$", ROUTERS, re.MULTILINE)

    assert anchors == [heading.lower().replace(" ", "-") for heading in headings]
    for heading in headings:
        text = section(ROUTERS, f"### {heading}")
        assert "198.51.100.10" in text
        assert "11019" in text
        assert "\nSources: " in text


def test_views_are_those_of_the_code() -> None:
    """The tables have the names of views."""
    text = section(ROUTERS, "## Choose a view")
    rows = (line.split(" | ") for line in text.splitlines() if line.startswith(("| Adj", "| Loc")))
    chosen = [cells[1].strip("`") for cells in rows]

    assert [View(each) for each in chosen] == [
        View.SENT,
        View.ADVERTISED,
        View.LOC_RIB,
        View.ADJ_RIB_IN,
    ]


def commands() -> Iterator[list[str]]:
    """Yield the words of every `peerlint check` on the pages and in the README."""
    for text in (ROUTERS, FEEDS, (DOCS.parent / "README.md").read_text(encoding="utf-8")):
        for line in re.findall(r"^peerlint (check .+)$", text, re.MULTILINE):
            yield shlex.split(line, comments=True)


def test_options_on_the_pages_exist() -> None:
    """Every option of `peerlint check` on the pages is one of the command."""
    known = {f"--{name.replace('_', '-')}" for name in signature(check).parameters}
    words = {word for command in commands() for word in command if word.startswith("--")}

    assert {"--bmp", "--bmp-from", "--for", "--exabgp", "--follow"} <= words
    assert words <= known - {"--wait"} | {"--for"}


def test_the_command_of_the_page_is_accepted() -> None:
    """The first command names an address to listen on, and routers, in the right form."""
    command = next(commands())
    routers = command[command.index("--bmp-from") + 1 : command.index("--for")]
    inventory = peerlint.load_inventory(DOCS.parent / "examples" / "contoso" / "peering.toml")

    found = bmp_feed(inventory, command[command.index("--bmp") + 1], routers=routers)

    assert found.argument_of("198.51.100.1").router == "edge1.ams"
    assert found.argument_of("198.51.100.2").router == "edge2.ams"
    assert wait_of(command[-1]) > timedelta(microseconds=2 * HOLD)
    assert wait_of(None) == timedelta(seconds=60)
    assert ROUTERS.count("60 seconds if it is not given") == 1


def test_frr_accepts_its_example(tmp_path: Path) -> None:
    """FRR 8.4 takes all lines but the one that the page says it does not have."""
    if not FRR.exists():
        pytest.skip("FRR is not installed")
    config = tmp_path / "frr.conf"
    config.write_text(example("### FRR"), encoding="utf-8")
    printed = run(FRR, "-M", "bmp", "-C", "-f", config)

    refused = re.findall(r"No such command on config line \d+: +(.+)", printed)
    assert refused in ([], ["bmp monitor ipv4 unicast loc-rib"])
    assert "Unknown module" not in printed


def test_gobgp_accepts_its_example(tmp_path: Path) -> None:
    """GoBGP reads the example, and knows its policy."""
    program = need("gobgpd")
    config = tmp_path / "gobgpd.toml"
    start = '[global.config]\nas = 64500\nrouter-id = "203.0.113.1"\n'
    config.write_text(start + example("### GoBGP"), encoding="utf-8")

    assert "Finished reading the config file" in run(
        program, "--dry-run", "-t", "toml", "-f", config
    )


def test_the_inventory_of_the_example_is_read(tmp_path: Path) -> None:
    """The session of the example is one of an inventory, with its quiet time."""
    (text,) = re.findall(r"```toml\n(\[\[peering.*?)```", ROUTERS, re.DOTALL)
    peering = '[[peering]]\nname = "a"\nprofile = "maps"\nasn = 64500\n'
    connection = '[[peering.connection]]\nname = "a-1"\n'
    file = tmp_path / "peering.toml"
    file.write_text(peering + connection + text, encoding="utf-8")

    (session,) = peerlint.load_inventory(file).sessions
    assert session.declared.sync is not None
    assert session.declared.sync.length == timedelta(seconds=60)


# -- read-live-feeds.md


def lines_of(daemon: str) -> list[str]:
    """Return the lines of configuration in a row of the table of daemons."""
    (row,) = re.findall(rf"^\| {daemon} \|(.*)\|$", FEEDS, re.MULTILINE)
    return re.findall(r"`([^`]+)`", row)


def test_frr_accepts_the_lines_for_dumps(tmp_path: Path) -> None:
    """FRR takes both lines."""
    if not FRR.exists():
        pytest.skip("FRR is not installed")
    config = tmp_path / "frr.conf"
    config.write_text("\n".join(lines_of("FRR")) + "\n", encoding="utf-8")

    assert "No such command" not in run(FRR, "-C", "-f", config)


def test_bird_accepts_the_lines_for_dumps(tmp_path: Path) -> None:
    """BIRD takes the table, the file and the option of protocols."""
    program = need("bird")
    config = tmp_path / "bird.conf"
    text = "router id 203.0.113.1;\n" + "\n".join(lines_of("BIRD")) + "\n"
    config.write_text(text, encoding="utf-8")

    assert run(program, "-p", "-c", config).strip() == "0"


def test_openbgpd_accepts_the_lines_for_dumps(tmp_path: Path) -> None:
    """OpenBGPD takes both lines, the second one in a neighbour."""
    program = need("bgpd")
    table, sent = lines_of("OpenBGPD")
    config = tmp_path / "bgpd.conf"
    neighbor = f"neighbor 192.0.2.1 {{\n  remote-as 8075\n  {sent}\n}}\n"
    config.write_text(f"AS 64500\nrouter-id 203.0.113.1\n{table}\n{neighbor}", encoding="utf-8")
    config.chmod(0o600)

    assert "configuration OK" in run(program, "-n", "-f", config)


def test_the_script_for_exabgp_hands_on_lines(tmp_path: Path) -> None:
    """It copies its input into the pipe, and keeps its output open, as ExaBGP ends it otherwise."""
    commands = section(FEEDS, "## ExaBGP").partition("```sh\n")[2].partition("```")[0]
    text = commands.replace("/run/exabgp", str(tmp_path)).replace("/etc/exabgp", str(tmp_path))
    subprocess.run(["/bin/sh", "-e", "-c", text], check=True)
    script = tmp_path / "to-peerlint"
    reader = os.open(tmp_path / "peerlint", os.O_RDONLY | os.O_NONBLOCK)

    with subprocess.Popen([script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        assert ([reader], [], []) == select.select([reader], [], [], 60)
        assert os.read(reader, 100) == b"{}\n"
        assert ([], [], []) == select.select([process.stdout], [], [], 0)
        process.stdin.close()
    os.close(reader)

    assert process.returncode == 0


def test_the_example_of_bgpstream_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example runs, with a double of the library that has one element."""

    class Stream:
        def __init__(self, **arguments: object) -> None:
            assert arguments["filter"] == "prefix any 203.0.113.0/24"

        def __iter__(self) -> Iterator[object]:
            yield Element()

    class Element:
        type, time, peer_address, peer_asn = "A", 1_795_255_200.0, "192.0.2.10", 64500
        fields: Final = {"prefix": "203.0.113.0/24", "as-path": "64500", "communities": set()}

    double = ModuleType("pybgpstream")
    monkeypatch.setattr(double, "BGPStream", Stream, raising=False)
    monkeypatch.setitem(sys.modules, "pybgpstream", double)
    (code,) = re.findall(r"```python\n(.*?)```", FEEDS, re.DOTALL)

    exec(compile(code, "read-live-feeds.md", "exec"), {})  # noqa: S102  # our own page

    assert capsys.readouterr().out.startswith("Announce(feed='bgpstream'")


# -- live-tables.md and supported.md


def test_times_and_limits_are_those_of_the_code() -> None:
    """The page has the hold time, its maximum, the interval of reconnections, and the limit."""
    table = TableRef("192.0.2.1", 8075, "sent")
    where = {"feed": "bmp", "router": "edge1", "table": table}
    tables = Synchronisation()
    tables.add(EndOfRib(**where, time=0))
    for number in range(1, 75):  # a table that still grows, every 8 seconds
        route = Route.parse(f"203.0.113.{number}/32", path="64500")
        tables.add(Announce(**where, time=number * 8 * _SECOND, route=route))
    tables.advance(599 * _SECOND)
    assert tables.state("bmp", "edge1", table).coverage is Coverage.PARTIAL
    tables.advance(600 * _SECOND)
    assert tables.state("bmp", "edge1", table).coverage is Coverage.COMPLETE
    assert "at the latest ten minutes after it" in TABLES

    assert HOLD == 10 * _SECOND
    assert "10 seconds after it, and 10 seconds after the last new route" in TABLES
    assert RECONNECT_INTERVAL == 600 * _SECOND
    assert "at most every ten minutes" in TABLES
    assert MAX_COUNTED == 2_000_000
    assert "at most 2 million routes" in TABLES


def test_statistics_are_those_of_the_code() -> None:
    """The table has every statistic that counts the routes of a table, with its view."""
    rows = re.findall(
        r"^\| `([a-z-]+)`(, before policy|, after policy|) \| (\d+) \| (\d+) \|",
        SUPPORTED,
        re.MULTILINE,
    )
    policies = {"": None, ", before policy": False, ", after policy": True}
    written = {
        (int(number), is_per_family, View(view), policies[policy])
        for view, policy, *numbers in rows
        for is_per_family, number in enumerate(numbers)
    }

    assert written == {
        (number, each.is_per_family, each.view, each.is_post_policy)
        for number, each in STATISTIC_TYPES.items()
        if each.view is not None
    }


def test_functions_on_the_pages_are_public() -> None:
    """Functions of peerlint that the pages name are public."""
    named = set(re.findall(r"`?peerlint\.([a-z_]+)\(", ROUTERS + FEEDS + TABLES))

    assert named
    assert named <= set(peerlint.__all__)
