"""The signature of a webhook's requests."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

#: The headers of a request: the id of the notice, seconds since 1970, and the signature.
NOTICE_HEADER: Final = "Peerlint-Notice"
TIMESTAMP_HEADER: Final = "Peerlint-Timestamp"
SIGNATURE_HEADER: Final = "Peerlint-Signature"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body that is sent at a time.

    HMAC-SHA256 (RFC 2104) of the timestamp, a full stop and the body, in hexadecimal, after "v1=".
    """
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
