"""Mutations of which half keep the lengths valid.

If a mutation adds or removes an octet of a record, the rest of the stream only tests how the reader
resumes after damage. That is worth a part of the time, but not all of it.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Final

#: libFuzzer's own mutation: takes octets and the maximum length of the result.
Mutate = Callable[[bytes, int], bytes]
#: A mutation that takes a seed too.
SeededMutate = Callable[[bytes, int, int], bytes]

_MRT_HEADER: Final = struct.Struct(">IHHI")
_MARKER: Final = b"\xff" * 16


def mutator(name: str, mutate: Mutate) -> SeededMutate | None:
    """Return the mutation of a harness; None if libFuzzer's own is used."""
    inside = {"mrt": _in_record, "update": _in_field}.get(name)
    if inside is None:
        return None

    def mutated(octets: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311  # the same seed, the same octets
        if chance.random() < 0.5 or len(octets) < 5:
            return bytes(mutate(octets, most))
        return inside(octets, most, chance, mutate)[:most]

    return mutated


def _in_record(octets: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Change, drop, repeat or move a record of an MRT stream; its length stays valid."""
    records = _records(octets[1:])
    place = chance.randrange(len(records))
    what = chance.randrange(6)
    if what == 0:
        records.insert(chance.randrange(len(records) + 1), records[place])
    elif what == 1:
        records.append(records.pop(place))
    else:
        limit = max(1, most - len(octets) + len(records[place]))
        records[place] = _changed(records[place], limit, mutate)
    return octets[:1] + b"".join(records)


def _records(stream: bytes) -> list[bytes]:
    """Split a stream by the lengths of its records; the last item is the rest."""
    found: list[bytes] = []
    at = 0
    while at + _MRT_HEADER.size <= len(stream):
        end = at + _MRT_HEADER.size + int.from_bytes(stream[at + 8 : at + 12])
        if end > len(stream):
            break
        found.append(stream[at:end])
        at = end
    return [*found, stream[at:]] if at < len(stream) or not found else found


def _changed(record: bytes, limit: int, mutate: Mutate) -> bytes:
    """Mutate the body of a record, and set its length and that of a BGP message in it."""
    if len(record) <= _MRT_HEADER.size:
        return bytes(mutate(record or b"\0", limit))
    seconds, kind, subtype, _ = _MRT_HEADER.unpack_from(record)
    body = bytearray(mutate(record[_MRT_HEADER.size :], max(1, limit - _MRT_HEADER.size)))
    marker = body.find(_MARKER)
    if marker >= 0 and marker + 18 <= len(body):
        body[marker + 16 : marker + 18] = (len(body) - marker & 0xFFFF).to_bytes(2)
    return _MRT_HEADER.pack(seconds, kind, subtype, len(body)) + bytes(body)


def _in_field(octets: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Mutate withdrawn prefixes, attributes or NLRI of an UPDATE; the lengths stay valid."""
    body = octets[1:]
    withdrawn_end = min(len(body), 2 + int.from_bytes(body[:2]))
    end = withdrawn_end + 2 + int.from_bytes(body[withdrawn_end : withdrawn_end + 2])
    fields = [body[2:withdrawn_end], body[withdrawn_end + 2 : end], body[end:]]
    place = chance.choice((0, 1, 1, 1, 2))
    limit = max(1, most - len(octets) + len(fields[place]))
    fields[place] = bytes(mutate(fields[place] or b"\0", limit))
    withdrawn, attributes, nlri = fields
    lengths = (len(withdrawn).to_bytes(2), len(attributes).to_bytes(2))
    return b"".join((octets[:1], lengths[0], withdrawn, lengths[1], attributes, nlri))
