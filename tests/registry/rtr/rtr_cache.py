"""A cache that speaks RTR, without a socket: what it has, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

from peerlint.model import Prefix
from peerlint.wire.rtr import (
    CacheReset,
    CacheResponse,
    EndOfData,
    ErrorCode,
    ErrorReport,
    Pdu,
    PrefixPdu,
    ResetQuery,
    SerialNotify,
    SerialQuery,
    Timers,
    decode_header,
    decode_pdu,
    encode_pdu,
)

#: As Routinator and StayRTR send them, but shorter.
TIMERS: Final = Timers(600, 60, 7200)


def vrp(text: str) -> PrefixPdu:
    """Return a VRP by its text, such as "203.0.113.0/24-25 64500"."""
    prefix, _, asn = text.partition(" ")
    prefix, _, longest = prefix.partition("-")
    parsed = Prefix.parse(prefix)
    return PrefixPdu(parsed, int(longest or parsed.length), int(asn))


class Refusal(Enum):
    """How a cache says that it knows an older version only."""

    DOWNGRADE = auto()  # it answers in its version
    ERROR = auto()  # it sends an Error Report, and closes
    CLOSE = auto()  # it closes


class Cache:
    """A cache and one connection to it.

    Attributes:
        session_id: its session.
        serial: the number of its data.
        sets: what it had, by serial number; it can send what changed since then.
        version: the newest one that it knows.
        is_closed: whether it closed the connection.
    """

    def __init__(
        self,
        vrps: Iterable[PrefixPdu] = (),
        *,
        session_id: int = 1,
        serial: int = 0,
        version: int = 1,
        refusal: Refusal = Refusal.DOWNGRADE,
        is_like_stayrtr: bool = False,
    ) -> None:
        """Start with some VRPs.

        Args:
            vrps: what it has.
            session_id: its session.
            serial: the number of its data.
            version: the newest one that it knows.
            refusal: what it does if it is asked in a newer one.
            is_like_stayrtr: whether another session id is answered by an Error Report, not by a
                Cache Reset.
        """
        self.session_id, self.serial, self.version = session_id, serial, version
        self.sets = {serial: frozenset(vrps)}
        self.is_closed = False
        self._refusal, self._is_like_stayrtr = refusal, is_like_stayrtr

    @property
    def vrps(self) -> frozenset[PrefixPdu]:
        """What it has now."""
        return self.sets[self.serial]

    def update(self, vrps: Iterable[PrefixPdu]) -> SerialNotify:
        """Have other VRPs, and return what routers are told."""
        self.serial = (self.serial + 1) & 0xFFFF_FFFF
        self.sets[self.serial] = frozenset(vrps)
        return SerialNotify(self.session_id, self.serial)

    def answer(self, octets: bytes) -> bytes:
        """Return the octets that answer some PDUs."""
        found = b""
        while octets and not self.is_closed:
            header = decode_header(octets)
            found += self._answer(decode_pdu(octets), header.version)
            octets = octets[header.length :]
        return found

    def _answer(self, pdu: Pdu, version: int) -> bytes:
        if isinstance(pdu, ErrorReport):
            self.is_closed = True
            return b""
        if version > self.version:
            if self._refusal is not Refusal.DOWNGRADE:
                self.is_closed = True
                if self._refusal is Refusal.CLOSE:
                    return b""
                return encode_pdu(ErrorReport(ErrorCode.UNSUPPORTED_VERSION), self.version)
            version = self.version
        return b"".join(encode_pdu(each, version) for each in self._pdus(pdu, version))

    def _pdus(self, pdu: Pdu, version: int) -> list[Pdu]:
        end = EndOfData(self.session_id, self.serial, TIMERS if version else None)
        if isinstance(pdu, ResetQuery):
            return [CacheResponse(self.session_id), *self._ordered(self.vrps), end]
        assert isinstance(pdu, SerialQuery)
        if pdu.session_id != self.session_id and self._is_like_stayrtr:
            self.is_closed = True
            return [ErrorReport(0, encode_pdu(pdu, version), "Session ID mismatch\0")]
        if pdu.session_id != self.session_id or pdu.serial not in self.sets:
            return [CacheReset()]
        before = self.sets[pdu.serial]
        gone = [
            PrefixPdu(each.prefix, each.max_length, each.asn, is_announcement=False)
            for each in self._ordered(before - self.vrps)
        ]
        new = self._ordered(self.vrps - before)
        return [CacheResponse(self.session_id), *gone, *new, end]

    @staticmethod
    def _ordered(vrps: Iterable[PrefixPdu]) -> list[PrefixPdu]:
        """Return VRPs in an order that is not that of keys."""
        return sorted(vrps, key=lambda each: (each.asn, -each.prefix.first))
