"""What every rule owes: examples, words, a page, a place in every profile, masks that agree."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Final

import attrs
import pytest
from hypothesis import given

from peerlint import engine
from peerlint.engine.column_index import ColumnIndex
from peerlint.engine.subjects import Subjects
from peerlint.inventory import RegisteredPrefix
from peerlint.inventory.peering import PROFILES
from peerlint.model import Route
from peerlint.profiles import Requirement, shipped_profile
from peerlint.results import Outcome, Severity
from peerlint.rules import (
    CATALOGUE,
    CHECKS,
    Cell,
    ConnectionSubject,
    Context,
    Kind,
    Need,
    PrefixSubject,
    Problem,
    Rule,
    Scope,
    SessionSubject,
    registrations,
)
from peerlint.testing import strategies
from peerlint.testing.notation import Scenario, judge, scenario

#: Each rule with what documents 000 to 004 say of it, written down once by hand.
#: Where a document is silent and another one is not, the row has what docs/explanation
#: decides in contradictions.md.
VECTORS: Final = Path(__file__).parents[1] / "vectors" / "catalogue" / "rules.csv"
TABLE: Final = {
    row["rule"]: row for row in csv.DictReader(VECTORS.read_text(encoding="utf-8").splitlines())
}
#: The columns of the table, in its order.
COLUMNS: Final = {
    "000": "direct", "001": "partner", "002": "route-server", "003": "maps", "004": "voice",
}  # fmt: skip
#: How many rules each family has.
FAMILIES: Final = {
    "topology": 29, "asn": 13, "prefix": 8, "registration": 7, "route": 27, "activation": 17,
    "ops": 14,
}  # fmt: skip
#: A module that is not named after its family.
MODULES: Final = {"operations": "ops"}
#: What Microsoft says and nobody can violate.
HINTS: Final = {
    "topology.rs-mesh", "ops.lead-time", "ops.session-ip-pending", "ops.status-by-mail",
    "ops.cross-connect-cost", "ops.portal-only",
}  # fmt: skip
#: Needs of data that this version cannot be given: rules that have them never pass.
NOT_YET: Final = {Need.IRR, Need.VRPS, Need.PEERINGDB}
ADVICE: Final = {"use", "avoid", "ensure", "should", "must", "check", "set", "fix", "do", "never"}
#: The verbs that a fix may start with.
VERBS: Final = {
    "activate", "add", "aggregate", "announce", "ask", "associate", "bring", "check", "choose",
    "clear", "complete", "configure", "correct", "create", "decide", "delete", "enable", "export",
    "fill", "filter", "find", "hand", "keep", "leave", "look", "make", "move", "name", "order",
    "provision", "register", "remove", "report", "select", "set", "sign", "staff", "stop",
    "terminate", "use", "wait", "write",
}  # fmt: skip
EVERY: Final = list(CATALOGUE.values())
#: Those that can fail.
RULES: Final = list(CHECKS.values())
#: Those that data of this version can answer: a person's word is data.
ANSWERABLE: Final = [
    rule for rule in RULES if Need.ATTESTATION in rule.needs or not rule.needs & NOT_YET
]
MASKED: Final = [rule for rule in RULES if rule.masks is not None]


def by_id(rule: Rule) -> str:
    """Name a row after its rule."""
    return rule.id


def outcomes(rule: Rule, text: str) -> set[Outcome]:
    """Return what the rule says of a scenario."""
    return {found.outcome for found in judge(text).findings if found.rule == rule.id}


def test_there_are_rules() -> None:
    """The catalogue holds exactly the 115 rules of the table, family by family."""
    counted = Counter(rule.id.partition(".")[0] for rule in EVERY)

    assert sorted(TABLE) == sorted(CATALOGUE)
    assert list(range(1, 116)) == sorted(int(row["number"]) for row in TABLE.values())
    assert counted == FAMILIES


def test_hints_are_those_of_the_table() -> None:
    """Six rows say what nobody can violate: they have a page and are never asked."""
    hints = {rule.id for rule in EVERY if rule.kind is Kind.HINT}

    assert hints == HINTS
    assert HINTS.isdisjoint(CHECKS)


@pytest.mark.parametrize("rule", EVERY, ids=by_id)
def test_stages_are_those_of_the_table(rule: Rule) -> None:
    """Microsoft looks at the stages that the row names."""
    assert "+".join(rule.stages) == TABLE[rule.id]["stage"]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule in ANSWERABLE], ids=by_id)
def test_has_an_example_that_fires(rule: Rule) -> None:
    """A rule that can be answered has an example of the problem."""
    assert rule.fires_on


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_fires_on_its_examples(rule: Rule) -> None:
    """Each example that should fail does."""
    assert [] == [text for text in rule.fires_on if Outcome.FAIL not in outcomes(rule, text)]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_is_silent_on_its_examples(rule: Rule) -> None:
    """A rule has examples that it does not fail on."""
    assert rule.silent_on
    assert [] == [text for text in rule.silent_on if Outcome.FAIL in outcomes(rule, text)]


@pytest.mark.parametrize("rule", ANSWERABLE, ids=by_id)
def test_passes_an_example_with_all_needs_present(rule: Rule) -> None:
    """One of the silent examples says nothing, or that a person vouches for it."""
    said = [outcomes(rule, text) for text in rule.silent_on]

    assert any(each <= {Outcome.ATTESTED} for each in said)


def test_only_registry_data_is_lacking() -> None:
    """Four rules need registries; all others have examples for both."""
    assert {
        "route.irr-route", "route.rpki-invalid", "route.rpki-notfound",
        "topology.facility-valid",
    } == {rule.id for rule in RULES if rule not in ANSWERABLE}  # fmt: skip


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in ANSWERABLE], ids=by_id)
def test_is_unknown_without_registries(rule: Rule) -> None:
    """A rule of registry data says what is missing, and never passes."""
    found = [
        finding
        for text in rule.silent_on
        for finding in judge(text).findings
        if finding.rule == rule.id
    ]

    assert {Outcome.UNKNOWN} == {finding.outcome for finding in found}
    assert all(finding.missing and finding.need in NOT_YET for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_unknown_is_for_a_declared_need(rule: Rule) -> None:
    """Whatever an example leaves open, the rule declares that it needs it."""
    needs = {
        finding.need
        for text in (*rule.fires_on, *rule.silent_on)
        for finding in judge(text).findings
        if finding.rule == rule.id and finding.need is not None
    }

    assert needs <= rule.needs


def test_unknown_for_another_need_is_our_bug() -> None:
    """A rule that leaves something open for a need that it does not declare is stopped."""
    found = scenario("connection ams-1 lacp=")
    (peering,) = found.inventory.peerings
    subject = ConnectionSubject(peering, peering.connections[0])
    context = context_of(found)
    rule = CATALOGUE["topology.lacp"]

    assert {Need.ATTESTATION} == {getattr(one, "need", None) for one in rule.ask(subject, context)}
    with pytest.raises(AssertionError, match="not declare the need attestation"):
        attrs.evolve(rule, needs=frozenset({Need.AZURE})).ask(subject, context)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_findings_of_one_rule_have_ids_of_their_own(rule: Rule) -> None:
    """Two findings never share an id, whatever else is wrong in the examples."""
    twins = [
        text
        for text in (*rule.fires_on, *rule.silent_on)
        if len(ids := [finding.id for finding in judge(text).findings]) != len(set(ids))
    ]

    assert [] == twins


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_id_is_family_and_name(rule: Rule) -> None:
    """An id is the family of the rule's module, a dot, and small words with hyphens."""
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    module = rule.check.__module__.split(".")[2]
    assert MODULES.get(module, module) == rule.id.partition(".")[0]


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


