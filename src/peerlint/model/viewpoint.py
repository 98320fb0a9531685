"""Viewpoints: where a route was observed, and the path that AS8075 receives.

Rules never evaluate a route as stored, but as AS8075 receives it. How the stored path is converted
depends on where the route was observed.
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
    """Where a route was observed."""

    RECEIVED = "received"  # on the receiving side of the session to AS8075
    SENT = "sent"  # transmitted to AS8075, after export policy
    ADVERTISED = "advertised"  # selected for AS8075, before export policy
    LOC_RIB = "loc-rib"  # the peer's own RIB
    ADJ_RIB_IN = "adj-rib-in"  # learned by the peer's router from its own neighbours
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
        """Whether the view is weak evidence of what is announced to AS8075."""
        return self in (View.ADJ_RIB_IN, View.COLLECTOR)

    @property
    def has_candidates(self) -> bool:
        """Whether the view has all candidates for the best path; MRT does not mark the best one."""
        return self in (View.LOC_RIB, View.ADJ_RIB_IN)


class OwnAs(ArgumentEnum):
    """Whether the paths of an `advertised` source already start with the peer's own AS."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    AUTO = "auto"  # included if the leftmost AS is the peer's own, otherwise excluded

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("own AS", expected=" or ".join(cls), found=value) from None


class Reading(IntEnum):
    """How a stored path becomes the path that AS8075 receives. The kernels use the same codes."""

    AS_IS = 0
    OWN_ADDED = 1
    OWN_IF_ABSENT = 2
    FROM_OWN = 3
    TRANSPARENT = 4


#: The maximum `max_path`: a message has at most 65,535 octets (RFC 8654).
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
    """A view, with the facts that are needed to read the paths in it.

    Attributes:
        view: where the route was observed.
        asn: the AS that announces to AS8075; None only if the view needs no AS to be prepended.
        transparent: whether the peer is a route server that does not prepend its own AS (RFC 7947
            section 2.2.2.1).
        own_as: whether paths of the view `advertised` already start with the AS.
    """

    view: View = attrs.field(converter=_view)
    asn: Asn | None = attrs.field(default=None, converter=attrs.converters.optional(Asn))
    transparent: bool = False
    own_as: OwnAs = attrs.field(default=OwnAs.AUTO, converter=_own_as)

    def __attrs_post_init__(self) -> None:
        """Check that the announcing AS is given if the view needs it.

        Raises:
            InputError: `asn` is missing.
        """
        if self.asn is None and self.reading not in (Reading.AS_IS, Reading.FROM_OWN):
            raise InputError(
                f"viewpoint {self.view}", expected="the AS that announces to AS8075", found=None
            )

    @property
    def reading(self) -> Reading:
        """How a stored path becomes the path that AS8075 receives."""
        if self.view.is_definite:
            return Reading.AS_IS
        if self.view is View.COLLECTOR:
            return Reading.FROM_OWN
        if self.transparent:
            return Reading.TRANSPARENT
        return _ADVERTISED[self.own_as] if self.view is View.ADVERTISED else Reading.OWN_ADDED

    def effective(self, path: AsPath) -> AsPath | None:
        """Return the path as AS8075 receives it.

        A path of `received` or `sent` is returned unchanged. From a path of the other views of the
        peer, confederation segments are removed, because they do not leave the AS (RFC 5065
        section 4), and the AS of the speaker is prepended, depending on `reading`. A path of a
        collector is cut before the announcing AS.

        Returns:
            None if the view does not show the path: a collector's path without the announcing AS.
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
        (names,) if isinstance(names, str) else as_tuple("allow", names, str, "strings")
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
    """The parameters of facts.

    Attributes:
        community: the community that every route must carry.
        max_path: the maximum path length, in ASes.
        allow: kinds of special-purpose address space that count as public, for labs.
    """

    community: Community = MAPS_COMMUNITY
    max_path: int = attrs.field(default=3, validator=_is_length)
    allow: frozenset[str] = attrs.field(default=frozenset(), converter=_allowed)
