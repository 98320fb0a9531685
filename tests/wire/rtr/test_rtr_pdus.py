"""RTR PDUs of versions 1 and 0 (RFC 8210 section 5, RFC 6810 section 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError, WireError
from peerlint.model import Prefix
from peerlint.wire.rtr import (
    MAX_PDU,
    CacheReset,
    CacheResponse,
    EndOfData,
    ErrorCode,
    ErrorReport,
    Pdu,
    PduError,
    PduType,
    PrefixPdu,
    ResetQuery,
    RouterKey,
    SerialNotify,
    SerialQuery,
    Timers,
    decode_header,
    decode_pdu,
    encode_pdu,
    error_name,
    pdu_name,
)

IPV4 = PrefixPdu(Prefix.parse("203.0.113.0/24"), 25, 64500)
IPV6 = PrefixPdu(Prefix.parse("2001:db8::/32"), 48, 64501, is_announcement=False)

# Written down by hand from the RFC's figures: version, PDU, octets.
FIGURES = [
    (1, SerialNotify(0x1234, 7), "01 00 1234 0000000c 00000007"),
    (0, SerialNotify(0x1234, 7), "00 00 1234 0000000c 00000007"),
    (1, SerialQuery(0x1234, 7), "01 01 1234 0000000c 00000007"),
    (1, ResetQuery(), "01 02 0000 00000008"),
    (0, ResetQuery(), "00 02 0000 00000008"),
    (1, CacheResponse(0xFFFF), "01 03 ffff 00000008"),
    (1, IPV4, "01 04 0000 00000014 01 18 19 00 cb007100 0000fbf4"),
    (0, IPV4, "00 04 0000 00000014 01 18 19 00 cb007100 0000fbf4"),
    (
        1,
        IPV6,
        "01 06 0000 00000020 00 20 30 00 20010db8 00000000 00000000 00000000 0000fbf5",
    ),
    (
        1,
        EndOfData(1, 2, Timers(3, 4, 605)),
        "01 07 0001 00000018 00000002 00000003 00000004 0000025d",
    ),
    (0, EndOfData(1, 2), "00 07 0001 0000000c 00000002"),
    (1, CacheReset(), "01 08 0000 00000008"),
    (
        1,
        RouterKey(64500, b"i" * 20, b"key"),
        "01 09 0100 00000023" + b"i".hex() * 20 + "0000fbf4 6b6579",
    ),
    (
        1,
        ErrorReport(2, bytes.fromhex("0102000000000008"), "no"),
        "01 0a 0002 0000001a 00000008 01020000 00000008 00000002 6e6f",
    ),
]


@pytest.mark.parametrize(("version", "pdu", "octets"), FIGURES)
def test_figures(version: int, pdu: Pdu, octets: str) -> None:
    """Each PDU has the octets that the RFC draws, in both directions."""
    assert bytes.fromhex(octets) == encode_pdu(pdu, version)
    assert pdu == decode_pdu(bytes.fromhex(octets))


def test_error_text_of_stayrtr() -> None:
    """A NUL at the end of an error text, as StayRTR 0.5.1 sends it, is not part of the text."""
    octets = bytes.fromhex("010a0000 00000013 00000000 00000003 6e6f00")
    assert ErrorReport(0, b"", "no") == decode_pdu(octets)


@pytest.mark.parametrize(
    ("octets", "offset", "code"),
    [
        ("", 0, ErrorCode.CORRUPT_DATA),
        ("01020000000000", 0, ErrorCode.CORRUPT_DATA),
        ("0202000000000008", 0, ErrorCode.UNSUPPORTED_VERSION),
        ("0105000000000008", 1, ErrorCode.UNSUPPORTED_PDU_TYPE),
        ("010b000000000008", 1, ErrorCode.UNSUPPORTED_PDU_TYPE),
        ("01ff000000000008", 1, ErrorCode.UNSUPPORTED_PDU_TYPE),
        ("0009000000000020", 1, ErrorCode.UNSUPPORTED_PDU_TYPE),  # no Router Keys in version 0
        ("0102000000000000", 4, ErrorCode.CORRUPT_DATA),
        ("0102000000000009", 4, ErrorCode.CORRUPT_DATA),
        ("01020000ffffffff", 4, ErrorCode.CORRUPT_DATA),
        ("0104000000000013", 4, ErrorCode.CORRUPT_DATA),
        ("0104000000000015", 4, ErrorCode.CORRUPT_DATA),
        ("0106000000000014", 4, ErrorCode.CORRUPT_DATA),
        ("0107000000000000", 4, ErrorCode.CORRUPT_DATA),
        ("010700000000000c", 4, ErrorCode.CORRUPT_DATA),  # the length of version 0
        ("0007000000000018", 4, ErrorCode.CORRUPT_DATA),  # the length of version 1
        ("010900000000001f", 4, ErrorCode.CORRUPT_DATA),
        ("010a00000000000f", 4, ErrorCode.CORRUPT_DATA),
        ("010a000000010001", 4, ErrorCode.CORRUPT_DATA),
    ],
)
def test_invalid_headers(octets: str, offset: int, code: ErrorCode) -> None:
    """A header that lies is refused as soon as it is there, with the code for the sender."""
    with pytest.raises(PduError) as raised:
        decode_header(bytes.fromhex(octets))
    assert (offset, code, 0) == (raised.value.offset, raised.value.code, raised.value.start)


@pytest.mark.parametrize(
    ("octets", "offset"),
    [
        ("0104000000000014 01180f00", 0),  # the end is missing
        ("0104000000000014 01181700 cb007100 0000fbf4", 10),  # maximum length under the length
        ("0104000000000014 01182100 cb007100 0000fbf4", 10),  # maximum length over 32
        ("0104000000000014 01212100 cb007100 0000fbf4", 10),  # length over 32
        ("0104000000000014 01181800 cb007101 0000fbf4", 12),  # a bit right of the length
        ("010a000000000010 00000001 00000000", 8),  # the PDU inside is longer than its room
        ("010a000000000010 00000000 00000001", 12),  # the text is
        ("010a000000000010 ffffffff 00000000", 8),
        ("010a000000000011 00000000 00000000 00", 12),  # an octet that belongs to nothing
    ],
)
def test_invalid_bodies(octets: str, offset: int) -> None:
    """A body that contradicts its header is refused, with the offset of the contradiction."""
    with pytest.raises(PduError) as raised:
        decode_pdu(b"junk" + bytes.fromhex(octets), 4)
    assert (offset + 4, 4) == (raised.value.offset, raised.value.start)


@pytest.mark.parametrize("kind", [PduType.SERIAL_NOTIFY, PduType.ERROR_REPORT])
def test_forms_of_any_version(kind: PduType) -> None:
    """While a version is negotiated, these two are read in any version (RFC 8210 section 7)."""
    length = 12 if kind is PduType.SERIAL_NOTIFY else 16
    header = decode_header(bytes((2, kind, 0, 0, 0, 0, 0, length)))
    assert (2, kind) == (header.version, header.type)


def test_too_long() -> None:
    """What would not be read back is not written."""
    with pytest.raises(InputError, match="65,536 octets at most"):
        encode_pdu(ErrorReport(0, b"", "x" * MAX_PDU), 1)


def test_names() -> None:
    """Messages name types and codes as the RFC does."""
    assert "IPv4 Prefix" == pdu_name(PduType.IPV4_PREFIX)
    assert "End of Data" == pdu_name(PduType.END_OF_DATA)
    assert "no data available" == error_name(2)
    assert "error 99" == error_name(99)


_IDS = st.integers(0, 0xFFFF)
_NUMBERS = st.integers(0, 0xFFFF_FFFF)


@st.composite
def _prefixes(draw: st.DrawFn) -> PrefixPdu:
    family = draw(st.sampled_from((4, 6)))
    bits = 32 if family == 4 else 128
    length = draw(st.integers(0, bits))
    first = draw(st.integers(0, (1 << length) - 1)) << (bits - length)
    max_length = draw(st.integers(length, bits))
    return PrefixPdu(Prefix(family, first, length), max_length, draw(_NUMBERS), draw(st.booleans()))


_PDUS = st.one_of(
    st.builds(SerialNotify, _IDS, _NUMBERS),
    st.builds(SerialQuery, _IDS, _NUMBERS),
    st.builds(ResetQuery),
    st.builds(CacheResponse, _IDS),
    _prefixes(),
    st.builds(RouterKey, _NUMBERS, st.binary(min_size=20, max_size=20), st.binary(), st.booleans()),
    st.builds(EndOfData, _IDS, _NUMBERS, st.builds(Timers, _NUMBERS, _NUMBERS, _NUMBERS)),
    st.builds(CacheReset),
    st.builds(
        ErrorReport,
        _IDS,
        st.binary(max_size=99),
        st.text(st.characters(codec="utf-8"), max_size=99).map(lambda text: text.rstrip("\0")),
    ),
)


@given(_PDUS)
def test_both_directions(pdu: Pdu) -> None:
    """Every PDU decodes to what was encoded, and its header has its length."""
    octets = encode_pdu(pdu, 1)
    assert pdu == decode_pdu(octets)
    assert len(octets) == decode_header(octets).length


@given(st.binary(max_size=64))
def test_any_octets(octets: bytes) -> None:
    """Any octets are a PDU, or the one documented error with an offset inside them."""
    error: WireError | None = None
    try:
        decode_pdu(octets)
    except PduError as raised:
        error = raised
    assert error is None or 0 <= error.offset <= len(octets)
