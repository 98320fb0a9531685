"""Local exceptions to VRPs (RFC 8416)."""

from __future__ import annotations

import io
import json
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError, MistakesError
from peerlint.model import Prefix
from peerlint.registry.columns import Prefixes, VrpColumns
from peerlint.registry.rpki import (
    PrefixAssertion,
    PrefixFilter,
    Slurm,
    apply_slurm,
    merge_slurm,
    read_slurm,
)

Vrp = tuple[str, int, int]
P = Prefix.parse
#: The example of RFC 8416 section 3.5, with numbers of documentation.
EXAMPLE: Final = {
    "slurmVersion": 1,
    "validationOutputFilters": {
        "prefixFilters": [
            {"prefix": "192.0.2.0/24", "comment": "All VRPs encompassed by prefix"},
            {"asn": 64496, "comment": "All VRPs matching ASN"},
            {"prefix": "198.51.100.0/24", "asn": 64497, "comment": "Both"},
        ],
        "bgpsecFilters": [
            {"asn": 64496, "comment": "All keys for ASN"},
            {"SKI": "Zm9v", "comment": "Key matching Router SKI"},
            {"asn": 64497, "SKI": "YmFy"},
        ],
    },
    "locallyAddedAssertions": {
        "prefixAssertions": [
            {"asn": 64496, "prefix": "198.51.100.0/24", "comment": "My other important route"},
            {"asn": 64496, "prefix": "2001:db8::/32", "maxPrefixLength": 48},
        ],
        "bgpsecAssertions": [
            {"asn": 64496, "SKI": "PG1hbiBzbHVybT4", "routerPublicKey": "PG1hbiBzbHVybTI_"},
        ],
    },
}
EMPTY: Final = {
    "slurmVersion": 1,
    "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
    "locallyAddedAssertions": {"prefixAssertions": [], "bgpsecAssertions": []},
}


def read(content: object, name: str = "slurm.json") -> Slurm:
    """Read octets, or an object as JSON."""
    octets = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_slurm(io.BytesIO(octets), name)


def with_entry(where: str, entry: object) -> dict[str, object]:
    """Return a file with one entry in one of its four lists."""
    part = "validationOutputFilters" if where.endswith("Filters") else "locallyAddedAssertions"
    return EMPTY | {part: EMPTY[part] | {where: [entry]}}  # type: ignore[operator]


def columns(vrps: list[Vrp], sources: tuple[str, ...] = ("ripe",)) -> VrpColumns:
    """Return VRPs as columns."""
    return VrpColumns(
        Prefixes.of(P(prefix) for prefix, _, _ in vrps),
        np.array([length for _, length, _ in vrps], np.uint8),
        np.array([asn for _, _, asn in vrps], np.uint32),
        np.zeros(len(vrps), np.uint8),
        np.full(len(vrps), 1_796_050_000, np.int64),
        sources,
    )


def rows(vrps: VrpColumns) -> list[Vrp]:
    """Return columns as VRPs."""
    return [
        (str(prefix), int(length), int(asn))
        for prefix, length, asn in zip(vrps.prefixes, vrps.max_length, vrps.asn, strict=True)
    ]


