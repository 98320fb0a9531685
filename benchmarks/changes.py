"""`python -m benchmarks.changes [--prefixes N] [--sessions N ...]`: the cost of one changed route.

One AS with one peering announces its registered prefixes on every session. One route changes at a
time: `Checker.invalidate` returns the subjects that depend on it. These are evaluated again, and
the results are compared with those before, as a live monitor does. Four changes are timed: a route
begins to violate a rule, the same route is corrected, it violates the rule again, and it is
announced with another origin. The results of the second and the third are known from before.
Times are processor time in microseconds. The ratio is to the evaluation of all subjects in the same
run, because figures of different machines cannot be compared.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Final

from peerlint.engine import prepare
from peerlint.engine.checker import Checker
from peerlint.engine.dependents import RouteChange
from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.engine.subject_result import SubjectResult
from peerlint.engine.table_index import TableIndex
from peerlint.model import Route, View
from peerlint.observations import Coverage, RouteTable, SessionSource, session_match
from peerlint.testing.notation import scenario

NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
TAG: Final = "8075:8007"
#: Benchmarking space (RFC 2544).
_FIRST: Final = int(IPv4Address("198.18.0.0"))
#: How many changes of each kind are timed, at most.
_CHANGES: Final = 500
#: The path of a route after each kind of change.
_PATHS: Final = {"breaks a rule": "64500 64501 64501", "is mended": "64500 64501",
                 "breaks the rule again": "64500 64501 64501",
                 "has another origin": "64500 64502"}  # fmt: skip


def main() -> None:
    """Print the cost of a change for each number of sessions."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes", description=__doc__)
    parser.add_argument("--prefixes", type=int, default=5_000, help="8,192 at most")
    parser.add_argument("--sessions", type=int, nargs="+", default=[8, 200])
    arguments = parser.parse_args()
    print(f"{'prefixes x sessions, a route':<44}{'microseconds':>13}{'of the whole':>14}")
    for sessions in arguments.sessions:
        for label, seconds, whole in measured(arguments.prefixes, sessions):
            name = f"{arguments.prefixes} x {sessions}, {label}"
            print(f"{name:<44}{seconds * 1e6:>13.0f}{seconds / whole:>14.7f}")


def measured(prefixes: int, sessions: int) -> Iterable[tuple[str, float, float]]:
    """Yield each kind of change with its seconds, and the seconds of evaluating all subjects."""
    announced = [f"{IPv4Address(_FIRST + 16 * each)}/28" for each in range(prefixes)]
    prepared = _prepared(announced, sessions)
    index = _announced(prepared, [_route(each, "64500 64501") for each in announced])
    started = time.process_time()
    checker = Checker(prepared, index)
    results = {key: checker.evaluate(key) for key in checker.subjects()}
    whole = time.process_time() - started
    yield "everything evaluated", whole, whole
    yield "one cell of that", whole / (prefixes * sessions), whole
    changed = announced[:_CHANGES]
    # One collection of all objects takes longer than hundreds of changes.
    gc.collect()
    gc.freeze()
    for label, path in _PATHS.items():
        routes = [_route(each, path) for each in changed]
        started = time.process_time()
        differences = sum(
            _after(checker, results, index, f"s{at % sessions}", route)
            for at, route in enumerate(routes)
        )
        seconds = (time.process_time() - started) / len(routes)
        if not differences:
            raise AssertionError(f"a route that {label} made no difference")
        yield label, seconds, whole


def _after(
    checker: Checker,
    results: dict[SubjectKey, SubjectResult],
    index: TableIndex,
    session: str,
    route: Route,
) -> int:
    """Announce a route; return how many subjects have another result."""
    index.announce(session, route)
    differences = 0
    for key in checker.invalidate(RouteChange(session, route.prefix)):
        found = checker.evaluate(key)
        if found != results[key]:
            differences += 1
            results[key] = found
    return differences


def _prepared(announced: Iterable[str], sessions: int) -> Prepared:
    lines = ["peering contoso-ams maps 64500 Amsterdam"]
    lines += (f"session s{each} edge{each}.ams" for each in range(sessions))
    lines += (f"registered {each} name sbc-{at}" for at, each in enumerate(announced))
    found = scenario("\n".join(lines))
    return prepare(found.inventory, found.profiles, now=NOW, version="0", kernel="c")


def _announced(prepared: Prepared, routes: Iterable[Route]) -> TableIndex:
    routes, sources = tuple(routes), {}
    for session in prepared.inventory.sessions:
        match = session_match(session, View.RECEIVED)
        criteria = prepared.evaluators[session.peering.name].context.criteria
        table = RouteTable(session.id, match.viewpoint, criteria, "feed")
        for route in routes:
            table.announce(route)
        sources[session.id] = SessionSource(
            "feed", View.RECEIVED, Coverage.COMPLETE, table.counts, table
        )
    return TableIndex(sources)


def _route(prefix: str, path: str) -> Route:
    return Route.parse(prefix, path=path, communities=TAG)


if __name__ == "__main__":
    main()
