"""`peerlint check --received`: what an export of Azure's decides, and what it leaves open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.inventory.azure import ReceivedRoute
from peerlint.profiles import Requirement, shipped_profile
from peerlint.testing.azure import received_export
from peerlint.testing.dumps import RibDump

_INVENTORY: Final = """\
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
[[peering.connection.session]]
peer = "192.0.2.0"
microsoft = "192.0.2.1"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"
name = "sbc-1"
traffic_class = "voice"
endpoints = ["sbc"]

[lab]
allow = ["documentation"]
max_age = "off"
"""
_ROW: Final = ReceivedRoute("203.0.113.0/24", "192.0.2.0", "64500 64501")
Check = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture(name="check")
def _check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Check the inventory against an export with some rows."""
    monkeypatch.chdir(tmp_path)
    Path("i.toml").write_text(_INVENTORY, encoding="utf-8")

    def check(*rows: ReceivedRoute, arguments: tuple[str, ...] = ()) -> tuple[int, Any, str]:
        Path("az.json").write_bytes(received_export(rows, "az"))
        status = program.run(
            ("check", "i.toml", "--received", "az.json", "--format", "json", *arguments)
        )
        out, err = capsys.readouterr()
        return status, json.loads(out) if out else {}, err

    return check


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    """Return the outcome of every rule about routes that did not pass, for what routes tell."""
    return {
        each["rule"]: each["outcome"]
        for each in report["findings"]
        if each["rule"].startswith("route.")
        and each["severity"] != "info"
        and each["need"] in (None, "routes", "communities", "path")
    }


def test_communities_are_unknown(check: Check) -> None:
    """A route without communities in an export is no route without communities."""
    _, report, _ = check(_ROW)

    found = outcomes(report)
    assert "unknown" == found["route.community-missing"]
    assert "route.community-wrong-type" not in found
    assert {"unknown"} == set(found.values())
    (missing,) = [e for e in report["findings"] if e["rule"] == "route.community-missing"]
    assert (
        "Peering Service community is missing? az.json does not show communities"
        == (missing["message"])
    )
    assert ["a dump of what is received or sent on ams-1"] == missing["missing"]
    assert "Unknown" == report["prefixes"][0]["state"]
    assert {"view": "received", "coverage": "complete"} == report["sources"][0]["sessions"]["ams-1"]


def test_paths_are_judged(check: Check) -> None:
    """What the export does show is evaluated as observed."""
    long = ReceivedRoute("203.0.113.0/24", "192.0.2.0", "64500 64501 64502 64503")

    status, report, _ = check(long)

    (finding,) = [e for e in report["findings"] if e["rule"] == "route.as-path-length"]
    assert ("fail", "observed") == (finding["outcome"], finding["confidence"])
    assert Exit.FINDINGS == status


#: Rules about the path of a route that have something to say of one that was received.
_OF_PATHS: Final = {
    "route.as-path-length", "route.as-path-loop", "route.as-set", "route.bogon-asn",
    "route.confed-leak", "route.first-as", "route.prepending", "route.private-asn",
    "route.origin-inconsistent",
}  # fmt: skip


@pytest.mark.parametrize("profile", ["direct", "partner", "maps", "voice"])
def test_a_path_that_is_not_told(check: Check, profile: str) -> None:
    """The route is there, what is asked of its path is unknown, and nothing of it passes."""
    without = ReceivedRoute("203.0.113.0/24", "192.0.2.0")

    _, report, _ = check(without, arguments=("--profile", profile))

    found = {each["rule"]: each for each in report["findings"] if each["need"] == "path"}
    (prefix,) = report["prefixes"]
    rules = shipped_profile(profile).rules
    asked = {rule for rule in _OF_PATHS if rules[rule].level is not Requirement.OFF}
    assert {"unknown"} == {each["outcome"] for each in found.values()}
    assert asked <= found.keys()
    assert {"route.empty-path", "route.not-received"}.isdisjoint(outcomes(report))
    assert (_OF_PATHS | {"route.empty-path"}).isdisjoint(prefix["passed"])
    assert "Unknown" == prefix["state"]
    length = found["route.as-path-length"]
    assert "AS path is longer than 3? az.json does not show the path" == length["message"]
    assert ["a dump of what is received or sent on ams-1"] == length["missing"]


def test_a_problem_beside_a_path_that_is_not_told(check: Check) -> None:
    """Of two rows of one session, the one that tells its path is judged."""
    long = ReceivedRoute("203.0.113.0/24", "192.0.2.0", "64500 64501 64502 64503")

    _, report, _ = check(ReceivedRoute("203.0.113.0/24", "192.0.2.0"), long)

    found = outcomes(report)
    assert ("fail", "unknown") == (found["route.as-path-length"], found["route.private-asn"])


def test_no_path_under_a_profile_that_asks_for_no_community(check: Check) -> None:
    """Even where nothing else can be said against a route, its path stays open."""
    off = "".join(
        f'"{rule}" = {{ level = "off" }}\n'
        for rule in ("route.community-missing", "route.community-wrong-type")
    )
    Path("mine.toml").write_text(f'extends = "maps"\n[rules]\n{off}', encoding="utf-8")

    _, report, _ = check(
        ReceivedRoute("203.0.113.0/24", "192.0.2.0"), arguments=("--profile", "mine.toml")
    )

    assert "unknown" == outcomes(report)["route.as-path-length"]


