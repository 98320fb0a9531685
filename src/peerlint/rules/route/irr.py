"""Rules about route objects of a prefix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.model import Prefix
from peerlint.registry import RouteObject, SourceKind
from peerlint.results import Phrase, Severity, clause, phrase
from peerlint.rules._declare import Family, unknown
from peerlint.rules._effective import origins
from peerlint.rules._registry_data import RegistryData, gaps_text, wanted_data
from peerlint.rules._registry_texts import either, route_object_text
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.subjects import ObservedPrefix

rule: Final = Family("R", step=9)

#: The classes of objects that decide.
_CLASSES: Final = ("route",)


@rule(
    "route.irr-route",
    "Route object is not known to exist",
    severity=Severity.WARNING,
    needs=(Need.PATH, Need.IRR),
    basis=("policy.md",),
    word="IRR",
)
def irr_route(subject: ObservedPrefix, context: Context) -> Iterator[Problem | Unknown]:
    """A public routing registry has a route object for prefix and origin.

    Microsoft's peering policy requires partners to register their routes in a public IRR. A route
    object of a shorter prefix with the same origin, or one outside the registry of the regional
    registry that delegated the space, is information. That objects name other origins only, or that
    only a registry without confirmed objects has one (RIPE-NONAUTH, or RPKI for objects made of
    ROAs), is a warning, as is no object at all.

    What to do: create a route object for prefix and origin, in the registry that holds the address
    space.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        registry named

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        registry named
        irr RADB route 203.0.113.0/24 64501

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        irr RADB route 203.0.112.0/23 64500

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        irr RADB route 203.0.113.0/24 64500

        registered 203.0.113.0/24
    """
    if subject.prefix is None:
        return
    data = context.registry_data
    question = phrase("whether a route object for ", subject.own_prefix)
    if data is None:
        yield Unknown(Need.IRR, unknown(phrase(question, " exists")), "registry data (IRR)")
        return
    found = origins(subject.announced)
    if subject.registered.origin is not None:
        found.add(subject.registered.origin)
    if not found:
        yield Unknown(
            Need.PATH, unknown(phrase(question, " and its origin exists")), "a route for the prefix"
        )
    for asn in sorted(found):
        yield from _of_origin(_Objects(data, subject.prefix, asn), subject)


class _Objects:
    """The route objects of a prefix and of those that cover it, by what they say of an origin.

    Attributes:
        data: the registry data.
        prefix: the prefix.
        asn: the origin.
        exact: objects of prefix and origin, in registries that count.
        weak: objects of prefix and origin in other registries.
        covering: objects of shorter prefixes with the origin, in registries that count.
        others: objects of other origins, in registries that count.
    """

    def __init__(self, data: RegistryData, prefix: Prefix, asn: int) -> None:
        """Sort the objects.

        Args:
            data: the registry data.
            prefix: the prefix.
            asn: the origin.
        """
        self.data, self.prefix, self.asn = data, prefix, asn
        counting = {*data.criteria.named, *data.criteria.listed}
        own = [each for each in data.routes(prefix) if each.origin == asn]
        exact = [each for each in own if each.prefix == prefix]

        def counts(each: RouteObject) -> bool:
            return each.is_route_object and each.source in counting

        self.exact = [each for each in exact if counts(each)]
        self.weak = [each for each in exact if not counts(each)]
        self.covering = [each for each in own if each.prefix != prefix and counts(each)]
        self.others = [each for each in data.routes(prefix) if each.origin != asn and counts(each)]

    def text(self, found: RouteObject) -> str:
        """Return an object as a text, with the age of its registry's data if they are too old."""
        return f"{route_object_text(found)}{self.data.as_of(SourceKind.IRR, found.source)}"


def _of_origin(objects: _Objects, subject: ObservedPrefix) -> Iterator[Problem | Unknown]:
    data, about = objects.data, f"AS{objects.asn}"
    named = either(data.criteria.named)
    wanted = phrase("a route object for ", subject.own_prefix, f" and {about} in {named}")
    if objects.exact:
        yield from _elsewhere(objects, wanted)
        return
    gaps = data.irr_gaps(*_CLASSES, prefix=objects.prefix)
    if objects.covering:
        open_text = f" ({gaps_text(gaps)})" if gaps else ""
        found = f"only {objects.text(objects.covering[0])}, which covers "
        yield Problem(
            phrase(found, subject.own_prefix, open_text, is_long=True),
            wanted,
            severity=Severity.INFO,
            about=about,
        )
        return
    text = _text_of_other(objects)
    if gaps:
        question = phrase("whether a route object for ", subject.own_prefix, f" and {about} exists")
        also = f"; found {text}" if text else ""
        found_text = clause(unknown(question), f": {gaps_text(gaps)}{also}")
        yield Unknown(Need.IRR, found_text, wanted_data(gaps), about=about)
        return
    found_phrase = phrase("no route object for ", subject.own_prefix, f" and {about}")
    if text:
        found_phrase = phrase(f"only {text}", is_long=True)
    yield Problem(found_phrase, wanted, about=about)


def _text_of_other(objects: _Objects) -> str:
    """Return the best object that does not count; empty without one."""
    if objects.weak:
        found = objects.weak[0]
        why = "no holder confirms its objects" if found.is_route_object else "made of a ROA"
        return f"{objects.text(found)} ({why})"
    if objects.others:
        return f"{objects.text(objects.others[0])}, with another origin"
    return ""


def _elsewhere(objects: _Objects, wanted: Phrase) -> Iterator[Problem]:
    """Yield the information that the registry of the space's regional registry has no object."""
    data = objects.data
    rirs = {each.rir for each in data.holder(objects.prefix) if each.status.is_delegated}
    if len(rirs) != 1:
        return
    (rir,) = rirs
    is_known = rir in data.criteria.named and rir not in {
        each.registry for each in data.irr_gaps(*_CLASSES, prefix=objects.prefix)
    }
    if not is_known or any(each.source == rir for each in objects.exact):
        return
    yield Problem(
        clause(
            f"{objects.text(objects.exact[0])} exists, and none of {rir}, which holds the space"
        ),
        wanted,
        severity=Severity.INFO,
        about=f"AS{objects.asn}",
    )
