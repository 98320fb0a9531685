"""No line and no command is forged: what the program prints is its own, whatever it quotes."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from peerlint.cli import main as program
from peerlint.display import toml_string

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples" / "maps"
PEERING: Final = (EXAMPLE / "peering.toml").read_text(encoding="utf-8")
FORGED: Final = "x\n::error file=x::PWNED\r\nVerified 5 of 5\u2028::warning::y"
INVISIBLE: Final = "\u061c\u200b\u202e\u2066\ufeff\U000e0041\x85\x9b\x1b[31m"
FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
#: A command of GitHub's starts a line, blanks before it or not; one of Azure Pipelines is a
#: command wherever it stands.
COMMAND: Final = re.compile(r"^\s*(::[a-z]|Verified 5 of 5)|##\w*\[", re.MULTILINE)
Run = Callable[..., str]


@pytest.fixture(name="run")
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the program in a folder with the example; return all it says."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE / "microsoft.mrt", tmp_path)
    Path("peering.toml").write_text(PEERING, encoding="utf-8")

    def run(*arguments: str) -> str:
        program.run(arguments)
        said = capfd.readouterr()
        return said.out + said.err

    return run


def is_safe(said: str) -> bool:
    """Whether a text has no forged line and nothing invisible."""
    unseen = {each for each in said if unicodedata.category(each) in FORBIDDEN} - {"\n"}
    return not unseen and not COMMAND.search(said)


@pytest.mark.parametrize("text", [FORGED, INVISIBLE, "::error::x", "##vso[task.complete]"])
@pytest.mark.parametrize(
    "arguments",
    [
        *(("check", "k.toml", "--format", each) for each in ("text", "json", "junit", "sarif")),
        ("check", "k.toml", "--format", "csv"),
        ("check", "k.toml", "--format", "html"),
        ("check", "k.toml", "--format", "prometheus"),
        ("check", "k.toml", "--verbose"),
        ("check", "k.toml", "--quiet"),
        ("check", "k.toml", "--without", "location=Frankfurt"),
        ("check", "k.toml", "--without", "location=TEXT"),
        ("keys", "k.toml"),
        ("keys", "k.toml", "--format", "json"),
    ],
)
def test_names_of_an_inventory(run: Run, text: str, arguments: tuple[str, ...]) -> None:
    """A name starts no line, in any format."""
    quoted = toml_string(text)
    found = PEERING.replace('"Amsterdam"', quoted).replace('"contoso-ams"', quoted)
    found = found.replace('"edge1.ams"', quoted).replace('"ams-2"', quoted)
    found = found.replace('["microsoft.mrt"]', f'["microsoft.mrt", {quoted}]')
    Path("k.toml").write_text(found, encoding="utf-8")

    said = run(*(each.replace("TEXT", text) for each in arguments))

    assert is_safe(said), said[:2000]
    assert "Traceback" not in said


@pytest.mark.parametrize("text", [FORGED, INVISIBLE, "::error::x", "##vso[task.complete]"])
@pytest.mark.parametrize(
    "broken",
    [
        "TEXT = 1\n",
        "[TEXT]\n[TEXT]\n",
        "[[peering]]\nname = TEXT\nTEXT = 1\n",
        "[[peering]]\nname = TEXT\nprofile = TEXT\nasn = TEXT\n",
        "[[waiver]]\nrule = TEXT\nscope = TEXT\nreason = TEXT\nby = TEXT\nuntil = TEXT\n",
        "[lab]\nallow = [TEXT]\nmax_age = TEXT\n",
    ],
)
def test_mistakes_of_an_inventory(run: Run, text: str, broken: str) -> None:
    """A message of a mistake has one line, whatever it quotes."""
    Path("k.toml").write_text(broken.replace("TEXT", toml_string(text)), encoding="utf-8")

    said = run("check", "k.toml")

    assert is_safe(said), said
    assert all(line.startswith(("peerlint: ", "k.toml:", "See")) for line in said.splitlines())


@pytest.mark.parametrize("text", [FORGED, INVISIBLE, "::error::x", "##vso[task.complete]"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("TEXT",),
        ("check", "TEXT"),
        ("check", "peering.toml", "--rib", "TEXT"),
        ("check", "peering.toml", "--rib", "TEXT=microsoft.mrt"),
        ("check", "peering.toml", "--rib", "microsoft.mrt@TEXT"),
        ("check", "peering.toml", "--format", "TEXT"),
        ("check", "peering.toml", "--now", "TEXT"),
        ("check", "peering.toml", "--TEXT"),
        ("scan", "TEXT"),
        ("scan", "TEXT", "--format", "json"),
        ("scan", "microsoft.mrt", "--rule", "TEXT"),
        ("scan", "microsoft.mrt", "--jobs", "TEXT"),
        ("scan", "microsoft.mrt", "--out", "TEXT/x.csv"),
        ("dump", "TEXT"),
        ("dump", "--prefix", "TEXT", "microsoft.mrt"),
        ("explain", "TEXT"),
        ("explain", "TEXT/24"),
        ("explain", "x", "--report", "TEXT"),
        ("diff", "TEXT", "TEXT"),
        ("init", "TEXT"),
        ("init", "maps", "-o", "TEXT/x"),
        ("import", "azure", "TEXT"),
        ("route", "TEXT"),
        ("rules", "--profile", "TEXT.toml"),
        ("rules", "--profile", "own.toml"),
        ("init", "own.toml"),
        ("keys", "TEXT"),
    ],
)
def test_arguments(run: Run, text: str, arguments: tuple[str, ...]) -> None:
    """A message that quotes an argument has the lines that it has for any other."""
    title = toml_string(text)
    Path("own.toml").write_text(
        f'extends = "maps"\ntitle = {title}\nsource = {title}\n', encoding="utf-8"
    )

    said = run(*(each.replace("TEXT", text) for each in arguments))

    assert is_safe(said), said
    assert "Traceback" not in said


@pytest.mark.parametrize("text", [FORGED, INVISIBLE, "::error::x", "##vso[task.complete]"])
def test_exports_of_azure(run: Run, text: str) -> None:
    """What an export says is visible in the inventory that is made of it, and in every remark."""
    id_ = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Peering/peerings/{text}"
    peering = {
        "id": id_, "name": text, "kind": text, "type": "Microsoft.Peering/peerings",
        "properties": {
            "direct": {"peerAsn": {"id": "/peerAsns/a"}, "connections": [text]},
            "peeringLocation": text, text: text, "provisioningState": text,
        },
    }  # fmt: skip
    asn = {
        "id": "/subscriptions/s/providers/Microsoft.Peering/peerAsns/a", "name": "a",
        "type": "Microsoft.Peering/peerAsns",
        "properties": {"peerAsn": 64500, "peerContactDetail": [{"email": text, "role": text}]},
    }  # fmt: skip
    Path("a.json").write_text(json.dumps([peering, asn, {text: text}, text]), encoding="utf-8")
    Path("b.json").write_text(json.dumps([{"error": {"code": text, "message": text}}]))

    assert is_safe(run("import", "azure", "a.json"))
    assert is_safe(run("import", "azure", "a.json", "-o", "new.toml"))
    assert is_safe(Path("new.toml").read_text(encoding="utf-8"))
    assert is_safe(run("check", "new.toml"))
    assert is_safe(run("import", "azure", "b.json"))


@pytest.mark.parametrize(
    "text", [FORGED, INVISIBLE, "::error::x", "##vso[task.complete]", "\ud800"]
)
def test_reports_of_others(run: Run, text: str) -> None:
    """A JSON report that somebody else wrote starts no line in `diff` and `explain`."""
    report = json.loads(run("check", "peering.toml", "--format", "json", "-q"))
    finding = report["findings"][0]
    finding["message"] = finding["statement"] = finding["subject"]["peering"] = text
    report["prefixes"][0]["name"] = report["prefixes"][0]["azure_state"] = text
    report["sources"][0]["name"] = text
    Path("a.json").write_text(json.dumps(report), encoding="utf-8")
    report["findings"], report["prefixes"][0]["state"] = [], "Failed"
    Path("b.json").write_text(json.dumps(report), encoding="utf-8")

    for arguments in (
        ("diff", "a.json", "b.json"),
        ("diff", "b.json", "a.json", "--format", "json"),
        ("explain", "203.0.113.0/24", "--report", "a.json"),
        ("explain", "192.0.2.0/24", "--report", "a.json"),
    ):
        said = run(*arguments)
        assert is_safe(said), said
        assert "Traceback" not in said
