"""Rules about what is left when something breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from peerlint.inventory import Connection, Inventory, Metro, Peering, metro, site
from peerlint.inventory.peering import Role
from peerlint.results import Severity
from peerlint.rules._declare import Family, unattested, undeclared
from peerlint.rules._rule import Need, Problem, Unknown
from peerlint.rules._subject import Context, InventorySubject, PeeringSubject
from peerlint.rules.documents import ALL
from peerlint.wording import listed

rule: Final = Family("T", step=4)

_OTHERS: Final = ("000", "002", "003", "004")


@rule(
    "topology.min-connections",
    "Peering has too few connections",
    basis=("000", "002", "003", "004", "001 implies it"),
    portal=("Provider has fewer than two sessions in its primary location (at activation)",),
    word="too few",
)
def min_connections(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A peering has at least two connections that carry the service.

    At a route server one is enough: Microsoft builds a mesh of sessions from it. Connections are
    counted as Azure counts them; whether two of them are one circuit, `topology.local-redundancy`
    asks.

    What to do: add a connection on another router, with "Use for Peering Service" enabled.

    Fires:
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        connection ams-2 peering_service=false

    Silent:
        # nothing but what a scenario has by itself

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-ams profile=route-server network=IxRs
    """
    carrying = [each for each in subject.peering.connections if each.peering_service is not False]
    least = context.set_up.min_connections
    if len(carrying) < least:
        # 001 only implies the number; its own sentence, local redundancy, is judged apart.
        mild = context.profile == "partner" and not _alone(subject.peering, context)
        others = [each.name for each in subject.peering.connections if each not in carrying]
        left_out = f"; not used for Peering Service: {listed(others)}" if others else ""
        yield Problem(
            f"found {len(carrying)} of the connections of {subject.peering.name} to carry the "
            f"service, wanted at least {least}{left_out}",
            severity=Severity.WARNING if mild else None,
        )


