"""Columns that people read: prefixes, peers, AS paths and communities as text.

Each distinct value is spelled out once: a RIB says a prefix once for all its peers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final, Generic, TypeVar, cast

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk._contract import FORM_AS4
from peerlint.bulk.batch import RouteBatch, form_of
from peerlint.errors import WireError
from peerlint.wire.attribute_types import AttributeType
from peerlint.wire.attributes import decode_attributes
from peerlint.wire.values import CODECS

Value = TypeVar("Value", bound=Hashable)
Codes = npt.NDArray[np.int32]
#: How many attribute lists, and values of attributes, are remembered as text.
MEMO: Final = 1 << 15
#: The names of `RouteBatch.kind`, by its codes.
KINDS = ("rib", "announce", "withdraw")


@attrs.frozen
class Coded(Generic[Value]):
    """A column as indexes into its distinct values.

    Attributes:
        codes: for each row an index into `values`.
        values: each once.
    """

    codes: Codes
    values: tuple[Value, ...]

    @classmethod
    def of(cls, column: Iterable[Value]) -> Coded[Value]:
        """Give each distinct value a number."""
        numbers: dict[Value, int] = {}
        codes = [numbers.setdefault(value, len(numbers)) for value in column]
        return Coded(np.array(codes, np.int32), tuple(numbers))

    def spread(self) -> list[Value]:
        """Return the value of each row."""
        return [self.values[code] for code in self.codes.tolist()]


def prefixes(batch: RouteBatch) -> Coded[str]:
    """Return the prefix of each row, in canonical text."""
    rows = batch.rows
    starts = np.ones(len(rows), np.bool_)
    starts[1:] = False
    for name in ("family", "length", "prefix_hi", "prefix_lo"):
        starts[1:] |= rows[name][1:] != rows[name][:-1]
    runs = Coded.of(_prefix_texts(rows[starts]))
    return Coded(runs.codes[np.cumsum(starts) - 1], runs.values)


def _prefix_texts(rows: npt.NDArray[np.void]) -> Iterator[str]:
    """Spell prefixes: IPv4, of which there are a million, without an object for each."""
    columns = (rows[name].tolist() for name in ("family", "prefix_hi", "prefix_lo", "length"))
    for family, hi, lo, length in zip(*columns, strict=True):
        if family == 4:
            yield f"{hi >> 56}.{hi >> 48 & 255}.{hi >> 40 & 255}.{hi >> 32 & 255}/{length}"
        else:
            yield f"{IPv6Address(hi << 64 | lo)}/{length}"


def peers(batch: RouteBatch) -> Coded[str]:
    """Return the address of each row's peer."""
    addresses = Coded.of(str(each.peer.address) for each in batch.peers)
    return Coded(addresses.codes[batch.rows["peer"]], addresses.values)


def peer_asns(batch: RouteBatch) -> npt.NDArray[np.uint32]:
    """Return the AS number of each row's peer."""
    asns = np.array([each.peer.asn for each in batch.peers], np.uint32)
    return asns.take(batch.rows["peer"])


def paths_and_communities(
    batch: RouteBatch,
) -> tuple[Coded[str | None], Coded[tuple[str, ...]]]:
    """Return the AS path of each row, None without one, and its communities of all types."""
    rows, buffer = batch.rows, batch.buffer
    places = zip(
        rows["attr_at"].tolist(),
        rows["attr_len"].tolist(),
        rows["form"].tolist(),
        strict=True,
    )
    spoken = Coded.of((buffer[at : at + length], form) for at, length, form in places)
    spelled = [_spelled(octets, form) for octets, form in spoken.values]
    paths = Coded.of(path for path, _ in spelled)
    communities = Coded.of(each for _, each in spelled)
    return (
        Coded(paths.codes[spoken.codes], paths.values),
        Coded(communities.codes[spoken.codes], communities.values),
    )


_Spelled = tuple[str | None, tuple[str, ...]]
_PATH: Final = int(AttributeType.AS_PATH)
_COMMUNITIES: Final = (
    int(AttributeType.COMMUNITIES),
    int(AttributeType.LARGE_COMMUNITIES),
    int(AttributeType.EXTENDED_COMMUNITIES),
)


@lru_cache(maxsize=MEMO)  # the same attributes come back with prefix after prefix
def _spelled(octets: bytes, code: int) -> _Spelled:
    if code == FORM_AS4:
        try:
            values = _values(octets)
            if AttributeType.AS4_PATH not in values:
                return _spelled_by_value(values)
        except WireError:  # what is malformed is told from the list as a whole
            pass
    attributes = decode_attributes(octets, form_of(code))
    communities = (
        *attributes.communities,
        *attributes.large_communities,
        *attributes.extended_communities,
    )
    path = None if attributes.as_path is None else str(attributes.path)
    return path, tuple(map(str, communities))


def _spelled_by_value(values: dict[int, bytes]) -> _Spelled:
    """Spell attributes of a RIB, each value once: paths and communities come back, too."""
    path = values.get(_PATH)
    communities: tuple[str, ...] = ()
    for kind in _COMMUNITIES:
        if kind in values:
            communities += _community_texts(kind, values[kind])
    return None if path is None else _path_text(path), communities


def _values(octets: bytes) -> dict[int, bytes]:
    """Return the values of a list by type.

    Raises:
        WireError: the list does not end with an attribute, or has one twice.
    """
    values: dict[int, bytes] = {}
    at, size = 0, len(octets)
    while at < size:
        if octets[at] & 0x10:  # extended length, RFC 4271 section 4.3
            start = at + 4
            end = start + int.from_bytes(octets[at + 2 : start])
        else:
            start = at + 3
            end = start + int.from_bytes(octets[at + 2 : start])
        if start > size or end > size or octets[at + 1] in values:
            raise WireError(at, expected="one whole attribute", found="none")
        values[octets[at + 1]] = octets[start:end]
        at = end
    return values


@lru_cache(maxsize=MEMO)
def _path_text(octets: bytes) -> str:
    return str(CODECS[_PATH].decode(octets, form_of(FORM_AS4)))


@lru_cache(maxsize=MEMO)
def _community_texts(kind: int, octets: bytes) -> tuple[str, ...]:
    decoded = CODECS[kind].decode(octets, form_of(FORM_AS4))
    return tuple(map(str, cast("Iterable[object]", decoded)))
