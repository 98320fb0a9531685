"""Unknown answers: data that a source does not show, shows before export policy, or too old."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import attrs

from peerlint.inventory.peering import Egress
from peerlint.model import Fact, OwnAs, View, facts
from peerlint.model.times import time_text
from peerlint.observations import Observation, SessionSource
from peerlint.profiles import Profile
from peerlint.results import SubjectName, clause, phrase
from peerlint.rules import AnyRule, Cell, Context, Need, Presence, Subject, Unknown
from peerlint.rules.answers import Answers, Problem
from peerlint.wording import listed

_WIRE: Final = phrase("what is received or sent on ", SubjectName.SESSION)
#: Parts of a route that a source may not show, by need: a name, and whether an observation has it.
_SHOWS: Final[dict[Need, tuple[str, Callable[[Observation], bool]]]] = {
    Need.COMMUNITIES: ("communities", lambda observation: observation.shows_communities),
    Need.PATH: ("the path", lambda observation: observation.shows_path),
}
_OTHER_COMMUNITIES: Final = "large and extended communities"
#: The facts of large and extended communities.
_OF_OTHER_COMMUNITIES: Final = Fact.NEAR_LARGE | Fact.NEAR_EXTENDED


def hiding(need: Need, rule: AnyRule, subject: Subject) -> tuple[Observation, ...]:
    """Return the routes whose source does not show what a rule needs."""
    if need not in rule.needs:
        return ()
    shows = _SHOWS[need][1]
    return tuple(
        route for route in subject.shown_routes if not shows(route) and route.view in rule.views
    )


def hidden_answers(rule: AnyRule, need: Need, routes: tuple[Observation, ...]) -> Answers | None:
    """Return the answers of a rule about routes whose source does not show what it needs.

    Args:
        rule: the rule.
        need: the need of the rule.
        routes: the routes that do not show it, see `hiding`.

    Returns:
        One unknown, or None if the rule does not apply.
    """
    # A diagnosis would only repeat the unknown of the rule that it explains. A path that is not
    # shown cannot be known to be empty.
    is_about_empty_path = rule.masks is not None and rule.masks.any_of == Fact.EMPTY_PATH
    is_left_out = rule.diagnoses is not None or is_about_empty_path
    return None if is_left_out else (_not_shown(rule, need, _SHOWS[need][0], routes),)


def hiding_other_communities(rule: AnyRule, subject: Subject) -> tuple[Observation, ...]:
    """Return the routes on which a rule might fire if their source showed all communities."""
    if rule.masks is None or not rule.masks.any_of & _OF_OTHER_COMMUNITIES:
        return ()
    return tuple(
        route
        for route in subject.shown_routes
        if not route.shows_other_communities
        and route.view in rule.views
        and not rule.masks.hold(route.facts)
        and rule.masks.hold(route.facts | _OF_OTHER_COMMUNITIES)
    )


def other_communities_not_shown(rule: AnyRule, routes: tuple[Observation, ...]) -> Unknown:
    """Return the unknown of a rule about routes whose source shows standard communities only."""
    return _not_shown(rule, Need.COMMUNITIES, _OTHER_COMMUNITIES, routes)


def shows_everything(cell: Cell) -> bool:
    """Whether the source of a cell shows communities and path of all routes, as most do."""
    return all(
        route.shows_communities and route.shows_path and route.shows_other_communities
        for route in cell.routes
    )


def showing_more(rule: AnyRule, cell: Cell) -> Cell:
    """Return the cell with the first source of the prefix that shows what a rule needs.

    If no source does, the cell is returned unchanged.
    """
    if cell.presence is not Presence.PRESENT:
        return cell
    shows = [show for need, (_, show) in _SHOWS.items() if need in rule.needs]
    if rule.masks is not None and rule.masks.any_of & _OF_OTHER_COMMUNITIES:
        shows.append(lambda observation: observation.shows_other_communities)

    def is_enough(routes: Iterable[Observation]) -> bool:
        return all(show(route) for route in routes for show in shows)

    if is_enough(cell.routes):
        return cell
    for other in cell.others:
        if other.view.is_hint or other.is_too_old:
            continue
        routes = tuple(other.observations.to({cell.prefix}))
        sound = tuple(route for route in routes if not route.route.malformed)
        if sound and is_enough(sound):
            return attrs.evolve(cell, source=other, routes=sound)
    return cell


def without_old(cell: Cell) -> Cell:
    """Return a cell without the sources in `others` that are too old."""
    if not any(each.is_too_old for each in cell.others):
        return cell
    return attrs.evolve(cell, others=tuple(each for each in cell.others if not each.is_too_old))


def without_old_answers(
    rule: AnyRule, certain: Answers, every: Answers, old: tuple[SessionSource, ...]
) -> Answers:
    """Return the answers from newer sources, and an unknown for those that need old sources.

    Args:
        rule: the rule.
        certain: its answers without the old sources.
        every: its answers with all sources.
        old: the sources that are too old.
    """
    if Need.ROUTES not in rule.needs:
        return certain
    # An answer that only old sources give is undecided until there is a newer dump.
    all_answers = set(every)
    kept = tuple(each for each in certain if isinstance(each, Problem) or each in all_answers)
    kept_answers = set(kept)
    doubtful = [each for each in every if isinstance(each, Problem) and each not in kept_answers]
    if len(kept) == len(certain) and not doubtful:
        return certain
    evidence = tuple(route for problem in doubtful for route in problem.evidence)
    return (*kept, too_old(rule, old[0], evidence))


def too_old(rule: AnyRule, source: SessionSource, routes: tuple[Observation, ...]) -> Unknown:
    """Return the unknown for a source that is too old to decide a rule."""
    taken = "" if source.last is None else f": taken {time_text(source.last)}"
    return Unknown(
        Need.ROUTES,
        f"{rule.title}? {source.source} is too old{taken}",
        f"a newer dump than {source.source}",
        routes,
    )


def _not_shown(rule: AnyRule, need: Need, what: str, routes: tuple[Observation, ...]) -> Unknown:
    sources = listed(dict.fromkeys(route.source for route in routes))
    sessions = listed(dict.fromkeys(route.session for route in routes))
    return Unknown(
        need,
        f"{rule.title}? {sources} does not show {what}",
        f"a dump of what is received or sent on {sessions}",
        routes,
    )


def holds(rule: AnyRule, route: Observation, context: Context) -> bool | None:
    """Whether the masks of a rule hold for a route.

    Returns:
        None if the answer depends on whether the path already includes the partner's AS.
    """
    if rule.masks is None:
        raise AssertionError(f"{rule.id} is not about a single route")
    held = rule.masks.hold(route.facts)
    viewpoint = route.viewpoint
    if viewpoint.view is not View.ADVERTISED or viewpoint.own_as is not OwnAs.AUTO:
        return held
    if viewpoint.transparent or route.route.path.first_as != viewpoint.asn:
        return held
    # The leftmost AS is the peer's own: already added, or prepended and still to be added?
    excluded = attrs.evolve(viewpoint, own_as=OwnAs.EXCLUDED)
    other = rule.masks.hold(facts(route.route, excluded, context.criteria))
    return held if held == other else None


def why_unknown(
    rule: AnyRule, cell: Cell, held: list[bool | None], profile: Profile
) -> Unknown | None:
    """Return the reason why it is not known whether AS8075 receives a route that a rule fires on.

    Args:
        rule: a rule about single routes.
        cell: the cell.
        held: for each route of the cell, whether the rule's masks hold, see `holds`.
        profile: the profile, which says whether all routes or only the best one is announced.

    Returns:
        The reason, or None if it is known.
    """
    view = cell.view
    if view is None or view.is_hint:
        return None
    picks_one = view.has_candidates or not profile.all_paths
    if picks_one and not all(held):
        found = clause(
            *(f"{rule.title}? Only some of {len(held)} routes to ", cell.own_prefix),
            " show it, and a dump does not mark the best",
        )
        return Unknown(Need.ROUTES, found, _WIRE)
    if True not in held:
        return Unknown(
            Need.ROUTES,
            f"{rule.title}? That depends on whether the paths include AS{cell.peering.asn}",
            _WIRE,
        )
    as_is = cell.session.declared.egress is Egress.AS_IS
    if rule.egress_changes and not view.is_definite and not as_is:
        found = clause(
            *(f"{rule.title}? It is so in the {view} of ", SubjectName.PLACE),
            ", but export policy may change it",
        )
        return Unknown(Need.ROUTES, found, phrase(_WIRE, ', or egress = "as-is" in the inventory'))
    return None


def only_inferred(rule: AnyRule, cell: Cell) -> Unknown:
    """Return the unknown for a pass that is only inferred from routes before export policy."""
    found = clause(
        f"{rule.title}? Not as far as the {cell.view} view of ", SubjectName.PLACE, " tells"
    )
    return Unknown(Need.ROUTES, found, _WIRE, cell.routes)
