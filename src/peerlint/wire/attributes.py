"""Decode and encode lists of path attributes (RFC 4271 section 4.3).

A malformed attribute does not end the decoding. It is kept as octets, and `Attributes.faults` has
the error and the treatment that RFC 7606 requires.
"""

from __future__ import annotations

import struct
from typing import Final

from peerlint.errors import WireError
from peerlint.wire.attribute_types import (
    ATTRIBUTE_LIST,
    EXTENDED_LENGTH,
    INTERNAL_ONLY,
    NLRI,
    OPTIONAL,
    TRANSITIVE,
    AttributeType,
    Fault,
    Form,
    RawAttribute,
    Treatment,
)
from peerlint.wire.attribute_values import Attributes
from peerlint.wire.damage import Lost
from peerlint.wire.memo import memoized
from peerlint.wire.raw_types import RAW_FLAGS, RECOGNISED, RawType, check_raw
from peerlint.wire.reach import (
    BrokenPrefixesError,
    ForeignFamilyError,
    MpReach,
    MpUnreach,
)
from peerlint.wire.values import CODECS, Aggregator

__all__ = [
    "ATTRIBUTE_LIST",
    "NLRI",
    "Aggregator",
    "AttributeType",
    "Attributes",
    "Fault",
    "Form",
    "MpReach",
    "MpUnreach",
    "RawAttribute",
    "Treatment",
    "decode_attributes",
    "encode_attribute",
    "encode_attributes",
    "read_attributes",
]

#: The number of decoded lists that are kept: two thirds of a RIB's entries repeat an earlier list.
MEMO: Final = 1 << 13
_MP_NLRI: Final = frozenset((AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI))
_KINDS: Final = {int(kind): kind for kind in AttributeType}
_RAW_KINDS: Final = {int(kind): kind for kind in RawType}
_KIND_BITS: Final = OPTIONAL | TRANSITIVE


def decode_attributes(octets: bytes, form: Form) -> Attributes:
    """Decode a list of path attributes.

    Raises:
        WireError: MP_REACH_NLRI or MP_UNREACH_NLRI of an UPDATE cannot be read or occurs twice, so
            that its prefixes are not known (RFC 7606 sections 5.3 and 3 g).
    """
    attributes, lost = read_attributes(octets, form)
    for each in lost:
        if each.hides_prefixes:
            raise each.error
    return attributes


@memoized(MEMO)
def read_attributes(octets: bytes, form: Form) -> tuple[Attributes, tuple[Lost, ...]]:
    """Decode a list of path attributes as far as it can be read; see `decode_attributes`.

    Returns:
        The attributes, and the ranges of an UPDATE for which a receiver resets the session, in the
        order sent: MP_REACH_NLRI and MP_UNREACH_NLRI that cannot be read, occur twice or have
        wrong flags (RFC 7606 sections 5.3 and 3 g), and the first well-known attribute that is
        not recognised (RFC 4271 section 6.3).
    """
    reader = _ListReader(form)
    at, size = 0, len(octets)
    while at + 3 <= size:
        flags, kind, length = octets[at], octets[at + 1], octets[at + 2]
        value_at = at + 3
        if flags & EXTENDED_LENGTH:
            value_at += 1
            length = int.from_bytes(octets[at + 2 : value_at])
        end = value_at + length
        if end > size:
            break  # RFC 7606 section 4
        if kind in _MP_NLRI and reader.repeats(kind):
            error = WireError(value_at, expected=f"one {_KINDS[kind].name}", found="a second")
            reader.lose(_KINDS[kind], Lost(at, size, error))  # and everything after it
            at = size
            break
        reader.take(value_at, flags, kind, octets[value_at:end])
        at = end
    if at < size:
        found = f"{size - at} octets left"
        reader.add_fault(ATTRIBUTE_LIST, "whole attributes to the end of the list", found)
    return reader.attributes(), tuple(reader.lost)


