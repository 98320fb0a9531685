"""Simulate failures: an inventory without a router, connection, facility or location."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.inventory.metro import Metro, metro
from peerlint.inventory.peering import Connection, Inventory, Peering
from peerlint.wording import closest

_NAME_OF: Final[dict[str, Callable[[Peering, Connection], str | Metro | None]]] = {
    "router": lambda _, connection: connection.router,
    "connection": lambda _, connection: connection.name,
    "facility": lambda _, connection: (
        None if connection.facility is None else str(connection.facility)
    ),
    "location": metro,
}


def without(inventory: Inventory, failed: Iterable[str]) -> Inventory:
    """Return the inventory without the connections that the failures affect.

    Peerings keep their other connections and their registered prefixes.

    Args:
        inventory: the inventory.
        failed: what fails, each as `KIND=NAME`: a router, connection, facility (its number in
            PeeringDB) or location.

    Raises:
        InputError: a text has another form, or the inventory has nothing of that name.
    """
    tests = [_test(inventory, each) for each in failed]
    return attrs.evolve(
        inventory,
        peerings=tuple(
            attrs.evolve(
                peering,
                connections=tuple(
                    connection
                    for connection in peering.connections
                    if not any(test(peering, connection) for test in tests)
                ),
            )
            for peering in inventory.peerings
        ),
    )


def _test(inventory: Inventory, failed: str) -> Callable[[Peering, Connection], bool]:
    kind, equals, name = failed.partition("=")
    name_of = _NAME_OF.get(kind)
    if name_of is None or not equals:
        expected = f"KIND=NAME, of a {', '.join(_NAME_OF)}"
        close = closest(kind, _NAME_OF) if name_of is None and equals else None
        meant = None if close is None else f"{close}={name}"
        raise InputError("--without", expected=expected, found=failed, close=meant)
    known = {
        found
        for peering in inventory.peerings
        for connection in peering.connections
        if (found := name_of(peering, connection)) is not None
    }
    wanted = Metro(name) if name_of is metro else name
    if wanted not in known:
        names = sorted(map(str, known))
        expected = f"a {kind} of the inventory: {', '.join(names) or 'it names none'}"
        raise InputError("--without", expected=expected, found=name, close=closest(name, names))
    return lambda peering, connection: name_of(peering, connection) == wanted
