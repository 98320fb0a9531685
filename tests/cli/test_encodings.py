"""Encodings: of the outputs, and of the files that are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest

import peerlint
from peerlint.api.profiles import load_profile
from peerlint.api.reports import load_report
from peerlint.errors import MistakesError

MAPS = Path(__file__).parents[2] / "examples" / "maps"
#: A name that neither ASCII nor Latin-1 has.
NAME = "Zürich 東京"
PROFILE = 'extends = "maps"\n'
REPORT = '{"schema": "peerlint/report/2"}'


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "peerlint", *words],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with an inventory with names from all over the world."""
    text = (MAPS / "peering.toml").read_text(encoding="utf-8").replace("Amsterdam", NAME)
    (tmp_path / "peering.toml").write_text(text, encoding="utf-8")
    copyfile(MAPS / "microsoft.mrt", tmp_path / "microsoft.mrt")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "html", "csv", "junit", "sarif", "prometheus"])
def test_formats_for_programs_are_utf_8(folder: Path, form: str) -> None:
    """Whatever the terminal has, programs get the octets that a file would have."""
    words = ("check", "peering.toml", "--format", form, "--now", "2026-11-21T10:00:00Z")
    file = run(folder, *words, "--output", "report").returncode, (folder / "report").read_bytes()
    for encoding in ("ascii", "utf-16"):
        done = run(folder, *words, PYTHONIOENCODING=encoding)

        assert (done.returncode, done.stdout) == file


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "Z?rich ??"),
        ("latin-1", "Zürich ??"),
        ("utf-8", NAME),
    ],
)
def test_text_has_replacements(folder: Path, encoding: str, shown: str) -> None:
    """A person gets question marks for what the terminal lacks, and never a traceback."""
    done = run(folder, "check", "peering.toml", PYTHONIOENCODING=encoding)

    assert 0 == done.returncode
    assert shown in done.stdout.decode(encoding)


@pytest.mark.slow
def test_the_locale_without_any_encoding(folder: Path) -> None:
    """LANG=C without Python's own help is ASCII."""
    done = run(folder, "check", "peering.toml", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")

    assert (done.returncode, b"Z?rich ??" in done.stdout) == (0, True)


@pytest.mark.slow
@pytest.mark.parametrize("words", [("init", "maps"), ("import", "azure", "export.json")])
def test_toml_on_standard_output_is_utf_8(folder: Path, words: tuple[str, ...]) -> None:
    """TOML is UTF-8 wherever it goes."""
    items = [
        {
            "type": "Microsoft.Peering/peerings",
            "name": NAME,
            "kind": "Direct",
            "properties": {"direct": {"peerAsn": {"id": "/peerAsns/x"}}},
        },
        {"type": "Microsoft.Peering/peerAsns", "name": "x", "id": "/peerAsns/x",
         "properties": {"peerAsn": 64500}},
    ]  # fmt: skip
    (folder / "export.json").write_text(json.dumps(items), encoding="utf-8")
    done = run(folder, *words, PYTHONIOENCODING="ascii")

    assert 0 == done.returncode, done.stderr
    assert done.stdout == run(folder, *words, PYTHONIOENCODING="utf-8").stdout


@pytest.mark.parametrize(
    ("encoding", "wrong"),
    [
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-32", "UTF-16 or UTF-32"),
    ],
)
@pytest.mark.parametrize(
    ("load", "text"),
    [
        (peerlint.load_inventory, '[[peering]]\nname = "a"\nprofile = "maps"\nasn = 5'),
        (lambda file: load_profile(file.name, file.parent), PROFILE),
        (load_report, REPORT),
    ],
    ids=["inventory", "profile", "report"],
)
def test_files_of_windows(
    tmp_path: Path, load: Callable[[Path], object], text: str, encoding: str, wrong: str | None
) -> None:
    """A byte order mark is passed over; UTF-16 gives a sentence that says what to do."""
    file = tmp_path / "file.toml"
    file.write_text(text, encoding="utf-8")
    plain = loaded(load, file)
    file.write_bytes(text.encode(encoding))

    if wrong is None:
        assert loaded(load, file) == plain
    else:
        assert f"in UTF-8, found {wrong}" in str(loaded(load, file))


def loaded(load: Callable[[Path], object], file: Path) -> object:
    """Return what a file says, or the sentence that it cannot be used."""
    try:
        return load(file)
    except MistakesError as error:
        return str(error)


@pytest.mark.parametrize(
    ("load", "form"), [(peerlint.load_inventory, "TOML"), (load_report, "JSON")]
)
def test_invalid_utf_8(tmp_path: Path, load: Callable[[Path], object], form: str) -> None:
    """Other encodings are said with the line and the octet."""
    file = tmp_path / "file"
    file.write_bytes(b"\xef\xbb\xbf# one\n# two \xfc\n")

    found = f"expected {form} in UTF-8, found other characters, from octet 15 on"
    assert f"{file}:2: the file: {found}" == loaded(load, file)
