"""UPDATE messages (RFC 4271 section 4.3), whole, cut, or with prefixes that break half way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import EXTENDED_LENGTH, AttributeType, Form
from peerlint.wire.attributes import (
    Attributes,
    encode_attributes,
    read_attributes,
)
from peerlint.wire.damage import Lost
from peerlint.wire.missing_nlri import lost_without_nlri
from peerlint.wire.nlri import Nlri, encode_nlri, read_nlri
from peerlint.wire.reach import (
    BrokenPrefixesError,
    MpReach,
    MpUnreach,
    decode_mp_reach,
    decode_mp_unreach,
)

_NO_ATTRIBUTES: Final = Attributes()
_IPV4_UNICAST: Final = (4, 1)
_MP_NLRI: Final = (AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI)
#: No speaker sends so many default routes in one UPDATE: one of each family at most, announced
#: or withdrawn. Path identifiers below 2**24, read as prefixes, start with three.
_MANY_DEFAULTS: Final = 3


@attrs.frozen
class Update:
    """An UPDATE (RFC 4271 section 4.3).

    Attributes:
        withdrawn: IPv4 unicast prefixes withdrawn in the message's own field.
        attributes: they may announce and withdraw more, see `MpReach` and `MpUnreach`.
        nlri: IPv4 unicast prefixes announced in the message's own field.
    """

    withdrawn: tuple[Nlri, ...] = ()
    attributes: Attributes = _NO_ATTRIBUTES
    nlri: tuple[Nlri, ...] = ()

    @property
    def announced(self) -> tuple[tuple[Nlri, int], ...]:
        """Every prefix announced with its SAFI, the message's own field first."""
        own = tuple((nlri, 1) for nlri in self.nlri)
        reach = self.attributes.mp_reach
        if reach is None or reach.safi is None:
            return own
        return own + tuple((nlri, reach.safi) for nlri in reach.nlri)

    @property
    def all_withdrawn(self) -> tuple[tuple[Nlri, int], ...]:
        """Every prefix withdrawn with its SAFI, the message's own field first."""
        own = tuple((nlri, 1) for nlri in self.withdrawn)
        unreach = self.attributes.mp_unreach
        if unreach is None:
            return own
        return own + tuple((nlri, unreach.safi) for nlri in unreach.nlri)


@attrs.frozen
class UpdateReading:
    """An UPDATE as far as it can be read, and what is missing.

    Attributes:
        update: what can be read. If prefixes are lost, the fault `NLRI` of its attributes says
            that those announced are treated as withdrawn.
        lost: octets that cannot be read, ascending, but for those of a cut.
        unread: where the part starts that ends in the writer's cut; the end if there is no cut,
            or if it falls between two prefixes.
        undeclared_path_ids: whether prefixes have path identifiers that the form denies.
    """

    update: Update
    unread: int
    lost: tuple[Lost, ...] = ()
    undeclared_path_ids: bool = False


def decode_update(body: bytes, form: Form) -> Update:
    """Read the body of an UPDATE.

    Raises:
        WireError: its lengths do not fit together, or prefixes cannot be read or may be lost.
    """
    update, error = read_update(body, form)
    if error is not None:
        raise error
    return update


def read_update(body: bytes, form: Form) -> tuple[Update, WireError | None]:
    """Read the body of an UPDATE as far as it can be read.

    Returns:
        What can be read, and the error at the first octet that makes no sense.
    """
    reading = examine_update(body, form)
    return reading.update, reading.lost[0].error if reading.lost else None


def examine_recorded_update(body: bytes, form: Form, missing: int = 0) -> UpdateReading:
    """Read the body of an UPDATE whose form is only what the subtype of an MRT record says.

    FRR before 8 writes path identifiers into records whose subtype denies them. Read as
    prefixes, they are default routes that nobody sent. So an UPDATE with many of them, or with
    one beside bits behind a prefix length, is read with identifiers; if that does not read it
    whole, all of it is lost. An UPDATE with one twice in a field is read with identifiers if that
    reads it whole.

    Args:
        body: of the UPDATE.
        form: as the record says.
        missing: octets of the message that its writer cut off.
    """
    plain = _examine(body, form, missing)
    if form.add_path:
        return _answered(plain, body, missing)
    fields = _fields(plain.update)
    for field in fields:  # a loop: asked of every UPDATE, of which hardly one has any
        for each in field:
            if not each.prefix.length:
                chosen = _with_path_ids(body, form, missing, plain, fields)
                return _answered(chosen, body, missing)
    return _answered(plain, body, missing)


