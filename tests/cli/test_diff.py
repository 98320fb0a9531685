"""`peerlint diff`: a gate for changes, and what it says of files that are no reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.report.json import render_json
from peerlint.results import FailOn
from peerlint.testing.notation import evaluate

HEAD: Final = "registered 203.0.113.0/24\n"
TAG: Final = "community 8075:8007"
#: Somebody else's prefix, which is announced everywhere.
OTHER: Final = (
    f"registered 198.51.100.0/24\nams-1 198.51.100.0/24 path 64500 {TAG}\n"
    f"ams-2 198.51.100.0/24 path 64500 {TAG}\n"
)
SCENES: Final = {
    "good": f"{HEAD}ams-1 203.0.113.0/24 path 64500 {TAG}\nams-2 203.0.113.0/24 path 64500 {TAG}",
    "warned": f"{HEAD}ams-1 203.0.113.0/24 path 64500 {TAG}\n"
    f"ams-2 203.0.113.0/24 path 64500 {TAG} graceful-shutdown",
    "failed": f"{HEAD}ams-1 203.0.113.0/24 path 64500 {TAG}\nams-2 203.0.113.0/24 path 64500",
    "open": f"{HEAD}ams-1 203.0.113.0/24 path 64500 {TAG}\ncoverage ams-2 none",
    "none": f"{OTHER}",
    "blind": f"{OTHER}{HEAD}coverage ams-1 partial\ncoverage ams-2 partial",
}
#: Files that are no reports, and a word of what is said of each.
BAD: Final = {
    "empty": (b"", "expected JSON"),
    "text": (b"contoso-ams  profile maps", "expected JSON"),
    "latin": (b'{"schema": "\xe4"}', "JSON in UTF-8"),
    "deep": (b"[" * 100_000, "nesting too deep"),
    "number": (b"9" * 5000, "expected JSON"),
    "list": (b"[]", "key schema"),
    "object": (b"{}", "key schema: expected 'peerlint/report/2', found nothing"),
    "scan": (b'{"schema": "peerlint/scan/1"}', "found 'peerlint/scan/1'"),
    "later": (b'{"schema": "peerlint/report/3"}', "found 'peerlint/report/3'"),
    "hollow": (b'{"schema": "peerlint/report/2"}', "key findings"),
    "hollow old one": (b'{"schema": "peerlint/report/1"}', "key findings"),
    "wrong": (b'{"schema": "peerlint/report/2", "findings": 5}', "key findings: expected a list"),
    "wrong old one": (
        b'{"schema": "peerlint/report/1", "findings": 5}',
        "key findings: expected a list",
    ),
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run the program in a folder with a report for each scenario, and files that are none."""
    for name, scenario in SCENES.items():
        (tmp_path / f"{name}.json").write_text(render_json(evaluate(scenario)), encoding="utf-8")
    for name, (octets, _) in BAD.items():
        (tmp_path / name).write_bytes(octets)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = program.run(("diff", *arguments))
        return (status, *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("before", "after", "statuses"),
    [
        # --fail-on error, open, unverified, warning, unknown
        ("good", "good", (0, 0, 0, 0, 0)),
        ("good", "failed", (1, 1, 1, 1, 1)),
        ("good", "warned", (0, 0, 0, 1, 1)),
        # Verified -> Unknown is worse at every level; so is a check that passed.
        ("good", "open", (1, 1, 1, 1, 1)),
        ("failed", "good", (0, 0, 0, 0, 0)),
        ("failed", "failed", (0, 0, 0, 0, 0)),
        ("failed", "open", (1, 1, 1, 1, 1)),
        ("warned", "failed", (1, 1, 1, 1, 1)),
        # A prefix that is new: no error, not looked at.
        ("none", "blind", (0, 1, 1, 0, 1)),
        # A prefix that is new, and Verified (4 of 5 checks).
        ("none", "good", (0, 0, 1, 0, 1)),
    ],
)
def test_exit_status(run: Run, before: str, after: str, statuses: tuple[int, ...]) -> None:
    """The status is 1 for a new failure at or above a level, and for a prefix that got worse."""
    files = (f"{before}.json", f"{after}.json")

    assert statuses == tuple(run(*files, "--fail-on", level)[0] for level in FailOn)
    assert statuses[1] == run(*files)[0]


def test_as_text(run: Run) -> None:
    """The text names states, rules, subjects and messages, and counts at the end."""
    _, out, err = run("good.json", "failed.json")

    assert "" == err
    assert [
        "203.0.113.0/24 (contoso-ams): Verified -> Failed",
        "    community: pass -> fail",
        "",
        "new: error route.community-missing  contoso-ams ams-2 edge2.ams 203.0.113.0/24",
        "    found no community, wanted 8075:8007 on ams-2 (edge2.ams)",
    ] == out.splitlines()[:5]
    assert [
        "Exit status 1 because of 1 new finding that --fail-on open counts, "
        "1 prefix that got worse.",
        "3 new, 0 changed, 0 fixed, 0 gone",
    ] == out.splitlines()[-2:]


def test_as_json(run: Run) -> None:
    """JSON is all that stands on standard output."""
    status, out, err = run("good.json", "failed.json", "--format", "json")

    assert (Exit.FINDINGS, "") == (status, err)
    assert ["Failed"] == [each["after"] for each in json.loads(out)["states"]]


@pytest.mark.parametrize("name", [*BAD, "missing", "."])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_file_that_is_no_report(run: Run, name: str, is_first: bool) -> None:
    """It is named, with what was expected of it, and the status is 2."""
    status, out, err = run(*((name, "good.json") if is_first else ("good.json", name)))

    assert (Exit.USAGE, "") == (status, out)
    assert err.startswith(f"peerlint: {name}:")
    assert (BAD[name][1] if name in BAD else "cannot be read") in err
    assert "Traceback" not in err


def test_every_mistake_at_once(run: Run) -> None:
    """A report with two mistakes has both of them named."""
    data = json.loads(Path("failed.json").read_text(encoding="utf-8"))
    data["findings"][0]["severity"] = "ERROR"
    del data["prefixes"][0]["state"]
    Path("edited.json").write_text(json.dumps(data), encoding="utf-8")

    lines = run("good.json", "edited.json")[2].splitlines()

    assert [
        "peerlint: edited.json: prefixes[0], key state: expected a value: the field must be there, "
        "found nothing",
        "edited.json: findings[0], key severity: expected error or warning or info, found 'ERROR'",
    ] == lines


def test_an_older_report(run: Run) -> None:
    """A report of schema 1 is compared with one of today, and a line says how."""
    old = Path(__file__).resolve().parents[1] / "vectors" / "reports" / "schema-1-twice.json"
    Path("old.json").write_bytes(old.read_bytes())

    status, out, err = run("old.json", "failed.json")

    assert (Exit.CLEAN, "") == (status, err)  # the same faults, and nothing worse
    assert "The reports have different schemas: " in out
