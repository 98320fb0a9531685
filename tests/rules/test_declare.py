"""Declarations of rules: derived attributes, and the parts of a docstring."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import statistics
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import attrs
import pytest

import peerlint.rules
from peerlint.model import Criteria, Fact, Masks
from peerlint.results import Severity
from peerlint.rules import (
    _FAMILIES,
    CATALOGUE,
    CHECKS,
    Cell,
    ConnectionSubject,
    Context,
    InventorySubject,
    Need,
    PeeringSubject,
    PrefixSubject,
    Problem,
    Rule,
    Scope,
    ServicePrefixSubject,
    SessionSubject,
    Unknown,
)
from peerlint.rules._declare import Family, _needs_of, attested, shared
from peerlint.rules._page import Page, page_of
from peerlint.testing.notation import scenario

rule: Final = Family("R+S", step=7)
#: Declares a rule for tests; its name, basis and title do not matter.
MINE: Final = rule("route.of-mine", "Mine", basis=("policy.md",))


@MINE
def of_inventory(_: InventorySubject, __: Context) -> Iterator[Problem]:
    """An inventory."""
    yield Problem("found it")


@MINE
def of_peering(_: PeeringSubject, __: Context) -> Iterator[Problem]:
    """A peering."""
    yield Problem("found it")


@MINE
def of_connection(_: ConnectionSubject, __: Context) -> Iterator[Problem]:
    """A connection."""
    yield Problem("found it")


@MINE
def of_session(_: SessionSubject, __: Context) -> Iterator[Problem]:
    """A session."""
    yield Problem("found it")


@MINE
def of_prefix(_: PrefixSubject, __: Context) -> Iterator[Problem]:
    """A prefix."""
    yield Problem("found it")


@MINE
def of_cell(_: Cell, __: Context) -> Iterator[Problem]:
    """A cell."""
    yield Problem("found it")


@MINE
def of_service_prefix(_: ServicePrefixSubject, __: Context) -> Iterator[Problem]:
    """A service prefix."""
    yield Problem("found it")


@pytest.mark.parametrize(
    ("declared", "scope"),
    [
        (of_inventory, Scope.INVENTORY),
        (of_peering, Scope.PEERING),
        (of_connection, Scope.CONNECTION),
        (of_session, Scope.SESSION),
        (of_prefix, Scope.PREFIX),
        (of_cell, Scope.CELL),
        (of_service_prefix, Scope.SERVICE_PREFIX),
    ],
)
def test_the_scope_is_the_annotation(declared: Rule, scope: Scope) -> None:
    """The scope of a rule follows from the annotation of its function's first argument."""
    assert scope is declared.scope


def test_every_scope_is_an_annotation() -> None:
    """Every scope is the scope of a rule."""
    assert set(Scope) == {each.scope for each in CHECKS.values()}


def test_an_annotation_that_is_evaluated_is_the_same() -> None:
    """A function of a module that evaluates its annotations declares the same scope."""

    def check(_: Cell, __: Context) -> Iterator[Problem]:
        yield Problem("found it")

    check.__annotations__["_"] = Cell

    assert Scope.CELL is MINE(check).scope


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        ({"_": "str"}, "str"),
        ({"_": "Subject"}, "Subject"),
        ({"_": "Cell | PrefixSubject"}, "Cell | PrefixSubject"),
        ({"__": "Context", "return": "Iterator[Problem]"}, "Context"),
        ({}, "nothing"),
    ],
)
def test_other_first_arguments_are_refused(annotations: dict[str, object], found: str) -> None:
    """A first argument without a subject, or with several, is a TypeError at import."""

    def check(_: Cell, __: Context) -> Iterator[Problem]:
        yield Problem("found it")

    check.__annotations__ = annotations

    with pytest.raises(TypeError, match="expected a first argument of ") as caught:
        MINE(check)
    assert str(caught.value).endswith(f"found {found}")


def test_defaults() -> None:
    """Stages and step default to the module's, severity to error, the word to the name."""
    assert ("R", "S") == of_cell.stages
    assert (7, Severity.ERROR, "of mine") == (of_cell.step, of_cell.severity, of_cell.word)
    assert (frozenset(), None) == (of_prefix.needs, of_prefix.masks)


def test_declared_values() -> None:
    """A rule can declare its own stages, step, severity and word."""
    declared = rule(
        "route.of-mine",
        "Mine",
        stages="O",
        step=1,
        severity=Severity.INFO,
        word="other",
        basis=("policy.md",),
    )(of_cell.check)

    assert (("O",), 1, Severity.INFO, "other") == (
        declared.stages,
        declared.step,
        declared.severity,
        declared.word,
    )


IGNORED: Final = Fact.MALFORMED | Fact.NO_STATEMENT


