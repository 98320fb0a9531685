"""Rules about redundancy between connections: roles, equal bandwidth, and a second metro."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Metro, site
from peerlint.inventory.peering import Role
from peerlint.results import Severity, phrase
from peerlint.rules._declare import Family, unattested, undeclared
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.subjects import InventorySubject, PeeringSubject
from peerlint.rules.topology.circuits import by_metro
from peerlint.wording import listed

rule: Final = Family("T", step=4)


@rule(
    "topology.backup-not-local",
    "Backup lies where its primary does",
    needs=(Need.ATTESTATION,),
    basis=("000", "002", "003", "004"),
    word="local backup",
)
def backup_not_local(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """All connections of one location are active; a backup connection is in another location.

    What to do: make the local connection primary too.

    Fires:
        connection ams-2 role=backup

    Silent:
        # the default scenario, unchanged

        connection ams-1 role=

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        connection fra-1 role=backup
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
    """
    for location, group in by_metro(context, subject.peering).items():
        if len(group.connections) < 2:
            continue
        if group.without_role:
            yield unattested(f"the role of {listed(group.without_role)}", "`role`")
        if group.backups and len(group.backups) < len(group.connections):
            yield Problem(
                phrase(
                    f"{listed(group.backups)} as backup in {location}, where a primary is too",
                    is_long=True,
                ),
                "all connections of a location active",
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

    The primary and the backup location of a prefix are chosen at activation. This choice is about
    routing inside Microsoft's network; it is not a role of a session.

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
    without_role = [each.name for each in connections if each.role is None]
    if without_role:
        yield unattested(f"the role of {listed(without_role)}", "`role`")
    backups = [each.name for each in connections if each.role is Role.BACKUP]
    if backups:
        yield Problem(f"{listed(backups)} as backup", "all sessions active")


@rule(
    "topology.bandwidth-equal",
    "Connections differ in bandwidth",
    needs=(Need.AZURE,),
    basis=("000", "002", "003", "004", "faqs.md"),
    word="bandwidths differ",
)
def bandwidth_equal(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Primary, backup and redundant connections have the same bandwidth.

    This applies to the connections of one peering, to the connections in the primary and the backup
    metro of a peering service, and to a connection that is declared as a backup elsewhere. Both the
    ordered bandwidth and, for connections in service, the provisioned bandwidth are compared.

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
        # the default scenario, unchanged

        connection ams-2 bandwidth= provisioned_bandwidth=

        connection ams-1 bandwidth=100G provisioned_bandwidth=100G
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        connection fra-1 bandwidth=10G provisioned_bandwidth=10G
        service contoso-maps primary=Amsterdam backup=London
    """
    compared = context.index.standby.of(subject.peering)
    sample = compared.undeclared
    if sample.total and compared.size > 1:
        names = listed([name for name, _ in sample.first], more=sample.total - len(sample.first))
        yield undeclared(f"the bandwidth of {names}", "`bandwidth`")
    for which, sample in compared.declared.items():
        if len(sample.values) > 1:
            found = [f"{name} {mbits:,} Mbit/s" for name, mbits in sample.first]
            bandwidths = listed(found, more=sample.total - len(found))
            what = which.value
            yield Problem(f"{bandwidths} ({what})", "the same for all", about=what)


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
def geo_redundancy(subject: InventorySubject, context: Context) -> Iterator[Problem]:
    """An AS peers in at least two metros of one region of the world.

    A second metro in another region only is too far away to take over: this is a warning. If the
    inventory does not declare `geo_region` for every peering, metros count whatever their region,
    and the message says so. A peering without connections is in no metro.

    What to do: create a peering in a second metro of the same region.

    Fires:
        # the default scenario, unchanged

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
        for each, connection in context.index.connections.get(asn, ()):
            region = None if each.geo_region is None else each.geo_region.casefold()
            regions.setdefault(region, set()).add(site(each, connection))
        metros = set[Metro]().union(*regions.values())
        if any(len(each) > 1 for region, each in regions.items() if region is not None):
            continue
        found = f"AS{asn} in {listed(sorted(map(str, metros))) or 'no metro'}"
        if len(metros) < 2:
            yield Problem(found, "at least two metros", about=f"AS{asn}")
        elif None not in regions:
            yield Problem(
                found,
                "at least two metros of one region",
                severity=Severity.WARNING,
                about=f"AS{asn}",
            )
        else:
            yield Problem(
                found,
                hint="whether two of them are of one region is not known, for not every "
                "peering has `geo_region`: counted as if they were",
                severity=Severity.INFO,
                about=f"AS{asn}",
            )
