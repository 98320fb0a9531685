"""Checks of inventories with very many peerings: what one of them costs as their number doubles."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Address
from typing import Final

import attrs

import peerlint
from benchmarks.hostile import Row
from peerlint.inventory import (
    Attestation,
    Connection,
    Inventory,
    Key,
    PeerAsn,
    Peering,
    PeeringService,
    Provider,
    RegisteredAsn,
    RegisteredPrefix,
    ServicePrefix,
    Session,
)
from peerlint.inventory.peering import Role
from peerlint.model import Asn

#: Benchmarking space (RFC 2544) for prefixes, and its last part for sessions.
_FIRST: Final = int(IPv4Address("198.18.0.0"))
_LINKS: Final = int(IPv4Address("198.19.0.0"))
_AN_AS: Final = Asn(64500)
#: Functions that are called less often than this for each peering are left out.
_SELDOM: Final = 5


@attrs.frozen
class Shape:
    """How the peerings of an inventory are alike.

    Attributes:
        profile: of all.
        one_metro: whether all are in one metro.
        one_router: whether all connections end on one router.
        backups: whether each has a backup connection.
        services: whether each prefix is activated, between two metros.
        attested: whether the inventory has an attestation for each.
        own_as: whether each has an AS and a PeerAsn of its own.
    """

    profile: str = "maps"
    one_metro: bool = False
    one_router: bool = False
    backups: bool = False
    services: bool = False
    attested: bool = False
    own_as: bool = False


SHAPES: Final = {
    "a metro each": Shape(),
    "one metro": Shape(one_metro=True),
    "one metro, one router": Shape(one_metro=True, one_router=True),
    "one metro, backups": Shape(one_metro=True, backups=True),
    "partner, one router": Shape("partner", one_metro=True, one_router=True),
    "route servers": Shape("route-server", one_metro=True),
    "route servers, services": Shape("route-server", services=True),
    "peering services": Shape(services=True, attested=True),
    "an AS each": Shape(own_as=True),
}


def rows() -> Iterator[Row]:
    """Yield what one peering costs among few, and among twice as many."""
    for name, shape in SHAPES.items():
        few, many = (sum(calls(inventory(shape, number)).values()) / number for number in (50, 100))
        yield Row(f"check of peerings, {name}", "calls per peering", few, many, bound=1.1)


def growing(shape: Shape, number: int) -> dict[str, float]:
    """Return the functions that a check calls more often for each of twice as many peerings.

    Args:
        shape: of the inventories.
        number: of peerings in the smaller one.

    Returns:
        How many times as often each is called in all: more than twice.
    """
    few, many = calls(inventory(shape, number)), calls(inventory(shape, 2 * number))
    return {
        function: many[function] / count
        for function, count in few.items()
        if many.get(function, 0) > max(2.2 * count, 2 * _SELDOM * number)
    }


def calls(declared: Inventory) -> dict[str, int]:
    """Return how often a check of an inventory calls each function."""
    profile = cProfile.Profile()
    profile.runcall(peerlint.check, declared)
    found: dict[str, int] = {}
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # not in typeshed
    for (file, line, function), (_, count, *_) in stats.items():
        name = f"{file}:{line} {function}"
        found[name] = found.get(name, 0) + count
    return found


def inventory(shape: Shape, peerings: int) -> Inventory:
    """Make an inventory of so many peerings."""
    services = range(peerings if shape.services else 0)
    return Inventory(
        tuple(_peering(shape, number) for number in range(peerings)),
        attestations=tuple(
            Attestation("registration.key-present", f"p{number}", "noc", date(2026, 1, 1))
            for number in range(peerings if shape.attested else 0)
        ),
        peer_asns=tuple(
            PeerAsn(f"as{number}", _asn(shape, number), "Contoso", "Approved")
            for number in range(peerings if shape.own_as else 1)
        ),
        peering_services=tuple(_service(number) for number in services),
        providers=tuple(
            Provider(f"Provider {number}", (f"metro {number}", f"metro {number + 1}"))
            for number in services
        ),
    )


def _peering(shape: Shape, number: int) -> Peering:
    is_server = shape.profile == "route-server"
    customer = RegisteredAsn(Asn(65536 + number), f"customer {number}", _key(number))
    return Peering(
        f"p{number}",
        shape.profile,
        _asn(shape, number),
        "Amsterdam" if shape.one_metro else f"metro {number}",
        connections=tuple(_connection(shape, number, each) for each in range(2)),
        registered_prefixes=() if is_server else (_registered(number),),
        registered_asns=(customer,) if is_server else (),
        peer_asn=f"as{number if shape.own_as else 0}",
    )


def _connection(shape: Shape, peering: int, number: int) -> Connection:
    own = IPv4Address(_LINKS + 4 * (2 * peering + number))
    return Connection(
        f"c{peering}-{number}",
        router="edge1" if shape.one_router else f"edge{peering}-{number}",
        role=Role.BACKUP if shape.backups and number else Role.PRIMARY,
        bandwidth=10_000 if number else 100_000,
        state="Active",
        sessions=(Session(own + 1, own),),
    )


def _service(number: int) -> PeeringService:
    return PeeringService(
        f"service {number}",
        "Hesse",
        f"Provider {number}",
        f"metro {number}",
        f"metro {number + 1}",
        service_prefixes=(ServicePrefix(_prefix(number), f"s{number}", _key(number)),),
    )


def _registered(number: int) -> RegisteredPrefix:
    return RegisteredPrefix(_prefix(number), f"sbc-{number}", key=_key(number), state="Verified")


def _prefix(number: int) -> str:
    return f"{IPv4Address(_FIRST + 16 * number)}/28"


def _key(number: int) -> Key:
    return Key(f"{number:08d}-0000-0000-0000-000000000000")


def _asn(shape: Shape, number: int) -> Asn:
    return Asn(65536 + number) if shape.own_as else _AN_AS