@pytest.mark.parametrize("rule", EVERY, ids=by_id)
def test_page_starts_with_a_sentence(rule: Rule) -> None:
    """A page starts with a sentence, and its explanation says once what to do."""
    paragraphs = rule.explanation.split("\n\n")

    assert paragraphs[0].endswith(".")
    assert 1 == sum(paragraph.startswith("What to do: ") for paragraph in paragraphs)


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_fix_is_one_imperative_line(rule: Rule) -> None:
    """What to do starts with a verb in lower case, fits one line and is no sentence."""
    fix = rule.fix or ""

    assert fix.split(maxsplit=1)[0] in VERBS
    assert len(fix) <= 120
    assert fix == " ".join(fix.split())
    assert not fix.endswith((".", "!", "?"))


def test_fixes_are_used_verbs_and_hints_have_none() -> None:
    """Every verb of the list is used; a hint has nothing to mend."""
    assert {str(rule.fix).split(maxsplit=1)[0] for rule in RULES} == VERBS
    assert {None} == {rule.fix for rule in EVERY if rule.kind is Kind.HINT}


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_needs_are_declared(rule: Rule) -> None:
    """A rule about cells needs routes; one that needs communities needs routes too."""
    assert rule.scope is not Scope.CELL or Need.ROUTES in rule.needs
    assert not (Need.COMMUNITIES in rule.needs and Need.ROUTES not in rule.needs)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.diagnoses], ids=by_id)
