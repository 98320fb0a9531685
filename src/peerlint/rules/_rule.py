"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Final, Generic, Never, SupportsIndex

import attrs

from peerlint.bulk import Masks
from peerlint.model import View
from peerlint.results import Severity
from peerlint.rules._page import page_of
from peerlint.rules.answers import Answers, Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.scopes import Scope
from peerlint.rules.subjects import Subject

#: Every view.
ANYWHERE: Final = frozenset(View)
#: Views that show the wire to AS8075.
ON_THE_WIRE: Final = frozenset({View.RECEIVED, View.SENT})


class Stage(StrEnum):
    """The step of onboarding at which Microsoft looks."""

    TOPOLOGY = "T"
    ASN = "A"
    REGISTRATION = "R"
    ACTIVATION = "S"
    OPERATIONS = "O"


class Kind(StrEnum):
    """Whether a rule can fail."""

    CHECK = "check"
    HINT = "hint"


if TYPE_CHECKING:
    from typing_extensions import TypeVar  # PEP 696: `Rule` alone is `Rule[Subject]`

    S_contra = TypeVar("S_contra", bound=Subject, contravariant=True, default=Subject)
else:
    from typing import TypeVar

    S_contra = TypeVar("S_contra", bound=Subject, contravariant=True)

#: The question of a rule: what is wrong with a subject, or cannot be told.
Check = Callable[[S_contra, Context], Iterable[Problem | Unknown]]


@attrs.frozen
class Rule(Generic[S_contra]):
    """A rule, and everything that is said of it anywhere.

    `Rule[PrefixSubject]` is one about prefixes. `Rule` alone is one of the catalogue, where `scope`
    says what it is about.

    Attributes:
        id: family and name, for ever.
        title: names the problem.
        stages: when Microsoft looks.
        step: its place in the order in which Microsoft looks (1 to 11).
        severity: by default.
        scope: what it is asked about.
        reads_routes: whether routes can change its answer; else it depends on the inventory alone.
        needs: what has to be known.
        basis: the documents that ask for it: source documents by number, Microsoft's pages, RFCs.
        word: two or three words for the matrix.
        check: the question itself.
        docstring: the page and the examples, see `peerlint.rules._page`.
        portal: what Microsoft's portal says; `{peer}` is the session's address.
        masks: for a rule about a single route, the routes it fires on; else None.
        views: where a route has to be seen for it.
        diagnoses: id of the general rule that this one explains; where it fires, the general one
            is silent.
        egress_changes: whether export policy may change what it judges.
        strict: the mildest severity that `--strict` lifts to an error; None for none.
        texts: what documents say where they contradict each other, each with its source.
        kind: a hint is listed and has a page, but is never asked.
        by_microsoft: whether it is about what Microsoft does: nothing that is asked of a partner.
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
        """What it checks and why it matters; of a hint, what to do too."""
        return self.explanation if self.kind is Kind.HINT else page_of(self.docstring).text

    @property
    def fix(self) -> str | None:
        """What to type or do where it fires, in one line that starts with a verb."""
        return None if self.kind is Kind.HINT else page_of(self.docstring).fix

    @property
    def fires_on(self) -> tuple[str, ...]:
        """Scenarios in the notation of `peerlint.testing` where it fires."""
        return page_of(self.docstring).fires_on

    @property
    def silent_on(self) -> tuple[str, ...]:
        """Scenarios where it does not."""
        return page_of(self.docstring).silent_on

    @property
    def explanation(self) -> str:
        """The page, and behind it what to do."""
        page = page_of(self.docstring)
        return page.text if page.fix is None else f"{page.text}\n\nWhat to do: {page.fix}."

    def evaluate(self, subject: S_contra, context: Context) -> Answers:
        """Ask the question.

        Raises:
            AssertionError: the rule says unknown for a need that it does not declare.
        """
        answers = tuple(self.check(subject, context))
        for answer in answers:
            if isinstance(answer, Unknown) and answer.need not in self.needs:
                raise AssertionError(f"{self.id} does not declare the need {answer.need}")
        return answers

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[object, ...]:
        """Pickle and copy a rule of the catalogue as its id, which stands for it."""
        if _of_catalogue(self.id) is self:
            return _of_catalogue, (self.id,)
        return super().__reduce_ex__(protocol)


#: A rule about any kind of subject: what it says can be read, but it cannot be asked.
AnyRule = Rule[Never]


def _of_catalogue(rule: str) -> object:
    """Return the rule of an id, None if there is none."""
    return import_module("peerlint.rules").CATALOGUE.get(rule)
