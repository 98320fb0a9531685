"""Delegated files of the RIRs, and the NRO's joint one."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.registry.delegated import (
    AddressBlocks,
    AddressIndex,
    AsnBlocks,
    Delegation,
    Delegations,
    DelegationStatus,
    delegations_of_asn,
    delegations_of_prefix,
    read_delegated,
    sorted_addresses,
    sorted_asns,
)

ALLOCATED, ASSIGNED, AVAILABLE, RESERVED = DelegationStatus
HEAD = "2|ripencc|1796007600|3|19830705|20261130|+0100"
RIPE = f"""{HEAD}
ripencc|*|ipv4|*|2|summary
ripencc|*|asn|*|2|summary
ripencc|*|ipv6|*|1|summary
ripencc|NL|asn|64496|2|20030102|allocated|opaque
ripencc||asn|64500|1||reserved
ripencc|NL|ipv4|192.0.2.0|768|20030102|assigned|opaque
ripencc||ipv4|198.51.100.0|256||available
ripencc|DE|ipv6|2001:db8::|32|20040701|allocated|opaque
"""
NRO = """2|nro|20261130|8|19830705|20261130|+0000
nro|*|asn|*|4|summary
nro|*|ipv4|*|3|summary
nro|*|ipv6|*|1|summary
iana|ZZ|asn|0|1|20140311|reserved|ietf|iana
apnic|JP|asn|64496|4|20020801|assigned|A91A7381|e-stats
arin|ZZ|asn|64511|1||reserved||e-stats
iana|ZZ|asn|4200000000|94967295|20130314|ianapool||iana
iana|ZZ|ipv4|203.0.113.0|256|20090714|reserved|ietf|iana
apnic|ZZ|ipv4|203.0.113.0|256|20230222|reserved|apnic|e-stats
lacnic|BR|ipv4|198.51.100.0|256|20080400|assigned|28|e-stats
iana|ZZ|ipv6|2001:0db8::|32|20040701|reserved|ietf|iana
"""


def read(text: str | bytes, name: str = "delegated") -> Delegations:
    """Read text or octets."""
    return read_delegated(io.BytesIO(text if isinstance(text, bytes) else text.encode()), name)


def day(text: str) -> int:
    """Return a day in seconds since 1970."""
    return int(datetime.fromisoformat(f"{text}T00:00:00Z").timestamp())


def asn_rows(blocks: AsnBlocks) -> list[tuple[int, int, Delegation]]:
    """Return blocks of AS numbers: first, last, and the rest."""
    ranges = zip(blocks.first.tolist(), blocks.last.tolist(), strict=True)
    return [(first, last, blocks.details.at(i)) for i, (first, last) in enumerate(ranges)]


def address_rows(blocks: AddressBlocks) -> list[tuple[str, str, Delegation]]:
    """Return blocks of addresses: first, last, and the rest."""

    def address(row: int, high: int, low: int) -> str:
        number = int(high) << 64 | int(low)
        is_ipv4 = blocks.family[row] == 4
        return str(IPv4Address(number >> 96) if is_ipv4 else IPv6Address(number))

    return [
        (
            address(i, blocks.first_hi[i], blocks.first_lo[i]),
            address(i, blocks.last_hi[i], blocks.last_lo[i]),
            blocks.details.at(i),
        )
        for i in range(len(blocks))
    ]


class TestFiles:
    """Whole files."""

    def test_a_file_of_an_rir(self) -> None:
        """Delegated blocks, and in the extended file reserved and available ones."""
        found = read(RIPE)
        older, newer = day("2003-01-02"), day("2004-07-01")

        assert [
            (64496, 64497, Delegation("RIPE", ALLOCATED, "NL", older)),
            (64500, 64500, Delegation("RIPE", RESERVED, "", None)),
        ] == asn_rows(found.asns)
        assert [
            ("192.0.2.0", "192.0.4.255", Delegation("RIPE", ASSIGNED, "NL", older)),
            ("198.51.100.0", "198.51.100.255", Delegation("RIPE", AVAILABLE, "", None)),
            (
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                Delegation("RIPE", ALLOCATED, "DE", newer),
            ),
        ] == address_rows(found.addresses)
        assert "1796007600" == found.serial
        assert day("2026-11-30") * 1_000_000 == found.time
        assert not found.is_cut
        assert 0 == found.skips.count

    def test_the_joint_file_of_the_nro(self) -> None:
        """The registry column says whose a block is; IANA's own blocks are there too."""
        found = read(NRO)

        assert ["IANA", "APNIC", "ARIN", "IANA"] == [
            each.rir for _, _, each in asn_rows(found.asns)
        ]
        assert [RESERVED, ASSIGNED, RESERVED, AVAILABLE] == [
            each.status for _, _, each in asn_rows(found.asns)
        ]
        assert (4200000000, 4294967294) == asn_rows(found.asns)[-1][:2]
        assert ["IANA", "APNIC", "LACNIC", "IANA"] == [
            each.rir for _, _, each in address_rows(found.addresses)
        ]
        assert not found.is_cut
        assert 0 == found.skips.count

    @pytest.mark.parametrize(
        ("registry", "rir"),
        [
            ("afrinic", "AFRINIC"),
            ("apnic", "APNIC"),
            ("arin", "ARIN"),
            ("lacnic", "LACNIC"),
            ("ripencc", "RIPE"),
            ("RIPENCC", "RIPE"),
            ("jpnic", "APNIC"),
            ("krnic", "APNIC"),
            ("twnic", "APNIC"),
            ("cnnic", "APNIC"),
            ("vnnic", "APNIC"),
            ("irinn", "APNIC"),
            ("idnic", "APNIC"),
            ("nicbr", "LACNIC"),
            ("nicmx", "LACNIC"),
        ],
    )
    def test_a_nir_counts_as_its_rir(self, registry: str, rir: str) -> None:
        """Members of a NIR are in the RIR's files (NLNOG/irrexplorer#64)."""
        found = read(f"{HEAD}\n{registry}|XX|asn|64500|1|20030102|allocated|x\n")

        assert rir == asn_rows(found.asns)[0][2].rir

    @pytest.mark.parametrize(
        ("head", "time"),
        [
            ("2|ripencc|1796007600|0|19830705|20261130|+0100", "2026-11-30"),
            ("2.3|arin|1796007600|0|19700101|20261129|-0500", "2026-11-29"),
            ("2|apnic|20261130|0|19830613|00000000|+1000", "2026-11-30"),
            ("2|apnic|20261130|0|19830613||+1000", "2026-11-30"),
            ("2|apnic|7|0|19830613||+1000", None),
        ],
    )
    def test_the_time_is_the_last_day_of_the_file(self, head: str, time: str | None) -> None:
        """Or the serial number, if that is a day."""
        assert read(head).time == (None if time is None else day(time) * 1_000_000)

    def test_a_serial_number_can_be_a_time(self) -> None:
        """RIPE counts seconds since 1970."""
        assert 1_796_007_600_000_000 == read("2|ripencc|1796007600|0|19830705||+0100").time

    def test_comments_blank_lines_and_a_mark_are_ignored(self) -> None:
        """APNIC writes a page of comments on top; editors a byte order mark."""
        text = f"# terms of use\n#\n\n{RIPE}\n   \n# end\n".replace("\n", "\r\n")

        assert address_rows(read(RIPE).addresses) == address_rows(read(text).addresses)
        assert 2 == len(read("\ufeff" + RIPE).asns)
        assert 2 == len(read("\ufeff# terms of use\n" + RIPE).asns)

    @pytest.mark.parametrize("text", ["", "\n# x\n", "<html>", "a|b|c|d|e|f|g", "{}", "2|x", "\0"])
    def test_another_file_is_an_error(self, text: str) -> None:
        """The message says what to give."""
        with pytest.raises(InputError) as caught:
            read(text)

        assert str(caught.value).startswith("delegated: expected a delegated file")
        assert "delegated-ripencc-extended-latest" in str(caught.value)


