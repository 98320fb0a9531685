"""Registry files that are damaged.

The octets are changes of a file. A file whose checksums are not mended is refused where it is
damaged: it never answers anything else. One with mended checksums, as only a program can write
it, gives an error, or answers that agree with each other.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Final

from fuzz.harnesses._laws import agree
from fuzz.registry_corpus import (
    CHANGE,
    delegated_seeds,
    irr_seeds,
    peeringdb_seeds,
    vrp_seeds,
)
from peerlint.errors import FeedError
from peerlint.registry import Registry
from peerlint.registry.build import built
from peerlint.registry.delegated import read_delegated
from peerlint.registry.dumps import inputs_of
from peerlint.registry.irr import read_irr
from peerlint.registry.peeringdb import read_peeringdb
from peerlint.registry.rpki import read_vrps

_NAME: Final = "registry.peerlint"
_NOW: Final = 1_796_050_000_000_000
#: Octets in front of the header: magic, version, length of the header, its SHA-256.
_HEADER: Final = 48
_ALIGNMENT: Final = 64
_PREFIXES: Final = ("203.0.113.0/24", "2001:db8::/48", "0.0.0.0/0", "::/0")
_ASNS: Final = (0, 64500, 64501)


def check_registry(octets: bytes) -> None:
    """Change a file as the octets say; the checksums are mended if the first one is odd.

    Raises:
        AssertionError: damage is not seen, or answers contradict each other.
    """
    is_mended = bool(octets[:1] and octets[0] & 1)
    end = 1 + (len(octets) - 1) // CHANGE.size * CHANGE.size
    changes = list(CHANGE.iter_unpack(octets[1:end]))
    try:
        found = _answers(_changed(changes, is_mended=is_mended))
    except FeedError as error:
        agree("the file is named", expected=True, actual=str(error).startswith(_NAME))
        return
    if not is_mended:
        agree("answers of a damaged file", _answers(_base()), found)


@cache
def _base() -> bytes:
    """Return a file with every kind of record."""
    texts = {
        "radb.db": irr_seeds()["objects"],
        "delegated": delegated_seeds()["ripencc"],
        "vrps.json": vrp_seeds()["rpki-client"],
        "peeringdb.json": peeringdb_seeds()["dump"],
    }
    files = {name: BytesIO(text[1:]) for name, text in texts.items()}
    return built(
        inputs_of(
            _NOW,
            irr=[read_irr(files["radb.db"], "radb.db")],
            delegated=[read_delegated(files["delegated"], "delegated")],
            vrps=[read_vrps(files["vrps.json"], "vrps.json", _NOW)],
            peeringdb=[read_peeringdb(files["peeringdb.json"], "peeringdb.json")],
        )
    )


def _changed(changes: list[tuple[int, int]], *, is_mended: bool) -> bytes:
    """Return the file with changes; with checksums that are correct if they are to be mended."""
    octets = bytearray(_base())
    length = struct.unpack_from("<I", octets, 12)[0]
    start = -(-(_HEADER + length) // _ALIGNMENT) * _ALIGNMENT
    placed = [(at % len(octets), octet) for at, octet in changes]
    for at, octet in placed:
        if at >= start:
            octets[at] ^= octet
    if is_mended:
        header = bytes(octets[_HEADER : _HEADER + length])
        for name, dtype, offset, count, digest in json.loads(header)["arrays"]:
            size = count * int(dtype[2:])
            array = octets[start + offset : start + offset + size]
            entry = f'["{name}","{dtype}",{offset},{count},"'.encode()
            header = header.replace(
                entry + digest.encode(), entry + sha256(array).hexdigest().encode()
            )
        octets[_HEADER : _HEADER + length] = header
    for at, octet in placed:
        if at < start:
            octets[at] ^= octet
    if is_mended:
        octets[16:_HEADER] = sha256(octets[_HEADER : _HEADER + length]).digest()
    return bytes(octets)


def _answers(octets: bytes) -> object:
    """Ask a file everything, and check that its answers agree."""
    registry = Registry.of_octets(octets, _NAME, now=_NOW)
    states = [
        [int(registry.validity(prefix, None if asn < 0 else asn).state) for prefix in _PREFIXES]
        for asn in (-1, *_ASNS)
    ]
    columns = [registry.judge(_PREFIXES, [asn] * 4).tolist() for asn in (-1, *_ASNS)]
    agree("one by one and as columns", states, columns)
    return (
        states,
        [registry.judge_route_objects(_PREFIXES, [asn] * 4).tolist() for asn in _ASNS],
        [registry.origin(asn) for asn in _ASNS],
        [registry.routes(prefix) for prefix in _PREFIXES],
        [registry.routes_of(asn) for asn in _ASNS],
        [registry.holder(prefix) for prefix in _PREFIXES],
        registry.network(8075),
        registry.facilities(8075),
        registry.contacts(8075),
        [str(each) for each in registry.sources],
        registry.built,
    )
