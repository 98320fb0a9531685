"""Dumps of PeeringDB, and files of its API."""

from __future__ import annotations

import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.registry.peeringdb import (
    MICROSOFT,
    Contact,
    Facility,
    Network,
    PeeringDb,
    PeeringDbFile,
    RecordKind,
    read_peeringdb,
)
from peerlint.registry.peeringdb import reader as reader_module

NET, FAC, LINK, CONTACT = RecordKind
#: 2026-11-30T12:00:00Z, in seconds since 1970.
NOON = 1_796_040_000
Json = dict[str, object]

CONTOSO: Json = {
    "id": 7, "org_id": 1, "name": "Contoso", "aka": "CTS", "asn": 64500, "status": "ok",
    "info_type": "NSP", "updated": "2026-11-30T12:00:00Z", "website": "https://example.com",
}  # fmt: skip
AZURE: Json = {
    "id": 694, "org_id": 2, "name": "Microsoft", "aka": "", "asn": 8075, "status": "ok",
    "updated": "2026-11-01T00:00:00Z",
}  # fmt: skip
AMSTERDAM: Json = {
    "id": 18, "org_id": 3, "name": "Example AM3", "address1": "", "city": "Amsterdam",
    "country": "NL", "clli": "", "status": "ok", "updated": "2020-01-01T00:00:00Z",
}  # fmt: skip
ZURICH: Json = AMSTERDAM | {"id": 19, "name": "Example Zürich", "city": "Zürich", "country": "CH"}
LINKS: list[Json] = [
    {"id": 1, "net_id": 694, "fac_id": 18, "local_asn": 8075, "status": "ok"},
    {"id": 2, "net_id": 694, "fac_id": 19, "local_asn": 8075, "status": "ok"},
    {"id": 3, "net_id": 7, "fac_id": 18, "local_asn": 64500, "status": "ok"},
]
NOC: Json = {
    "id": 1, "net_id": 7, "role": "NOC", "visible": "Public", "name": "Night shift",
    "phone": "+1 555 0100", "email": "noc@Example.COM", "status": "ok",
}  # fmt: skip
POLICY: Json = {"id": 2, "net_id": 7, "role": "Policy", "phone": "", "email": "", "status": "ok"}
OTHERS = {
    "org": {"data": [{"id": 1, "name": "Contoso", "address1": "1 Way", "status": "ok"}]},
    "netixlan": {"data": [{"id": 1, "net_id": 7, "ixlan_id": 1, "asn": 64500}]},
    "ix": {"data": [{"id": 1, "org_id": 3, "name": "Example-IX", "city": "Amsterdam"}]},
}


def dump(**records: list[Json]) -> Json:
    """Return a dump, as CAIDA stores them day by day."""
    return {key: {"data": value, "meta": {"generated": NOON}} for key, value in records.items()}


def read(content: object, name: str = "peeringdb.json") -> PeeringDbFile:
    """Read octets, or an object as JSON."""
    octets = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_peeringdb(io.BytesIO(octets), name)


WHOLE = OTHERS | dump(
    net=[CONTOSO, AZURE], fac=[AMSTERDAM, ZURICH], netfac=LINKS, poc=[NOC, POLICY]
)


