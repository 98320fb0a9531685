"""Find names in an inventory file that are used twice, and references to names that do not exist.

These checks use the parsed TOML, before it is converted to values, so that one error lists these
mistakes together with all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any, TypeGuard

import attrs

from peerlint.errors import SHOWN_MISTAKES, InputError, Mistake
from peerlint.inventory.lines import Path
from peerlint.inventory.peering import PROFILES
from peerlint.inventory.statements import EVERYTHING
from peerlint.model import Prefix
from peerlint.wording import closest, shown

#: The profile whose sessions form a mesh, and whose prefixes are announced but not registered.
_ROUTE_SERVER = "route-server"
_MAINTENANCE = "maintenance"
#: The maximum number of comparisons to find a similar name for one that does not exist.
_COMPARED = 20_000
#: A description of valid scopes of attestations, waivers and maintenance windows.
_SCOPE = "the name of a peering, connection, session, router or service, or a prefix, of this file"


@attrs.frozen
class Place:
    """The position of a table in the file.

    Attributes:
        words: the tables from the top of the file to this one, each with its name, for messages.
        path: the keys and indices from the top of the file, see `Mistake`.
    """

    words: tuple[str, ...] = ()
    path: Path = ()

    def table(self, key: str) -> Place:
        """Return the place of a `[table]` inside this one."""
        return Place((*self.words, key), (*self.path, key))

    def inner(self, key: str, index: int, table: object) -> Place:
        """Return the place of one of the `[[tables]]` inside this one."""
        return Place((*self.words, named(key, index, table)), (*self.path, key, index))

    def element(self, key: str, index: int, *, word: str | None = None) -> Place:
        """Return the place of an element of a list in this table; `word` names inline tables."""
        return Place((*self.words, *([word] if word else [])), (*self.path, key, index))

    def numbered(self) -> Place:
        """Return the same place, with the number of the table among those of its kind."""
        *outer, last = self.words
        number = self.path[-1]
        assert isinstance(number, int)  # noqa: S101  # made by `inner`
        return Place((*outer, f"{last} (number {number + 1})"), self.path)

    def mistake(self, key: str, expected: str, found: str, close: str | None = None) -> Mistake:
        """Return a mistake for a key of this table."""
        return Mistake(str(self), key, expected, found, close, (*self.path, key))

    def __str__(self) -> str:
        """Return the place as a description."""
        return ", ".join(self.words) or "the top of the file"


#: The top of the file.
TOP = Place()


def repeats(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find names and addresses that are used twice; other mistakes are ignored."""
    seen: dict[str, tuple[Place, str]] = {}
    for key, name, place in _names(data):
        first = seen.setdefault(name, (place, key))
        if first != (place, key):
            what = "another name" if key == "name" else "an address of one session only"
            yield place.mistake(key, what, f"{name}, which {first[0]} has too")


def _names(data: Mapping[str, Any]) -> Iterator[tuple[str, str, Place]]:
    """Yield key, name and place of everything that must be unique."""
    for at, peering in tables(data, "peering"):
        place = TOP.inner("peering", at, peering)
        if isinstance(peering.get("name"), str):
            yield "name", f"peering {peering['name']}", place.numbered()
        for index, connection in tables(peering, "connection"):
            inner = place.inner("connection", index, connection)
            name = connection.get("name")
            if isinstance(name, str):
                yield "name", f"connection {name}", inner.numbered()
            for number, session in tables(connection, "session"):
                innermost = inner.inner("session", number, session)
                if number and isinstance(name, str):
                    # The id of a further session must differ from the connections' names.
                    yield "name", f"connection {name}/{number + 1}", innermost
                yield from _addresses(peering, session, innermost)
    for at, service in tables(data, "peering_service"):
        if isinstance(service.get("name"), str):
            place = TOP.inner("peering_service", at, service)
            yield "name", f"peering_service {service['name']}", place.numbered()


def _addresses(
    peering: Mapping[str, Any], session: Mapping[str, Any], place: Place
) -> Iterator[tuple[str, str, Place]]:
    addresses = {
        key: _canonical(session[key])
        for key in ("microsoft", "peer")
        if isinstance(session.get(key), str)
    }
    if peering.get("profile") == _ROUTE_SERVER and len(addresses) > 1:
        # A mesh (002): an address may have sessions with several others, but a pair has one only.
        yield "peer", " and ".join(sorted(addresses.values())), place
        return
    for key, address in addresses.items():
        yield key, address, place


def _canonical(address: str) -> str:
    """Return the canonical text of an IP address; any other text unchanged."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address


def tables(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the tables of one kind with their indices; values that are not tables are skipped."""
    tables = data.get(key)
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, Mapping):
            yield index, table


def named(key: str, index: int, table: object) -> str:
    """Describe a table by the name that it declares, or by its number in the file."""
    if isinstance(table, Mapping):
        for word in ("name", "prefix", "asn", "rule", "scope"):
            value = table.get(word)
            if isinstance(value, (str, int)):
                return f'{key} "{value if isinstance(value, str) else shown(value)}"'
    return f"{key} {index + 1}"


