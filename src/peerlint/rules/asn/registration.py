"""Where an origin AS is registered: the best evidence that registries have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from typing import Final, TypeAlias

import attrs

from peerlint.iana import AsnClass, asn_class
from peerlint.model import Prefix
from peerlint.registry import AutNum, OriginRoutes, OriginState, SourceKind
from peerlint.registry.delegated import Delegation
from peerlint.rules._registry_data import RegistryData
from peerlint.rules._registry_texts import (
    aut_num_text,
    delegation_text,
    route_object_text,
    vrps_text,
)
from peerlint.rules.registry_criteria import RIR, RegistryCriteria
from peerlint.wording import counted


class Grade(Enum):
    """How good the best evidence is, from the best to none.

    Attributes:
        NAMED: an object of a registry that Microsoft names.
        LISTED: an object of another well-known registry.
        ACCEPTED: a delegation by a regional registry, which the profile accepts.
        WEAK: an object of a registry that no holder of the space confirms.
        UNLISTED: an object of a registry that the profile does not list.
        MADE: a route object that a mirror made of a ROA.
        VRP: a VRP.
        DELEGATED: a delegation by a regional registry.
        NONE: nothing.
    """

    NAMED = "named"
    LISTED = "listed"
    ACCEPTED = "accepted"
    WEAK = "weak"
    UNLISTED = "unlisted"
    MADE = "made"
    VRP = "vrp"
    DELEGATED = "delegated"
    NONE = "none"


@attrs.frozen(eq=False)
class Registration:
    """The best evidence that an AS is registered.

    Attributes:
        grade: how good it is.
        text: returns a text of the object or record that decides; empty without any.
    """

    grade: Grade
    text: Callable[[], str] = str


#: An object, or the route objects of one registry.
_Objects: TypeAlias = AutNum | OriginRoutes


def registration(data: RegistryData, asn: int, prefix: Prefix | None) -> Registration:
    """Return the best evidence that an AS is registered.

    Args:
        data: the registry data.
        asn: the AS number.
        prefix: a prefix that it originates, for VRPs; None if it is not known.
    """
    records = data.origin(asn)
    objects: list[_Objects] = [*records.routes, *records.aut_nums]
    by_grade = {_grade(data.criteria, each): each for each in objects}
    holder = delegated(data, asn)
    for grade in Grade:
        if grade in by_grade:
            return Registration(grade, partial(_object_text, data, asn, by_grade[grade]))
        if grade is Grade.VRP and (vrps := _vrps(data, asn, prefix)) is not None:
            return Registration(grade, partial(str, vrps))
        is_accepted = grade is Grade.ACCEPTED and RIR in data.criteria.accept
        if holder is not None and (is_accepted or grade is Grade.DELEGATED):
            return Registration(grade, partial(_delegated_text, data, holder))
    return Registration(Grade.NONE)


def registry_objects(data: RegistryData, origins: Iterable[int], prefix: Prefix) -> tuple[str, ...]:
    """Return the best evidence for each origin of a prefix that has any, as texts.

    Args:
        data: the registry data.
        origins: the origins.
        prefix: the prefix.
    """
    best = {asn: registration(data, asn, prefix) for asn in sorted(origins)}
    return tuple(
        f"AS{asn}: {each.text()}" for asn, each in best.items() if each.grade is not Grade.NONE
    )


def grade_of(criteria: RegistryCriteria, registry: str) -> Grade:
    """Return the grade of the objects of a registry that no mirror made of ROAs."""
    tiers = (
        (criteria.named, Grade.NAMED),
        (criteria.listed, Grade.LISTED),
        (criteria.weak, Grade.WEAK),
    )
    return next((grade for names, grade in tiers if registry in names), Grade.UNLISTED)


def delegated(data: RegistryData, asn: int) -> Delegation | None:
    """Return the delegation of an AS number to a holder; None without one."""
    return next((each for each in data.delegations(asn) if each.status.is_delegated), None)


def unheld(data: RegistryData, asn: int) -> Delegation | None:
    """Return what the regional registries say of a number that nobody holds, such as reserved.

    That IANA reserves a number for documentation does not count: it is public in a lab only.
    """
    every = data.delegations(asn)
    if not every or any(each.status.is_delegated for each in every):
        return None
    found = every[0]
    return None if asn_class(asn) is not AsnClass.PUBLIC and found.rir == "IANA" else found


def _grade(criteria: RegistryCriteria, found: _Objects) -> Grade:
    if isinstance(found, OriginRoutes) and not found.is_route_object:
        return Grade.MADE
    return grade_of(criteria, found.source)


def _object_text(data: RegistryData, asn: int, found: _Objects) -> str:
    """Return the text of an object; of route objects, of the one that was changed last."""
    if (asn, found) not in data.texts:
        data.texts[asn, found] = _new_object_text(data, asn, found)
    return data.texts[asn, found]


def _new_object_text(data: RegistryData, asn: int, found: _Objects) -> str:
    as_of = data.as_of(SourceKind.IRR, found.source)
    if isinstance(found, AutNum):
        return f"{aut_num_text(found)}{as_of}"
    same = [
        each
        for each in data.routes_of(asn)
        if each.source == found.source and each.is_route_object is found.is_route_object
    ]
    latest = next((each for each in same if each.modified == found.modified), same[0])
    return f"{route_object_text(latest)}{as_of}"


def _delegated_text(data: RegistryData, holder: Delegation) -> str:
    return f"{delegation_text(holder)}{data.as_of(SourceKind.DELEGATED, holder.rir)}"


def _vrps(data: RegistryData, asn: int, prefix: Prefix | None) -> str | None:
    """Return the VRPs that make the prefix of an AS valid, or else how many it has."""
    as_of = data.as_of(SourceKind.VRPS)
    if prefix is not None:
        validity = data.validity(prefix, asn)
        if validity.state is OriginState.VALID:
            return f"{vrps_text(validity.matched)}{as_of}"
    number = data.origin(asn).vrps
    return f"{counted(number, 'VRP')} for other prefixes{as_of}" if number else None


#: What a finding says of evidence that leaves it open whether Microsoft accepts it, with the record
#: and the AS.
WEAK_TEXTS: Final = {
    Grade.WEAK: "{asn} has only {record}: no holder confirms the objects of that registry",
    Grade.UNLISTED: "{asn} has only {record}: that registry is not a well-known one",
    Grade.MADE: "{asn} has only {record}: a mirror made it of a ROA",
    Grade.VRP: "{asn} has no object in a routing registry, only {record}",
    Grade.DELEGATED: "{asn} has no object in a routing registry; the number is {record}",
}
