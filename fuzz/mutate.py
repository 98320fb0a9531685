"""Mutations of which half keep the lengths valid.

If a mutation adds or removes an octet of a record, the rest of the stream only tests how the reader
resumes after damage. That is worth a part of the time, but not all of it.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from functools import partial
from typing import Final

from fuzz.mutate_json import in_lines

#: libFuzzer's own mutation: takes octets and the maximum length of the result.
Mutate = Callable[[bytes, int], bytes]
#: A mutation that takes a seed too.
SeededMutate = Callable[[bytes, int, int], bytes]

_MRT_HEADER: Final = struct.Struct(">IHHI")
_BMP_HEADER: Final = struct.Struct(">BIB")
_MARKER: Final = b"\xff" * 16


def mutator(name: str, mutate: Mutate) -> SeededMutate | None:
    """Return the mutation of a harness; None if libFuzzer's own is used."""
    inside = _INSIDE.get(name)
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
    return _in_part(octets, most, chance, _records(octets[1:]), partial(_changed, mutate=mutate))


def _in_message(octets: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Change, drop, repeat or move a message of a BMP stream; its length stays valid."""
    change = partial(_changed_message, mutate=mutate)
    return _in_part(octets, most, chance, _messages(octets[1:]), change)


def _in_part(
    octets: bytes,
    most: int,
    chance: random.Random,
    parts: list[bytes],
    change: Callable[[bytes, int], bytes],
) -> bytes:
    """Change, drop, repeat or move a part of a stream.

    Args:
        octets: an octet that is kept, and the stream.
        most: the maximum length of the result.
        chance: the source of decisions.
        parts: the parts of the stream.
        change: changes a part; takes it and the maximum length of the result.
    """
    place = chance.randrange(len(parts))
    what = chance.randrange(6)
    if what == 0:
        parts.insert(chance.randrange(len(parts) + 1), parts[place])
    elif what == 1:
        parts.append(parts.pop(place))
    else:
        parts[place] = change(parts[place], max(1, most - len(octets) + len(parts[place])))
    return octets[:1] + b"".join(parts)


def _records(stream: bytes) -> list[bytes]:
    """Split an MRT stream by the lengths of its records; the last item is the rest."""
    return _split(
        stream, _MRT_HEADER.size, lambda at: 12 + int.from_bytes(stream[at + 8 : at + 12])
    )


def _messages(stream: bytes) -> list[bytes]:
    """Split a BMP stream by the lengths of its messages; the last item is the rest."""
    return _split(
        stream, _BMP_HEADER.size, lambda at: max(6, int.from_bytes(stream[at + 1 : at + 5]))
    )


def _split(stream: bytes, header: int, length: Callable[[int], int]) -> list[bytes]:
    """Split a stream; the last item is what is incomplete.

    Args:
        stream: octets.
        header: the octets of a part's header.
        length: returns the length of the part at an offset, header included.
    """
    found: list[bytes] = []
    at = 0
    while at + header <= len(stream):
        end = at + length(at)
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
    body = _changed_body(record[_MRT_HEADER.size :], limit - _MRT_HEADER.size, mutate)
    return _MRT_HEADER.pack(seconds, kind, subtype, len(body)) + body


def _changed_message(message: bytes, limit: int, mutate: Mutate) -> bytes:
    """Mutate the body of a BMP message, and set its length and that of a BGP message in it."""
    if len(message) <= _BMP_HEADER.size:
        return bytes(mutate(message or b"\0", limit))
    version, _, kind = _BMP_HEADER.unpack_from(message)
    body = _changed_body(message[_BMP_HEADER.size :], limit - _BMP_HEADER.size, mutate)
    return _BMP_HEADER.pack(version, _BMP_HEADER.size + len(body), kind) + body


def _changed_body(octets: bytes, limit: int, mutate: Mutate) -> bytes:
    """Mutate a body, and set the length of the last BGP message in it."""
    body = bytearray(mutate(octets, max(1, limit)))
    marker = body.rfind(_MARKER)
    if marker >= 0 and marker + 18 <= len(body):
        body[marker + 16 : marker + 18] = (len(body) - marker & 0xFFFF).to_bytes(2)
    return bytes(body)


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


def _in_lines(octets: bytes, most: int, chance: random.Random, _: Mutate) -> bytes:
    """Change a value, drop, repeat or move a line of JSON."""
    return in_lines(octets, most, chance)


def _in_sized_lines(octets: bytes, most: int, chance: random.Random, _: Mutate) -> bytes:
    """Do the same behind the octet with the size of pieces."""
    return octets[:1] + in_lines(octets[1:], most - 1, chance)


#: Takes octets, the maximum length of the result, the source of decisions and libFuzzer's mutation.
_Inside = Callable[[bytes, int, random.Random, Mutate], bytes]
_INSIDE: Final[dict[str, _Inside]] = {
    "mrt": _in_record,
    "bmp": _in_message,
    "update": _in_field,
    "exabgp": _in_sized_lines,
    "ris": _in_lines,
    "elements": _in_lines,
}
