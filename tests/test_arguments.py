"""Arguments of the wrong type raise an `InputError` that names the argument, or are accepted."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from enum import Enum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import peerlint
from peerlint.errors import InputError, Mistake
from peerlint.events import Event
from peerlint.feeds.follow import FolderFeed
from peerlint.report.json import parse_report

MAPS = Path(__file__).parents[1] / "examples" / "maps"
DUMP = str(MAPS / "microsoft.mrt")


def looped() -> list[object]:
    """Return a list that contains itself."""
    items: list[object] = []
    items.append(items)
    return items


WRONG: dict[str, Callable[[], object]] = {
    "None": lambda: None,
    "5": lambda: 5,
    "-1": lambda: -1,
    "True": lambda: True,
    "1.5": lambda: 1.5,
    "nan": lambda: float("nan"),
    "2**64": lambda: 2**64,
    "10**5000": lambda: 10**5000,
    "no octets": lambda: b"",
    "no text": lambda: "",
    "word": lambda: "word",
    "NUL": lambda: "\0",
    "surrogate": lambda: "\ud800",
    "digits": lambda: "9" * 5000,
    "no items": list,
    "[None]": lambda: [None],
    "[NUL]": lambda: ["\0"],
    "[5]": lambda: [5],
    "a loop": looped,
    "no keys": dict,
    "set": lambda: {1},
    "object": object,
    "class": lambda: int,
    "function": lambda: looped,
    "path": lambda: Path("\0"),
}


@cache
def values() -> dict[str, Any]:
    """Return valid values, by the names of parameters and classes."""
    inventory = peerlint.load_inventory(MAPS / "peering.toml")
    scan = peerlint.scan(DUMP)
    batch = next(iter(scan))
    report = peerlint.check(inventory)
    prefix = peerlint.Prefix.parse("203.0.113.0/24")
    return {
        "AsPath": peerlint.AsPath.parse("64500 64501"),
        "Asn": peerlint.Asn(64500),
        "Community": peerlint.Community.parse("8075:8007"),
        "Criteria": peerlint.Criteria(),
        "Element": next(iter(peerlint.dump(DUMP))),
        "ExtendedCommunity": peerlint.ExtendedCommunity.parse("rt:64500:1"),
        "Finding": report.findings[0],
        "Inventory": inventory,
        "LargeCommunity": peerlint.LargeCommunity.parse("64500:1:2"),
        "Prefix": prefix,
        "Quality": scan.quality,
        "Report": report,
        "Route": peerlint.Route.parse("203.0.113.0/24", path="64500", communities="8075:8007"),
        "RouteBatch": batch,
        "Selection": peerlint.Selection.of(prefix=["203.0.113.0/24"]),
        "Tally": scan.tally,
        "Viewpoint": peerlint.Viewpoint(peerlint.View.RECEIVED, peerlint.Asn(64500)),
    }


def stored() -> peerlint.StoredReport:
    """Return a report as it is read back from a file."""
    text = peerlint.render_report(values()["Report"], "json")
    return parse_report(text, "report.json")


#: Valid arguments, by callable; parameters that are missing have a default.
RIGHT: dict[str, Callable[[], dict[str, Any]]] = {
    "AsPath.parse": lambda: {"text": "64500"},
    "Asn": lambda: {"value": 64500},
    "Asn.parse": lambda: {"text": "64500"},
    "Community": lambda: {"number": 5},
    "Community.of": lambda: {"asn": 64500, "value": 1},
    "Community.parse": lambda: {"text": "64500:1"},
    "DamageError": lambda: {"source": "s", "offset": 5, "expected": "a", "found": "b"},
    "ExportError": lambda: {"file": "f", "mistakes": (Mistake("t", "k", "e", "f"),)},
    "FeedError": lambda: {"source": "s", "reason": "r"},
    "InputError": lambda: {"what": "w", "expected": "e", "found": "f"},
    "InventoryError": lambda: {"file": "f", "mistakes": (Mistake("t", "k", "e", "f"),)},
    "LargeCommunity": lambda: {"administrator": 1, "data1": 2, "data2": 3},
    "LargeCommunity.parse": lambda: {"text": "64500:1:2"},
    "ExtendedCommunity": lambda: {"number": 5},
    "ExtendedCommunity.parse": lambda: {"text": "rt:64500:1"},
    "Prefix": lambda: {"family": 4, "first": 0, "length": 0},
    "Prefix.from_octets": lambda: {"family": 4, "length": 8, "octets": b"\x0a"},
    "Prefix.parse": lambda: {"text": "203.0.113.0/24"},
    "Prefix.parse_relaxed": lambda: {"text": "203.0.113.1/24"},
    "ProfileError": lambda: {"file": "f", "mistakes": (Mistake("t", "k", "e", "f"),)},
    "ReportError": lambda: {"file": "f", "mistakes": (Mistake("t", "k", "e", "f"),)},
    "Route.parse": lambda: {"text": "203.0.113.0/24", "path": "64500"},
    "Viewpoint": lambda: {"view": "received"},
    "WireError": lambda: {"offset": 5, "expected": "a", "found": "b"},
    "FeedInput": lambda: {"feed": FolderFeed("."), "name": "mine"},
    "bmp_feed": lambda: {"inventory": values()["Inventory"], "address": "127.0.0.1:0"},
    "check": lambda: {"inventory": values()["Inventory"], "ribs": []},
    "check_communities": lambda: {"communities": "8075:8007"},
    "check_path": lambda: {"path": "64500"},
    "check_prefix": lambda: {"prefix": "203.0.113.0/24"},
    "check_route": lambda: {"route": values()["Route"]},
    "check_service_prefix": lambda: {
        "prefix": "203.0.113.0/24",
        "routes": [values()["Route"]],
    },
    "watch": lambda: {"inventory": values()["Inventory"], "feeds": [ended()]},
    "check_without": lambda: {
        "inventory": values()["Inventory"],
        "without": [f"router={min(values()['Inventory'].routers)}"],
        "ribs": [],
    },
    "compare_reports": lambda: {"before": stored(), "after": stored()},
    "dump": lambda: {"path": DUMP},
    "dump_lines": lambda: {"paths": [DUMP]},
    "exabgp_feed": lambda: {"inventory": values()["Inventory"]},
    "explain_rule": lambda: {"rule": "route.community-missing"},
    "explain_subject": lambda: {"report": stored(), "subject": "203.0.113.0/24"},
    "facts": lambda: {
        "route": values()["Route"],
        "viewpoint": values()["Viewpoint"],
        "criteria": peerlint.Criteria(),
    },
    "folder_feed": lambda: {"inventory": values()["Inventory"], "folder": "."},
    "import_azure": lambda: {"export": peerlint.load_azure()},
    "inventory_template": lambda: {"profile": "maps"},
    "list_keys": lambda: {"inventory": values()["Inventory"]},
    "load_inventory": lambda: {"path": MAPS / "peering.toml"},
    "load_inventory_lines": lambda: {"path": MAPS / "peering.toml"},
    "load_profile": lambda: {"name": "maps"},
    "load_report": lambda: {"path": MAPS / "peering.toml"},
    "render_difference": lambda: {"difference": peerlint.compare_reports(stored(), stored())},
    "render_keys": lambda: {"entries": peerlint.list_keys(values()["Inventory"])},
    "render_report": lambda: {"report": values()["Report"]},
    "render_route": lambda: {"route": values()["Route"], "findings": ()},
    "render_scan": lambda: {"result": peerlint.scan_all([DUMP])},
    "render_what_if": lambda: {"result": peerlint.check_without(**RIGHT["check_without"]())[1]},
    "render_replay": lambda: {"summary": peerlint.ReplaySummary()},
    "replay": lambda: {"inventory": values()["Inventory"], "archives": [DUMP]},
    "ris_live_feed": lambda: {"inventory": values()["Inventory"]},
    "route_encoder": lambda: {"form": "csv", "file": BytesIO()},
    "source_remarks": lambda: {"source": values()["Report"].sources[0]},
    "unfilled_places": lambda: {"inventory": values()["Inventory"]},
    "scan": lambda: {"path": DUMP},
    "scan_all": lambda: {"paths": [DUMP]},
}
#: Classes whose objects only functions make; one that takes anything; and interfaces.
NOT_CALLED = {
    "DumpLines", "Elements", "PeerlintError", "Registry", "Replay", "RouteEncoder", "Scan",
}  # fmt: skip
#: Functions of the caller's, whose errors are the caller's.
OWN = {"on_chunk", "on_notice", "on_remark"}
#: Parameters that make requests to a service: no test may use the network.
LEFT_OUT = {("load_azure", "subscription")}

#: Python's own errors that a docstring documents.
DOCUMENTED: dict[str, tuple[type[Exception], ...]] = {"Report().prefix": (KeyError,)}


@pytest.mark.parametrize("text", ["", "\udcff", "a/../b", "a\r\nHost: b", "\0", "a" * 10_000])
def test_an_invalid_subscription(text: str) -> None:
    """A part of a URL is checked before a request is made."""
    with pytest.raises(InputError, match="subscription: expected an id"):
        peerlint.load_azure(subscription=text)


@pytest.mark.parametrize("counts", [None, "", [], 5, {"a": 1}, {1: 2**70}, {True: 1}])
def test_invalid_counts(counts: dict[int, int]) -> None:
    """Counts of AS numbers must be a mapping of numbers."""
    with pytest.raises(InputError, match="expected"):
        peerlint.Tally(origins=counts)


async def ended() -> AsyncIterator[Event]:
    """Yield nothing, as a feed."""
    for each in ():
        yield each


def callables() -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield every public function, constructor, class method and method, by name."""
    for name in peerlint.__all__:
        found = getattr(peerlint, name)
        if not inspect.isclass(found):
            if callable(found):
                yield name, found
            continue
        if name not in NOT_CALLED:
            yield name, found
        for method, raw in vars(found).items():
            if method.startswith("_") or isinstance(raw, property):
                continue
            if isinstance(raw, (classmethod, staticmethod)):
                yield f"{name}.{method}", getattr(found, method)
            elif inspect.isfunction(raw) and name in values():
                yield f"{name}().{method}", getattr(values()[name], method)


