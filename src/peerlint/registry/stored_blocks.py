"""Delegations as arrays of a registry file, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from peerlint.registry.delegated import RIRS, AddressBlocks, AsnBlocks, Delegations
from peerlint.registry.delegated.blocks import BlockDetails, DelegationStatus
from peerlint.registry.states import NEVER

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.registry.file import Array

#: Returns an array of a file by name and type; None for the number of elements that it has.
ReadArray: TypeAlias = "Callable[[str, np.dtype[np.generic], int | None], npt.NDArray[np.generic]]"
_U1: Final = np.dtype(np.uint8)
_U4: Final = np.dtype(np.uint32)
_U8: Final = np.dtype(np.uint64)
_COUNTRY: Final = np.dtype("S2")
_UPPER: Final = np.uint64(32)
#: What an IPv4 address does not have: 1 in the last address of a block.
_REST: Final = np.uint64(0xFFFFFFFF)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


def block_arrays(files: Sequence[Delegations]) -> dict[str, Array]:
    """Return the arrays of delegations, sorted; those that are equal in all columns once."""
    of_asns = AsnBlocks.concatenated([each.asns for each in files])
    of_addresses = AddressBlocks.concatenated([each.addresses for each in files])
    arrays = _arrays(
        "asn_blocks",
        {"first": of_asns.first, "last": of_asns.last} | _detail_columns(of_asns.details),
    )
    for family in (4, 6):
        rows = np.flatnonzero(of_addresses.family == family)
        bounds = {
            name: getattr(of_addresses, name)[rows]
            for name in ("first_hi", "first_lo", "last_hi", "last_lo")
        }
        if family == 4:
            bounds = {
                name.removesuffix("_hi"): (bounds[name] >> _UPPER).astype("<u4")
                for name in ("first_hi", "last_hi")
            }
        details = _detail_columns(of_addresses.details.take(rows))
        arrays |= _arrays(f"blocks.{family}", bounds | details)
    return arrays


def read_asn_blocks(array: ReadArray) -> AsnBlocks:
    """Return the blocks of AS numbers of a file."""
    first = array("asn_blocks.first", _U4, None)
    last = array("asn_blocks.last", _U4, len(first))
    return AsnBlocks(
        first.astype(np.uint32, copy=False),
        last.astype(np.uint32, copy=False),
        _details("asn_blocks", array, len(first)),
    )


def read_address_blocks(array: ReadArray) -> AddressBlocks:
    """Return the blocks of addresses of a file, both families."""
    first = array("blocks.4.first", _U4, None).astype(np.uint64)
    last = array("blocks.4.last", _U4, len(first)).astype(np.uint64)
    none = np.zeros(len(first), np.uint64)
    ipv4 = AddressBlocks(
        np.full(len(first), 4, np.uint8),
        first << _UPPER,
        none,
        last << _UPPER | _REST,
        none | _ALL,
        _details("blocks.4", array, len(first)),
    )
    first_hi = array("blocks.6.first_hi", _U8, None)
    first_lo, last_hi, last_lo = (
        array(f"blocks.6.{name}", _U8, len(first_hi)).astype(np.uint64, copy=False)
        for name in ("first_lo", "last_hi", "last_lo")
    )
    ipv6 = AddressBlocks(
        np.full(len(first_hi), 6, np.uint8),
        first_hi.astype(np.uint64, copy=False),
        first_lo,
        last_hi,
        last_lo,
        _details("blocks.6", array, len(first_hi)),
    )
    return AddressBlocks.concatenated([ipv4, ipv6])


def _arrays(at: str, columns: dict[str, Array]) -> dict[str, Array]:
    """Return columns as arrays of a file, their rows sorted and each once."""
    order = np.lexsort(tuple(columns.values())[::-1])
    is_new = np.zeros(len(order), np.bool_)
    is_new[:1] = True
    for each in columns.values():
        ordered = each[order]
        is_new[1:] |= ordered[1:] != ordered[:-1]
    return {
        f"{at}.{name}": np.ascontiguousarray(each[order][is_new]).astype(
            each.dtype.newbyteorder("<"), copy=False
        )
        for name, each in columns.items()
    }


def _detail_columns(details: BlockDetails) -> dict[str, Array]:
    # As in the other arrays, a time that is unknown is 0.
    date = np.clip(details.date, 0, NEVER).astype("<u4")
    country = details.country.astype(_COUNTRY)
    return {"status": details.status, "rir": details.rir, "country": country, "date": date}


def _details(at: str, array: ReadArray, count: int) -> BlockDetails:
    status, rir = (array(f"{at}.{name}", _U1, count).astype(np.uint8) for name in ("status", "rir"))
    if count and not (
        status.min() >= min(DelegationStatus)
        and status.max() <= max(DelegationStatus)
        and rir.max() < len(RIRS)
    ):
        raise ValueError(at)
    date = array(f"{at}.date", _U4, count).astype(np.int64)
    country = array(f"{at}.country", _COUNTRY, count).astype(np.bytes_)
    if not country.tobytes().isascii():
        raise ValueError(at)
    return BlockDetails(status, rir, country, np.where(date == 0, -1, date))
