"""An UPDATE as the Python kernel reads it: which prefixes it names, and what is lost of it.

`peerlint.wire.update` reads the same of it, as values.
"""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.bulk.kernel.contract import (
    END_OF_RIB_4,
    END_OF_RIB_6,
    FORM_ADD_PATH,
    FORM_AS4,
    FORM_BROKEN,
    FORM_CUT,
    FORM_INTERNAL,
    BrokenError,
    Fault,
    need,
)
from peerlint.bulk.kernel.python.rows import read_prefix
from peerlint.wire.attribute_types import OPTIONAL, Form
from peerlint.wire.attributes import read_attributes
from peerlint.wire.missing_nlri import NO_TYPE, find_malformed
from peerlint.wire.raw_types import RECOGNISED

_MP_UNREACH_NLRI: Final = 15
_MULTIPROTOCOL: Final = (14, _MP_UNREACH_NLRI)
_EXTENDED_LENGTH, _KIND_BITS = 0x10, 0xC0
#: See `peerlint.wire.update`.
_MANY_DEFAULTS: Final = 3

#: Family, SAFI, first address, length, path identifier or -1.
NamedPrefix = tuple[int, int, int, int, int]
#: Offset, end, fault, and the two numbers of `describe`.
LostPart = tuple[int, int, Fault, int, int]


@attrs.define
class UpdateSections:
    """The sections of an UPDATE; offsets are those of the buffer.

    Attributes:
        form: bits of `RouteBatch.form`.
        unread: where the item starts that the writer cut off, see `wire.update`.
        attributes: where the attribute list starts.
        attributes_end: where it ends, or where the record ends.
        whole_end: where its complete attributes end.
        withdrawn: prefixes withdrawn.
        announced: prefixes announced.
        lost: parts that cannot be read.
        ended: bits of the address families whose End-of-RIB it is.
        is_foreign: whether it has routes of an address family that is not read.
        undeclared_path_ids: whether prefixes have path identifiers although its subtype has none.
        lacks_nlri: whether it is complete and announces no prefix of a family that is read, but
            has attributes besides an MP_UNREACH_NLRI.
    """

    form: int
    unread: int
    attributes: int
    attributes_end: int
    whole_end: int = 0
    withdrawn: list[NamedPrefix] = attrs.field(factory=list)
    announced: list[NamedPrefix] = attrs.field(factory=list)
    lost: list[LostPart] = attrs.field(factory=list)
    ended: int = 0
    is_foreign: bool = False
    undeclared_path_ids: bool = False
    lacks_nlri: bool = False
    # Default routes by field, and whether bits are set right of a prefix's length.
    defaults: list[int] = attrs.field(factory=list)
    has_spare_bits: bool = False


@attrs.frozen
class Section:
    """Prefixes of one family in a message: a field of its own, or a part of an attribute.

    Attributes:
        at: where they start.
        end: where they end, or where the record ends.
        family: 4 or 6.
        safi: 1 or 2.
        is_cut: whether the writer cut them off at the end.
    """

    at: int
    end: int
    family: int
    safi: int
    is_cut: bool = False


@attrs.define
class Multiprotocol:
    """The attributes of a list that have prefixes.

    Attributes:
        left: where the last complete attribute ends.
        reach: the prefixes of MP_REACH_NLRI.
        unreach: those of MP_UNREACH_NLRI.
        seen: the types of both that occur, readable or not.
        lost: parts that cannot be read.
        refused: other reasons for a receiver to reset the session, although all prefixes are known.
        is_foreign: whether one is of an address family that is not read.
    """

    left: int
    reach: Section | None = None
    unreach: Section | None = None
    seen: set[int] = attrs.field(factory=set)
    lost: list[LostPart] = attrs.field(factory=list)
    refused: list[LostPart] = attrs.field(factory=list)
    is_foreign: bool = False


