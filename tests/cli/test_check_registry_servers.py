"""`peerlint check --whois` and `--rtr`: registry data of servers."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from tests.feeds.doubles.irrd_double import IrrdData, framed, rpsl
from tests.feeds.doubles.whois_server import GONE, Reply, WhoisDouble
from tests.feeds.rtr.stayrtr import StayRtr, free_port, skip_without_stayrtr, write_json
from tests.registry.rtr.rtr_cache import vrp

from peerlint.cli import main as program
from peerlint.rules.registry_criteria import LISTED, NAMED, WEAK
from peerlint.testing.dumps import RibDump

INVENTORY: Final = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"

[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "192.0.2.0"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"

[lab]
allow = ["documentation"]
max_age = "off"
"""
NOW: Final = datetime.now(UTC).isoformat()
OLD: Final = "2026-01-15T08:00:00Z"
EVERY: Final = (*NAMED, *LISTED, *WEAK)


@attrs.frozen
class Done:
    """What a run left behind."""

    status: int
    out: str
    err: str

    @property
    def finding(self) -> tuple[str, str]:
        """The severity of the finding about the origin, or its outcome, and the whole of it."""
        for each in json.loads(self.out)["findings"]:
            if each["rule"] == "asn.origin-registered":
                failed = each["outcome"] == "fail"
                return each["severity" if failed else "outcome"], json.dumps(each)
        return "pass", ""

    @property
    def check(self) -> str:
        """The result of the check of the origin."""
        (row,) = json.loads(self.out)["prefixes"]
        results = {each["name"]: each["result"] for each in row["checks"]}
        return str(results["origin-registered"])


Run = Callable[..., Done]


@pytest.fixture(name="run")
def _run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run `peerlint check` in this process, in a folder with an inventory and a dump."""
    (tmp_path / "peering.toml").write_text(INVENTORY, encoding="utf-8")
    dump = RibDump()
    route = "203.0.113.0/24 path 64500 community 8075:8007"
    dump.routes(dump.peer("192.0.2.0", 64500), route)
    (tmp_path / "edge1.mrt").write_bytes(dump.octets())
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, form: str = "json") -> Done:
        words = ("check", "peering.toml", "--rib", "edge1.mrt", "--format", form, *arguments)
        status = program.run(words)
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


def data(*objects: str, **changes: Any) -> IrrdData:  # noqa: ANN401  # as the class has them
    """Return a server that has these objects, and recent copies of all registries."""
    return attrs.evolve(IrrdData(objects, EVERY, dict.fromkeys(EVERY, NOW)), **changes)


def route(source: str, origin: int = 64500) -> str:
    """Return a route object."""
    return rpsl("route", "203.0.113.0/24", source, OLD, origin=f"AS{origin}")


def aut_num(source: str, asn: int = 64500) -> str:
    """Return an aut-num object."""
    return rpsl("aut-num", f"AS{asn}", source, OLD)


TIERS: Final = [
    pytest.param(data(aut_num("RADB")), "pass", "pass", "", id="aut-num in a named registry"),
    pytest.param(data(route("RIPE")), "pass", "pass", "", id="route in a named registry"),
    pytest.param(
        data(aut_num("NTTCOM")),
        "pass",
        "info",
        "aut-num AS64500 of NTTCOM, last modified 2026-01-15, said by whois 127.0.0.1:",
        id="listed",
    ),
    pytest.param(
        data(route("RIPE-NONAUTH")),
        "unknown",
        "warning",
        "route 203.0.113.0/24AS64500 of RIPE-NONAUTH, last modified 2026-01-15, said by whois",
        id="RIPE-NONAUTH",
    ),
    pytest.param(
        data(route("RPKI")), "unknown", "warning", "route 203.0.113.0/24AS64500 of RPKI", id="RPKI"
    ),
    pytest.param(data(), "fail", "error", "no aut-num of AS64500", id="nothing, all are fresh"),
    pytest.param(
        data(sources=tuple(each for each in EVERY if each != "LACNIC")),
        "unknown",
        "unknown",
        "LACNIC is not loaded",
        id="a source that the server does not have",
    ),
    pytest.param(
        data(updated=dict.fromkeys(EVERY, NOW) | {"ARIN": OLD}),
        "unknown",
        "unknown",
        "ARIN is too old (of 2026-01-15)",
        id="a copy that stopped",
    ),
    pytest.param(
        data(updated={}),
        "unknown",
        "unknown",
        "of unknown age",
        id="a server that does not say how fresh its copies are",
    ),
    pytest.param(data(knows_status=False), "unknown", "unknown", "of unknown age", id="no !J"),
    pytest.param(
        data(classes={"APNIC": ("route", "route6")}),
        "unknown",
        "unknown",
        "APNIC is loaded without any aut-num object",
        id="a copy without a class",
    ),
    pytest.param(
        data(aut_num("RADB"), updated={}), "pass", "pass", "", id="presence counts at any age"
    ),
]


@pytest.mark.parametrize(("server", "check", "outcome", "says"), TIERS)
def test_tiers(run: Run, server: IrrdData, check: str, outcome: str, says: str) -> None:
    """Each row of the tiers is decided by what a server says, which a finding names."""
    with server.server() as double:
        done = run("--whois", double.address)
    found, text = done.finding
    assert (done.check, found) == (check, outcome)
    assert says in text


QUERY: Final = "!maut-num,AS64500"


@pytest.mark.parametrize(
    ("query", "reply"),
    [
        pytest.param(QUERY, Reply(b"F no such command\n"), id="refused"),
        pytest.param(QUERY, Reply(b"A50\naut-num: AS64500\n", closes=True), id="half an answer"),
        pytest.param(QUERY, GONE, id="closed"),
        pytest.param(QUERY, Reply(framed("garbage").encode()), id="garbage"),
        pytest.param(QUERY, Reply(framed(aut_num("RADB", 64501)).encode()), id="another number"),
        pytest.param(QUERY, Reply(framed(aut_num("NTTCOM")).encode()), id="another source"),
        pytest.param("!gAS64500", Reply(b"F busy\n"), id="prefixes refused"),
        pytest.param("!gAS64500", Reply(framed("2001:db8::/32").encode()), id="another family"),
        pytest.param("!gAS64500", Reply(framed("203.0.113.1/24").encode()), id="host bits"),
        pytest.param("!j-*", Reply(b"C\n"), id="no serials"),
        pytest.param("!j-*", Reply(framed("RADB:X:Database unknown").encode()), id="X"),
    ],
)
def test_damaged_answers(run: Run, query: str, reply: Reply) -> None:
    """An answer that is missing, cut or of something else is never the absence of an object."""
    with data(replies={("RADB", query): reply}).server() as double:
        done = run("--whois", double.address)
    outcome, text = done.finding
    assert (done.check, outcome) == ("unknown", "unknown")
    assert "RADB is" in text
    assert done.err or "cut in the middle" in text


def test_sources_are_sent(run: Run) -> None:
    """Each source is asked alone, and named in the report with its server."""
    with data(aut_num("RADB")).server() as double:
        done = run("--whois", double.address)
    lines = [line for lines in double.asked for line in lines]
    assert [line for line in lines if line.startswith("!s")] == [f"!s{each}" for each in EVERY]
    sources = json.loads(done.out)["registry_sources"]
    assert {each["name"] for each in sources} == {*EVERY}
    assert not any(each["is_too_old"] or each["is_cut"] for each in sources)


def test_servers_in_turn(run: Run) -> None:
    """The second server is asked if the first one cannot be reached, or lacks a source."""
    some = data(sources=tuple(each for each in EVERY if each != "ALTDB"))
    with some.server() as first, data(aut_num("ALTDB")).server() as second:
        done = run("--whois", f"127.0.0.1:{free_port()}", "--whois", first.address, second.address)
    assert done.check == "pass"


@pytest.mark.parametrize(
    ("copied", "outcome"),
    [(("aut-num", "route"), "fail"), (("aut-num", "route6"), "unknown"), ((), "fail")],
)
def test_route_objects(run: Run, copied: tuple[str, ...], outcome: str) -> None:
    """That no route object exists is only known of registries whose route objects are copied."""
    with data(aut_num("RADB"), classes={"RADB": copied}).server() as double:
        done = run("--whois", double.address)
    found = {each["rule"]: each["outcome"] for each in json.loads(done.out)["findings"]}
    assert found["route.irr-route"] == outcome


def test_screen(run: Run) -> None:
    """The screen names the server of each source."""
    with data(aut_num("RADB")).server() as double:
        done = run("--whois", double.address, form="text")
    page = " ".join(done.out.split())
    assert "Registry data: IRR AFRINIC, ALTDB" in page
    assert f"(whois {double.address}): " in page


@pytest.fixture(name="silent_port")
def _silent_port() -> Iterator[int]:
    """Return a port on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("option", ["--whois", "--rtr"])