def _with_path_ids(
    body: bytes,
    form: Form,
    missing: int,
    plain: UpdateReading,
    fields: tuple[tuple[Nlri, ...], ...],
) -> UpdateReading:
    """Choose between the plain reading of an UPDATE with default routes, and one with identifiers.

    Args:
        body: its octets.
        form: as the record says.
        missing: octets of the message that its writer cut off.
        plain: the plain reading.
        fields: its prefixes, see `_fields`.
    """
    counts = [[each.prefix.length for each in field].count(0) for field in fields]
    defaults = sum(counts)
    is_nonsense = defaults >= _MANY_DEFAULTS or _has_spare_bits(body, plain.update)
    if not is_nonsense and max(counts) == 1:
        return plain
    with_ids = _examine(body, attrs.evolve(form, add_path=True), missing)
    if not with_ids.lost:
        return attrs.evolve(with_ids, undeclared_path_ids=True)
    if not is_nonsense:
        return plain
    error = WireError(
        0, expected="prefixes without path identifiers", found=f"{defaults} default routes"
    )
    return UpdateReading(Update(), len(body), (Lost(0, len(body), error),))


def examine_update(body: bytes, form: Form, missing: int = 0) -> UpdateReading:
    """Read the body of an UPDATE as far as it can be read, and say what is lost.

    A prefix that cannot be read costs the rest of its field, an attribute with prefixes that
    cannot be read costs itself.

    Args:
        body: its octets.
        form: how they are written.
        missing: octets of the message that its writer cut off.
    """
    return _answered(_examine(body, form, missing), body, missing)


def _answered(reading: UpdateReading, body: bytes, missing: int) -> UpdateReading:
    """Return a reading with that for which a receiver resets the session though all can be read.

    RFC 7606 section 5.2: no prefix is announced, and an attribute is malformed that is not only
    discarded. What may be in a part that was cut off is not known.
    """
    update = reading.update
    if not update.attributes.faults or reading.lost or missing or update.announced:
        return reading
    withdrawn_end = 2 + int.from_bytes(body[:2])
    lost = lost_without_nlri(body[withdrawn_end + 2 :], update.attributes, withdrawn_end + 2)
    return reading if lost is None else attrs.evolve(reading, lost=(lost,))


def _examine(body: bytes, form: Form, missing: int) -> UpdateReading:
    """Read the body of an UPDATE, see `examine_update`, but for what its attributes are worth."""
    size = len(body)
    withdrawn_end = 2 + int.from_bytes(body[:2])
    start = withdrawn_end + 2
    end = start + int.from_bytes(body[withdrawn_end:start])
    if end > size:
        return _examine_part(body, form, missing, (withdrawn_end, start, end))
    add_path = _IPV4_UNICAST in form.add_path
    withdrawn: tuple[Nlri, ...] = ()
    nlri: tuple[Nlri, ...] = ()
    attributes, unread = _NO_ATTRIBUTES, size
    lost: tuple[Lost, ...] = ()
    if withdrawn_end > 2:
        withdrawn, broken = read_nlri(body[2:withdrawn_end], 4, add_path=add_path, base=2)
        lost = _joined(broken)
    if start < end:
        attributes, unreadable = read_attributes(body[start:end], form)
        if unreadable:
            lost += tuple(each.moved(start) for each in unreadable)
    if end < size:
        nlri, broken = read_nlri(body[end:], 4, add_path=add_path, base=end)
        if broken is not None and missing and broken.is_cut:
            unread = broken.at
        else:
            lost += _joined(broken)
    if lost:
        attributes = _marked(attributes, lost)
    return UpdateReading(Update(withdrawn, attributes, nlri), unread, lost)


