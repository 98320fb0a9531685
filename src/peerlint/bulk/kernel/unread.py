"""Records that give no rows: whether they are valid, and which routes they may hide.

`wire` reads them, so that both readers of dumps find the same damage in them. They are rare.
"""

from __future__ import annotations

import attrs

from peerlint.bulk.kernel.contract import Fault, describe
from peerlint.errors import WireError
from peerlint.wire.bgp import Update
from peerlint.wire.damage import Damage
from peerlint.wire.messages import read_messages
from peerlint.wire.mrt import (
    Bgp4mpEntry,
    Bgp4mpMessage,
    decode_body,
    may_hold_ipv4,
    read_rib,
)
from peerlint.wire.mrt.header import MrtType
from peerlint.wire.mrt.record import SUPPORTED
from peerlint.wire.mrt.rib import GENERIC_SUBTYPES
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import ForeignFamilyError


@attrs.frozen
class Unread:
    """What is known of a record that gives no rows; offsets are those of its body.

    Attributes:
        may_hide: whether it may hold an IPv4 unicast route.
        is_read: whether it was read, and has nothing that would give a row.
        lost: the parts that cannot be read, if the rest can.
        error: why the rest is invalid.
    """

    may_hide: bool = False
    is_read: bool = False
    lost: tuple[Damage, ...] = ()
    error: WireError | None = None


def examine_unread(kind: int, subtype: int, body: bytes, peers: int | None) -> Unread:
    """Examine a record that is skipped, or a message without addresses.

    Args:
        kind: its type.
        subtype: its subtype.
        body: what follows its head.
        peers: how many the current peer table has; None if there is no table.
    """
    if (kind, subtype) not in SUPPORTED:
        return Unread(may_hold_ipv4(kind, subtype))
    try:
        if kind == MrtType.TABLE_DUMP_V2 and subtype in GENERIC_SUBTYPES:
            return _generic(subtype, body, peers)
        return _body(kind, subtype, body)
    except ForeignFamilyError:
        return Unread()
    except WireError as error:
        return Unread(error=error)


def _body(kind: int, subtype: int, body: bytes) -> Unread:
    match decode_body(kind, subtype, body):
        case Bgp4mpMessage() as value:
            return _messages(value, len(body))
        case Bgp4mpEntry() as value:
            return Unread(_is_ipv4_unicast(value.nlri, value.safi))
    return Unread(may_hold_ipv4(kind, subtype))


def _generic(subtype: int, body: bytes, peers: int | None) -> Unread:
    rib, entries, error = read_rib(subtype, body, peers)
    lost = (
        Damage(each.at, each.octets, *describe(Fault.PEER_INDEX, peers or 0, each.peer))
        for each in entries
    )
    return Unread(_is_ipv4_unicast(rib.nlri, rib.safi), lost=tuple(lost), error=error)


def _messages(value: Bgp4mpMessage, end: int) -> Unread:
    """Examine messages without addresses, which old Zebra wrote: they belong to no session."""
    start = end - len(value.message)
    readings, error = read_messages(value.message, value.form)
    prefixes = [
        pair
        for each in readings
        if isinstance(each.message, Update)
        for pair in (*each.message.announced, *each.message.all_withdrawn)
    ]
    lost = (
        Damage(start + part.at, part.end - part.at, part.error.expected, part.error.found)
        for each in readings
        for part in each.lost
    )
    return Unread(
        any(_is_ipv4_unicast(*pair) for pair in prefixes),
        is_read=not prefixes and not any(each.is_foreign for each in readings),
        lost=tuple(lost),
        error=None if error is None else error.moved(start),
    )


def _is_ipv4_unicast(nlri: Nlri, safi: int) -> bool:
    return (nlri.prefix.family, safi) == (4, 1)