def test_a_path_that_is_not_told_is_not_compared(check: Check) -> None:
    """What was sent cannot differ from what nobody tells."""
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.1", 8075), "203.0.113.0/24 path 64500 64502")
    Path("out.mrt").write_bytes(dump.octets())

    _, report, _ = check(
        ReceivedRoute("203.0.113.0/24", "192.0.2.0"),
        arguments=("--rib", "ams-1=out.mrt@sent"),
    )

    assert [] == [one for one in report["findings"] if "was sent on" in f"{one['about']}"]


@pytest.mark.parametrize("with_dump", [False, True])
def test_what_azure_validated(check: Check, with_dump: bool) -> None:
    """Azure's word counts, also where a dump is asked first for the route itself."""
    dump = RibDump()
    dump.routes(
        dump.peer("192.0.2.0", 64500), "203.0.113.0/24 path 64500 64501 community 8075:8007"
    )
    Path("rs.mrt").write_bytes(dump.octets())
    invalid = ReceivedRoute(
        "203.0.113.0/24", "192.0.2.0", "64500 64501", "Invalid", "Invalid", "None"
    )

    _, report, _ = check(invalid, arguments=("--rib", "rs.mrt") if with_dump else ())

    found = {each["rule"]: each for each in report["findings"] if each["outcome"] == "fail"}
    rpki, origin = found["route.rpki-invalid"], found["route.origin-inconsistent"]
    assert ("error", "warning") == (rpki["severity"], origin["severity"])
    assert "az.json" in json.dumps(rpki["evidence"])


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([{"name": "fra", "kind": "Direct", "peeringLocation": "Frankfurt"}], "1 peering"),
        ({"value": [{"peerName": "Contoso", "name": "c", "peerAsn": 64500}]}, "1 peer ASN"),
        (
            [{"prefix": "203.0.113.0/24", "prefixValidationState": "Verified"}] * 2,
            "2 registered prefixes",
        ),
        (
            [{"serviceProviderName": "Contoso"}, {"name": "m", "peeringServiceLocation": "Hesse"}],
            "1 peering service, 1 provider",
        ),
    ],
)
def test_another_export(check: Check, items: object, found: str) -> None:
    """An export of something else is wrong usage: what it holds is said, and what takes it."""
    Path("other.json").write_text(json.dumps(items), encoding="utf-8")

    status, report, err = check(_ROW, arguments=("--received", "other.json"))

    assert (Exit.USAGE, {}) == (status, report)
    assert (
        "peerlint: other.json: the file: expected received routes, as `az peering received-route "
        f"list` prints them, found {found}, which `peerlint import azure` takes into the "
        "inventory\n"
    ) == err


def test_absence(check: Check) -> None:
    """Absence from a whole export is a failure; from a full page it is unknown."""
    other = ReceivedRoute("198.51.100.0/24", "192.0.2.0", "64500")
    page = [ReceivedRoute(f"198.18.{n}.0/24", "192.0.2.0", "64500") for n in range(100)]

    assert "fail" == outcomes(check(other)[1])["route.not-received"]
    _, report, err = check(*page)
    assert "unknown" == outcomes(report)["route.not-received"]
    assert "100 rows or more of a session" in err


def test_beside_a_dump(check: Check) -> None:
    """A dump of the same view shows the communities, and is asked first."""
    dump = RibDump()
    peer = dump.peer("192.0.2.0", 64500)
    dump.routes(peer, "203.0.113.0/24 path 64500 64501 community 8075:8007")
    Path("rs.mrt").write_bytes(dump.octets())

    _, report, _ = check(_ROW, arguments=("--rib", "rs.mrt"))

    assert {} == outcomes(report)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("203.0.113.0/24 path 64500 64502", "was sent on ams-1 (edge1.ams) with the path"),
        ("198.51.100.0/24 path 64500", "but the router does not send it there (out.mrt)"),
        ("203.0.113.0/24 path 64500 64501", None),
    ],
    ids=["changed", "withdrawn", "the same"],
)
def test_what_was_sent(check: Check, sent: str, said: str | None) -> None:
    """What Microsoft received is compared with what the router sends: path, and presence."""
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.1", 8075), sent)
    Path("out.mrt").write_bytes(dump.octets())

    _, report, _ = check(_ROW, arguments=("--rib", "ams-1=out.mrt@sent"))

    found = [one["message"] for one in report["findings"] if "was sent on" in f"{one['about']}"]
    assert [said in message for message in found] == [True] * (said is not None)


def test_a_file_that_is_missing(check: Check) -> None:
    """A missing export is like a missing dump; one that is no export is wrong usage."""
    status, report, _ = check(_ROW, arguments=("--received", "no.json"))
    Path("bad.json").write_text("ERROR", encoding="utf-8")
    wrong, _, err = check(_ROW, arguments=("--received", "bad.json"))

    assert (Exit.SOURCES, "cannot be read: No such file or directory") == (
        status,
        report["sources"][1]["error"],
    )
    assert Exit.USAGE == wrong
    assert "peerlint: bad.json: the file: expected JSON" in err
