"""Decode and encode UPDATEs (RFC 4271 section 4.3); read damaged ones as far as possible."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import Form
from peerlint.wire.attributes import Attributes, encode_attributes, read_attributes
from peerlint.wire.cut_attributes import read_cut_attributes
from peerlint.wire.damage import Lost
from peerlint.wire.missing_nlri import lost_without_nlri
from peerlint.wire.nlri import Nlri, encode_nlri, read_nlri

_NO_ATTRIBUTES: Final = Attributes()
_IPV4_UNICAST: Final = (4, 1)


@attrs.frozen
class Update:
    """An UPDATE (RFC 4271 section 4.3).

    Attributes:
        withdrawn: the IPv4 unicast prefixes of the Withdrawn Routes field.
        attributes: the path attributes; `MpReach` and `MpUnreach` announce and withdraw more
            prefixes.
        nlri: the IPv4 unicast prefixes of the NLRI field.
    """

    withdrawn: tuple[Nlri, ...] = ()
    attributes: Attributes = _NO_ATTRIBUTES
    nlri: tuple[Nlri, ...] = ()

    @property
    def announced(self) -> tuple[tuple[Nlri, int], ...]:
        """Every announced prefix with its SAFI, those of the NLRI field first."""
        own = tuple((nlri, 1) for nlri in self.nlri)
        reach = self.attributes.mp_reach
        if reach is None or reach.safi is None:
            return own
        return own + tuple((nlri, reach.safi) for nlri in reach.nlri)

    @property
    def all_withdrawn(self) -> tuple[tuple[Nlri, int], ...]:
        """Every withdrawn prefix with its SAFI, those of the Withdrawn Routes field first."""
        own = tuple((nlri, 1) for nlri in self.withdrawn)
        unreach = self.attributes.mp_unreach
        if unreach is None:
            return own
        return own + tuple((nlri, unreach.safi) for nlri in unreach.nlri)


@attrs.frozen
class UpdateReading:
    """An UPDATE as far as it can be read, and the ranges that cannot be read.

    Attributes:
        update: the readable part. If prefixes are lost, its attributes have the fault `NLRI`, which
            says that the announced prefixes are treated as withdrawn.
        unread: the offset of the part that the writer's cut makes unreadable; the end of the body
            if there is no cut, or if it falls between two prefixes.
        lost: the other ranges that cannot be read, by ascending offset.
        undeclared_path_ids: whether prefixes have path identifiers although the form excludes them.
    """

    update: Update
    unread: int
    lost: tuple[Lost, ...] = ()
    undeclared_path_ids: bool = False


def decode_update(body: bytes, form: Form) -> Update:
    """Decode the body of an UPDATE.

    Raises:
        WireError: the lengths of its fields do not match, or prefixes cannot be read or may be
            lost.
    """
    update, error = read_update(body, form)
    if error is not None:
        raise error
    return update


def read_update(body: bytes, form: Form) -> tuple[Update, WireError | None]:
    """Decode the body of an UPDATE as far as it can be read.

    Returns:
        The readable part, and the error at the first invalid octet (None if there is none).
    """
    reading = examine_update(body, form)
    return reading.update, reading.lost[0].error if reading.lost else None


def examine_update(body: bytes, form: Form, missing: int = 0) -> UpdateReading:
    """Decode the body of an UPDATE as far as it can be read, and return what is lost.

    From a prefix that cannot be read on, the rest of its field is lost. An MP_REACH_NLRI or
    MP_UNREACH_NLRI that cannot be read is lost as a whole.

    Args:
        body: the octets of the body.
        form: the encoding of the attributes.
        missing: the number of octets of the message that its writer cut off.
    """
    return with_reset(read_fields(body, form, missing), body, missing)


def with_reset(reading: UpdateReading, body: bytes, missing: int) -> UpdateReading:
    """Return a reading, with the malformed attribute for which a receiver resets the session.

    By RFC 7606 section 5.2, a receiver resets the session if an UPDATE announces no prefix and has
    a malformed attribute that requires treat-as-withdraw, although all octets can be read. An
    UPDATE that was cut off is returned unchanged: the missing part may announce prefixes.

    Args:
        reading: what `read_fields` returns.
        body: the octets of the body.
        missing: the number of octets of the message that its writer cut off.
    """
    update = reading.update
    if not update.attributes.faults or reading.lost or missing or update.announced:
        return reading
    withdrawn_end = 2 + int.from_bytes(body[:2])
    lost = lost_without_nlri(body[withdrawn_end + 2 :], update.attributes, withdrawn_end + 2)
    return reading if lost is None else attrs.evolve(reading, lost=(lost,))


def read_fields(body: bytes, form: Form, missing: int) -> UpdateReading:
    """Read the fields of an UPDATE like `examine_update`, without the check of `with_reset`.

    Args:
        body: the octets of the body.
        form: the encoding of the attributes.
        missing: the number of octets of the message that its writer cut off.
    """
    size = len(body)
    withdrawn_end = 2 + int.from_bytes(body[:2])
    start = withdrawn_end + 2
    end = start + int.from_bytes(body[withdrawn_end:start])
    if end > size:
        return _read_partial_fields(body, form, missing, (withdrawn_end, start, end))
    add_path = _IPV4_UNICAST in form.add_path
    withdrawn: tuple[Nlri, ...] = ()
    nlri: tuple[Nlri, ...] = ()
    attributes, unread = _NO_ATTRIBUTES, size
    lost: tuple[Lost, ...] = ()
    if withdrawn_end > 2:
        withdrawn, broken = read_nlri(body[2:withdrawn_end], 4, add_path=add_path, base=2)
        lost = _as_tuple(broken)
    if start < end:
        attributes, unreadable = read_attributes(body[start:end], form)
        if unreadable:
            lost += tuple(each.moved(start) for each in unreadable)
    if end < size:
        nlri, broken = read_nlri(body[end:], 4, add_path=add_path, base=end)
        if broken is not None and missing and broken.is_cut:
            unread = broken.at
        else:
            lost += _as_tuple(broken)
    if lost:
        attributes = _with_broken_prefixes(attributes, lost)
    return UpdateReading(Update(withdrawn, attributes, nlri), unread, lost)


def _read_partial_fields(
    body: bytes, form: Form, missing: int, bounds: tuple[int, int, int]
) -> UpdateReading:
    """Read an UPDATE whose attributes end after the end of its body.

    Args:
        body: the octets of the body.
        form: the encoding of the attributes.
        missing: the number of octets that the writer cut off; 0 if a length field is wrong.
        bounds: the offsets of the end of the withdrawn prefixes, and of the start and the end of
            the attributes.
    """
    withdrawn_end, start, end = bounds
    size, whole = len(body), len(body) + missing
    if size < 2 or withdrawn_end > whole or (withdrawn_end > size and not missing):
        return _stop_at_length(body, 0, missing, Update())
    add_path = _IPV4_UNICAST in form.add_path
    field = body[2 : min(withdrawn_end, size)]
    withdrawn, broken = read_nlri(field, 4, add_path=add_path, base=2)
    if withdrawn_end > size:  # the cut is in the withdrawn prefixes
        if broken is not None and broken.is_cut:
            return UpdateReading(Update(withdrawn), broken.at)
        return UpdateReading(Update(withdrawn), size, _as_tuple(broken))
    if start > size or end > whole or not missing:
        return _stop_at_length(body, withdrawn_end, missing, Update(withdrawn), _as_tuple(broken))
    part = read_cut_attributes(body[start:], form, end - start)
    lost = _as_tuple(broken) + tuple(each.moved(start) for each in part.lost)
    attributes = _with_broken_prefixes(part.attributes, lost)
    return UpdateReading(Update(withdrawn, attributes), start + part.unread, lost)


def _stop_at_length(
    body: bytes, at: int, missing: int, update: Update, lost: tuple[Lost, ...] = ()
) -> UpdateReading:
    """Return the part before the length field at `at`, which is cut off or wrong."""
    if missing or (lost and at >= len(body)):
        return UpdateReading(update, at, lost)
    found = str(int.from_bytes(body[at : at + 2]))
    error = WireError(at, expected="a length that ends inside the message", found=found)
    # If nothing is left of the length field, the octet before it is counted as lost.
    start, end = min(at, len(body) - 1), len(body)
    return UpdateReading(update, end, (*lost, Lost(start, end, error)))


def _with_broken_prefixes(attributes: Attributes, lost: tuple[Lost, ...]) -> Attributes:
    """Return the attributes of an UPDATE, with a fault if some of its prefixes are unknown."""
    if any(each.hides_prefixes for each in lost):
        return attributes.with_broken_prefixes()
    return attributes


def _as_tuple(lost: Lost | None) -> tuple[Lost, ...]:
    return () if lost is None else (lost,)


def encode_update(update: Update, form: Form) -> bytes:
    """Encode the body of an UPDATE."""
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
