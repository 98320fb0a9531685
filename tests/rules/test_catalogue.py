"""Tests of every rule: examples, texts, page, requirement levels, and masks."""

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
from peerlint.testing.notation import Scenario, evaluate, scenario

#: The requirement level of each rule in documents 000 to 004, from a table that was written by
#: hand. Where a document does not mention a rule and another one does, the row follows
#: docs/explanation/contradictions.md.
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
#: Families whose package has another name.
MODULES: Final = {"operations": "ops"}
#: Statements of Microsoft's that cannot be violated.
HINTS: Final = {
    "topology.rs-mesh", "ops.lead-time", "ops.session-ip-pending", "ops.status-by-mail",
    "ops.cross-connect-cost", "ops.portal-only",
}  # fmt: skip
#: Needs of data that this version does not read: rules with these needs never pass.
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
#: The rules that can fail.
RULES: Final = list(CHECKS.values())
#: The rules that this version can decide, with an attestation if need be.
ANSWERABLE: Final = [
    rule for rule in RULES if Need.ATTESTATION in rule.needs or not rule.needs & NOT_YET
]
MASKED: Final = [rule for rule in RULES if rule.masks is not None]


def by_id(rule: Rule) -> str:
    """Return the id of a test case: the rule's."""
    return rule.id


def outcomes(rule: Rule, text: str) -> set[Outcome]:
    """Return the outcomes of a rule in a scenario."""
    return {found.outcome for found in evaluate(text).findings if found.rule == rule.id}


def test_there_are_rules() -> None:
    """The catalogue has exactly the 115 rules of the table, family by family."""
    counted = Counter(rule.id.partition(".")[0] for rule in EVERY)

    assert sorted(TABLE) == sorted(CATALOGUE)
    assert list(range(1, 116)) == sorted(int(row["number"]) for row in TABLE.values())
    assert counted == FAMILIES


def test_hints_are_those_of_the_table() -> None:
    """Six rows cannot be violated: they have a page and are never evaluated."""
    hints = {rule.id for rule in EVERY if rule.kind is Kind.HINT}

    assert hints == HINTS
    assert HINTS.isdisjoint(CHECKS)


@pytest.mark.parametrize("rule", EVERY, ids=by_id)
def test_stages_are_those_of_the_table(rule: Rule) -> None:
    """The stages of a rule are those of its row."""
    assert "+".join(rule.stages) == TABLE[rule.id]["stage"]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule in ANSWERABLE], ids=by_id)
def test_has_an_example_that_fires(rule: Rule) -> None:
    """A rule that can be decided has an example of the problem."""
    assert rule.fires_on


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_fires_on_its_examples(rule: Rule) -> None:
    """The rule fails in each example under "Fires:"."""
    assert [] == [text for text in rule.fires_on if Outcome.FAIL not in outcomes(rule, text)]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_is_silent_on_its_examples(rule: Rule) -> None:
    """A rule has examples in which it does not fail."""
    assert rule.silent_on
    assert [] == [text for text in rule.silent_on if Outcome.FAIL in outcomes(rule, text)]


@pytest.mark.parametrize("rule", ANSWERABLE, ids=by_id)
def test_passes_an_example_with_all_needs_present(rule: Rule) -> None:
    """In one of the silent examples the rule passes, or is attested."""
    found = [outcomes(rule, text) for text in rule.silent_on]

    assert any(each <= {Outcome.ATTESTED} for each in found)


