"""How a rule is declared: one decorated function says everything about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Final

import attrs

from peerlint.bulk import Masks
from peerlint.model import Fact, View
from peerlint.results import Severity
from peerlint.rules._rule import (
    ANYWHERE,
    Check,
    Kind,
    Need,
    Problem,
    Rule,
    S_contra,
    Scope,
    Stage,
    Unknown,
)
from peerlint.rules._subject import (
    Cell,
    ConnectionSubject,
    Context,
    InventorySubject,
    ObservedPeering,
    ObservedPrefix,
    ObservedServicePrefix,
    ObservedSession,
    PeeringSubject,
    PrefixSubject,
    ServicePrefixSubject,
    SessionSubject,
)
from peerlint.rules.documents import FAQ


@attrs.frozen
class Family:
    """What the rules of a module have in common; called, it declares one of them.

    ::

        rule: Final = Family("R+S", step=8)


        @rule("route.empty-path", "AS path is empty", ...)
        def empty_path(cell: Cell, _: Context) -> Iterator[Problem]: ...

    Attributes:
        stages: letters of `Stage` joined by `+`.
        step: see `Rule`.
    """

    stages: str
    step: int = attrs.field(kw_only=True)

    def __call__(
        self,
        id: str,  # noqa: A002  # the word of the catalogue
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
        """Declare a rule; the docstring of the function is its page, with what to do and examples.

        The arguments are the attributes of `Rule`, but for those that follow from others:

        - the scope, and whether routes can change the answer, is what the function's first argument
          is annotated with;
        - `any_of` and `none_of` make the masks of a rule about a single route. The masks of a rule
          about cells never hold for a malformed route, nor for one whose source shows nothing;
        - rules about cells, and rules about sessions with masks, need routes; masks of communities
          or paths need these too, and what needs these needs routes;
        - the word for the matrix is the name in the id, if none is given.
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


#: A function that is only a docstring: the page of a hint, or of a rule with a shared check.
PageOnly = Callable[[], None]


def hint(
    id: str,  # noqa: A002  # the word of the catalogue
    title: str,
    *,
    stages: str = "O",
    basis: tuple[str, ...] = (FAQ,),
    by_microsoft: bool = True,
) -> Callable[[PageOnly], Rule[PeeringSubject]]:
    """Declare a statement of Microsoft's that cannot be violated: it is listed, but never asked."""

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
    raise AssertionError("a hint is not asked")


def shared(check: Check[S_contra]) -> Callable[[PageOnly], Check[S_contra]]:
    """Give a check that several rules share the name and the page of one of them.

    ::

        @rule("topology.lacp", "Link does not speak LACP", ...)
        @shared(_flag("lacp", "LACP", wanted=True))
        def lacp() -> None:
            "Microsoft builds every interconnect as a link bundle, ..."

    Args:
        check: made for this rule: it is changed.
    """

    def named(page: PageOnly) -> Check[S_contra]:
        return update_wrapper(check, page, ("__module__", "__name__", "__qualname__", "__doc__"))

    return named


def attested(what: str) -> Check[PeeringSubject]:
    """Return the check of something about a peering that only an attestation can decide.

    Args:
        what: the thing, as the subject of a sentence.
    """

    def check(_: PeeringSubject, __: Context) -> Iterable[Unknown]:
        yield unattested(what)

    return check


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


# -- what follows from what is declared

#: What a rule is asked about, by the annotation of its function's first argument: things as they
#: are declared, and things with their routes.
_DECLARED: Final = {
    InventorySubject.__name__: Scope.INVENTORY,
    PeeringSubject.__name__: Scope.PEERING,
    ConnectionSubject.__name__: Scope.CONNECTION,
    SessionSubject.__name__: Scope.SESSION,
    PrefixSubject.__name__: Scope.PREFIX,
    ServicePrefixSubject.__name__: Scope.SERVICE_PREFIX,
}
_OBSERVED: Final = {
    ObservedPeering.__name__: Scope.PEERING,
    ObservedSession.__name__: Scope.SESSION,
    ObservedPrefix.__name__: Scope.PREFIX,
    Cell.__name__: Scope.CELL,
    ObservedServicePrefix.__name__: Scope.SERVICE_PREFIX,
}
#: Routes that have neither communities nor a path to judge.
_NOTHING_TO_JUDGE: Final = Fact.MALFORMED | Fact.NO_STATEMENT
#: What follows from a route's communities, and what from its path.
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
    """Return what a check is asked about, and whether with its routes.

    Annotations are looked up as they are written: modules of rules do not evaluate them.

    Raises:
        TypeError: the first argument is not annotated with a subject.
    """
    first = next(iter(check.__annotations__.values()), None)
    name = first if isinstance(first, str) else getattr(first, "__name__", "nothing")
    scopes = _DECLARED | _OBSERVED
    if name not in scopes:
        raise TypeError(
            f"{check.__module__}: expected a first argument of {', '.join(scopes)}, found {name}"
        )
    return scopes[name], name in _OBSERVED


def _masks_of(scope: Scope, any_of: Fact | None, none_of: Fact | None) -> Masks | None:
    if any_of is None and none_of is None:
        return None
    ignored = _NOTHING_TO_JUDGE if scope is Scope.CELL else Fact(0)
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