class TestRecords:
    """Single records."""

    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            ("ripencc|NL|asn|64496|1|20030102", "fewer than 7 fields"),
            ("ripencc|NL|a", "fewer than 7 fields"),
            ("x|NL|asn|64496|1|20030102|allocated", "none of the RIRs"),
            ("|NL|asn|64496|1|20030102|allocated", "none of the RIRs"),
            ("ripencc|NL|dns|64496|1|20030102|allocated", "the type"),
            ("ripencc|NL|asn|64496|1|20030102|sold", "the status"),
            ("ripencc|NL|asn|64496|1|20030102|", "the status"),
            ("ripencc|NL|asn|64496|0|20030102|allocated", "the AS numbers"),
            ("ripencc|NL|asn|64496|-1|20030102|allocated", "the AS numbers"),
            ("ripencc|NL|asn|x|1|20030102|allocated", "the AS numbers"),
            ("ripencc|NL|asn|4294967295|2|20030102|allocated", "the AS numbers"),
            ("ripencc|NL|asn|1|99999999999|20030102|allocated", "the AS numbers"),
            ("ripencc|NL|ipv4|192.0.2|256|20030102|allocated", "the first address"),
            ("ripencc|NL|ipv4|192.0.2.0/24|256|20030102|allocated", "the first address"),
            ("ripencc|NL|ipv4|2001:db8::|32|20030102|allocated", "the first address"),
            ("ripencc|NL|ipv6|192.0.2.0|24|20030102|allocated", "the first address"),
            ("ripencc|NL|ipv4|192.0.2.0|0|20030102|allocated", "the number of addresses"),
            ("ripencc|NL|ipv4|192.0.2.0|x|20030102|allocated", "the number of addresses"),
            ("ripencc|NL|ipv4|255.255.255.0|257|20030102|allocated", "the number of addresses"),
            ("ripencc|NL|ipv4|0.0.0.1|4294967296|20030102|allocated", "the number of addresses"),
            ("ripencc|NL|ipv6|2001:db8::|129|20030102|allocated", "the first address"),
            ("ripencc|NL|ipv6|2001:db8::||20030102|allocated", "the first address"),
            ("ripencc|NL|ipv6|2001:db8::1|32|20030102|allocated", "bits set right"),
        ],
    )
    def test_a_wrong_record_is_skipped_and_counted(self, record: str, reason: str) -> None:
        """The others are used; the reason and the line are kept."""
        found = read(f"{RIPE}{record}\n")
        (skip,) = found.skips.by_reason

        assert reason in skip.reason
        assert ["delegated:10"] == [str(each) for each in skip.first]
        assert (2, 3) == (len(found.asns), len(found.addresses))

    @pytest.mark.parametrize("date", ["", "00000000", "20080400", "20080230", "x", "2008-01-01"])
    def test_a_day_that_does_not_exist_is_not_known(self, date: str) -> None:
        """It does not cost the record: real files have day 00."""
        found = read(f"{HEAD}\nripencc|NL|asn|64496|1|{date}|allocated|x\n")

        assert asn_rows(found.asns)[0][2].date is None
        assert 0 == found.skips.count

    @pytest.mark.parametrize(("country", "code"), [("ZZ", ""), ("", ""), ("nl", "NL"), ("x1", "")])
    def test_a_country_is_two_letters_or_nothing(self, country: str, code: str) -> None:
        """ZZ is the code of blocks that nobody holds."""
        found = read(f"{HEAD}\nripencc|{country}|asn|64496|1|20030102|allocated|x\n")

        assert code == asn_rows(found.asns)[0][2].country

    @pytest.mark.parametrize(
        ("start", "count", "last"),
        [("0", "1", 0), ("0", "4294967296", 4294967295), ("1.0", "2", 65537)],
    )
    def test_numbers_of_any_size_and_in_asdot(self, start: str, count: str, last: int) -> None:
        """RFC 5396."""
        found = read(f"{HEAD}\nripencc|NL|asn|{start}|{count}|20030102|allocated|x\n")

        assert last == asn_rows(found.asns)[0][1]

    def test_all_addresses_can_be_one_block(self) -> None:
        """Nothing overflows."""
        rest = "20030102|allocated|x"
        text = f"{HEAD}\nripencc|NL|ipv4|0.0.0.0|4294967296|{rest}\nripencc|NL|ipv6|::|0|{rest}\n"

        assert [(str(IPv4Address(0)), "255.255.255.255"), ("::", "ffff:" * 7 + "ffff")] == [
            each[:2] for each in address_rows(read(text).addresses)
        ]


