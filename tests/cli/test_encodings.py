"""Encodings: of the outputs, and of the files that are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    return tmp_path


@pytest.mark.parametrize("form", ["json", "html", "csv", "junit", "sarif"])
def test_formats_for_programs_are_utf_8(folder: Path, form: str) -> None:
    """Whatever the terminal has, programs get the octets that a file would have."""
    words = ("check", "peering.toml", "--format", form, "--now", "2026-11-21T10:00:00Z")
    file = run(folder, *words, "--output", "report").returncode, (folder / "report").read_bytes()
    for encoding in ("ascii", "latin-1", "cp437", "utf-16"):
        done = run(folder, *words, PYTHONIOENCODING=encoding)

        assert (done.returncode, done.stdout) == file


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "Z?rich ??"),
        ("latin-1", "Zürich ??"),
        ("ascii:surrogateescape", "Z?rich ??"),
        ("utf-8", NAME),
    ],
)
def test_text_has_replacements(folder: Path, encoding: str, shown: str) -> None:
    """A person gets question marks for what the terminal lacks, and never a traceback."""
    done = run(folder, "check", "peering.toml", PYTHONIOENCODING=encoding)

    assert 1 == done.returncode
    assert shown in done.stdout.decode(encoding.partition(":")[0])


def test_the_locale_without_any_encoding(folder: Path) -> None:
    """LANG=C without Python's own help is ASCII."""
    done = run(folder, "check", "peering.toml", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")

    assert (done.returncode, b"Z?rich ??" in done.stdout) == (1, True)


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
    ("words", "name", "text"),
    [
        (("keys", "file.toml"), "file.toml", '[[peering]]\nname = "a"\nprofile = "maps"\nasn = 5'),
        (("rules", "--profile", "file.toml"), "file.toml", PROFILE),
        (("diff", "file.json", "file.json"), "file.json", REPORT),
    ],
)
def test_files_of_windows(
    tmp_path: Path, words: tuple[str, ...], name: str, text: str, encoding: str, wrong: str | None
) -> None:
    """A byte order mark is passed over; UTF-16 gives a sentence that says what to do."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    plain = run(tmp_path, *words)
    file.write_bytes(text.encode(encoding))
    done = run(tmp_path, *words)

    if wrong is None:
        assert (done.returncode, done.stdout, done.stderr) == (
            plain.returncode,
            plain.stdout,
            plain.stderr,
        )
    else:
        assert 2 == done.returncode
        assert f"in UTF-8, found {wrong}" in done.stderr.decode()
        assert 1 == done.stderr.count(b"\n")


@pytest.mark.parametrize("name", ["file.toml", "file.json"])
def test_invalid_utf_8(tmp_path: Path, name: str) -> None:
    """Other encodings are said with the line and the octet."""
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf# one\n# two \xfc\n")
    words = ("keys", name) if name.endswith("toml") else ("diff", name, name)
    done = run(tmp_path, *words)

    form = name.rpartition(".")[2].upper()
    found = f"expected {form} in UTF-8, found other characters, from octet 15 on\n"
    assert f"peerlint: {name}:2: the file: {found}" == done.stderr.decode()
    assert 2 == done.returncode
