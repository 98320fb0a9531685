# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""What ties a rule to its subject, as type checkers see it: checked, never run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_type

from peerlint.engine.evaluate import Evaluator
from peerlint.rules import (
    CATALOGUE,
    AnyRule,
    Cell,
    ConnectionSubject,
    Context,
    ObservedPrefix,
    PrefixSubject,
    Problem,
    Rule,
    Subject,
    Unknown,
)
from peerlint.rules._declare import Family, shared
from peerlint.rules.prefix import ipv4_only
from peerlint.rules.route.path import empty_path
from peerlint.rules.topology.link import lacp

assert_type(ipv4_only, Rule[PrefixSubject])
assert_type(empty_path, Rule[Cell])
assert_type(lacp, Rule[ConnectionSubject])
assert_type(CATALOGUE["prefix.ipv4-only"], Rule[Subject])


def asked(prefix: PrefixSubject, cell: Cell, context: Context) -> None:
    """A rule is asked about its own subject, one of the catalogue about any."""
    assert_type(ipv4_only.evaluate(prefix, context), tuple[Problem | Unknown, ...])
    ipv4_only.evaluate(cell, context)  # type: ignore[arg-type]
    lacp.evaluate(prefix, context)  # type: ignore[arg-type]
    CATALOGUE["prefix.ipv4-only"].evaluate(cell, context)


def evaluated(evaluator: Evaluator, prefix: ObservedPrefix, cell: Cell) -> None:
    """The engine asks rules about the subjects that they are about."""
    assert_type(evaluator.rules(Cell), tuple[Rule[Cell], ...])
    evaluator.evaluate(evaluator.rules(ObservedPrefix), prefix)
    evaluator.evaluate([ipv4_only], prefix)
    evaluator.evaluate(evaluator.rules(Cell), prefix)  # type: ignore[misc]
    evaluator.evaluate([empty_path], prefix)  # type: ignore[misc]
    evaluator.evaluate([ipv4_only], cell)  # type: ignore[misc]


def read(rule: AnyRule, context: Context) -> None:
    """What any rule says can be read; it is not known what it can be asked about."""
    assert_type(rule.id, str)
    rule.evaluate(context, context)  # type: ignore[arg-type]


rule: Final = Family("R", step=1)


@rule("prefix.mine", "Not mine", basis=("policy.md",))  # type: ignore[type-var]
def about_a_text(_: str, __: Context) -> Iterator[Problem]:
    """A text is no subject."""
    yield Problem("never")


@rule("prefix.yours", "Not yours", basis=("policy.md",))  # type: ignore[arg-type]
def without_context(_: PrefixSubject) -> Iterator[Problem]:
    """A check is given the context too."""
    yield Problem("never")


def of_prefixes(_: PrefixSubject, __: Context) -> Iterator[Problem]:
    """Whoever shares this check is about prefixes."""
    yield Problem("never")


@rule("prefix.ours", "Not ours", basis=("policy.md",))
@shared(of_prefixes)
def ours() -> None:
    """A page."""


assert_type(ours, Rule[PrefixSubject])
