"""Rules about the partner's own AS number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.iana import AsnClass, asn_class
from peerlint.inventory import PeerAsn, Peering
from peerlint.registry import SourceKind
from peerlint.results import Severity, SubjectName, clause
from peerlint.rules._declare import Family, undeclared, unknown
from peerlint.rules._registry_data import RegistryData
from peerlint.rules._registry_texts import delegation_text
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.asn.peeringdb import profile_answers
from peerlint.rules.asn.registration import unheld
from peerlint.rules.context import Context
from peerlint.rules.documents import ALL
from peerlint.rules.subjects import PeeringSubject
from peerlint.wording import listed

rule: Final = Family("A", step=5)

_ASSOCIATE: Final = "howto-subscription-association-portal.md"


@rule(
    "asn.public",
    "AS number is not public",
    basis=ALL,
    word="not public",
)
def public(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """The AS that announces to AS8075 has a number that a registry can assign.

    Private, reserved and documentation numbers do not count.

    What to do: use a public AS number that your registry assigned to you.

    Fires:
        peering contoso-ams asn=64512

        peering contoso-ams asn=23456

    Silent:
        # the default scenario, unchanged
    """
    asn = subject.peering.asn
    if not is_public(asn, context):
        yield Problem(f"AS{asn} ({asn_class(asn)})", "a public AS number")


@rule(
    "asn.own",
    "AS number is not known to be the partner's own",
    severity=Severity.WARNING,
    needs=(Need.IRR, Need.ATTESTATION),
    basis=ALL,
    word="whose ASN",
)
def own(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The partner's AS is its own: the registry names the partner as its holder.

    The files of the regional registries show whether anybody holds a number, but not who: it is a
    warning if they list the number as reserved or available; otherwise an attestation decides.

    What to do: check the holder of the AS in the registry, then attest asn.own.

    Fires:
        delegated RIPE 64500 available

        attest asn.own contoso-ams no

    Silent:
        attest asn.own contoso-ams

        delegated RIPE 64500 allocated

        # the default scenario, unchanged
    """
    asn, data = subject.peering.asn, context.registry_data
    against = None if data is None else unheld(data, asn)
    if against is not None:
        yield Problem(
            clause(f"AS{asn} is {delegation_text(against)}: nobody holds it"),
            "a number that a registry assigned to you",
        )
        return
    known = "" if data is None else "; ".join(_known_of(data, asn))
    yield Unknown(
        Need.IRR if data is None else Need.ATTESTATION,
        clause(unknown(f"who holds AS{asn}"), f" ({known})" if known else ""),
        "registry data (delegated files), or an attestation" if data is None else "an attestation",
    )


def _known_of(data: RegistryData, asn: int) -> Iterator[str]:
    """Yield what registries say of an AS, which is not the name of its holder."""
    delegation = next(iter(data.delegations(asn)), None)
    if delegation is not None and delegation.status.is_delegated:
        yield f"the number is {delegation_text(delegation)}"
    network = data.network(asn)
    if network is not None:
        yield f"PeeringDB names it {network.name!r}"


