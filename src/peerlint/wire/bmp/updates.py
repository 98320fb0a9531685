"""Read the UPDATEs of a Route Monitoring message, with or without path identifiers.

RFC 7854 allows one UPDATE in a message; all of them are read if there are several.
"""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import AttributeType, Form
from peerlint.wire.bgp import HEADER_OCTETS, Update
from peerlint.wire.damage import Lost
from peerlint.wire.messages import MessageReading, read_messages

_AS_PATH: Final = AttributeType.AS_PATH.name


@attrs.frozen
class UpdateReadings:
    """The UPDATEs of a message, as far as they can be read; offsets count from the first one.

    Attributes:
        form: how they are read; it may differ from what the Peer Up says.
        readings: the UPDATEs.
        lost: the ranges that cannot be read, by ascending offset.
        missing_path_ids: whether they are read without path identifiers although two OPENs
            negotiated them.
        undeclared_as2: whether they are read with AS numbers of two octets although flag A does
            not say it.
    """

    form: Form
    readings: tuple[MessageReading, ...]
    lost: tuple[Lost, ...]
    missing_path_ids: bool = False
    undeclared_as2: bool = False

    @property
    def is_foreign(self) -> bool:
        """Whether a part of them is of an address family that is not supported."""
        return any(each.is_foreign for each in self.readings)


def read_updates(octets: bytes, form: Form, *, may_have_as2: bool = False) -> UpdateReadings:
    """Read the UPDATEs of a Route Monitoring message.

    FRR sends no path identifiers in these messages, even if the session has them. UPDATEs that
    cannot be read completely with path identifiers, but can without, are read without.

    FRR 8.4 leaves flag A out. An AS_PATH that is malformed with AS numbers of four octets, but is
    not with two, is read with two.

    Args:
        octets: the UPDATEs; empty input is an error.
        form: the encoding that the Peer Up and the per-peer header say.
        may_have_as2: whether AS numbers may have two octets although the form says four.
    """
    found = _with_or_without_path_ids(octets, form)
    if not may_have_as2 or not _has_malformed_path(found):
        return found
    narrow = _with_or_without_path_ids(octets, attrs.evolve(form, as4=False))
    if narrow.lost or _has_malformed_path(narrow):
        return found
    return attrs.evolve(narrow, undeclared_as2=True)


def _has_malformed_path(found: UpdateReadings) -> bool:
    return any(
        isinstance(each.message, Update) and _AS_PATH in each.message.attributes.malformed
        for each in found.readings
    )


def _with_or_without_path_ids(octets: bytes, form: Form) -> UpdateReadings:
    found = _read(octets, form)
    if not form.add_path or not found.lost:
        return found
    plain = _read(octets, attrs.evolve(form, add_path=False))
    if plain.lost or any(each.undeclared_path_ids for each in plain.readings):
        return found
    return attrs.evolve(plain, missing_path_ids=True)


def _read(octets: bytes, form: Form) -> UpdateReadings:
    messages, error = read_messages(octets, form)
    lost: list[Lost] = []
    at = 0
    for each in messages:
        if isinstance(each.message, Update):
            lost += each.lost
        else:
            lost.append(_no_update(each, at))
        at += len(each.octets)
    if error is not None:
        lost.append(Lost(min(error.offset, len(octets)), len(octets), error))
    updates = tuple(each for each in messages if isinstance(each.message, Update))
    return UpdateReadings(form, updates, tuple(lost))


def _no_update(reading: MessageReading, at: int) -> Lost:
    """Return the loss of a message at offset `at` that is no UPDATE."""
    kind = at + HEADER_OCTETS - 1
    error = WireError(kind, expected="an UPDATE", found=f"type {reading.octets[18]}")
    return Lost(kind, at + len(reading.octets), error)
