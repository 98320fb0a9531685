"""Records of PeeringDB, one by one."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.registry.peeringdb.values import Contact, Facility, Network, RecordKind
from peerlint.registry.seconds import seconds_of
from peerlint.registry.skips import Skips

#: The maximum number of records of one file; PeeringDB has some 200,000 of these kinds.
MAX_RECORDS: Final = 2_000_000
#: The maximum length of a name, in characters.
_LONGEST: Final = 255
_WIDEST: Final = 0xFFFFFFFF
_NO_ID: Final = "the record has no id, or no id of what it belongs to"
Json = dict[str, object]


def kind_of(record: Json) -> RecordKind | None:
    """Return the kind of a record of the API, whose files do not name it; None for another."""
    if "net_id" in record:
        if "fac_id" in record:
            return RecordKind.LINK
        return RecordKind.CONTACT if "role" in record else None
    if "asn" in record:
        return RecordKind.NETWORK if "name" in record else None
    # Organisations have an address too, and belong to none.
    return RecordKind.FACILITY if "org_id" in record and "address1" in record else None


@attrs.define
class Records:
    """The records of a file, in its order.

    Attributes:
        skips: records that cannot be used, by reason.
        newest: when the latest record was changed, in seconds since 1970; None if not known.
        kinds: the kinds that the file has.
    """

    skips: Skips
    networks: list[Network] = attrs.field(factory=list)
    facilities: list[Facility] = attrs.field(factory=list)
    links: list[tuple[int, int]] = attrs.field(factory=list)
    contacts: list[tuple[int, Contact]] = attrs.field(factory=list)
    kinds: set[RecordKind] = attrs.field(factory=set)
    newest: int | None = None
    _unresolved: set[RecordKind] = attrs.field(factory=set, init=False)

    @property
    def known_kinds(self) -> frozenset[RecordKind]:
        """The kinds that the file has, without those of which it has ids only."""
        return frozenset(self.kinds - self._unresolved)

    @property
    def count(self) -> int:
        """The number of records."""
        of_networks = len(self.links) + len(self.contacts)
        return len(self.networks) + len(self.facilities) + of_networks

    def add(self, kind: RecordKind, record: Json) -> str | None:
        """Add a record, and the records inside it.

        Returns:
            The problem if it cannot be used.
        """
        self.kinds.add(kind)
        updated = seconds_of(record.get("updated"))
        if updated >= 0:
            self.newest = max(self.newest or 0, updated)
        if record.get("status", "ok") != "ok":
            return "the record is deleted or not approved"
        match kind:
            case RecordKind.NETWORK:
                return self._add_network(record, updated if updated >= 0 else None)
            case RecordKind.FACILITY:
                return self._add_facility(record, _number(record.get("id")))
            case RecordKind.LINK:
                return self._add_link(record, _number(record.get("net_id")))
            case RecordKind.CONTACT:
                return self._add_contact(record, _number(record.get("net_id")))

    def _add_network(self, record: Json, updated: int | None) -> str | None:
        network, asn = _number(record.get("id")), _number(record.get("asn"))
        if network is None:
            return _NO_ID
        if asn is None or asn > _WIDEST:
            return "the AS number is none from 1 to 4294967295"
        name, aka = _text(record.get("name")), _text(record.get("aka"))
        self.networks.append(Network(network, asn, name, aka, updated))
        # With depth=2, the API returns these as objects; with depth=1, as ids.
        for link in self._inside(record, "netfac_set", RecordKind.LINK):
            self._add_link(link, network)
            self._add_facility(link, _number(link.get("fac_id")))
        for contact in self._inside(record, "poc_set", RecordKind.CONTACT):
            self._add_contact(contact, network)
        return None

    def _inside(self, record: Json, key: str, kind: RecordKind) -> list[Json]:
        value = record.get(key)
        if not isinstance(value, list):
            return []
        if not all(isinstance(each, dict) for each in value):
            self._unresolved.add(kind)
            return []
        self.kinds.add(kind)
        return [each for each in value if each.get("status", "ok") == "ok"]

    def _add_facility(self, record: Json, facility: int | None) -> str | None:
        if facility is None:
            return _NO_ID
        name, city, country = (_text(record.get(each)) for each in ("name", "city", "country"))
        self.facilities.append(Facility(facility, name, city, country))
        return None

    def _add_link(self, record: Json, network: int | None) -> str | None:
        facility = _number(record.get("fac_id"))
        if network is None or facility is None:
            return _NO_ID
        self.links.append((network, facility))
        return None

    def _add_contact(self, record: Json, network: int | None) -> str | None:
        if network is None:
            return _NO_ID
        _, sign, domain = _text(record.get("email")).rpartition("@")
        has_phone = any(each.isdigit() for each in _text(record.get("phone")))
        role = _text(record.get("role"))
        contact = Contact(role, domain.casefold() if sign else "", has_phone)
        self.contacts.append((network, contact))
        return None


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 1 << 63 else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # Surrogates of JSON escapes cannot be written anywhere.
    return str(value.strip()[:_LONGEST].encode("utf-8", "replace"), "utf-8")
