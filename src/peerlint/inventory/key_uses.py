"""Find the owner of each key (a prefix or an AS), and the service prefixes that use it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, TypeVar

import attrs

from peerlint.inventory.keys import Key
from peerlint.inventory.peering import Inventory
from peerlint.inventory.service import PeeringService, ServicePrefix
from peerlint.model import Prefix
from peerlint.redaction import masked
from peerlint.wording import counted

_Value = TypeVar("_Value", bound=attrs.AttrsInstance)
_GUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
#: The fields with messages and states of Azure, which may quote a key.
_AZURE_FIELDS: Final = ("state", "error", "provisioning_state", "learned_type")


@attrs.frozen
class Use:
    """A service prefix that is activated with a key.

    Attributes:
        service: the name of the customer's peering service.
        prefix: the service prefix as declared.
    """

    service: str
    prefix: str

    def __str__(self) -> str:
        """Return the prefix and the service."""
        return f"{self.prefix} of {self.service}"


@attrs.frozen
class KeyEntry:
    """A registration with its key, or a key without a registration.

    Attributes:
        key: the key; None if it is not known.
        owner: the prefix or AS that the key was issued for; None if no registration has the key.
        name: the name of the registration, usually the customer's.
        peering: the peering of the registration.
        uses: the service prefixes that have this key.
        remarks: problems, such as a mismatch, a key that several registrations have, or one that
            the customer does not have.
    """

    key: Key | None
    owner: str | None
    name: str | None = None
    peering: str | None = None
    uses: tuple[Use, ...] = ()
    remarks: tuple[str, ...] = ()


@attrs.frozen
class _Owner:
    """A registration.

    Attributes:
        key: its key; None if it is not known.
        text: the prefix or AS, for the output.
        name: the name of the registration.
        peering: the name of its peering.
        prefix: the only prefix that its key may activate; None for an AS, whose key activates all
            prefixes of the customer.
    """

    key: Key | None
    text: str
    name: str | None
    peering: str
    prefix: Prefix | None


def key_uses(inventory: Inventory) -> tuple[KeyEntry, ...]:
    """Return an entry for each registration, then for each key that has no registration.

    Registrations are in the order of the file.
    """
    owners = list(_owners(inventory))
    activated = _Activated(inventory)
    shared = Counter(owner.key for owner in owners if owner.key is not None)
    entries = [_entry(owner, activated, shared) for owner in owners]
    known = set(shared)
    unregistered: dict[Key, list[Use]] = {}
    for service, declared in activated.every:
        if declared.key is not None and declared.key not in known:
            unregistered.setdefault(declared.key, []).append(Use(service.name, declared.prefix))
    entries += (
        KeyEntry(key, None, uses=tuple(uses), remarks=("no registration has this key",))
        for key, uses in unregistered.items()
    )
    return tuple(entries)


class _Activated:
    """The service prefixes of an inventory, by key and by prefix."""

    def __init__(self, inventory: Inventory) -> None:
        """Index the service prefixes."""
        self.every = [
            (service, declared)
            for service in inventory.peering_services
            for declared in service.service_prefixes
        ]
        self._by_key: dict[Key, list[int]] = {}
        self._by_prefix: dict[Prefix, list[int]] = {}
        for at, (_, declared) in enumerate(self.every):
            if declared.key is not None:
                self._by_key.setdefault(declared.key, []).append(at)
            if (prefix := declared.parsed) is not None:
                self._by_prefix.setdefault(prefix, []).append(at)

    def of(self, owner: _Owner) -> list[tuple[PeeringService, ServicePrefix]]:
        """Return the service prefixes with the key or the prefix of a registration, in order."""
        indices = set[int]()
        if owner.key is not None:
            indices.update(self._by_key.get(owner.key, ()))
        if owner.prefix is not None:
            indices.update(self._by_prefix.get(owner.prefix, ()))
        return [self.every[at] for at in sorted(indices)]


def _owners(inventory: Inventory) -> Iterator[_Owner]:
    for peering in inventory.peerings:
        for prefix in peering.registered_prefixes:
            yield _Owner(prefix.key, prefix.prefix, prefix.name, peering.name, prefix.parsed)
        for asn in peering.registered_asns:
            yield _Owner(asn.key, f"AS{asn.asn}", asn.name, peering.name, None)


def _entry(
    owner: _Owner,
    activated: _Activated,
    shared: Counter[Key],
) -> KeyEntry:
    concerned = activated.of(owner)
    uses = tuple(
        Use(service.name, declared.prefix)
        for service, declared in concerned
        if owner.key is not None and declared.key == owner.key
    )
    return KeyEntry(
        owner.key, owner.text, owner.name, owner.peering, uses,
        tuple(_remarks(owner, concerned, shared)),
    )  # fmt: skip


def _remarks(
    owner: _Owner,
    activated: list[tuple[PeeringService, ServicePrefix]],
    shared: Counter[Key],
) -> Iterator[str]:
    if owner.key is None:
        yield "its key is not known"
    elif shared[owner.key] > 1:
        more = counted(shared[owner.key] - 1, "more registration")
        yield f"{more} with the same key"
    used = False
    for service, declared in activated:
        same_key = owner.key is not None and declared.key == owner.key
        used |= same_key
        if same_key and owner.prefix is not None and declared.parsed != owner.prefix:
            yield f"used for {declared.prefix} of {service.name}, another prefix"
        if owner.prefix is None or declared.parsed != owner.prefix or same_key:
            continue
        if declared.key is None:
            yield f"not handed over: {service.name} has no key for the prefix"
        elif owner.key is not None:
            yield f"{service.name} has another key for the prefix, {declared.key}"
    if owner.key is not None and not used:
        yield "no service prefix uses it yet"


def redact(inventory: Inventory) -> Inventory:
    """Return the inventory with the keys masked that Azure's messages quote.

    Reports and errors may quote these messages.
    """
    keys = frozenset(_keys(inventory))
    if not keys:
        return inventory
    other_keys: dict[int, set[str]] = {}
    for key in keys:
        if _GUID.fullmatch(key.secret) is None:
            other_keys.setdefault(len(key.secret), set()).add(_folded(key.secret))
    other_keys = {
        length: other_keys[length] for length in sorted(other_keys, reverse=True) if length
    }
    least = min(len(key.secret) for key in keys)

    @cache
    def hidden(text: str) -> str:
        if len(text) < least:
            return text  # mostly a state, which is short
        found = _GUID.sub(lambda each: masked(each[0]) if Key(each[0]) in keys else each[0], text)
        return _without(found, other_keys) if other_keys else found

    return _with_masked(inventory, hidden)


def _without(text: str, other_keys: dict[int, set[str]]) -> str:
    """Mask keys that are not GUIDs; they are given by length, the longest first."""
    folded = _folded(text)
    parts: list[str] = []
    at = 0
    while at < len(text):
        length = next(
            (each for each, keys in other_keys.items() if folded[at : at + each] in keys),
            0,
        )
        parts.append(masked(text[at : at + length]) if length else text[at])
        at += length or 1
    return "".join(parts)


def _folded(text: str) -> str:
    """Return text in lower case, with its length unchanged."""
    return "".join(small if len(small := each.lower()) == 1 else each for each in text)


def _keys(inventory: Inventory) -> Iterator[Key]:
    holders: list[Any] = []
    for peering in inventory.peerings:
        holders += [*peering.registered_prefixes, *peering.registered_asns]
    for service in inventory.peering_services:
        holders += service.service_prefixes
    return (each.key for each in holders if each.key is not None)


def _with_masked(value: _Value, hidden: Callable[[str], str]) -> _Value:
    """Return a value with its Azure messages masked, or the same object if none changes."""
    changes: dict[str, Any] = {}
    for field in attrs.fields(type(value)):
        old = getattr(value, field.name)
        new = old
        if isinstance(old, str):
            new = hidden(old) if field.name in _AZURE_FIELDS else old
        elif isinstance(old, tuple) and old and attrs.has(type(old[0])):
            inner = [_with_masked(each, hidden) for each in old]
            if any(one is not other for one, other in zip(inner, old, strict=True)):
                new = tuple(inner)
        if new is not old and new != old:
            changes[field.name] = new
    return attrs.evolve(value, **changes) if changes else value  # type: ignore[misc]  # any class
