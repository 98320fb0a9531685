"""Decode and encode information TLVs (RFC 7854 section 4.4, RFC 9736)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

import attrs

from peerlint.errors import WireError

#: Type and length.
TLV_HEADER_OCTETS: Final = 4


class InitiationTlv(IntEnum):
    """Types of the TLVs of an Initiation (RFC 7854 section 4.4, RFC 9736 section 3.1)."""

    STRING = 0
    SYS_DESCR = 1
    SYS_NAME = 2


class PeerUpTlv(IntEnum):
    """Types of the TLVs of a Peer Up (RFC 9736 section 3.3).

    RFC 8671 and RFC 9069 took their types from the list of the Initiation; RFC 9736 moved them
    here. A Peer Down of a Loc-RIB has the type VRF_TABLE_NAME too (RFC 9069 section 5.3).
    """

    STRING = 0
    VRF_TABLE_NAME = 3
    ADMIN_LABEL = 4


class TerminationTlv(IntEnum):
    """Types of the TLVs of a Termination (RFC 7854 section 4.5)."""

    STRING = 0
    REASON = 1


class MirroringTlv(IntEnum):
    """Types of the TLVs of a Route Mirroring (RFC 7854 section 4.7)."""

    BGP_MESSAGE = 0
    INFORMATION = 1


@attrs.frozen
class Tlv:
    """One piece of information; unknown types are kept.

    Attributes:
        type: its type; the meaning depends on the message.
        value: its octets.
    """

    type: int
    value: bytes

    @property
    def text(self) -> str:
        """The value as text; octets that are not UTF-8 are replaced."""
        return self.value.decode("utf-8", "replace")

    @property
    def number(self) -> int | None:
        """The value as a number of two octets; None if it has another length."""
        return int.from_bytes(self.value) if len(self.value) == 2 else None


def read_tlvs(body: bytes, at: int) -> tuple[tuple[Tlv, ...], WireError | None]:
    """Decode TLVs from offset `at` to the end of a body, as far as they can be read.

    Returns:
        The readable TLVs, and the error at the first one that cannot be read.
    """
    found: list[Tlv] = []
    while at < len(body):
        value = at + TLV_HEADER_OCTETS
        end = value + int.from_bytes(body[at + 2 : value])
        if value > len(body) or end > len(body):
            expected = "a TLV that ends inside the message"
            error = WireError(at, expected=expected, found=f"{len(body) - at} octets to its end")
            return tuple(found), error
        found.append(Tlv(int.from_bytes(body[at : at + 2]), bytes(body[value:end])))
        at = end
    return tuple(found), None


def encode_tlvs(tlvs: Iterable[Tlv]) -> bytes:
    """Encode TLVs."""
    return b"".join(struct.pack(">HH", each.type, len(each.value)) + each.value for each in tlvs)


def texts_of(tlvs: Iterable[Tlv], kind: int) -> tuple[str, ...]:
    """Return the texts of all TLVs of a type, in the order sent."""
    return tuple(each.text for each in tlvs if each.type == kind)
