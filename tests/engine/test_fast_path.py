"""Routes on which no rule can fire are skipped, and equal prefixes evaluated once: same report."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.engine import column_index, evaluate
from peerlint.model import Prefix, Route
from peerlint.observations import Observations
from peerlint.results import NOT_REQUIRED, Report
from peerlint.rules import CATALOGUE, Scope
from peerlint.testing import strategies
from peerlint.testing.notation import Scenario, scenario

HEAD = (
    "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
)
VIEWS = ("received", "sent", "loc-rib", "advertised", "adj-rib-in", "collector")


def content(report: Report) -> tuple[object, ...]:
    """Return everything about prefixes in a report."""
    return (
        sorted(map(str, report.findings)),
        report.prefixes,
        report.cells.rows,
    )


def slowly(found: Scenario, *, strict: bool) -> Report:
    """Evaluate all rules, also where none can fire."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate.Evaluator, "cannot_fire", lambda *_: False)
        return found.evaluate(strict=strict)


@given(
    route=strategies.routes(path_id=False),
    view=st.sampled_from(VIEWS),
    own=st.booleans(),
    strict=st.booleans(),
)
def test_skipped_routes_are_those_that_no_rule_fires_on(
    route: Route, view: str, own: bool, strict: bool
) -> None:
    """For any route, at this peering or another one, the report is the same."""
    session = "ams-1" if own else "fra-1"
    found = scenario(
        f"{HEAD}registered {route.prefix}\nview {session} {view}\n{session} {route}\n"
        f"ams-2 {route.prefix} path 64500 community 8075:8007"
    )

    fast, slow = found.evaluate(strict=strict), slowly(found, strict=strict)

    assert content(slow) == content(fast)


def test_a_row_has_every_session() -> None:
    """A session of another peering without a route for a prefix has the cell `-`."""
    report = scenario(
        f"{HEAD}registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 community 8075:8007"
    ).evaluate()

    assert {"fra-1": NOT_REQUIRED, "ams-1": "ok", "ams-2": "missing"} == (
        report.cells.rows["contoso-ams 203.0.113.0/24"]
    )


def one_by_one(found: Scenario, *, strict: bool) -> Report:
    """Evaluate each prefix by itself, and all rules."""
    find = column_index._Index.found

    def distinct(self: column_index._Index, prefix: Prefix) -> column_index.PrefixRoutes:
        return attrs.evolve(find(self, prefix), pattern=(str(prefix).encode(), b""))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_index._Index, "found", distinct)
        return slowly(found, strict=strict)


#: Waivers and attestations for rules about cells without masks.
STATEMENTS = [
    "",
    *(
        f"{kind} {rule.id} {scope}"
        for rule in CATALOGUE.values()
        if rule.scope is Scope.CELL and rule.masks is None
        for kind, scope in (("waive", "ams-1"), ("waive", "203.0.113.0/24"), ("attest", "ams-1"))
    ),
]


@given(
    shown=st.lists(
        st.tuples(
            st.sampled_from(["ams-1", "ams-2", "fra-1", "fra-2"]),
            st.sampled_from(["203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/22"]),
            st.sampled_from(
                [
                    "path 64500 community 8075:8007",
                    "path 64500 community 8075:8007 path-id 7",
                    "path 64500 64501 community 8075:8007 next-hop 192.0.2.0",
                    "path 64500 64501",
                    "path 64500 malformed COMMUNITIES",
                ]
            ),
        ),
        max_size=16,
    ),
    inside=st.booleans(),
    view=st.sampled_from(VIEWS),
    stated=st.sampled_from(STATEMENTS),
    strict=st.booleans(),
)
def test_prefixes_with_equal_announcements(
    shown: list[tuple[str, str, str]], inside: bool, view: str, stated: str, strict: bool
) -> None:
    """The result of a prefix holds for others with equal announcements at other peerings."""
    lines = [f"{session} {prefix} {route}" for session, prefix, route in shown]
    if inside:
        lines.append("fra-1 198.18.1.0/24 path 64500")
    found = scenario(
        f"peering contoso-par maps 64500 Paris\nsession fra-2 edge2.fra\n{HEAD}"
        "registered 203.0.113.0/24\nregistered 198.51.100.0/24\n"
        f"registered 198.18.0.0/22\nview fra-1 {view}\nview ams-1 {view}\n{stated}\n"
        + "\n".join(lines)
    )

    fast, slow = found.evaluate(strict=strict), one_by_one(found, strict=strict)

    assert content(slow) == content(fast)


@pytest.mark.parametrize("stated", STATEMENTS)
@pytest.mark.parametrize("view", VIEWS)
def test_statements_about_sessions_without_findings(stated: str, view: str) -> None:
    """A waiver without effect is a warning; an attestation of an evaluated rule is none."""
    found = scenario(
        f"{HEAD}registered 203.0.113.0/24\nview ams-1 {view}\nview ams-2 {view}\n{stated}\n"
        + "\n".join(f"ams-{n} 203.0.113.0/24 path 64500 community 8075:8007" for n in (1, 2))
    )

    fast, slow = found.evaluate(), one_by_one(found, strict=False)

    assert content(slow) == content(fast)


ROUTES = st.lists(
    st.tuples(
        st.sampled_from(["203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/22"]),
        st.sampled_from(["path 64500 community 8075:8007", "path 64500 64501 community 8075:8007"]),
    ),
    max_size=6,
    unique_by=lambda route: route[0],
)


@given(received=ROUTES, sent=ROUTES)
def test_sent_and_received_routes(
    received: list[tuple[str, str]], sent: list[tuple[str, str]]
) -> None:
    """Prefixes with equal received routes may have different sent routes."""
    head = (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "registered 203.0.113.0/24\nregistered 198.51.100.0/24\nregistered 198.18.0.0/22\n"
    )
    sides = [
        scenario(
            f"{head}view ams-1 {view}\n"
            + "\n".join(f"ams-1 {prefix} {route}" for prefix, route in routes)
        )
        for view, routes in (("received", received), ("sent", sent))
    ]
    both = tuple(source for side in sides for source in side.observations.of("ams-1"))
    found = attrs.evolve(sides[0], observations=Observations((), {"ams-1": both}))

    fast, slow = found.evaluate(), one_by_one(found, strict=False)

    assert content(slow) == content(fast)