def test_only_registry_data_is_missing() -> None:
    """Four rules need registries; all others have examples of both kinds."""
    assert {
        "route.irr-route", "route.rpki-invalid", "route.rpki-notfound",
        "topology.facility-valid",
    } == {rule.id for rule in RULES if rule not in ANSWERABLE}  # fmt: skip


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in ANSWERABLE], ids=by_id)
def test_is_unknown_without_registries(rule: Rule) -> None:
    """A rule about registry data never passes, and its finding names the missing data."""
    found = [
        finding
        for text in rule.silent_on
        for finding in evaluate(text).findings
        if finding.rule == rule.id
    ]

    assert {Outcome.UNKNOWN} == {finding.outcome for finding in found}
    assert all(finding.missing and finding.need in NOT_YET for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_unknown_is_for_a_declared_need(rule: Rule) -> None:
    """The need of every unknown outcome is declared by the rule."""
    needs = {
        finding.need
        for text in (*rule.fires_on, *rule.silent_on)
        for finding in evaluate(text).findings
        if finding.rule == rule.id and finding.need is not None
    }

    assert needs <= rule.needs


def test_unknown_for_another_need_is_a_bug() -> None:
    """An unknown with a need that the rule does not declare is an AssertionError."""
    found = scenario("connection ams-1 lacp=")
    (peering,) = found.inventory.peerings
    subject = ConnectionSubject(peering, peering.connections[0])
    context = context_of(found)
    rule = CATALOGUE["topology.lacp"]

    answers = rule.evaluate(subject, context)
    assert {Need.ATTESTATION} == {getattr(answer, "need", None) for answer in answers}
    with pytest.raises(AssertionError, match="not declare the need attestation"):
        attrs.evolve(rule, needs=frozenset({Need.AZURE})).evaluate(subject, context)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_findings_of_one_rule_have_ids_of_their_own(rule: Rule) -> None:
    """No two findings of an example have the same id."""
    twins = [
        text
        for text in (*rule.fires_on, *rule.silent_on)
        if len(ids := [finding.id for finding in evaluate(text).findings]) != len(set(ids))
    ]

    assert [] == twins


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_id_is_family_and_name(rule: Rule) -> None:
    """An id is the family of the rule's module, a dot, and lower-case words with hyphens."""
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    module = rule.check.__module__.split(".")[2]
    assert MODULES.get(module, module) == rule.id.partition(".")[0]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_title_names_the_problem(rule: Rule) -> None:
    """A title is a statement without a full stop, and no advice."""
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
    """A page starts with a sentence, and its explanation has one paragraph on what to do."""
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
    """Every verb of the list is used; a hint has no fix."""
    assert {str(rule.fix).split(maxsplit=1)[0] for rule in RULES} == VERBS
    assert {None} == {rule.fix for rule in EVERY if rule.kind is Kind.HINT}


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_needs_are_declared(rule: Rule) -> None:
    """A rule about cells needs routes; one that needs communities needs routes too."""
    assert rule.scope is not Scope.CELL or Need.ROUTES in rule.needs
    assert not (Need.COMMUNITIES in rule.needs and Need.ROUTES not in rule.needs)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.diagnoses], ids=by_id)
def test_diagnoses_name_rules(rule: Rule) -> None:
    """A diagnosis explains another rule of the catalogue, and has its portal messages."""
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
    """A portal message has no fields but the session's address and the prefix."""
    filled = [text.format(peer="192.0.2.0", prefix="203.0.113.0/24") for text in rule.portal]

    assert [] == [text for text in filled if "{" in text or not text]


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_basis_stages_and_step(rule: Rule) -> None:
    """A rule has documents, a stage and a step of life-cycle#order-of-checks."""
    assert rule.basis
    assert all(rule.basis)
    assert rule.stages
    assert 1 <= rule.step <= 11


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_has_every_rule(name: str) -> None:
    """A shipped profile has a level for each rule, which may be `off`."""
    assert sorted(CATALOGUE) == sorted(shipped_profile(name).rules)


@pytest.mark.parametrize("rule", sorted(TABLE))
def test_levels_are_those_of_the_documents(rule: str) -> None:
    """The five profiles agree with the row of the table."""
    levels = {
        column: str(shipped_profile(name).rules[rule].level) for column, name in COLUMNS.items()
    }

    assert levels == {column: TABLE[rule][column] for column in COLUMNS}


def documents(texts: tuple[str, ...]) -> set[str]:
    """Return the numbers of the source documents that texts name."""
    named = " ".join(texts).replace("000 to 004", " ".join(COLUMNS))
    return set(re.findall(r"\b00[0-4]\b", named))


@pytest.mark.parametrize("rule", EVERY, ids=by_id)
def test_basis_names_the_documents(rule: Rule) -> None:
    """The basis has the documents that require or recommend the rule, and none where it is off.

    A diagnosis, and a rule derived from a requirement, has the documents of that requirement.
    """
    levels = {column: TABLE[rule.id][column] for column in COLUMNS}
    requiring = {column for column, level in levels.items() if level in ("must", "should")}
    off = {column for column, level in levels.items() if level == "off"}

    assert requiring <= documents(rule.basis)
    assert not off & documents(rule.basis)
    if "must-linked" in levels.values() and rule.id != "topology.connection-active":
        assert re.search(r"[.](md|yml)|SDK", " ".join(rule.basis))


