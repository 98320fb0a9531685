"""Write an inventory to start from: the tables that a profile needs, with a comment on each key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.display import displayed, toml_string
from peerlint.inventory.peering import PROFILES
from peerlint.observations import ROUTE_SERVER
from peerlint.profiles import Profile

#: The column in which the comment after a key and its value begins.
_WIDTH: Final = 40
_HEAD: Final = """\
# An inventory for peerlint: what you declare to Microsoft.
# Profile {name}: {title}, source document {source}.
#
# 1. Fill in what is in <angle brackets>, and the AS number{s}.
# 2. Remove the "# " in front of a key to declare it. What is not declared is not checked.
#    `peerlint import azure FILE... -o THIS_FILE` fills in what Azure knows.
# 3. peerlint check THIS_FILE --rib edge1=edge1.mrt.gz
"""


def template(profile: Profile) -> str:
    """Return an inventory file for a profile, with a comment on each key.

    It is valid as it is, and also if the reader removes the comment marks before keys. Keys whose
    values Azure shows are commented out, so that the file claims nothing that nobody looked up.

    Args:
        profile: the profile; the file has its `name` as the value of `profile`.
    """
    return "".join(f"{line}\n" for line in _lines(profile))


def _lines(profile: Profile) -> Iterator[str]:
    is_route_server = profile.base == ROUTE_SERVER
    yield _HEAD.format(
        name=displayed(profile.name),
        title=displayed(profile.title),
        source=displayed(profile.source),
        s="s" if is_route_server else "",
    )
    yield "# Dumps to read when the command line names none, relative to this file."
    yield '# ribs = ["edge1=edge1.mrt.gz", "edge2=edge2.mrt.gz"]'
    yield ""
    yield from _peering(profile)
    for number in range(1, profile.set_up.min_connections + 1):
        yield from _connection(number, profile)
    yield from _registered_asn() if is_route_server else _registered_prefix()
    yield from _statements()
    yield from _maintenance()
    yield ""
    yield "# Addresses and AS numbers of documentation count as public, for labs and examples."
    yield "# [lab]"
    yield '# allow = ["documentation"]'


def _key(key: str, value: str, comment: str, *, is_declared: bool = False) -> str:
    pair = f"{'' if is_declared else '# '}{key} = {value}"
    return f"{pair:<{_WIDTH}}# {comment}"


def _peering(profile: Profile) -> Iterator[str]:
    shipped = profile.name in PROFILES
    yield "[[peering]]"
    yield _key("name", '"my-peering"', "of the Azure resource", is_declared=True)
    yield _key(
        "profile",
        toml_string(profile.name),
        "which of Microsoft's documents you follow" if shipped else "relative to this file",
        is_declared=True,
    )
    yield _key("asn", "64500", "yours: the AS that announces to AS8075", is_declared=True)
    yield _key("location", '"<metro>"', "as Azure spells it", is_declared=True)
    yield _key("geo_region", '"Europe"', "for geo-redundancy")
    yield "# As Azure shows it:"
    yield _key("kind", '"Direct"', "the peering type")
    yield _key("network", f'"{profile.set_up.network}"', "Microsoft's side (directPeeringType)")
    yield _key("sku", '"Premium_Direct_Free"', "the SKU")
    yield _key("provisioning_state", '"Succeeded"', "of the resource")
    yield _key("peer_asn", '"my-asn"', "the PeerAsn resource that it refers to")


def _connection(number: int, profile: Profile) -> Iterator[str]:
    provider = profile.set_up.address_provider or "Microsoft"
    yield ""
    yield "[[peering.connection]]"
    yield _key("name", f'"link-{number}"', "unique in this file", is_declared=True)
    yield _key("router", f'"<router {number}>"', "yours, at its end", is_declared=True)
    yield _key("role", '"primary"', 'or "backup"')
    yield _key("bandwidth", '"100G"', "or Mbit/s")
    yield _key("state", '"Active"', "Azure's connection state")
    yield _key("address_provider", f'"{provider}"', "who gives the session's addresses")
    yield _key("peering_service", "true", '"Use for Peering Service"')
    yield _key("facility", "58", "the building, by its number in PeeringDB")
    yield _key("lacp", "true", "whether your end runs LACP")
    yield _key("bfd", "true", "whether it is configured and up")
    yield _key("stateful_firewall", "false", "whether it ends on a stateful firewall")
    yield _key("rate_limit", "false", "whether its rate is limited")
    yield ""
    yield "[[peering.connection.session]]"
    addresses = f"192.0.2.{2 * number - 1}", f"192.0.2.{2 * number - 2}"
    yield _key("microsoft", f'"{addresses[0]}"', "Microsoft's address")
    yield _key("peer", f'"{addresses[1]}"', "yours")
    yield _key("egress", '"as-is"', "if export policy changes nothing")
    yield _key("max_prefix", "2000", "your limit of routes from Microsoft; 0 for none")
    yield _key("md5_set", "true", "whether there is an MD5 key")


def _registered_prefix() -> Iterator[str]:
    yield ""
    yield "# One table for each prefix that you register."
    yield "[[peering.registered_prefix]]"
    yield _key("prefix", '"<prefix>"', "as it goes into the portal", is_declared=True)
    yield _key("name", '"my-prefix"', "of the resource")
    yield _key("origin", "64500", "the AS that originates it")
    yield _key("traffic_class", '"voice"', "what kind of traffic it carries")
    yield _key("endpoints", '["sbc"]', "what the addresses are used for")
    yield _key("state", '"Verified"', "Azure's prefixValidationState")


def _registered_asn() -> Iterator[str]:
    yield ""
    yield "# One table for each AS of a customer that you register."
    yield "[[peering.registered_asn]]"
    yield _key("asn", "64501", "the customer's", is_declared=True)
    yield _key("name", '"my-customer"', "the customer's name")


def _statements() -> Iterator[str]:
    yield ""
    yield "# What cannot be observed, declared by a person; `peerlint rules` lists the rules."
    yield "# [[attestation]]"
    yield _key("rule", '"ops.noc-24x7"', "the rule that it confirms")
    yield _key("scope", '"my-peering"', "a name or prefix of this file")
    yield _key("by", '"network operations"', "who confirms it")
    yield _key("on", "2026-11-01", "the day of the confirmation")
    yield _key("until", "2027-10-31", "the last day on which it counts")


def _maintenance() -> Iterator[str]:
    yield ""
    yield "# A time in which `peerlint watch` sends no alerts."
    yield "# [[maintenance]]"
    yield _key("scope", '"my-peering"', 'as above; "*" for everything')
    yield _key("start", "2026-11-21T22:00:00Z", "when the work begins, with its zone")
    yield _key("until", "2026-11-22T02:00:00Z", "when it ends")
    yield _key("reason", '"new line card"', "what is done")
    yield _key("by", '"network operations"', "who does it")
