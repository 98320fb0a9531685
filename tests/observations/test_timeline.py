"""A table and the updates after it are applied in time order, however they are split over files."""

from __future__ import annotations

from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import DumpReader
from peerlint.model import Criteria
from peerlint.observations import Coverage, Observations, RibArgument, SessionSource, SourceBuilder
from peerlint.testing.dumps import ESTABLISHED, TIMESTAMP, FeedSession, RibDump, UpdateDump
from peerlint.testing.notation import scenario

INVENTORY: Final = scenario("").inventory
PEERS: Final = {"ams-1": "192.0.2.0", "ams-2": "192.0.2.2"}
SESSIONS: Final = {
    name: FeedSession(peer, 64500, f"{peer[:-1]}{int(peer[-1]) + 1}", 8075)
    for name, peer in PEERS.items()
}
PREFIXES: Final = ("203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/15")
PATHS: Final = ("64500", "64500 64501", "64500 64501 64502")
SECOND: Final = 1_000_000
#: The routes of each session: prefix and path.
State = dict[str, dict[str, str]]


@attrs.frozen
class Step:
    """An event on the wire, or a table that is taken.

    Attributes:
        pause: seconds since the step before it.
        kind: "table", "announce", "withdraw", "down" or "up".
        session: the session of the event; a table has both sessions.
        prefix: the prefix that is announced or withdrawn.
        path: the path that is announced.
        cut: whether a new file begins with it.
    """

    pause: int
    kind: str
    session: str
    prefix: str
    path: str
    cut: bool


STEPS: Final = st.lists(
    st.builds(
        Step,
        st.sampled_from((0, 0, 1, 60, 3600)),
        st.sampled_from(("announce", "announce", "withdraw", "table", "down", "up")),
        st.sampled_from(sorted(SESSIONS)),
        st.sampled_from(PREFIXES),
        st.sampled_from(PATHS),
        st.booleans(),
    ),
    max_size=20,
)


def table(state: State, time: int) -> bytes:
    """Return a table of the current routes of both sessions."""
    dump = RibDump(timestamp=time)
    for name, peer in PEERS.items():
        number = dump.peer(peer, 64500)
        dump.routes(number, *(f"{prefix} path {path}" for prefix, path in state[name].items()))
    return dump.octets()


def update(step: Step, time: int) -> bytes:
    """Return the record of an event."""
    dump, session = UpdateDump(timestamp=time), SESSIONS[step.session]
    if step.kind == "announce":
        dump.announce(session, f"{step.prefix} path {step.path}")
    elif step.kind == "withdraw":
        dump.withdraw(session, step.prefix)
    elif step.kind == "down":
        dump.state_change(session, ESTABLISHED, 1)
    else:
        dump.state_change(session)
    return dump.octets()


def written(steps: list[Step]) -> tuple[list[bytes], State]:
    """Write a history to files, and return them with the current routes at its end."""
    state: State = {name: {} for name in SESSIONS}
    time, files = TIMESTAMP, [table(state, TIMESTAMP)]
    for step in steps:
        time += step.pause * SECOND
        routes = state[step.session]
        if step.kind == "announce":
            routes[step.prefix] = step.path
        elif step.kind == "withdraw":
            routes.pop(step.prefix, None)
        elif step.kind in ("down", "up"):
            routes.clear()
        record = table(state, time) if step.kind == "table" else update(step, time)
        # Within a second, only one file knows the order.
        if step.cut and step.pause:
            files.append(record)
        else:
            files[-1] += record
    return files, state


def observed(files: list[bytes], order: list[int]) -> Observations:
    """Read files in some order."""
    readings = []
    for number in order:
        argument = RibArgument.parse(f"f{number}", INVENTORY)
        builder = SourceBuilder(argument, INVENTORY, {"contoso-ams": Criteria()})
        reader = DumpReader(
            [files[number]], source="f", viewpoint=builder.viewpoint, criteria=Criteria()
        )
        builder.read(reader)
        readings.append(builder.close(reader.counts, reader.quality, reader.times))
    return Observations.join(readings)


def shown(source: SessionSource) -> set[tuple[str, str]]:
    """Return the prefixes and paths that a source shows."""
    return {(str(each.route.prefix), str(each.route.path)) for each in source.observations}


def described(found: Observations) -> list[list[object]]:
    """Return coverage, time and routes of each session's sources, in order of precedence."""
    return [
        [(each.coverage, each.last, sorted(shown(each))) for each in found.of(session)]
        for session in SESSIONS
    ]


@given(steps=STEPS, data=st.data())
def test_time_order_decides(steps: list[Step], data: st.DataObject) -> None:
    """Sources show current routes only, together all of them, in any order of the files."""
    files, state = written(steps)
    order = data.draw(st.permutations(range(len(files))))

    found = observed(files, order)

    for session, routes in state.items():
        sources = found.of(session)
        for source in sources:
            assert shown(source) <= set(routes.items())
            if source.coverage is Coverage.COMPLETE:
                assert shown(source) == set(routes.items())
        assert set().union(*map(shown, sources)) == set(routes.items())
    assert described(found) == described(observed(files, sorted(order)))