def calls() -> Iterator[tuple[str, str, Callable[..., object]]]:
    """Yield each callable with each of its parameters."""
    for name, function in callables():
        if isinstance(function, type) and issubclass(function, Enum):
            yield name, "value", function
            continue
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind is not parameter.VAR_KEYWORD and (
                (name, parameter.name) not in LEFT_OUT
            ):
                yield name, parameter.name, function


def call(name: str, parameter: str, function: Callable[..., object], value: object) -> None:
    """Call a function with one argument replaced, and exhaust what it returns."""
    if isinstance(function, type) and issubclass(function, Enum):
        function(value)
        return
    given = {**RIGHT.get(name, dict)(), parameter: value}
    free: list[object] = []
    for each in inspect.signature(function).parameters.values():
        if each.name not in given and each.default is each.empty:
            if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
                continue
            given[each.name] = None
        if each.kind in (each.POSITIONAL_ONLY, each.VAR_POSITIONAL):
            free.append(given.pop(each.name))
    made = function(*free, **given)
    if inspect.iscoroutine(made):
        made = asyncio.run(made)
    if isinstance(made, (peerlint.Scan, peerlint.Elements, peerlint.DumpLines)):
        for _ in made:
            pass


CALLS = list(calls())


def test_callables_are_found() -> None:
    """All kinds of callables are found."""
    names = {name for name, _, _ in CALLS}

    assert {"scan", "Prefix", "Prefix.parse", "Prefix().covers", "Outcome"} <= names


