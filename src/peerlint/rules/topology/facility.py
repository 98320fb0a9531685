"""What PeeringDB's data say of the facility of a connection."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.model import MICROSOFT
from peerlint.registry import SourceKind
from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import unknown
from peerlint.rules._registry_data import RegistryData, gaps_text
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.subjects import ConnectionSubject


def facility_answers(
    facility: int, subject: ConnectionSubject, data: RegistryData
) -> Iterator[Problem | Unknown]:
    """Yield what PeeringDB's data say against a facility.

    Args:
        facility: its number in PeeringDB.
        subject: the connection that ends there.
        data: the registry data, which have those of PeeringDB.
    """
    sites, gaps = data.facilities(MICROSOFT), data.gaps(SourceKind.PEERINGDB)
    record = data.facility(facility)
    name = f"facility {facility}" if record is None else f"facility {facility} ({record.name})"
    found = next((each for each in sites or () if each.id == facility), None)
    if found is not None:
        where = subject.location
        if where is not None and found.city and not _may_be_same(found.city, where):
            yield Problem(
                clause(f"{name} of ", SubjectName.PLACE, f" is in {found.city}", is_long=False),
                f"a facility in {where}",
                severity=Severity.INFO,
            )
    elif not sites or gaps:
        why = gaps_text(gaps) or "PeeringDB's data have no facility of Microsoft"
        what = phrase(f"whether {name} of ", SubjectName.PLACE, " is an edge site of Microsoft")
        yield Unknown(
            Need.PEERINGDB,
            clause(unknown(what), f": {why}"),
            "whole and recent data of PeeringDB (net, netfac, fac)",
        )
    else:
        yield Problem(
            clause(f"{name} of ", SubjectName.PLACE, " is no edge site of Microsoft"),
            f"{_one_of(len(sites))} of net 694 in PeeringDB",
        )


def _one_of(number: int) -> str:
    return "the facility" if number == 1 else f"one of the {number:,} facilities"


def _may_be_same(city: str, location: str) -> bool:
    """Return whether a city of PeeringDB and a location of Microsoft's may be the same place."""
    one, other = city.casefold(), location.casefold()
    return one in other or other in one
