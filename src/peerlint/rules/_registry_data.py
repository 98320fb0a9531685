"""Registry data for rules: answers that are kept, and what missing or old data leave open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from peerlint.model import Prefix
from peerlint.model.times import from_microseconds
from peerlint.registry import (
    OriginRecords,
    Registry,
    RouteObject,
    SourceInfo,
    SourceKind,
    Validity,
    Vrp,
)
from peerlint.registry.delegated import Delegation
from peerlint.registry.peeringdb import Contact, Facility, Network
from peerlint.rules.registry_criteria import RegistryCriteria, known_age
from peerlint.rules.registry_questions import Questions
from peerlint.wording import listed

_NAMES: Final = {
    SourceKind.DELEGATED: "delegated files",
    SourceKind.VRPS: "VRPs",
    SourceKind.PEERINGDB: "PeeringDB's data",
}


@attrs.frozen
class Gap:
    """A source whose silence proves nothing.

    Attributes:
        name: its name.
        reason: why it proves nothing, such as "not loaded".
        is_plural: whether the name is a plural.
        registry: the registry; empty for other sources.
    """

    name: str
    reason: str
    is_plural: bool = False
    registry: str = ""


@attrs.define(eq=False)
class RegistryData:
    """What registries say at the time of the check.

    Objects and VRPs that a registry has count whatever its age. That it has none counts only if
    its data were loaded, are whole and not too old.

    Attributes:
        registry: the registry data.
        criteria: which registries count, and how old their data may be.
        questions: notes what is asked.
        texts: the texts of objects, by AS number and record, so that each is made once.
    """

    registry: Registry
    criteria: RegistryCriteria
    questions: Questions = attrs.field(factory=Questions)
    texts: dict[tuple[int, object], str] = attrs.field(factory=dict, init=False)
    _origins: dict[int, OriginRecords] = attrs.field(factory=dict, init=False)
    _routes_of: dict[int, tuple[RouteObject, ...]] = attrs.field(factory=dict, init=False)
    _delegations: dict[int, tuple[Delegation, ...]] = attrs.field(factory=dict, init=False)
    _routes: dict[Prefix, tuple[RouteObject, ...]] = attrs.field(factory=dict, init=False)
    _holders: dict[Prefix, tuple[Delegation, ...]] = attrs.field(factory=dict, init=False)
    _irr_gaps: dict[tuple[str, ...], tuple[Gap, ...]] = attrs.field(factory=dict, init=False)
    _vrps: dict[Prefix, tuple[Vrp, ...]] = attrs.field(factory=dict, init=False)
    _validities: dict[tuple[Prefix, int | None], Validity] = attrs.field(factory=dict, init=False)

    def has(self, kind: SourceKind) -> bool:
        """Return whether there is a source of a kind."""
        return any(each.kind is kind for each in self.registry.sources)

    def origin(self, asn: int) -> OriginRecords:
        """Return what each source says of an AS number as an origin."""
        self.questions.note("origin", asn)
        if asn not in self._origins:
            self._origins[asn] = self.registry.origin(asn)
        return self._origins[asn]

    def routes_of(self, asn: int) -> tuple[RouteObject, ...]:
        """Return the route objects whose origin is an AS."""
        self.questions.note("routes_of", asn)
        if asn not in self._routes_of:
            self._routes_of[asn] = self.registry.routes_of(asn)
        return self._routes_of[asn]

    def routes(self, prefix: Prefix) -> tuple[RouteObject, ...]:
        """Return the route objects of a prefix and of all that cover it, the longest first."""
        self.questions.note("routes", prefix)
        if prefix not in self._routes:
            self._routes[prefix] = self.registry.routes(prefix)
        return self._routes[prefix]

    def holder(self, prefix: Prefix) -> tuple[Delegation, ...]:
        """Return what the regional registries say of the space of a prefix, holders first."""
        self.questions.note("holder", prefix)
        if prefix not in self._holders:
            self._holders[prefix] = self.registry.holder(prefix)
        return self._holders[prefix]

    def delegations(self, asn: int) -> tuple[Delegation, ...]:
        """Return what the regional registries say of an AS number, holders first."""
        self.questions.note("delegations", asn)
        if asn not in self._delegations:
            self._delegations[asn] = self.registry.delegations(asn)
        return self._delegations[asn]

    def validity(self, prefix: Prefix, origin: int | None) -> Validity:
        """Return the validity of a route (RFC 6811); the origin is None for a route without one."""
        key = (prefix, origin)
        vrps = self.vrps(prefix) if self.has(SourceKind.VRPS) else None
        if key not in self._validities:
            self._validities[key] = Validity.of(prefix, origin, vrps, self.registry.now)
        return self._validities[key]

    def vrps(self, prefix: Prefix) -> tuple[Vrp, ...]:
        """Return the VRPs that cover a prefix, the longest first."""
        self.questions.note("vrps", prefix)
        if prefix not in self._vrps:
            self._vrps[prefix] = self.registry.vrps(prefix)
            self.questions.note_expiry(self._vrps[prefix])
        return self._vrps[prefix]

    def network(self, asn: int) -> Network | None:
        """Return the record that PeeringDB has of the network of an AS; None if it has none."""
        self.questions.note("network", asn)
        return self.registry.network(asn)

    def facilities(self, asn: int) -> tuple[Facility, ...] | None:
        """Return the facilities of the network of an AS; None if the records do not have them."""
        self.questions.note("facilities", asn)
        return self.registry.facilities(asn)

    def facility(self, number: int) -> Facility | None:
        """Return PeeringDB's record of a facility; None if it has none."""
        self.questions.note("facility", number)
        return self.registry.facility(number)

    def contacts(self, asn: int) -> tuple[Contact, ...] | None:
        """Return the public contacts of the network of an AS; None if the records have none."""
        self.questions.note("contacts", asn)
        return self.registry.contacts(asn)

    def irr_gaps(
        self, *classes: str, asn: int | None = None, prefix: Prefix | None = None
    ) -> tuple[Gap, ...]:
        """Return the named registries that may have objects which the data lack.

        Args:
            classes: the classes of objects that count, such as "route".
            asn: the AS number that the objects are about; None for none.
            prefix: the prefix that they are about; None for none.
        """
        asked = self.registry.asked
        if asked is not None and not asked.covers(asn, prefix):
            about = listed(filter(None, (None if asn is None else f"AS{asn}", prefix)))
            names = self.criteria.named
            return tuple(Gap(each, f"not asked about {about}", registry=each) for each in names)
        if classes not in self._irr_gaps:
            self._irr_gaps[classes] = tuple(self._of_named(classes))
        return self._irr_gaps[classes]

    def _of_named(self, classes: Iterable[str]) -> Iterator[Gap]:
        for name in self.criteria.named:
            sources = [
                each
                for each in self.registry.sources
                if each.kind is SourceKind.IRR and each.name == name
            ]
            found = self._gap(name, sources, classes)
            if found is not None:
                yield attrs.evolve(found, registry=name)

    def gaps(self, kind: SourceKind) -> tuple[Gap, ...]:
        """Return why the sources of a kind may lack records; for IRRs, see `irr_gaps`."""
        sources = [each for each in self.registry.sources if each.kind is kind]
        found = self._gap(_NAMES[kind], sources)
        return () if found is None else (attrs.evolve(found, is_plural=True),)

    def _gap(self, name: str, sources: list[SourceInfo], classes: Iterable[str] = ()) -> Gap | None:
        """Return why sources may lack records; None if none of them does."""
        if not sources:
            return Gap(name, "not loaded")
        reasons = (self._reason(each, classes) for each in sources)
        reason = next((each for each in reasons if each), "")
        return Gap(name, reason) if reason else None

    def _reason(self, source: SourceInfo, classes: Iterable[str]) -> str:
        """Return why a source may lack records; empty if it does not."""
        age = known_age(source, self.registry.now)
        missing = [each for each in classes if each in source.lacks]
        reasons = {
            "cut in the middle": source.is_cut,
            # A validator that has just begun, or has failed, has none.
            "loaded without any VRP": source.kind is SourceKind.VRPS and not source.records,
            f"loaded without any {' or '.join(missing)} object": bool(missing),
            f"too old (of {_day(source)})": self.criteria.is_too_old(source, self.registry.now),
            "of unknown age": age is None and self.criteria.max_age(source.kind).limit is not None,
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def as_of(self, kind: SourceKind, name: str | None = None) -> str:
        """Return the server that gave an answer, and its age if its source is too old, as a text.

        The text is empty for an answer that is of a file and not too old.

        Args:
            kind: the kind of the source.
            name: the registry; None for any source of the kind.
        """
        sources = [
            each
            for each in self.registry.sources
            if each.kind is kind and name in (None, each.name)
        ]
        old = [each for each in sources if self.criteria.is_too_old(each, self.registry.now)]
        servers = [each.server for each in sources if each.server]
        said_by = f", said by {listed(servers)}" if servers else ""
        return f"{said_by}, in data of {_day(old[0])}, which are too old" if old else said_by


def gaps_text(gaps: Iterable[Gap]) -> str:
    """Return gaps as a clause, such as "RADB, ALTDB are not loaded; RIPE is cut in the middle"."""
    by_reason: dict[str, list[Gap]] = {}
    for each in gaps:
        by_reason.setdefault(each.reason, []).append(each)
    return "; ".join(
        f"{listed([each.name for each in same])} "
        f"{'are' if len(same) > 1 or same[0].is_plural else 'is'} {reason}"
        for reason, same in by_reason.items()
    )


def wanted_data(gaps: Iterable[Gap]) -> str:
    """Return the data that would close gaps, for the user to supply."""
    return f"whole and recent registry data of {listed([each.name for each in gaps])}"


def _day(source: SourceInfo) -> str:
    return "" if source.time is None else f"{from_microseconds(source.time):%Y-%m-%d}"
