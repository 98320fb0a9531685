"""The tables of a registry file, made when they are used for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.errors import FeedError
from peerlint.model.prefix import BITS
from peerlint.registry.delegated import AddressIndex, AsnBlocks
from peerlint.registry.file import Array, RegistryFile, Scalar
from peerlint.registry.peeringdb import PeeringDb
from peerlint.registry.prefix_keys import KEY_TYPES, Keys, prefixes_of
from peerlint.registry.prefix_texts import has_host_bits
from peerlint.registry.records import SourceInfo, SourceKind
from peerlint.registry.scope import Asked
from peerlint.registry.states import RouteTable, VrpTable
from peerlint.registry.stored_blocks import read_address_blocks, read_asn_blocks
from peerlint.registry.stored_peeringdb import read_peeringdb_octets
from peerlint.registry.table import NO_PARENT, PrefixTable

if TYPE_CHECKING:
    import numpy.typing as npt

_U1: Final = np.dtype(np.uint8)
# Files are little-endian; on a big-endian machine, reading one is refused by its types.
_U4: Final = np.dtype(np.uint32)
_I4: Final = np.dtype(np.int32)


@attrs.frozen(eq=False)
class AutNumTable:
    """aut-num objects, sorted by AS number and registry.

    Attributes:
        asn: their AS numbers.
        source: the registry, as an index into the names of the file.
        modified: in seconds since 1970; 0 if unknown.
    """

    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    modified: npt.NDArray[np.uint32]


@attrs.frozen(eq=False)
class OriginTable:
    """The number of route objects by origin and registry, sorted.

    Attributes:
        asn: the origins.
        source: the registry, as an index into the names of the file.
        count: the number of route objects.
        modified: when the last of them was modified, in seconds since 1970; 0 if unknown.
    """

    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    count: npt.NDArray[np.uint32]
    modified: npt.NDArray[np.uint32]


@attrs.frozen
class Header:
    """What a registry file says beside its arrays.

    Attributes:
        built: the time of the build, in microseconds since 1970.
        sources: what the file was built from.
        registries: the names of the registries of objects, as `source` counts them.
        are_made: of each registry, whether a mirror made its objects from ROAs.
        trust_anchors: the names of the trust anchors of VRPs.
    """

    built: int
    sources: tuple[SourceInfo, ...]
    registries: tuple[str, ...]
    are_made: tuple[bool, ...]
    trust_anchors: tuple[str, ...]

    @classmethod
    def of(cls, values: dict[str, object]) -> Header:
        """Read the header.

        Raises:
            KeyError, TypeError, ValueError: it is invalid.
        """
        flagged = _strings(values["registries"])
        return cls(
            _number(values["built"]),
            tuple(_source(each) for each in _items(values["sources"])),
            tuple(each[1:] for each in flagged),
            tuple(each[:1] == "~" for each in flagged),
            _strings(values["trust_anchors"]),
        )


class Contents:
    """The tables of a registry file.

    Attributes:
        file: the file.
        header: what it says beside its arrays.
        asked: what IRRs were asked about; None if their data are dumps.
    """

    def __init__(self, file: RegistryFile) -> None:
        """Read the header.

        Raises:
            FeedError: the header is damaged.
        """
        self.file = file
        try:
            self.header = Header.of(file.header)
        except (KeyError, TypeError, ValueError):
            raise self._damaged("a header of a registry file") from None
        self._vrps: dict[int, VrpTable] = {}
        self._routes: dict[int, RouteTable] = {}
        self._asn_blocks: AsnBlocks | None = None
        self._addresses: dict[int, AddressIndex] = {}
        self._peeringdb: PeeringDb | None = None
        self.asked: Asked | None = None

    def has(self, kind: SourceKind) -> bool:
        """Return whether the file has a source of a kind."""
        return any(each.kind is kind for each in self.header.sources)

    def check(self) -> None:
        """Read all tables.

        Raises:
            FeedError: the file is damaged or was overwritten.
        """
        for family in KEY_TYPES:
            self.vrps(family)
            self.routes(family)
            self.addresses(family)
        self.aut_nums()
        self.origins()
        self.asn_blocks()
        self.peeringdb()

    def vrps(self, family: int) -> VrpTable:
        """Return the VRPs of a family.

        Raises:
            FeedError: the file is damaged or was overwritten (as for all tables).
        """
        self.file.check_unchanged()
        if (known := self._vrps.get(family)) is not None:
            return known
        asn = self._array(f"vrps.{family}.asn", _U4)
        table = VrpTable(
            self._prefixes("vrps", family, len(asn)),
            asn,
            self._array(f"vrps.{family}.max_length", _U1, len(asn)),
            self._array(f"vrps.{family}.source", _U1, len(asn)),
            self._array(f"vrps.{family}.expires", _U4, len(asn)),
        )
        self._check_names(table.source, self.header.trust_anchors)
        self._vrps[family] = table
        return table

    def routes(self, family: int) -> RouteTable:
        """Return the route objects of a family."""
        self.file.check_unchanged()
        if (known := self._routes.get(family)) is not None:
            return known
        origin = self._array(f"routes.{family}.origin", _U4)
        table = RouteTable(
            self._prefixes("routes", family, len(origin)),
            origin,
            self._array(f"routes.{family}.source", _U1, len(origin)),
            self._array(f"routes.{family}.modified", _U4, len(origin)),
            self._array(f"routes.{family}.by_origin", _U4, len(origin)),
        )
        self._check_names(table.source, self.header.registries)
        if int(table.by_origin.max(initial=0)) >= max(1, len(origin)):
            raise self._damaged(f"indices of routes.{family} that lead into the file")
        self._routes[family] = table
        return table

    def aut_nums(self) -> AutNumTable:
        """Return the aut-num objects."""
        asn = self._array("aut_nums.asn", _U4)
        source = self._array("aut_nums.source", _U1, len(asn))
        self._check_names(source, self.header.registries)
        return AutNumTable(asn, source, self._array("aut_nums.modified", _U4, len(asn)))

    def origins(self) -> OriginTable:
        """Return the number of route objects by origin and registry."""
        asn = self._array("origins.asn", _U4)
        source = self._array("origins.source", _U1, len(asn))
        self._check_names(source, self.header.registries)
        count = self._array("origins.count", _U4, len(asn))
        return OriginTable(asn, source, count, self._array("origins.modified", _U4, len(asn)))

    def asn_blocks(self) -> AsnBlocks:
        """Return the delegations of AS numbers."""
        self.file.check_unchanged()
        if self._asn_blocks is None:
            try:
                self._asn_blocks = read_asn_blocks(self._array)
            except ValueError:
                raise self._damaged("states of delegations") from None
        return self._asn_blocks

    def addresses(self, family: int) -> AddressIndex:
        """Return the delegations of addresses of a family."""
        self.file.check_unchanged()
        if not self._addresses:
            try:
                blocks = read_address_blocks(self._array)
            except ValueError:
                raise self._damaged("states of delegations") from None
            self._addresses = {each: AddressIndex.of(blocks, each) for each in KEY_TYPES}
        return self._addresses[family]

    def peeringdb(self) -> PeeringDb:
        """Return the records of PeeringDB."""
        self.file.check_unchanged()
        if self._peeringdb is None:
            octets = self._array("peeringdb", _U1)
            try:
                self._peeringdb = read_peeringdb_octets(octets)
            except (KeyError, TypeError, ValueError):
                raise self._damaged("records of PeeringDB") from None
        return self._peeringdb

    def _prefixes(self, kind: str, family: int, entries: int) -> PrefixTable:
        """Return a table of prefixes whose indices lead into it and its entries."""
        at = f"{kind}.{family}"
        keys: Keys = self.file.array(f"{at}.keys", KEY_TYPES[family])
        parent = self._array(f"{at}.parent", _I4, len(keys))
        first = self._array(f"{at}.first", _U4, len(keys) + 1)
        # A parent precedes its children, so that no path through the table is a circle.
        is_tree = (parent >= NO_PARENT) & (parent < np.arange(len(keys)))
        is_rising = first[1:] > first[:-1]
        prefixes = prefixes_of(family, keys)
        if prefixes.length.max(initial=0) > BITS[family] or has_host_bits(prefixes).any():
            raise self._damaged(f"prefixes of at most {BITS[family]} bits in {at}")
        if not (is_tree.all() and is_rising.all() and first[0] == 0 and first[-1] == entries):
            raise self._damaged(f"indices of {at} that lead into the file")
        return PrefixTable(family, keys, parent, first)

    def _array(
        self, name: str, dtype: np.dtype[Scalar], count: int | None = None
    ) -> npt.NDArray[Scalar]:
        array = self.file.array(name, dtype)
        if count is not None and len(array) != count:
            raise self._damaged(f"{count:,} elements of array {name}")
        return array

    def _check_names(self, source: Array, names: tuple[str, ...]) -> None:
        if len(source) and int(source.max()) >= len(names):
            raise self._damaged("sources that the header names")

    def _damaged(self, expected: str) -> FeedError:
        return FeedError(
            self.file.name,
            f"damaged: expected {expected}, found another content; "
            "build it again with peerlint registry build",
        )


def _source(value: object) -> SourceInfo:
    if not isinstance(value, dict):
        raise TypeError(value)
    return SourceInfo(
        SourceKind(value["kind"]),
        str(value["name"]),
        None if value["time"] is None else _number(value["time"]),
        _number(value["records"]),
        _number(value["skipped"]),
        value["is_cut"] is True,
        _strings(value["lacks"]),
        str(value.get("server", "")),
    )


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, _items(value)))


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value
