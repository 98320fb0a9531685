"""The parts of the kernel in "Why a scan is as fast as it is" are those of the package."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ROOT / "src" / "peerlint" / "bulk" / "kernel"
COMPILED = KERNEL / "compiled"
PAGE = ROOT / "docs" / "explanation" / "fast-path.md"


def rows() -> list[tuple[str, str]]:
    """Return the parts, each with the module that specifies it."""
    part = PAGE.read_text("utf-8").split("## How the kernel is divided")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)(?:\.pyx)?` \| .* \| (.*) \|$", part, re.MULTILINE)


def test_every_part_is_listed() -> None:
    """The table has one row for each part, and no other row."""
    parts = [path.stem for ending in ("pxd", "pyx") for path in COMPILED.glob(f"*.{ending}")]

    assert sorted(parts) == sorted(part for part, _ in rows())


def test_specifications_exist() -> None:
    """Every module that the table names exists."""
    named = {name for _, specified in rows() for name in re.findall(r"`(.*?)`", specified)}

    assert [] == [name for name in named if not (KERNEL / name).exists()]


def test_parts_use_those_above() -> None:
    """Each part uses only parts above it, so that they can be read in this order."""
    above: set[str] = set()
    for part, _ in rows():
        source = next(COMPILED.glob(f"{part}.p[xy][dx]")).read_text("utf-8")
        used = set(
            re.findall(
                r"^from peerlint\.bulk\.kernel\.compiled\.(\w+) cimport", source, re.MULTILINE
            )
        )
        assert used <= above, part
        above.add(part)