def test_diagnoses_name_rules(rule: Rule) -> None:
    """A diagnosis explains another rule of the catalogue, in that rule's own portal words."""
    general = CATALOGUE[str(rule.diagnoses)]

    assert general.diagnoses is None
    assert general.portal == rule.portal
    assert general.scope is rule.scope


def test_the_diagnoses_are_known() -> None:
    """Three rules explain two others (paths#exact-match, paths#near-misses)."""
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
    """A rule names its documents, a stage and a step of life-cycle#order-of-checks."""
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
    """The five profiles agree with the row of the table."""
    said = {
        column: str(shipped_profile(name).rules[rule].level) for column, name in COLUMNS.items()
    }

    assert said == {column: TABLE[rule][column] for column in COLUMNS}


def documents(texts: tuple[str, ...]) -> set[str]:
    """Return the numbers of the source documents that texts name."""
    named = " ".join(texts).replace("000 to 004", " ".join(COLUMNS))
    return set(re.findall(r"\b00[0-4]\b", named))


@pytest.mark.parametrize("rule", EVERY, ids=by_id)
def test_basis_names_the_documents_that_ask(rule: Rule) -> None:
    """A document that demands or recommends it is a basis; one that does not is none.

    A diagnosis, and what follows from a requirement, names the documents of that requirement.
    """
    levels = {column: TABLE[rule.id][column] for column in COLUMNS}
    asking = {column for column, level in levels.items() if level in ("must", "should")}
    silent = {column for column, level in levels.items() if level == "off"}

    assert asking <= documents(rule.basis)
    assert not silent & documents(rule.basis)
    if "must-linked" in levels.values() and rule.id != "topology.connection-active":
        assert re.search(r"[.](md|yml)|SDK", " ".join(rule.basis))


@pytest.mark.parametrize(
    ("rule", "document", "level"),
    [
        # the notes before registration: 001 has none
        ("topology.connection-active", "001", ""),
        # "when deployment is successful"
        ("topology.deployed", "004", "must"),
        # who says "can't exceed 3", and who "less than four"
        ("route.as-path-length", "000, 003, 004 and both pages of requirements", "can't exceed 3"),
        ("route.as-path-length", "FAQ of 000 to 004", "less than four"),
        # the page of June 2023 that lacks prepending is the registered prefix's
        ("route.prepending", "001, 002", "registered prefix requirements of June 2023"),
        ("asn.origin-registered", "the registered prefix requirements of June 2023", "not asked"),
        # 000 says both of its keys
        ("activation.key-scope", "000, keys", "a prefix has a unique key"),
        ("activation.key-scope", "003, keys", "no other has"),
        ("activation.key-scope", "002, NOTE", "all prefixes of the customer's AS"),
    ],
)
def test_who_says_what(rule: str, document: str, level: str) -> None:
    """Each text stands with the document that has it."""
    declared = CATALOGUE[rule]
    texts = [text for text in declared.texts if text.startswith(document)]

    if texts:
        assert any(level in text for text in texts)
    else:
        assert (document in documents(declared.basis)) == bool(level)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # 000 and 002 nothing, 003 warning, 001 and 004 (silent) info
        ("activation.key-scope", ("", "info", "", "warning", "info")),
        # at a route server prefixes are not described, and the leftmost AS is the member's
        ("prefix.traffic-class", ("info", "error", "", "error", "info")),
        ("route.first-as", ("warning", "warning", "", "warning", "warning")),
    ],
)
def test_strength_by_document(rule: str, expected: tuple[str, ...]) -> None:
    """How bad a finding is in 000 to 004; nothing where the rule is off."""
    profiles = [shipped_profile(name) for name in COLUMNS.values()]
    severities = [
        ""
        if profile.rules[rule].level is Requirement.OFF
        else str(profile.severity(CATALOGUE[rule]))
        for profile in profiles
    ]

    assert list(expected) == severities


