"""Values and errors survive pickle, copies and worker processes."""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
import pkgutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import peerlint
from peerlint.bulk.kernel.contract import BrokenError
from peerlint.errors import Mistake, WireError
from peerlint.feeds.streams import StreamError
from peerlint.report.json import parse_report
from peerlint.wire.damage import Lost
from peerlint.wire.reach import MpUnreach
from peerlint.wire.rtr import ErrorCode
from peerlint.wording import Words

MAPS = Path(__file__).parents[1] / "examples" / "maps"
DUMP = str(MAPS / "microsoft.mrt")


def _pickled(protocol: int, value: Any) -> Any:  # noqa: ANN401  # of every kind, and back
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301  # our own octets


WAYS: dict[str, Callable[[Any], Any]] = {
    **{f"protocol {each}": partial(_pickled, each) for each in range(pickle.HIGHEST_PROTOCOL + 1)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}

# -- values


@cache
def values() -> dict[str, object]:
    """Return values of every public class by name, made as users make them."""
    inventory = peerlint.load_inventory(MAPS / "peering.toml")
    scan, batches = _scanned()
    elements = peerlint.dump(DUMP)
    export = peerlint.load_azure()
    report, what_if = peerlint.check_without(inventory, [f"router={min(inventory.routers)}"])
    stored = parse_report(peerlint.render_report(report, "json"), "report.json")
    select = peerlint.Selection.of(
        prefix=["203.0.113.0/24"],
        prefix_more=["!203.0.113.0/24"],
        prefix_less=["203.0.113.0/24"],
        origin_asn=["64500"],
        peer_asn=["64500"],
        peer_ip=["192.0.2.1"],
        community=["64500:*", "no-export", "64500:1:2"],
        as_path=["_64500_"],
    )
    route = peerlint.Route.parse("203.0.113.0/24", path="64500", communities="8075:8007")
    return {
        "AsPath": peerlint.AsPath.parse("64500 {64501,64502} (64503)"),
        "Asn": peerlint.Asn(64500),
        "COMPILED": peerlint.COMPILED,
        "Community": peerlint.Community.parse("8075:8007"),
        "Criteria": peerlint.Criteria(allow=frozenset({"documentation"})),
        "Difference": peerlint.compare_reports(stored, stored),
        "Element": list(elements),
        "Export": export,
        "ExtendedCommunity": peerlint.ExtendedCommunity.parse("rt:64500:1"),
        "FailOn": peerlint.FailOn.OPEN,
        "Fact": peerlint.Fact.TAGGED | peerlint.Fact.LOOP,
        "Finding": report.findings,
        "Imported": peerlint.import_azure(export),
        "Inventory": inventory,
        "InventoryLines": peerlint.load_inventory_lines(MAPS / "peering.toml"),
        "KeyEntry": peerlint.list_keys(inventory),
        "LargeCommunity": peerlint.LargeCommunity.parse("64500:1:2"),
        "Masks": peerlint.Masks(peerlint.Fact.TAGGED),
        "MaxAge": peerlint.MaxAge.parse("24h"),
        "Outcome": peerlint.Outcome.FAIL,
        "Prefix": [
            peerlint.Prefix.parse("203.0.113.0/24"),
            peerlint.Prefix.parse("2001:db8::/32"),
        ],
        "Profile": [peerlint.load_profile(name) for name in peerlint.list_profiles()],
        "Quality": [scan.quality, elements.quality],
        "Report": report,
        "Route": [route, *batches[0].routes()],
        "Rule": peerlint.list_rules(),
        "ScanResult": peerlint.scan_all([DUMP]),
        "Selection": select,
        "Severity": peerlint.Severity.ERROR,
        "SourceSummary": report.sources,
        "State": peerlint.State.VERIFIED,
        "StoredReport": stored,
        "Tally": scan.tally,
        "View": peerlint.View.RECEIVED,
        "WhatIf": what_if,
        "ReplaySummary": peerlint.ReplaySummary(),
        "WatchEnd": peerlint.WatchEnd("asked"),
        "Viewpoint": peerlint.Viewpoint(peerlint.View.RECEIVED, peerlint.Asn(64500)),
        "__version__": peerlint.__version__,
        # Other values that public functions and properties return.
        "counts": scan.counts,
        "matrix": report.matrix(),
        "times": scan.times,
    }


def _scanned() -> tuple[peerlint.Scan, list[peerlint.RouteBatch]]:
    scan = peerlint.scan(DUMP)
    return scan, list(scan)


#: Classes of dumps that are being read.
LIVE: dict[str, Callable[[], object]] = {
    "DumpLines": lambda: peerlint.dump_lines([DUMP]),
    "Elements": lambda: peerlint.dump(DUMP),
    "Scan": lambda: peerlint.scan(DUMP),
}


#: Interfaces, which callers implement.
PROTOCOLS = {"Registry", "RouteEncoder"}
#: Classes of feeds, which read for one check only.
FEEDS = {"FeedInput"}
#: What runs once, and what controls it.
RUNNING = {"Replay", "WatchControl"}


def test_every_public_name_has_a_value() -> None:
    """Every name of `peerlint.__all__` has a value in these tests."""
    functions = {
        name for name in peerlint.__all__ if isinstance(getattr(peerlint, name), FunctionType)
    }
    errors = {
        name
        for name in peerlint.__all__
        if inspect.isclass(found := getattr(peerlint, name)) and issubclass(found, Exception)
    }
    tested = {*values(), *LIVE, *PROTOCOLS, *FEEDS, *RUNNING, "RouteBatch"}

    assert set() == set(peerlint.__all__) - functions - errors - tested


@pytest.mark.parametrize("way", WAYS)
def test_values_survive(way: str) -> None:
    """Every public value equals its pickled and copied self, with the same hash."""
    for name, value in values().items():
        made = WAYS[way](value)

        assert (name, made) == (name, value)
        assert type(made) is type(value)
        assert _hash(made) == _hash(value)


def _hash(value: object) -> int | None:
    try:
        return hash(value)
    except TypeError:  # it contains a mapping or a list
        return None


@pytest.mark.parametrize("way", WAYS)
def test_batches_survive(way: str) -> None:
    """A batch keeps its columns, peers and octets, and decodes the same routes."""
    _, batches = _scanned()
    for batch in batches:
        made = WAYS[way](batch)

        assert made.rows.tolist() == batch.rows.tolist()
        assert (made.peers, made.buffer) == (batch.peers, batch.buffer)
        assert made.routes() == batch.routes()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", LIVE)
def test_open_dumps_cannot_be_pickled(name: str, way: str) -> None:
    """A `Scan` or `Elements` raises an error that says what to do instead."""
    with pytest.raises(TypeError, match=rf"{name} cannot be pickled or copied: .*path"):
        WAYS[way](LIVE[name]())


@pytest.mark.parametrize("way", WAYS)
def test_stored_reports_survive(tmp_path: Path, way: str) -> None:
    """A report that was read from a file survives too."""
    file = tmp_path / "report.json"
    report = values()["Report"]
    assert isinstance(report, peerlint.Report)
    file.write_text(peerlint.render_report(report, "json"), encoding="utf-8")
    stored = peerlint.load_report(file)

    assert WAYS[way](stored) == stored


# -- errors


def _subclasses(cls: type[BaseException]) -> Iterator[type[BaseException]]:
    for each in cls.__subclasses__():
        yield each
        yield from _subclasses(each)


def _all_errors() -> list[type[BaseException]]:
    """Return all exception classes, after importing every module of the package."""
    for module in pkgutil.walk_packages(peerlint.__path__, "peerlint."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found = {each for each in _subclasses(BaseException) if each.__module__.startswith("peerlint")}
    return sorted(found, key=lambda each: each.__qualname__)


ERRORS = _all_errors()
#: An argument for each parameter of the constructors of exceptions.
ARGUMENTS: dict[str, object] = {
    "at": 3,
    "close": "d",
    "code": ErrorCode.CORRUPT_DATA,
    "expected": "b",
    "fault": 1,
    "file": "f.toml",
    "found": "c",
    "hint": "e",
    "is_announcement": True,
    "is_refused": True,
    "lost": Lost(5, 9, WireError(5, expected="a", found="b")),
    "mistakes": (Mistake("the file", "key", "b", "c", path=("key", 1), line=3),),
    "name": "Scan",
    "number": 15,
    "offset": 5,
    "pdu": b"\x01",
    "readable": MpUnreach(4, 1),
    "reason": "no such file",
    "retry_after": 7.0,
    "row": 4,
    "source": "s.mrt",
    "start": 2,
    "text": "g",
    "wanted": 7,
    "what": "a",
}


def _made(cls: type[BaseException]) -> BaseException:
    """Return an error with an argument for every parameter of its class, and a note."""
    own = next(each for each in cls.__mro__ if "__init__" in vars(each))
    if own.__module__.startswith("peerlint") and own is not peerlint.PeerlintError:
        parameters = inspect.signature(cls).parameters.values()
        free = [ARGUMENTS[each.name] for each in parameters if each.kind is not each.KEYWORD_ONLY]
        named = {
            each.name: ARGUMENTS[each.name] for each in parameters if each.kind is each.KEYWORD_ONLY
        }
        error = cls(*free, **named)
    else:
        error = cls("what is wrong")
    error.add_note("a note")
    return error


def _told(error: BaseException) -> tuple[object, ...]:
    """Return the class, message, attributes and notes of an error, for comparison."""
    return type(error), str(error), error.args, repr(sorted(vars(error).items()))


def test_the_errors_are_found() -> None:
    """Public and private exception classes are found."""
    assert {peerlint.InputError, peerlint.DamageError, StreamError, BrokenError} <= set(ERRORS)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cls", ERRORS, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_errors_survive(cls: type[BaseException], way: str) -> None:
    """Every exception of the package keeps its class, message, attributes and notes."""
    error = _made(cls)

    assert _told(WAYS[way](error)) == _told(error)


@pytest.mark.parametrize("found", [threading.Lock(), (each for each in ()), lambda: 0, object])
def test_what_was_found_may_be_anything(found: object) -> None:
    """A value that cannot be pickled is replaced by its text; the message is the same."""
    error = peerlint.InputError("prefix", expected="a text", found=found)
    made = _pickled(pickle.HIGHEST_PROTOCOL, error)

    assert str(made) == str(error)
    assert isinstance(made.found, Words) or made.found is found


# -- processes


def _raise(cls: type[BaseException]) -> None:
    raise _made(cls)


def _routes(path: str) -> int:
    return len(list(peerlint.dump(path)))


@pytest.mark.slow
def test_workers_raise_in_their_parent() -> None:
    """Each error of a worker is raised in its parent, from both kinds of pools, without a hang."""
    spawning, forking = map(multiprocessing.get_context, ("spawn", "forkserver"))
    raised = [each for each in ERRORS if issubclass(each, Exception)]
    with ProcessPoolExecutor(1, mp_context=forking) as executor, spawning.Pool(1) as pool:
        for cls in raised:
            error = _told(_made(cls))
            asked = pool.apply_async(_raise, (cls,))

            assert _told(_or_error(executor.submit(_raise, cls).result)) == error
            assert _told(_or_error(partial(asked.get, 30))) == error
        for path in ("/nope", "\0"):
            with pytest.raises(peerlint.FeedError):
                executor.submit(_routes, path).result()
            with pytest.raises(peerlint.FeedError):
                pool.apply_async(_routes, (path,)).get(30)


def _or_error(ask: Callable[[], object]) -> BaseException:
    try:
        ask()
    except Exception as error:  # noqa: BLE001  # the claim is about all of them
        # Without the pool's own note, which is the traceback of the worker.
        return error
    raise AssertionError("nothing was raised")


def test_values_go_to_workers_and_back() -> None:
    """A worker receives and returns every public value."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("forkserver")) as executor:
        assert executor.submit(copy.copy, values()).result() == values()