class _ListReader:
    """Reads one list of attributes, and collects its values and faults."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._values: dict[str, object] = {}
        # At most one for each type, and mostly none: an empty tuple costs nothing.
        self._others: tuple[RawAttribute, ...] = ()
        self._faults: list[Fault] = []
        self._types_read = 0
        self._has_unrecognised = False
        self.lost: list[Lost] = []

    def attributes(self) -> Attributes:
        return Attributes(
            others=self._others,
            faults=tuple(self._faults),
            **self._values,  # type: ignore[arg-type]  # the names and types of CODECS
        )

    def add_fault(
        self, name: str, expected: str, found: str, treatment: Treatment = Treatment.WITHDRAW
    ) -> None:
        self._faults.append(Fault(name, treatment, expected, found))

    def repeats(self, kind: int) -> bool:
        """Return whether `kind` is a second MP_REACH_NLRI or MP_UNREACH_NLRI of an UPDATE."""
        return bool(self._types_read >> kind & 1) and not self._form.in_rib

    def take(self, at: int, flags: int, kind: int, value: bytes) -> None:
        """Read one attribute, whose value starts at offset `at` of the list."""
        if self._types_read >> kind & 1:
            self._repeated(kind)
            return
        self._types_read |= 1 << kind
        codec, form = CODECS.get(kind), self._form
        if codec is None:
            self._take_raw(at, flags, kind, value)
            return
        if form.internal is False and kind in INTERNAL_ONLY:
            self._take_external(flags, _KINDS[kind], value)
            return
        # RFC 7606 section 3 c applies to UPDATEs. In a RIB, BIRD writes 0 as the flags of
        # attributes that it created itself.
        if not form.in_rib and flags & _KIND_BITS != _KINDS[kind].flags:
            self._conflict(at, flags, _KINDS[kind])
            if kind not in _MP_NLRI:
                self._keep(flags, kind, value)
                return
        try:
            self._values[codec.name] = codec.decode(value, self._form)
        except ForeignFamilyError:
            self._keep(flags, kind, value)
        except BrokenPrefixesError as error:
            if self._form.in_rib:
                self._keep(flags, kind, value)
            else:
                self._values[codec.name] = error.readable
            self._malformed(_KINDS[kind], error.lost.moved(at))
        except WireError as error:
            # Include the last octet of the length, because the value may be empty.
            self._malformed(_KINDS[kind], Lost(at - 1, at + len(value), error.moved(at)))
            self._keep(flags, kind, value)

    def _take_external(self, flags: int, kind: AttributeType, value: bytes) -> None:
        """Discard an attribute of internal sessions that an external neighbour sent.

        RFC 7606 sections 7.5, 7.9 and 7.10. The value gets a fault. If it can be read, it is kept
        for output, as other readers of dumps keep it; no rule uses it.
        """
        codec = CODECS[kind]
        self.add_fault(kind.name, "none from an external neighbour", "one", Treatment.DISCARD)
        try:
            decoded = codec.decode(value, self._form) if flags & _KIND_BITS == kind.flags else None
        except WireError:
            decoded = None
        if decoded is None:
            self._keep(flags, kind, value)
        else:
            self._values[codec.name] = decoded

    def _conflict(self, at: int, flags: int, kind: AttributeType) -> None:
        """Record flags of an attribute of an UPDATE that conflict with its type."""
        expected, found = f"flags 0x{kind.flags:02x}", f"0x{flags & ~EXTENDED_LENGTH:02x}"
        treatment = kind.flags_treatment_from(internal=self._form.internal)
        self.add_fault(kind.name, expected, found, treatment)
        if kind in _MP_NLRI:  # RFC 7606 section 5.3
            start = _start(at, flags)
            error = WireError(start, expected=expected, found=found)
            self.lost.append(Lost(start, start + 1, error, hides_prefixes=False))

    def _take_raw(self, at: int, flags: int, kind: int, value: bytes) -> None:
        """Keep an attribute of a type that is not decoded."""
        self._keep(flags, kind, value)
        name = _RAW_KINDS[kind].name if kind in _RAW_KINDS else f"type {kind}"
        in_update = not self._form.in_rib
        if in_update and kind in _RAW_KINDS and flags & _KIND_BITS != RAW_FLAGS:
            self.add_fault(name, f"flags 0x{RAW_FLAGS:02x}", f"0x{flags & ~EXTENDED_LENGTH:02x}")
        elif in_update and kind not in RECOGNISED and not flags & OPTIONAL:
            self._unrecognised(_start(at, flags), at + len(value), name)
        else:
            try:
                check_raw(kind, value)
            except WireError as error:
                self.add_fault(name, error.expected, error.found)

    def _unrecognised(self, at: int, end: int, name: str) -> None:
        """Record a well-known attribute that is not recognised (RFC 4271 section 6.3).

        All of them get a fault. Only the first is recorded as lost: there, a receiver resets the
        session.
        """
        expected, found = "an optional attribute, or one of RFC 4271", f"well-known {name}"
        self.add_fault(name, expected, found)
        if not self._has_unrecognised:
            self._has_unrecognised = True
            error = WireError(at, expected=expected, found=found)
            self.lost.append(Lost(at, end, error, hides_prefixes=False))

    def _keep(self, flags: int, kind: int, value: bytes) -> None:
        self._others += (RawAttribute(flags & ~EXTENDED_LENGTH, kind, value),)

    def lose(self, kind: AttributeType, lost: Lost) -> None:
        """Record octets of MP_REACH_NLRI or MP_UNREACH_NLRI that cannot be read."""
        self.lost.append(lost)
        self.add_fault(kind.name, lost.error.expected, lost.error.found)

    def _malformed(self, kind: AttributeType, lost: Lost) -> None:
        error = lost.error
        if kind not in _MP_NLRI:
            treatment = kind.treatment_from(internal=self._form.internal)
            self.add_fault(kind.name, error.expected, error.found, treatment)
        elif not self._form.in_rib:
            self.lose(kind, lost)
        else:  # the RIB entry has the prefix: only the next hop is unknown
            self.add_fault(kind.name, error.expected, error.found, Treatment.DISCARD)

    def _repeated(self, kind: int) -> None:
        """Record a repeated attribute, which is discarded (RFC 7606 section 3 g)."""
        name = _KINDS[kind].name if kind in CODECS else f"type {kind}"
        self.add_fault(name, "one", "another", Treatment.DISCARD)


def _start(value_at: int, flags: int) -> int:
    """Return the offset at which an attribute starts whose value is at `value_at`."""
    return value_at - (4 if flags & EXTENDED_LENGTH else 3)


def encode_attributes(attributes: Attributes, form: Form) -> bytes:
    """Encode attributes, sorted by type code as RFC 4271 section 5 recommends."""
    raws = list(attributes.others)
    for kind, codec in CODECS.items():
        value = getattr(attributes, codec.name)
        if value is not None and value is not False and value != ():
            raws.append(RawAttribute(_KINDS[kind].flags, kind, codec.encode(value, form)))
    return b"".join(encode_attribute(raw) for raw in sorted(raws, key=lambda raw: raw.type))


def encode_attribute(raw: RawAttribute) -> bytes:
    """Encode one attribute; its length takes two octets only if it exceeds 255."""
    length = len(raw.value)
    if length > 255:
        return struct.pack(">BBH", raw.flags | EXTENDED_LENGTH, raw.type, length) + raw.value
    return bytes((raw.flags, raw.type, length)) + raw.value
