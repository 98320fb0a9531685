"""Reports and files of very many things: what each of them costs as their number doubles."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Iterator

from benchmarks.hostile import Row
from peerlint.errors import InventoryError
from peerlint.inventory import Connection, Inventory, Session
from peerlint.inventory.azure import Export, merge
from peerlint.inventory.azure.export import AzurePeering
from peerlint.inventory.edit import edited
from peerlint.inventory.toml import parse_inventory
from peerlint.model import Asn
from peerlint.report.json import render_json
from peerlint.testing.notation import scenario


def rows() -> Iterator[Row]:
    """Yield what one thing costs among few, and among twice as many."""
    for name, counted, cost in (
        ("wrong next hop, sessions double", "octets of JSON per finding", _wrong_hops),
        ("peerings imported, they double", "calls per peering", _imported),
        ("unknown keys, they double", "calls per key", _unknown_keys),
        ("one prefix registered often, twice as often", "calls per registration", _registered),
    ):
        yield Row(name, counted, plain=cost(100), crafted=cost(200), bound=1.2)


def _wrong_hops(sessions: int) -> float:
    lines = ["peering load maps 64500 Amsterdam"]
    lines += [f"session c{number} r{number}" for number in range(sessions)]
    lines.append("registered 203.0.113.0/24 name a")
    route = "203.0.113.0/24 path 64500 community 8075:8007 next-hop 198.51.100.77"
    lines += [f"c{number} {route}" for number in range(sessions)]
    report = scenario("\n".join(lines)).evaluate()
    return len(render_json(report)) / len(report.findings)


def _imported(peerings: int) -> float:
    export = Export(
        peerings=tuple(
            AzurePeering(
                f"p{number}",
                asn=Asn(64500),
                connections=(Connection(f"c{number}", sessions=(Session(),)),),
            )
            for number in range(peerings)
        )
    )
    empty = Inventory()
    return _calls(lambda: edited("", empty, merge(empty, export).inventory)) / peerings


def _registered(times: int) -> float:
    """Return the calls for each registration, if one prefix is registered so many times."""
    lines = ["peering load maps 64500 Amsterdam", "session c r"]
    lines += [f"registered 203.0.113.0/24 name p{number}" for number in range(times)]
    made = scenario("\n".join(lines))
    return _calls(made.evaluate) / times


def _unknown_keys(keys: int) -> float:
    text = "\n".join(f"k{number} = {number}" for number in range(20 * keys))

    def read() -> None:
        try:
            parse_inventory(text, "k.toml")
        except InventoryError:
            return
        raise AssertionError("unknown keys were accepted")

    return _calls(read) / keys


def _calls(function: Callable[[], object]) -> int:
    """Count the calls of one run."""
    profile = cProfile.Profile()
    profile.runcall(function)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # not in typeshed