class TestDump:
    """One file with everything."""

    def test_networks_facilities_and_contacts(self) -> None:
        """Records of other kinds are ignored."""
        found = PeeringDb.of([read(WHOLE)])

        assert {
            64500: Network(7, 64500, "Contoso", "CTS", NOON),
            8075: Network(694, 8075, "Microsoft", "", NOON - 29 * 86_400 - 43_200),
        } == found.networks
        assert {18, 19} == found.facilities_of(MICROSOFT)
        assert {18} == found.facilities_of(7)
        assert Facility(19, "Example Zürich", "Zürich", "CH") == found.facilities[19]
        assert (
            Contact("NOC", "example.com", has_phone=True),
            Contact("Policy", "", has_phone=False),
        ) == (found.contacts_of(7))
        assert {NET, FAC, LINK, CONTACT} == found.kinds

    def test_the_time_is_that_of_the_file(self) -> None:
        """And the newest record is known for files that do not say."""
        found = read(WHOLE)

        assert (NOON * 1_000_000, NOON) == (found.time, found.newest)
        assert 0 == found.skips.count

    def test_text_that_is_not_escaped_is_utf_8(self) -> None:
        """The API does not escape, CAIDA's dump does."""
        octets = json.dumps(WHOLE, ensure_ascii=False).encode()

        assert read(WHOLE).facilities == read(octets).facilities

    @pytest.mark.parametrize("key", ["net", "fac", "netfac", "poc"])
    def test_lists_without_data_are_read_too(self, key: str) -> None:
        """A file that a script of `jq` made of a dump."""
        plain = {name: part["data"] for name, part in WHOLE.items()}  # type: ignore[index]

        whole, found = read(WHOLE), read({key: plain[key]})

        assert {RecordKind(key)} == found.kinds
        assert found.networks == (whole.networks if key == "net" else ())
        assert found.links == (whole.links if key == "netfac" else ())

    def test_a_network_in_no_facility_is_not_a_file_without_such_records(self) -> None:
        """The first is a fact, the second is not known."""
        whole, networks = PeeringDb.of([read(WHOLE)]), PeeringDb.of([read(dump(net=[CONTOSO]))])

        assert (frozenset(), ()) == (whole.facilities_of(1), whole.contacts_of(1))
        assert networks.facilities_of(7) is None
        assert networks.contacts_of(7) is None


class TestApi:
    """Files of the API have one kind of records, which only their members tell."""

    def test_files_of_one_kind_each_are_joined(self) -> None:
        """They say together what a dump says."""
        parts = [[CONTOSO, AZURE], [AMSTERDAM, ZURICH], LINKS, [NOC, POLICY]]
        files = [read({"data": part, "meta": {}}) for part in parts]
        whole, found = PeeringDb.of([read(WHOLE)]), PeeringDb.of(files)

        assert whole.networks == found.networks
        assert whole.facilities == found.facilities
        assert whole.facilities_of(MICROSOFT) == found.facilities_of(MICROSOFT)
        assert whole.contacts_of(7) == found.contacts_of(7)
        assert whole.kinds == found.kinds
        assert [None] * 4 == [each.time for each in files]

    def test_a_bare_list_is_read(self) -> None:
        """What `jq .data` returns."""
        assert read({"data": LINKS}).links == read(LINKS).links

    def test_a_network_with_what_belongs_to_it(self) -> None:
        """`/api/net?asn=64500&depth=2` is one file."""
        link = {"id": 3, "name": "Example AM3", "city": "Amsterdam", "country": "NL", "fac_id": 18}
        deep = CONTOSO | {"netfac_set": [link | {"status": "ok"}], "poc_set": [NOC, POLICY]}
        found = PeeringDb.of([read({"data": [deep], "meta": {}})])

        assert {18} == found.facilities_of(7)
        assert {18: Facility(18, "Example AM3", "Amsterdam", "NL")} == found.facilities
        assert 2 == len(found.contacts_of(7) or ())

    def test_ids_alone_say_nothing(self) -> None:
        """With depth=1, links and contacts are numbers: not known, and not none."""
        shallow = CONTOSO | {"netfac_set": [3], "poc_set": [1, 2]}
        empty = AZURE | {"netfac_set": [], "poc_set": []}
        found = PeeringDb.of([read({"data": [shallow, empty]})])

        assert found.facilities_of(7) is None
        assert found.contacts_of(7) is None

    def test_nothing_inside_is_a_fact(self) -> None:
        """A network of depth 2 without facilities and public contacts."""
        found = PeeringDb.of([read({"data": [CONTOSO | {"netfac_set": [], "poc_set": []}]})])

        assert frozenset() == found.facilities_of(7)
        assert () == found.contacts_of(7)

    def test_the_later_of_two_records_counts(self) -> None:
        """In whatever order the files are given."""
        old = read([CONTOSO | {"name": "Old", "updated": "2020-01-01T00:00:00Z"}])
        new = read([CONTOSO])

        assert "Contoso" == PeeringDb.of([old, new]).networks[64500].name
        assert "Contoso" == PeeringDb.of([new, old]).networks[64500].name


