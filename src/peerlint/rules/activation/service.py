"""Rules about the provider of a peering service, and where it has the prefix announced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Metro
from peerlint.results import SubjectName, phrase
from peerlint.rules._declare import Family, undeclared, unknown
from peerlint.rules.activation.locations import in_location
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.cells import Presence
from peerlint.rules.context import Context
from peerlint.rules.documents import SERVICE_REQUIREMENTS
from peerlint.rules.subjects import ObservedServicePrefix, ServicePrefixSubject
from peerlint.wording import listed

rule: Final = Family("S", step=4)


@rule(
    "activation.provider",
    "Provider is not known in a chosen location",
    step=3,
    needs=(Need.AZURE,),
    basis=("001, NOTE", "004", SERVICE_REQUIREMENTS),
    portal=("Peering service provider not found",),
)
def provider(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The provider is one that Microsoft lists, in the chosen locations.

    An Operator Connect partner is in the list as a provider of its own.

    What to do: select the provider as the portal spells it, and locations that it offers.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps provider=Fabrikam
        service-prefix 203.0.113.0/24

        provider Contoso Frankfurt
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24

        no provider
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
    """
    service, known = subject.service, context.inventory.providers
    if service.provider is None:
        return  # `activation.fields` reports it
    if not known:
        yield undeclared(f"whether Microsoft lists {service.provider}", "`[[provider]]`")
        return
    found, metros = context.index.providers.get(service.provider.casefold(), (None, frozenset()))
    if found is None:
        names = listed(known, text_of=lambda each: each.name)
        yield Problem(f"provider {service.provider}", f"one of {names}")
        return
    foreign = [
        location
        for location in (service.primary, service.backup)
        if location is not None and Metro(location) not in metros
    ]
    if foreign:
        yield Problem(
            phrase(f"{listed(foreign)}, which {found.name} does not offer", is_long=True),
            f"of {listed(found.locations) or 'none'}",
        )


@rule(
    "activation.location-alignment",
    "Prefix is not announced in a chosen location",
    step=6,
    needs=(Need.ROUTES,),
    basis=("001", "004", "customer-walkthrough.md"),
    word="location",
)
def location_alignment(
    subject: ObservedServicePrefix, context: Context
) -> Iterator[Problem | Unknown]:
    """The partner peers in the chosen locations, and announces the prefix there.

    Otherwise Microsoft's network does not carry the traffic to the chosen location.

    What to do: choose locations where the prefix is announced, or announce it there.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 198.51.100.0/24 path 64500

        registered 203.0.113.0/24
        service contoso-maps primary=Paris
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        coverage ams-1 none
    """
    for location in dict.fromkeys((subject.service.primary, subject.service.backup)):
        if location is None:
            continue
        cells = in_location(subject.cells, location)
        if any(cell.presence is Presence.PRESENT for cell in cells):
            continue
        unseen = not cells and Metro(location) in context.index.peered_in
        if unseen or any(cell.presence is Presence.UNKNOWN for cell in cells):
            yield Unknown(
                Need.ROUTES,
                unknown(phrase("whether ", SubjectName.PREFIX, f" is announced in {location}")),
                f"a whole dump of every session in {location}",
                about=location,
            )
        elif cells:
            yield Problem(
                phrase(SubjectName.PREFIX, f" on no session in {location}"),
                "it there",
                about=location,
            )
        else:
            yield Problem(f"no peering in {location}", "one there", about=location)