class TestCutFiles:
    """A file that ends too early says so, and what it has is used."""

    def test_every_missing_line_is_noticed(self) -> None:
        """Wherever the file ends behind its first line."""
        lines = RIPE.splitlines(keepends=True)
        for count in range(1, len(lines)):
            assert read("".join(lines[:count])).is_cut
        assert not read("".join(lines)).is_cut

    def test_a_record_that_is_cut_is_skipped(self) -> None:
        """Its numbers could be others."""
        found = read(RIPE[: RIPE.index("|20040701")])

        assert {"the record has fewer than 7 fields": 1} == {
            each.reason: each.count for each in found.skips.by_reason
        }
        assert found.is_cut

    def test_the_summaries_decide_and_not_the_first_line(self) -> None:
        """Registries count different lines there."""
        assert not read(RIPE.replace("|1796007600|3|", "|1796007600|9999|")).is_cut

    def test_without_summaries_the_first_line_decides(self) -> None:
        """It is all there is."""
        record = "ripencc|NL|asn|64496|1|20030102|allocated|x\n"

        assert read(f"{HEAD}\n{record * 2}").is_cut
        assert not read(f"{HEAD}\n{record * 3}").is_cut

    def test_a_record_that_cannot_be_used_is_not_missing(self) -> None:
        """It is counted as skipped."""
        assert not read(RIPE.replace("|assigned|", "|sold|")).is_cut


