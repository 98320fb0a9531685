"""Where a route was seen, and what AS8075 would see of it.

A route is never judged as stored, always as AS8075 receives it. What has to be done to the
stored path for that depends on the place where it was seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, Never

import attrs

from peerlint.arguments import AN_INTEGER, ArgumentEnum, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.iana import ALLOWABLE
from peerlint.model.asn import Asn
from peerlint.model.aspath import AsPath
from peerlint.model.community import MAPS_COMMUNITY, Community


class View(ArgumentEnum):
    """Where a route was seen."""

    RECEIVED = "received"  # on the receiving side of the session to AS8075
    SENT = "sent"  # what was transmitted to AS8075, after export policy
    ADVERTISED = "advertised"  # chosen for AS8075, before export policy
    LOC_RIB = "loc-rib"  # the peer's own RIB
    ADJ_RIB_IN = "adj-rib-in"  # what the peer's router learned from its own neighbours
    COLLECTOR = "collector"  # a route collector somewhere on the Internet

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("view", expected=" or ".join(cls), found=value) from None

    @property
    def is_definite(self) -> bool:
        """Whether the view shows the route as it was on the wire to AS8075."""
        return self in (View.RECEIVED, View.SENT)

    @property
    def is_hint(self) -> bool:
        """Whether the view says nothing certain about what is announced to AS8075."""
        return self in (View.ADJ_RIB_IN, View.COLLECTOR)

    @property
    def has_candidates(self) -> bool:
        """Whether the view shows routes of which the router picks one, unmarked in MRT."""
        return self in (View.LOC_RIB, View.ADJ_RIB_IN)


class OwnAs(ArgumentEnum):
    """Whether the paths of an `advertised` source already start with the peer's own AS."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    AUTO = "auto"  # included where the leftmost AS is the peer's own, else excluded

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("own AS", expected=" or ".join(cls), found=value) from None


class Reading(IntEnum):
    """What turns a stored path into the path that AS8075 receives. The kernels share the codes."""

    AS_IS = 0
    OWN_ADDED = 1
    OWN_IF_ABSENT = 2
    FROM_OWN = 3
    TRANSPARENT = 4


#: AS numbers in a path, at most: two octets count those of a message (RFC 8654).
_LONGEST: Final = 0xFFFF
_ADVERTISED: Final = {
    OwnAs.INCLUDED: Reading.AS_IS,
    OwnAs.EXCLUDED: Reading.OWN_ADDED,
    OwnAs.AUTO: Reading.OWN_IF_ABSENT,
}


def _view(value: View | str) -> View:
    must_be("view", value, str, " or ".join(View))
    return View(value)


def _own_as(value: OwnAs | str) -> OwnAs:
    must_be("own_as", value, str, " or ".join(OwnAs))
    return OwnAs(value)


@attrs.frozen
class Viewpoint:
    """A view, with what is needed to read paths seen there.

    Attributes:
        view: where the route was seen.
        asn: the AS that announces to AS8075; None only where no path has to be completed.
        transparent: a route server that does not add its own AS (RFC 7947 section 2.2.2.1).
        own_as: for the view `advertised`.
    """

    view: View = attrs.field(converter=_view)
    asn: Asn | None = attrs.field(default=None, converter=attrs.converters.optional(Asn))
    transparent: bool = False
    own_as: OwnAs = attrs.field(default=OwnAs.AUTO, converter=_own_as)

    def __attrs_post_init__(self) -> None:
        """Refuse a view that needs the announcing AS without one.

        Raises:
            InputError: `asn` is missing.
        """
        if self.asn is None and self.reading not in (Reading.AS_IS, Reading.FROM_OWN):
            raise InputError(
                f"viewpoint {self.view}", expected="the AS that announces to AS8075", found=None
            )

    @property
    def reading(self) -> Reading:
        """What has to be done to a stored path."""
        if self.view.is_definite:
            return Reading.AS_IS
        if self.view is View.COLLECTOR:
            return Reading.FROM_OWN
        if self.transparent:
            return Reading.TRANSPARENT
        return _ADVERTISED[self.own_as] if self.view is View.ADVERTISED else Reading.OWN_ADDED

    def effective(self, path: AsPath) -> AsPath | None:
        """Return the path as AS8075 receives it, None where the view does not tell.

        `loc-rib` and its like lose confederation segments, which do not leave the AS (RFC 5065
        section 4), and gain the AS of the speaker. A collector's path is cut before the AS; a
        path without it says nothing.
        """
        reading = self.reading
        if reading is Reading.AS_IS:
            return path
        if reading is Reading.FROM_OWN:
            return None if self.asn is None else path.cut_before(self.asn)
        if self.asn is None:
            raise AssertionError("checked when the viewpoint was made")
        if reading is Reading.OWN_IF_ABSENT and path.first_as == self.asn:
            return path
        outside = path.without_confederations()
        if reading is Reading.TRANSPARENT and outside.segments:
            return outside
        return outside.prepended_by(self.asn)


def _allowed(names: Iterable[str]) -> frozenset[str]:
    allow = frozenset(
        (names,) if isinstance(names, str) else as_tuple("allow", names, str, "texts")
    )
    unknown = sorted(str(name) for name in allow - ALLOWABLE)
    if unknown:
        raise InputError("allow", expected=" or ".join(sorted(ALLOWABLE)), found=unknown[0])
    return allow


def _is_length(_: object, attribute: attrs.Attribute[int], value: object) -> None:
    must_be(attribute.name, value, int, AN_INTEGER)
    if not (isinstance(value, int) and 0 <= value <= _LONGEST):
        raise InputError(attribute.name, expected=f"0 to {_LONGEST}", found=value)


@attrs.frozen
class Criteria:
    """What routes are measured against.

    Attributes:
        community: the one that every route must carry.
        max_path: the longest path that passes.
        allow: kinds of special-purpose space that count as public, for labs.
    """

    community: Community = MAPS_COMMUNITY
    max_path: int = attrs.field(default=3, validator=_is_length)
    allow: frozenset[str] = attrs.field(default=frozenset(), converter=_allowed)
