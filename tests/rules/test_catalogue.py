"""What every rule owes: examples, words, a page, a place in every profile, masks that agree."""

from __future__ import annotations

import re
from typing import Final

import attrs
import pytest
from hypothesis import given

from peerlint import engine
from peerlint.engine.cells import Subjects
from peerlint.inventory.peering import PROFILES
from peerlint.model import Route
from peerlint.profiles import shipped_profile
from peerlint.rules import (
    CATALOGUE,
    Cell,
    Context,
    PrefixSubject,
    Problem,
    Rule,
    Scope,
    SessionSubject,
    registrations,
)
from peerlint.testing import strategies
from peerlint.testing.notation import Scene, judge, scene
from peerlint.verdicts import Outcome

M, ML, SL, D, I, OFF = "must", "must-linked", "should-linked", "derived", "info", "off"  # noqa: E741  # the spec's letters

#: Spec A: number of the row, and what documents 000, 001, 002, 003 and 004 say.
#: B1 and B21 make "n/a" of longer-than-24 and traffic-class "info"; B2 makes "MUST (>24)" "MUST".
TABLE: Final[dict[str, tuple[int, str, str, str, str, str]]] = {
    "prefix.valid": (41, M, ML, ML, M, M),
    "prefix.ipv4-only": (42, M, M, M, M, M),
    "prefix.host-bits": (43, D, D, D, D, D),
    "prefix.private-range": (44, M, ML, ML, M, M),
    "prefix.own-routable": (45, M, M, M, M, M),
    "prefix.traffic-class": (46, I, M, I, M, I),
    "prefix.longer-than-24": (47, I, M, I, I, M),
    "prefix.too-short": (48, D, D, D, D, D),
    "registration.missing": (49, M, M, OFF, M, M),
    "registration.single-peering": (50, M, OFF, OFF, M, M),
    "registration.overlap": (51, D, D, D, D, D),
    "registration.name": (52, M, OFF, OFF, M, M),
    "route.not-received": (56, M, ML, OFF, M, M),
    "route.covering-only": (57, D, D, D, D, D),
    "route.more-specifics-only": (58, D, D, D, D, D),
    "route.more-specific-unregistered": (59, D, D, D, D, D),
    "route.ipv6-ignored": (81, D, D, D, D, D),
    "route.community-missing": (60, M, M, M, M, M),
    "route.community-wrong-type": (61, D, D, D, D, D),
    "route.community-conflict": (62, D, D, D, D, D),
    "route.empty-path": (70, D, D, D, D, D),
    "route.confed-leak": (68, D, D, D, D, D),
    "route.as-path-loop": (69, D, D, D, D, D),
    "route.as-path-length": (63, M, M, M, M, M),
    "route.private-asn": (64, M, M, M, M, M),
    "route.bogon-asn": (66, D, D, D, D, D),
    "route.prepending": (65, M, ML, ML, M, M),
    "route.as-set": (67, D, D, D, D, D),
    "route.first-as": (71, D, D, I, D, D),
    "route.origin-inconsistent": (72, SL, SL, SL, SL, SL),
    "route.inconsistent-locations": (76, SL, SL, SL, SL, SL),
    "route.asymmetric-local": (77, D, D, D, D, D),
    "route.next-hop": (79, D, D, I, D, D),
}
#: The columns of spec A, in its order.
COLUMNS: Final = ("direct", "partner", "route-server", "maps", "voice")
FAMILIES: Final = {
    "peerlint.rules.prefix": "prefix",
    "peerlint.rules.registration": "registration",
    "peerlint.rules.route.community": "route",
    "peerlint.rules.route.consistency": "route",
    "peerlint.rules.route.path": "route",
    "peerlint.rules.route.presence": "route",
}
ADVICE: Final = {"use", "avoid", "ensure", "should", "must", "check", "set", "fix", "do", "never"}
RULES: Final = list(CATALOGUE.values())
MASKED: Final = [rule for rule in RULES if rule.masks is not None]


def by_id(rule: Rule) -> str:
    """Name a row after its rule."""
    return rule.id


