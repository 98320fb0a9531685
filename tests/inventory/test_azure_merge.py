"""Merging an export into an inventory: matching, precedence, and remarks."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final

import attrs
import pytest

from peerlint.errors import ExportError
from peerlint.inventory import (
    Connection,
    Contact,
    Inventory,
    Key,
    PeerAsn,
    Peering,
    PeeringService,
    RegisteredAsn,
    RegisteredPrefix,
    ServicePrefix,
    Session,
)
from peerlint.inventory.azure import AzurePeering, Child, Export, ReceivedRoute, merge
from peerlint.inventory.peering import Role
from peerlint.model import Asn

_ASN: Final = PeerAsn("contoso", Asn(64500))
_SESSION: Final = Session(IPv4Address("192.0.2.1"), IPv4Address("192.0.2.0"))
_AMS: Final = Peering("contoso-ams", "maps", Asn(64500), "Amsterdam")
_LINE: Final = Connection("ams-1", "edge1.ams", Role.PRIMARY, 100_000, sessions=(_SESSION,))


def azure(name: str = "contoso-ams", *connections: Connection, **others: str) -> Export:
    """Return an export of one peering of AS64500."""
    peering = AzurePeering(name, peer_asn="contoso", connections=connections, **others)
    return Export(peerings=(peering,), peer_asns=(_ASN,))


def of_prefix(value: RegisteredPrefix, parent: str | None = "contoso-ams") -> Export:
    """Return an export of one registered prefix."""
    return Export(registered_prefixes=(Child(value, parent),))


def the_peering(inventory: Inventory, export: Export) -> Peering:
    """Return the only peering after the merge."""
    (peering,) = merge(inventory, export).inventory.peerings
    return peering


@pytest.mark.parametrize(
    ("network", "serves", "profile"),
    [
        ("Edge", True, "maps"),
        ("Edge", None, "direct"),
        ("Voice", True, "voice"),
        ("voice", None, "voice"),
        ("IxRs", True, "route-server"),
        ("SomethingNew", None, "direct"),
        (None, None, "direct"),
    ],
)
def test_profile_of_a_new_peering(network: str | None, serves: bool | None, profile: str) -> None:
    """The profile of a new peering is guessed from Microsoft's side and the services it carries."""
    peering = AzurePeering("p", asn=Asn(64500), network=network, peering_service=serves)

    assert profile == the_peering(Inventory(), Export(peerings=(peering,))).profile


def test_a_guess_is_for_new_peerings_only() -> None:
    """The profile of an existing peering is kept."""
    old = attrs.evolve(_AMS, profile="partner")

    assert "partner" == the_peering(Inventory((old,)), azure(network="Voice")).profile


@pytest.mark.parametrize(
    ("old", "new", "matched"),
    [
        # equal identifiers match, whatever the addresses
        (Connection("a", identifier="1"), Connection("", identifier="1"), True),
        (
            Connection("a", identifier="1", sessions=(_SESSION,)),
            Connection("", identifier="1", sessions=(Session(peer=IPv4Address("192.0.2.8")),)),
            True,
        ),
        # equal addresses of the partner match, unless identifiers differ
        (_LINE, Connection("", identifier="1", sessions=(_SESSION,)), True),
        (
            attrs.evolve(_LINE, identifier="2"),
            Connection("", identifier="1", sessions=(_SESSION,)),
            False,
        ),
        (_LINE, Connection("", sessions=(Session(peer=IPv4Address("192.0.2.8")),)), False),
        # connections without addresses match in order
        (Connection("a"), Connection("", state="PendingApproval"), True),
        (Connection("a", sessions=(Session(),)), Connection("", state="PendingApproval"), True),
        (_LINE, Connection("", state="PendingApproval"), False),
    ],
)
def test_matching_connections(old: Connection, new: Connection, matched: bool) -> None:
    """Connections match by identifier, by address, or because neither has an address."""
    inventory = Inventory((attrs.evolve(_AMS, connections=(old,)),))

    names = [each.name for each in the_peering(inventory, azure("contoso-ams", new)).connections]

    assert [old.name] if matched else [old.name, "contoso-ams-1"] == names


