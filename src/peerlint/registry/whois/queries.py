"""Queries of the IRRd protocol, and the RIPE query for one object.

The source is IRRd's user documentation ("Whois queries"): no RFC describes the protocol.

Each function returns a `Query` that is safe to send: an argument that would end the line, and so
add a query, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

import attrs

from peerlint.arguments import as_tuple, must_be, must_be_one_of
from peerlint.errors import InputError
from peerlint.model import Asn, Prefix

#: As IRRd requires of its own (`RPKI`, `RIPE-NONAUTH`); one letter is not one.
_SOURCE: Final = re.compile(r"[A-Z][A-Z0-9_-]*[A-Z0-9]", re.ASCII | re.IGNORECASE)
_A_SOURCE: Final = "the name of a registry, such as RADB"
#: RFC 2622 section 5: names of sets, which may be hierarchical (AS64500:AS-CONTOSO).
_SET: Final = re.compile(r"[A-Z0-9][A-Z0-9_:-]*[A-Z0-9]", re.ASCII | re.IGNORECASE)
_A_SET: Final = "the name of a set, such as AS-CONTOSO or AS64500:RS-CONTOSO"
_CLASS: Final = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)
_KEY: Final = re.compile(r"[A-Z0-9][A-Z0-9_:./-]*", re.ASCII | re.IGNORECASE)
_LINE: Final = re.compile(r"[!-~][ -~]*", re.ASCII)
#: Commands about the connection itself: they change what later queries answer, or end it.
_OF_CONNECTIONS: Final = frozenset(("!!", "!e", "!f", "!n", "!q", "!s", "!t"))
#: Octets of a query: servers limit a line, and the longest useful one is a list of sources.
LONGEST: Final = 1000


@attrs.frozen
class Query:
    """One query.

    Attributes:
        text: what is sent, without the line end: ASCII, at most `LONGEST` octets.
    """

    text: str = attrs.field()

    @text.validator
    def _check(self, _: object, text: str) -> None:
        must_be("query", text, str, "a string")
        if not _LINE.fullmatch(text) or len(text) > LONGEST:
            expected = f"one line of ASCII, at most {LONGEST} characters"
            raise InputError("query", expected=expected, found=text)

    @property
    def is_about_objects(self) -> bool:
        """Whether it is an IRRd query that leaves the connection as it is."""
        return self.text.startswith("!") and self.text[:2].casefold() not in _OF_CONNECTIONS

    def __str__(self) -> str:
        """Return the text."""
        return self.text


class RouteMatch(Enum):
    """Which routes `!r` returns; the value is its option.

    Attributes:
        EXACT: those of the prefix itself.
        LESS_SPECIFIC: those of the next less specific prefix that has any.
        COVERING: those of the prefix and of all less specific ones.
        MORE_SPECIFIC: those of more specific prefixes, without the prefix itself.
    """

    EXACT = ""
    LESS_SPECIFIC = ",l"
    COVERING = ",L"
    MORE_SPECIFIC = ",M"


#: Keeps the connection open for more than one query. It alone is not answered.
KEEP_OPEN: Final = Query("!!")
#: Asks for the serials of all sources that the server has.
ALL_SERIALS: Final = Query("!j-*")


def identify(client: str) -> Query:
    """Return the query that tells the server's operators who asks."""
    return Query(f"!n{client}")


def select_sources(sources: Iterable[str]) -> Query:
    """Return the query that limits all following ones to some sources, in this order.

    The order matters: of two sets of one name, the one in the first source is expanded.

    Raises:
        InputError: no source, or a name that is not one.
    """
    return Query(f"!s{','.join(checked_sources(sources))}")


def prefixes_of(asn: int, family: int) -> Query:
    """Return the query for the prefixes of all routes with an origin AS.

    Args:
        asn: the origin AS.
        family: 4 or 6.
    """
    must_be_one_of("family", str(family), ("4", "6"))
    return Query(f"!{'g' if family == 4 else '6'}AS{Asn(asn)}")


def aut_num_of(asn: int) -> Query:
    """Return the query for the aut-num object of an AS number, of the first source that has it."""
    return Query(f"!maut-num,AS{Asn(asn)}")


def status_of(sources: Iterable[str]) -> Query:
    """Return the query for the state of some sources, which IRRd answers since version 4.2.

    Raises:
        InputError: no source, or a name that is not one.
    """
    return Query(f"!J{','.join(checked_sources(sources))}")


def routes_of(prefix: Prefix, match: RouteMatch = RouteMatch.EXACT) -> Query:
    """Return the query for the route objects of a prefix, or of those around it."""
    return Query(f"!r{prefix}{match.value}")


def origins_of(prefix: Prefix) -> Query:
    """Return the query for the origin ASes of the routes of exactly this prefix."""
    return Query(f"!r{prefix},o")


def members_of(name: str, *, recursive: bool = False) -> Query:
    """Return the query for the members of an as-set or route-set.

    Args:
        name: the name of the set.
        recursive: whether the server expands the sets inside it; it leaves out those that do not
            exist, without saying so.

    Raises:
        InputError: the name is not one of a set.
    """
    must_be("set", name, str, _A_SET)
    if not _SET.fullmatch(name):
        raise InputError("set", expected=_A_SET, found=name)
    return Query(f"!i{name.upper()}{',1' if recursive else ''}")


def serials_of(sources: Iterable[str]) -> Query:
    """Return the query for the serials of some sources, which say how fresh they are.

    Raises:
        InputError: no source, or a name that is not one.
    """
    return Query(f"!j{','.join(checked_sources(sources))}")


def ripe_object(object_class: str, key: str, source: str) -> Query:
    """Return the RIPE query for one object, without the contacts that it names.

    `-r` is sent because a server counts contacts as personal data, of which it gives each client
    so many a day.

    Args:
        object_class: such as `aut-num` or `route`.
        key: its primary key, such as `AS64500`; for a route its prefix, because a server takes no
            origin there, and may answer with several objects.
        source: the registry.

    Raises:
        InputError: one of them has another form.
    """
    for name, value, form, expected in (
        ("class", object_class, _CLASS, "the name of a class, such as aut-num"),
        ("key", key, _KEY, "the key of an object, such as AS64500 or 203.0.113.0/24"),
    ):
        must_be(name, value, str, expected)
        if not form.fullmatch(value):
            raise InputError(name, expected=expected, found=value)
    (name,) = checked_sources((source,))
    # -x: routes of exactly the prefix, instead of the most specific one that covers it.
    exact = "-x " if "/" in key else ""
    return Query(f"-r -s {name} -T {object_class} {exact}{key}")


def checked_sources(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the names of sources in upper case, each once, in their order.

    Raises:
        InputError: no source, or a name that is not one.
    """
    names = as_tuple("sources", sources, str, _A_SOURCE)
    for each in names:
        if not _SOURCE.fullmatch(each):
            raise InputError("source", expected=_A_SOURCE, found=each)
    if not names:
        raise InputError("sources", expected="one at least", found=names)
    return tuple(dict.fromkeys(each.upper() for each in names))