# -- registrations


def wrong_registrations(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find prefixes registered at a route server, and AS numbers registered elsewhere.

    Document 002 registers customers' AS numbers, the other four register prefixes. No rule would
    check a registration of the wrong kind.
    """
    for at, peering in tables(data, "peering"):
        profile = peering.get("profile")
        if profile not in PROFILES:
            continue  # a profile file: the profile that it extends is not known before it is read
        key, instead = misplaced(is_route_server=profile == _ROUTE_SERVER)
        for _ in tables(peering, key):
            place = TOP.inner("peering", at, peering)
            yield place.mistake(key, instead, f'profile "{profile}"')
            break


def misplaced(*, is_route_server: bool) -> tuple[str, str]:
    """Return the key that a peering must not have, and a description of the right one."""
    if is_route_server:
        return (
            "registered_prefix",
            "[[peering.registered_asn]]: a route server registers AS numbers",
        )
    return (
        "registered_asn",
        "[[peering.registered_prefix]]: only a route server registers AS numbers",
    )


# -- attestations, waivers and maintenance windows


def reversed_dates(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find attestations and maintenance windows that end before they begin.

    Other mistakes are ignored.
    """
    for index, table in tables(data, "attestation"):
        first, last = table.get("on"), table.get("until")
        if _is_day(first) and _is_day(last) and last < first:
            place = TOP.inner("attestation", index, table).numbered()
            yield place.mistake("until", f"{first} (its `on`) or later", str(last))
    for index, table in tables(data, _MAINTENANCE):
        start, until = table.get("start"), table.get("until")
        if _is_zoned(start) and _is_zoned(until) and until <= start:
            place = TOP.inner(_MAINTENANCE, index, table).numbered()
            yield place.mistake("until", f"a time after {start} (its `start`)", str(until))


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_zoned(value: object) -> TypeGuard[datetime]:
    return isinstance(value, datetime) and value.utcoffset() is not None


def wrong_statements(
    data: Mapping[str, Any], rules: Mapping[str, bool] | None
) -> Iterator[Mistake]:
    """Find attestations, waivers and maintenance windows whose rule or scope does not exist.

    Args:
        data: the parsed file.
        rules: whether each rule can be attested, by rule id; None to accept all rules and scopes.
    """
    if rules is None:
        return
    scopes = dict.fromkeys(sorted(set(_scopes(data))))
    # The search for a similar name takes time in proportion to the number of names.
    left = _COMPARED // max(1, len(scopes))
    announced = any(each.get("profile") == _ROUTE_SERVER for _, each in tables(data, "peering"))
    for kind in ("attestation", "waiver", _MAINTENANCE):
        is_window = kind == _MAINTENANCE
        for index, table in tables(data, kind):
            place = TOP.inner(kind, index, table).numbered()
            if not is_window:
                yield from _wrong_rule(table.get("rule"), kind, index, place, rules)
            scope = table.get("scope")
            if not isinstance(scope, str) or scope in scopes or (is_window and scope == EVERYTHING):
                continue
            if not (announced and _is_prefix(scope)):
                close = closest(scope, scopes) if left > 0 else None
                left -= 1
                expected = f'{_SCOPE}, or "{EVERYTHING}" for everything' if is_window else _SCOPE
                yield place.mistake("scope", expected, shown(scope), close)


def _wrong_rule(
    rule: object, kind: str, index: int, place: Place, rules: Mapping[str, bool]
) -> Iterator[Mistake]:
    if not isinstance(rule, str):
        return
    if rule not in rules:
        expected = "a rule id, see `peerlint rules`"
        close = closest(rule, rules) if index < SHOWN_MISTAKES else None
        yield place.mistake("rule", expected, shown(rule), close)
    elif kind == "attestation" and not rules[rule]:
        expected = "a rule that asks for an attestation: this one is observed"
        yield place.mistake("rule", expected, shown(rule))


def _scopes(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names and prefixes that a scope may be."""
    for _, peering in tables(data, "peering"):
        yield from _texts(peering, "name")
        for _, connection in tables(peering, "connection"):
            yield from _texts(connection, "name", "router")
            for number, _ in list(tables(connection, "session"))[1:]:
                yield from (f"{name}/{number + 1}" for name in _texts(connection, "name"))
        for _, registered in tables(peering, "registered_prefix"):
            yield from _texts(registered, "prefix")
    for _, service in tables(data, "peering_service"):
        yield from _texts(service, "name")
        for _, prefix in tables(service, "service_prefix"):
            yield from _texts(prefix, "prefix")


def _texts(table: Mapping[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        if isinstance(table.get(key), str):
            yield table[key]


def _is_prefix(text: str) -> bool:
    try:
        Prefix.parse(text)
    except InputError:
        return False
    return True
