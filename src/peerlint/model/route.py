"""Routes: one announcement, with the attributes that rules evaluate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final, Self

import attrs

from peerlint.arguments import A_STRING, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.model.aspath import AsPath
from peerlint.model.community import (
    EXTENDED_RAW,
    Community,
    ExtendedCommunity,
    LargeCommunity,
)
from peerlint.model.foreign import address_text, network_text
from peerlint.model.prefix import Prefix

if TYPE_CHECKING:
    from peerlint.model.foreign import AddressLike, PrefixLike

#: The field names of the notation, in the order in which they are printed.
_WORDS: Final = ("path", "community", "large", "extended", "next-hop", "path-id", "malformed")
_PATH_ID: Final = re.compile(r"[0-9]{1,10}")
#: Communities in a list; `(8075,8007)` is one community.
_COMMUNITIES: Final = re.compile(r"\([^()]*\)|[^\s,()]+|[()]")
_NOTATION: Final = (
    'a prefix and fields, such as "203.0.113.0/24 path 64500 64501 community 8075:8007"'
)


@attrs.frozen
class Route:
    """One announcement.

    Attributes:
        prefix: the NLRI.
        path: the AS_PATH as stored, AS4_PATH merged in.
        communities: standard communities; a set, because order and repeats mean nothing (RFC 1997).
        large_communities: RFC 8092, as a set.
        extended_communities: RFC 4360, as a set.
        next_hop: the next hop; None if the source does not have it.
        path_id: the add-path identifier (RFC 7911); None if there is none.
        malformed: names of the attributes for which RFC 7606 requires treat-as-withdraw.
        timestamp: microseconds since 1970; None if unknown. It is not compared by `==`.
    """

    prefix: Prefix
    path: AsPath = AsPath()
    communities: frozenset[Community] = frozenset()
    large_communities: frozenset[LargeCommunity] = frozenset()
    extended_communities: frozenset[ExtendedCommunity] = frozenset()
    next_hop: IPv4Address | IPv6Address | None = None
    path_id: int | None = None
    malformed: tuple[str, ...] = ()
    timestamp: int | None = attrs.field(default=None, eq=False)

    @classmethod
    def parse(
        cls,
        text: PrefixLike,
        path: str | None = None,
        communities: str | Iterable[str] = (),
        next_hop: AddressLike | None = None,
    ) -> Self:
        """Parse a route in the one-line notation, or a prefix with separate parts.

        The notation is a prefix followed by fields. Each field is a name and its values:
        `path`, `community`, `large`, `extended`, `next-hop`, `path-id`, `malformed`, as in
        `203.0.113.0/24 path 64500 64501 community 8075:8007 64500:120`.

        Args:
            text: a prefix, or a whole route in the notation; see `Prefix.parse` for other types.
            path: the AS path; see `AsPath.parse`.
            communities: standard, large and extended ones, separated by blanks or commas.
            next_hop: an IP address: a text, or an address of `ipaddress` or `netaddr`.

        Raises:
            InputError: a part cannot be parsed, or is given twice.
        """
        text = _as_text("text", network_text(text))
        must_be("path", path, str, A_STRING, or_none=True)
        prefix, fields = _fields(text)
        if path is not None:
            _put(fields, "path", path.split(), text)
        if next_hop is not None:
            _put(fields, "next-hop", [_as_text("next_hop", address_text(next_hop))], text)
        if isinstance(communities, str):
            communities = (communities,)
        texts = as_tuple("communities", communities, str, A_STRING)
        for word in (word for text in texts for word in _COMMUNITIES.findall(text)):
            fields.setdefault(_kind_of_community(word), []).append(word)
        return cls(
            prefix=Prefix.parse(prefix),
            path=AsPath.parse(" ".join(fields.get("path", ()))),
            communities=frozenset(map(Community.parse, fields.get("community", ()))),
            large_communities=frozenset(map(LargeCommunity.parse, fields.get("large", ()))),
            extended_communities=frozenset(
                map(ExtendedCommunity.parse, fields.get("extended", ()))
            ),
            next_hop=_address(fields.get("next-hop")),
            path_id=_path_id(fields.get("path-id")),
            malformed=tuple(fields.get("malformed", ())),
        )

    def __str__(self) -> str:
        """Return the route in the notation that `parse` reads, without empty fields."""
        fields: dict[str, Iterable[object]] = {
            "path": self.path.segments,
            "community": sorted(self.communities),
            "large": sorted(self.large_communities),
            "extended": sorted(self.extended_communities),
            "next-hop": () if self.next_hop is None else (self.next_hop,),
            "path-id": () if self.path_id is None else (self.path_id,),
            "malformed": self.malformed,
        }
        words = [str(self.prefix)]
        for word in _WORDS:
            values = [str(value) for value in fields[word]]
            if values:
                words += [word, *values]
        return " ".join(words)


def _as_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(name, expected=A_STRING, found=value)
    return value


def _fields(line: str) -> tuple[str, dict[str, list[str]]]:
    words = line.split()
    if not words or words[0] in _WORDS:
        raise InputError("route", expected=_NOTATION, found=line)
    fields: dict[str, list[str]] = {}
    current: list[str] | None = None
    for word in words[1:]:
        if word in _WORDS:
            current = []
            _put(fields, word, current, line)
        elif current is None:
            raise InputError("route", expected=f"one of {', '.join(_WORDS)}", found=word)
        else:
            current.append(word)
    return words[0], fields


def _put(fields: dict[str, list[str]], word: str, values: list[str], line: str) -> None:
    if word in fields:
        raise InputError("route", expected=f"{word} once", found=line)
    fields[word] = values


def _kind_of_community(word: str) -> str:
    if word.lower().startswith(("rt:", "ro:")) or EXTENDED_RAW.fullmatch(word):
        return "extended"
    return "large" if word.count(":") == 2 else "community"


def _address(values: list[str] | None) -> IPv4Address | IPv6Address | None:
    if values is None:
        return None
    try:
        (text,) = values
        return ip_address(text)
    except (AddressValueError, ValueError):
        found = " ".join(values)
        raise InputError("next hop", expected="one address", found=found) from None


def _path_id(values: list[str] | None) -> int | None:
    if values is None:
        return None
    text = " ".join(values)
    if not _PATH_ID.fullmatch(text) or int(text) > 0xFFFFFFFF:
        raise InputError("path id", expected="0 to 4294967295", found=text)
    return int(text)