def test_merged_values_of_a_connection() -> None:
    """Azure's states are updated; router, role and values that Azure does not have are kept."""
    exported = Connection("", state="Active", identifier="1", sessions=(_SESSION,))
    inventory = Inventory((attrs.evolve(_AMS, connections=(_LINE,)),))

    (found,) = the_peering(inventory, azure("contoso-ams", exported)).connections

    assert attrs.evolve(_LINE, state="Active", identifier="1") == found


def test_a_renamed_peering() -> None:
    """A peering with another name in the inventory matches by a connection."""
    inventory = Inventory((attrs.evolve(_AMS, name="ams", connections=(_LINE,)),))
    exported = Connection("", state="Active", sessions=(_SESSION,))
    prefix = of_prefix(RegisteredPrefix("203.0.113.0/24"))
    export = attrs.evolve(
        azure("contoso-ams", exported), registered_prefixes=prefix.registered_prefixes
    )

    found = the_peering(inventory, export)

    assert ("ams", ["Active"]) == (found.name, [each.state for each in found.connections])
    assert ["203.0.113.0/24"] == [each.prefix for each in found.registered_prefixes]


def test_one_name_in_two_resource_groups() -> None:
    """The second peering gets the name `group/name`, and both match in the next import."""
    both = Export(
        peerings=tuple(
            AzurePeering("fra", resource_group=group, asn=Asn(64500)) for group in ("a", "b")
        )
    )

    once = merge(Inventory(), both).inventory

    assert ["fra", "b/fra"] == [each.name for each in once.peerings]
    assert once == merge(once, both).inventory


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # equal prefixes match, however they are written; other values are Azure's
        (
            RegisteredPrefix("203.0.113.0/24", "sbc", Asn(64501), state="Pending"),
            RegisteredPrefix("203.0.113.0/24", "sbc-1", key=Key("k"), state="Verified"),
            [
                RegisteredPrefix(
                    "203.0.113.0/24", "sbc-1", Asn(64501), None, (), Key("k"), "Verified"
                )
            ],
        ),
        # an error that Azure does not have any more is removed
        (
            RegisteredPrefix("203.0.113.0/24", "sbc", state="Failed", error="no community"),
            RegisteredPrefix("203.0.113.0/24", "sbc", state="Pending"),
            [RegisteredPrefix("203.0.113.0/24", "sbc", state="Pending")],
        ),
        # another prefix with the same name does not match
        (
            RegisteredPrefix("203.0.113.0/24", "sbc"),
            RegisteredPrefix("198.51.100.0/24", "sbc"),
            [RegisteredPrefix("203.0.113.0/24", "sbc"), RegisteredPrefix("198.51.100.0/24", "sbc")],
        ),
        # invalid prefixes match by their text
        (
            RegisteredPrefix("203.0.113.0-24"),
            RegisteredPrefix("203.0.113.0-24", state="Invalid"),
            [RegisteredPrefix("203.0.113.0-24", state="Invalid")],
        ),
    ],
)
def test_registered_prefixes(
    old: RegisteredPrefix, new: RegisteredPrefix, expected: list[RegisteredPrefix]
) -> None:
    """Registered prefixes match by the prefix."""
    inventory = Inventory((attrs.evolve(_AMS, registered_prefixes=(old,)),))

    assert expected == list(the_peering(inventory, of_prefix(new)).registered_prefixes)


def test_a_prefix_twice() -> None:
    """A prefix that Azure has twice is imported twice, and each matches by its name."""
    twice = Export(
        registered_prefixes=tuple(
            Child(RegisteredPrefix("203.0.113.0/24", name, state=name), "contoso-ams")
            for name in ("one", "two")
        )
    )
    once = merge(Inventory((_AMS,)), twice).inventory

    assert ["one", "two"] == [each.name for each in once.peerings[0].registered_prefixes]
    assert once == merge(once, twice).inventory


def test_registered_asns() -> None:
    """The customer's name in the inventory is kept; the key is Azure's."""
    customer = RegisteredAsn(Asn(64501), "Fabrikam")
    old = attrs.evolve(_AMS, profile="route-server", registered_asns=(customer,))
    exported = Child(RegisteredAsn(Asn(64501), "customer-a", Key("k")), "contoso-ams")

    found = the_peering(Inventory((old,)), Export(registered_asns=(exported,)))

    assert (RegisteredAsn(Asn(64501), "Fabrikam", Key("k")),) == found.registered_asns