@pytest.mark.parametrize(
    ("about", "facts", "declared", "needs"),
    [
        # rules about cells need routes
        (of_cell, (None, None), (), {Need.ROUTES}),
        (of_cell, (Fact.AS_SET, None), (), {Need.ROUTES, Need.PATH}),
        (of_cell, (None, Fact.TAGGED), (), {Need.ROUTES, Need.COMMUNITIES}),
        (of_cell, (Fact.IPV6, None), (), {Need.ROUTES}),
        # so do masks of a session; masks of a prefix are about the declared prefix
        (of_session, (None, None), (), set()),
        (of_session, (Fact.HAS_12076, Fact.MALFORMED), (), {Need.ROUTES, Need.PATH}),
        (of_session, (Fact.IPV6, None), (), {Need.ROUTES}),
        (of_prefix, (Fact.IPV6, None), (), set()),
        # who needs paths or communities needs routes
        (of_prefix, (None, None), (Need.PATH,), {Need.ROUTES, Need.PATH}),
        (of_prefix, (None, None), (Need.COMMUNITIES,), {Need.ROUTES, Need.COMMUNITIES}),
        (of_prefix, (None, None), (Need.AZURE,), {Need.AZURE}),
    ],
)
def test_derived_needs(
    about: Rule,
    facts: tuple[Fact | None, Fact | None],
    declared: tuple[Need, ...],
    needs: set[Need],
) -> None:
    """Needs follow from the scope and from the facts of the masks."""
    any_of, none_of = facts
    found = rule(
        "route.of-mine", "Mine", basis=("RFC 1",), needs=declared, any_of=any_of, none_of=none_of
    )(about.check)

    assert needs == found.needs


def test_every_fact_of_a_route_is_about_communities_or_the_path() -> None:
    """Only facts about the prefix and about the record need neither."""
    neither = [
        fact
        for fact in Fact
        if {Need.ROUTES}
        == rule("route.of-mine", "Mine", basis=("RFC 1",), any_of=fact)(of_cell.check).needs
    ]

    assert neither == [
        Fact.IPV6, Fact.SPECIAL_PREFIX, Fact.LONGER_THAN_24, Fact.MALFORMED, Fact.NO_STATEMENT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("about", "none_of", "masks"),
    [
        (of_cell, None, Masks(Fact.LOOP, IGNORED)),
        (of_cell, Fact.TAGGED, Masks(Fact.LOOP, Fact.TAGGED | IGNORED)),
        (of_session, None, Masks(Fact.LOOP, Fact(0))),
        (of_prefix, Fact.MALFORMED, Masks(Fact.LOOP, Fact.MALFORMED)),
    ],
)
def test_masks_of_cells_ignore_routes_without_attributes(
    about: Rule, none_of: Fact | None, masks: Masks
) -> None:
    """A rule about cells never fires on a malformed route, nor if the source shows nothing."""
    found = rule("route.of-mine", "Mine", basis=("RFC 1",), any_of=Fact.LOOP, none_of=none_of)(
        about.check
    )

    assert masks == found.masks


# -- derived attributes are not declared


@attrs.frozen
class Written:
    """A declaration in the source of a module.

    Attributes:
        rule: the declared rule.
        family: the family of the module.
        arguments: the source of each keyword argument.
        lines: the number of its lines.
    """

    rule: Rule
    family: Family
    arguments: dict[str, str]
    lines: int


def written() -> Iterator[Written]:
    """Yield the declarations of all modules."""
    for module in _FAMILIES:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "rule":
                arguments = {str(each.arg): ast.unparse(each.value) for each in node.keywords}
                lines = (node.end_lineno or 0) - node.lineno + 1
                declared = CATALOGUE[ast.literal_eval(node.args[0])]
                yield Written(declared, module.rule, arguments, lines)


WRITTEN: Final = list(written())


def test_all_declarations_are_found() -> None:
    """Every rule but the hints is declared by the family of its module."""
    assert list(CHECKS.values()) == [each.rule for each in WRITTEN]


@pytest.mark.parametrize("each", WRITTEN, ids=lambda each: each.rule.id)
def test_derived_values_are_not_declared(each: Written) -> None:
    """No declaration repeats a default or a derived value."""
    found, given = each.rule, each.arguments
    name = found.id.partition(".")[2].replace("-", " ")
    derived = {
        "stages": repr(each.family.stages),
        "step": repr(each.family.step),
        "severity": "Severity.ERROR",
        "word": repr(name),
        "needs": "()",
        "egress_changes": "False",
    }
    declared = {need for need in Need if f"Need.{need.name}" in given.get("needs", "")}

    repeated = [key for key, value in derived.items() if given.get(key) == value]
    repeated += [
        f"Need.{need.name}"
        for need in declared
        if found.needs == _needs_of(found.scope, found.masks, tuple(declared - {need}))
    ]
    assert [] == repeated, f"leave {', '.join(repeated)} out of {found.id}: it is derived"


def test_half_of_the_declarations_fit_eight_lines() -> None:
    """The median declaration has at most eight lines."""
    assert statistics.median(each.lines for each in WRITTEN) <= 8


