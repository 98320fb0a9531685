"""Bodies of UPDATEs, in all forms."""

from __future__ import annotations

import attrs

from fuzz.harnesses._laws import agree, attributes_hold, form_of, in_order, inside
from peerlint.errors import WireError
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import Update, decode_update, encode_update, read_update


def check_update(octets: bytes) -> None:
    """Decode and encode the body after the first octet, which encodes the form.

    Raises:
        AssertionError: strict and lenient reading differ, or an UPDATE does not survive encoding
            and decoding.
    """
    form, body = form_of(int.from_bytes(octets[:1])), octets[1:]
    readable, broken = read_update(body, form)
    try:
        update = decode_update(body, form)
    except WireError as error:
        inside(error, body)
        agree("the error of the strict reading", str(broken), str(error))
    else:
        agree("an error that only the lenient reading sees", None, broken)
        agree("the lenient reading", update, readable)
    _update_holds(readable, form)


def _update_holds(update: Update, form: Form) -> None:
    attributes_hold(update.attributes, form)
    own = len(update.nlri)
    for place, (nlri, _) in enumerate(update.announced):
        route = update.attributes.route(nlri, in_rib=form.in_rib)
        agree("the prefix of a route", nlri.prefix, route.prefix)
        if place < own:
            agree("the path identifier of a route", nlri.path_id, route.path_id)
    list(update.all_withdrawn)
    again = encode_update(update, form)
    if not update.attributes.faults:
        expected = attrs.evolve(update, attributes=in_order(update.attributes))
        agree("an UPDATE read back", expected, decode_update(again, form))
