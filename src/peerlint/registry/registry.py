"""What registries say of routes and AS numbers: the content of a registry file."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

import attrs
import numpy as np

from peerlint.model import Asn, Prefix
from peerlint.registry.build import RegistryInputs, built
from peerlint.registry.columns import Prefixes
from peerlint.registry.contents import Contents
from peerlint.registry.convert import OriginColumn, PrefixColumn, origin_column, prefix_column
from peerlint.registry.delegated import Delegation
from peerlint.registry.file import OctetsInMemory, RegistryFile, StoredOctets
from peerlint.registry.lookup import (
    delegations_of,
    holder,
    origin_records,
    route_objects,
    route_objects_of,
    vrps_of,
)
from peerlint.registry.origin_evidence import OriginEvidence
from peerlint.registry.overlay import Overlay
from peerlint.registry.peeringdb import Contact, Facility, Network, PeeringDb, RecordKind
from peerlint.registry.records import OriginRecords, RouteObject, SourceInfo, SourceKind, Vrp
from peerlint.registry.scope import Asked
from peerlint.registry.states import (
    OriginState,
    RouteObjectState,
    by_family,
    origin_states,
    route_object_states,
)
from peerlint.registry.validity import Validity

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.model.foreign import PrefixLike


@attrs.frozen(eq=False)
class Announcements:
    """Announcements as columns of equal length.

    Attributes:
        family: 4 or 6.
        prefix_hi: the upper 64 bits of the address, left-aligned; IPv4 in the top 32 of them.
        prefix_lo: the lower 64 bits.
        length: of the prefix, in bits.
        origin: the origin AS; -1 for none.
    """

    family: npt.NDArray[np.uint8]
    prefix_hi: npt.NDArray[np.uint64]
    prefix_lo: npt.NDArray[np.uint64]
    length: npt.NDArray[np.uint8]
    origin: npt.NDArray[np.int64]


@runtime_checkable
class OriginValidator(Protocol):
    """Whatever can tell the states of announcements; a `Registry` can."""

    def states(self, columns: Announcements) -> npt.NDArray[np.uint8]:
        """Return the `OriginState` of each announcement, as one column."""


class Registry:
    """What registries say at one time. Opening a registry file gives one.

    Everything below raises `FeedError` if the file is damaged, or if somebody overwrites it while
    it is in use. The methods may be called from several threads.

    Attributes:
        now: the time for which the registry answers, in microseconds since 1970. VRPs that have
            expired by then do not count.
    """

    def __init__(self, contents: Contents, now: int | None = None) -> None:
        """Use the tables of a file.

        Args:
            contents: the tables.
            now: the time, in microseconds since 1970; None for the time of the build.
        """
        self._contents = contents
        self.now = contents.header.built if now is None else now

    @classmethod
    def of_stored(cls, stored: StoredOctets, name: str, *, now: int | None = None) -> Self:
        """Use a registry file that is open. Its tables are read when they are used first.

        Args:
            stored: the octets of the file.
            name: the name of the file, for messages.
            now: the time, in microseconds since 1970; None for the time of the build.

        Raises:
            FeedError: it is not a registry file, is damaged, or is of a newer version.
        """
        return cls(Contents(RegistryFile(stored, name)), now)

    @classmethod
    def of_octets(cls, content: memoryview | bytes, name: str, *, now: int | None = None) -> Self:
        """Use the octets of a registry file that are in memory, without copying them.

        Args:
            content: the whole file; it must not be changed.
            name: the name of the file, for messages.
            now: the time, in microseconds since 1970; None for the time of the build.

        Raises:
            FeedError: the content is not a registry file, is damaged, or is of a newer version.
        """
        return cls.of_stored(OctetsInMemory(memoryview(content)), name, now=now)

    @classmethod
    def of(cls, inputs: RegistryInputs) -> Self:
        """Make a registry in memory.

        Raises:
            InputError: the inputs cannot be stored (see `build`).
        """
        return cls.of_octets(built(inputs), "registry data in memory")

    def overlaid(
        self,
        *,
        irr: Registry | None = None,
        asked: Asked | None = None,
        vrps: Registry | None = None,
    ) -> Self:
        """Return the same registry with the IRRs, the VRPs, or both, of other registries.

        No table is copied. A kind of sources is replaced as a whole.

        Args:
            irr: has the IRRs; None for those of this registry.
            asked: what the IRRs were asked about, if they are servers: only about that does their
                silence mean anything.
            vrps: has the VRPs; None for those of this registry.
        """
        parts = [None if each is None else each._contents for each in (irr, vrps)]  # noqa: SLF001  # its own class
        contents = Overlay(self._contents, irr=parts[0], asked=asked, vrps=parts[1])
        return type(self)(contents, self.now)

    @property
    def asked(self) -> Asked | None:
        """What the IRRs were asked about; None if they are dumps, which have everything."""
        return self._contents.asked

    def at(self, now: int) -> Self:
        """Return the same registry at another time, in microseconds since 1970."""
        return type(self)(self._contents, now)

    @property
    def built(self) -> int:
        """The time of the build, in microseconds since 1970."""
        return self._contents.header.built

    @property
    def sources(self) -> tuple[SourceInfo, ...]:
        """What the registry was built from, with times, from which the ages follow."""
        return self._contents.header.sources

    def check(self) -> None:
        """Read all tables: what follows finds no damage, unless the file is overwritten."""
        self._contents.check()

    def has(self, kind: SourceKind) -> bool:
        """Return whether there is a source of a kind."""
        return self._contents.has(kind)

    def states(self, columns: Announcements) -> npt.NDArray[np.uint8]:
        """Return the `OriginState` of each announcement, as one column."""
        each = columns
        return self._origin_states(
            Prefixes(each.family, each.prefix_hi, each.prefix_lo, each.length), each.origin
        )

    def judge(self, prefixes: PrefixColumn, origins: OriginColumn) -> npt.NDArray[np.uint8]:
        """Return what VRPs say of routes (RFC 6811): the `OriginState` of each, as one column.

        Args:
            prefixes: as texts, in a list, a numpy array or an Arrow column; or `Prefixes`, which
                need not be parsed and take a tenth of the time.
            origins: as integers, in a list, a numpy array or an Arrow column; -1 or null for a
                route without an origin, which is never valid.

        Raises:
            InputError: a value is invalid, or the columns differ in length.
        """
        columns = prefix_column(prefixes)
        return self._origin_states(columns, origin_column(origins, len(columns)))

    def judge_route_objects(
        self, prefixes: PrefixColumn, origins: OriginColumn
    ) -> npt.NDArray[np.uint8]:
        """Return what route objects say of routes: the `RouteObjectState` of each, as one column.

        Args:
            prefixes: as for `judge`.
            origins: as for `judge`.

        Raises:
            InputError: a value is invalid, or the columns differ in length.
        """
        columns = prefix_column(prefixes)
        numbers = origin_column(origins, len(columns))
        if not self._contents.has(SourceKind.IRR):
            return np.full(len(columns), RouteObjectState.UNKNOWN, np.uint8)
        states = by_family(
            columns,
            numbers,
            lambda family, keys, own: route_object_states(self._contents.routes(family), keys, own),
        )
        self._contents.file.check_unchanged()
        return states

    def are_registered(
        self, origins: OriginColumn, registries: Collection[str]
    ) -> npt.NDArray[np.bool_]:
        """Return whether some registries have an aut-num or a route object of each origin.

        Args:
            origins: as for `judge`.
            registries: the names of registries, in upper case.

        Raises:
            InputError: a value is invalid.
        """
        numbers = origin_column(origins, None)
        header = self._contents.header
        accepted = np.array([each in registries for each in header.registries], np.bool_)
        aut_nums, routes = self._contents.aut_nums(), self._contents.origins()
        known = [
            table.asn[accepted[table.source]] for table in (aut_nums, routes) if len(table.source)
        ]
        found: npt.NDArray[np.bool_] = np.isin(
            numbers, np.concatenate([np.zeros(0, np.uint32), *known]).astype(np.int64)
        )
        self._contents.file.check_unchanged()
        return found

    def origin_evidence(self) -> OriginEvidence:
        """Return which sources have records of which AS numbers, as columns for all numbers."""
        return OriginEvidence.of(self._contents, self.now)

    def origin(self, asn: int | str) -> OriginRecords:
        """Return what each source says of an AS number as an origin.

        Args:
            asn: an integer, or text such as `AS64500`.

        Raises:
            InputError: it is no AS number.
        """
        return origin_records(self._contents, _asn(asn), self.now)

    def routes(self, prefix: Prefix | PrefixLike) -> tuple[RouteObject, ...]:
        """Return the route objects of a prefix and of all prefixes that cover it.

        Args:
            prefix: a prefix, or its text.

        Returns:
            The objects; those of the longest prefix first, then by origin and registry.

        Raises:
            InputError: it is no prefix.
        """
        return route_objects(self._contents, _prefix(prefix))

    def routes_of(self, asn: int | str, limit: int | None = None) -> tuple[RouteObject, ...]:
        """Return the route objects whose origin is an AS.

        Args:
            asn: an integer, or text such as `AS64500`.
            limit: the maximum number of objects of each family; None for all.

        Raises:
            InputError: it is no AS number.
        """
        return route_objects_of(self._contents, _asn(asn), limit)

    def vrps(self, prefix: Prefix | PrefixLike) -> tuple[Vrp, ...]:
        """Return the VRPs that cover a prefix and have not expired, the longest prefix first.

        Raises:
            InputError: it is no prefix.
        """
        return vrps_of(self._contents, _prefix(prefix), self.now)

    def delegations(self, asn: int | str) -> tuple[Delegation, ...]:
        """Return what RIRs say of the blocks that contain an AS number, those to a holder first.

        Args:
            asn: an integer, or text such as `AS64500`.

        Raises:
            InputError: it is no AS number.
        """
        return delegations_of(self._contents, _asn(asn))

    def holder(self, prefix: Prefix | PrefixLike) -> tuple[Delegation, ...]:
        """Return what RIRs say of the blocks that overlap a prefix, those to a holder first.

        Raises:
            InputError: it is no prefix.
        """
        return holder(self._contents, _prefix(prefix))

    @property
    def peeringdb(self) -> PeeringDb:
        """The networks, their facilities and their contacts in PeeringDB."""
        return self._contents.peeringdb()

    def network(self, asn: int | str) -> Network | None:
        """Return the record that PeeringDB has of the network of an AS; None if it has none.

        Raises:
            InputError: it is no AS number.
        """
        return self.peeringdb.networks.get(_asn(asn))

    def facility(self, number: int) -> Facility | None:
        """Return a facility by its number in PeeringDB; None if there is no record of it."""
        return self.peeringdb.facilities.get(number)

    def facilities(self, asn: int | str) -> tuple[Facility, ...] | None:
        """Return the facilities that the network of an AS is in, by number.

        Args:
            asn: an integer, or text such as `AS8075`.

        Returns:
            The facilities; one without a record of its own has an empty name, city and country.
            None if the records of PeeringDB do not have networks and their facilities.

        Raises:
            InputError: it is no AS number.
        """
        number, records = _asn(asn), self.peeringdb
        if not records.kinds >= {RecordKind.NETWORK, RecordKind.LINK}:
            return None
        network = records.networks.get(number)
        found = () if network is None else records.facilities_of(network.id) or ()
        return tuple(
            records.facilities.get(each, Facility(each, "", "", "")) for each in sorted(found)
        )

    def contacts(self, asn: int | str) -> tuple[Contact, ...] | None:
        """Return the public contacts of the network of an AS.

        Args:
            asn: an integer, or text such as `AS64500`.

        Returns:
            The contacts; None if the records of PeeringDB do not have networks and their contacts.

        Raises:
            InputError: it is no AS number.
        """
        number, records = _asn(asn), self.peeringdb
        if not records.kinds >= {RecordKind.NETWORK, RecordKind.CONTACT}:
            return None
        network = records.networks.get(number)
        return () if network is None else records.contacts_of(network.id)

    def validity(self, prefix: Prefix | PrefixLike, asn: int | str | None) -> Validity:
        """Return the validity of a route (RFC 6811), with its reason and the VRPs that decide.

        Args:
            prefix: a prefix, or its text.
            asn: the origin, an integer or text such as `AS64500`; None for a route without one.

        Raises:
            InputError: an argument is invalid.
        """
        value, origin = _prefix(prefix), None if asn is None else _asn(asn)
        covering = None
        if self._contents.has(SourceKind.VRPS):
            covering = vrps_of(self._contents, value, self.now)
        return Validity.of(value, origin, covering, self.now)

    def _origin_states(
        self, prefixes: Prefixes, origins: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.uint8]:
        if not self._contents.has(SourceKind.VRPS):
            return np.full(len(prefixes), OriginState.UNKNOWN, np.uint8)
        states = by_family(
            prefixes,
            origins,
            lambda family, keys, own: origin_states(
                self._contents.vrps(family), keys, own, self.now
            ),
        )
        self._contents.file.check_unchanged()
        return states


def _prefix(value: Prefix | PrefixLike) -> Prefix:
    return value if isinstance(value, Prefix) else Prefix.parse(value)


def _asn(value: int | str) -> Asn:
    return Asn.parse(value) if isinstance(value, str) else Asn(value)