def test_what_microsoft_does_is_no_requirement() -> None:
    """Mails, fee, routes, re-advertising: nobody but Microsoft can do otherwise."""
    assert {
        "topology.rs-mesh", "registration.internal-error", "ops.no-readvertise",
        "ops.microsoft-routes", "ops.session-ip-pending", "ops.status-by-mail",
        "ops.cross-connect-cost", "ops.portal-only",
    } == {rule.id for rule in EVERY if rule.by_microsoft}  # fmt: skip


def test_severities_that_a_profile_changes() -> None:
    """How bad a problem is stands in its declaration, but for these three."""
    changed = {
        (name, rule): setting.severity
        for name in PROFILES
        for rule, setting in shipped_profile(name).rules.items()
        if setting.severity is not None
    }

    assert {
        ("direct", "topology.agreement-signed"): Severity.ERROR,
        ("partner", "topology.bandwidth-equal"): Severity.WARNING,
        ("partner", "topology.geo-redundancy"): Severity.ERROR,
    } == changed


def context_of(found: Scenario) -> Context:
    """Return what rules know of a scenario with one profile."""
    (profile,) = found.profiles.values()
    criteria = engine.criteria_of(profile, found.inventory)
    return Context(found.inventory, registrations(found.inventory), criteria, profile.name)


def answers(rule: Rule, found: Scenario) -> list[bool]:
    """Ask a rule about each subject for which its masks hold; whether it found a problem."""
    (peering,) = found.inventory.peerings
    context = context_of(found)
    routes = ColumnIndex(found.inventory.sessions, found.observations)
    subjects = Subjects(found.inventory, routes)
    members = [RegisteredPrefix(str(each)) for each in subjects.of_members(peering)]
    prefix = subjects.prefix(peering, (*peering.registered_prefixes, *members)[0])
    session = subjects.sessions(peering)[0]
    shown = session.source.observations if session.source is not None else ()
    firing = tuple(seen for seen in shown if rule.masks and rule.masks.hold(seen.facts))
    if not firing or (rule.scope is Scope.CELL and not prefix.cells):
        return []  # what is no IPv4 prefix has no cells
    about: dict[Scope, Cell | PrefixSubject | SessionSubject] = {
        Scope.PREFIX: prefix,
        Scope.SESSION: session,
    }
    if prefix.cells:
        about[Scope.CELL] = attrs.evolve(prefix.cells[0], firing=firing)
    return [isinstance(one, Problem) for one in rule.ask(about[rule.scope], context)]


def of_one_route(route: Route) -> Scenario:
    """Register a route's prefix and show the route on ams-1."""
    return scenario(f"registered {route.prefix}\nams-1 {route}")


@pytest.mark.parametrize("rule", MASKED, ids=by_id)
def test_masks_hold_where_examples_fire(rule: Rule) -> None:
    """The check finds a problem in each example whose routes the masks hold for."""
    shown = [
        text
        if " path " in text or "ams-1" in text
        else f"{text}\nams-1 {text.split()[1]} path 64500"
        for text in rule.fires_on
    ]
    scenarios = [
        text
        if "registered" in text or text.startswith("peering")
        else f"registered 203.0.113.0/24\n{text}"
        for text in shown
    ]

    said = [answers(rule, scenario(text)) for text in scenarios]

    assert all(each and all(each) for each in said)


#: What is no IPv4 prefix is asked nothing but that.
ipv4_routes = strategies.routes(path_id=False).filter(lambda route: route.prefix.family == 4)


@given(route=ipv4_routes)
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


@given(route=ipv4_routes)
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
