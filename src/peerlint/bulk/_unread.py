"""Records of which kernels make no rows: are they sound, and what may they hide?

`wire` reads them, so that both readers of dumps find the same damage in them. They are rare.
"""

from __future__ import annotations

import attrs

from peerlint.errors import WireError
from peerlint.wire.mrt import Bgp4mpEntry, LostEntry, decode_body, may_hold_ipv4, read_rib
from peerlint.wire.mrt.header import MrtType
from peerlint.wire.mrt.record import SUPPORTED
from peerlint.wire.mrt.rib import GENERIC_SUBTYPES
from peerlint.wire.reach import ForeignFamilyError

_IPV4_UNICAST = (4, 1)


@attrs.frozen
class Unread:
    """What is known of a record that is not read.

    Attributes:
        may_hide: whether it may hold an IPv4 unicast route.
        lost: entries that point outside the peer table.
        error: why it makes no sense; its offset is that of the record's body.
    """

    may_hide: bool
    lost: tuple[LostEntry, ...] = ()
    error: WireError | None = None


def examine_unread(kind: int, subtype: int, body: bytes, peers: int | None) -> Unread:
    """Look into a record that is skipped.

    Args:
        kind: its type.
        subtype: its subtype.
        body: what follows its head.
        peers: how many the peer table in force has; None if there is no table.
    """
    if (kind, subtype) not in SUPPORTED:
        return Unread(may_hold_ipv4(kind, subtype))
    try:
        if kind == MrtType.TABLE_DUMP_V2 and subtype in GENERIC_SUBTYPES:
            rib, lost, error = read_rib(subtype, body, peers)
            family = rib.nlri.prefix.family, rib.safi
            return Unread(family == _IPV4_UNICAST, tuple(lost), error)
        value = decode_body(kind, subtype, body)
    except ForeignFamilyError:
        return Unread(may_hide=False)
    except WireError as error:
        return Unread(may_hide=False, error=error)  # damage says more
    if isinstance(value, Bgp4mpEntry):
        return Unread((value.nlri.prefix.family, value.safi) == _IPV4_UNICAST)
    return Unread(may_hold_ipv4(kind, subtype))
