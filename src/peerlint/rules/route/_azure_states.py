"""Azure's validation states of received routes (RFC 6811)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.observations import Observation
from peerlint.results import Phrase, phrase
from peerlint.rules._declare import unknown
from peerlint.rules._effective import origin_of
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.cells import Presence
from peerlint.rules.context import Context
from peerlint.rules.subjects import ObservedPrefix, PrefixSubject
from peerlint.wording import listed

#: Azure's values for the states of RFC 6811 section 2, in lower case.
INVALID: Final = frozenset({"invalid"})
NOT_FOUND: Final = frozenset({"unknown", "notfound"})
_STATES: Final = frozenset({"valid", *INVALID, *NOT_FOUND})


@attrs.frozen
class AzureStates:
    """The received routes for a prefix that have a validation state of RFC 6811.

    Attributes:
        subject: the prefix.
        routes: the routes; those with another state, or without one, are left out.
    """

    subject: ObservedPrefix
    routes: tuple[Observation, ...]

    @classmethod
    def of(cls, subject: ObservedPrefix, context: Context) -> AzureStates:
        """Return the routes for a prefix that have a known state."""
        observations = () if subject.prefix is None else context.validated.get(subject.prefix, ())
        return cls(subject, tuple(each for each in observations if _rpki_state(each) in _STATES))

    def with_state(self, states: frozenset[str]) -> tuple[Observation, ...]:
        """Return the routes with one of some states."""
        return tuple(each for each in self.routes if _rpki_state(each) in states)

    @property
    def without_state(self) -> list[str]:
        """The ids of the sessions that may announce the prefix, and have no state."""
        may_announce = [
            *(
                cell.session.id
                for cell in self.subject.cells
                if cell.presence is not Presence.ABSENT
            ),
            *(session for group in self.subject.groups for session in group.session_ids),
        ]
        with_state = {each.session for each in self.routes}
        return [session for session in dict.fromkeys(may_announce) if session not in with_state]

    @property
    def is_everywhere(self) -> bool:
        """Whether every session that may announce the prefix has a state."""
        return bool(self.routes) and not self.without_state

    def undecided(self, what: Phrase) -> Iterator[Unknown]:
        """Yield an unknown for the sessions without a state.

        Args:
            what: what is not known, as the subject of a sentence.
        """
        if self.subject.prefix is None:
            return
        if not self.routes:
            missing = "registry data (VRPs), or Azure's received routes"
            yield Unknown(Need.VRPS, unknown(what), missing)
            return
        without_state = self.without_state
        if without_state:
            names = listed(without_state)
            yield Unknown(
                Need.VRPS,
                unknown(phrase(what, f" on {names}")),
                f"registry data (VRPs), or Azure's received routes of {names}",
            )


def _rpki_state(observation: Observation) -> str:
    rpki = None if observation.validation is None else observation.validation.rpki
    return (rpki or "").casefold()


def azure_problem(
    subject: PrefixSubject, routes: tuple[Observation, ...], more: str = ""
) -> Problem:
    """Return the problem that Azure's states show.

    Args:
        subject: the prefix.
        routes: the routes that have it.
        more: the end of the sentence.
    """
    words = listed(sorted({each.validation.rpki or "" for each in routes if each.validation}))
    named = sorted({asn for each in routes if (asn := origin_of(each)) is not None})
    origins = f" from {listed(f'AS{asn}' for asn in named)}" if named else ""
    sessions = tuple(dict.fromkeys(each.session for each in routes))
    return Problem(
        phrase(
            *(f"rpkiValidationState {words} for ", subject.own_prefix),
            f"{origins} on {listed(sessions)}{more}",
            is_long=True,
        ),
        "Valid",
        routes,
        sessions=sessions,
    )
