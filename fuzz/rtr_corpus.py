"""Seeds of the harness `rtr`: answers of a cache, and what it may send besides."""

from __future__ import annotations

from typing import Final

from peerlint.model import Prefix
from peerlint.wire.rtr import (
    CacheReset,
    CacheResponse,
    EndOfData,
    ErrorReport,
    Pdu,
    PrefixPdu,
    RouterKey,
    SerialNotify,
    Timers,
    encode_pdu,
)

_KNOWN: Final = PrefixPdu(Prefix.parse("203.0.113.0/24"), 24, 64500)
_GONE: Final = PrefixPdu(Prefix.parse("203.0.113.0/24"), 24, 64500, is_announcement=False)
_NEW: Final = PrefixPdu(Prefix.parse("2001:db8::/32"), 48, 64501)
_END: Final = EndOfData(1, 8, Timers(3600, 600, 7200))
_ANSWERS: Final[dict[str, list[Pdu]]] = {
    "all": [CacheResponse(1), _KNOWN, _NEW, _END, SerialNotify(1, 9)],
    "changes": [CacheResponse(1), _GONE, _NEW, _END],
    "twice": [CacheResponse(1), _KNOWN, _KNOWN, _END],
    "nothing": [CacheResponse(1), _END],
    "reset": [CacheReset(), CacheResponse(2), _NEW, EndOfData(2, 0)],
    "error": [ErrorReport(0, encode_pdu(_KNOWN, 1), "Session ID mismatch")],
    "no-data": [ErrorReport(2), SerialNotify(1, 9)],
    "key": [CacheResponse(1), RouterKey(64500, b"i" * 20, b"key"), _KNOWN, _END],
    "many": [CacheResponse(1), *[_KNOWN, _NEW] * 20, *[_KNOWN] * 150, _END],
    "other-session": [CacheResponse(2), _NEW, EndOfData(2, 8)],
}


def rtr_seeds() -> dict[str, bytes]:
    """Return the seeds by name, in both versions, with and without data of the router."""
    return {
        f"{name}-{version}-{'data' if start else 'none'}": bytes((7, start))
        + b"".join(encode_pdu(pdu, version) for pdu in pdus if version or name != "key")
        for name, pdus in _ANSWERS.items()
        for version in (0, 1)
        for start in (0, 255)
    }
