"""bgpq4 and peerlint's whois client find the same, in what a real IRRd answered.

The server is a double that replays recordings of IRRd 4.5.4; `tests/lab/registries` makes them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest
from tests.feeds.doubles.whois_server import WhoisDouble

from peerlint.feeds.whois import IrrdClient
from peerlint.model import Asn, Prefix
from peerlint.registry import whois

pytestmark = pytest.mark.lab

RADB_FIRST: Final = ("RADB", "RIPE", "ALTDB")
RIPE_FIRST: Final = ("RIPE", "RADB", "ALTDB")
#: Documentation numbers are refused without -p.
_BGPQ4: Final = ("bgpq4", "-p", "-j", "-l", "found")
#: Expands sets itself, by `!i` and `!g`, instead of having IRRd do it by `!a`.
BY_ITSELF: Final = ("-L", "9")
_SECONDS: Final = 60


@pytest.fixture(name="irrd")
def _irrd() -> Iterator[WhoisDouble]:
    if shutil.which("bgpq4") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("not installed: bgpq4")
    with WhoisDouble.replaying() as double:
        yield double
        assert [] == double.unknown


def bgpq4(server: WhoisDouble, sources: tuple[str, ...], *arguments: str) -> list[object]:
    """Return what bgpq4 finds: prefixes as objects, or AS numbers."""
    asked = ("-h", server.address, "-S", ",".join(sources))
    ended = subprocess.run(
        (*_BGPQ4, *asked, *arguments), capture_output=True, timeout=_SECONDS, check=True
    )
    found: list[object] = json.loads(ended.stdout)["found"]
    return found


def bgpq4_prefixes(server: WhoisDouble, sources: tuple[str, ...], *arguments: str) -> set[Prefix]:
    """Return the prefixes that bgpq4 finds."""
    found = bgpq4(server, sources, *arguments)
    return {Prefix.parse(each["prefix"]) for each in found}  # type: ignore[index]


def members(client: IrrdClient, name: str, sources: tuple[str, ...]) -> set[Asn]:
    """Return the AS numbers of a set, by peerlint."""
    answer = client.ask(whois.members_of(name, recursive=True), sources)
    return set(map(Asn.parse, answer.answer.words))


def prefixes(
    client: IrrdClient, asns: set[Asn], sources: tuple[str, ...], family: int
) -> set[Prefix]:
    """Return the prefixes of AS numbers, by peerlint."""
    queries = [whois.prefixes_of(asn, family) for asn in sorted(asns)]
    parsed = [whois.prefixes(each.answer) for each in client.ask_all(queries, sources)]
    assert not any(each.skipped for each in parsed)
    return {prefix for each in parsed for prefix in each.values}


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("asn", [64496, 64499, 64500, 64501, 64502, 65551])
@pytest.mark.parametrize("sources", [RADB_FIRST, ("RADB",), ("ALTDB",)])
def test_both_find_the_prefixes_of_an_origin(
    irrd: WhoisDouble, sources: tuple[str, ...], asn: int, family: int
) -> None:
    """Both ask for an origin's prefixes and read the same ones, or none."""
    with IrrdClient([irrd.address]) as client:
        ours = prefixes(client, {Asn(asn)}, sources, family)

    assert ours == bgpq4_prefixes(irrd, sources, f"-{family}", f"AS{asn}")


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("how", [(), BY_ITSELF], ids=["by IRRd", "by itself"])
@pytest.mark.parametrize("sources", [RADB_FIRST, RIPE_FIRST], ids=["RADB first", "RIPE first"])
def test_both_find_the_prefixes_of_a_set(
    irrd: WhoisDouble, sources: tuple[str, ...], how: tuple[str, ...], family: int
) -> None:
    """A set with a loop and a member that does not exist is expanded alike, in either order."""
    with IrrdClient([irrd.address]) as client:
        ours = prefixes(client, members(client, "AS-CONTOSO", sources), sources, family)

    assert ours
    assert ours == bgpq4_prefixes(irrd, sources, f"-{family}", *how, "AS-CONTOSO")


@pytest.mark.parametrize("sources", [RADB_FIRST, RIPE_FIRST], ids=["RADB first", "RIPE first"])
def test_both_find_the_members_of_a_set(irrd: WhoisDouble, sources: tuple[str, ...]) -> None:
    """The AS numbers of a set are those of the set in the first source."""
    with IrrdClient([irrd.address]) as client:
        ours = members(client, "AS-CONTOSO", sources)

    assert ours
    assert sorted(ours) == bgpq4(irrd, sources, "-t", "AS-CONTOSO")


def test_both_name_themselves_and_their_sources(irrd: WhoisDouble) -> None:
    """Both keep the connection open, say who asks, and send the sources before the query."""
    with IrrdClient([irrd.address]) as client:
        client.ask(whois.prefixes_of(64500, 4), RADB_FIRST)
    bgpq4(irrd, RADB_FIRST, "-4", "AS64500")

    ours, theirs = irrd.asked
    assert [line[:2] for line in ours] == ["!!", "!n", "!s", "!g"]
    assert ours[2] in theirs
    assert theirs.index(ours[2]) < theirs.index("!gas64500")
