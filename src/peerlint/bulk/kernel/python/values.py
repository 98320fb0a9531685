"""The values of an attribute list by type, in plain Python."""

from __future__ import annotations

from typing import Final

from peerlint.bulk.kernel.contract import FORM_INTERNAL, FORM_UPDATE
from peerlint.errors import WireError
from peerlint.wire.attribute_types import OPTIONAL, AttributeType, Treatment
from peerlint.wire.raw_types import RAW_FLAGS, RECOGNISED, RawType, check_raw

#: The Optional and Transitive bits of each attribute; a conflict makes it malformed (RFC 7606
#: section 3 c), which discards some and withdraws the route for the others.
_KIND_BITS: Final = 0xC0
_FLAGS: Final = {int(kind): kind.flags for kind in AttributeType} | dict.fromkeys(
    map(int, RawType), RAW_FLAGS
)
_DECODED: Final = frozenset(map(int, AttributeType))
#: Types that are discarded then, by whether the session is internal.
_DISCARDED: Final = {
    internal: {
        int(kind)
        for kind in AttributeType
        if kind.flags_treatment_from(internal=internal) is Treatment.DISCARD
    }
    for internal in (False, True)
}


def split_values(buffer: bytes, at: int, end: int, form: int) -> dict[int, bytes] | None:
    """Return the values by type code, without those that are discarded because of their flags.

    Flags are checked in an UPDATE only: in a RIB, BIRD writes 0 for attributes that it made itself.

    Returns:
        None if an attribute overruns the end, or if its flags withdraw the route.
    """
    in_update, discarded = form & FORM_UPDATE, _DISCARDED[bool(form & FORM_INTERNAL)]
    found: dict[int, bytes] = {}
    ignored: set[int] = set()
    while at + 3 <= end:
        # Flags, type, and one or two octets of length.
        flags, kind, size = buffer[at : at + 3]
        value = at + 3
        if flags & 0x10:
            if at + 4 > end:
                return None
            size = size << 8 | buffer[value]
            value += 1
        at = value + size
        if kind in found or kind in ignored:
            continue  # the first one counts, RFC 7606 section 3 g
        if not in_update or _FLAGS.get(kind, flags & _KIND_BITS) == flags & _KIND_BITS:
            if kind not in _DECODED and not _is_kept(flags, kind, buffer[value:at], in_update):
                return None
            found[kind] = buffer[value:at]
        elif kind in discarded:
            ignored.add(kind)
        else:
            return None
    return found if at == end else None


def _is_kept(flags: int, kind: int, value: bytes, in_update: int) -> bool:
    """Whether the route is kept that has this attribute, which facts do not depend on.

    RFC 4271 section 6.3: a well-known one has to be recognised. RFC 7606 sections 7.15 and 7.16.
    """
    if in_update and not flags & OPTIONAL and kind not in RECOGNISED:
        return False
    try:
        check_raw(kind, value)
    except WireError:
        return False
    return True
