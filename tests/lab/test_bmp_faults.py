"""The faults of the example, found in what routers say by BMP, are those found in their dumps.

Microsoft's routers of the lab are FRRouting and GoBGP, so their Adj-RIB-In is what Microsoft
received, and shows every fault. An edge router does not show what it announces to Microsoft: no
daemon of Debian's sends Adj-RIB-Out. The views `sent` and `advertised` are therefore shown with
peerlint's own encoder, from the routes that Microsoft's routers received.

What a view cannot show is unknown: `CASES` says where, and why.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Final

import attrs
import pytest
from bmp_faults import (
    CONTOSO,
    STREAMS,
    announced,
    check_streams,
    found,
    inventory_with_sync,
    unknown_cells,
    unknown_rules,
)
from bmp_readers.differences import expected_of_pmbmpd, expected_of_tshark
from bmp_readers.pmbmpd import pmbmpd
from bmp_readers.tshark import messages_of, seen_by_tshark
from test_moved_faults import MOVED, planted

import peerlint
from peerlint import Inventory, View

ALL: Final = frozenset({"ams-1", "ams-2", "fra-1", "fra-2"})
AMS: Final = frozenset({"ams-1", "ams-2"})
FRA: Final = frozenset({"fra-1", "fra-2"})
FAULTS: Final = planted(CONTOSO / "lab" / "faults.toml")
_SECONDS: Final = 120


@attrs.frozen
class Case:
    """The streams of a check, and what they show.

    Attributes:
        routers: whose streams are checked.
        found: the sessions of which every fault is found, and nothing else.
        why: why the faults of the other sessions are unknown.
    """

    routers: tuple[str, ...]
    found: frozenset[str]
    why: str = ""


CASES: Final = (
    Case(("microsoft.ams", "microsoft.fra", "edge2.ams", "edge2.fra"), ALL),
    Case(("microsoft.ams", "microsoft.fra"), ALL),
    Case(("microsoft.ams",), AMS, "no router shows sessions in Frankfurt"),
    Case(("microsoft.fra",), FRA, "no router shows sessions in Amsterdam"),
    Case(
        ("microsoft.ams.after-policy", "microsoft.fra"),
        FRA,
        "a table after import policy is not what was announced, and it withdraws all others",
    ),
    Case(
        ("edge2.ams",),
        frozenset(),
        "the edge router shows what it received from the customer and from Microsoft",
    ),
    Case(
        ("edge2.fra",),
        frozenset(),
        "export policy may change every route of a Loc-RIB before it is sent (route.private-asn)",
    ),
)


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    """Return the example's inventory, in which a quiet second in Amsterdam is enough."""
    return peerlint.load_inventory(inventory_with_sync(tmp_path, "1s"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: "+".join(case.routers))
def test_recorded_streams(case: Case, inventory: Inventory) -> None:
    """The errors are those of the sessions that the routers show; all other faults are unknown."""
    streams = {name: (STREAMS / f"{name}.bmp").read_bytes() for name in case.routers}

    report = check_streams(inventory, streams)

    assert {fault for fault in FAULTS if fault[1] in case.found} == found(report)
    unknown = {(prefix, session) for prefix, session, _ in FAULTS if session not in case.found}
    assert set() == unknown - unknown_cells(report)
    assert bool(unknown) == bool(case.why)
    assert {0} == {source.quality.malformed for source in report.sources}


def test_reports_are_those_of_dumps(inventory: Inventory) -> None:
    """States and cells of all prefixes are those of a check of the committed dumps."""
    of_dumps = peerlint.check(peerlint.load_inventory(CONTOSO / "peering.toml"))
    streams = {name: (STREAMS / f"{name}.bmp").read_bytes() for name in CASES[0].routers}

    report = check_streams(inventory, streams)

    assert of_dumps.matrix() == report.matrix()
    assert [each.state for each in of_dumps.prefixes] == [each.state for each in report.prefixes]


#: What export policy may still change, so that only what was sent shows it.
CHANGEABLE: Final = frozenset(
    {
        "route.community-missing",
        "route.community-wrong-type",
        "route.prepending",
        "route.private-asn",
    }
)


@pytest.mark.parametrize(
    ("view", "unknown"),
    [(View.SENT, frozenset()), (View.ADVERTISED, CHANGEABLE), (View.LOC_RIB, CHANGEABLE)],
)
def test_our_encoder(view: View, unknown: frozenset[str], inventory: Inventory) -> None:
    """What routers sent (flags O and L) shows every fault; other views what policy cannot mend.

    peerlint's encoder makes the streams, as no daemon of Debian's sends Adj-RIB-Out.
    """
    streams = {each.router: each.stream(view) for each in announced(inventory)}

    report = check_streams(inventory, streams)

    assert {fault for fault in FAULTS if fault[2] not in unknown} == found(report)
    assert {fault for fault in FAULTS if fault[2] in unknown} == FAULTS & unknown_rules(report)


@pytest.mark.slow
def test_recorded_streams_over_tcp(tmp_path: Path) -> None:
    """`peerlint check --bmp` finds the faults in the streams as they come over TCP."""
    file = inventory_with_sync(tmp_path, "1s")
    routers = {"microsoft.ams": "127.0.0.2", "microsoft.fra": "127.0.0.3", "edge2.fra": "127.0.0.5"}
    port = _free_port()
    allow = ("127.0.0.2", "127.0.0.3", "edge2.fra=127.0.0.5")
    with _peerlint(file, "127.0.0.1", port, allow, tmp_path) as check, ExitStack() as senders:
        for router, address in routers.items():
            senders.enter_context(_sender(address, port, STREAMS / f"{router}.bmp"))
        report = _report(check, tmp_path)

    assert FAULTS == found(report)


@pytest.mark.lab
@pytest.mark.parametrize("faults", [CONTOSO / "lab" / "faults.toml", MOVED], ids=["table", "moved"])
def test_live_routers(
    faults: Path,
    bmp_daemons_available: None,  # noqa: ARG001  # skips
    tmp_path: Path,
) -> None:
    """`peerlint check --bmp` finds exactly the faults that real routers announce meanwhile.

    A listener beside it keeps the octets, which other programs read as peerlint does.
    """
    from faults import read_faults  # noqa: PLC0415  # conftest makes the path
    from station import SINK_PORT  # noqa: PLC0415  # likewise
    from topology import STATION_LINKS  # noqa: PLC0415  # likewise

    import lab  # noqa: PLC0415  # likewise

    file = inventory_with_sync(tmp_path, "10s")
    inventory = peerlint.load_inventory(file)
    allow = tuple(
        f"{link.router}={link.address}" if link.router in inventory.routers else link.address
        for link in STATION_LINKS
    )
    port = SINK_PORT + 1
    with ExitStack() as cleanup:
        running = lab.Lab(read_faults(faults), lab.FOR_BMP, cleanup, (SINK_PORT, port))
        running.join_routers()
        station = running.start_station()
        inside = ("ip", "netns", "exec", station.namespace.name)
        check = cleanup.enter_context(_peerlint(file, "", port, allow, tmp_path, inside))
        running.start_contoso()
        running.start_microsoft()
        report = _report(check, tmp_path)
        streams = running.streams()

    assert planted(faults) == found(report)
    assert planted(faults) == found(check_streams(inventory, streams))
    assert all(source.is_sound for source in report.sources)
    with pmbmpd(tmp_path) as reader:
        for name, octets in streams.items():
            assert expected_of_pmbmpd(name, octets) == reader.read(octets)
            assert expected_of_tshark(name, octets) == seen_by_tshark(messages_of(octets), tmp_path)


@contextmanager
def _peerlint(
    inventory: Path,
    host: str,
    port: int,
    allow: tuple[str, ...],
    folder: Path,
    inside: tuple[str, ...] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `peerlint check --bmp`; its report is in a folder when it ends."""
    options = [word for each in allow for word in ("--bmp-from", each)]
    command = [*inside, sys.executable, "-m", "peerlint", "check", str(inventory)]
    command += ["--bmp", f"{host}:{port}", *options, "--for", "60s", "--format", "json"]
    with (
        (folder / "report.json").open("wb") as report,
        (folder / "screen.txt").open("wb") as screen,
        subprocess.Popen(command, stdout=report, stderr=screen) as check,
    ):
        try:
            yield check
        finally:
            check.kill()


def _report(check: subprocess.Popen[bytes], folder: Path) -> peerlint.Report:
    """Return the report of a check that found faults, and printed no trace of a mistake."""
    status = check.wait(_SECONDS)
    screen = (folder / "screen.txt").read_text(encoding="utf-8")
    assert (1, None) == (status, re.search("Traceback|error", screen)), screen
    return peerlint.load_report(folder / "report.json").report


@contextmanager
def _sender(address: str, port: int, stream: Path) -> Iterator[None]:
    """Send a stream from an address of the loopback, and stay connected."""
    done = Event()

    def send() -> None:
        with _connected(address, port) as connection:
            connection.sendall(stream.read_bytes())
            done.wait(_SECONDS)

    with ThreadPoolExecutor(1) as thread:
        sending = thread.submit(send)
        try:
            yield
        finally:
            done.set()
        sending.result()


def _connected(address: str, port: int) -> socket.socket:
    end = monotonic() + _SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), _SECONDS, (address, 0))
        except ConnectionRefusedError:
            assert monotonic() < end, "peerlint does not listen"
            sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
