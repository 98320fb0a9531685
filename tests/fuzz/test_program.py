"""The whole program ends with a message and a documented exit status for any input."""

from __future__ import annotations

import sys
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import peerlint
from peerlint.cli.main import main
from peerlint.inventory.peering import (
    Attestation,
    Connection,
    Inventory,
    Lab,
    MaintenanceWindow,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
    Waiver,
)
from peerlint.inventory.service import PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.inventory.toml import KEYS, parse_inventory

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # fuzz/ is run from the tree; it is not installed

from fuzz.harnesses.program import EXPORT, INVENTORY, RECEIVED, REPORT, check_program  # noqa: E402

HOSTILE_NUMBERS = ("9" * 5000, "0x" + "f" * 5000, "0o" + "7" * 9000, "0b" + "1" * 20000)

#: The start of each kind of table.
TABLES = [
    ("", Inventory),
    ("[lab]", Lab),
    ("[[peering]]", Peering),
    ("[[peering]]\n[[peering.connection]]", Connection),
    ("[[peering]]\n[[peering.connection]]\n[[peering.connection.session]]", Session),
    ("[[peering]]\n[[peering.registered_prefix]]", RegisteredPrefix),
    ("[[peering]]\n[[peering.registered_asn]]", RegisteredAsn),
    ("[[attestation]]", Attestation),
    ("[[waiver]]", Waiver),
    ("[[maintenance]]", MaintenanceWindow),
    ("[[peer_asn]]", PeerAsn),
    ("[[peering_service]]", PeeringService),
    ("[[peering_service]]\n[[peering_service.service_prefix]]", ServicePrefix),
    ("[[provider]]", Provider),
]


@settings(max_examples=settings().max_examples * 3 // 2)
@given(st.binary(max_size=120))
def test_any_octets(octets: bytes) -> None:
    """Any command line, files and environment give no traceback, and no exit status 70."""
    check_program(octets)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a new folder with one file of each kind."""
    monkeypatch.chdir(tmp_path)
    texts = {"inventory.toml": INVENTORY, "export.json": EXPORT, "report.json": REPORT}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    """Run the program; return its exit status and standard error."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    return ended.value.code, capsys.readouterr().err


def says_one_sentence(found: tuple[object, str], *, status: int = 2) -> bool:
    """Return whether the exit status is `status`, and standard error is one line of peerlint."""
    code, error = found
    lines = error.splitlines()
    return (
        code == status and all(line.startswith("peerlint: ") for line in lines) and len(lines) == 1
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [
        "[" * 3000 + "]" * 3000,
        "[" * 100 + "]" * 100,
        "{a=" * 3000 + "1" + "}" * 3000,
        "{a=" * 100 + "1" + "}" * 100,
        *HOSTILE_NUMBERS,
    ],
    ids=lambda value: f"{value[:4]} {len(value)}",
)
@pytest.mark.parametrize(("head", "cls"), TABLES, ids=[cls.__name__ for _, cls in TABLES])
def test_toml(head: str, cls: type[attrs.AttrsInstance], value: str) -> None:
    """Deep tables and long numbers in an inventory are mistakes in it, in any field."""
    for key in ("unknown", "md5", *(KEYS.get(each.name, each.name) for each in attrs.fields(cls))):
        with pytest.raises(peerlint.InventoryError) as caught:
            parse_inventory(f'{head}\n"{key}" = {value}\n', "inventory.toml", {})

        assert len(str(caught.value)) < 5000


@pytest.mark.parametrize("value", HOSTILE_NUMBERS, ids=lambda value: f"{value[:4]} {len(value)}")
def test_numbers_as_names(value: str) -> None:
    """A number in place of a name is a mistake, in tables with names and references to them."""
    session = "[[peering.connection.session]]\n"
    text = (
        f"[[peering]]\nname = {value}\n[[peering.connection]]\nname = {value}\n{session}{session}"
        f"[[waiver]]\nscope = {value}\nrule = {value}\n"
    )
    with pytest.raises(peerlint.InventoryError):
        parse_inventory(text, "inventory.toml", {})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[" * 3000 + "]" * 3000, "nesting too deep"),
        ("[" * 100 + "]" * 100, "nesting too deep"),
        ('[{"a": ' + "9" * 5000 + "}]", "a number of 5,000 digits on line 1"),
        ('[{"a": NaN}]', "NaN, which is no number"),
        ('[{"a": -Infinity}]', "-Infinity, which is no number"),
        ('[{"a": 1e999}]', "a number that is too large"),
        ('[{"a": 1, "a": 2}]', "an object with two different values of 'a'"),
    ],
    ids=lambda text: text[:20],
)
def test_json(folder: Path, capsys: pytest.CaptureFixture[str], text: str, found: str) -> None:
    """Invalid JSON is a mistake in the file, for exports and reports."""
    (folder / "export.json").write_text(text, encoding="utf-8")
    done = run(capsys, "import", "azure", "export.json")
    assert done == (2, f"peerlint: export.json: the file: expected JSON, found {found}\n")

    (folder / "report.json").write_text(text.replace("[" * 100, "["), encoding="utf-8")
    assert says_one_sentence(run(capsys, "diff", "report.json", "report.json"))