def test_service_prefixes() -> None:
    """A service prefix is merged into its service, whose name is compared without case."""
    inventory = Inventory(peering_services=(PeeringService("Contoso-MAPS"),))
    exported = Child(ServicePrefix("203.0.113.0/24", state="Verified"), "contoso-maps")

    (service,) = merge(inventory, Export(service_prefixes=(exported,))).inventory.peering_services

    assert (exported.value,) == service.service_prefixes


@pytest.mark.parametrize(
    ("export", "remark"),
    [
        (
            of_prefix(RegisteredPrefix("198.51.100.0/24"), "contoso-lon"),
            "registered prefix 198.51.100.0/24 belongs to peering contoso-lon, which is in no "
            "file: ignored",
        ),
        (
            Export(registered_asns=(Child(RegisteredAsn(Asn(64501)), "ixp"),)),
            "registered ASN 64501 belongs to peering ixp, which is in no file: ignored",
        ),
        (
            Export(service_prefixes=(Child(ServicePrefix("203.0.113.0/24"), "maps"),)),
            "service prefix 203.0.113.0/24 belongs to peering service maps, which is in no file: "
            "ignored",
        ),
        (
            of_prefix(RegisteredPrefix("198.51.100.0/24")),
            "registered prefix 203.0.113.0/24 of peering contoso-ams: not in the export, "
            "left unchanged",
        ),
        (
            Export(received=(ReceivedRoute("203.0.113.0/24"),)),
            "1 received route: no part of an inventory, ignored; `peerlint check --received "
            "FILE` takes them",
        ),
        (
            azure("contoso-ams", Connection("", identifier="1")),
            "connection ams-1 of peering contoso-ams: not in the export, left unchanged",
        ),
    ],
)
def test_remarks(export: Export, remark: str) -> None:
    """There are remarks about ignored resources, and about values that the export lacks."""
    old = attrs.evolve(
        _AMS,
        connections=(_LINE,),
        registered_prefixes=(RegisteredPrefix("203.0.113.0/24"),),
    )

    assert (remark,) == merge(Inventory((old,)), export).remarks


def test_an_unknown_as() -> None:
    """A new peering needs an AS: the error names the peering and the export to provide."""
    with pytest.raises(ExportError) as caught:
        merge(Inventory(), attrs.evolve(azure(), peer_asns=()))

    assert (
        'the exports: peering "contoso-ams", key peerAsn: expected its AS number: give the export '
        "of `az peering asn list` too, found PeerAsn contoso, which is in no file"
        == str(caught.value)
    )


def test_one_unknown_as() -> None:
    """Other resources are imported; the peering, and what belongs to it, are in the remarks."""
    strange = AzurePeering(
        "partner-fra", "other", "net", peer_asn="AS64496", peer_asn_subscription="other"
    )
    export = azure("contoso-ams")
    both = attrs.evolve(
        export,
        peerings=(*export.peerings, strange),
        registered_prefixes=(
            Child(RegisteredPrefix("203.0.113.0/24"), "contoso-ams"),
            Child(RegisteredPrefix("198.51.100.0/24"), "partner-fra", "net", "other"),
            Child(RegisteredPrefix("198.18.0.0/24")),
        ),
    )

    merged = merge(Inventory(), both)
    (peering,) = merged.inventory.peerings

    assert ["203.0.113.0/24"] == [each.prefix for each in peering.registered_prefixes]
    assert (
        "peering partner-fra: expected its AS number, found PeerAsn AS64496, which is in no file: "
        "ignored; give the export of `az peering asn list` of its subscription too",
        "registered prefix 198.51.100.0/24 belongs to peering partner-fra, which is ignored: "
        "ignored",
        "registered prefix 198.18.0.0/24 belongs to a peering that is not named, which is in no "
        "file: ignored",
    ) == merged.remarks


@pytest.mark.parametrize(
    ("subscription", "asn"), [("a", 64500), ("A", 64500), ("b", 64501), (None, 64500)]
)
def test_one_name_in_two_subscriptions(subscription: str | None, asn: int) -> None:
    """A PeerAsn of the same name in another subscription is not used."""
    peer_asns = (
        PeerAsn("contoso", Asn(64500), subscription="a"),
        PeerAsn("contoso", Asn(64501), subscription="b"),
    )
    exported = AzurePeering("p", peer_asn="Contoso", peer_asn_subscription=subscription)
    export = Export(peerings=(exported,), peer_asns=peer_asns)

    once = merge(Inventory(), export).inventory
    backwards = attrs.evolve(export, peer_asns=peer_asns[::-1])

    assert [asn] == [each.asn for each in once.peerings]
    assert once == merge(once, backwards).inventory