class TestLookup:
    """Whose number, whose space."""

    @pytest.mark.parametrize(
        ("asn", "expected"),
        [
            (64496, [("APNIC", ASSIGNED)]),
            (64499, [("APNIC", ASSIGNED)]),
            (64500, []),
            (64495, []),
            (0, [("IANA", RESERVED)]),
            (64511, [("ARIN", RESERVED)]),
            (4294967294, [("IANA", AVAILABLE)]),
            (4294967295, []),
        ],
    )
    def test_an_as_number(self, asn: int, expected: list[tuple[str, DelegationStatus]]) -> None:
        """Both ends of a block are in it."""
        found = delegations_of_asn(read(NRO).asns, asn)

        assert expected == [(each.rir, each.status) for each in found]

    @pytest.mark.parametrize(
        ("prefix", "rirs"),
        [
            ("198.51.100.0/24", ["LACNIC"]),
            ("198.51.100.128/25", ["LACNIC"]),
            ("198.51.100.255/32", ["LACNIC"]),
            ("198.51.0.0/16", ["LACNIC"]),
            ("198.51.101.0/24", []),
            ("198.51.99.255/32", []),
            ("203.0.113.0/24", ["IANA", "APNIC"]),
            ("0.0.0.0/0", ["LACNIC", "IANA", "APNIC"]),
            ("2001:db8:ffff::/48", ["IANA"]),
            ("2001:db9::/32", []),
            ("::/0", ["IANA"]),
            ("cb00:7100::/24", []),
        ],
    )
    def test_a_prefix(self, prefix: str, rirs: list[str]) -> None:
        """All blocks that it overlaps, those with a holder first; families are apart."""
        found = delegations_of_prefix(read(NRO).addresses, Prefix.parse(prefix))

        assert rirs == [each.rir for each in found]

    def test_equal_records_of_two_files_are_one(self) -> None:
        """The joint file repeats the registries'."""
        blocks = AsnBlocks.concatenated([read(RIPE).asns, read(RIPE).asns])

        assert 4 == len(blocks)
        assert 1 == len(delegations_of_asn(blocks, 64496))

    def test_sorted_blocks(self) -> None:
        """By first number or address; a block precedes those inside it."""
        parts = [read(NRO), read(RIPE), read(f"{HEAD}\nripencc|NL|asn|64496|9|20030102|reserved\n")]
        asns = sorted_asns(AsnBlocks.concatenated([each.asns for each in parts]))
        addresses = sorted_addresses(AddressBlocks.concatenated([each.addresses for each in parts]))
        ranges = [each[:2] for each in asn_rows(asns)]

        assert ranges == sorted(ranges, key=lambda each: (each[0], -each[1]))
        assert ["192.0.2.0", "198.51.100.0", "198.51.100.0", "203.0.113.0", "203.0.113.0"] + [
            "2001:db8::"
        ] * 2 == [each[0] for each in address_rows(addresses)]