@rule(
    "asn.associated",
    "AS number is not associated with the subscription",
    needs=(Need.AZURE,),
    basis=ALL,
    portal=("(a pending ASN gives an error when it is selected)",),
    word="not associated",
)
def associated(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A PeerAsn resource for the AS exists, and the peering refers to it.

    What to do: associate the AS with the subscription, then create the peering with it.

    Fires:
        peer-asn contoso64500 asn=64501

        peering contoso-ams peer_asn=fabrikam

    Silent:
        # the default scenario, unchanged

        peering contoso-ams peer_asn=

        no peer-asn
    """
    peering, known = subject.peering, context.inventory.peer_asns
    if not known:
        yield undeclared(f"whether AS{peering.asn} is associated", "`[[peer_asn]]`")
        return
    found = associated_with(context, peering)
    if not found:
        names = listed(known, text_of=lambda each: f"{each.name} (AS{each.asn})")
        yield Problem(names, f"a PeerAsn of AS{peering.asn}")
    elif peering.peer_asn is not None and peering.peer_asn not in [each.name for each in found]:
        yield Problem(
            clause(SubjectName.PEERING, f" refers to {peering.peer_asn}", is_long=False),
            f"a PeerAsn of AS{peering.asn}: {listed(each.name for each in found)}",
        )


@rule(
    "asn.approved",
    "Associated AS number is not approved",
    needs=(Need.AZURE,),
    basis=(_ASSOCIATE, "howto-direct-portal.md"),
    word="not approved",
)
def approved(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """An associated AS is approved before a peering uses it; Microsoft takes up to 12 hours.

    What to do: wait up to 12 hours for the approval, or read the PeerAsn's error message.

    Fires:
        peer-asn contoso64500 state=Pending

        peer-asn contoso64500 state=Failed

    Silent:
        # the default scenario, unchanged

        peer-asn contoso64500 state=
    """
    found = associated_with(context, subject.peering)
    without_state = [each.name for each in found if each.state is None]
    if without_state or not found:
        named = listed(without_state) or f"the PeerAsn of AS{subject.peering.asn}"
        yield undeclared(f"the state of {named}", "`state` of `[[peer_asn]]`")
    for each in found:
        if each.state is not None and each.state.casefold() != "approved":
            error = f": {each.error}" if each.error else ""
            yield Problem(f"{each.name} {each.state}{error}", "Approved", about=each.name)


@rule(
    "asn.peeringdb-profile",
    "PeeringDB profile is not known to be complete",
    severity=Severity.WARNING,
    needs=(Need.PEERINGDB, Need.ATTESTATION),
    basis=("policy.md", "prerequisites.md"),
    word="PeeringDB",
)
def peeringdb_profile(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The PeeringDB profile has a 24-hour NOC contact with phone, and the facilities.

    The mail address of the NOC is in the company's domain, and the profile is up to date. Files of
    PeeringDB that were fetched without a login have public contacts only: that they have no NOC
    contact leaves it open. Whether the NOC is staffed is `ops.noc-24x7`.

    What to do: complete the PeeringDB profile, then attest asn.peeringdb-profile.

    Fires:
        registry peeringdb

        peeringdb net 64500 Contoso
        peeringdb contact 64500 NOC contoso.example phone

        peeringdb net 64500 Contoso
        peeringdb facility 64500 58
        peeringdb contact 64500 NOC contoso.example

        attest asn.peeringdb-profile contoso-ams no

    Silent:
        peeringdb net 64500 Contoso
        peeringdb facility 64500 58
        peeringdb contact 64500 NOC contoso.example phone

        attest asn.peeringdb-profile contoso-ams

        # the default scenario, unchanged
    """
    asn, data = subject.peering.asn, context.registry_data
    if data is None or not data.has(SourceKind.PEERINGDB):
        yield Unknown(
            Need.PEERINGDB,
            unknown(f"whether the profile of AS{asn} is complete"),
            "PeeringDB's data, or an attestation",
        )
    else:
        yield from profile_answers(data, asn)


@rule(
    "asn.peer-name",
    "Peer name may not be accepted",
    severity=Severity.INFO,
    needs=(Need.AZURE,),
    basis=(_ASSOCIATE, "howto-subscription-association-powershell.md"),
)
def peer_name(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The peer name is as close as possible to the name in PeeringDB.

    PowerShell accepts letters and blanks only.

    What to do: use the name of the PeeringDB profile, with letters and blanks only.

    Fires:
        peer-asn contoso64500 peer_name=Contoso-1

    Silent:
        # the default scenario, unchanged

        peer-asn contoso64500 peer_name=
    """
    found = associated_with(context, subject.peering)
    if not found or any(each.peer_name is None for each in found):
        yield undeclared("the peer name of the PeerAsn", "`peer_name` of `[[peer_asn]]`")
    for each in found:
        if each.peer_name is not None and not re.fullmatch(r"[A-Za-z ]+", each.peer_name):
            yield Problem(
                f"{each.peer_name!r} of {each.name}",
                "letters and blanks",
                about=each.name,
            )


@rule(
    "asn.noc-contact",
    "AS number has no NOC contact",
    severity=Severity.WARNING,
    needs=(Need.AZURE,),
    basis=(_ASSOCIATE,),
    word="no NOC",
)
def noc_contact(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A PeerAsn has a NOC contact with mail address and phone number.

    Whether the resource provider Microsoft.Peering is registered in the subscription is not
    checked: without it there would be no PeerAsn.

    What to do: add a contact with the role Noc, mail and phone to the PeerAsn.

    Fires:
        peer-asn contoso64500 noc=

        peer-asn contoso64500 noc=noc@contoso.example

    Silent:
        # the default scenario, unchanged

        no peer-asn
    """
    found = associated_with(context, subject.peering)
    if not found:
        yield undeclared("the contacts of the PeerAsn", "`[[peer_asn.contact]]`")
    for each in found:
        nocs = [contact for contact in each.contacts if (contact.role or "").casefold() == "noc"]
        whole = [contact for contact in each.contacts if contact.email and contact.phone]
        if not any(one in whole for one in nocs):
            if any(one.role is None for one in whole):
                unknown_role = undeclared(f"the role of a contact of {each.name}", "its `role`")
                yield attrs.evolve(unknown_role, about=each.name)
                continue
            lacks = "one without mail or phone" if nocs else "none"
            yield Problem(
                f"{lacks} of {each.name}",
                "a NOC contact with mail and phone",
                about=each.name,
            )


def is_public(asn: int, context: Context) -> bool:
    """Return whether an AS number is public, or counts as public in the lab of an inventory."""
    kind = asn_class(asn)
    return kind is AsnClass.PUBLIC or kind in context.criteria.allow


def associated_with(context: Context, peering: Peering) -> list[PeerAsn]:
    """Return the PeerAsn resources of a peering's AS."""
    return context.index.peer_asns.get(peering.asn, [])
