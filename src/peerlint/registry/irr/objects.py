"""One RPSL object of a class that counts, read on its own.

This module defines what the reader takes from an object. `chunk` takes the same from objects of the
usual form, many at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from peerlint.model.prefix import BITS
from peerlint.registry.irr import values
from peerlint.registry.irr.rpsl import Attribute, attributes
from peerlint.registry.irr.values import UNKNOWN

#: The classes that are read: for routes, the address family.
FAMILIES: Final = {b"route": 4, b"route6": 6}
AUT_NUM: Final = b"aut-num"
AS_SET: Final = b"as-set"
CLASSES: Final = frozenset({*FAMILIES, AUT_NUM, AS_SET})

NO_ATTRIBUTE: Final = "not an RPSL object"
INNER_OBJECT: Final = "two objects without an empty line between them"
NO_PREFIX: Final = {4: "not an IPv4 prefix", 6: "not an IPv6 prefix"}
HOST_BITS: Final = "bits are set right of the prefix length"
NO_ASN: Final = "not an AS number"
NO_SET: Final = "not the name of an as-set"
NO_REGISTRY: Final = "source is not the name of a registry"
MISSING: Final = {b"origin": "no origin", b"source": "no source"}
TWICE: Final = {
    b"origin": "origin is given more than once",
    b"source": "source is given more than once",
}


@attrs.frozen
class Common:
    """What objects of all classes have.

    Attributes:
        source: the name of the registry, in capitals.
        last_modified: what the registry's software wrote, in seconds since 1970; -1 for nothing.
        changed: what maintainers wrote, the latest of it, in seconds since 1970; -1 for nothing.
    """

    source: str
    last_modified: int
    changed: int

    @property
    def modified(self) -> int:
        """When the object was modified last, in seconds since 1970; -1 if it is not known."""
        return self.changed if self.last_modified == UNKNOWN else self.last_modified


@attrs.frozen
class Route:
    """A `route` or `route6` object.

    Attributes:
        family: 4 or 6.
        address: of the prefix, an integer of 32 or 128 bits.
        length: of the prefix, in bits.
        origin: the origin AS.
        common: what objects of all classes have.
    """

    family: int
    address: int
    length: int
    origin: int
    common: Common


@attrs.frozen
class AutNum:
    """An `aut-num` object.

    Attributes:
        asn: the AS number.
        common: what objects of all classes have.
    """

    asn: int
    common: Common


@attrs.frozen
class AsSet:
    """An `as-set` object (RFC 2622 section 5.1).

    Attributes:
        name: in capitals.
        source: the name of the registry, in capitals.
        members: AS numbers and names of as-sets, in capitals and in the order of the object.
        by_reference: who may add members by `member-of`, in capitals: maintainers, or ANY. Such
            members are not read.
        last_modified: what the registry's software wrote, in seconds since 1970; -1 for nothing.
    """

    name: str
    source: str
    members: tuple[str, ...]
    by_reference: tuple[str, ...] = ()
    last_modified: int = UNKNOWN


@attrs.frozen
class Unread:
    """An object that cannot be read.

    Attributes:
        reason: why.
        line: the number of the decisive line in the object, from 0.
    """

    reason: str
    line: int


class _UnreadError(Exception):
    """Ends the reading of an object."""


def read_object(octets: bytes) -> Route | AutNum | AsSet | Unread | None:
    """Read one object.

    Args:
        octets: its lines, which may have empty lines before and behind them.

    Returns:
        None for an object of another class, and for comments.
    """
    try:
        return _read(attributes(octets))
    except _UnreadError as error:
        reason, line = error.args
        return Unread(reason, line)


def _read(found: tuple[Attribute, ...]) -> Route | AutNum | AsSet | None:
    if not found:
        return None
    first = found[0]
    if not first.name:
        raise _UnreadError(NO_ATTRIBUTE, first.line)
    for each in found[1:]:
        if each.name in CLASSES:
            raise _UnreadError(INNER_OBJECT, each.line)
    if first.name in FAMILIES:
        return _route(FAMILIES[first.name], found)
    if first.name == AUT_NUM:
        return AutNum(_asn(first), _common(found))
    return _as_set(found) if first.name == AS_SET else None


def _route(family: int, found: tuple[Attribute, ...]) -> Route:
    first = found[0]
    prefix = values.prefix(first.value, family)
    if prefix is None:
        raise _UnreadError(NO_PREFIX[family], first.line)
    address, length = prefix
    if address & (1 << BITS[family] - length) - 1:
        raise _UnreadError(HOST_BITS, first.line)
    return Route(family, address, length, _asn(_only(found, b"origin")), _common(found))


def _as_set(found: tuple[Attribute, ...]) -> AsSet:
    name = values.as_set_name(found[0].value)
    if name is None:
        raise _UnreadError(NO_SET, found[0].line)
    common = _common(found)
    members = _words(each for each in found if each.name == b"members")
    by_reference = _words(each for each in found if each.name == b"mbrs-by-ref")
    return AsSet(name, common.source, members, by_reference, common.last_modified)


def _common(found: tuple[Attribute, ...]) -> Common:
    named = _only(found, b"source")
    source = values.source(named.value)
    if source is None:
        raise _UnreadError(NO_REGISTRY, named.line)
    stamps = (values.timestamp(each.value) for each in found if each.name == b"last-modified")
    days = (values.changed(each.value) for each in found if each.name == b"changed")
    return Common(source, max(stamps, default=UNKNOWN), max(days, default=UNKNOWN))


def _only(found: tuple[Attribute, ...], name: bytes) -> Attribute:
    """Return the attribute that an object has exactly once."""
    named = [each for each in found if each.name == name]
    if not named:
        raise _UnreadError(MISSING[name], found[0].line)
    if len(named) > 1:
        raise _UnreadError(TWICE[name], named[1].line)
    return named[0]


def _asn(attribute: Attribute) -> int:
    number = values.as_number(attribute.value)
    if number is None:
        raise _UnreadError(NO_ASN, attribute.line)
    return number


def _words(found: Iterable[Attribute]) -> tuple[str, ...]:
    """Return the words of a list that is separated by commas or, as some write it, by blanks."""
    octets = b" ".join(each.value for each in found)
    words = octets.upper().replace(b",", b" ").split()
    # Decoded together, because there may be many.
    text = b" ".join(words).decode("ascii", "backslashreplace")
    return tuple(text.split(" ")) if text else ()
