"""Flags of every attribute type: flags that conflict with it are a fault (RFC 7606 section 3 c)."""

from __future__ import annotations

import pytest

from peerlint.wire.attributes import (
    Attributes,
    AttributeType,
    Fault,
    Form,
    RawAttribute,
    Treatment,
    decode_attributes,
    encode_attributes,
)

V6 = "20010db8" + "00" * 11 + "01"
#: A valid value of each type; AS4_PATH and AS4_AGGREGATOR come from two-octet speakers.
VALUES = {
    AttributeType.ORIGIN: "00",
    AttributeType.AS_PATH: "0201 0000fbf4",
    AttributeType.NEXT_HOP: "c0000201",
    AttributeType.MULTI_EXIT_DISC: "00000064",
    AttributeType.LOCAL_PREF: "00000064",
    AttributeType.ATOMIC_AGGREGATE: "",
    AttributeType.AGGREGATOR: "0000fbf4 c0000201",
    AttributeType.COMMUNITIES: "1f8b1f47",
    AttributeType.ORIGINATOR_ID: "c0000201",
    AttributeType.CLUSTER_LIST: "c0000201",
    AttributeType.MP_REACH_NLRI: "0002 01 10" + V6 + "00",
    AttributeType.MP_UNREACH_NLRI: "0002 01",
    AttributeType.EXTENDED_COMMUNITIES: "00021f8b00001f47",
    AttributeType.AS4_PATH: "0201 00030d41",
    AttributeType.AS4_AGGREGATOR: "00030d41 c0000201",
    AttributeType.LARGE_COMMUNITIES: "00001f8b00001f4700000000",
    AttributeType.ONLY_TO_CUSTOMER: "0000fbf4",
}
#: The types that are discarded on an external session (RFC 7606 sections 7.5, 7.9 and 7.10, RFC
#: 6793 section 6); all others withdraw, including AGGREGATOR and ATOMIC_AGGREGATE (RFC 7606 section
#: 3 c).
DISCARDED = {5, 9, 10, 17, 18}
#: The types that are discarded on an internal session.
DISCARDED_INTERNAL = {17, 18}
ROWS = [
    (kind, flags)
    for kind in AttributeType
    for flags in (0x00, 0x40, 0x80, 0xC0)
    if flags != kind.flags
]


def sent(kind: AttributeType, flags: int) -> tuple[bytes, bool]:
    """Return a valid attribute with any flags, and whether its sender is a four-octet speaker."""
    value = bytes.fromhex(VALUES[kind])
    octets = bytes((flags, kind, len(value))) + value
    return octets, kind not in (AttributeType.AS4_PATH, AttributeType.AS4_AGGREGATOR)


@pytest.mark.parametrize("kind", AttributeType)
def test_the_right_flags(kind: AttributeType) -> None:
    """With the right flags, an attribute has no fault and survives decoding and encoding."""
    octets, as4 = sent(kind, kind.flags)
    found = decode_attributes(octets, Form(as4=as4))

    assert ((), ()) == (found.faults, found.others)
    assert octets == encode_attributes(found, Form(as4=as4))


@pytest.mark.parametrize("internal", [True, None])
@pytest.mark.parametrize(("kind", "flags"), ROWS)
def test_wrong_flags(kind: AttributeType, flags: int, *, internal: bool | None) -> None:
    """In an UPDATE, the fault has both flags, and the attribute is kept as octets.

    MP_REACH_NLRI and MP_UNREACH_NLRI are decoded nevertheless, because they have prefixes.
    """
    octets, as4 = sent(kind, flags)
    found = decode_attributes(octets, Form(as4=as4, internal=internal))
    discarded = DISCARDED_INTERNAL if internal else DISCARDED
    treatment = Treatment.DISCARD if kind in discarded else Treatment.WITHDRAW
    fault = Fault(kind.name, treatment, f"flags 0x{kind.flags:02x}", f"0x{flags:02x}")

    assert (fault,) == found.faults
    if kind in (AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI):
        assert (found.mp_reach is None) != (found.mp_unreach is None)
    else:
        raw = RawAttribute(flags, kind, octets[3:])
        assert Attributes(others=(raw,), faults=(fault,)) == found


@pytest.mark.parametrize(("kind", "flags"), ROWS)
def test_flags_in_a_rib(kind: AttributeType, flags: int) -> None:
    """In a RIB, flags are ignored: BIRD writes 0 for attributes that it created itself."""
    octets, as4 = sent(kind, flags)
    right, _ = sent(kind, kind.flags)
    form = Form(as4=as4, in_rib=True)

    assert decode_attributes(right, form) == decode_attributes(octets, form)
    assert decode_attributes(octets, form).faults == ()
