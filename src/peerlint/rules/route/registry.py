"""Rules about ROAs of a route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.results import Severity, phrase
from peerlint.rules._declare import Family
from peerlint.rules._effective import origin_of
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.route._azure_states import INVALID, NOT_FOUND, AzureStates, azure_problem
from peerlint.rules.route._validities import RouteValidities, severity_of
from peerlint.rules.subjects import ObservedPrefix

rule: Final = Family("R", step=9)


@rule(
    "route.rpki-invalid",
    "RPKI contradicts the route",
    stages="R+S+O",
    needs=(Need.PATH, Need.VRPS),
    basis=("policy.md", "RFC 6811"),
    word="RPKI",
)
def rpki_invalid(subject: ObservedPrefix, context: Context) -> Iterator[Problem | Unknown]:
    """No ROA contradicts prefix and origin: Microsoft may drop routes that are RPKI invalid.

    Registry data have the validated payloads of ROAs (VRPs). A route is invalid if a VRP covers its
    prefix, and none has its origin and allows its length. Its origin is never valid if the path is
    empty or ends in an AS_SET. Only VRPs that are whole and not older than a day show that a route
    is invalid, or that no VRP covers it. A common mistake is a ROA with a maximum length of 24,
    which makes a registered /25 invalid.
    Azure's `rpkiValidationState` of a received route is evidence for the session on which the route
    was received: `Invalid` fails, `Valid` and `Unknown` (no ROA: NotFound) do not. `trustAnchor` is
    not evaluated.

    What to do: correct the ROA, or announce the prefix from the AS that it names.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501
        azure ams-1 203.0.113.0/24 rpki=Invalid

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501
        vrp 203.0.113.0/24 64500

        registered 203.0.113.0/25
        ams-1 203.0.113.0/25 path 64500
        vrp 203.0.113.0/24-24 64500

    Silent:
        registered 203.0.113.0/24

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        vrp 203.0.113.0/24 64500

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500
        azure ams-1 203.0.113.0/24 rpki=Valid
        azure ams-2 203.0.113.0/24 rpki=Unknown
    """
    azure = AzureStates.of(subject, context)
    refused = azure.with_state(INVALID)
    validities = RouteValidities.of(subject, context)
    found = {} if validities is None else validities.invalid()
    if refused:
        # The VRPs say why: one finding for each origin.
        named = {origin_of(each) for each in refused}
        reasons = [found.pop(origin) for origin in [*found] if origin in named]
        yield attrs.evolve(
            azure_problem(subject, refused),
            severity=severity_of(subject, (each.session for each in refused)),
            hint=reasons[0].found if reasons else None,
        )
    yield from found.values()
    if refused or found:
        return
    question = phrase("whether a ROA contradicts ", subject.own_prefix)
    if validities is None:
        yield from azure.undecided(question)
    elif not azure.is_everywhere:
        yield from validities.undecided(question)


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

    Registry data have the validated payloads of ROAs (VRPs); only VRPs that are whole and not older
    than a day show that none covers the prefix. Azure's value for NotFound is `Unknown`
    (`rpkiValidationState` of a received route).

    What to do: sign a ROA for prefix and origin with your regional registry.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        azure ams-1 203.0.113.0/24 rpki=Unknown

        registered 203.0.113.0/24
        vrp 198.51.100.0/24 64500

    Silent:
        registered 203.0.113.0/24

        registered 203.0.113.0/24
        vrp 203.0.112.0/23-24 64500

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500
        azure ams-1 203.0.113.0/24 rpki=Valid
        azure ams-2 203.0.113.0/24 rpki=Valid
    """
    azure = AzureStates.of(subject, context)
    unsigned = azure.with_state(NOT_FOUND)
    validities = RouteValidities.of(subject, context)
    question = phrase("whether a ROA covers ", subject.own_prefix)
    if unsigned:
        yield azure_problem(subject, unsigned, ": no ROA covers it")
    elif validities is None:
        yield from azure.undecided(question)
    elif not azure.is_everywhere:
        yield from validities.not_covered(question)
