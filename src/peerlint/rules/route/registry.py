"""Rules about what registries say of a route."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.rules._declare import Need, Scope, Unknown, rule
from peerlint.rules._subject import Context, PrefixSubject
from peerlint.verdicts import Severity


@rule(
    "route.irr-route",
    "Route object is not known to exist",
    stages="R",
    step=9,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    needs=(Need.IRR,),
    basis=("policy.md",),
    word="IRR",
    fix="create a route object for prefix and origin, in the registry that holds the address space",
    fires_on=(),
    silent_on=("registered 203.0.113.0/24",),
)
def irr_route(subject: PrefixSubject, _: Context) -> Iterator[Unknown]:
    """A route object for prefix and origin stands in a public routing registry.

    Microsoft's peering policy requires partners to register their routes in a public IRR.
    """
    if subject.prefix is not None:
        yield _no_data(Need.IRR, f"whether a route object for {subject.prefix} exists")


@rule(
    "route.rpki-invalid",
    "Route is not known to be free of RPKI contradictions",
    stages="R+S+O",
    step=9,
    severity=Severity.ERROR,
    scope=Scope.PREFIX,
    needs=(Need.VRPS,),
    basis=("policy.md", "RFC 6811"),
    word="RPKI",
    fix="correct the ROA, or announce the prefix from the AS that it names",
    fires_on=(),
    silent_on=("registered 203.0.113.0/24",),
)
def rpki_invalid(subject: PrefixSubject, _: Context) -> Iterator[Unknown]:
    """No ROA contradicts prefix and origin: Microsoft may drop routes that are RPKI invalid.

    A ROA whose maximum length is 24 makes a registered /25 invalid: the usual trap.
    """
    if subject.prefix is not None:
        yield _no_data(Need.VRPS, f"whether a ROA contradicts {subject.prefix}")


@rule(
    "route.rpki-notfound",
    "Prefix is not known to have a ROA",
    stages="R",
    step=9,
    severity=Severity.INFO,
    scope=Scope.PREFIX,
    needs=(Need.VRPS,),
    basis=("policy.md", "RFC 6811"),
    word="no ROA",
    fix="sign a ROA for prefix and origin with your regional registry",
    fires_on=(),
    silent_on=("registered 203.0.113.0/24",),
)
def rpki_notfound(subject: PrefixSubject, _: Context) -> Iterator[Unknown]:
    """Microsoft's peering policy asks for signed routes: a ROA covers the prefix."""
    if subject.prefix is not None:
        yield _no_data(Need.VRPS, f"whether a ROA covers {subject.prefix}")


def _no_data(need: Need, what: str) -> Unknown:
    missing = {Need.IRR: "registry data (IRR)", Need.VRPS: "registry data (VRPs)"}[need]
    return Unknown(need, f"{what} is not known", missing)
