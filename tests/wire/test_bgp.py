"""BGP messages: header and UPDATE (RFC 4271)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.model import AsPath, Prefix
from peerlint.testing import malformed, strategies
from peerlint.wire.attributes import Attributes, Form, MpUnreach
from peerlint.wire.bgp import (
    MARKER,
    MessageType,
    Update,
    decode_message,
    decode_update,
    encode_message,
    encode_update,
    read_update,
)
from peerlint.wire.nlri import Nlri

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]
FORMS = [
    *(Form(as4, add_path=add_path) for as4 in (True, False) for add_path in (True, False)),
    Form(add_path=frozenset({(4, 1)})),  # two OPENs may negotiate this
    Form(add_path=frozenset({(6, 1), (4, 2)})),
]


@pytest.mark.parametrize(
    ("kind", "body"),
    [(MessageType.KEEPALIVE, b""), (MessageType.UPDATE, bytes(4)), (MessageType.OPEN, b"\4")],
)
def test_header(kind: MessageType, body: bytes, assert_parses: AssertParses) -> None:
    """A header has a marker, the length of the message, and a type (RFC 4271 section 4.1)."""
    octets = encode_message(kind, body)

    assert MARKER + (19 + len(body)).to_bytes(2) + bytes((kind,)) + body == octets
    assert_parses(decode_message, octets, (kind, body))


@pytest.mark.parametrize(
    ("octets", "offset"),
    [
        (b"", 0),
        (bytes(19), 0),
        (MARKER + b"\0\x13", 0),
        (MARKER + b"\0\x14\4", 16),
        (MARKER + b"\0\x12\4", 16),
        (MARKER + b"\0\x13\0", 18),
        (MARKER + b"\0\x13\6", 18),
    ],
)
def test_malformed_header(octets: bytes, offset: int) -> None:
    """A missing marker, a wrong length and an unknown type are errors at their offsets."""
    with pytest.raises(WireError) as caught:
        decode_message(octets)

    assert offset == caught.value.offset


@pytest.mark.parametrize(
    ("octets", "expected", "why"),
    [
        ("0000 0000", Update(), "End-of-RIB of IPv4, RFC 4724"),
        ("0004 18cb0071 0000", Update((Nlri(Prefix.parse("203.0.113.0/24")),)), "withdraws"),
        (
            "0000 0009 400206 0201 0000fbf4 18cb0071",
            Update(
                (),
                Attributes(as_path=AsPath.sequence(64500)),
                (Nlri(Prefix.parse("203.0.113.0/24")),),
            ),
            "announces",
        ),
        (
            "0000 0006 800f03 000201",
            Update((), Attributes(mp_unreach=MpUnreach(6, 1))),
            "End-of-RIB of IPv6, RFC 4724",
        ),
    ],
)
def test_update(octets: str, expected: Update, why: str, assert_parses: AssertParses) -> None:
    """An UPDATE has withdrawn prefixes, attributes, and announced prefixes (RFC 4271 4.3)."""
    raw = bytes.fromhex(octets)

    assert raw == encode_update(expected, Form()), why
    assert_parses(partial(decode_update, form=Form()), raw, expected)


@pytest.mark.parametrize(
    ("octets", "offset"),
    [
        ("", 0),
        ("00", 0),
        ("0001", 0),
        ("0000", 2),
        ("0000 00", 2),
        ("0000 0001", 2),
        ("0001 21 0000", 2),
        ("0000 0000 21", 4),
        ("0000 000c 800f03 000201 800f03 000101 18cb0071", 13),
        ("0000 0007 800f04 00010121 18cb0071", 10),
        ("0000 0008 800e05 0001010400 18cb0071", 10),
    ],
)
def test_malformed_update(octets: str, offset: int) -> None:
    """Lengths that do not match and prefixes that cannot be read are errors at their offsets."""
    with pytest.raises(WireError) as caught:
        decode_update(bytes.fromhex(octets), Form())

    assert offset == caught.value.offset


@pytest.mark.parametrize(
    ("octets", "announced", "withdrawn", "lost"),
    [
        ("0000 0006 400200 4001 01 18cb0071", 1, 0, None),
        ("0000 0008 800f03 000201 4001", 0, 0, 10),
        ("0000 000d 800f08 0002 01 20 20010db8 4001", 0, 1, 15),
        ("0000 000b 800f09 0002 01 20 20010db8", 0, 0, 4),
        ("0000 0009 40010100 400200 800e", 0, 0, 11),
        ("0004 18cb0071 0002 800f", 0, 1, 8),
    ],
)
def test_a_list_that_overruns_its_end(
    octets: str, announced: int, withdrawn: int, lost: int | None
) -> None:
    """Its routes are withdrawn; if it announces none, the rest is lost (RFC 7606 section 5.2)."""
    body = bytes.fromhex(octets)
    update, error = read_update(body, Form())

    assert (announced, withdrawn) == (len(update.announced), len(update.all_withdrawn))
    assert ("attribute-list",) == update.attributes.malformed
    assert lost == (None if error is None else error.offset)


@given(st.sampled_from(FORMS), st.data())
def test_round_trip(form: Form, data: st.DataObject) -> None:
    """Any UPDATE decodes to itself, in two and four octets, with and without add-path."""
    update = data.draw(strategies.updates(form))

    assert update == decode_update(encode_update(update, form), form)


@given(st.sampled_from(FORMS), st.data())
def test_every_cut_gives_a_value_or_an_error(
    value_or_error: ValueOrError, form: Form, data: st.DataObject
) -> None:
    """An UPDATE that is cut anywhere, or followed by junk, gives a value or a `WireError`."""
    octets = encode_update(data.draw(strategies.updates(form)), form)
    decode = partial(decode_update, form=form)

    for end in range(len(octets)):
        value_or_error(decode, octets[:end])
    value_or_error(decode, octets + data.draw(st.binary(max_size=20)))


@given(st.sampled_from(FORMS), st.data())
def test_wrong_fields_give_a_value_or_an_error(
    value_or_error: ValueOrError, form: Form, data: st.DataObject
) -> None:
    """Wrong fields give a value or a `WireError`."""
    attributes = data.draw(malformed.attribute_octets(form))
    withdrawn, nlri = (
        data.draw(malformed.nlri_octets(family=4, add_path=(4, 1) in form.add_path))
        for _ in range(2)
    )
    octets = len(withdrawn).to_bytes(2) + withdrawn + len(attributes).to_bytes(2) + attributes

    value_or_error(partial(decode_update, form=form), octets + nlri)


@given(st.binary(max_size=60))
def test_any_octets_give_a_value_or_an_error(value_or_error: ValueOrError, octets: bytes) -> None:
    """Random octets give a value or a `WireError`."""
    for form in FORMS:
        value_or_error(partial(decode_update, form=form), octets)
    value_or_error(decode_message, octets)
    value_or_error(decode_message, MARKER + octets)
