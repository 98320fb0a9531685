"""Each kind of subject says itself what the engine asks of all of them."""

from __future__ import annotations

from typing import get_args

import pytest

from peerlint.model import View
from peerlint.observations import Coverage, SessionCounts, SessionSource
from peerlint.results import SubjectName, SubjectRef
from peerlint.rules import (
    Cell,
    ConnectionSubject,
    InventorySubject,
    ObservedPeering,
    ObservedPrefix,
    ObservedServicePrefix,
    ObservedSession,
    PeeringSubject,
    PrefixSubject,
    Presence,
    Scope,
    ServicePrefixSubject,
    SessionSubject,
    Subject,
)
from peerlint.testing.notation import scenario

PREFIX = "203.0.113.0/24"
INVENTORY = scenario(
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
    f"registered {PREFIX}\nregistered 203.0.113.9/24\n"
    f"service contoso-maps\nservice-prefix {PREFIX}"
).inventory
(PEERING,) = INVENTORY.peerings
SESSION, OTHER = INVENTORY.sessions
REGISTERED, WITH_HOST_BITS = PEERING.registered_prefixes
(SERVICE,) = INVENTORY.peering_services
(ACTIVATED,) = SERVICE.service_prefixes
READ = REGISTERED.parsed
assert READ is not None


def source(
    view: View, *, coverage: Coverage = Coverage.COMPLETE, old: bool = False
) -> SessionSource:
    """Return a source without routes."""
    return SessionSource("edge.mrt", view, coverage, SessionCounts(0), (), is_too_old=old)


def cell(presence: Presence, view: View | None = None, *, asked: bool = True) -> Cell:
    """Return a cell of the first session."""
    seen = None if view is None else source(view)
    return Cell(PEERING, REGISTERED, READ, SESSION, presence, seen, is_required=asked)


RECEIVED = cell(Presence.PRESENT, View.RECEIVED)
NOT_KNOWN = cell(Presence.UNKNOWN)
OBSERVED = ObservedSession(SESSION, (source(View.RECEIVED), source(View.LOC_RIB, old=True)))
EVERY: list[Subject] = [
    RECEIVED,
    PrefixSubject(PEERING, REGISTERED, READ),
    ObservedPrefix(PEERING, REGISTERED, READ, (RECEIVED,), passing={"ams-2": View.SENT}),
    SessionSubject(SESSION),
    OBSERVED,
    ConnectionSubject(PEERING, SESSION.connection),
    PeeringSubject(PEERING),
    ObservedPeering(PEERING, (OBSERVED, ObservedSession(OTHER))),
    ServicePrefixSubject(PEERING, SERVICE, ACTIVATED, READ),
    ObservedServicePrefix(PEERING, SERVICE, ACTIVATED, READ, (RECEIVED,)),
    InventorySubject(PEERING, INVENTORY),
]
OF_SESSION = SubjectRef("contoso-ams", "ams-1", "ams-1", "edge1.ams")
OF_PREFIX = SubjectRef("contoso-ams", prefix=PREFIX)
REFS = {
    Scope.CELL: SubjectRef("contoso-ams", "ams-1", "ams-1", "edge1.ams", PREFIX),
    Scope.PREFIX: OF_PREFIX,
    Scope.SESSION: OF_SESSION,
    Scope.CONNECTION: SubjectRef("contoso-ams", "ams-1", router="edge1.ams"),
    Scope.PEERING: SubjectRef("contoso-ams"),
    Scope.SERVICE_PREFIX: OF_PREFIX,
    Scope.INVENTORY: SubjectRef("contoso-ams"),
}
#: What a waiver may name, besides the peering.
NAMES = {
    Scope.CELL: {"ams-1", "edge1.ams", PREFIX},
    Scope.PREFIX: {PREFIX},
    Scope.SESSION: {"ams-1", "edge1.ams"},
    Scope.CONNECTION: {"ams-1", "edge1.ams"},
    Scope.PEERING: set(),
    Scope.SERVICE_PREFIX: {PREFIX, "contoso-maps"},
    Scope.INVENTORY: set(),
}
IDS = [type(each).__name__ for each in EVERY]


def test_every_kind_is_here() -> None:
    """These tests leave out no kind of subject, and every scope has one."""
    assert set(get_args(Subject)) <= {type(each) for each in EVERY}
    assert set(Scope) == {each.scope for each in EVERY}


