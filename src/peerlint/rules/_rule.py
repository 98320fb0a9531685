"""The class of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Final, Generic, Never, SupportsIndex

import attrs

from peerlint.model import Masks, View
from peerlint.results import Severity
from peerlint.rules._page import page_of
from peerlint.rules.answers import Answers, Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.scopes import Scope
from peerlint.rules.subjects import Subject

#: Every view.
ANYWHERE: Final = frozenset(View)
#: Views that show what is sent to AS8075 or received by it.
ON_THE_WIRE: Final = frozenset({View.RECEIVED, View.SENT})


class Stage(StrEnum):
    """The stage of onboarding at which Microsoft checks a rule."""

    TOPOLOGY = "T"
    ASN = "A"
    REGISTRATION = "R"
    ACTIVATION = "S"
    OPERATIONS = "O"


class Kind(StrEnum):
    """Whether a rule is evaluated, or is a hint."""

    CHECK = "check"
    HINT = "hint"


if TYPE_CHECKING:
    from typing_extensions import TypeVar  # PEP 696: `Rule` alone is `Rule[Subject]`

    S_contra = TypeVar("S_contra", bound=Subject, contravariant=True, default=Subject)
else:
    from typing import TypeVar

    S_contra = TypeVar("S_contra", bound=Subject, contravariant=True)

#: The check function of a rule: yields the problems of a subject, and what is not known.
Check = Callable[[S_contra, Context], Iterable[Problem | Unknown]]


@attrs.frozen
class Rule(Generic[S_contra]):
    """A rule with its metadata, its check function and its documentation.

    `Rule[PrefixSubject]` is the type of rules about prefixes. `Rule` alone is the type of rules in
    the catalogue, whose `scope` says what they are about.

    Attributes:
        id: the family and the name; it never changes.
        title: the name of the problem.
        stages: the stages of onboarding at which Microsoft checks it.
        step: the position in the order of Microsoft's checks, from 1 to 11.
        severity: the default severity.
        scope: the kind of subject that it is evaluated for.
        needs: the kinds of data that it needs.
        basis: the documents that it is based on: source documents by number, Microsoft's pages,
            RFCs.
        word: one to three words for the matrix.
        check: the check function.
        docstring: the page and the examples, see `peerlint.rules._page`.
        portal: messages of Microsoft's portal; `{peer}` is the session's address.
        masks: for a rule about single routes, the facts on which it fires; otherwise None.
        views: the views in which the rule applies to a route.
        diagnoses: the id of the general rule that this one explains. If it fires, the general rule
            has no finding.
        egress_changes: whether export policy may change what it checks.
        strict: the mildest severity that `--strict` raises to an error; None if it raises none.
        texts: the texts of documents that contradict each other, each with its source.
        kind: check, or hint. A hint is listed and has a page, but is never evaluated.
        by_microsoft: whether it describes what Microsoft does, and requires nothing of a partner.
        reads_routes: whether routes can change its answers; otherwise they depend on the inventory
            only.
    """

    id: str
    title: str
    stages: tuple[Stage, ...]
    step: int
    severity: Severity
    scope: Scope
    needs: frozenset[Need]
    basis: tuple[str, ...]
    word: str
    check: Check[S_contra]
    docstring: str
    portal: tuple[str, ...] = ()
    masks: Masks | None = None
    views: frozenset[View] = ANYWHERE
    diagnoses: str | None = None
    egress_changes: bool = False
    strict: Severity | None = None
    texts: tuple[str, ...] = ()
    kind: Kind = Kind.CHECK
    by_microsoft: bool = False
    reads_routes: bool = False

    @property
    def page(self) -> str:
        """What the rule checks and why it matters; for a hint, also what to do."""
        return self.explanation if self.kind is Kind.HINT else page_of(self.docstring).text

    @property
    def fix(self) -> str | None:
        """What to do if the rule fires, in one line that starts with a verb; None for a hint."""
        return None if self.kind is Kind.HINT else page_of(self.docstring).fix

    @property
    def fires_on(self) -> tuple[str, ...]:
        """Scenarios in the notation of `peerlint.testing` on which the rule fires."""
        return page_of(self.docstring).fires_on

    @property
    def silent_on(self) -> tuple[str, ...]:
        """Scenarios in the notation of `peerlint.testing` on which the rule does not fire."""
        return page_of(self.docstring).silent_on

    @property
    def explanation(self) -> str:
        """The page, followed by what to do."""
        page = page_of(self.docstring)
        return page.text if page.fix is None else f"{page.text}\n\nWhat to do: {page.fix}."

    def evaluate(self, subject: S_contra, context: Context) -> Answers:
        """Return the answers of the rule about a subject; empty if it passes.

        Args:
            subject: the subject.
            context: the other data that the rule may use.

        Raises:
            AssertionError: an unknown has a need that the rule does not declare.
        """
        answers = tuple(self.check(subject, context))
        for answer in answers:
            if isinstance(answer, Unknown) and answer.need not in self.needs:
                raise AssertionError(f"{self.id} does not declare the need {answer.need}")
        return answers

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[object, ...]:
        """Pickle and copy a rule of the catalogue as its id."""
        if _of_catalogue(self.id) is self:
            return _of_catalogue, (self.id,)
        return super().__reduce_ex__(protocol)


#: A rule about any kind of subject: its attributes can be read, but it cannot be evaluated.
AnyRule = Rule[Never]


def _of_catalogue(rule: str) -> object:
    """Return the rule with an id; None if there is none."""
    return import_module("peerlint.rules").CATALOGUE.get(rule)