def test_every_module_of_rules_is_listed() -> None:
    """Every module that declares rules is in the catalogue, with the ids of its family."""
    modules = [
        import_module(each.name)
        for each in pkgutil.walk_packages(peerlint.rules.__path__, "peerlint.rules.")
    ]
    declaring = [each for each in modules if isinstance(getattr(each, "rule", None), Family)]

    assert {each.__name__ for each in declaring} == {each.__name__ for each in _FAMILIES}
    for module in _FAMILIES:
        family = {"operations": "ops"}.get(
            module.__name__.split(".")[2], module.__name__.split(".")[2]
        )
        ids = [each.id for each in vars(module).values() if isinstance(each, Rule)]
        assert {family} == {each.partition(".")[0] for each in ids}


# -- shared checks


def test_a_shared_check_has_the_name_and_page_of_each_rule() -> None:
    """Rules that share a check have their own function names and pages."""
    noc, alerts = CATALOGUE["ops.noc-24x7"], CATALOGUE["ops.maintenance-alerts"]
    lacp, bfd = CATALOGUE["topology.lacp"], CATALOGUE["topology.bfd"]

    assert ("noc_24x7", "maintenance_alerts") == (noc.check.__name__, alerts.check.__name__)
    assert (Scope.PEERING, Scope.CONNECTION) == (noc.scope, lacp.scope)
    assert 4 == len({each.page for each in (noc, alerts, lacp, bfd)})


def test_attested() -> None:
    """The check yields an unknown, which an attestation decides."""

    @rule("ops.mine", "Mine", needs=(Need.ATTESTATION,), basis=("policy.md",))
    @shared(attested("whether it is mine"))
    def mine() -> None:
        """It is mine."""

    found = scenario("")
    subject = PeeringSubject(found.inventory.peerings[0])
    context = Context(found.inventory, {}, Criteria(), profile="maps")

    assert "It is mine." == mine.page
    assert (
        Unknown(Need.ATTESTATION, "whether it is mine is not known", "an attestation"),
    ) == mine.evaluate(subject, context)


# -- docstrings


@pytest.mark.parametrize(
    ("docstring", "page"),
    [
        ("", Page("")),
        ("It is so.", Page("It is so.")),
        ("It is so.\n\n    Because.\n    ", Page("It is so.\n\nBecause.")),
        ("It is so.\n\n    What to do: mend it.\n    ", Page("It is so.", "mend it")),
        (
            "It is so.\n\n    What to do: mend it, then\n    look again.\n    ",
            Page("It is so.", "mend it, then look again"),
        ),
        (
            "It is so.\n\n    Fires:\n        a\n        b\n\n        c\n    ",
            Page("It is so.", None, ("a\nb", "c")),
        ),
        (
            "It is so.\n\n    What to do: mend it.\n\n    Fires:\n        a\n\n    Silent:\n"
            "        # nothing\n\n        b\n    ",
            Page("It is so.", "mend it", ("a",), ("# nothing", "b")),
        ),
        ("It is so.\n\n    Silent:\n        b\n    ", Page("It is so.", None, (), ("b",))),
        # a word at the start of a sentence is no heading
        ("It is so.\n\n    Fires: never.\n    ", Page("It is so.\n\nFires: never.")),
    ],
)
def test_parts_of_a_docstring(docstring: str, page: Page) -> None:
    """A docstring has a page, a fix, and scenarios separated by blank lines."""
    assert page == page_of(docstring)


@pytest.mark.parametrize(
    "docstring",
    [
        "It is so.\n\n    Fires:\n    a\n    ",
        "It is so.\n\n    Fires:\n        a\n    b\n    ",
        "It is so.\n\n    Fires:\n        a\n\n\n        b\n    ",
        "It is so.\n\n    Fires:\n\n    Silent:\n        a\n    ",
        "It is so.\n\n    Fires:\n        a\n\n    Fires:\n        b\n    ",
        "It is so.\n\n    Fires:\n        a\n\n    What to do: nothing.\n    ",
    ],
)
def test_invalid_docstrings(docstring: str) -> None:
    """A list without scenarios, a repeated list, or a line without indent is a ValueError."""
    with pytest.raises(ValueError, match="expected "):
        page_of(docstring)


def test_pages_are_parsed_when_they_are_needed() -> None:
    """Neither import nor evaluation parses a docstring; each is parsed once, on first use."""
    page_of.cache_clear()
    of_cell.evaluate(Cell.__new__(Cell), Context.__new__(Context))
    assert 0 == page_of.cache_info().misses

    assert ("A cell.", ()) == (of_cell.page, of_cell.silent_on)
    assert 1 == page_of.cache_info().misses


def test_the_rule_on_the_page_is_that_of_the_code() -> None:
    """The example on the architecture page is a rule of the code."""
    page = Path(__file__).parents[2] / "docs" / "explanation" / "architecture.md"
    section = page.read_text(encoding="utf-8").partition("\n## Add a rule\n")[2]
    shown = section.partition("```python\n")[2].partition("```\n")[0]

    assert shown in inspect.getsource(import_module("peerlint.rules.topology.session"))
