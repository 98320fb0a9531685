"""Rules about what is left when something breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Metro, Peering, site
from peerlint.inventory.peering import Role
from peerlint.rules._declare import Need, Problem, Scope, Unknown, rule, unattested, undeclared
from peerlint.rules._inventory_index import ConnectionGroup
from peerlint.rules._subject import Context, InventorySubject, PeeringSubject
from peerlint.verdicts import Severity
from peerlint.wording import listed

_OTHERS: Final = ("000", "002", "003", "004")
_ONE: Final = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams"
_PAIR: Final = (
    "connection ams-1 bandwidth=100G provisioned_bandwidth=100G\n"
    "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
    "connection fra-1 bandwidth=10G provisioned_bandwidth=10G\n"
)
_FRA: Final = "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra"


@rule(
    "topology.min-connections",
    "Peering has too few connections",
    stages="T",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    basis=("000", "002", "003", "004", "001 implies it"),
    portal=("Provider has fewer than two sessions in its primary location (at activation)",),
    word="too few",
    fix='add a connection on another router, with "Use for Peering Service" enabled',
    fires_on=(_ONE, f"{_ONE}\nsession ams-2 edge2.ams\nconnection ams-2 peering_service=false"),
    silent_on=("", f"{_ONE}\npeering contoso-ams profile=route-server network=IxRs"),
)
def min_connections(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A peering has at least two connections that carry the service.

    At a route server one is enough: Microsoft builds a mesh of sessions from it. Connections are
    counted as Azure counts them; whether two of them are one circuit, `topology.local-redundancy`
    asks.
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
    stages="T",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    basis=("000", "001", "002", "003", "004", "faqs.md"),
    texts=(
        "002, requirements: redundant interconnects at each location",
        "002, NOTE: one connection, from which Microsoft builds a mesh of sessions",
    ),
    word="not redundant",
    fix="order a second interconnect in the metro",
    fires_on=(
        _ONE,
        f"{_ONE}\n{_FRA}",
        "connection ams-1 circuit=X1\nconnection ams-2 circuit=X1",
    ),
    silent_on=(
        "",
        f"{_ONE}\npeering contoso-ams-2 maps 64500 Amsterdam\nsession ams-2 edge2.ams",
        "connection ams-1 circuit=X1\nconnection ams-2 circuit=X2",
    ),
)
def local_redundancy(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """Every location in use has at least two interconnects, over all peerings of the AS there.

    Two in the same building and two in different buildings of the metro both count. Connections
    that name the same `circuit` in the inventory are one: what cuts one of them cuts the others. At
    a route server it is a warning: the sessions of the mesh are not in the resource.
    """
    mild = context.profile == "route-server"
    for place, group in _alone(subject.peering, context).items():
        names = listed(group.connections, spelled=lambda each: each.name)
        of_one = f" ({names}: one circuit)" if len(group.connections) > 1 else ""
        yield Problem(
            f"found 1 interconnect of AS{subject.peering.asn} in {place}{of_one}, "
            "wanted at least 2",
            severity=Severity.WARNING if mild else None,
            about=place,
        )


@rule(
    "topology.router-diversity",
    "Connections of a location end on one router",
    stages="T",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.ATTESTATION,),
    basis=(*_OTHERS, "peering-service-prefix-requirements.md"),
    texts=(
        "000, 002, 003, 004: no two connections of a location on one router",
        "001: one router for each circuit, everywhere",
    ),
    word="one router",
    fix="move one of the connections to another router",
    fires_on=("connection ams-2 router=edge1.ams",),
    silent_on=(
        "",
        "connection ams-2 router=",
        f"{_ONE}\nsession ams-2 edge2.ams\n{_FRA}",
        "connection ams-1 circuit=X1\nconnection ams-2 circuit=X1 router=edge1.ams",
    ),
)
def router_diversity(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """No two connections of one location end on the same router of yours.

    Azure does not know your routers, so they stand in the inventory. Connections that name the same
    `circuit` there are one, and end where it ends; that one circuit is no redundancy,
    `topology.local-redundancy` says. A router that only other peerings of the location end on
    is reported with these.
    """
    mild = context.profile == "route-server" and len(subject.peering.connections) == 1
    if context.profile == "partner" and _crowded(context, subject.peering):
        return  # the stricter rule of 001 says it: `topology.router-circuit-ratio`
    for place, group in _by_metro(context, subject.peering).items():
        if group.circuits < 2:
            continue
        if group.without_router:
            yield unattested(f"the router of {listed(group.without_router)}", "`router`")
        for router, names in _own(group.shared_routers, subject.peering).items():
            yield Problem(
                f"found {listed(names)} of {place} on {router}, wanted a router for each",
                severity=Severity.WARNING if mild else None,
                about=f"{place} {router}",
            )


@rule(
    "topology.router-circuit-ratio",
    "A router has more than one circuit",
    stages="T",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.ATTESTATION,),
    basis=("001",),
    texts=(
        "001: a ratio of 1:1 of peering routers to peering circuits",
        "000, 002, 003, 004: no two connections of a location on one router",
    ),
    word="not 1:1",
    fix="move each circuit to a router of its own",
    fires_on=("peering contoso-ams profile=partner\nconnection ams-2 router=edge1.ams",),
    silent_on=(
        "peering contoso-ams profile=partner",
        "peering contoso-ams profile=partner\nconnection ams-2 router=",
        "connection ams-2 router=edge1.ams",
    ),
)
def router_circuit_ratio(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Each circuit to Microsoft has a router of its own, over all locations.

    A circuit is a connection with all links of its bundle. Connections that name the same
    `circuit` in the inventory are one, here and for local redundancy.
    """
    unnamed = [each.name for each in subject.peering.connections if each.router is None]
    if unnamed:
        yield unattested(f"the router of {listed(unnamed)}", "`router`")
    for router, names in _crowded(context, subject.peering).items():
        yield Problem(
            f"found {listed(names)} on {router}, wanted one circuit for each router",
            about=router,
        )