class TestBadInput:
    """Records and files that cannot be used."""

    @pytest.mark.parametrize(
        ("kind", "record", "reason"),
        [
            ("net", CONTOSO | {"id": None}, "has no id"),
            ("net", CONTOSO | {"id": 0}, "has no id"),
            ("net", CONTOSO | {"id": True}, "has no id"),
            ("net", CONTOSO | {"id": "7"}, "has no id"),
            ("net", CONTOSO | {"asn": "64500"}, "the AS number"),
            ("net", CONTOSO | {"asn": 0}, "the AS number"),
            ("net", CONTOSO | {"asn": 1 << 32}, "the AS number"),
            ("net", CONTOSO | {"status": "deleted"}, "deleted or not approved"),
            ("net", CONTOSO | {"status": "pending"}, "deleted or not approved"),
            ("net", [], "no object"),
            ("net", None, "no object"),
            ("fac", AMSTERDAM | {"id": -1}, "has no id"),
            ("netfac", LINKS[0] | {"fac_id": None}, "has no id"),
            ("netfac", LINKS[0] | {"net_id": 1 << 63}, "has no id"),
            ("poc", NOC | {"net_id": []}, "has no id"),
        ],
    )
    def test_a_wrong_record_is_skipped_and_counted(
        self, kind: str, record: Json, reason: str
    ) -> None:
        """The reason and the octet are kept."""
        text = json.dumps(dump(**{kind: [record]}))
        (skip,) = read(text.encode()).skips.by_reason

        assert reason in skip.reason
        assert text.index("[") + 1 == skip.first[0].number

    @pytest.mark.parametrize(
        ("members", "expected"),
        [
            ({"email": "noc"}, Contact("NOC", "", has_phone=True)),
            ({"email": "a@b@example.net"}, Contact("NOC", "example.net", has_phone=True)),
            ({"email": None, "phone": None}, Contact("NOC", "", has_phone=False)),
            ({"phone": "call us"}, Contact("NOC", "example.com", has_phone=False)),
            ({"role": None}, Contact("", "example.com", has_phone=True)),
            ({"role": "\ud800"}, Contact("?", "example.com", has_phone=True)),
            ({"role": "x" * 1000}, Contact("x" * 255, "example.com", has_phone=True)),
        ],
    )
    def test_what_is_no_text_is_empty(self, members: Json, expected: Contact) -> None:
        """A record is not lost for one member; names of persons are not kept."""
        ((_, contact),) = read([NOC | members]).contacts

        assert expected == contact

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "expected an object, found the end of the file"),
            (b"{}", "expected records net, fac, netfac or poc of PeeringDB, found none"),
            (b'{"data": [], "meta": {}}', "found none"),
            (b"[]", "found none"),
            (b'{"roas": []}', "found none"),
            (b'{"net": 7, "data": "x", "meta": [], "fac": null}', "found none"),
            (b'{"net": {"data": [{"id": 1', "the end of the file at octet"),
            (b"<html>", "expected an object"),
        ],
    )
    def test_another_file_is_an_error(self, content: bytes, message: str) -> None:
        """It names the file."""
        with pytest.raises(InputError) as caught:
            read(content)

        assert str(caught.value).startswith("peeringdb.json: ")
        assert message in str(caught.value)

    def test_more_records_than_there_are_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The memory is bounded."""
        monkeypatch.setattr(reader_module, "MAX_RECORDS", 2)

        with pytest.raises(InputError, match="at most 2 records"):
            read(LINKS)

    def test_a_file_that_is_cut_is_an_error(self) -> None:
        """Half of the facilities would make connections wrong that are right."""
        octets = json.dumps(WHOLE).encode()
        for length in range(1, len(octets), 29):
            with pytest.raises(InputError, match="the end of the file at octet"):
                read(octets[:length])


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*CONTOSO, *NOC, *AMSTERDAM, "fac_id"]), inner, max_size=6
        )
    ),
    max_leaves=15,
)


@given(
    st.dictionaries(st.sampled_from(["net", "fac", "netfac", "poc", "data", "meta"]), values)
    | st.lists(values)
)
def test_any_json_gives_records_or_an_error_of_ours(content: object) -> None:
    """Whatever members a record has."""
    with suppress(InputError):
        PeeringDb.of([read(content)])
