"""`peerlint import azure`: the file it writes, who may read it, and that no screen shows a key."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import pytest

from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.inventory import Inventory, Key, PeerAsn, Peering, RegisteredPrefix
from peerlint.inventory.toml import parse_inventory
from peerlint.model import Asn
from peerlint.testing.azure import azure_exports

_KEY: Final = "22222222-2222-2222-2222-222222222222"
_INVENTORY: Final = Inventory(
    (
        Peering(
            "contoso-ams",
            "direct",
            Asn(64500),
            "Amsterdam",
            registered_prefixes=(RegisteredPrefix("203.0.113.0/24", "sbc-1", key=Key(_KEY)),),
            subscription="0000",
            resource_group="net",
            peer_asn="contoso",
        ),
    ),
    peer_asns=(PeerAsn("contoso", Asn(64500), subscription="0000"),),
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run the program in a folder with exports."""
    for name, octets in azure_exports(_INVENTORY).items():
        (tmp_path / name).write_bytes(octets)
    (tmp_path / "bad.json").write_bytes(b"ERROR: AADSTS700082")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = program.run(("import", "azure", *arguments))
        return (status, *capsys.readouterr())

    return run


FILES: Final = ("peerings.json", "peer-asns.json", "registered-prefixes-1.json")


def _mode(file: str) -> int:
    return stat.S_IMODE(Path(file).stat().st_mode)


def _read(file: str) -> Inventory:
    return attrs.evolve(parse_inventory(Path(file).read_text("utf-8"), file), file=None)


def test_a_new_file(run: Run) -> None:
    """A new file holds everything, with keys, for its owner only; a second import adds nothing."""
    first = run(*FILES, "-o", "new.toml")
    text = Path("new.toml").read_text("utf-8")
    second = run(*FILES, "--output", "new.toml")

    private = "it holds keys, so only you can read it\n"
    assert (Exit.CLEAN, "", f"peerlint: new.toml: written; {private}") == first
    assert (Exit.CLEAN, "", f"peerlint: new.toml: nothing new; {private}") == second
    assert 0o600 == _mode("new.toml")
    assert text == Path("new.toml").read_text("utf-8")
    assert _INVENTORY == _read("new.toml")


def test_no_keys(run: Run) -> None:
    """Without keys the file is as readable as any other."""
    before = os.umask(0o022)
    try:
        status, _, err = run(*FILES, "-o", "new.toml", "--no-keys")
    finally:
        os.umask(before)

    assert (Exit.CLEAN, "peerlint: new.toml: written\n") == (status, err)
    assert 0o644 == _mode("new.toml")
    assert _KEY not in Path("new.toml").read_text("utf-8")


def test_keys_that_were_there(run: Run) -> None:
    """`--no-keys` takes none out of the file, which is made private even if nothing changes."""
    run(*FILES, "-o", "new.toml")
    Path("new.toml").chmod(0o644)

    run(*FILES, "-o", "new.toml", "--no-keys")

    assert _INVENTORY == _read("new.toml")
    assert 0o600 == _mode("new.toml")


def test_the_mode_of_a_file_without_keys(run: Run) -> None:
    """A file that a group may write keeps its mode."""
    Path("old.toml").write_text("# mine\n", encoding="utf-8")
    Path("old.toml").chmod(0o664)

    run(*FILES, "-o", "old.toml", "--no-keys")

    assert 0o664 == _mode("old.toml")
    assert Path("old.toml").read_text("utf-8").startswith("# mine\n")


def test_a_link(run: Run) -> None:
    """A symbolic link stays one; what it points to is written."""
    Path("inner").mkdir()
    Path("inner/real.toml").touch()
    Path("link.toml").symlink_to("inner/real.toml")

    run(*FILES, "-o", "link.toml")

    assert Path("link.toml").is_symlink()
    assert _INVENTORY == _read("inner/real.toml")
    assert ["real.toml"] == [each.name for each in Path("inner").iterdir()]


