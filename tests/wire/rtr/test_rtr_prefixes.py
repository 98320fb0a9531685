"""Runs of prefix PDUs as columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.model import Prefix
from peerlint.wire.rtr import (
    KEY,
    CacheReset,
    PduError,
    PrefixPdu,
    SerialNotify,
    decode_pdu,
    encode_pdu,
    key_of,
    pdu_of,
    read_prefixes,
)

IPV4 = PrefixPdu(Prefix.parse("203.0.113.0/24"), 25, 64500)
IPV6 = PrefixPdu(Prefix.parse("2001:db8::/32"), 48, 64501, is_announcement=False)
ZERO = PrefixPdu(Prefix.parse("0.0.0.0/0"), 0, 0)


def _read(octets: bytes, at: int = 0, version: int = 1) -> list[PrefixPdu]:
    """Return the PDUs of the first run."""
    run = read_prefixes(octets, at, version)
    flags = run.is_announcement
    return [
        pdu_of(bytes(key), is_announcement=bool(flag))
        for key, flag in zip(run.keys, flags, strict=True)
    ]


def _read_all(octets: bytes) -> None:
    """Read run after run."""
    at = 0
    while at < len(octets):
        at = read_prefixes(octets, at, 1).end


@pytest.mark.parametrize(
    "pdus",
    [
        [],
        [IPV4],
        [IPV6],
        [ZERO],
        [IPV4, IPV6, ZERO],
        [IPV4] * 255,
        [IPV4] * 300,
        [IPV6] * 3000,
        [IPV6, IPV4] * 3,
    ],
)
@pytest.mark.parametrize("version", [0, 1])
def test_runs(pdus: list[PrefixPdu], version: int) -> None:
    """A run has all prefix PDUs, in their order, and ends where something else begins."""
    octets = b"".join(encode_pdu(each, version) for each in pdus)
    behind = encode_pdu(CacheReset(), version)
    assert pdus == _read(b"before" + octets + behind, 6, version)
    run = read_prefixes(octets + behind, 0, version)
    assert len(octets) == run.end
    assert KEY == run.keys.dtype


def test_long_run_ends_at_the_other_family() -> None:
    """Many PDUs of one size in a row are one run; the other family begins the next one."""
    octets = encode_pdu(IPV4, 1) * 3000 + encode_pdu(IPV6, 1) * 3000
    first = read_prefixes(octets, 0, 1)
    second = read_prefixes(octets, first.end, 1)
    assert (3000, 3000) == (len(first), len(second))
    assert len(octets) == second.end


@pytest.mark.parametrize(
    "behind",
    [
        encode_pdu(IPV4, 0),  # another version
        encode_pdu(IPV4, 1)[:-1],  # cut
        b"\1\4\0\0\0\0\0\x15" + bytes(13),  # a length that lies
        encode_pdu(SerialNotify(1, 2), 1),
    ],
)
@pytest.mark.parametrize("count", [3, 400])
def test_what_ends_a_run(behind: bytes, count: int) -> None:
    """What is no complete prefix PDU of the version is left to the reader of single PDUs."""
    octets = encode_pdu(IPV4, 1) * count
    run = read_prefixes(octets + behind, 0, 1)
    assert (count, len(octets)) == (len(run), run.end)


@pytest.mark.parametrize(
    ("wrong", "offset"),
    [
        ("0104000000000014 01181700 cb007100 0000fbf4", 10),
        ("0104000000000014 01182100 cb007100 0000fbf4", 10),
        ("0104000000000014 01212100 cb007100 0000fbf4", 10),
        ("0104000000000014 01181800 cb007101 0000fbf4", 12),
        ("0104000000000014 01000000 80000000 0000fbf4", 12),
        ("0106000000000020 01208100" + "20010db8" + "00" * 12 + "0000fbf4", 10),
        ("0106000000000020 01202000" + "20010db8" + "00" * 11 + "01 0000fbf4", 12),
        ("0106000000000020 01414100" + "20010db8" + "00" * 5 + "40 00000000 0000 0000fbf4", 12),
        ("0106000000000020 01000000" + "00" * 15 + "01 0000fbf4", 12),
    ],
)
def test_invalid(wrong: str, offset: int) -> None:
    """A prefix that is none is an error with the offset of its PDU, wherever in a run it is."""
    octets = encode_pdu(IPV4, 1) * 300
    with pytest.raises(PduError) as raised:
        _read_all(octets + bytes.fromhex(wrong) + octets)
    assert (len(octets) + offset, len(octets)) == (raised.value.offset, raised.value.start)


@pytest.mark.parametrize("pdu", [IPV4, IPV6, ZERO])
def test_keys(pdu: PrefixPdu) -> None:
    """A key is all of a VRP, and 24 octets long, zeros at its end included."""
    key = key_of(pdu.prefix, pdu.max_length, pdu.asn)
    assert 24 == len(key)
    assert pdu == pdu_of(key, is_announcement=pdu.is_announcement)


def test_order_of_keys() -> None:
    """Keys are ordered by family, address, length, maximum length and AS."""
    rows = [
        ("203.0.113.0/24", 24, 64496),
        ("203.0.113.0/24", 24, 65536),
        ("203.0.113.0/24", 25, 0),
        ("203.0.113.0/25", 25, 0),
        ("203.0.114.0/24", 24, 0),
        ("2001:db8::/32", 32, 0),
    ]
    keys = [key_of(Prefix.parse(text), longest, asn) for text, longest, asn in rows]
    assert keys == [bytes(each).ljust(24, b"\0") for each in np.sort(np.array(keys[::-1], KEY))]


@st.composite
def _octets(draw: st.DrawFn) -> bytes:
    """Return prefix PDUs, of which some octets may be changed, and perhaps a part of one."""
    count = draw(st.integers(0, 12))
    octets = bytearray(
        b"".join(encode_pdu(draw(st.sampled_from((IPV4, IPV6, ZERO))), 1) for _ in range(count))
    )
    for at, value in draw(
        st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3)
    ):
        if at < len(octets):
            octets[at] = value
    return bytes(octets[: draw(st.integers(0, len(octets)))])


@given(_octets(), st.sampled_from((0, 1)))
def test_as_one_by_one(octets: bytes, version: int) -> None:
    """A run is what decoding one PDU after the other gives, errors included."""
    expected, at, is_wrong = [], 0, False
    while octets[at : at + 1] == bytes((version,)) and octets[at + 1 : at + 2] in (b"\4", b"\6"):
        try:
            pdu = decode_pdu(octets, at)
        except PduError as error:
            is_wrong = error.start == at and error.offset >= at + 9
            break
        assert isinstance(pdu, PrefixPdu)
        expected.append(pdu)
        at += len(encode_pdu(pdu, version))
    if is_wrong:
        with pytest.raises(PduError):
            read_prefixes(octets, 0, version)
    else:
        assert expected == _read(octets, 0, version)
