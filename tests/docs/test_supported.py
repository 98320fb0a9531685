"""The tables of docs/reference/supported.md agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

from peerlint.wire.attributes import AttributeType
from peerlint.wire.bgp import MessageType
from peerlint.wire.bmp import MessageType as BmpType
from peerlint.wire.capabilities import CapabilityCode
from peerlint.wire.mrt import SUPPORTED
from peerlint.wire.raw_types import RawType

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "supported.md"


def test_attributes_are_listed() -> None:
    """Every attribute that is decoded, or kept raw and checked, has a row, and no other has one."""
    listed = {row[0] for row in rows("## Path attributes") if "(" in row[0]}

    assert {f"{kind.name} ({kind})" for kind in (*AttributeType, *RawType)} == listed


def test_messages_and_capabilities_are_listed() -> None:
    """Every decoded message and capability has a row, and no other has one."""
    listed = {row[0] for row in rows("## BGP messages") if "(" in row[0]}

    messages = {f"{kind.name.replace('_', '-')} ({kind})" for kind in MessageType}
    capabilities = {f"{code.name} ({code})" for code in CapabilityCode}
    assert messages | capabilities == listed


def test_bmp_messages_are_listed() -> None:
    """Every BMP message that is decoded has a row, and no other has one."""
    listed = {row[0].lower() for row in rows("## BMP messages") if re.search(r"\(\d+\)", row[0])}

    assert {f"{kind.name.replace('_', ' ').lower()} ({kind})" for kind in BmpType} == listed


def test_mrt_subtypes_are_listed() -> None:
    """Every type and subtype that is read has a row, and no other has one."""
    listed: set[tuple[int, int]] = set()
    kinds: list[int] = []
    for row in rows("## MRT records"):
        kinds = [int(code) for code in re.findall(r"\((\d+)\)", row[0])] or kinds
        listed |= {(kind, subtype) for kind in kinds for subtype in subtypes(row[1])}

    assert set(SUPPORTED) == listed


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the tables in one section of the page, without headings."""
    part = PAGE.read_text(encoding="utf-8").split(heading)[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def subtypes(cell: str) -> set[int]:
    """Return the numbers before names, or all numbers of a range."""
    if " to " in cell:
        first, last = re.findall(r"\d+", cell)
        return set(range(int(first), int(last) + 1))
    return {int(number) for number in re.findall(r"(?:^|, )(\d+) ", cell)}
