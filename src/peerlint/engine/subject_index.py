"""Indexes of registrations and activations by prefix, for inventories of many prefixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import attrs

from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.engine.subjects import Subjects
from peerlint.inventory import Peering, PeeringService, RegisteredPrefix
from peerlint.model import Prefix
from peerlint.rules import Scope


class Registrations:
    """The registered prefixes of an inventory, including members' prefixes at route servers."""

    def __init__(self, peerings: Mapping[str, Peering], subjects: Iterable[SubjectKey]) -> None:
        """Index the prefixes.

        Args:
            peerings: the peerings by name.
            subjects: the subjects in the order of the report; only prefixes are indexed.
        """
        self._times: Counter[tuple[str, str]] = Counter()
        self._by_prefix: dict[tuple[int, Prefix], list[SubjectKey]] = {}
        for each in subjects:
            if each.scope is Scope.PREFIX:
                self._times[each.owner, each.name] += 1
                prefix = RegisteredPrefix(each.name).parsed
                if prefix is not None:
                    where = (peerings[each.owner].asn, prefix)
                    self._by_prefix.setdefault(where, []).append(each)

    def of(self, asn: int, prefix: Prefix) -> Sequence[SubjectKey]:
        """Return the keys of a prefix with the peerings of an AS, in the order of the inventory."""
        return self._by_prefix.get((asn, prefix), ())

    def times(self, peering: str, name: str) -> int:
        """Return how often a peering declares a prefix.

        Args:
            peering: the name of the peering.
            name: the prefix as declared.
        """
        return self._times[peering, name]


class Activations:
    """The service prefixes of an inventory, by the peering whose profile is used for them."""

    def __init__(
        self,
        prepared: Prepared,
        subjects: Subjects,
        registered: Mapping[Prefix, list[tuple[Peering, RegisteredPrefix]]],
    ) -> None:
        """Index the service prefixes.

        Args:
            prepared: the prepared inventory.
            subjects: the subjects of the inventory.
            registered: the prefixes that count as registered, see `Subjects.registered`.
        """
        self._subjects = subjects
        self._by_peering: dict[str, list[SubjectKey]] = {}
        self._numbered: dict[SubjectKey, tuple[int, _SamePrefix]] = {}
        same: dict[tuple[str, Prefix], _SamePrefix] = {}
        activated = prepared.activated if prepared.peerings else {}
        for key, (service, declared) in activated.items():
            prefix = declared.parsed
            peering = subjects.peering_of(service, prefix, registered)
            self._by_peering.setdefault(peering.name, []).append(key)
            if prefix is not None:
                group = same.setdefault((peering.name, prefix), _SamePrefix(peering.asn))
                self._numbered[key] = (len(group.services), group)
                group.services.append(service)

    def of_peering(self, name: str) -> Sequence[SubjectKey]:
        """Return the service prefixes for which a peering's profile is used."""
        return self._by_peering.get(name, ())

    def is_first(self, key: SubjectKey) -> bool:
        """Whether no earlier activation of the prefix uses the profile of the same peering."""
        return key not in self._numbered or self._numbered[key][0] == 0

    def is_reported(self, key: SubjectKey, session: str) -> bool:
        """Whether an earlier activation of the prefix reports findings on a session.

        Args:
            key: the key of the service prefix.
            session: the session's id.
        """
        if self.is_first(key):
            return False
        number, group = self._numbered[key]
        if not group.first:
            for at, service in enumerate(group.services):
                for each in self._subjects.sessions_in_locations(service, group.asn):
                    group.first.setdefault(each.id, at)
        return group.first.get(session, number) < number


@attrs.frozen(eq=False)
class _SamePrefix:
    """The activations of one prefix for which one peering's profile is used.

    Attributes:
        asn: the AS number of the peering.
        services: the peering services that activate the prefix, in the order of the inventory.
        first: the index of the first service with the session in one of its locations, by the
            session's id; filled on first use.
    """

    asn: int
    services: list[PeeringService] = attrs.field(factory=list)
    first: dict[str, int] = attrs.field(factory=dict)