class TestReading:
    """Files are read strictly; all mistakes are named at once."""

    def test_the_example_of_the_rfc(self) -> None:
        """Every kind of exception."""
        slurm = read(EXAMPLE)

        assert (
            PrefixFilter(P("192.0.2.0/24"), None),
            PrefixFilter(None, 64496),
            PrefixFilter(P("198.51.100.0/24"), 64497),
        ) == slurm.filters
        assert (
            PrefixAssertion(P("198.51.100.0/24"), 64496, 24),
            PrefixAssertion(P("2001:db8::/32"), 64496, 48),
        ) == slurm.assertions
        assert (64496, None, 64497, 64496) == slurm.router_keys

    def test_an_empty_file_of_exceptions(self) -> None:
        """RFC 8416 section 3.2: the file of somebody without exceptions."""
        assert Slurm("slurm.json") == read(EMPTY)

    @pytest.mark.parametrize(
        ("where", "entry", "message"),
        [
            ("prefixFilters", {}, "prefixFilters[0]: expected a prefix, an asn, or both"),
            ("prefixFilters", {"comment": "x"}, "expected a prefix, an asn, or both"),
            ("prefixFilters", {"prefix": "192.0.2.1/24"}, "prefixFilters[0], key prefix"),
            ("prefixFilters", {"prefix": "192.0.2.0"}, "key prefix"),
            ("prefixFilters", {"asn": "64496"}, "key asn: expected a number"),
            ("prefixFilters", {"asn": -1}, "key asn"),
            ("prefixFilters", {"asn": True}, "key asn"),
            ("prefixFilters", {"asn": 1, "comment": 1}, "key comment: expected a string"),
            ("prefixFilters", {"asn": 1, "maxPrefixLength": 1}, "which RFC 8416 does not have"),
            ("prefixFilters", [], "expected an object"),
            ("prefixAssertions", {"asn": 1}, "key prefix: expected a prefix"),
            ("prefixAssertions", {"prefix": "192.0.2.0/24"}, "key asn"),
            (
                "prefixAssertions",
                {"asn": 1, "prefix": "192.0.2.0/24", "maxPrefixLength": 23},
                "key maxPrefixLength: expected a number from 24 to 32, found 23",
            ),
            (
                "prefixAssertions",
                {"asn": 1, "prefix": "192.0.2.0/24", "maxPrefixLength": 33},
                "found 33",
            ),
            (
                "prefixAssertions",
                {"asn": 1, "prefix": "192.0.2.0/24", "maxLength": 24},
                "did you mean maxPrefixLength?",
            ),
            ("bgpsecFilters", {}, "expected an asn, a SKI, or both"),
            ("bgpsecFilters", {"SKI": "?"}, "key SKI: expected text in Base64"),
            ("bgpsecAssertions", {"asn": 1, "SKI": "Zm9v"}, "key routerPublicKey"),
        ],
    )
    def test_a_wrong_entry_is_a_mistake(self, where: str, entry: object, message: str) -> None:
        """The message names the list, the index in it, and the member."""
        with pytest.raises(MistakesError) as caught:
            read(with_entry(where, entry))

        assert message in str(caught.value)
        assert str(caught.value).startswith("slurm.json: ")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ([], "the file: expected an object"),
            ({}, "key slurmVersion: expected 1 (RFC 8416), found nothing"),
            (EMPTY | {"slurmVersion": 2}, "found 2"),
            (EMPTY | {"slurmVersion": True}, "found true"),
            (EMPTY | {"aspaFilters": []}, "'aspaFilters', which RFC 8416 does not have"),
            (EMPTY | {"locallyAddedAssertions": []}, "locallyAddedAssertions: expected an object"),
            (
                EMPTY | {"validationOutputFilters": {"prefixFilters": []}},
                "validationOutputFilters, key bgpsecFilters: expected a list, found nothing",
            ),
        ],
    )
    def test_a_wrong_file_is_a_mistake(self, content: object, message: str) -> None:
        """RFC 8416 section 3.1: any deviation is an error."""
        with pytest.raises(MistakesError) as caught:
            read(content)

        assert message in str(caught.value)

    def test_all_mistakes_are_named_at_once(self) -> None:
        """A person corrects the file once."""
        entries = [{"asn": -1}, {"asn": 64496}, {"prefix": "x"}]
        content = EMPTY | {
            "slurmVersion": 3,
            "validationOutputFilters": {"prefixFilters": entries, "bgpsecFilters": []},
        }
        with pytest.raises(MistakesError) as caught:
            read(content)

        assert ["the file", "prefixFilters[0]", "prefixFilters[2]"] == [
            each.table for each in caught.value.mistakes
        ]

    @pytest.mark.parametrize(
        ("octets", "message"),
        [
            (b"", "expected JSON of RFC 8416"),
            (b"{", "expected JSON of RFC 8416"),
            (b"\xff", "expected JSON of RFC 8416"),
            (b"[" * 100_000, "too many levels"),
            (b'{"slurmVersion": 1, "slurmVersion": 1}', "slurmVersion twice"),
            (b" " * ((1 << 24) + 1), "at most 16,777,216 octets"),
        ],
    )
    def test_what_is_no_json_is_an_error(self, octets: bytes, message: str) -> None:
        """It names the file."""
        with pytest.raises(InputError) as caught:
            read(octets)

        assert message in str(caught.value)
        assert str(caught.value).startswith("slurm.json: ")