@rule(
    "topology.backup-not-local",
    "Backup lies where its primary does",
    stages="T",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.ATTESTATION,),
    basis=_OTHERS,
    word="local backup",
    fix="make the local connection primary too",
    fires_on=("connection ams-2 role=backup",),
    silent_on=(
        "",
        "connection ams-1 role=",
        f"{_FRA}\nconnection fra-1 role=backup\npeering contoso-ams maps 64500 Amsterdam\n"
        "session ams-1 edge1.ams",
    ),
)
def backup_not_local(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Inside one location all connections are active; a backup lies in another one."""
    for place, group in _by_metro(context, subject.peering).items():
        if len(group.connections) < 2:
            continue
        if group.without_role:
            yield unattested(f"the role of {listed(group.without_role)}", "`role`")
        if group.backups and len(group.backups) < len(group.connections):
            yield Problem(
                f"found {listed(group.backups)} as backup in {place}, where a primary is too; "
                "wanted all connections of a location active",
                about=place,
            )


@rule(
    "topology.active-active",
    "A session is provisioned as standby",
    stages="T",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.ATTESTATION,),
    basis=("001",),
    texts=(
        "001, requirements: all sessions active/active, never primary and backup",
        "001, Activate: choose a primary and a backup location; other documents allow a remote "
        "backup",
    ),
    word="standby",
    fix="provision every session as active",
    fires_on=("peering contoso-ams profile=partner\nconnection ams-2 role=backup",),
    silent_on=(
        "peering contoso-ams profile=partner",
        "peering contoso-ams profile=partner\nconnection ams-2 role=",
    ),
)
def active_active(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """All sessions are active, in all locations.

    Which location is primary and which is backup for a prefix is chosen at activation; that is
    routing inside Microsoft's network and no role of a session.
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
    stages="T",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=(*_OTHERS, "faqs.md"),
    word="bandwidths differ",
    fix="bring all connections to the bandwidth of the largest",
    fires_on=(
        "connection ams-2 bandwidth=10G provisioned_bandwidth=10G",
        "connection ams-2 provisioned_bandwidth=10G",
        f"{_PAIR}service contoso-maps primary=Amsterdam backup=Frankfurt",
        f"{_PAIR}connection fra-1 role=backup",
    ),
    silent_on=(
        "",
        "connection ams-2 bandwidth= provisioned_bandwidth=",
        f"{_PAIR}service contoso-maps primary=Amsterdam backup=London",
    ),
)
def bandwidth_equal(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Primary, backup and redundant connections have the same bandwidth.

    Those of one peering have, and those of the metros that a peering service uses as primary and
    backup, and a connection that is declared to be a backup elsewhere. What counts is what was
    ordered, and for connections in service what is provisioned.
    """
    standing = context.index.standby.of(subject.peering)
    unsaid = standing.undeclared
    if unsaid.total and standing.size > 1:
        names = listed([name for name, _ in unsaid.first], more=unsaid.total - len(unsaid.first))
        yield undeclared(f"the bandwidth of {names}", "`bandwidth`")
    for which, said in standing.declared.items():
        if len(said.values) > 1:
            found = [f"{name} {mbits:,} Mbit/s" for name, mbits in said.first]
            bandwidths = listed(found, more=said.total - len(found))
            what = which.value
            yield Problem(f"found {bandwidths} ({what}), wanted the same for all", about=what)


@rule(
    "topology.geo-redundancy",
    "All peerings lie in one metro",
    stages="T",
    step=4,
    severity=Severity.WARNING,
    scope=Scope.INVENTORY,
    basis=("001", "000, 002, 003 and 004 recommend it", "faqs.md"),
    texts=(
        "001, requirements: geo redundancy must be in place",
        "000, 002, 003, 004: it is recommended; faqs.md: must support it",
    ),
    strict=Severity.WARNING,
    word="one metro",
    fix="create a peering in a second metro of the same region",
    fires_on=(
        "",
        f"{_ONE}\npeering contoso-ams geo_region=Europe\n"
        "peering contoso-iad maps 64500 Ashburn\nsession iad-1 edge1.iad\n"
        "peering contoso-iad geo_region=America",
        f"{_ONE}\n{_FRA}\npeering contoso-fra geo_region=",
    ),
    silent_on=(
        f"{_ONE}\n{_FRA}\npeering contoso-ams geo_region=Europe\n"
        "peering contoso-fra geo_region=Europe",
    ),
)
def geo_redundancy(subject: InventorySubject, context: Context) -> Iterator[Problem]:
    """An AS peers in at least two metros of one part of the world.

    A second metro only in another part is too far away to take over: a warning. Where the
    inventory does not say `geo_region`, metros are counted wherever they are, and that is said. A
    peering without connections is in no metro.
    """
    peerings = subject.inventory.peerings
    own = (each.asn for each in peerings if each.profile == subject.peering.profile)
    for asn in dict.fromkeys(own):
        regions: dict[str | None, set[Metro]] = {}
        for each, connection in context.index.connections.get(asn, ()):
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


def _by_metro(context: Context, peering: Peering) -> dict[str, ConnectionGroup]:
    """Return the connections of an AS in each metro that a peering has connections in."""
    places = dict.fromkeys(site(peering, each) for each in peering.connections)
    known = context.index.metros.get(peering.asn, {})
    return {place.name: known.get(place, ConnectionGroup()) for place in sorted(places, key=str)}


def _alone(peering: Peering, context: Context) -> dict[str, ConnectionGroup]:
    """Return the metros of a peering where its AS has one circuit only, with its connections."""
    groups = _by_metro(context, peering)
    return {place: group for place, group in groups.items() if group.circuits == 1}


def _crowded(context: Context, peering: Peering) -> dict[str, list[str]]:
    """Return the routers of a peering that have more than one circuit, anywhere."""
    return _own(context.index.shared_routers.get(peering.asn, {}), peering)


def _own(routers: dict[str, list[str]], peering: Peering) -> dict[str, list[str]]:
    """Return those of some routers that a peering's connections end on."""
    own = dict.fromkeys(each.router for each in peering.connections)
    return {each: routers[each] for each in own if each is not None and each in routers}