@given(
    st.lists(
        st.tuples(
            st.integers(0, (1 << 32) - 1),
            st.integers(1, 1 << 32),
            st.sampled_from(DelegationStatus),
        ),
        max_size=20,
    ),
    st.integers(0, (1 << 32) - 1),
)
def test_any_block_of_numbers_and_addresses_is_found_again(
    blocks: list[tuple[int, int, DelegationStatus]], number: int
) -> None:
    """AS numbers and IPv4 addresses equal their definition."""
    blocks = [(first, min(count, (1 << 32) - first), status) for first, count, status in blocks]
    lines = [HEAD]
    for first, count, status in blocks:
        rest = f"{count}||{status.name.lower()}|x"
        lines += [f"arin||asn|{first}|{rest}", f"arin||ipv4|{IPv4Address(first)}|{rest}"]
    found = read("\n".join(lines))
    expected = sorted(
        {status for first, count, status in blocks if first <= number < first + count}
    )
    prefix = Prefix(4, number, 32)

    assert 0 == found.skips.count
    assert expected == [each.status for each in delegations_of_asn(found.asns, number)]
    assert expected == [each.status for each in delegations_of_prefix(found.addresses, prefix)]


@given(st.binary(max_size=300))
def test_any_octets_give_blocks_or_an_error_of_ours(octets: bytes) -> None:
    """Garbage never raises anything else."""
    for content in (octets, HEAD.encode() + b"\n" + octets.replace(b" ", b"|")):
        with suppress(InputError):
            read(content)


RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=12)


@given(RANGES, RANGES, st.integers(0, 80), st.integers(24, 32))
def test_the_index_finds_what_a_search_of_all_blocks_finds(
    ipv4: list[tuple[int, int]], ipv6: list[tuple[int, int]], start: int, length: int
) -> None:
    """Blocks of any order that overlap or lie in one another are found as without an index."""
    lines = [
        *(f"arin|US|ipv4|192.0.2.{first}|{count}|2020{n:02}01|assigned|x"
          for n, (first, count) in enumerate(ipv4, 1)),
        *(f"arin|US|ipv6|2001:db8:{first:x}::|{48 - count % 20}|2020{n:02}01|assigned|x"
          for n, (first, count) in enumerate(ipv6, 1)),
    ]  # fmt: skip
    text = "\n".join(["2|arin|20261129|0|19700101|20261129|+0000", *lines])
    blocks = read_delegated(io.BytesIO(text.encode()), "arin").addresses
    small = Prefix(4, (0xC0000200 + start) >> (32 - length) << (32 - length), length)
    wide = Prefix(6, 0x20010DB8 << 96 | (start >> 4) << 84, 44)

    for prefix in (small, wide):
        expected = delegations_of_prefix(blocks, prefix)

        assert set(expected) == set(AddressIndex.of(blocks, prefix.family).delegations(prefix))
