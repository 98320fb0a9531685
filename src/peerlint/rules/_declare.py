"""Declare rules: a decorated function holds everything about one rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Final, get_args

import attrs

from peerlint.model import Fact, Masks, View
from peerlint.results import Phrase, Severity, clause
from peerlint.rules._rule import ANYWHERE, Check, Kind, Rule, S_contra, Stage
from peerlint.rules._subject_base import SubjectBase
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.documents import FAQ
from peerlint.rules.scopes import Scope
from peerlint.rules.subjects import ObservedSubject, PeeringSubject, Subject


@attrs.frozen
class Family:
    """What the rules of a module have in common; call it to declare one of them.

    ::

        rule: Final = Family("R+S", step=8)


        @rule("route.empty-path", "AS path is empty", ...)
        def empty_path(cell: Cell, _: Context) -> Iterator[Problem]: ...

    Attributes:
        stages: the default of the rules' `stages`: letters of `Stage`, joined by `+`.
        step: the default of the rules' `step`, see `Rule`.
    """

    stages: str
    step: int = attrs.field(kw_only=True)

    def __call__(
        self,
        id: str,  # noqa: A002  # the attribute of `Rule`
        title: str,
        *,
        basis: tuple[str, ...],
        stages: str | None = None,
        step: int | None = None,
        severity: Severity = Severity.ERROR,
        needs: tuple[Need, ...] = (),
        any_of: Fact | None = None,
        none_of: Fact | None = None,
        views: frozenset[View] = ANYWHERE,
        portal: tuple[str, ...] = (),
        texts: tuple[str, ...] = (),
        diagnoses: str | None = None,
        egress_changes: bool = False,
        strict: Severity | None = None,
        by_microsoft: bool = False,
        word: str | None = None,
    ) -> Callable[[Check[S_contra]], Rule[S_contra]]:
        """Return a decorator that makes a rule of a check; its docstring becomes the rule's page.

        The arguments are attributes of `Rule`. Some attributes are derived:

        - `scope`, and whether routes can change the outcome, follow from the annotation of the
          function's first argument.
        - `masks` of a rule about a single route are made of `any_of` and `none_of`. Those of a
          rule about cells never hold for a malformed route, nor for a route whose source shows
          neither communities nor a path.
        - `needs` gets routes for rules about cells, and for rules about sessions with masks. It
          gets communities or paths if the masks have facts about them, and routes with either.
        - `word` defaults to the name in the id.
        """

        def declare(check: Check[S_contra]) -> Rule[S_contra]:
            scope, reads_routes = _subject_of(check)
            masks = _masks_of(scope, any_of, none_of)
            return Rule(
                id=id,
                title=title,
                stages=tuple(map(Stage, (stages or self.stages).split("+"))),
                step=step or self.step,
                severity=severity,
                scope=scope,
                reads_routes=reads_routes,
                needs=_needs_of(scope, masks, needs),
                basis=basis,
                word=word or id.partition(".")[2].replace("-", " "),
                check=check,
                docstring=check.__doc__ or "",
                portal=portal,
                masks=masks,
                views=views,
                diagnoses=diagnoses,
                egress_changes=egress_changes,
                strict=strict,
                texts=texts,
                by_microsoft=by_microsoft,
            )

        return declare


#: A function with a docstring only: the page of a hint, or of a rule with a shared check.
PageOnly = Callable[[], None]


def hint(
    id: str,  # noqa: A002  # the attribute of `Rule`
    title: str,
    *,
    stages: str = "O",
    basis: tuple[str, ...] = (FAQ,),
    by_microsoft: bool = True,
) -> Callable[[PageOnly], Rule[PeeringSubject]]:
    """Return a decorator that makes a hint: a statement of Microsoft's that cannot be violated.

    Hints are listed and have a page, but are never evaluated. The arguments are attributes of
    `Rule`.
    """

    def declare(page: PageOnly) -> Rule[PeeringSubject]:
        return Rule(
            id=id,
            title=title,
            stages=tuple(map(Stage, stages.split("+"))),
            step=11,
            severity=Severity.INFO,
            scope=Scope.PEERING,
            needs=frozenset(),
            basis=basis,
            word="hint",
            check=_never,
            docstring=page.__doc__ or "",
            kind=Kind.HINT,
            by_microsoft=by_microsoft,
        )

    return declare


def _never(_: PeeringSubject, __: Context) -> Iterable[Problem | Unknown]:
    raise AssertionError("a hint is not evaluated")


def shared(check: Check[S_contra]) -> Callable[[PageOnly], Check[S_contra]]:
    """Return a decorator that gives a shared check the name and the page of one rule.

    ::

        @rule("topology.lacp", "Link does not speak LACP", ...)
        @shared(_flag("lacp", "LACP", wanted=True))
        def lacp() -> None:
            "Microsoft builds every interconnect as a link bundle, ..."

    Args:
        check: a function made for this rule only, because its name and docstring are set.
    """

    def named(page: PageOnly) -> Check[S_contra]:
        return update_wrapper(check, page, ("__module__", "__name__", "__qualname__", "__doc__"))

    return named


def attested(what: str) -> Check[PeeringSubject]:
    """Return a check of a peering that only an attestation can decide.

    Args:
        what: the question that the attestation decides, as the subject of a sentence.
    """

    def check(_: PeeringSubject, __: Context) -> Iterable[Unknown]:
        yield unattested(what)

    return check


def unknown(what: str | Phrase) -> Phrase:
    """Return the clause that something is not known.

    Args:
        what: the subject of the clause.
    """
    return clause(what, " is not known")


def undeclared(what: str | Phrase, key: str) -> Unknown:
    """Return an unknown for a value that neither an export of Azure's nor the inventory has.

    Args:
        what: the value, as the subject of a sentence.
        key: the key of the inventory that would have the value.
    """
    return Unknown(Need.AZURE, unknown(what), f"an export of Azure's, or {key}")


def unattested(what: str | Phrase, key: str | None = None) -> Unknown:
    """Return an unknown for something that only an attestation can decide.

    Args:
        what: the unknown, as the subject of a sentence.
        key: a key of the inventory that would also decide it; None without one.
    """
    also = f", or {key}" if key else ""
    return Unknown(Need.ATTESTATION, unknown(what), f"an attestation{also}")


# -- derived attributes

#: The kind of subject of a rule, by the annotation of its function's first argument.
_KINDS: Final[dict[str, type[SubjectBase]]] = {
    kind.__name__: kind for kind in (*get_args(Subject), *get_args(ObservedSubject))
}
#: The facts of routes that have neither communities nor a path to check.
_NOTHING_TO_CHECK: Final = Fact.MALFORMED | Fact.NO_STATEMENT
#: Facts about a route's communities, and facts about its path.
_OF_COMMUNITIES: Final = (
    Fact.TAGGED | Fact.NEAR_LARGE | Fact.NEAR_EXTENDED | Fact.NEAR_SWAPPED | Fact.NEAR_VALUE
    | Fact.NO_ADVERTISE | Fact.NO_EXPORT | Fact.NO_EXPORT_SUBCONFED | Fact.NOPEER
    | Fact.BLACKHOLE | Fact.GRACEFUL_SHUTDOWN | Fact.LLGR_STALE | Fact.NO_LLGR
    | Fact.BLOCKED_8075
)  # fmt: skip
_OF_PATH: Final = (
    Fact.LONG_PATH | Fact.PRIVATE_ASN | Fact.BOGON_ASN | Fact.PREPENDED | Fact.LOOP
    | Fact.HAS_8075 | Fact.HAS_12076 | Fact.AS_SET | Fact.CONFED | Fact.EMPTY_PATH
    | Fact.FIRST_AS_OTHER | Fact.NO_ORIGIN
)  # fmt: skip


def _subject_of(check: Check[S_contra]) -> tuple[Scope, bool]:
    """Return the scope of a check, and whether its subject has routes.

    Annotations are compared as text, because modules of rules do not evaluate them.

    Raises:
        TypeError: the first argument is not annotated with a subject.
    """
    first = next(iter(check.__annotations__.values()), None)
    name = first if isinstance(first, str) else getattr(first, "__name__", "nothing")
    if name not in _KINDS:
        raise TypeError(
            f"{check.__module__}: expected a first argument of {', '.join(_KINDS)}, found {name}"
        )
    kind = _KINDS[name]
    return kind.scope, kind.has_routes


def _masks_of(scope: Scope, any_of: Fact | None, none_of: Fact | None) -> Masks | None:
    if any_of is None and none_of is None:
        return None
    ignored = _NOTHING_TO_CHECK if scope is Scope.CELL else Fact(0)
    return Masks(any_of or Fact(0), (none_of or Fact(0)) | ignored)


def _needs_of(scope: Scope, masks: Masks | None, declared: tuple[Need, ...]) -> frozenset[Need]:
    needs = set(declared)
    if masks is not None and scope in (Scope.CELL, Scope.SESSION):
        facts = masks.any_of | masks.none_of
        needs |= {Need.ROUTES}
        needs |= {Need.COMMUNITIES} if facts & _OF_COMMUNITIES else set()
        needs |= {Need.PATH} if facts & _OF_PATH else set()
    if scope is Scope.CELL or needs & {Need.COMMUNITIES, Need.PATH}:
        needs |= {Need.ROUTES}
    return frozenset(needs)
