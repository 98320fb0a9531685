"""Read UPDATEs of MRT records, whose subtype may wrongly exclude path identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_bounds import whole_attributes
from peerlint.wire.attribute_types import AttributeType, Form
from peerlint.wire.attributes import Attributes
from peerlint.wire.damage import Lost
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import MpReach, MpUnreach
from peerlint.wire.update import Update, UpdateReading, read_fields, with_reset

#: So many default routes in one UPDATE are path identifiers read as prefixes. A speaker sends at
#: most one of each family, announced or withdrawn; identifiers below 2**24 start with three octets
#: 0.
_MANY_DEFAULTS: Final = 3


def examine_recorded_update(body: bytes, form: Form, missing: int = 0) -> UpdateReading:
    """Read the body of an UPDATE whose form is only known from the subtype of its MRT record.

    FRR before version 8 writes path identifiers into records whose subtype excludes them. Read as
    prefixes, the identifiers are default routes that were never sent. So an UPDATE with
    `_MANY_DEFAULTS` of them, or with one and bits set right of a prefix length, is read with path
    identifiers; if it cannot be read completely that way, all of it is lost. An UPDATE with two
    default routes in one field is read with path identifiers if it can be read completely that way.

    Args:
        body: the octets of the body.
        form: the encoding that the record's subtype says.
        missing: the number of octets of the message that its writer cut off.
    """
    plain = read_fields(body, form, missing)
    if form.add_path:
        return with_reset(plain, body, missing)
    fields = _fields(plain.update)
    for field in fields:  # a plain loop is fastest: hardly any UPDATE has a default route
        for each in field:
            if not each.prefix.length:
                chosen = _with_path_ids(body, form, missing, plain, fields)
                return with_reset(chosen, body, missing)
    return with_reset(plain, body, missing)


def _with_path_ids(
    body: bytes,
    form: Form,
    missing: int,
    plain: UpdateReading,
    fields: tuple[tuple[Nlri, ...], ...],
) -> UpdateReading:
    """Return the plain reading of an UPDATE with default routes, or one with path identifiers.

    Args:
        body: the octets of the body.
        form: the encoding that the record's subtype says.
        missing: the number of octets of the message that its writer cut off.
        plain: the reading without path identifiers.
        fields: the prefixes of the plain reading, see `_fields`.
    """
    counts = [[each.prefix.length for each in field].count(0) for field in fields]
    defaults = sum(counts)
    is_nonsense = defaults >= _MANY_DEFAULTS or _has_spare_bits(body, plain.update)
    if not is_nonsense and max(counts) == 1:
        return plain
    with_ids = read_fields(body, attrs.evolve(form, add_path=True), missing)
    if not with_ids.lost:
        return attrs.evolve(with_ids, undeclared_path_ids=True)
    if not is_nonsense:
        return plain
    error = WireError(
        0, expected="prefixes without path identifiers", found=f"{defaults} default routes"
    )
    return UpdateReading(Update(), len(body), (Lost(0, len(body), error),))


def _fields(update: Update) -> tuple[tuple[Nlri, ...], ...]:
    """Return the prefixes of each field and of MP_REACH_NLRI and MP_UNREACH_NLRI."""
    reach, unreach = update.attributes.mp_reach, update.attributes.mp_unreach
    if reach is None and unreach is None:
        return update.withdrawn, update.nlri
    return (
        update.withdrawn,
        update.nlri,
        () if reach is None else reach.nlri,
        () if unreach is None else unreach.nlri,
    )


def _has_spare_bits(body: bytes, update: Update) -> bool:
    """Return whether a prefix, read without path identifiers, has bits set right of its length."""
    withdrawn_end = 2 + int.from_bytes(body[:2])
    start = withdrawn_end + 2
    end = start + int.from_bytes(body[withdrawn_end:start])
    return (
        _spare_bits(body[2:withdrawn_end], len(update.withdrawn))
        or _spare_bits(body[end:], len(update.nlri))
        or any(_spare_bits(*each) for each in _mp_nlri(body[start:end], update.attributes))
    )


def _mp_nlri(octets: bytes, attributes: Attributes) -> Iterator[tuple[bytes, int]]:
    """Yield the octets of the prefixes of MP_REACH_NLRI and MP_UNREACH_NLRI, and their count."""
    left: dict[int, MpReach | MpUnreach] = {}
    if attributes.mp_reach is not None:
        left[AttributeType.MP_REACH_NLRI] = attributes.mp_reach
    if attributes.mp_unreach is not None:
        left[AttributeType.MP_UNREACH_NLRI] = attributes.mp_unreach
    for _, kind, value_at, end in whole_attributes(octets) if left else ():
        read = left.pop(kind, None)
        if read is not None:
            head = 5 + octets[value_at + 3] if kind == AttributeType.MP_REACH_NLRI else 3
            yield octets[value_at + head : end], len(read.nlri)


def _spare_bits(octets: bytes, count: int) -> bool:
    """Return whether one of the first `count` prefixes has bits set right of its length."""
    at = 0
    for _ in range(count):
        length = octets[at]
        at += 1 + (length + 7) // 8
        if length % 8 and octets[at - 1] & 0xFF >> length % 8:
            return True
    return False