def test_standard_output(run: Run) -> None:
    """On a screen there are no keys, and it is said how to have them."""
    status, out, err = run(*FILES)

    assert Exit.CLEAN == status
    assert "203.0.113.0/24" in out
    assert _KEY not in out + err
    assert "peerlint: keys are left out: to keep them, give --output FILE\n" == err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "peerlint: exports: expected files, or --subscription, found neither"),
        (("missing.json",), "peerlint: missing.json: cannot be read"),
        ((".",), "peerlint: .: cannot be read"),
        (("bad.json",), "peerlint: bad.json: the file: expected JSON"),
        (("peerings.json",), "give the export of `az peering asn list` of its subscription too"),
        ((*FILES, "-o", "no/such/folder.toml"), "folder.toml: cannot be written: No such file"),
        ((*FILES, "-o", "."), "peerlint: .: cannot be"),
        ((*FILES, "-o", "bad.toml"), 'peerlint: bad.toml:1: peering "x", key profile'),
    ],
)
def test_what_goes_wrong(run: Run, arguments: tuple[str, ...], expected: str) -> None:
    """The status is 2, the reason is said, nothing is written and no key is shown."""
    bad = '[[peering]]\nname = "x"\n'
    Path("bad.toml").write_text(bad, encoding="utf-8")

    status, out, err = run(*arguments)

    assert (Exit.USAGE, "") == (status, out)
    assert expected in err
    assert _KEY not in err
    assert bad == Path("bad.toml").read_text("utf-8")
    assert [] == [each for each in Path().iterdir() if each.name.startswith(".")]


def test_remarks(run: Run) -> None:
    """What is passed over is said on standard error, and the rest is imported."""
    page = '{"value": [7], "nextLink": "https://management.example/?skip=100"}'
    Path("page.json").write_text(page, encoding="utf-8")

    status, _, err = run(*FILES, "page.json", "-o", "new.toml", "--no-keys")

    assert Exit.CLEAN == status
    assert [
        "peerlint: page.json: expected an object, found a number: ignored",
        "peerlint: page.json: it ends with a link to a next page: export that page too",
        "peerlint: new.toml: written",
    ] == err.splitlines()


#: What a resource may be called by somebody who means no good.
HOSTILE: Final = (
    'a" # \n[[peering]]\nname = "evil',
    "'''\r\n",
    "\x1b]0;title\x07\x1b[2J",
    "\x00\x7f\u202e\u2028",
    "\ud800 half",
    '${x} {{y}} """ \\',
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(run: Run, name: str) -> None:
    """A name is a text, whatever it says: in the file, and on the screen."""
    items = [
        {"type": "Microsoft.Peering/peeringServices", "name": f"s {name}"},
        {
            "type": "Microsoft.Peering/peeringServices/prefixes",
            "id": f"/x/peeringServices/{name}/prefixes/p",
            "properties": {"prefix": "203.0.113.0/24"},
        },
    ]
    Path("hostile.json").write_text(json.dumps(items), encoding="utf-8")

    status, _, err = run("hostile.json", "-o", "new.toml")

    assert Exit.CLEAN == status
    half = name.encode("utf-8", "replace").decode()
    assert [f"s {half}".strip()] == [each.name for each in _read("new.toml").peering_services]
    assert "service prefix 203.0.113.0/24 belongs to peering service" in err
    assert [] == [letter for letter in err if letter in "\x00\x07\x1b\x7f\u202e"]


def test_a_subscription(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--subscription` asks Azure; files are read besides."""
    asked: list[str] = []

    def answer(client: str) -> list[tuple[str, bytes]]:
        asked.append(client)
        return list(azure_exports(_INVENTORY).items())

    monkeypatch.setattr("peerlint.api.azure.connect", str.upper)
    monkeypatch.setattr("peerlint.api.azure.azure_files", answer)

    status, _, _ = run("--subscription", "abc", "-o", "new.toml")

    assert (Exit.CLEAN, ["ABC"]) == (status, asked)
    assert _INVENTORY == _read("new.toml")


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the SDK it is said what to install."""
    monkeypatch.setitem(sys.modules, "azure.identity", None)

    status, _, err = run("--subscription", "abc")

    assert Exit.USAGE == status
    assert err.startswith("peerlint: Azure: azure.identity is not installed; ")
    assert err.endswith("pip install 'peerlint[azure]'\n")