def test_unreachable(run: Run, option: str, silent_port: int) -> None:
    """Without any answer there is no report: the status is that of sources."""
    done = run(option, f"127.0.0.1:{silent_port}")
    assert done.status == 3
    assert done.out == ""
    assert f"127.0.0.1:{silent_port}: " in done.err
    assert "Connection refused" in done.err
    assert "expected a" in done.err


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("--rtr", "192.0.2.1", "--rtr: expected an address and a port, such as 192.0.2.1:323"),
        ("--rtr", "192.0.2.1:0", "--rtr: expected a host and a port"),
        ("--rtr", ":323", "--rtr: expected a host and a port"),
        ("--whois", "192.0.2.1:port", "--whois: expected a host, such as whois.radb.net"),
        ("--whois", "192.0.2.1:0", "--whois: expected a host"),
    ],
)
def test_wrong_words(run: Run, option: str, text: str, says: str) -> None:
    """A server in another form is a mistake of the command line, before anything is read."""
    done = run(option, text)
    assert done.status == 2
    assert says in done.err
    assert text in done.err


def test_not_a_whois_server(run: Run) -> None:
    """A server of another protocol is said to be one."""
    with WhoisDouble(lambda: lambda _: Reply(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as double:
        done = run("--whois", double.address)
    assert done.status == 3
    assert double.address in done.err


@pytest.mark.lab
def test_rtr(run: Run, tmp_path: Path) -> None:
    """VRPs of StayRTR decide RPKI validity, and the finding names the cache."""
    skip_without_stayrtr()
    path = tmp_path / "vrps.json"
    write_json(path, [vrp("203.0.113.0/24 64502")])
    port = free_port()
    with StayRtr(path, port):
        done = run("--rtr", f"127.0.0.1:{port}")
    report = json.loads(done.out)
    assert [each["name"] for each in report["registry_sources"]] == [f"rtr 127.0.0.1:{port}"]
    found = {each["rule"]: each for each in report["findings"]}
    assert found["route.rpki-invalid"]["outcome"] == "fail"
    assert f"(rtr 127.0.0.1:{port})" in json.dumps(found["route.rpki-invalid"])
    assert found["asn.origin-registered"]["outcome"] == "unknown"