@pytest.mark.parametrize(
    ("name", "parameter", "function"), CALLS, ids=[f"{name}({given})" for name, given, _ in CALLS]
)
def test_wrong_arguments(
    name: str,
    parameter: str,
    function: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A wrong value raises an error that names the argument, or it is accepted."""
    monkeypatch.chdir(tmp_path)  # a text may be the name of a file that is made
    for what, make in WRONG.items():
        if parameter in OWN and what in ("class", "function"):
            continue  # an error of the caller's function
        if what == "10**5000" and isinstance(function, type) and issubclass(function, Enum):
            continue  # Python's own enumerations cannot print it
        error = error_of(name, parameter, function, make())
        if isinstance(error, TypeError):
            assert parameter in str(error), what
        elif error is not None:
            assert str(error), what


def error_of(
    name: str, parameter: str, function: Callable[..., object], value: object
) -> Exception | None:
    """Return the error of a call, if it is one of those that it may raise."""
    try:
        call(name, parameter, function, value)
    except (peerlint.PeerlintError, TypeError, *DOCUMENTED.get(name, ())) as error:
        return error
    return None


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name in peerlint.__all__
        if isinstance(kind := getattr(peerlint, name), type)
        and issubclass(kind, Enum)
        and issubclass(kind, str)
    ),
)
@pytest.mark.parametrize("wrong", ["10**5000", "5", "None", "no octets", "no items", "object"])
def test_a_member_is_looked_up_by_a_string(name: str, wrong: str) -> None:
    """Other types are no members of a public enum: the error names the enum and its members."""
    kind = getattr(peerlint, name)

    with pytest.raises(InputError, match=f"{name}: expected '"):
        kind(WRONG[wrong]())
    assert list(kind) == [kind(str(each)) for each in kind]
