"""Select elements by prefix, origin, peer, community or AS path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Self

import attrs

from peerlint.arguments import as_tuple, must_be
from peerlint.elements.element import Element
from peerlint.errors import InputError
from peerlint.model import Asn, Community, Prefix
from peerlint.wire.attributes import Attributes, AttributeType

#: Parts of an expression on AS paths in which `_` is literal, or `_` as a boundary (group 1).
_TOKEN: Final = re.compile(r"\\.|\[\^?\]?[^\]]*\]|(_)", re.DOTALL)
#: The meaning of `_` on routers: a boundary between AS numbers, or either end.
_BOUNDARY: Final = r"(?:^|$|[ ,{}()\[\]])"
_COMMUNITY: Final = re.compile(r"([0-9]{1,10}|\*)(:([0-9]{1,10}|\*)){1,2}")
_NOT: Final = "!"

Test = Callable[[Element], bool | None]


@attrs.frozen
class Selection:
    """A filter of elements. It is immutable: threads may share it.

    An element must pass every kind of test that is given. Several tests of one kind are
    alternatives. A test that starts with `!` excludes the elements that it matches. An element
    without the tested attribute passes neither the test nor its opposite: a withdrawal has no path,
    and a malformed path cannot be read.

    Attributes:
        tests: (included, excluded) tests, one pair for each kind.
    """

    tests: tuple[tuple[tuple[Test, ...], tuple[Test, ...]], ...] = ()

    @classmethod
    def of(
        cls,
        *,
        prefix: Iterable[str] = (),
        prefix_more: Iterable[str] = (),
        prefix_less: Iterable[str] = (),
        origin_asn: Iterable[str] = (),
        peer_asn: Iterable[str] = (),
        peer_ip: Iterable[str] = (),
        community: Iterable[str] = (),
        as_path: Iterable[str] = (),
    ) -> Self:
        """Make a selection from the texts that a user gave.

        Args:
            prefix: exactly these prefixes.
            prefix_more: these prefixes and more specific ones.
            prefix_less: these prefixes and less specific ones; all three are alternatives.
            origin_asn: the last AS of the path, or a member of the AS_SET at its end.
            peer_asn: the AS of the peer.
            peer_ip: the address of the peer.
            community: `64500:120`, `64500:1:2`, a well-known name, or numbers with `*` for any.
            as_path: a regular expression on the path as bgpdump prints it, in which `_` matches a
                boundary between AS numbers.

        Raises:
            InputError: one of them cannot be parsed.
        """
        prefixes = [
            *_parsed("prefix", prefix, _exact),
            *_parsed("prefix_more", prefix_more, _more),
            *_parsed("prefix_less", prefix_less, _less),
        ]
        groups = (
            prefixes,
            _parsed("origin_asn", origin_asn, _origin),
            _parsed("peer_asn", peer_asn, _peer_asn),
            _parsed("peer_ip", peer_ip, _peer_ip),
            _parsed("community", community, _community),
            _parsed("as_path", as_path, _as_path),
        )
        return cls(
            tuple(
                (
                    tuple(test for wanted, test in group if wanted),
                    tuple(test for wanted, test in group if not wanted),
                )
                for group in groups
                if group
            )
        )

    def holds(self, element: Element) -> bool:
        """Return whether the element is selected.

        Raises:
            InputError: the argument is not an `Element`.
        """
        if type(element) is not Element:
            must_be("element", element, Element, "an Element")
        return all(_group_holds(element, *group) for group in self.tests)


def _group_holds(element: Element, wanted: Sequence[Test], refused: Sequence[Test]) -> bool:
    if any(test(element) is not False for test in refused):
        return False
    return not wanted or any(test(element) for test in wanted)


def _parsed(
    name: str, texts: Iterable[str], read: Callable[[str], Test]
) -> list[tuple[bool, Test]]:
    return [
        (not text.startswith(_NOT), read(text.removeprefix(_NOT)))
        for text in as_tuple(name, texts, str, "strings")
    ]


# Tests are classes, so that a selection can be compared and pickled.


@attrs.frozen
class _Exact:
    wanted: Prefix

    def __call__(self, element: Element) -> bool | None:
        return None if element.nlri is None else element.nlri.prefix == self.wanted


@attrs.frozen
class _More:
    wanted: Prefix

    def __call__(self, element: Element) -> bool | None:
        return None if element.nlri is None else self.wanted.covers(element.nlri.prefix)


@attrs.frozen
class _Less:
    wanted: Prefix

    def __call__(self, element: Element) -> bool | None:
        return None if element.nlri is None else element.nlri.prefix.covers(self.wanted)


@attrs.frozen
class _PeerAsn:
    wanted: Asn

    def __call__(self, element: Element) -> bool:
        return element.peer.asn == self.wanted


@attrs.frozen
class _PeerAddress:
    wanted: IPv4Address | IPv6Address

    def __call__(self, element: Element) -> bool:
        return element.peer.address == self.wanted


@attrs.frozen
class _OfRoute:
    """Test an attribute of a route; return None if it is absent or malformed."""

    kind: AttributeType
    test: Callable[[Attributes], bool]

    def __call__(self, element: Element) -> bool | None:
        attributes = element.attributes
        if attributes is None or self.kind.name in attributes.malformed:
            return None
        return self.test(attributes)


@attrs.frozen
class _Origin:
    wanted: Asn

    def __call__(self, attributes: Attributes) -> bool:
        return self.wanted in attributes.path.origins


@attrs.frozen
class _Path:
    pattern: re.Pattern[str]

    def __call__(self, attributes: Attributes) -> bool:
        return self.pattern.search(str(attributes.path)) is not None


@attrs.frozen
class _Number:
    number: int

    def __call__(self, attributes: Attributes) -> bool:
        return any(each.number == self.number for each in attributes.communities)


@attrs.frozen
class _Parts:
    """Test whether the route has a community with these parts; None matches any value."""

    parts: tuple[int | None, ...]

    def __call__(self, attributes: Attributes) -> bool:
        carried: Iterable[tuple[int, ...]]
        if len(self.parts) == 2:
            carried = ((each.asn, each.value) for each in attributes.communities)
        else:
            carried = (each.parts for each in attributes.large_communities)
        return any(
            all(part in (None, found) for part, found in zip(self.parts, each, strict=True))
            for each in carried
        )


def _exact(text: str) -> Test:
    return _Exact(Prefix.parse(text))


def _more(text: str) -> Test:
    return _More(Prefix.parse(text))


def _less(text: str) -> Test:
    return _Less(Prefix.parse(text))


def _origin(text: str) -> Test:
    return _OfRoute(AttributeType.AS_PATH, _Origin(Asn.parse(text)))


def _peer_asn(text: str) -> Test:
    return _PeerAsn(Asn.parse(text))


def _peer_ip(text: str) -> Test:
    try:
        return _PeerAddress(ip_address(text))
    except ValueError:
        raise InputError("peer address", expected="an IPv4 or IPv6 address", found=text) from None


def _community(text: str) -> Test:
    if text.isdigit():  # one number is ambiguous: an AS, a value or all 32 bits
        expected = f"a community such as {text}:*, 64500:120 or no-export"
        raise InputError("community", expected=expected, found=text)
    if not _COMMUNITY.fullmatch(text):
        return _OfRoute(AttributeType.COMMUNITIES, _Number(Community.parse(text).number))
    parts = tuple(None if part == "*" else int(part) for part in text.split(":"))
    largest = 0xFFFF if len(parts) == 2 else 0xFFFFFFFF
    if any(part is not None and part > largest for part in parts):
        raise InputError("community", expected=f"parts from 0 to {largest} or *", found=text)
    kind = AttributeType.COMMUNITIES if len(parts) == 2 else AttributeType.LARGE_COMMUNITIES
    return _OfRoute(kind, _Parts(parts))


def _as_path(text: str) -> Test:
    try:
        pattern = re.compile(_TOKEN.sub(_without_underscore, text))
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError(
            "AS path", expected="a regular expression", found=f"{text}: {error}"
        ) from None
    return _OfRoute(AttributeType.AS_PATH, _Path(pattern))


def _without_underscore(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else _BOUNDARY
