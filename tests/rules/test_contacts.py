"""Contacts of a PeerAsn whose role is not in the export."""

from __future__ import annotations

from typing import Final

import attrs
import pytest

from peerlint.inventory import Contact
from peerlint.testing.notation import scenario

_MAIL, _PHONE = "noc@contoso.example", "+1 555 0100"
_WHOLE: Final = Contact(None, _MAIL, _PHONE)


@pytest.mark.parametrize(
    ("contacts", "outcomes"),
    [
        ((Contact("Noc", _MAIL, _PHONE),), []),
        ((Contact("Noc", _MAIL, _PHONE), _WHOLE), []),
        # a role that is not known may be Noc
        ((_WHOLE,), ["unknown"]),
        ((Contact("Policy", _MAIL, _PHONE), _WHOLE), ["unknown"]),
        ((Contact("Noc", _MAIL), _WHOLE), ["unknown"]),
        # with any role, it has no phone or no mail
        ((Contact(None, _MAIL),), ["fail"]),
        ((Contact(None, None, _PHONE),), ["fail"]),
        ((Contact("Noc", _MAIL), Contact(None, _MAIL)), ["fail"]),
        ((Contact("Policy", _MAIL, _PHONE),), ["fail"]),
        ((), ["fail"]),
    ],
)
def test_a_role_that_is_not_known(contacts: tuple[Contact, ...], outcomes: list[str]) -> None:
    """A contact of unknown role may be the NOC contact, so the outcome is unknown."""
    found = scenario("")
    (peer_asn,) = found.inventory.peer_asns
    inventory = attrs.evolve(
        found.inventory, peer_asns=(attrs.evolve(peer_asn, contacts=contacts),)
    )

    report = attrs.evolve(found, inventory=inventory).evaluate()

    assert outcomes == [
        str(each.outcome) for each in report.findings if each.rule == "asn.noc-contact"
    ]