@pytest.mark.parametrize("name", ["\0", "a\0b", "\ud800", "a" * 300, "x/" * 3000], ids=ascii)
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("check", "{}"), 2),
        (("check", "inventory.toml", "--received", "{}", "-q", "--output", "o"), 3),
        (("check", "inventory.toml", "--rib", "{}", "-q", "--output", "o"), 3),
        (("check", "inventory.toml", "--output", "{}"), 2),
        (("scan", "{}", "-q", "--output", "o"), 3),
        (("dump", "{}", "-q", "--output", "o"), 3),
        (("scan", "/dev/null", "--out", "{}.csv"), 2),
        (("diff", "{}", "report.json"), 2),
        (("import", "azure", "{}"), 2),
        (("import", "azure", "export.json", "-o", "{}"), 2),
        (("init", "maps", "--output", "{}"), 2),
        (("rules", "--profile", "{}.toml"), 2),
        (("keys", "{}"), 2),
    ],
)
@pytest.mark.usefixtures("folder")
def test_names_of_files(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int, name: str
) -> None:
    """Names that the system does not allow are reported as such, for every file argument."""
    code, error = run(capsys, *(word.format(name) for word in words))

    assert (code, "Traceback" in error) == (status, False), error


@pytest.mark.parametrize("size", ["9" * 5000, "0", "1", "2", "-1", "x", "\u00b2", ""], ids=ascii)
def test_sizes_of_terminals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    """COLUMNS and LINES may have any value."""
    monkeypatch.setenv("COLUMNS", size)
    monkeypatch.setenv("LINES", size)

    assert run(capsys, "check", "--help")[0] == 0
    assert run(capsys, "rules", "--unknown")[0] == 2


@pytest.mark.parametrize("value", ["[" * 3000, '["documentation"]', "{}"], ids=ascii)
def test_values_are_not_json(folder: Path, capsys: pytest.CaptureFixture[str], value: str) -> None:
    """The value of an option is a string, also if it starts with a bracket."""
    assert run(capsys, "check", "inventory.toml", "--allow", value)[0] == 2
    assert run(capsys, "check", "inventory.toml", "--rib", value, "-q", "-o", "o")[0] == 3
    assert folder


def test_no_working_directory(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A working directory that was removed is no internal error."""
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert says_one_sentence(run(capsys, "init", "maps", "--output", "new.toml"))
    assert says_one_sentence(run(capsys, "check", "inventory.toml"))


def test_received_routes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The unchanged files are read (otherwise nothing is tested above)."""
    (folder / "received.json").write_text(RECEIVED, encoding="utf-8")
    words = ("check", "inventory.toml", "--received", "received.json")

    assert run(capsys, *words)[0] == 1
    assert run(capsys, "import", "azure", "export.json")[0] == 0
