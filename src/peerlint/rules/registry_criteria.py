"""Which registries count for the rules, and how old their data may be."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs

from peerlint.model import MaxAge
from peerlint.model.times import CLOCK_SKEW
from peerlint.registry import SourceInfo, SourceKind

#: ExpressRoute routing requirements: AS number and prefixes are "registered to you in" one of them.
NAMED: Final = ("ARIN", "APNIC", "AFRINIC", "LACNIC", "RIPE", "RADB", "ALTDB")
#: Other registries that the mirrors of irr.net and rr.ntt.net carry.
LISTED: Final = (
    "NTTCOM", "LEVEL3", "JPIRR", "IDNIC", "TC", "BELL", "BBOI", "CANARIE", "NESTEGG", "PANIX",
    "REACH",
)  # fmt: skip
#: Registries whose objects no holder of the address space has confirmed.
WEAK: Final = ("RIPE-NONAUTH", "RPKI")
IRR: Final = "irr"
RIR: Final = "rir"
_WEEK: Final = MaxAge(timedelta(days=7))
_DAY: Final = MaxAge(timedelta(days=1))
_MONTH: Final = MaxAge(timedelta(days=30))
_SKEW: Final = CLOCK_SKEW // timedelta(microseconds=1)


@attrs.frozen
class RegistryCriteria:
    """What registries have to say. The defaults are those of the shipped profiles.

    Attributes:
        named: the registries that Microsoft names, in upper case. An origin AS in none of them is
            not registered, if the data of all of them are whole and recent.
        listed: other well-known registries, whose objects count too.
        weak: registries whose objects alone leave it open whether Microsoft accepts them.
        accept: what registers an origin AS: `IRR`, the objects of routing registries, and perhaps
            `RIR`, the delegation by a regional registry.
        max_age_irr: how old the data of routing registries may be.
        max_age_delegated: how old the delegated files of regional registries may be.
        max_age_vrps: how old VRPs may be.
        max_age_peeringdb: how old the data of PeeringDB may be.
    """

    named: tuple[str, ...] = NAMED
    listed: tuple[str, ...] = LISTED
    weak: tuple[str, ...] = WEAK
    accept: tuple[str, ...] = (IRR,)
    max_age_irr: MaxAge = _WEEK
    max_age_delegated: MaxAge = _WEEK
    max_age_vrps: MaxAge = _DAY
    max_age_peeringdb: MaxAge = _MONTH

    def max_age(self, kind: SourceKind) -> MaxAge:
        """Return how old a source of a kind may be."""
        return {
            SourceKind.IRR: self.max_age_irr,
            SourceKind.DELEGATED: self.max_age_delegated,
            SourceKind.VRPS: self.max_age_vrps,
            SourceKind.PEERINGDB: self.max_age_peeringdb,
        }[kind]

    def is_too_old(self, source: SourceInfo, now: int) -> bool:
        """Return whether a source is older than it may be; False if its age is not known.

        Args:
            source: the source.
            now: the time, in microseconds since 1970.
        """
        age = known_age(source, now)
        limit = self.max_age(source.kind)
        return age is not None and limit.is_exceeded(timedelta(microseconds=age))


def known_age(source: SourceInfo, now: int) -> int | None:
    """Return the age of a source in microseconds; None if it is not known.

    A time that is later than `now` by more than `CLOCK_SKEW` is not known.

    Args:
        source: the source.
        now: the time, in microseconds since 1970.
    """
    age = source.age(now)
    return None if age is None or age < -_SKEW else max(age, 0)
