"""VRPs of relying-party software, in every format that is read."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.registry.rpki import VrpDump, read_vrps
from peerlint.registry.rpki import builder as builder_module

#: 2026-11-30T12:00:00Z.
NOON = 1_796_040_000
NOW = NOON * 1_000_000
Row = tuple[str, int, int, str, int]


def read(content: str | bytes | object, now: int = NOW) -> VrpDump:
    """Read text, octets, or an object as JSON."""
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    octets = content if isinstance(content, bytes) else content.encode()
    return read_vrps(io.BytesIO(octets), "vrps", now)


def rows(dump: VrpDump) -> list[Row]:
    """Return the VRPs: prefix, maximum length, AS, trust anchor, expiry time."""
    columns = dump.columns
    return [
        (
            str(columns.prefixes.at(i)),
            int(columns.max_length[i]),
            int(columns.asn[i]),
            columns.sources[columns.source[i]],
            int(columns.expires[i]),
        )
        for i in range(len(columns))
    ]


def skips(dump: VrpDump) -> dict[str, int]:
    """Return how often each reason was counted."""
    return {each.reason: each.count for each in dump.skips.by_reason}


def entry(**members: object) -> dict[str, object]:
    """Return an entry of `roas`, with some members changed; None leaves one out."""
    whole = {"asn": 64500, "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "ripe"} | members
    return {key: value for key, value in whole.items() if value is not None}


RPKI_CLIENT = """{
\t"metadata": {
\t\t"buildmachine": "rpki.example.net",
\t\t"buildtime": "2026-11-30T11:00:00Z",
\t\t"vrps": 2
\t},

\t"roas": [
\t\t{ "asn": 64500, "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "ripe",
\t\t\t"expires": 1796050000 },
\t\t{ "asn": 64501, "prefix": "2001:db8::/32", "maxLength": 48, "ta": "arin",
\t\t\t"expires": 1796060000 }
\t],

\t"bgpsec_keys": [ { "asn": 64500, "ski": "00", "pubkey": "{\\"", "ta": "ripe", "expires": 1 } ],

\t"aspas": [ { "customer_asid": 64500, "expires": 1, "providers": [ 64501 ] } ]
}
"""
JSON = """{
  "metadata": { "generated": 1796036400, "generatedTime": "2026-11-30T11:00:00Z" },
  "roas": [
    { "asn": "AS64500", "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "ripe" },
    { "asn": "AS64501", "prefix": "2001:db8::/32", "maxLength": 48, "ta": "arin" }
  ],
  "routerKeys": [], "aspas": []
}
"""
JSONEXT = """{
  "metadata": { "generated": 1796036400, "generatedTime": "2026-11-30T11:00:00Z" },
  "roas": [
    { "asn": "AS64500", "prefix": "192.0.2.0/24", "maxLength": 24, "source": [
      { "type": "roa", "uri": "rsync://rpki.example.net/a.roa", "tal": "ripe",
        "validity": { "notBefore": "2026-01-01T00:00:00Z", "notAfter": "2027-07-01T00:00:00Z" },
        "chainValidity": { "notBefore": "2026-11-01T00:00:00Z",
                           "notAfter": "2026-11-30T14:46:40Z" },
        "stale": "2026-12-24T00:00:00Z" }] },
    { "asn": "AS64501", "prefix": "2001:db8::/32", "maxLength": 48, "source": [
      { "type": "roa", "uri": null, "tal": "arin",
        "validity": { "notBefore": "2026-01-01T00:00:00Z", "notAfter": "2027-07-01T00:00:00Z" },
        "chainValidity": { "notBefore": "2026-11-01T00:00:00Z",
                           "notAfter": "2027-07-01T00:00:00Z" },
        "stale": "2026-11-30T17:33:20Z" }] }
  ]
}
"""
STAYRTR = """{"metadata":{"vrps":2,"buildtime":"","generated":1796036400,"sessionid":7,"serial":9},
"roas":[{"prefix":"192.0.2.0/24","maxLength":24,"asn":"AS64500","ta":"ripe","expires":1796050000},
{"prefix":"2001:db8::/32","maxLength":48,"asn":64501,"ta":"arin","expires":1796060000}]}"""
CSV = """ASN,IP Prefix,Max Length,Trust Anchor,Expires
AS64500,192.0.2.0/24,24,ripe,1796050000
AS64501,2001:db8::/32,48,arin,1796060000
"""
CSV_COMPAT = """"ASN","IP Prefix","Max Length","Trust Anchor"
"64500","192.0.2.0/24","24","ripe"
"64501","2001:db8::/32","48","arin"
"""
CSV_EXTENDED = """URI,ASN,IP Prefix,Max Length,Not Before,Not After
rsync://rpki.example.net/a.roa,AS64500,192.0.2.0/24,24,2026-01-01 00:00:00,2026-11-30 14:46:40
N/A,AS64501,2001:db8::/32,48,N/A,N/A
"""
CSV_BARE = "# exported\r\n64500,192.0.2.0/24,24\r\nas64501,2001:db8::/32,48\r\n"
FIRST, SECOND = 1796050000, 1796060000
GENERATED = 1796036400 * 1_000_000


class TestFormats:
    """One pair of VRPs, as each program writes it."""

    @pytest.mark.parametrize(
        ("text", "sources", "expires", "generated"),
        [
            pytest.param(RPKI_CLIENT, "ripe arin", (FIRST, SECOND), GENERATED, id="rpki-client"),
            pytest.param(JSON, "ripe arin", (-1, -1), GENERATED, id="routinator json"),
            pytest.param(JSONEXT, "ripe arin", (FIRST, SECOND), GENERATED, id="jsonext"),
            pytest.param(STAYRTR, "ripe arin", (FIRST, SECOND), GENERATED, id="stayrtr"),
            pytest.param(CSV, "ripe arin", (FIRST, SECOND), None, id="csv"),
            pytest.param(CSV_COMPAT, "ripe arin", (-1, -1), None, id="csvcompat"),
            pytest.param(CSV_EXTENDED, "unknown unknown", (FIRST, -1), None, id="csvext"),
            pytest.param(CSV_BARE, "unknown unknown", (-1, -1), None, id="csv without a head"),
        ],
    )
    def test_every_format_gives_the_same_vrps(
        self, text: str, sources: str, expires: tuple[int, int], generated: int | None
    ) -> None:
        """Formats differ in what they know of trust anchors and times, not in the VRPs."""
        dump = read(text)
        one, other = sources.split()

        assert [
            ("192.0.2.0/24", 24, 64500, one, expires[0]),
            ("2001:db8::/32", 48, 64501, other, expires[1]),
        ] == rows(dump)
        assert generated == dump.generated
        assert 0 == dump.skips.count

    @pytest.mark.parametrize("text", [RPKI_CLIENT, JSON, CSV, CSV_COMPAT])
    def test_a_byte_order_mark_is_no_part_of_the_text(self, text: str) -> None:
        """Editors of Windows write one."""
        assert rows(read(text)) == rows(read(b"\xef\xbb\xbf" + text.encode()))

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("text", [RPKI_CLIENT, CSV_COMPAT])
    def test_a_file_may_return_one_octet_at_a_time(self, text: str, mark: bytes) -> None:
        """Pipes return what there is; the first octets may be blanks alone."""

        class Pipe(io.BytesIO):
            def read(self, _size: int | None = -1, /) -> bytes:
                return super().read(1)

        file = Pipe(mark + b"\n  \n" + text.encode())

        assert rows(read(text)) == rows(read_vrps(file, "vrps", NOW))

    def test_text_that_is_not_ascii_is_utf_8(self) -> None:
        """The name of a trust anchor is not garbled, whether it is escaped or not."""
        written = '{"roas": [{"asn": 64500, "prefix": "192.0.2.0/24", "ta": "Zürich €"}, %s]}'
        dump = read(written % json.dumps(entry(ta="Zürich €")))

        assert ("unknown", "Zürich €") == dump.columns.sources


class TestFields:
    """Members of an entry, one by one."""

    @pytest.mark.parametrize(
        "asn", [65001, "65001", "AS65001", "as65001", "AS0.65001", "AS0000065001"]
    )
    def test_an_as_number_is_a_number_or_text(self, asn: object) -> None:
        """Programs disagree, and change their minds (irrdnet/irrd#499)."""
        assert [65001] == read({"roas": [entry(asn=asn)]}).columns.asn.tolist()

    @pytest.mark.parametrize("asn", [0, 23456, 4294967295])
    def test_every_number_may_be_in_a_vrp(self, asn: int) -> None:
        """AS 0 says that nobody may originate the prefix (RFC 6483 section 4)."""
        assert [asn] == read({"roas": [entry(asn=asn)]}).columns.asn.tolist()

    @pytest.mark.parametrize("given", [None, "", "N/A"])
    def test_a_missing_maximum_length_is_the_prefixs_own(self, given: object) -> None:
        """RFC 9582 section 4.3.2.2."""
        entries = [entry() | {"maxLength": given}, entry(maxLength=None)]

        assert [24, 24] == read({"roas": entries}).columns.max_length.tolist()

    @pytest.mark.parametrize(
        ("members", "reason"),
        [
            ({"asn": -1}, "AS number"),
            ({"asn": 1 << 32}, "AS number"),
            ({"asn": True}, "AS number"),
            ({"asn": 64500.0}, "AS number"),
            ({"asn": "ASX"}, "AS number"),
            ({"asn": None}, "AS number"),
            ({"asn": [64500]}, "AS number"),
            ({"prefix": "192.0.2.1/24"}, "bits set right"),
            ({"prefix": "2001:db8::1/32"}, "bits set right"),
            ({"prefix": "192.0.2.0"}, "prefix is none"),
            ({"prefix": "192.0.2/24"}, "prefix is none"),
            ({"prefix": "192.0.2.0/33"}, "prefix is none"),
            ({"prefix": "256.0.2.0/24"}, "prefix is none"),
            ({"prefix": "192.0.02.0/24"}, "prefix is none"),
            ({"prefix": "192.0.2.0/24 192.0.2.0/24"}, "prefix is none"),
            ({"prefix": "192.0.2.0/24\n192.0.2.0/24"}, "prefix is none"),
            ({"prefix": "2001:db8::/129"}, "prefix is none"),
            ({"prefix": "2001:db8::%1/32"}, "prefix is none"),
            ({"prefix": "2001:db8::"}, "prefix is none"),
            ({"prefix": ""}, "prefix is none"),
            ({"prefix": 3221225984}, "no object with a prefix"),
            ({"prefix": None}, "no object with a prefix"),
            ({"maxLength": 23}, "less than"),
            ({"maxLength": 33}, "none of the prefix's family"),
            ({"maxLength": 129}, "none of the prefix's family"),
            ({"maxLength": -1}, "none of the prefix's family"),
            ({"maxLength": "x"}, "none of the prefix's family"),
            ({"maxLength": 24.5}, "none of the prefix's family"),
            ({"maxLength": [24]}, "none of the prefix's family"),
            ({"maxLength": {}}, "none of the prefix's family"),
            ({"maxLength": True}, "none of the prefix's family"),
            ({"expires": "soon"}, "expiry time"),
            ({"expires": -5}, "expiry time"),
            ({"expires": NOW}, "expiry time"),
            ({"expires": []}, "expiry time"),
            ({"expires": "9" * 13}, "expiry time"),
            ({"expires": "1969-01-01T00:00:00Z"}, "expiry time"),
            ({"expires": "0001-01-01T00:00:00+14:00"}, "expiry time"),
            ({"source": [{"chainValidity": {"notAfter": "x"}}]}, "expiry time"),
        ],
    )
    def test_an_entry_with_a_wrong_member_is_skipped_and_counted(
        self, members: dict[str, object], reason: str
    ) -> None:
        """The others are used; the reason and the place of the entry are kept."""
        good = entry(prefix="198.51.100.0/24")
        text = json.dumps({"roas": [good, entry(**members), good]})
        dump = read(text)
        (skip,) = dump.skips.by_reason

        assert ["198.51.100.0/24"] * 2 == [each[0] for each in rows(dump)]
        assert reason in skip.reason
        assert 1 == skip.count
        assert text.index("{", text.index("{", 1) + 1) == skip.first[0].number

    @pytest.mark.parametrize("element", [[], 7, "192.0.2.0/24", None])
    def test_an_element_that_is_no_object_is_skipped(self, element: object) -> None:
        """A list of entries may have anything in it."""
        dump = read({"roas": [element, entry()]})

        assert 1 == len(dump.columns)
        assert {"the entry is no object with a prefix": 1} == skips(dump)

    def test_members_that_are_not_known_are_ignored(self) -> None:
        """Of entries and of the file, of any depth, with brackets in strings."""
        odd = {"a": [{"b": ']}\\"{['}, [], {}], "c": "\\"}
        dump = read({"x": odd, "roas": [entry(extra=odd)], "y": "{", "z": [[odd]], "n": -1.5e3})

        assert [("192.0.2.0/24", 24, 64500, "ripe", -1)] == rows(dump)

    def test_more_trust_anchors_than_an_octet_counts_are_unknown(self) -> None:
        """There are five; a file with 300 names is not an error."""
        dump = read({"roas": [entry(ta=f"ta{i}") for i in range(300)]})

        assert 255 == len(dump.columns.sources) == len(set(dump.columns.source.tolist()))
        assert 300 == len(dump.columns)
        assert "unknown" == dump.columns.sources[0]


class TestExpiry:
    """VRPs that have expired do not count."""

    @pytest.mark.parametrize(
        ("microseconds", "is_kept"),
        [(-1, True), (0, True), (1, False), (1_000_000, False)],
    )
    def test_a_vrp_counts_up_to_and_including_its_last_second(
        self, microseconds: int, is_kept: bool
    ) -> None:
        """RFC 5280 section 4.1.2.5: `notAfter` is in the validity period."""
        dump = read({"roas": [entry(expires=NOON)]}, NOW + microseconds)

        assert (1, 0) if is_kept else (0, 1) == (len(dump.columns), dump.expired)
        assert 0 == dump.skips.count

    @pytest.mark.parametrize("unit", ["jsonext", "csvext"])
    def test_extended_formats_have_expiry_times_too(self, unit: str) -> None:
        """The first VRP of both files expires at 14:46:40."""
        dump = read({"jsonext": JSONEXT, "csvext": CSV_EXTENDED}[unit], (FIRST + 1) * 1_000_000)

        assert ["2001:db8::/32"] == [each[0] for each in rows(dump)]
        assert 1 == dump.expired

    @pytest.mark.parametrize(
        ("sources", "expires"),
        [
            pytest.param([("12:30", None), ("13:00", None)], "13:00", id="the later ROA"),
            pytest.param([("13:00", "12:30")], "12:30", id="a manifest gets stale earlier"),
            pytest.param([("12:30", "13:00")], "12:30", id="a manifest gets stale later"),
            pytest.param([("12:30", None), (None, None)], None, id="an exception beside a ROA"),
            pytest.param([], None, id="no source"),
        ],
    )
    def test_a_vrp_of_several_objects_lasts_as_long_as_one_of_them(
        self, sources: list[tuple[str | None, str | None]], expires: str | None
    ) -> None:
        """Routinator's jsonext lists the objects that a VRP comes from."""

        def at(clock: str | None) -> str | None:
            return clock and f"2026-11-30T{clock}:00Z"

        objects = [
            {"tal": "ripe", "chainValidity": {"notAfter": at(end)}, "stale": at(stale)}
            if end
            else {"type": "exception", "path": "slurm.json"}
            for end, stale in sources
        ]
        dump = read({"roas": [entry(ta=None, source=objects)]})
        hours, minutes = map(int, (expires or "0:0").split(":"))

        expected = -1 if expires is None else NOON + (hours - 12) * 3600 + minutes * 60
        assert [expected] == dump.columns.expires.tolist()


class TestBadFiles:
    """A file that cannot be used as a whole is an error that says where and what to do."""

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "found 'an empty file'"),
            ("  \n", "found 'an empty file'"),
            ("{}", 'expected one list "roas", found none'),
            ('{"roas": [], "roas": []}', 'expected one list "roas", found 2'),
            ('{"roas": {}}', "expected a list, found '{}}' at octet 9"),
            ('{"roas": 7}', "expected a list"),
            ("[]", "expected an object"),
            ('{"roas": []} x', "expected the end of the file, found 'x' at octet 13"),
            ('{"roas": [1 2]}', 'expected "," or "]", found \'2]}\' at octet 12'),
            ('{"roas": [1,]}', "found ']}' at octet 12"),
            ('{"roas" []}', "a colon after a key"),
            ("{roas: []}", "a key in quotation marks"),
            ('{"roas": [NaN]}', "expected JSON"),
            ('{"roas": [' + "[" * 100_000, "fewer levels"),
            ("roa-set { 192.0.2.0/24 source-as 64500 }", "or CSV with ASN"),
            ("\x00\x01\x02", "or CSV with ASN"),
            ("asn,net,len\n", "or CSV with ASN"),
        ],
    )
    def test_another_format_is_an_error(self, content: str, message: str) -> None:
        """It names the file, what was expected, and what was found where."""
        with pytest.raises(InputError) as caught:
            read(content)

        assert str(caught.value).startswith("vrps: ")
        assert message in str(caught.value)

    @pytest.mark.parametrize("text", [RPKI_CLIENT, JSON, JSONEXT, STAYRTR])
    def test_a_file_that_is_cut_anywhere_is_an_error(self, text: str) -> None:
        """Half of the VRPs would make routes invalid that are valid."""
        octets = text.strip().encode()
        for length in range(1, len(octets), 7):
            with pytest.raises(InputError, match="the end of the file at octet"):
                read(octets[:length])

    def test_a_csv_line_with_too_few_columns_is_skipped(self) -> None:
        """So is one whose quotation marks are not closed; each costs one line."""
        dump = read(CSV + 'AS64500\n\n"AS64500,192.0.2.0/24\n' + "AS64502,198.51.100.0/24,24\n")

        assert [64500, 64501, 64502] == dump.columns.asn.tolist()
        assert {"the line has too few columns": 2} == skips(dump)
        assert ["vrps:4", "vrps:6"] == [str(each) for each in dump.skips.by_reason[0].first]

    def test_a_csv_line_with_an_end_of_line_inside_is_skipped(self) -> None:
        """Old programs end lines with a carriage return only."""
        dump = read(CSV + 'AS1,"a"\rb,c\nAS64502,198.51.100.0/24,24\n')

        assert [64500, 64501, 64502] == dump.columns.asn.tolist()
        assert {"the line is no CSV": 1} == skips(dump)

    def test_a_line_that_is_too_long_is_skipped(self) -> None:
        """Memory does not grow with it, and the numbers of later lines are right."""
        long = "A" * 3_000_000
        dump = read(f"{CSV}{long}\nAS64502,198.51.100.0/24,24\nAS1\n{long}")

        assert [64500, 64501, 64502] == dump.columns.asn.tolist()
        assert ["vrps:4", "vrps:7"] == [str(each) for each in dump.skips.by_reason[0].first], (
            "the line that is too long in the middle, and the one at the end"
        )

    def test_an_element_that_is_too_long_is_an_error(self) -> None:
        """Without a limit, one string of 2 GB would be held."""
        with pytest.raises(InputError, match="a value of at most 16,777,216 octets"):
            read(b'{"roas": ["' + b"x" * (20 << 20) + b'"]}')

    def test_more_vrps_than_any_cache_has_are_an_error(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Columns grow with the file; a limit keeps the memory bounded."""
        monkeypatch.setattr(builder_module, "MAX_VRPS", 2)

        with pytest.raises(InputError, match="at most 2 VRPs"):
            read({"roas": [entry()] * 3})


networks = st.one_of(
    st.builds(
        lambda first, length: IPv4Network((first >> 32 - length << 32 - length, length)),
        st.integers(0, (1 << 32) - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda first, length: IPv6Network((first >> 128 - length << 128 - length, length)),
        st.integers(0, (1 << 128) - 1),
        st.integers(0, 128),
    ),
)


@given(st.lists(st.tuples(networks, st.integers(0, (1 << 32) - 1)), max_size=40), st.data())
def test_any_prefix_and_number_are_read_as_they_were_written(
    vrps: list[tuple[IPv4Network | IPv6Network, int]], data: st.DataObject
) -> None:
    """JSON and CSV give the same rows, whatever the family."""
    entries = [
        entry(prefix=str(net), asn=asn, maxLength=data.draw(st.integers(net.prefixlen, bits)))
        for net, asn in vrps
        for bits in [net.max_prefixlen]
    ]
    lines = [f"AS{each['asn']},{each['prefix']},{each['maxLength']},ripe" for each in entries]
    expected = [(e["prefix"], e["maxLength"], e["asn"], "ripe", -1) for e in entries]

    assert expected == rows(read({"roas": entries}))
    assert expected == rows(read("\n".join(["ASN,Prefix,Max Length,TA", *lines])))


@given(st.binary(max_size=300))
def test_any_octets_give_vrps_or_an_error_of_ours(octets: bytes) -> None:
    """Garbage never raises anything else."""
    for content in (octets, b'{"roas":[' + octets, b"ASN,Prefix\n" + octets):
        with suppress(InputError):
            read(content)