def outcomes(rule: Rule, text: str) -> set[Outcome]:
    """Return what the rule says of a scene."""
    return {found.outcome for found in judge(text).findings if found.rule == rule.id}


def test_there_are_rules() -> None:
    """The catalogue holds exactly the rules of the table, in its order of families."""
    assert sorted(TABLE) == sorted(CATALOGUE)
    assert len(TABLE) == len({number for number, *_ in TABLE.values()})


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_fires_on_its_examples(rule: Rule) -> None:
    """A rule has examples that fire, and each of them fails."""
    assert rule.fires_on
    assert [] == [text for text in rule.fires_on if Outcome.FAIL not in outcomes(rule, text)]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_is_silent_on_its_examples(rule: Rule) -> None:
    """A rule has examples that it does not fail on."""
    assert rule.silent_on
    assert [] == [text for text in rule.silent_on if Outcome.FAIL in outcomes(rule, text)]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_passes_an_example_with_all_needs_present(rule: Rule) -> None:
    """One of the silent examples says nothing at all: what the rule needs is there."""
    assert set() in [outcomes(rule, text) for text in rule.silent_on]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_id_is_family_and_name(rule: Rule) -> None:
    """An id is the family of the rule's module, a dot, and small words with hyphens."""
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert FAMILIES[rule.check.__module__] == rule.id.partition(".")[0]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_title_names_the_problem(rule: Rule) -> None:
    """A title is a statement without a full stop; it gives no advice."""
    words = re.findall(r"[A-Za-z]+", rule.title)

    assert rule.title[0].isupper()
    assert not rule.title.endswith((".", "!", "?"))
    assert words[0].lower() not in ADVICE
    assert {"should", "must"}.isdisjoint(word.lower() for word in words)


def test_titles_and_words_differ() -> None:
    """No two rules have the same title, and no two of cells the same word in the matrix."""
    words = [rule.word for rule in RULES if rule.scope is Scope.CELL]

    assert len(RULES) == len({rule.title for rule in RULES})
    assert len(words) == len(set(words))
    assert [] == [rule.id for rule in RULES if not 1 <= len(rule.word.split()) <= 3]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_page_says_what_to_do(rule: Rule) -> None:
    """A page starts with a sentence and has one paragraph that says what to do."""
    paragraphs = rule.page.split("\n\n")

    assert paragraphs[0].endswith(".")
    assert 1 == sum(paragraph.startswith("What to do: ") for paragraph in paragraphs)


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_needs_are_declared(rule: Rule) -> None:
    """A rule about routes says so, and one about declarations needs none."""
    about_routes = rule.id.startswith("route.") or rule.id in (
        "prefix.own-routable",
        "registration.missing",
    )

    assert about_routes == ("routes" in rule.needs)
    assert not ("communities" in rule.needs and "routes" not in rule.needs)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.diagnoses], ids=by_id)
def test_diagnoses_name_rules(rule: Rule) -> None:
    """A diagnosis explains another rule of the catalogue, in that rule's own portal words."""
    general = CATALOGUE[str(rule.diagnoses)]

    assert general.diagnoses is None
    assert general.portal == rule.portal
    assert general.scope is rule.scope


def test_the_diagnoses_are_known() -> None:
    """57 and 58 explain 56, 61 explains 60 (design, section 5)."""
    found = {(rule.id, rule.diagnoses) for rule in RULES if rule.diagnoses}

    assert {
        ("route.covering-only", "route.not-received"),
        ("route.more-specifics-only", "route.not-received"),
        ("route.community-wrong-type", "route.community-missing"),
    } == found


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_portal_texts_can_be_filled_in(rule: Rule) -> None:
    """A portal text names nothing but the session's address and the prefix."""
    filled = [text.format(peer="192.0.2.0", prefix="203.0.113.0/24") for text in rule.portal]

    assert [] == [text for text in filled if "{" in text or not text]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_somebody_asks_for_it(rule: Rule) -> None:
    """A rule names the documents that it rests on, a stage and a step of spec D2."""
    assert rule.basis
    assert all(rule.basis)
    assert rule.stages
    assert 1 <= rule.step <= 11


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_has_every_rule(name: str) -> None:
    """A shipped profile says something of each rule, if only that it is off."""
    assert sorted(CATALOGUE) == sorted(shipped_profile(name).rules)


