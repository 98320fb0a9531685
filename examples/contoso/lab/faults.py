"""The fault table: which prefix breaks which rule on which sessions."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from errors import FaultTableError
from topology import MICROSOFT_PREFIXES, SESSIONS

_COVERING_BITS = 2
_FIELDS = {"prefix", "origin", "kind", "sessions"}
_SESSION_NAMES = tuple(session.name for session in SESSIONS)


class Origin(StrEnum):
    """Which routers originate a prefix: Contoso's edge routers, or the customer's."""

    EDGE = "edge"
    CUSTOMER = "customer"


class Kind(StrEnum):
    """The fault of a prefix on the sessions of its row."""

    RIGHT = "right"
    COMMUNITY_MISSING = "community-missing"
    LARGE_ONLY = "large-only"
    PREPENDED = "prepended"
    PRIVATE_ASN = "private-asn"
    PATH_OF_FOUR = "path-of-four"
    COVERING_ONLY = "covering-only"
    MISSING = "missing"


_PATH_KINDS = (Kind.PREPENDED, Kind.PRIVATE_ASN, Kind.PATH_OF_FOUR)


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table; on every session it does not name, the prefix is right."""

    prefix: str
    kind: Kind = Kind.RIGHT
    sessions: tuple[str, ...] = ()
    origin: Origin = Origin.CUSTOMER


def covering_prefix(prefix: str) -> str:
    """Return the covering prefix that is announced in place of a prefix: two bits shorter."""
    return str(IPv4Network(prefix).supernet(prefixlen_diff=_COVERING_BITS))


def read_faults(file: Path) -> tuple[Fault, ...]:
    """Read a fault table from a TOML file and check it."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise FaultTableError(f"{file}: {wrong}") from wrong
    rows: list[dict[str, Any]] = table.get("route", [])
    try:
        faults = tuple(_fault(row) for row in rows)
        check_faults(faults)
    except ValueError as wrong:
        raise FaultTableError(f"{file}: {wrong}") from wrong
    return faults


def _fault(row: dict[str, Any]) -> Fault:
    if not isinstance(row, dict) or "prefix" not in row or row.keys() - _FIELDS:
        raise FaultTableError(f"a route has a prefix, origin, kind and sessions; found {row}")
    return Fault(
        prefix=str(row["prefix"]),
        kind=Kind(row.get("kind", Kind.RIGHT)),
        sessions=tuple(row.get("sessions", ())),
        origin=Origin(row.get("origin", Origin.CUSTOMER)),
    )


def check_faults(faults: Iterable[Fault]) -> None:
    """Raise an error if the lab cannot announce the routes of a table."""
    rows = tuple(faults)
    if not rows:
        raise FaultTableError("the table has no routes")
    for fault in rows:
        _check_row(fault)
    _check_rows_agree(rows)
    _check_covering(rows)


def _check_row(fault: Fault) -> None:
    where = f"{fault.prefix} {fault.kind}"
    if str(IPv4Network(fault.prefix)) != fault.prefix or fault.prefix in MICROSOFT_PREFIXES:
        raise FaultTableError(f"{where}: not a prefix of Contoso's in its usual spelling")
    unknown = [name for name in fault.sessions if name not in _SESSION_NAMES]
    if unknown:
        known = ", ".join(_SESSION_NAMES)
        raise FaultTableError(f"{where}: no session {unknown[0]}, only {known}")
    if bool(fault.sessions) != (fault.kind is not Kind.RIGHT):
        raise FaultTableError(f"{where}: a fault names its sessions, a right route names none")
    if fault.origin is Origin.EDGE and fault.kind in _PATH_KINDS:
        raise FaultTableError(f"{where}: an edge router's own route has no path to get wrong")


def _check_rows_agree(faults: tuple[Fault, ...]) -> None:
    places = Counter((fault.prefix, name) for fault in faults for name in fault.sessions)
    for (prefix, session), times in places.items():
        if times > 1:
            raise FaultTableError(f"{prefix}: {times} faults on {session}, at most one fits")
    origins = Counter(prefix for prefix, _ in {(fault.prefix, fault.origin) for fault in faults})
    for prefix, count in origins.items():
        if count > 1:
            raise FaultTableError(f"{prefix}: has two origins, in the lab it has one")


def _check_covering(faults: tuple[Fault, ...]) -> None:
    prefixes = {fault.prefix for fault in faults}
    origins: dict[str, Origin] = {}
    for fault in faults:
        if fault.kind is not Kind.COVERING_ONLY:
            continue
        covering = covering_prefix(fault.prefix)
        if covering in prefixes or origins.setdefault(covering, fault.origin) != fault.origin:
            raise FaultTableError(f"{fault.prefix}: its covering route {covering} is taken")
