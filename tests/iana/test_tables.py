"""The tables: their order, their dates, and why the standard library is not used."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest

from peerlint import iana
from peerlint.iana import ALLOWABLE, AddressBlock, addresses, asns, special_blocks
from peerlint.iana.addresses import BLOCKS, EXCEPTIONS
from peerlint.iana.asns import RANGES
from peerlint.model import Prefix

TABLES = {"blocks": BLOCKS, "exceptions": EXCEPTIONS}


@pytest.mark.parametrize("dated", [addresses.DATED, asns.DATED])
def test_every_table_has_its_date(dated: str) -> None:
    """A table has the ISO date on which it was compared with IANA (paths#special-prefixes)."""
    assert dated == date.fromisoformat(dated).isoformat()


@pytest.mark.parametrize("table", TABLES)
def test_addresses_ascend(table: str) -> None:
    """Rows ascend by family, address and length without duplicates: covering blocks come first."""
    keys = [(block.family, block.first, block.length) for block in TABLES[table]]

    assert sorted(set(keys)) == keys


@pytest.mark.parametrize("block", [*BLOCKS, *EXCEPTIONS], ids=str)
def test_every_block_is_a_prefix_with_a_source(block: AddressBlock) -> None:
    """A row is a prefix without bits right of its mask, with the RFC that reserves it."""
    prefix = Prefix(block.family, block.first, block.length)

    assert (prefix.first, prefix.last) == (block.first, block.last)
    assert f"{prefix} ({block.name}, {block.source})" == str(block)
    assert re.fullmatch(r"RFC [0-9]{3,4}", block.source)


@pytest.mark.parametrize("block", EXCEPTIONS, ids=str)
def test_every_exception_has_a_block_around_it(block: AddressBlock) -> None:
    """A reachable exception is inside an unreachable row; otherwise it would have no effect."""
    around = [row for row in BLOCKS if row.family == block.family]
    around = [row for row in around if row.covers(block.first, block.length)]

    assert [(False, True)] == [(row.reachable, row.length < block.length) for row in around]


def test_every_asn_row_names_its_source_and_differs_from_its_neighbours() -> None:
    """Adjacent rows differ in class or source; each source is IANA's or an RFC."""
    rows = [(kind, source) for _, kind, source in RANGES]

    assert [] == [one for one, other in pairwise(rows) if one == other]
    assert all(re.fullmatch(r"RFC [0-9]{4}|IANA AS Numbers", source) for _, source in rows)


@pytest.mark.parametrize("kind", sorted(ALLOWABLE))
def test_what_may_be_allowed_exists(kind: str) -> None:
    """Each allowable kind is the kind of a row, and none of these rows is reachable."""
    rows = [block for block in BLOCKS if block.kind == kind]

    assert {4, 6} == {block.family for block in rows}
    assert not any(block.reachable for block in rows)


@pytest.mark.parametrize(
    ("prefix", "is_special", "library"),
    [
        ("10.0.0.0/7", True, "is_private False, is_global True"),
        ("0.0.0.0/0", True, "is_private False, is_global True"),
        ("172.0.0.0/8", True, "is_private False, is_global True"),
        ("192.0.0.0/16", True, "is_private False, is_global True"),
        ("100.64.0.0/10", True, "is_private False"),
        ("192.0.0.0/24", True, "is_global True"),
        ("192.88.99.0/24", True, "is_global True"),
        ("224.0.0.0/4", True, "is_global True"),
        ("::/0", True, "is_private False, is_global True"),
        ("fc00::/6", True, "is_global True"),
        ("2001:db8::/31", True, "is_global True"),
        ("6000::/3", True, "is_global True: outside 2000::/3"),
        ("64:ff9b:1::/48", True, "is_global True"),
        ("3fff::/20", True, "is_global True before a later patch release"),
        ("5f00::/16", True, "is_global True"),
        ("2001:1::3/128", False, "is_private True (cpython#151049)"),
        ("2001:3::/32", True, "is_private True: reachable, and AMT's"),
        ("64:ff9b::/96", True, "is_global True: reachable, and for translation"),
        ("2001:20::/28", False, "is_private True"),
    ],
)
def test_where_the_standard_library_is_wrong(
    prefix: str, *, is_special: bool, library: str
) -> None:
    """Prefixes that `ipaddress` of CPython 3.11.7 gets wrong are right (paths#special-prefixes).

    The library is not called, because later versions are right about some of them.
    """
    read = Prefix.parse(prefix)

    assert is_special == bool(special_blocks(read.family, read.first, read.length)), library


def test_public_names_are_complete() -> None:
    """`peerlint.iana.__all__` has every public name of the package."""
    modules = {"addresses", "asns"}

    assert {name for name in vars(iana) if name[0] != "_"} - modules == set(iana.__all__)