def _examine_part(
    body: bytes, form: Form, missing: int, places: tuple[int, int, int]
) -> UpdateReading:
    """Read an UPDATE that ends, or whose lengths lead, in front of its announced prefixes.

    Args:
        body: its octets.
        form: how they are written.
        missing: octets that its writer cut off; 0 if the lengths cannot be true.
        places: where the withdrawn prefixes end and the attributes start and end.
    """
    withdrawn_end, start, end = places
    size, whole = len(body), len(body) + missing
    if size < 2 or withdrawn_end > whole or (withdrawn_end > size and not missing):
        return _ended(body, 0, missing, Update())
    add_path = _IPV4_UNICAST in form.add_path
    field = body[2 : min(withdrawn_end, size)]
    withdrawn, broken = read_nlri(field, 4, add_path=add_path, base=2)
    if withdrawn_end > size:  # and the cut is in there
        if broken is not None and broken.is_cut:
            return UpdateReading(Update(withdrawn), broken.at)
        return UpdateReading(Update(withdrawn), size, _joined(broken))
    if start > size or end > whole or not missing:
        return _ended(body, withdrawn_end, missing, Update(withdrawn), _joined(broken))
    part = read_cut_attributes(body[start:], form, end - start)
    lost = _joined(broken) + tuple(each.moved(start) for each in part.lost)
    attributes = _marked(part.attributes, lost)
    return UpdateReading(Update(withdrawn, attributes), start + part.unread, lost)


def _ended(
    body: bytes, at: int, missing: int, update: Update, lost: tuple[Lost, ...] = ()
) -> UpdateReading:
    """Return what stands in front of the length at `at`, which is cut or cannot be true."""
    if missing or (lost and at >= len(body)):
        return UpdateReading(update, at, lost)
    found = str(int.from_bytes(body[at : at + 2]))
    error = WireError(at, expected="a length that ends inside the message", found=found)
    # If nothing is left of the length, the octet in front of it stands for it.
    start, end = min(at, len(body) - 1), len(body)
    return UpdateReading(update, end, (*lost, Lost(start, end, error)))


def _marked(attributes: Attributes, lost: tuple[Lost, ...]) -> Attributes:
    """Return the attributes of an UPDATE, with a fault if some of its prefixes are not known."""
    if any(each.hides_prefixes for each in lost):
        return attributes.with_broken_prefixes()
    return attributes


def _joined(lost: Lost | None) -> tuple[Lost, ...]:
    return () if lost is None else (lost,)


@attrs.frozen
class CutAttributes:
    """What is left of a list of attributes that its writer cut.

    Attributes:
        attributes: what speaks of prefixes that can be read: of MP_UNREACH_NLRI, and of
            MP_REACH_NLRI if the cut is inside it and no attribute was to follow. Otherwise not
            all attributes of the routes are there.
        unread: where the part starts that is cut.
        lost: what else cannot be read.
    """

    attributes: Attributes
    unread: int
    lost: tuple[Lost, ...] = ()


def read_cut_attributes(octets: bytes, form: Form, size: int | None = None) -> CutAttributes:
    """Read a list of attributes that its writer cut.

    Args:
        octets: what is left of it.
        form: how they are written.
        size: of the whole list; None if the cut is known to be inside its last attribute.
    """
    at, kind, value_at, end = _cut_head(octets)
    attributes, lost = read_attributes(octets[:at], form)
    reach, unreach, unread = None, attributes.mp_unreach, at
    if kind in _MP_NLRI and not _has(attributes, kind):
        part, broken = _readable(kind, octets[value_at:], form)
        if isinstance(part, MpUnreach):
            unreach = part
        elif isinstance(part, MpReach) and size in (None, end):
            reach = part
        if part in (reach, unreach) and part is not None:
            unread = len(octets)
            if broken is not None and broken.is_cut:
                unread = value_at + broken.at
            elif broken is not None:
                lost += (broken.moved(value_at),)
    if reach is not None:
        kept = attrs.evolve(attributes, mp_reach=reach)
    else:
        kept = Attributes(mp_unreach=unreach)
    return CutAttributes(kept, unread, lost)


