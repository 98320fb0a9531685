"""An index of service prefixes, to find those that share addresses with another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice

import attrs

from peerlint.inventory import PeeringService, ServicePrefix
from peerlint.model import Prefix, Space
from peerlint.wording import NAMED

#: A service prefix, with the service that has it.
Activation = tuple[PeeringService, ServicePrefix]
#: What equal activations have in common: the service's name and provider, and the prefix.
_Key = tuple[str, str | None, ServicePrefix]


@attrs.frozen
class FirstOf:
    """The first of some service prefixes: as many as a message names.

    Attributes:
        activations: the first ones, in the order of the inventory.
        more: the number of the others.
    """

    activations: Sequence[Activation]
    more: int


@attrs.frozen(eq=False)
class ActivationIndex:
    """The service prefixes that share addresses with another one.

    Each answer is computed once and names a few service prefixes, so the time of all look-ups
    grows with the number of service prefixes, not with the number of pairs.

    Attributes:
        activated: the service prefixes, see `context.activations`.
        space: their prefixes.
    """

    activated: Mapping[Prefix, Sequence[Activation]]
    space: Space
    _overlapping: dict[Prefix, list[Activation]] = attrs.field(factory=dict, init=False)
    _foreign: dict[tuple[Prefix, str | None], FirstOf] = attrs.field(factory=dict, init=False)
    _own: dict[_Key, FirstOf] = attrs.field(factory=dict, init=False)

    @cached_property
    def _by_provider(self) -> Mapping[tuple[Prefix, str | None], list[Activation]]:
        found: dict[tuple[Prefix, str | None], list[Activation]] = {}
        for prefix, activations in self.activated.items():
            for service, declared in activations:
                key = (prefix, _provider(service))
                found.setdefault(key, []).append((service, declared))
        return found

    @cached_property
    def _copies(self) -> Counter[_Key]:
        """How often the inventory has a service prefix: a service may repeat one."""
        return Counter(map(_key, chain.from_iterable(self.activated.values())))

    def overlapping(
        self, prefix: Prefix, service: PeeringService, declared: ServicePrefix
    ) -> FirstOf:
        """Return the service prefixes that overlap one, except those of `of_other_providers`.

        Args:
            prefix: the prefix of the service prefix.
            service: its service.
            declared: the service prefix, which is left out itself.
        """
        own = _key((service, declared))
        if own not in self._own:
            equal = self._by_provider.get((prefix, _provider(service)), [])
            others = self._overlapping_others(prefix)
            count = len(equal) + len(others) - self._copies[own]
            self._own[own] = _first_of(
                (each for each in chain(equal, others) if _key(each) != own), count
            )
        return self._own[own]

    def of_other_providers(self, prefix: Prefix, service: PeeringService) -> FirstOf:
        """Return the service prefixes with exactly a prefix, of services with another provider."""
        provider = _provider(service)
        key = (prefix, provider)
        if key not in self._foreign:
            equal = self.activated.get(prefix, ())
            self._foreign[key] = _first_of(
                (each for each in equal if _provider(each[0]) != provider),
                len(equal) - len(self._by_provider.get(key, ())),
            )
        return self._foreign[key]

    def _overlapping_others(self, prefix: Prefix) -> list[Activation]:
        """Return the service prefixes with other prefixes that share an address with this one."""
        found = self._overlapping.get(prefix)
        if found is None:
            others = self.space.overlapping(prefix)
            found = [each for other in others for each in self.activated.get(other, ())]
            self._overlapping[prefix] = found
        return found


def _first_of(activations: Iterable[Activation], count: int) -> FirstOf:
    first = tuple(islice(activations, NAMED))
    return FirstOf(first, count - len(first))


def _key(activation: Activation) -> _Key:
    service, declared = activation
    return service.name, _provider(service), declared


def _provider(service: PeeringService) -> str | None:
    """Return the provider of a service in the form in which Azure compares names."""
    return None if service.provider is None else service.provider.casefold()