class TestApplying:
    """Filters first, then assertions (RFC 8416 section 4.1)."""

    @pytest.mark.parametrize(
        ("prefix", "asn", "vrp", "is_removed"),
        [
            ("192.0.2.0/24", None, ("192.0.2.0/24", 24, 64500), True),
            ("192.0.2.0/24", None, ("192.0.2.128/25", 25, 64500), True),
            ("192.0.2.0/24", None, ("192.0.2.255/32", 32, 64500), True),
            ("192.0.2.0/24", None, ("192.0.0.0/16", 24, 64500), False),
            ("192.0.2.0/24", None, ("192.0.3.0/24", 24, 64500), False),
            ("192.0.2.0/24", None, ("192.0.1.0/24", 24, 64500), False),
            ("192.0.2.0/24", 64500, ("192.0.2.0/24", 24, 64500), True),
            ("192.0.2.0/24", 64500, ("192.0.2.0/24", 24, 64501), False),
            (None, 64500, ("192.0.2.0/24", 24, 64500), True),
            (None, 64500, ("2001:db8::/32", 32, 64500), True),
            (None, 64500, ("192.0.2.0/24", 24, 64501), False),
            (None, 0, ("192.0.2.0/24", 24, 0), True),
            ("0.0.0.0/0", None, ("192.0.2.0/24", 24, 64500), True),
            ("0.0.0.0/0", None, ("::/0", 0, 64500), False),
            ("::/0", None, ("ffff::/16", 16, 64500), True),
            ("::/0", None, ("255.0.0.0/8", 8, 64500), False),
            ("2001:db8::/32", None, ("2001:db8:ffff::/48", 48, 64500), True),
            ("2001:db8::/64", None, ("2001:db8::1/128", 128, 64500), True),
            ("2001:db8::/64", None, ("2001:db8::/48", 128, 64500), False),
            ("2001:db8::/65", None, ("2001:db8:0:0:8000::/65", 65, 64500), False),
        ],
    )
    def test_a_filter_removes_what_all_its_parts_match(
        self, prefix: str | None, asn: int | None, vrp: Vrp, is_removed: bool
    ) -> None:
        """A prefix matches equal and more specific ones; the maximum length does not matter."""
        rule = PrefixFilter(P(prefix) if prefix else None, asn)

        left = apply_slurm(columns([vrp]), Slurm("x", (rule,)))

        assert ([] if is_removed else [vrp]) == rows(left)

    def test_assertions_are_added_and_not_filtered(self) -> None:
        """They come last, from a trust anchor of their own, and never expire."""
        slurm = read(EXAMPLE)
        kept, gone = ("203.0.113.0/24", 24, 64500), ("192.0.2.0/25", 25, 64500)
        after = apply_slurm(columns([gone, kept]), slurm)

        assert [kept, ("198.51.100.0/24", 24, 64496), ("2001:db8::/32", 48, 64496)] == rows(after)
        assert ("ripe", "slurm") == after.sources
        assert [0, 1, 1] == after.source.tolist()
        assert [1_796_050_000, -1, -1] == after.expires.tolist()

    def test_exceptions_can_be_all_there_is(self) -> None:
        """No VRPs at all: what is asserted is valid."""
        after = apply_slurm(columns([]), read(EXAMPLE))

        assert 2 == len(after)

    def test_exceptions_of_a_file_that_had_some_already(self) -> None:
        """A VRP of the same name is from the same source."""
        after = apply_slurm(columns([("192.0.2.0/24", 24, 0)], ("slurm",)), read(EXAMPLE))

        assert ("slurm",) == after.sources

    def test_no_exception_changes_nothing(self) -> None:
        """Not even the names of trust anchors."""
        before = columns([("192.0.2.0/24", 24, 64500)])
        after = apply_slurm(before, read(EMPTY))

        assert rows(before) == rows(after)
        assert before.sources == after.sources

    def test_trust_anchors_are_bounded(self) -> None:
        """An octet counts them."""
        names = tuple(map(str, range(256)))

        with pytest.raises(InputError, match="fewer than 256 trust anchors"):
            apply_slurm(columns([], names), read(EXAMPLE))

    @given(st.data())
    def test_filters_equal_their_definition(self, data: st.DataObject) -> None:
        """The search in sorted columns finds what a loop over everything finds."""
        prefixes = st.one_of(
            st.builds(
                lambda first, length: Prefix(4, first >> 32 - length << 32 - length, length),
                st.sampled_from([0, 0x0A000001, 0x0A0000FF, 0x0A000100, 0xFFFFFFFF]),
                st.sampled_from([0, 8, 23, 24, 31, 32]),
            ),
            st.builds(
                lambda first, length: Prefix(6, first >> 128 - length << 128 - length, length),
                st.sampled_from([0, 0x0A000001 << 96, 1 << 64, (1 << 64) - 1, (1 << 128) - 1]),
                st.sampled_from([0, 8, 63, 64, 65, 127, 128]),
            ),
        )
        asns = st.sampled_from([0, 64500, 64501])
        vrps = data.draw(st.lists(st.tuples(prefixes, asns), max_size=30))
        rules = [
            PrefixFilter(prefix, asn)
            for prefix, asn in data.draw(
                st.lists(st.tuples(st.none() | prefixes, st.none() | asns), max_size=5)
            )
            if prefix is not None or asn is not None
        ]
        expected = [
            (str(prefix), prefix.length, asn)
            for prefix, asn in vrps
            if not any(
                (rule.prefix is None or rule.prefix.covers(prefix)) and rule.asn in {None, asn}
                for rule in rules
            )
        ]
        given_vrps = [(str(prefix), prefix.length, asn) for prefix, asn in vrps]

        assert expected == rows(apply_slurm(columns(given_vrps), Slurm("x", tuple(rules))))