@pytest.mark.parametrize("subject", EVERY, ids=IDS)
def test_names(subject: Subject) -> None:
    """A finding names its subject, and a statement may name any part of it."""
    assert REFS[subject.scope] == subject.ref
    assert {"contoso-ams"} | NAMES[subject.scope] == subject.names


@pytest.mark.parametrize("subject", EVERY, ids=IDS)
def test_place(subject: Subject) -> None:
    """Sessions and connections lie in a metro, and only sessions have an address."""
    has_place = subject.scope in (Scope.CELL, Scope.SESSION, Scope.CONNECTION)
    has_address = subject.scope in (Scope.CELL, Scope.SESSION)

    assert ("Amsterdam" if has_place else None) == subject.location
    assert ("192.0.2.0" if has_address else None) == subject.peer


@pytest.mark.parametrize("subject", EVERY, ids=IDS)
def test_declarations(subject: Subject) -> None:
    """What is about a prefix knows the declaration and its owner: the key of a row."""
    declared = {Scope.CELL: REGISTERED, Scope.PREFIX: REGISTERED, Scope.SERVICE_PREFIX: ACTIVATED}
    owner = "contoso-maps" if subject.scope is Scope.SERVICE_PREFIX else "contoso-ams"

    assert declared.get(subject.scope) is subject.declared_prefix
    assert owner == subject.owner
    assert (owner if owner == "contoso-maps" else None) == subject.discriminator


@pytest.mark.parametrize(
    ("subject", "views"),
    [
        (RECEIVED, {View.RECEIVED}),
        (NOT_KNOWN, set()),
        (EVERY[2], {View.RECEIVED, View.SENT}),
        (OBSERVED, {View.RECEIVED}),
        (EVERY[7], {View.RECEIVED}),
        (EVERY[9], {View.RECEIVED}),
        (EVERY[5], set()),
    ],
)
def test_views(subject: Subject, views: set[View]) -> None:
    """A subject has the views of what was seen of it."""
    assert views == subject.views


@pytest.mark.parametrize("subject", [OBSERVED, EVERY[7]], ids=["session", "peering"])
def test_old_sources_are_left_out(subject: Subject) -> None:
    """A subject with sources of its own is asked about without the old ones too."""
    assert [False, True] == [each.is_too_old for each in subject.every_source]
    fresh = subject.without_old_sources()
    assert type(fresh) is type(subject)
    assert [False] == [each.is_too_old for each in fresh.every_source]


@pytest.mark.parametrize(
    ("subject", "applies", "is_undecided"),
    [
        (RECEIVED, True, False),
        (NOT_KNOWN, True, True),
        (RECEIVED, False, True),  # it was seen where the rule does not look
        (cell(Presence.ABSENT), False, False),
        (ObservedPrefix(PEERING, REGISTERED, READ, (RECEIVED, NOT_KNOWN)), True, True),
        (ObservedPrefix(PEERING, REGISTERED, READ, (RECEIVED,)), True, False),
        (ObservedServicePrefix(PEERING, SERVICE, ACTIVATED, READ, (NOT_KNOWN,)), True, True),
        (OBSERVED, True, False),
        (ObservedSession(SESSION), True, True),
        (ObservedSession(SESSION, (source(View.SENT, coverage=Coverage.PARTIAL),)), True, True),
        (EVERY[7], True, True),
        (ConnectionSubject(PEERING, SESSION.connection), True, False),
        (InventorySubject(PEERING, INVENTORY), True, False),
    ],
)
def test_undecided(subject: Subject, *, applies: bool, is_undecided: bool) -> None:
    """Routes that were not seen leave a rule about routes undecided."""
    assert is_undecided is subject.is_undecided(applies=applies)


def test_a_cell_that_nothing_asks_for_is_optional() -> None:
    """There a bad route cannot be worse than none."""
    assert not RECEIVED.is_optional
    assert cell(Presence.PRESENT, View.RECEIVED, asked=False).is_optional
    assert cell(Presence.PRESENT, View.ADJ_RIB_IN).is_hint
    assert not any(each.is_optional or each.is_hint for each in EVERY[1:])


def test_a_prefix_that_is_read_as_another_one_is_written_as_it_is_read() -> None:
    """Else the finding's own name says it."""
    assert SubjectName.PREFIX is PrefixSubject(PEERING, REGISTERED, READ).own_prefix
    assert str(READ) == PrefixSubject(PEERING, WITH_HOST_BITS, READ).own_prefix