def read_update(buffer: bytes, at: int, end: int, form: int, missing: int) -> UpdateSections:
    """Read the body of an UPDATE; see `wire.recorded_update.examine_recorded_update`.

    Args:
        buffer: octets.
        at: where the body starts.
        end: where it ends, or the record does.
        form: as the record's subtype says.
        missing: octets of the message that its writer cut off.
    """
    found = _read_either_way(buffer, at, end, form, missing)
    if found.lacks_nlri:
        _note_malformed(buffer, found)
    return found


def _read_either_way(buffer: bytes, at: int, end: int, form: int, missing: int) -> UpdateSections:
    """Read an UPDATE, with path identifiers if it has some although its subtype has none."""
    plain = _Reading(buffer, form, end, missing).read(at)
    defaults = sum(plain.defaults)
    if form & FORM_ADD_PATH or not defaults:
        return plain
    is_nonsense = defaults >= _MANY_DEFAULTS or plain.has_spare_bits
    if not is_nonsense and max(plain.defaults) == 1:
        return plain
    with_ids = _Reading(buffer, form | FORM_ADD_PATH, end, missing).read(at)
    if not with_ids.lost:
        with_ids.undeclared_path_ids = True
        return with_ids
    if not is_nonsense:
        return plain
    nothing = UpdateSections(form, end, end, end)
    nothing.lost.append((at, end, Fault.DEFAULT_ROUTES, 0, defaults))
    return nothing


def _note_malformed(buffer: bytes, found: UpdateSections) -> None:
    """Record the first attribute for which a receiver resets the session.

    See `wire.missing_nlri`.
    """
    start, end = found.attributes, found.attributes_end
    octets = buffer[start:end]
    form = Form(
        as4=bool(found.form & FORM_AS4),
        add_path=bool(found.form & FORM_ADD_PATH),
        internal=True if found.form & FORM_INTERNAL else None,
    )
    attributes, _ = read_attributes(octets, form)
    malformed = find_malformed(octets, attributes)
    if malformed is None:
        return
    first, after, kind = malformed
    fault, number = Fault.MALFORMED, kind
    if kind == NO_TYPE:
        fault, number = Fault.ATTRIBUTE_LIST, after - first
    found.lost.append((start + first, start + after, fault, 0, number))
    found.ended = 0