@pytest.mark.parametrize("rule", sorted(TABLE))
def test_profiles_say_what_the_documents_say(rule: str) -> None:
    """The five profiles agree with the row of spec A."""
    said = tuple(str(shipped_profile(name).rules[rule].says) for name in COLUMNS)

    assert TABLE[rule][1:] == said


def test_no_shipped_profile_changes_a_severity() -> None:
    """How bad a problem is stands in its declaration, and in "info" for "asked for elsewhere"."""
    changed = [
        (name, rule)
        for name in PROFILES
        for rule, setting in shipped_profile(name).rules.items()
        if setting.severity is not None
    ]

    assert [] == changed


def answers(rule: Rule, found: Scene) -> list[bool]:
    """Ask a rule about each subject for which its masks hold; whether it found a problem."""
    (peering,) = found.inventory.peerings
    (profile,) = found.profiles.values()
    criteria = engine.criteria_of(profile, found.inventory)
    context = Context(found.inventory, registrations(found.inventory), criteria, profile.name)
    subjects = Subjects(found.inventory, found.observations)
    (prefix,) = subjects.prefixes(peering)
    session = subjects.sessions(peering)[0]
    routes = session.source.observations if session.source is not None else ()
    firing = tuple(seen for seen in routes if rule.masks and rule.masks.hold(seen.facts))
    if not firing:
        return []
    about: dict[Scope, Cell | PrefixSubject | SessionSubject] = {
        Scope.CELL: attrs.evolve(prefix.cells[0], firing=firing),
        Scope.PREFIX: prefix,
        Scope.SESSION: session,
    }
    return [isinstance(one, Problem) for one in rule.ask(about[rule.scope], context)]


def of_one_route(route: Route) -> Scene:
    """Register a route's prefix and show the route on ams-1."""
    return scene(f"registered {route.prefix}\nams-1 {route}")


@pytest.mark.parametrize("rule", MASKED, ids=by_id)
def test_masks_hold_where_examples_fire(rule: Rule) -> None:
    """The check finds a problem in each example whose routes the masks hold for."""
    shown = [
        text if "ams-1" in text else f"{text}\nams-1 {text.split()[1]} path 64500"
        for text in rule.fires_on
    ]
    scenes = [
        text if "registered" in text else f"registered 203.0.113.0/24\n{text}" for text in shown
    ]

    said = [answers(rule, scene(text)) for text in scenes]

    assert all(each and all(each) for each in said)


@given(route=strategies.routes(path_id=False))
def test_check_agrees_with_masks(route: Route) -> None:
    """Wherever masks hold for a route as received, the check finds a problem in it."""
    found = of_one_route(route)

    silent = [
        rule.id
        for rule in MASKED
        if (said := answers(rule, found)) and not all(said)  # no masks held, or a problem
    ]
    mute = [
        rule.id
        for rule in MASKED
        if rule.masks is not None
        and rule.masks.hold(found.observations.of("ams-1")[0].observations[0].facts)
        and not answers(rule, found)
    ]
    assert ([], []) == (silent, mute)


@given(route=strategies.routes(path_id=False))
def test_prefix_rules_agree_with_masks(route: Route) -> None:
    """A rule about a prefix that has masks finds a problem if and only if they hold."""
    found = of_one_route(route)
    (facts,) = {one.facts for one in found.observations.of("ams-1")[0].observations}
    (verdict,) = judge(f"registered {route.prefix}").prefixes

    held = {
        rule.id
        for rule in MASKED
        if rule.scope is Scope.PREFIX and rule.masks and rule.masks.hold(facts)
    }
    passed = {rule.id for rule in MASKED if rule.scope is Scope.PREFIX} & set(verdict.passed)
    assert held.isdisjoint(passed)
    assert {rule.id for rule in MASKED if rule.scope is Scope.PREFIX} == held | passed