def _cut_head(octets: bytes) -> tuple[int, int, int, int]:
    """Find the attribute in which a list ends.

    Returns:
        Where it starts, its type, where its value starts and where it would end; if its head is
        cut too, or nothing of it is left, only the first is true, and the type is -1.
    """
    at, size = 0, len(octets)
    while at + 3 <= size:
        value_at = at + (4 if octets[at] & EXTENDED_LENGTH else 3)
        end = value_at + int.from_bytes(octets[at + 2 : value_at])
        if value_at > size:
            break
        if end > size:
            return at, octets[at + 1], value_at, end
        at = end
    return at, -1, size, -1


def _has(attributes: Attributes, kind: int) -> bool:
    """Whether an attribute that names prefixes is there, readable or not."""
    read = attributes.mp_reach if kind == AttributeType.MP_REACH_NLRI else attributes.mp_unreach
    return read is not None or any(raw.type == kind for raw in attributes.others)


def _readable(
    kind: int, value: bytes, form: Form
) -> tuple[MpReach | MpUnreach | None, Lost | None]:
    """Return what can be read of an attribute that names prefixes, and what breaks there."""
    decode = decode_mp_reach if kind == AttributeType.MP_REACH_NLRI else decode_mp_unreach
    try:
        return decode(value, form), None
    except BrokenPrefixesError as error:
        return error.readable, error.lost
    except WireError:  # in front of its prefixes, or of a family that is not read
        return None, None


def _fields(update: Update) -> tuple[tuple[Nlri, ...], ...]:
    """Return the prefixes of each field and attribute."""
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
    """Whether bits are set right of the length of a prefix, read without path identifiers."""
    withdrawn_end = 2 + int.from_bytes(body[:2])
    start = withdrawn_end + 2
    end = start + int.from_bytes(body[withdrawn_end:start])
    return (
        _spare_bits(body[2:withdrawn_end], len(update.withdrawn))
        or _spare_bits(body[end:], len(update.nlri))
        or any(_spare_bits(*each) for each in _mp_nlri(body[start:end], update.attributes))
    )


def _mp_nlri(octets: bytes, attributes: Attributes) -> Iterator[tuple[bytes, int]]:
    """Yield the prefixes of MP_REACH_NLRI and MP_UNREACH_NLRI, and how many can be read."""
    left: dict[int, MpReach | MpUnreach] = {}
    if attributes.mp_reach is not None:
        left[AttributeType.MP_REACH_NLRI] = attributes.mp_reach
    if attributes.mp_unreach is not None:
        left[AttributeType.MP_UNREACH_NLRI] = attributes.mp_unreach
    at = 0
    while left and at + 3 <= len(octets):
        value_at = at + (4 if octets[at] & EXTENDED_LENGTH else 3)
        kind, end = octets[at + 1], value_at + int.from_bytes(octets[at + 2 : value_at])
        read = left.pop(kind, None)
        if read is not None:
            head = 5 + octets[value_at + 3] if kind == AttributeType.MP_REACH_NLRI else 3
            yield octets[value_at + head : end], len(read.nlri)
        at = end


def _spare_bits(octets: bytes, count: int) -> bool:
    """Whether one of the first prefixes has bits set right of its length."""
    at = 0
    for _ in range(count):
        length = octets[at]
        at += 1 + (length + 7) // 8
        if length % 8 and octets[at - 1] & 0xFF >> length % 8:
            return True
    return False


def encode_update(update: Update, form: Form) -> bytes:
    """Return the body of an UPDATE."""
    withdrawn = encode_nlri(update.withdrawn)
    attributes = encode_attributes(update.attributes, form)
    return b"".join(
        (
            len(withdrawn).to_bytes(2),
            withdrawn,
            len(attributes).to_bytes(2),
            attributes,
            encode_nlri(update.nlri),
        )
    )
