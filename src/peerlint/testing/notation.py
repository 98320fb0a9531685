"""Scenarios for tests and examples: one line, one fact.

::

    registered 203.0.113.0/24 origin 64500
    ams-1 203.0.113.0/24 path 64500 community 8075:8007
    ams-2 203.0.113.0/24 path 64500

This scenario has one registered prefix, which two sessions announce; one announcement lacks the
community.

=========================================================  ======================================
line                                                       fact
=========================================================  ======================================
``SESSION PREFIX path ... community ...``                  a route on a session, see
                                                           `peerlint.Route.parse`
``registered PREFIX [name N] [origin AS]                   a registered prefix of the peering
[traffic WORDS] [endpoints WORDS] [key K] [state S]        above; by default it has a traffic class,
[unnamed] [error WORDS]``                                  endpoints, a key, and the state Verified
``peering NAME PROFILE AS LOCATION``                       a peering; lines below belong to it
``session NAME ROUTER [as-is]``                            a session of the peering above
``asn NUMBER [KEY=VALUE ...]``                             a registered AS of the peering above
``service NAME [KEY=VALUE ...]``                           a peering service
``service-prefix PREFIX [KEY=VALUE ...]``                  a prefix of the peering service above
``peer-asn NAME [KEY=VALUE ...]``                          a PeerAsn; `noc=MAIL[,PHONE]` is its
                                                           contact; ``no peer-asn`` removes all
``provider NAME [METRO ...]``                              a provider; ``no provider`` removes all
``peering|connection|session NAME KEY=VALUE ...``          further values; keys are those of the
                                                           inventory, without a value: not known
``plan peering NAME KEY=VALUE ...``                        a change that is planned; ``plan`` alone:
                                                           a plan without changes
``attest RULE SCOPE [no] [on=DATE] [until=DATE]``          an attestation; with `no`, that the
                                                           requirement is not met
``waive RULE SCOPE [until=DATE]``                          a waiver
``view SESSION VIEW``                                      the view of the session's routes
``coverage SESSION complete|partial|none [truncated]``     whether the source has all routes of the
                                                           session; `truncated`: an export of
                                                           Azure that is cut short
``azure SESSION PREFIX [rpki=STATE] [origin=STATE]``       Azure's validation states of the
                                                           session's routes for the prefix
``registry named|irr NAME|vrps|delegated|peeringdb         registry data that are loaded, whole and
[age=TIME] [cut] [lacks=CLASS]``                           new: all registries that Microsoft names,
                                                           one of them, and so on; without a value,
                                                           `age` is not known; `vrps empty`: without
                                                           any VRP
``irr NAME aut-num AS [modified=DATE]``                    an aut-num of a registry, which is loaded
``irr NAME route PREFIX AS [modified=DATE]``               a route object; of RPKI, made of a ROA
``vrp PREFIX[-MAX] AS``                                    a VRP
``delegated RIR AS|PREFIX STATUS``                         a delegation, such as `allocated`
``peeringdb net AS [NAME]``                                a network in PeeringDB
``peeringdb facility AS NUMBER [CITY]``                    a facility that a network is in
``peeringdb contact AS ROLE DOMAIN|- [phone]``             a contact of a network
``microsoft SESSION COUNT``                                the number of routes from Microsoft
``taken SESSION TIME``                                     the time of the session's source, such as
                                                           2026-11-21T10:00:00Z
``now TIME``                                               the time of the check
``max-age 24h``                                            the maximum age of a source
=========================================================  ======================================

A scenario without a `peering` line has the peering contoso-ams: profile maps, AS64500, Amsterdam,
with the sessions ams-1 and ams-2 on edge1.ams and edge2.ams. All values that Azure exports are
present and have no problem. By default, views are `received`, coverage is `complete`, the time is
2026-11-21 00:00 UTC, and sources of any age count. Documentation and benchmarking space counts as
public.

A scenario can also be converted to dumps, to test snapshots of different times and updates::

    before, after = scenario("ams-1 203.0.113.0/24 path 64500"), scenario("")
    dump = before.rib(TIMESTAMP).octets() + after.rib(TIMESTAMP + 1_000_000).octets()
"""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.results import Report
from peerlint.rules import CATALOGUE, Need
from peerlint.testing._reader import Reader, is_change
from peerlint.testing.scenario import NOW, Scenario

__all__ = ["NOW", "Scenario", "evaluate", "evaluate_routes", "is_about_routes", "scenario"]

_DEFAULT: Final = (
    "peering contoso-ams maps 64500 Amsterdam",
    "session ams-1 edge1.ams",
    "session ams-2 edge2.ams",
)
_OF_ROUTES: Final = ("prefix", "registration", "route")


def scenario(text: str, *, profile: str | None = None) -> Scenario:
    """Parse a scenario.

    Args:
        text: one fact a line; blank lines and lines that start with `#` are ignored.
        profile: the profile of all peerings, instead of those of `peering` lines.

    Raises:
        InputError: a line cannot be parsed, or names a session that no line declares.
    """
    lines = [line.split() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    reader = Reader()
    if not any(words[0] == "peering" and not is_change(words) for words in lines[:1]):
        for line in _DEFAULT:
            reader.read(line.split())
    for words in lines:
        reader.read(words)
    return reader.scenario(profile)


def evaluate(text: str, *, profile: str | None = None, strict: bool = False) -> Report:
    """Check a scenario with all rules.

    Args:
        text: the scenario, see `scenario`.
        profile: the profile of all peerings, instead of those of `peering` lines.
        strict: as for `peerlint.check`.

    Returns:
        The report.
    """
    return scenario(text, profile=profile).evaluate(strict=strict)


def evaluate_routes(text: str, *, profile: str | None = None, strict: bool = False) -> Report:
    """Check a scenario only with the rules that routes and registrations decide.

    Findings that need the set-up, exports of Azure, registries or attestations are removed.

    Args:
        text: the scenario, see `scenario`.
        profile: the profile of all peerings, instead of those of `peering` lines.
        strict: as for `peerlint.check`.

    Returns:
        The report.
    """
    report = evaluate(text, profile=profile, strict=strict)
    kept = (
        finding
        for finding in report.findings
        if is_about_routes(finding.rule) and (finding.need is None or Need(finding.need).is_seen)
    )
    return attrs.evolve(report, findings=tuple(kept))


def is_about_routes(rule: str) -> bool:
    """Return whether routes and registrations decide a rule, at least in part.

    A rule may also need attestations, but not exports of Azure, nor registries: these decide the
    rules about route objects and ROAs.
    """
    needs, family = CATALOGUE[rule].needs, rule.partition(".")[0]
    is_answered = not needs or any(need.is_seen for need in needs)
    is_of_registries = family == "route" and not needs.isdisjoint({Need.IRR, Need.VRPS})
    return family in _OF_ROUTES and is_answered and Need.AZURE not in needs and not is_of_registries
