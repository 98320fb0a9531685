"""Find the AS that announces the routes of a peering in an export."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.errors import Mistake
from peerlint.inventory.azure.export import AzurePeering
from peerlint.inventory.azure.match import is_same_name, may_be_same
from peerlint.inventory.service import PeerAsn
from peerlint.model import Asn
from peerlint.redaction import without_keys


def announcing_asn(azure: AzurePeering, peer_asns: Iterable[PeerAsn]) -> Asn | None:
    """Return the AS of a peering: its own value, or that of the PeerAsn that it refers to."""
    if azure.asn is not None or azure.peer_asn is None:
        return azure.asn
    return next(
        (
            each.asn
            for each in peer_asns
            if is_same_name(each.name, azure.peer_asn)
            and may_be_same(each.subscription, azure.peer_asn_subscription)
        ),
        None,
    )


def mistake(azure: AzurePeering) -> Mistake:
    """Return the mistake of a peering whose AS is not known."""
    place = without_keys(f'peering "{azure.name}"')
    expected = f"its AS number: {missing_export(azure)}"
    return Mistake(place, "peerAsn", expected, without_keys(reference(azure)))


def reference(azure: AzurePeering) -> str:
    """Describe the PeerAsn that a peering refers to, for a message."""
    if azure.peer_asn is None:
        return "nothing"
    return f"PeerAsn {azure.peer_asn}, which is in no file"


def missing_export(azure: AzurePeering) -> str:
    """Return advice to provide the export that contains the AS of a peering."""
    where = " of its subscription" if azure.peer_asn_subscription else ""
    return f"give the export of `az peering asn list`{where} too"
