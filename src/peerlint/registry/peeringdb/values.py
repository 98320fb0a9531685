"""Networks, facilities and contacts of PeeringDB (https://www.peeringdb.com/apidocs/)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, Self

import attrs

from peerlint.registry.skips import Skips

#: The id of the network of Microsoft, AS8075 (https://www.peeringdb.com/net/694).
MICROSOFT: Final = 694


class RecordKind(StrEnum):
    """The kinds of records that are read, as the API names them.

    Attributes:
        NETWORK: a network.
        FACILITY: a facility.
        LINK: that a network is in a facility.
        CONTACT: a contact of a network. Without a login, the API shows public ones only.
    """

    NETWORK = "net"
    FACILITY = "fac"
    LINK = "netfac"
    CONTACT = "poc"


@attrs.frozen(order=True)
class Facility:
    """A facility.

    Attributes:
        id: its number in PeeringDB.
        name: its name.
        city: its city; empty if not given.
        country: the code of its country (ISO 3166); empty if not given.
    """

    id: int
    name: str
    city: str
    country: str


@attrs.frozen(order=True)
class Contact:
    """A contact, without what identifies a person.

    Attributes:
        role: such as NOC, Policy, Technical, Abuse.
        mail_domain: the domain of the mail address, in small letters; empty if there is none.
        has_phone: whether there is a number to call.
    """

    role: str
    mail_domain: str
    has_phone: bool


@attrs.frozen
class Network:
    """A network.

    Attributes:
        id: its number in PeeringDB.
        asn: its AS number.
        name: its name.
        aka: another name; empty if not given.
        updated: when the record was changed last, in seconds since 1970; None if not known.
    """

    id: int
    asn: int
    name: str
    aka: str
    updated: int | None


@attrs.frozen(eq=False)
class PeeringDbFile:
    """The records of one file.

    Attributes:
        name: the file's name, as given.
        networks: in the order of the file.
        facilities: in the order of the file.
        links: the id of a network, and the id of a facility that it is in.
        contacts: the id of a network, and a contact of it.
        kinds: the kinds of records that the file has; a kind that it does not have is not known,
            which is not the same as empty.
        time: when the file was made, in microseconds since 1970; None if it does not say.
        newest: when the latest of its records was changed, in seconds since 1970; None if not
            known. In a dump of everything this is close to its time.
        skips: the records that cannot be used, by reason.
    """

    name: str
    networks: tuple[Network, ...]
    facilities: tuple[Facility, ...]
    links: tuple[tuple[int, int], ...]
    contacts: tuple[tuple[int, Contact], ...]
    kinds: frozenset[RecordKind]
    time: int | None
    newest: int | None
    skips: Skips


@attrs.frozen(eq=False)
class PeeringDb:
    """What one or several files say together.

    Attributes:
        networks: by AS number.
        facilities: by id.
        kinds: the kinds of records that the files have.
    """

    networks: Mapping[int, Network]
    facilities: Mapping[int, Facility]
    kinds: frozenset[RecordKind]
    _links: Mapping[int, frozenset[int]]
    _contacts: Mapping[int, tuple[Contact, ...]]

    @classmethod
    def of(cls, files: Iterable[PeeringDbFile]) -> Self:
        """Join files; of two records of one network, the one that was changed later counts."""
        networks: dict[int, Network] = {}
        facilities: dict[int, Facility] = {}
        links: defaultdict[int, set[int]] = defaultdict(set)
        contacts: defaultdict[int, set[Contact]] = defaultdict(set)
        kinds: set[RecordKind] = set()
        for file in files:
            kinds |= file.kinds
            for network in file.networks:
                known = networks.get(network.asn)
                if known is None or (known.updated or 0) <= (network.updated or 0):
                    networks[network.asn] = network
            facilities.update((each.id, each) for each in file.facilities)
            for network_id, facility_id in file.links:
                links[network_id].add(facility_id)
            for network_id, contact in file.contacts:
                contacts[network_id].add(contact)
        return cls(
            networks,
            facilities,
            frozenset(kinds),
            {network: frozenset(each) for network, each in links.items()},
            {network: tuple(sorted(each)) for network, each in contacts.items()},
        )

    def facilities_of(self, network_id: int) -> frozenset[int] | None:
        """Return the ids of the facilities that a network is in.

        Args:
            network_id: the network's number in PeeringDB, such as `MICROSOFT`.

        Returns:
            None if no file has such records.
        """
        if RecordKind.LINK not in self.kinds:
            return None
        return self._links.get(network_id, frozenset())

    def contacts_of(self, network_id: int) -> tuple[Contact, ...] | None:
        """Return the contacts of a network that the files show, sorted.

        Args:
            network_id: the network's number in PeeringDB.

        Returns:
            None if no file has such records.
        """
        if RecordKind.CONTACT not in self.kinds:
            return None
        return self._contacts.get(network_id, ())
