"""Rules about redundancy: connections, circuits and routers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.observations import ROUTE_SERVER
from peerlint.results import Severity, SubjectName, phrase
from peerlint.rules._declare import Family, unattested
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.documents import ALL
from peerlint.rules.subjects import PeeringSubject
from peerlint.rules.topology.circuits import (
    by_metro,
    crowded_routers,
    own_routers,
    with_one_circuit,
)
from peerlint.wording import listed

rule: Final = Family("T", step=4)


@rule(
    "topology.min-connections",
    "Peering has too few connections",
    basis=("000", "002", "003", "004", "001 implies it"),
    portal=("Provider has fewer than two sessions in its primary location (at activation)",),
    word="too few",
)
def min_connections(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A peering has at least two connections that carry the service.

    At a route server one is enough, because Microsoft builds a mesh of sessions from it.
    Connections are counted as Azure counts them; `topology.local-redundancy` checks whether two of
    them are one circuit.

    What to do: add a connection on another router, with "Use for Peering Service" enabled.

    Fires:
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        connection ams-2 peering_service=false

    Silent:
        # the default scenario, unchanged

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-ams profile=route-server network=IxRs
    """
    carrying = [each for each in subject.peering.connections if each.peering_service is not False]
    least = context.set_up.min_connections
    if len(carrying) < least:
        # 001 only implies the number; `topology.local-redundancy` checks what it says.
        mild = context.profile == "partner" and not with_one_circuit(subject.peering, context)
        others = [each.name for each in subject.peering.connections if each not in carrying]
        left_out = f"not used for Peering Service: {listed(others)}" if others else None
        yield Problem(
            phrase(
                *(f"{len(carrying)} of the connections of ", SubjectName.PEERING),
                " to carry the service",
            ),
            f"at least {least}",
            hint=left_out,
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

    They may be in the same building or in different buildings of the metro. Connections that name
    the same `circuit` in the inventory count as one, because they fail together. At a route server
    the rule gives a warning, because the Azure resource does not have the sessions of the mesh.

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
        # the default scenario, unchanged

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        peering contoso-ams-2 maps 64500 Amsterdam
        session ams-2 edge2.ams

        connection ams-1 circuit=X1
        connection ams-2 circuit=X2
    """
    mild = context.profile == ROUTE_SERVER
    for location, group in with_one_circuit(subject.peering, context).items():
        names = listed(group.connections, text_of=lambda each: each.name)
        of_one = f" ({names}: one circuit)" if len(group.connections) > 1 else ""
        yield Problem(
            f"1 interconnect of AS{subject.peering.asn} in {location}{of_one}",
            "at least 2",
            severity=Severity.WARNING if mild else None,
            about=location,
        )


@rule(
    "topology.router-diversity",
    "Connections of a location end on one router",
    needs=(Need.ATTESTATION,),
    basis=("000", "002", "003", "004", "peering-service-prefix-requirements.md"),
    texts=(
        "000, 002, 003, 004: no two connections of a location on one router",
        "001: one router for each circuit, everywhere",
    ),
    word="one router",
)
def router_diversity(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """No two connections of one location end on the same router of yours.

    Azure does not know your routers, so the inventory has to declare them. Connections that name
    the same `circuit` count as one; `topology.local-redundancy` checks that there is more than one
    circuit. A router on which only connections of other peerings end is reported with those
    peerings.

    What to do: move one of the connections to another router.

    Fires:
        connection ams-2 router=edge1.ams

    Silent:
        # the default scenario, unchanged

        connection ams-2 router=

        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra

        connection ams-1 circuit=X1
        connection ams-2 circuit=X1 router=edge1.ams
    """
    mild = context.profile == ROUTE_SERVER and len(subject.peering.connections) == 1
    if context.profile == "partner" and crowded_routers(context, subject.peering):
        return  # the stricter rule of 001 reports it: `topology.router-circuit-ratio`
    for location, group in by_metro(context, subject.peering).items():
        if group.circuits < 2:
            continue
        if group.without_router:
            yield unattested(f"the router of {listed(group.without_router)}", "`router`")
        for router, names in own_routers(group.shared_routers, subject.peering).items():
            yield Problem(
                f"{listed(names)} of {location} on {router}",
                "a router for each",
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
    `circuit` in the inventory count as one, as they do for local redundancy.

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
    for router, names in crowded_routers(context, subject.peering).items():
        yield Problem(
            f"{listed(names)} on {router}",
            "one circuit for each router",
            about=router,
        )
