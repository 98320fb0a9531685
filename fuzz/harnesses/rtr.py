"""RTR: single PDUs, and a session that gets the octets of a cache in pieces."""

from __future__ import annotations

from fuzz.harnesses._laws import agree
from peerlint.registry.rtr import RtrEvent, RtrSession, VrpsReceived
from peerlint.wire.rtr import (
    CacheResponse,
    EndOfData,
    PduError,
    PrefixPdu,
    Timers,
    decode_header,
    decode_pdu,
    encode_pdu,
)

_SECOND = 1_000_000
_NOW = 1_790_000_000 * _SECOND
_SESSION = 1


def check_rtr(octets: bytes) -> None:
    """Read what is behind two octets: the size of pieces, and whether the router has data.

    Raises:
        AssertionError: the size of pieces changes what the session says, data is used that no
            complete answer has, or a PDU does not survive encoding and decoding.
    """
    size, has_data, stream = int.from_bytes(octets[:1]), bool(octets[1:2] > b"\x7f"), octets[2:]
    _single_pdus(stream)
    whole = _read(stream, max(1, len(stream)), has_data=has_data)
    agree("what is said of pieces", whole, _read(stream, max(1, size), has_data=has_data))


def _single_pdus(stream: bytes) -> None:
    """Decode PDU after PDU, and encode each again."""
    at = 0
    while at < len(stream):
        try:
            header = decode_header(stream, at)
            pdu = decode_pdu(stream, at)
        except PduError as error:
            agree("the PDU of the error", at, error.start)
            agree("an offset inside", True, at <= error.offset <= len(stream))  # noqa: FBT003
            return
        again = encode_pdu(pdu, min(header.version, 1))
        agree("a PDU read back", pdu, decode_pdu(again))
        at += header.length


def _read(stream: bytes, size: int, *, has_data: bool) -> list[RtrEvent | bytes | bool]:
    """Return what a session says, what it sends, and whether it ends.

    Of several errors that arrive together another one may be the first that is found.
    """
    session, now = RtrSession(), _NOW
    session.connect(now)
    if has_data:
        for pdu in (CacheResponse(_SESSION), _vrp(), EndOfData(_SESSION, 7, Timers(1, 1, 600))):
            session.receive(encode_pdu(pdu, 1), now)
        now += _SECOND
        session.tick(now)
    session.take_output()
    found: list[RtrEvent | bytes | bool] = []
    for at in range(0, len(stream), size):
        before = session.vrps
        events = session.receive(stream[at : at + size], now)
        if not any(isinstance(each, VrpsReceived) for each in events):
            agree("data without an answer", True, session.vrps is before)  # noqa: FBT003
        found += events
        if session.closing is not None:
            break
    is_over = session.closing is not None
    return [*found, is_over, b"" if is_over else session.take_output()]


def _vrp() -> PrefixPdu:
    pdu = decode_pdu(bytes.fromhex("0104000000000014 01181800 cb007100 0000fbf4"))
    if not isinstance(pdu, PrefixPdu):
        raise TypeError("expected a prefix PDU")
    return pdu
