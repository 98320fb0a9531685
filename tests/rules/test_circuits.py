"""Connections, circuits and the routers that they end on (contradictions#routers-and-circuits)."""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Outcome
from peerlint.testing.notation import evaluate

CONNECTIONS: Final = "topology.min-connections"
REDUNDANCY: Final = "topology.local-redundancy"
DIVERSITY: Final = "topology.router-diversity"
RATIO: Final = "topology.router-circuit-ratio"
ROWS: Final = {CONNECTIONS, REDUNDANCY, DIVERSITY, RATIO}

#: ams-1 on edge1.ams and ams-2 on edge2.ams are one circuit, as a bundle is; or two with names.
ONE: Final = "connection ams-1 circuit=X1\nconnection ams-2 circuit=X1\n"
TWO: Final = "connection ams-1 circuit=X1\nconnection ams-2 circuit=X2\n"
SAME_ROUTER: Final = "connection ams-2 router=edge1.ams\n"
#: A third connection there, of another peering of the AS, whose circuit has no name or X1.
THIRD: Final = "peering contoso-2 {} 64500 Amsterdam\nsession ams-3 edge3.ams\n"
#: One in another metro, on the router of ams-1.
FAR: Final = "peering contoso-fra {} 64500 Frankfurt\nsession fra-1 edge1.ams\nsession fra-2 e2\n"


@pytest.mark.parametrize(
    ("text", "maps", "partner"),
    [
        # two connections, two circuits
        ("", set(), set()),
        (TWO, set(), set()),
        (SAME_ROUTER, {DIVERSITY}, {RATIO}),
        (TWO + SAME_ROUTER, {DIVERSITY}, {RATIO}),
        # one circuit is one interconnect, which ends on one router; for Azure there are still
        # two connections
        (ONE, {REDUNDANCY}, {REDUNDANCY}),
        (ONE + SAME_ROUTER, {REDUNDANCY}, {REDUNDANCY}),
        # with a third connection the metro is redundant again, unless it is on the same circuit
        (ONE + THIRD, set(), set()),
        (f"{ONE}{THIRD}connection ams-3 circuit=X1", {REDUNDANCY}, {REDUNDANCY}),
        (f"{ONE}{THIRD}connection ams-3 router=edge1.ams", {DIVERSITY}, {RATIO}),
        # a circuit may have the name of a connection
        ("connection ams-1 circuit=ams-2", set(), set()),
        # the ratio counts over all metros, router diversity in one
        (FAR, set(), {RATIO}),
        (f"{FAR}connection ams-1 circuit=X1\nconnection fra-1 circuit=X1", set(), set()),
    ],
)
def test_circuits(text: str, maps: set[str], partner: set[str]) -> None:
    """A circuit is one interconnect in every rule about redundancy."""
    for profile, expected in (("maps", maps), ("partner", partner)):
        scenario = f"peering contoso-ams profile={profile}\n{text.replace('{}', profile)}"
        failed = {each.rule for each in evaluate(scenario).findings if each.outcome is Outcome.FAIL}
        own = ROWS - {CONNECTIONS} if "contoso-2" in text else ROWS  # which has one connection

        assert expected == failed & own, profile


def test_the_message_names_one_circuit() -> None:
    """The message names the connections that share a circuit."""
    (message,) = {sentence(each) for each in evaluate(ONE).failed() if each.rule == REDUNDANCY}

    assert (
        "found 1 interconnect of AS64500 in Amsterdam (ams-1, ams-2: one circuit), "
        "wanted at least 2"
    ) == message


def test_the_router_of_a_single_circuit_is_not_needed() -> None:
    """If a metro has one circuit, router diversity is not unknown."""
    unknown = {
        each.rule
        for each in evaluate(f"{ONE}connection ams-2 router=").findings
        if each.outcome is Outcome.UNKNOWN
    }

    assert DIVERSITY not in unknown