class _Reading:
    """Reads an UPDATE in one form."""

    def __init__(self, buffer: bytes, form: int, end: int, missing: int) -> None:
        self._buffer, self._end, self._missing = buffer, end, missing
        self._found = UpdateSections(form, end, end, end)

    def read(self, at: int) -> UpdateSections:
        """Read the fields of the message, from `at` on (RFC 4271 section 4.3)."""
        found, end, whole = self._found, self._end, self._end + self._missing
        withdrawn_at = at + 2
        withdrawn_end = withdrawn_at + int.from_bytes(self._buffer[at:withdrawn_at])
        if withdrawn_at > end or withdrawn_end > whole:
            return self._ended(at)
        is_cut = withdrawn_end > end
        found.withdrawn += self._field(Section(withdrawn_at, min(withdrawn_end, end), 4, 1, is_cut))
        if is_cut:
            return found
        start = withdrawn_end + 2
        list_end = start + int.from_bytes(self._buffer[withdrawn_end:start])
        if start > end or list_end > whole:
            return self._ended(withdrawn_end)
        found.attributes, found.attributes_end = start, min(list_end, end)
        multiprotocol = self._attributes(start, list_end)
        if multiprotocol.unreach is not None:
            found.withdrawn += self._field(multiprotocol.unreach)
        if list_end < end:
            found.announced += self._field(Section(list_end, end, 4, 1, bool(self._missing)))
        if multiprotocol.reach is not None:
            found.announced += self._field(multiprotocol.reach)
        if not found.lost and list_end <= end:
            self._note_end(multiprotocol, start, list_end)
        return found

    def _ended(self, at: int) -> UpdateSections:
        """Stop at a length field that is cut off or impossible."""
        found, end = self._found, self._end
        if self._missing:
            found.unread = at
        elif at < end or not found.lost:
            length = int.from_bytes(self._buffer[at : min(at + 2, end)])
            # If no octet of the length field is there, the octet before it is reported.
            found.lost.append((min(at, end - 1), end, Fault.UPDATE_LENGTH, 0, length))
        return found

    def _note_end(self, multiprotocol: Multiprotocol, start: int, end: int) -> None:
        """Record an End-of-RIB (RFC 4724 section 2), and whether malformed attributes matter."""
        found, unreach = self._found, multiprotocol.unreach
        if end != self._end or self._missing or found.announced:
            return
        # After the header of the first attribute and its family; most lists have only that one.
        is_alone = unreach is not None and unreach.at <= start + 7 and unreach.end == end
        found.lacks_nlri = start < end and not is_alone
        if not found.is_foreign and not found.withdrawn:
            found.ended = _ended_family(multiprotocol, is_empty=start == end)

    def _attributes(self, start: int, list_end: int) -> Multiprotocol:
        """Find the attributes that have prefixes; the list may end after the record."""
        found, end, is_cut = self._found, self._end, list_end > self._end
        multiprotocol = find_multiprotocol(self._buffer, start, found.attributes_end, is_cut=is_cut)
        for lost in multiprotocol.lost:
            self._lose(lost)
        found.lost += multiprotocol.refused
        found.whole_end = found.attributes_end
        if not is_cut:
            found.is_foreign = multiprotocol.is_foreign
            return multiprotocol
        # In a list that is cut off, announcements count only if no attribute would follow them.
        if multiprotocol.reach is not None:
            kept = found.has_spare_bits
            self._field(multiprotocol.reach)  # to record what is lost in it
            found.defaults.pop()
            found.has_spare_bits = kept
        multiprotocol.reach, found.unread = None, multiprotocol.left
        head = read_head(self._buffer, multiprotocol.left, end)
        if head is None or head[0] in multiprotocol.seen or head[0] not in _MULTIPROTOCOL:
            return multiprotocol
        kind, value, after = head
        part = Multiprotocol(end)
        read_multiprotocol(self._buffer, kind, (value, end), part)
        if part.reach is not None and after == list_end:
            multiprotocol.reach = attrs.evolve(part.reach, is_cut=True)
            found.whole_end, found.is_foreign = multiprotocol.left, multiprotocol.is_foreign
            found.form |= FORM_CUT
            found.unread = end
        elif part.unreach is not None:
            multiprotocol.unreach = attrs.evolve(part.unreach, is_cut=True)
            found.unread = end
        return multiprotocol

    def _lose(self, lost: LostPart) -> None:
        """Record prefixes that cannot be read."""
        self._found.lost.append(lost)
        self._found.form |= FORM_BROKEN

    def _field(self, section: Section) -> list[NamedPrefix]:
        """Read the prefixes of a section, up to the first that cannot be read."""
        found, buffer, at = self._found, self._buffer, section.at
        prefixes: list[NamedPrefix] = []
        path_id, defaults, spare = -1, 0, 0
        try:
            while at < section.end:
                start = at
                if found.form & FORM_ADD_PATH:
                    need(at, 4, section.end)
                    path_id = int.from_bytes(buffer[at : at + 4])
                    at += 4
                first, length, at = read_prefix(buffer, at, section.end, section.family)
                prefixes.append((section.family, section.safi, first, length, path_id))
                defaults += not length
                spare |= length % 8 and buffer[at - 1] & 0xFF >> length % 8
        except BrokenError as broken:
            if section.is_cut and broken.fault is Fault.SHORT:
                found.unread = start
            else:
                self._lose((start, section.end, broken.fault, broken.wanted, broken.found))
        found.defaults.append(defaults)
        found.has_spare_bits |= bool(spare)
        return prefixes


