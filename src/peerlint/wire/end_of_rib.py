"""Recognise the End-of-RIB marker (RFC 4724 section 2)."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.wire.attributes import Attributes
from peerlint.wire.bgp import Update

_UNICAST: Final = 1
_NO_ATTRIBUTES: Final = Attributes()


def end_of_rib(update: Update) -> int | None:
    """Return the address family whose End-of-RIB of unicast routes an UPDATE is.

    An UPDATE of which something is lost may look like one.

    Args:
        update: an UPDATE that was read completely.

    Returns:
        4 or 6; None if it is no End-of-RIB.
    """
    if update.withdrawn or update.nlri:
        return None
    if update.attributes == _NO_ATTRIBUTES:
        return 4
    unreach = update.attributes.mp_unreach
    if unreach is None or unreach.nlri or unreach.safi != _UNICAST:
        return None
    alone = attrs.evolve(update.attributes, mp_unreach=None)
    return unreach.family if alone == _NO_ATTRIBUTES else None