@pytest.mark.parametrize(
    ("rule", "document", "level"),
    [
        # the notes before registration: 001 has none
        ("topology.connection-active", "001", ""),
        # "when deployment is successful"
        ("topology.deployed", "004", "must"),
        # the documents with "can't exceed 3", and those with "less than four"
        ("route.as-path-length", "000, 003, 004 and both pages of requirements", "can't exceed 3"),
        ("route.as-path-length", "FAQ of 000 to 004", "less than four"),
        # the page of June 2023 without prepending is that of the registered prefix
        ("route.prepending", "001, 002", "registered prefix requirements of June 2023"),
        ("asn.origin-registered", "the registered prefix requirements of June 2023", "not asked"),
        # 000 contradicts itself on keys
        ("activation.key-scope", "000, keys", "a prefix has a unique key"),
        ("activation.key-scope", "003, keys", "no other has"),
        ("activation.key-scope", "002, NOTE", "all prefixes of the customer's AS"),
    ],
)
def test_texts_of_documents(rule: str, document: str, level: str) -> None:
    """Each text is quoted from the document that has it."""
    declared = CATALOGUE[rule]
    texts = [text for text in declared.texts if text.startswith(document)]

    if texts:
        assert any(level in text for text in texts)
    else:
        assert (document in documents(declared.basis)) == bool(level)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # off in 000 and 002, a warning in 003, information in 001 and 004
        ("activation.key-scope", ("", "info", "", "warning", "info")),
        # at a route server, prefixes have no traffic class, and the leftmost AS is the member's
        ("prefix.traffic-class", ("info", "error", "", "error", "info")),
        ("route.first-as", ("warning", "warning", "", "warning", "warning")),
    ],
)
def test_severity_by_document(rule: str, expected: tuple[str, ...]) -> None:
    """The severity of a rule in 000 to 004; empty if the rule is off."""
    profiles = [shipped_profile(name) for name in COLUMNS.values()]
    severities = [
        ""
        if profile.rules[rule].level is Requirement.OFF
        else str(profile.severity(CATALOGUE[rule]))
        for profile in profiles
    ]

    assert list(expected) == severities


def test_what_microsoft_does_is_no_requirement() -> None:
    """Mails, fee, routes and re-advertising depend on Microsoft only."""
    assert {
        "topology.rs-mesh", "registration.internal-error", "ops.no-readvertise",
        "ops.microsoft-routes", "ops.session-ip-pending", "ops.status-by-mail",
        "ops.cross-connect-cost", "ops.portal-only",
    } == {rule.id for rule in EVERY if rule.by_microsoft}  # fmt: skip


def test_severities_that_a_profile_changes() -> None:
    """All rules have the severity of their declaration, except these three."""
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
    """Return the context of rules for a scenario with one profile."""
    (profile,) = found.profiles.values()
    criteria = engine.criteria_of(profile, found.inventory)
    return Context(found.inventory, registrations(found.inventory), criteria, profile.name)


def answers(rule: Rule, found: Scenario) -> list[bool]:
    """Return, for each subject for which a rule's masks hold, whether it found a problem."""
    (peering,) = found.inventory.peerings
    context = context_of(found)
    routes = ColumnIndex(found.inventory.sessions, found.observations)
    subjects = Subjects(found.inventory, routes)
    members = [RegisteredPrefix(str(each)) for each in subjects.of_members(peering)]
    prefix = subjects.prefix(peering, (*peering.registered_prefixes, *members)[0])
    session = subjects.sessions(peering)[0]
    shown = session.source.observations if session.source is not None else ()
    firing = tuple(each for each in shown if rule.masks and rule.masks.hold(each.facts))
    if not firing or (rule.scope is Scope.CELL and not prefix.cells):
        return []  # a text that is no IPv4 prefix has no cells
    by_scope: dict[Scope, Cell | PrefixSubject | SessionSubject] = {
        Scope.PREFIX: prefix,
        Scope.SESSION: session,
    }
    if prefix.cells:
        by_scope[Scope.CELL] = attrs.evolve(prefix.cells[0], firing=firing)
    return [isinstance(one, Problem) for one in rule.evaluate(by_scope[rule.scope], context)]


def of_one_route(route: Route) -> Scenario:
    """Return a scenario that registers a route's prefix and has the route on ams-1."""
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

    found = [answers(rule, scenario(text)) for text in scenarios]

    assert all(each and all(each) for each in found)


#: For a prefix of another family, no other rule is evaluated.
ipv4_routes = strategies.routes(path_id=False).filter(lambda route: route.prefix.family == 4)


@given(route=ipv4_routes)
def test_check_agrees_with_masks(route: Route) -> None:
    """If the masks of a rule hold for a received route, its check finds a problem."""
    found = of_one_route(route)

    silent = [rule.id for rule in MASKED if (results := answers(rule, found)) and not all(results)]
    unanswered = [
        rule.id
        for rule in MASKED
        if rule.masks is not None
        and rule.masks.hold(found.observations.of("ams-1")[0].observations[0].facts)
        and not answers(rule, found)
    ]
    assert ([], []) == (silent, unanswered)


@given(route=ipv4_routes)
def test_prefix_rules_agree_with_masks(route: Route) -> None:
    """A rule about a prefix that has masks finds a problem if and only if they hold."""
    found = of_one_route(route)
    (facts,) = {one.facts for one in found.observations.of("ams-1")[0].observations}
    (result,) = evaluate(f"registered {route.prefix}").prefixes

    held = {
        rule.id
        for rule in MASKED
        if rule.scope is Scope.PREFIX and rule.masks and rule.masks.hold(facts)
    }
    passed = {rule.id for rule in MASKED if rule.scope is Scope.PREFIX} & set(result.passed)
    assert held.isdisjoint(passed)
    assert {rule.id for rule in MASKED if rule.scope is Scope.PREFIX} == held | passed
