"""Objects of registries in messages: registry, class, key and last change."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.model.times import from_microseconds
from peerlint.registry import AutNum, RouteObject, Vrp
from peerlint.registry.delegated import Delegation
from peerlint.wording import listed

#: The most VRPs that a message names.
_VRPS = 3


def aut_num_text(found: AutNum) -> str:
    """Return an aut-num object, such as "aut-num AS64500 of RADB, last modified 2026-03-01"."""
    return f"aut-num AS{found.asn} of {found.source}{_modified(found.modified)}"


def route_object_text(found: RouteObject) -> str:
    """Return a route object, such as "route 203.0.113.0/24AS64500 of RADB"."""
    modified = _modified(found.modified)
    return f"{found.object_class} {found.key} of {found.source}{modified}"


def vrps_text(found: Iterable[Vrp]) -> str:
    """Return VRPs, such as "VRP 203.0.113.0/24-24 AS64500 (ripe)"."""
    every = [*found]
    return f"{'VRP' if len(every) == 1 else 'VRPs'} {listed(every, _VRPS)}"


def delegation_text(found: Delegation) -> str:
    """Return a delegation, such as "allocated by RIPE (NL, 2010-03-01)".

    A number that nobody holds is "listed as reserved by RIPE".
    """
    details = (found.country, "" if found.date is None else _day(found.date))
    detail = ", ".join(each for each in details if each)
    listing = "" if found.status.is_delegated else "listed as "
    return (
        f"{listing}{found.status.name.casefold()} by {found.rir}{f' ({detail})' if detail else ''}"
    )


def either(names: Iterable[str]) -> str:
    """Return a choice of names, such as "RADB, RIPE or ALTDB"."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _modified(seconds: int | None) -> str:
    return "" if seconds is None else f", last modified {_day(seconds)}"


def _day(seconds: int) -> str:
    return f"{from_microseconds(seconds * 1_000_000):%Y-%m-%d}"
