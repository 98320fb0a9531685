"""How a rule is declared: one decorated function says everything about it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from enum import StrEnum
from importlib import import_module
from typing import Final, SupportsIndex

import attrs

from peerlint.bulk import Masks
from peerlint.model import Fact, View
from peerlint.observations import Observation
from peerlint.results import Severity
from peerlint.rules._subject import Context, Subject

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


class Scope(StrEnum):
    """What a rule is asked about, one at a time."""

    INVENTORY = "inventory"
    PEERING = "peering"
    CONNECTION = "connection"
    SESSION = "session"
    PREFIX = "prefix"
    CELL = "cell"
    SERVICE_PREFIX = "service-prefix"


class Need(StrEnum):
    """What has to be known before a rule can be answered."""

    ROUTES = "routes"
    COMMUNITIES = "communities"
    PATH = "path"
    AZURE = "azure"
    ATTESTATION = "attestation"
    IRR = "irr"
    VRPS = "vrps"
    PEERINGDB = "peeringdb"
    PLAN = "plan"

    @property
    def is_seen(self) -> bool:
        """Whether routes show it; people, exports and registries tell the rest."""
        return self in (Need.ROUTES, Need.COMMUNITIES, Need.PATH)


class Kind(StrEnum):
    """Whether a rule can fail."""

    CHECK = "check"
    HINT = "hint"


#: Stands in a message for the number of routes of a session, see `Problem.routes_of`.
ROUTES: Final = "{routes}"


@attrs.frozen
class Problem:
    """What a rule found.

    Attributes:
        message: what was found and what was wanted, in one sentence.
        evidence: the routes that show it.
        severity: if not the rule's own.
        prefix: what it is about, where the subject is no prefix.
        word: two or three words for the matrix, if not the rule's own.
        about: what tells it from other problems that the rule has with the same subject.
        sessions: ids of the sessions that it concerns, where the subject is a prefix.
        is_symptom: whether a problem on one of these sessions may be its only cause: then the
            matrix names the cause alone.
        number: which registration of `prefix` with the peering it is about, where there are
            several: 1 is the first.
        routes_of: the session's id, the source's name and its view, whose number of routes replaces
            the first `ROUTES` of the message. The number changes with every route, so that it is
            filled in when the report is assembled.
    """

    message: str
    evidence: tuple[Observation, ...] = ()
    severity: Severity | None = None
    prefix: str | None = None
    word: str | None = None
    about: str | None = None
    sessions: tuple[str, ...] = ()
    is_symptom: bool = False
    number: int | None = None
    routes_of: tuple[str, str, View] | None = None


@attrs.frozen
class Unknown:
    """That a rule cannot be answered.

    Attributes:
        need: what it lacks; the rule declares it.
        message: what is not known.
        missing: what would decide it, for the user to supply.
        evidence: the routes that leave it open.
        about: what tells it from other answers that the rule has for the same subject.
        severity: of the problem that it may be, if not the rule's own.
        sessions: ids of the sessions that it concerns, where the subject is a prefix.
    """

    need: Need
    message: str
    missing: str
    evidence: tuple[Observation, ...] = ()
    about: str | None = None
    severity: Severity | None = None
    sessions: tuple[str, ...] = ()


def undeclared(what: str, key: str) -> Unknown:
    """Say that neither an export of Azure's nor the inventory tells something.

    Args:
        what: the thing, as the subject of a sentence.
        key: of the inventory, that would tell it.
    """
    return Unknown(Need.AZURE, f"{what} is not known", f"an export of Azure's, or {key}")


def unattested(what: str, key: str | None = None) -> Unknown:
    """Return an unknown for something that only an attestation can decide.

    Args:
        what: the thing, as the subject of a sentence.
        key: of the inventory, that would tell it too.
    """
    also = f", or {key}" if key else ""
    return Unknown(Need.ATTESTATION, f"{what} is not known", f"an attestation{also}")


Check = Callable[..., Iterable[Problem | Unknown]]


@attrs.frozen
class Rule:
    """A rule, and everything that is said of it anywhere.

    Attributes:
        id: family and name, for ever.
        title: names the problem.
        stages: when Microsoft looks.
        step: its place in the order in which Microsoft looks (1 to 11).
        severity: by default.
        scope: what it is asked about.
        needs: what has to be known.
        basis: the documents that ask for it: source documents by number, Microsoft's pages, RFCs.
        portal: what Microsoft's portal says; `{peer}` is the session's address.
        masks: for a rule about a single route, the routes it fires on; else None.
        views: where a route has to be seen for it.
        diagnoses: id of the general rule that this one explains; where it fires, the general one
            is silent.
        egress_changes: whether export policy may change what it judges.
        strict: the mildest severity that `--strict` lifts to an error; None for none.
        word: two or three words for the matrix.
        fires_on: scenarios in the notation of `peerlint.testing` where it fires.
        silent_on: scenarios where it does not.
        page: what it checks and why it matters; of a hint, what to do too.
        check: the question itself.
        texts: what documents say where they contradict each other, each with its source.
        kind: a hint is listed and has a page, but is never asked.
        fix: what to type or do where it fires, in one line that starts with a verb; None for a
            hint.
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
    portal: tuple[str, ...]
    masks: Masks | None
    views: frozenset[View]
    diagnoses: str | None
    egress_changes: bool
    strict: Severity | None
    word: str
    fires_on: tuple[str, ...]
    silent_on: tuple[str, ...]
    page: str
    check: Check
    texts: tuple[str, ...] = ()
    kind: Kind = Kind.CHECK
    fix: str | None = None
    by_microsoft: bool = False

    @property
    def explanation(self) -> str:
        """The page, and behind it what to do."""
        return self.page if self.fix is None else f"{self.page}\n\nWhat to do: {self.fix}."

    def ask(self, subject: Subject, context: Context) -> tuple[Problem | Unknown, ...]:
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
        """Pickle and copy a declared rule as the name of its declaration, which stands for it."""
        reference = (self.check.__module__, getattr(self.check, "__name__", ""))
        if _declared(*reference) is self:
            return _declared, reference
        return super().__reduce_ex__(protocol)


