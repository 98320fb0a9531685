"""What is missing in the PeeringDB profile of a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.registry import SourceKind
from peerlint.registry.peeringdb import Contact
from peerlint.results import clause
from peerlint.rules._declare import unknown
from peerlint.rules._registry_data import RegistryData, gaps_text, wanted_data
from peerlint.rules.answers import Need, Problem, Unknown

_WANTED: Final = "a NOC contact with mail and phone, and the facilities"
_NOC: Final = "noc"
#: Domains of mail providers for everybody: an address there is not in the company's domain.
_MAIL_PROVIDERS: Final = frozenset(
    ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
     "icloud.com", "proton.me", "gmx.de", "gmx.net", "qq.com", "163.com", "mail.ru")
)  # fmt: skip


def profile_answers(data: RegistryData, asn: int) -> Iterator[Problem | Unknown]:
    """Yield what is missing in a profile, or not known of it.

    Args:
        data: the registry data, which have those of PeeringDB.
        asn: the AS number of the network.
    """
    network = data.network(asn)
    facilities, contacts = data.facilities(asn), data.contacts(asn)
    gaps = data.gaps(SourceKind.PEERINGDB)
    if network is None:
        if gaps:
            found = clause(unknown(f"the profile of AS{asn}"), f": {gaps_text(gaps)}")
            yield Unknown(Need.PEERINGDB, found, f"{wanted_data(gaps)}, or an attestation")
        else:
            yield Problem(f"no network AS{asn} in PeeringDB", _WANTED)
        return
    named = f"the profile of AS{asn} ({network.name})"
    missing = [*_missing(facilities, contacts)]
    if missing and not gaps:
        yield Problem(clause(f"{named} has {' and '.join(missing)}"), _WANTED)
    elif gaps:
        found = clause(unknown(f"whether {named} is complete"), f": {gaps_text(gaps)}")
        yield Unknown(Need.PEERINGDB, found, f"{wanted_data(gaps)}, or an attestation")
    elif facilities is None or not _nocs(contacts):
        what = "its facilities" if facilities is None else "a NOC contact, which may not be public"
        found = clause(unknown(f"whether {named} is complete"), f": the data do not show {what}")
        yield Unknown(Need.PEERINGDB, found, "PeeringDB's data of a login, or an attestation")


def _nocs(contacts: tuple[Contact, ...] | None) -> list[Contact]:
    return [each for each in contacts or () if each.role.casefold() == _NOC]


def _missing(
    facilities: tuple[object, ...] | None, contacts: tuple[Contact, ...] | None
) -> Iterator[str]:
    """Yield what a profile lacks, as far as the data show it."""
    if facilities is not None and not facilities:
        yield "no facility"
    nocs = _nocs(contacts)
    if not nocs:
        return
    if not any(each.mail_domain and each.has_phone for each in nocs):
        yield "no NOC contact with mail and phone"
    elif all(each.mail_domain in (*_MAIL_PROVIDERS, "") for each in nocs):
        yield f"a NOC address at {nocs[0].mail_domain or nocs[-1].mail_domain}"