class TestSeveralFiles:
    """RFC 8416 section 4.2: files that concern the same address are rejected together."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("192.0.2.0/24", "192.0.2.128/25"),
            ("192.0.2.128/25", "192.0.2.0/24"),
            ("2001:db8::/32", "2001:db8:1::/48"),
            ("0.0.0.0/0", "255.255.255.255/32"),
        ],
    )
    def test_overlapping_prefixes_conflict(self, one: str, other: str) -> None:
        """Filters and assertions alike."""
        first = Slurm("a.json", (PrefixFilter(P("198.51.100.0/25"), 1), PrefixFilter(P(one), None)))
        second = Slurm("b.json", (), (PrefixAssertion(P(other), 64500, P(other).length),))

        with pytest.raises(InputError) as caught:
            merge_slurm((first, second))

        assert "b.json: expected no exceptions that a.json has too" in str(caught.value)
        assert f"{other}, which overlaps {one}" in str(caught.value)

    def test_router_keys_of_one_as_conflict(self) -> None:
        """In whichever list they are."""
        with pytest.raises(InputError, match="BGPsec router keys of AS64500"):
            merge_slurm((Slurm("a", router_keys=(64500, None)), Slurm("b", router_keys=(64500,))))

    def test_files_without_a_conflict_are_one(self) -> None:
        """A filter of an AS number concerns no address; a SKI alone no AS."""
        rules = (PrefixFilter(P("192.0.2.0/24"), None), PrefixFilter(None, 64500))
        added = PrefixAssertion(P("198.51.100.0/24"), 64500, 24)
        first = Slurm("a.json", rules, (), (None, 64500))
        second = Slurm("b.json", rules[1:], (added,), (None, 64501))

        merged = merge_slurm((first, second))

        expected = Slurm("a.json, b.json", (*rules, rules[1]), (added,), (None, 64500, None, 64501))
        assert expected == merged