def _declared(module: str, name: str) -> object:
    """Return what a module has under a name."""
    return getattr(import_module(module), name, None)


def rule(
    id: str,  # noqa: A002  # the word of the catalogue
    title: str,
    *,
    stages: str,
    step: int,
    severity: Severity,
    scope: Scope,
    basis: tuple[str, ...],
    word: str,
    fix: str,
    fires_on: tuple[str, ...],
    silent_on: tuple[str, ...],
    needs: tuple[Need, ...] = (),
    portal: tuple[str, ...] = (),
    any_of: Fact | None = None,
    none_of: Fact | None = None,
    views: frozenset[View] = ANYWHERE,
    diagnoses: str | None = None,
    egress_changes: bool = False,
    strict: Severity | None = None,
    texts: tuple[str, ...] = (),
    by_microsoft: bool = False,
) -> Callable[[Check], Rule]:
    """Declare a rule; the function's docstring is its page.

    The arguments are the attributes of `Rule`; `stages` are letters of `Stage` joined by `+`, and
    `any_of` and `none_of` make the masks of a rule about a single route.
    """

    def declare(check: Check) -> Rule:
        is_about_one_route = any_of is not None or none_of is not None
        return Rule(
            id=id,
            title=title,
            stages=tuple(Stage(letter) for letter in stages.split("+")),
            step=step,
            severity=severity,
            scope=scope,
            needs=frozenset(needs),
            basis=basis,
            portal=portal,
            masks=Masks(any_of or Fact(0), none_of or Fact(0)) if is_about_one_route else None,
            views=views,
            diagnoses=diagnoses,
            egress_changes=egress_changes,
            strict=strict,
            word=word,
            fires_on=fires_on,
            silent_on=silent_on,
            page=inspect.cleandoc(check.__doc__ or ""),
            check=check,
            texts=texts,
            fix=fix,
            by_microsoft=by_microsoft,
        )

    return declare


def hint(
    id: str,  # noqa: A002  # the word of the catalogue
    title: str,
    page: str,
    *,
    stages: str = "O",
    basis: tuple[str, ...] = ("FAQ of 000 to 004",),
    by_microsoft: bool = True,
) -> Rule:
    """Declare a statement of Microsoft's that cannot be violated: it is listed, but never asked."""
    return Rule(
        id=id,
        title=title,
        stages=tuple(Stage(letter) for letter in stages.split("+")),
        step=11,
        severity=Severity.INFO,
        scope=Scope.PEERING,
        needs=frozenset(),
        basis=basis,
        portal=(),
        masks=None,
        views=ANYWHERE,
        diagnoses=None,
        egress_changes=False,
        strict=None,
        word="hint",
        fires_on=(),
        silent_on=(),
        page=inspect.cleandoc(page),
        check=_never,
        kind=Kind.HINT,
        by_microsoft=by_microsoft,
    )


def _never(subject: Subject, context: Context) -> Iterable[Problem | Unknown]:  # noqa: ARG001  # the signature of a check
    raise AssertionError("a hint is not asked")