@rule(
    "topology.local-redundancy",
    "Location has no redundant interconnect",
    basis=(*ALL, "faqs.md"),
    texts=(
        "002, requirements: redundant interconnects at each location",
        "002, NOTE: one connection, from which Microsoft builds a mesh of sessions",
    ),
    word="not redundant",
)
def local_redundancy(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """Every location in use has at least two interconnects, over all peerings of the AS there.

    Two in the same building and two in different buildings of the metro both count. Connections
    that name the same `circuit` in the inventory are one: what cuts one of them cuts the others. At
    a route server it is a warning: the sessions of the mesh are not in the resource.

    What to do: order a second interconnect in the metro.

    Fires:
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra

        connection ams-1 circuit=X1
        connection ams-2 circuit=X1

    Silent:
        # nothing but what a scenario has by itself

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-ams-2 maps 64500 Amsterdam
        session ams-2 edge2.ams

        connection ams-1 circuit=X1
        connection ams-2 circuit=X2
    """
    mild = context.profile == "route-server"
    for location, group in _alone(subject.peering, context).items():
        of_one = f" ({listed(each.name for each in group)}: one circuit)"
        yield Problem(
            f"found 1 interconnect of AS{subject.peering.asn} in {location}"
            f"{of_one if len(group) > 1 else ''}, wanted at least 2",
            severity=Severity.WARNING if mild else None,
            about=location,
        )


@rule(
    "topology.router-diversity",
    "Connections of a location end on one router",
    needs=(Need.ATTESTATION,),
    basis=(*_OTHERS, "peering-service-prefix-requirements.md"),
    texts=(
        "000, 002, 003, 004: no two connections of a location on one router",
        "001: one router for each circuit, everywhere",
    ),
    word="one router",
)
def router_diversity(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """No two connections of one location end on the same router of yours.

    Azure does not know your routers, so they stand in the inventory. Connections that name the same
    `circuit` there are one, and end where it ends; that one circuit is no redundancy,
    `topology.local-redundancy` says.

    What to do: move one of the connections to another router.

    Fires:
        connection ams-2 router=edge1.ams

    Silent:
        # nothing but what a scenario has by itself

        connection ams-2 router=

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra

        connection ams-1 circuit=X1
        connection ams-2 circuit=X1 router=edge1.ams
    """
    mild = context.profile == "route-server" and len(subject.peering.connections) == 1
    if context.profile == "partner" and _crowded(context.inventory, subject.peering):
        return  # the stricter rule of 001 says it: `topology.router-circuit-ratio`
    for location, group in _by_metro(context, subject.peering).items():
        if len(_circuits(group)) < 2:
            continue
        if any(each.router is None for each in group):
            unnamed = listed(each.name for each in group if each.router is None)
            yield unattested(f"the router of {unnamed}", "`router`")
        for router, names in _shared(group).items():
            yield Problem(
                f"found {listed(names)} of {location} on {router}, wanted a router for each",
                severity=Severity.WARNING if mild else None,
                about=f"{location} {router}",
            )


@rule(
    "topology.router-circuit-ratio",
    "A router has more than one circuit",
    needs=(Need.ATTESTATION,),
    basis=("001",),
    texts=(
        "001: a ratio of 1:1 of peering routers to peering circuits",
        "000, 002, 003, 004: no two connections of a location on one router",
    ),
    word="not 1:1",
)
def router_circuit_ratio(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Each circuit to Microsoft has a router of its own, over all locations.

    A circuit is a connection with all links of its bundle. Connections that name the same
    `circuit` in the inventory are one, here and for local redundancy.

    What to do: move each circuit to a router of its own.

    Fires:
        peering contoso-ams profile=partner
        connection ams-2 router=edge1.ams

    Silent:
        peering contoso-ams profile=partner

        peering contoso-ams profile=partner
        connection ams-2 router=

        connection ams-2 router=edge1.ams
    """
    unnamed = [each.name for each in subject.peering.connections if each.router is None]
    if unnamed:
        yield unattested(f"the router of {listed(unnamed)}", "`router`")
    for router, names in _crowded(context.inventory, subject.peering).items():
        yield Problem(
            f"found {listed(names)} on {router}, wanted one circuit for each router",
            about=router,
        )


@rule(
    "topology.backup-not-local",
    "Backup lies where its primary does",
    needs=(Need.ATTESTATION,),
    basis=_OTHERS,
    word="local backup",
)
def backup_not_local(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Inside one location all connections are active; a backup lies in another one.

    What to do: make the local connection primary too.

    Fires:
        connection ams-2 role=backup

    Silent:
        # nothing but what a scenario has by itself

        connection ams-1 role=

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        connection fra-1 role=backup
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
    """
    for location, group in _by_metro(context, subject.peering).items():
        if len(group) < 2:
            continue
        unsaid = [each.name for each in group if each.role is None]
        if unsaid:
            yield unattested(f"the role of {listed(unsaid)}", "`role`")
        backups = [each.name for each in group if each.role is Role.BACKUP]
        if backups and len(backups) < len(group):
            yield Problem(
                f"found {listed(backups)} as backup in {location}, where a primary is too; "
                "wanted all connections of a location active",
                about=location,
            )


@rule(
    "topology.active-active",
    "A session is provisioned as standby",
    needs=(Need.ATTESTATION,),
    basis=("001",),
    texts=(
        "001, requirements: all sessions active/active, never primary and backup",
        "001, Activate: choose a primary and a backup location; other documents allow a remote "
        "backup",
    ),
    word="standby",
)
def active_active(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """All sessions are active, in all locations.

    Which location is primary and which is backup for a prefix is chosen at activation; that is
    routing inside Microsoft's network and no role of a session.

    What to do: provision every session as active.

    Fires:
        peering contoso-ams profile=partner
        connection ams-2 role=backup

    Silent:
        peering contoso-ams profile=partner

        peering contoso-ams profile=partner
        connection ams-2 role=
    """
    connections = subject.peering.connections
    unsaid = [each.name for each in connections if each.role is None]
    if unsaid:
        yield unattested(f"the role of {listed(unsaid)}", "`role`")
    backups = [each.name for each in connections if each.role is Role.BACKUP]
    if backups:
        yield Problem(f"found {listed(backups)} as backup, wanted all sessions active")


@rule(
    "topology.bandwidth-equal",
    "Connections differ in bandwidth",
    needs=(Need.AZURE,),
    basis=(*_OTHERS, "faqs.md"),
    word="bandwidths differ",
)
def bandwidth_equal(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Primary, backup and redundant connections have the same bandwidth.

    Those of one peering have, and those of the metros that a peering service uses as primary and
    backup, and a connection that is declared to be a backup elsewhere. What counts is what was
    ordered, and for connections in service what is provisioned.

    What to do: bring all connections to the bandwidth of the largest.

    Fires:
        connection ams-2 bandwidth=10G provisioned_bandwidth=10G

        connection ams-2 provisioned_bandwidth=10G

        connection ams-1 bandwidth=100G provisioned_bandwidth=100G
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        connection fra-1 bandwidth=10G provisioned_bandwidth=10G
        service contoso-maps primary=Amsterdam backup=Frankfurt

        connection ams-1 bandwidth=100G provisioned_bandwidth=100G
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        connection fra-1 bandwidth=10G provisioned_bandwidth=10G
        connection fra-1 role=backup

    Silent:
        # nothing but what a scenario has by itself

        connection ams-2 bandwidth= provisioned_bandwidth=

        connection ams-1 bandwidth=100G provisioned_bandwidth=100G
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        connection fra-1 bandwidth=10G provisioned_bandwidth=10G
        service contoso-maps primary=Amsterdam backup=London
    """
    connections = _standing_in(subject.peering, context.inventory)
    unsaid = [each.name for each in connections if each.bandwidth is None]
    if unsaid and len(connections) > 1:
        yield undeclared(f"the bandwidth of {listed(unsaid)}", "`bandwidth`")
    active = [each for each in connections if each.is_active]
    for what, found in (
        ("ordered", {each.name: each.bandwidth for each in connections}),
        ("provisioned", {each.name: each.provisioned_bandwidth for each in active}),
    ):
        said = {name: mbits for name, mbits in found.items() if mbits is not None}
        if len(set(said.values())) > 1:
            bandwidths = listed(f"{name} {mbits:,} Mbit/s" for name, mbits in said.items())
            yield Problem(f"found {bandwidths} ({what}), wanted the same for all", about=what)


@rule(
    "topology.geo-redundancy",
    "All peerings lie in one metro",
    severity=Severity.WARNING,
    basis=("001", "000, 002, 003 and 004 recommend it", "faqs.md"),
    texts=(
        "001, requirements: geo redundancy must be in place",
        "000, 002, 003, 004: it is recommended; faqs.md: must support it",
    ),
    strict=Severity.WARNING,
    word="one metro",
)
def geo_redundancy(subject: InventorySubject, _: Context) -> Iterator[Problem]:
    """An AS peers in at least two metros of one part of the world.

    A second metro only in another part is too far away to take over: a warning. Where the
    inventory does not say `geo_region`, metros are counted wherever they are, and that is said. A
    peering without connections is in no metro.

    What to do: create a peering in a second metro of the same region.

    Fires:
        # nothing but what a scenario has by itself

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-ams geo_region=Europe
        peering contoso-iad maps 64500 Ashburn
        session iad-1 edge1.iad
        peering contoso-iad geo_region=America

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        peering contoso-fra geo_region=

    Silent:
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        peering contoso-ams geo_region=Europe
        peering contoso-fra geo_region=Europe
    """
    peerings = subject.inventory.peerings
    own = (each.asn for each in peerings if each.profile == subject.peering.profile)
    for asn in dict.fromkeys(own):
        regions: dict[str | None, set[Metro]] = {}
        for each, connection in _all(subject.inventory, asn):
            region = None if each.geo_region is None else each.geo_region.casefold()
            regions.setdefault(region, set()).add(site(each, connection))
        metros = set[Metro]().union(*regions.values())
        if any(len(each) > 1 for region, each in regions.items() if region is not None):
            continue
        found = f"found AS{asn} in {listed(sorted(map(str, metros))) or 'no metro'}"
        if len(metros) < 2:
            yield Problem(f"{found}, wanted at least two metros", about=f"AS{asn}")
        elif None not in regions:
            yield Problem(
                f"{found}, wanted at least two metros of one region",
                severity=Severity.WARNING,
                about=f"AS{asn}",
            )
        else:
            yield Problem(
                f"{found}; whether two of them are of one region is not known, for not every "
                "peering has `geo_region`: counted as if they were",
                severity=Severity.INFO,
                about=f"AS{asn}",
            )


# -- groups of connections


def _standing_in(peering: Peering, inventory: Inventory) -> list[Connection]:
    """Return a peering's connections, then those that take over from them or they from."""
    metros = {metro(peering, each) for each in peering.connections} - {None}
    paired = {
        location
        for service in inventory.peering_services
        if service.primary is not None and service.backup is not None
        for pair in ((Metro(service.primary), Metro(service.backup)),)
        if not metros.isdisjoint(pair)
        for location in pair
    }
    has_backup = any(each.role is Role.BACKUP for each in peering.connections)
    others = [
        connection
        for other, connection in _all(inventory, peering.asn)
        if other.name != peering.name
        and (
            metro(other, connection) in paired
            or connection.role is Role.BACKUP
            or (has_backup and connection.role is Role.PRIMARY)
        )
    ]
    return [*peering.connections, *others]


def _all(inventory: Inventory, asn: int) -> Iterator[tuple[Peering, Connection]]:
    """Yield the connections of all peerings of an AS."""
    for other in inventory.peerings:
        if other.asn == asn:
            for connection in other.connections:
                yield other, connection


def _by_metro(context: Context, peering: Peering) -> dict[str, list[Connection]]:
    """Return the connections of an AS in each metro that a peering has connections in."""
    locations = dict.fromkeys(site(peering, each) for each in peering.connections)
    known = context.connections.get(peering.asn, {})
    return {location.name: known.get(location, []) for location in sorted(locations, key=str)}


def _alone(peering: Peering, context: Context) -> dict[str, list[Connection]]:
    """Return the metros of a peering where its AS has one circuit only, with its connections."""
    groups = _by_metro(context, peering)
    return {location: group for location, group in groups.items() if len(_circuits(group)) == 1}


def _circuits(connections: Iterable[Connection]) -> list[list[Connection]]:
    """Return the connections of each circuit: those that name it, or one that names none."""
    found: dict[tuple[str | None, str], list[Connection]] = {}
    for each in connections:
        circuit = (None, each.name) if each.circuit is None else (each.circuit, "")
        found.setdefault(circuit, []).append(each)
    return [*found.values()]


def _shared(connections: Iterable[Connection]) -> dict[str, list[str]]:
    """Return routers with more than one circuit, and the names of the connections."""
    routers: dict[str, list[Connection]] = {}
    for each in connections:
        if each.router is not None:
            routers.setdefault(each.router, []).append(each)
    return {
        router: [each.name for circuit in circuits for each in circuit]
        for router, group in routers.items()
        if len(circuits := _circuits(group)) > 1
    }


def _crowded(inventory: Inventory, peering: Peering) -> dict[str, list[str]]:
    """Return the routers of a peering that have more than one circuit, anywhere."""
    own = {each.router for each in peering.connections}
    everywhere = _shared(connection for _, connection in _all(inventory, peering.asn))
    return {router: names for router, names in everywhere.items() if router in own}
