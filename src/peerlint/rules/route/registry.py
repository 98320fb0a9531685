"""Rules about route objects and ROAs of a route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.observations import Observation
from peerlint.results import Phrase, Severity, phrase
from peerlint.rules._declare import Family, unknown
from peerlint.rules._effective import origin_of
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.cells import Presence
from peerlint.rules.context import Context
from peerlint.rules.subjects import ObservedPrefix, PrefixSubject
from peerlint.wording import listed

rule: Final = Family("R", step=9)

#: Azure's values for the states of RFC 6811 section 2, in lower case.
_INVALID: Final = frozenset({"invalid"})
_NOT_FOUND: Final = frozenset({"unknown", "notfound"})
_STATES: Final = frozenset({"valid", *_INVALID, *_NOT_FOUND})


@rule(
    "route.irr-route",
    "Route object is not known to exist",
    severity=Severity.WARNING,
    needs=(Need.IRR,),
    basis=("policy.md",),
    word="IRR",
)
def irr_route(subject: PrefixSubject, _: Context) -> Iterator[Unknown]:
    """A public routing registry has a route object for prefix and origin.

    Microsoft's peering policy requires partners to register their routes in a public IRR.

    What to do: create a route object for prefix and origin, in the registry that holds the address
    space.

    Silent:
        registered 203.0.113.0/24
    """
    if subject.prefix is not None:
        yield _no_data(
            Need.IRR, phrase("whether a route object for ", subject.own_prefix, " exists")
        )


@rule(
    "route.rpki-invalid",
    "RPKI contradicts the route",
    stages="R+S+O",
    needs=(Need.VRPS,),
    basis=("policy.md", "RFC 6811"),
    word="RPKI",
)
def rpki_invalid(subject: ObservedPrefix, context: Context) -> Iterator[Problem | Unknown]:
    """No ROA contradicts prefix and origin: Microsoft may drop routes that are RPKI invalid.

    A common mistake is a ROA with a maximum length of 24, which makes a registered /25 invalid.
    Azure's `rpkiValidationState` of a received route is evidence for the session on which the route
    was received: `Invalid` fails, `Valid` and `Unknown` (no ROA: NotFound) do not. `trustAnchor` is
    not evaluated.

    What to do: correct the ROA, or announce the prefix from the AS that it names.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501
        azure ams-1 203.0.113.0/24 rpki=Invalid

    Silent:
        registered 203.0.113.0/24

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500
        azure ams-1 203.0.113.0/24 rpki=Valid
        azure ams-2 203.0.113.0/24 rpki=Unknown
    """
    validated = _Validated.of(subject, context)
    invalid = validated.with_state(_INVALID)
    if invalid:
        own = {cell.session.id for cell in subject.cells if cell.is_required} | {*subject.passing}
        is_own = any(observation.session in own for observation in invalid)
        yield attrs.evolve(
            _problem(subject, invalid, ""), severity=None if is_own else Severity.WARNING
        )
    else:
        yield from validated.undecided(phrase("whether a ROA contradicts ", subject.own_prefix))


@rule(
    "route.rpki-notfound",
    "No ROA covers the prefix",
    severity=Severity.INFO,
    needs=(Need.VRPS,),
    basis=("policy.md", "RFC 6811"),
    word="no ROA",
)
def rpki_notfound(subject: ObservedPrefix, context: Context) -> Iterator[Problem | Unknown]:
    """Microsoft's peering policy asks for signed routes: a ROA covers the prefix.

    Azure's value for NotFound is `Unknown` (`rpkiValidationState` of a received route).

    What to do: sign a ROA for prefix and origin with your regional registry.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        azure ams-1 203.0.113.0/24 rpki=Unknown

    Silent:
        registered 203.0.113.0/24

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500
        azure ams-1 203.0.113.0/24 rpki=Valid
        azure ams-2 203.0.113.0/24 rpki=Valid
    """
    validated = _Validated.of(subject, context)
    unsigned = validated.with_state(_NOT_FOUND)
    if unsigned:
        yield _problem(subject, unsigned, ": no ROA covers it")
    else:
        yield from validated.undecided(phrase("whether a ROA covers ", subject.own_prefix))


@attrs.frozen
class _Validated:
    """The received routes for a prefix that have a validation state of RFC 6811.

    Attributes:
        subject: the prefix.
        routes: the routes; those with another state, or without one, are left out.
    """

    subject: ObservedPrefix
    routes: tuple[Observation, ...]

    @classmethod
    def of(cls, subject: ObservedPrefix, context: Context) -> _Validated:
        """Return the routes for a prefix that have a known state."""
        observations = () if subject.prefix is None else context.validated.get(subject.prefix, ())
        return cls(subject, tuple(each for each in observations if _rpki_state(each) in _STATES))

    def with_state(self, states: frozenset[str]) -> tuple[Observation, ...]:
        """Return the routes with one of some states."""
        return tuple(each for each in self.routes if _rpki_state(each) in states)

    def undecided(self, what: Phrase) -> Iterator[Unknown]:
        """Yield an unknown for the sessions without a state.

        Args:
            what: what is not known, as the subject of a sentence.
        """
        if self.subject.prefix is None:
            return
        if not self.routes:
            yield _no_data(Need.VRPS, what)
            return
        may_announce = [
            *(
                cell.session.id
                for cell in self.subject.cells
                if cell.presence is not Presence.ABSENT
            ),
            *(session for group in self.subject.groups for session in group.session_ids),
        ]
        with_state = {each.session for each in self.routes}
        without_state = [
            session for session in dict.fromkeys(may_announce) if session not in with_state
        ]
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


def _problem(subject: PrefixSubject, routes: tuple[Observation, ...], more: str) -> Problem:
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


def _no_data(need: Need, what: Phrase) -> Unknown:
    missing = {
        Need.IRR: "registry data (IRR)",
        Need.VRPS: "registry data (VRPs), or Azure's received routes",
    }[need]
    return Unknown(need, unknown(what), missing)