def test_a_peer_asn_of_another_subscription_only() -> None:
    """The AS of a PeerAsn of another subscription is not used."""
    exported = AzurePeering("p", peer_asn="contoso", peer_asn_subscription="a")
    other = PeerAsn("contoso", Asn(64501), subscription="b")

    with pytest.raises(ExportError, match="of its subscription too, found PeerAsn contoso"):
        merge(Inventory(), Export(peerings=(exported,), peer_asns=(other,)))


def test_peerings_of_one_name_in_two_subscriptions() -> None:
    """Prefixes are merged into the peering of their subscription, also the second time."""
    export = Export(
        peerings=tuple(
            AzurePeering("fra", each, "net", asn=Asn(64500), location=each) for each in ("a", "b")
        ),
        registered_prefixes=tuple(
            Child(RegisteredPrefix(f"198.18.{number}.0/24"), "fra", "net", each)
            for number, each in enumerate(("a", "b"))
        ),
    )

    once = merge(Inventory(), export).inventory

    assert [("a", ["198.18.0.0/24"]), ("b", ["198.18.1.0/24"])] == [
        (each.location, [one.prefix for one in each.registered_prefixes]) for each in once.peerings
    ]
    assert once == merge(once, export).inventory


def test_a_role_that_an_export_lacks() -> None:
    """Contacts match by email and phone; a known role is kept, others stay unknown."""
    old = attrs.evolve(_ASN, contacts=(Contact("Noc", "noc@contoso.example", "1"),))
    exported = attrs.evolve(
        _ASN,
        contacts=(
            Contact(None, "noc@contoso.example", "1"),
            Contact(None, "new@contoso.example", "1"),
        ),
    )

    merged = merge(Inventory(peer_asns=(old,)), Export(peer_asns=(exported,))).inventory

    assert ["Noc", None] == [each.role for each in merged.peer_asns[0].contacts]


@pytest.mark.parametrize(
    ("network", "profile"), [(None, "route-server"), ("IxRs", "route-server"), ("Edge", "direct")]
)
def test_a_peering_that_registers_as_numbers(network: str | None, profile: str) -> None:
    """Only a route server registers AS numbers, which determines an unknown profile."""
    export = Export(
        peerings=(AzurePeering("rs", None, "net", asn=Asn(64500), network=network),),
        registered_asns=(Child(RegisteredAsn(Asn(64501)), "rs", "net"),),
    )

    assert profile == the_peering(Inventory(), export).profile


@pytest.mark.parametrize(
    ("profile", "what", "remark"),
    [
        (
            "maps",
            "registered_asns",
            "registered ASN 64501 of peering p: its profile is maps, expected "
            "[[peering.registered_prefix]]: only a route server registers AS numbers: ignored",
        ),
        (
            "route-server",
            "registered_prefixes",
            "registered prefix 203.0.113.0/24 of peering p: its profile is route-server, expected "
            "[[peering.registered_asn]]: a route server registers AS numbers: ignored",
        ),
        ("mine.toml", "registered_asns", None),
        ("mine.toml", "registered_prefixes", None),
    ],
)
def test_registrations_that_a_profile_does_not_allow(
    profile: str, what: str, remark: str | None
) -> None:
    """Registrations that would be mistakes in the file are ignored; the rest is imported."""
    values = {
        "registered_asns": RegisteredAsn(Asn(64501)),
        "registered_prefixes": RegisteredPrefix("203.0.113.0/24"),
    }
    old = Inventory((Peering("p", profile, Asn(64500)),))
    export = Export(**{what: (Child(values[what], "p"),)})  # type: ignore[arg-type]  # a row

    merged = merge(old, export)

    assert ((remark,) if remark else ()) == merged.remarks
    assert bool(remark) == (merged.inventory == old)


def test_an_as_that_the_inventory_knows() -> None:
    """The AS may come from the inventory's PeerAsn, or from the existing peering."""
    alone = attrs.evolve(azure(), peer_asns=())

    assert Asn(64500) == the_peering(Inventory(peer_asns=(_ASN,)), alone).asn
    assert Asn(64500) == the_peering(Inventory((_AMS,)), alone).asn
