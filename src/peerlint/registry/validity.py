"""The validity of a route (RFC 6811), with the VRPs that decide it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypedDict

import attrs

from peerlint.model import Prefix
from peerlint.model.times import from_microseconds, rfc3339_text
from peerlint.registry.records import Vrp
from peerlint.registry.states import OriginState


class ValidityReason(StrEnum):
    """Why a route has its state.

    Attributes:
        MATCHED: valid: a VRP covers the prefix and matches origin and length.
        NO_VRP: not found: no VRP covers the prefix.
        NO_DATA: unknown: there are no VRPs at all.
        LENGTH: invalid: VRPs for this origin cover the prefix, which is too long for them.
        AS: invalid: the VRPs that cover the prefix name other origins.
        AS0: invalid: the VRPs that cover the prefix name AS 0: nobody may originate it.
        NO_ORIGIN: invalid: VRPs cover the prefix, and the route has no origin (an empty path, or
            one that ends in an AS_SET).
    """

    MATCHED = "matched"
    NO_VRP = "no-vrp"
    NO_DATA = "no-data"
    LENGTH = "length"
    AS = "as"
    AS0 = "as0"
    NO_ORIGIN = "no-origin"


_SECOND: Final = 1_000_000
_DESCRIPTIONS: Final = {
    ValidityReason.MATCHED: "A VRP matches prefix and origin",
    ValidityReason.NO_VRP: "No VRP covers the prefix",
    ValidityReason.NO_DATA: "There are no VRPs",
    ValidityReason.LENGTH: "The prefix is longer than the VRPs for this origin allow",
    ValidityReason.AS: "The VRPs that cover the prefix are for other origins",
    ValidityReason.AS0: "The VRPs that cover the prefix are for AS 0: no AS may originate it",
    ValidityReason.NO_ORIGIN: "VRPs cover the prefix, and the route has no origin AS",
}
_STATES: Final = {
    OriginState.UNKNOWN: "unknown",
    OriginState.NOT_FOUND: "not-found",
    OriginState.VALID: "valid",
    OriginState.INVALID: "invalid",
}
#: The two reasons that Routinator's JSON has; it has none for AS 0 and for no origin.
_JSON_REASONS: Final = {
    ValidityReason.LENGTH: "length",
    ValidityReason.AS: "as",
    ValidityReason.AS0: "as",
    ValidityReason.NO_ORIGIN: "as",
}


class VrpJson(TypedDict):
    """A VRP in the JSON of `Validity.to_json`."""

    asn: str
    prefix: str
    max_length: str


#: What `Validity.to_json` returns; its parts nest as in Routinator's validity API.
ValidityJson = dict[str, object]


@attrs.frozen
class Validity:
    """The validity of a route, and the VRPs that cover its prefix.

    Attributes:
        prefix: of the route.
        origin: of the route; None for none.
        state: the state of RFC 6811.
        reason: why it has this state.
        matched: VRPs that match the route.
        unmatched_as: VRPs that cover the prefix and are for another AS.
        unmatched_length: VRPs that cover the prefix and are for the origin, with too short a
            maximum length.
        now: the time at which this holds, in microseconds since 1970.
    """

    prefix: Prefix
    origin: int | None
    state: OriginState
    reason: ValidityReason
    matched: tuple[Vrp, ...]
    unmatched_as: tuple[Vrp, ...]
    unmatched_length: tuple[Vrp, ...]
    now: int

    @classmethod
    def of(
        cls, prefix: Prefix, origin: int | None, covering: tuple[Vrp, ...] | None, now: int
    ) -> Validity:
        """Return the validity of a route.

        Args:
            prefix: of the route.
            origin: of the route; None for none.
            covering: the VRPs that cover the prefix and have not expired; None without any data.
            now: the time, in microseconds since 1970.
        """
        vrps = covering or ()
        own = tuple(each for each in vrps if each.asn == origin and each.asn != 0)
        others = tuple(each for each in vrps if each.asn != origin or each.asn == 0)
        matched = tuple(each for each in own if prefix.length <= each.max_length)
        too_short = tuple(each for each in own if prefix.length > each.max_length)
        if covering is None:
            state, reason = OriginState.UNKNOWN, ValidityReason.NO_DATA
        elif not vrps:
            state, reason = OriginState.NOT_FOUND, ValidityReason.NO_VRP
        elif matched:
            state, reason = OriginState.VALID, ValidityReason.MATCHED
        else:
            state, reason = OriginState.INVALID, _why_invalid(origin, others, too_short)
        return cls(prefix, origin, state, reason, matched, others, too_short, now)

    @property
    def description(self) -> str:
        """The reason as a sentence."""
        return _DESCRIPTIONS[self.reason]

    def to_json(self) -> ValidityJson:
        """Return the validity in the form of Routinator's validity API.

        Maximum lengths are strings there. `reason` occurs for invalid routes only, and is `as` or
        `length`.
        """
        validity: dict[str, object] = {"state": _STATES[self.state]}
        if self.reason in _JSON_REASONS:
            validity["reason"] = _JSON_REASONS[self.reason]
        validity["description"] = self.description
        validity["VRPs"] = {
            "matched": [_vrp_json(each) for each in self.matched],
            "unmatched_as": [_vrp_json(each) for each in self.unmatched_as],
            "unmatched_length": [_vrp_json(each) for each in self.unmatched_length],
        }
        origin = None if self.origin is None else f"AS{self.origin}"
        return {
            "validated_route": {
                "route": {"origin_asn": origin, "prefix": str(self.prefix)},
                "validity": validity,
            },
            # Whole seconds, as Routinator writes them.
            "generatedTime": rfc3339_text(from_microseconds(self.now // _SECOND * _SECOND)),
        }


def _why_invalid(
    origin: int | None, others: tuple[Vrp, ...], too_short: tuple[Vrp, ...]
) -> ValidityReason:
    if origin is None:
        return ValidityReason.NO_ORIGIN
    if too_short:
        return ValidityReason.LENGTH
    return ValidityReason.AS0 if not any(each.asn for each in others) else ValidityReason.AS


def _vrp_json(vrp: Vrp) -> VrpJson:
    return {
        "asn": f"AS{vrp.asn}",
        "prefix": str(vrp.prefix),
        "max_length": str(vrp.max_length),
    }