def find_multiprotocol(buffer: bytes, at: int, end: int, *, is_cut: bool) -> Multiprotocol:
    """Find MP_REACH_NLRI and MP_UNREACH_NLRI in a list of attributes of an UPDATE.

    Args:
        buffer: octets.
        at: where the list starts.
        end: where it ends, or where the record ends.
        is_cut: whether the writer cut it off at the end.
    """
    found = Multiprotocol(end)
    again: tuple[int, int] | None = None
    others: set[int] = set()
    is_recognised = True
    while (head := read_head(buffer, at, end)) is not None and head[2] <= end:
        kind, value, after = head
        if kind in _MULTIPROTOCOL and again is None:
            if kind in found.seen:
                again = at, kind
            else:
                found.seen.add(kind)
                if buffer[at] & _KIND_BITS != OPTIONAL:  # RFC 7606 section 5.3
                    there = buffer[at] & ~_EXTENDED_LENGTH
                    found.refused.append((at, at + 1, Fault.FLAGS, OPTIONAL, there))
                read_multiprotocol(buffer, kind, (value, after), found)
        elif kind not in RECOGNISED and again is None and is_recognised:
            # RFC 4271 section 6.3; a receiver resets the session at the first.
            if not buffer[at] & OPTIONAL and kind not in others:
                is_recognised = False
                found.refused.append((at, after, Fault.UNRECOGNISED, 0, kind))
            others.add(kind)
        at = after
    found.left = at
    if again is not None:
        # RFC 7606 section 3 g: neither which of the two counts is known, nor what follows them.
        found.lost.append((again[0], at if is_cut else end, Fault.REPEATED, 0, again[1]))
    return found


def read_head(buffer: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    """Return an attribute's type, and where its value starts and ends; None if it is cut off."""
    value = at + (4 if at < end and buffer[at] & _EXTENDED_LENGTH else 3)
    if value > end:
        return None
    return buffer[at + 1], value, value + int.from_bytes(buffer[at + 2 : value])


def read_multiprotocol(
    buffer: bytes, kind: int, place: tuple[int, int], found: Multiprotocol
) -> None:
    """Read the value of either attribute up to its prefixes (RFC 4760 sections 3 and 4)."""
    at, end = place
    try:
        need(at, 3, end)
        afi, safi = int.from_bytes(buffer[at : at + 2]), buffer[at + 2]
        if afi not in (1, 2) or safi not in (1, 2):
            found.is_foreign = True
            return
        family = 4 if afi == 1 else 6
        if kind == _MP_UNREACH_NLRI:
            found.unreach = Section(at + 3, end, family, safi)
        else:
            found.reach = Section(_behind_next_hop(buffer, at, end, family), end, family, safi)
    except BrokenError as broken:
        # With the last octet of its length: the value may be empty.
        found.lost.append((at - 1, end, broken.fault, broken.wanted, broken.found))


def _behind_next_hop(buffer: bytes, at: int, end: int, family: int) -> int:
    """Return where the prefixes of an MP_REACH_NLRI start (RFC 7606 section 7.11)."""
    need(at, 5, end)
    hop = buffer[at + 3]
    need(at, 5 + hop, end)
    if hop not in (4, 16, 32):
        raise BrokenError(at + 3, Fault.NEXT_HOP, 0, hop)
    if hop == 4 and family == 6:
        raise BrokenError(at + 3, Fault.NEXT_HOP_OF_IPV6, 0, hop)
    return at + 5 + hop


def _ended_family(multiprotocol: Multiprotocol, *, is_empty: bool) -> int:
    """Return the bit of the family of an UPDATE without prefixes.

    It is empty, or has an MP_UNREACH_NLRI without prefixes. That of multicast says nothing about
    unicast routes.
    """
    if is_empty:
        return END_OF_RIB_4
    unreach = multiprotocol.unreach
    if unreach is None or multiprotocol.reach is not None or unreach.safi != 1:
        return 0
    return END_OF_RIB_4 if unreach.family == 4 else END_OF_RIB_6
