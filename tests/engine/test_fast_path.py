"""What the engine leaves out makes no difference: quiet routes, and sessions without any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.engine import judge as judging
from peerlint.model import Route
from peerlint.testing import strategies
from peerlint.testing.notation import Scene, scene
from peerlint.verdicts import NOT_ASKED, Report

HEAD = (
    "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
)
VIEWS = ("received", "sent", "loc-rib", "advertised", "adj-rib-in", "collector")


def told(report: Report) -> tuple[object, ...]:
    """Return everything that a report says of prefixes."""
    return (
        sorted(map(str, report.findings)),
        report.prefixes,
        report.cells.rows,
    )


def slowly(found: Scene, *, strict: bool) -> Report:
    """Judge with no routes ever quiet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging.Court, "is_quiet", lambda *_: False)
        return found.judge(strict=strict)


@given(
    route=strategies.routes(path_id=False),
    view=st.sampled_from(VIEWS),
    own=st.booleans(),
    strict=st.booleans(),
)
def test_quiet_routes_are_those_that_no_rule_fires_on(
    route: Route, view: str, own: bool, strict: bool
) -> None:
    """Whatever is announced, here or at another peering, the report is the same."""
    session = "ams-1" if own else "fra-1"
    found = scene(
        f"{HEAD}registered {route.prefix}\nview {session} {view}\n{session} {route}\n"
        f"ams-2 {route.prefix} path 64500 community 8075:8007"
    )

    fast, slow = found.judge(strict=strict), slowly(found, strict=strict)

    assert told(slow) == told(fast)


def test_a_row_has_every_session() -> None:
    """A session of another peering that has no route for a prefix is not asked."""
    report = scene(
        f"{HEAD}registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 community 8075:8007"
    ).judge()

    assert {"fra-1": NOT_ASKED, "ams-1": "ok", "ams-2": "missing"} == (
        report.cells.rows["contoso-ams", "203.0.113.0/24"]
    )
