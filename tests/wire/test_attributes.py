"""Path attributes: octets, the treatment of malformed ones (RFC 7606), round trips."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.model import (
    AsPath,
    Community,
    ExtendedCommunity,
    LargeCommunity,
    Prefix,
    Route,
)
from peerlint.testing import malformed, strategies
from peerlint.testing.dumps import route_attributes
from peerlint.wire.attributes import (
    ATTRIBUTE_LIST,
    Aggregator,
    Attributes,
    AttributeType,
    Fault,
    Form,
    MpReach,
    MpUnreach,
    RawAttribute,
    Treatment,
    decode_attributes,
    encode_attributes,
)
from peerlint.wire.nlri import Nlri

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]

AS4, AS2 = Form(), Form(as4=False)
RIB, ADD_PATH = Form(in_rib=True), Form(add_path=True)
FORMS = [
    AS4,
    AS2,
    RIB,
    ADD_PATH,
    Form(as4=False, add_path=True),
    Form(add_path=frozenset({(6, 1)})),  # two OPENs may negotiate this
]
HOP4, HOP6 = IPv4Address("192.0.2.1"), IPv6Address("2001:db8::1")
LOCAL6 = IPv6Address("fe80::1")
DOC6 = Prefix.parse("2001:db8::/32")
PATH = AsPath.parse("64500")
V6 = "20010db8" + "00" * 11 + "01"
LINK = "fe80" + "00" * 13 + "01"


@pytest.mark.parametrize(
    ("octets", "form", "expected", "source"),
    [
        ("", AS4, Attributes(), "none at all"),
        ("40010100", AS4, Attributes(origin=0), "RFC 4271 section 5.1.1"),
        ("40010102", AS4, Attributes(origin=2), "INCOMPLETE"),
        ("400200", AS4, Attributes(as_path=AsPath()), "an empty path"),
        ("4002060201 0000fbf4", AS4, Attributes(as_path=AsPath.sequence(64500)), "RFC 6793"),
        ("4002040201 fbf4", AS2, Attributes(as_path=AsPath.sequence(64500)), "RFC 4271"),
        ("400304c0000201", AS4, Attributes(next_hop=HOP4), "RFC 4271 section 5.1.3"),
        ("80040400000064", AS4, Attributes(med=100), "RFC 4271 section 5.1.4"),
        ("800404ffffffff", AS4, Attributes(med=0xFFFFFFFF), "unsigned"),
        ("40050400000064", AS4, Attributes(local_pref=100), "RFC 4271 section 5.1.5"),
        ("400600", AS4, Attributes(atomic_aggregate=True), "RFC 4271 section 5.1.6"),
        ("800904c0000201", AS4, Attributes(originator_id=HOP4), "RFC 4456 section 8"),
        ("800a08c0000201c0000201", AS4, Attributes(cluster_list=(HOP4, HOP4)), "RFC 4456"),
        ("c023040000fbf4", AS4, Attributes(only_to_customer=64500), "RFC 9234 section 5"),
        ("c007080000fbf4c0000201", AS4, Attributes(aggregator=Aggregator(64500, HOP4)), "5.1.7"),
        ("c00706fbf4c0000201", AS2, Attributes(aggregator=Aggregator(64500, HOP4)), "5.1.7"),
        (
            "c00808 1f8b1f47 1f8b1f47",
            AS4,
            Attributes(communities=(Community.of(8075, 8007),) * 2),
            "RFC 1997; repeats are kept",
        ),
        (
            "c01008 00021f8b00001f47",
            AS4,
            Attributes(extended_communities=(ExtendedCommunity.parse("rt:8075:8007"),)),
            "RFC 4360",
        ),
        (
            "c0200c 00001f8b00001f4700000000",
            AS4,
            Attributes(large_communities=(LargeCommunity(8075, 8007, 0),)),
            "RFC 8092",
        ),
        ("c01106 0201 00030d41", AS2, Attributes(as4_path=AsPath.sequence(200001)), "RFC 6793"),
        (
            "c01208 00030d41c0000201",
            AS2,
            Attributes(as4_aggregator=Aggregator(200001, HOP4)),
            "RFC 6793",
        ),
        (
            "800e1a 0002 01 10" + V6 + "00 20 20010db8",
            AS4,
            Attributes(mp_reach=MpReach((HOP6,), 6, 1, (Nlri(DOC6),))),
            "RFC 4760",
        ),
        (
            "800e1e 0002 01 10" + V6 + "00 00000007 20 20010db8",
            ADD_PATH,
            Attributes(mp_reach=MpReach((HOP6,), 6, 1, (Nlri(DOC6, 7),))),
            "RFC 7911",
        ),
        (
            "800e25 0002 01 20" + V6 + LINK + "00",
            AS4,
            Attributes(mp_reach=MpReach((HOP6, LOCAL6), 6, 1)),
            "RFC 2545: two next hops",
        ),
        ("800e11 10" + V6, RIB, Attributes(mp_reach=MpReach((HOP6,))), "RFC 6396 4.3.4: short"),
        ("800e05 04c0000201", RIB, Attributes(mp_reach=MpReach((HOP4,))), "short, IPv4"),
        (
            "800e1a 0002 01 10" + V6 + "00 20 20010db8",
            RIB,
            Attributes(mp_reach=MpReach((HOP6,), 6, 1, (Nlri(DOC6),))),
            "in full, as RouteViews writes it",
        ),
        (
            "800e1a 0002 01 10" + V6 + "00 20 20010db8",
            Form(in_rib=True, add_path=True),
            Attributes(mp_reach=MpReach((HOP6,), 6, 1, (Nlri(DOC6),))),
            "RFC 8050 section 4: in a RIB the entry has the path identifier",
        ),
        (
            "800f08 0002 01 20 20010db8",
            AS4,
            Attributes(mp_unreach=MpUnreach(6, 1, (Nlri(DOC6),))),
            "RFC 4760",
        ),
        ("806303 010203", AS4, Attributes(others=(RawAttribute(0x80, 99, b"\1\2\3"),)), "raw"),
    ],
)
def test_octets(
    octets: str, form: Form, expected: Attributes, source: str, assert_parses: AssertParses
) -> None:
    """Each attribute decodes to its value, and the value encodes to its octets."""
    raw = bytes.fromhex(octets)

    assert raw == encode_attributes(expected, form), source
    assert_parses(lambda octets: decode_attributes(octets, form), raw, expected)


@pytest.mark.parametrize(
    ("octets", "form", "malformed", "source"),
    [
        ("400100", AS4, "ORIGIN", "RFC 7606 section 7.1: length"),
        ("4001020000", AS4, "ORIGIN", "RFC 7606 section 7.1: length"),
        ("40010103", AS4, "ORIGIN", "RFC 7606 section 7.1: undefined value"),
        ("400202 0200", AS4, "AS_PATH", "RFC 7606 section 7.2: no members"),
        ("400206 0202 0000fbf4", AS4, "AS_PATH", "RFC 7606 section 7.2: overrun"),
        ("400206 0501 0000fbf4", AS4, "AS_PATH", "RFC 7606 section 7.2: type"),
        ("400206 0201 0000fbf4", AS2, "AS_PATH", "four octets read as two"),
        ("400303c00002", AS4, "NEXT_HOP", "RFC 7606 section 7.3"),
        ("800403000000", AS4, "MULTI_EXIT_DISC", "RFC 7606 section 7.4"),
        ("c0230300fbf4", AS4, "ONLY_TO_CUSTOMER", "RFC 9234 section 5"),
        ("c00101 00", AS4, "ORIGIN", "RFC 7606 section 3 c: optional"),
        ("800200", AS4, "AS_PATH", "RFC 7606 section 3 c: not transitive"),
        ("400404 00000064", AS4, "MULTI_EXIT_DISC", "RFC 7606 section 3 c: well-known"),
        ("40080400000000", AS4, "COMMUNITIES", "RFC 7606 section 3 c: well-known"),
        ("c00800", AS4, "COMMUNITIES", "RFC 7606 section 7.8: empty"),
        ("c008051f8b1f4700", AS4, "COMMUNITIES", "RFC 7606 section 7.8: no multiple of 4"),
        ("c01000", AS4, "EXTENDED_COMMUNITIES", "RFC 7606 section 7.14"),
        ("c0100400021f8b", AS4, "EXTENDED_COMMUNITIES", "RFC 7606 section 7.14"),
        ("c02000", AS4, "LARGE_COMMUNITIES", "RFC 8092 section 5"),
        ("c0200400021f8b", AS4, "LARGE_COMMUNITIES", "RFC 8092 section 5"),
        ("4001", AS4, ATTRIBUTE_LIST, "RFC 7606 section 4: a header that is cut"),
        ("400102 00", AS4, ATTRIBUTE_LIST, "RFC 7606 section 4: overrun"),
        ("5001 00", AS4, ATTRIBUTE_LIST, "RFC 7606 section 4: half a length"),
        ("5001 ffff 00", AS4, ATTRIBUTE_LIST, "RFC 7606 section 4: overrun"),
    ],
)
def test_treated_as_withdrawn(octets: str, form: Form, malformed: str, source: str) -> None:
    """A malformed attribute of these types withdraws the route, and is kept as octets."""
    raw = bytes.fromhex(octets)
    found = decode_attributes(raw, form)

    assert (malformed,) == found.malformed, source
    assert malformed == ATTRIBUTE_LIST or raw[3:] == found.others[0].value
    assert (malformed,) == found.route(Nlri(DOC6), in_rib=True).malformed


@pytest.mark.parametrize(
    ("octets", "form", "name", "source"),
    [
        ("40050300000a", AS4, "LOCAL_PREF", "RFC 7606 section 7.5"),
        ("c005040000000a", AS4, "LOCAL_PREF", "RFC 7606 section 3 c: optional"),
        ("40060100", AS4, "ATOMIC_AGGREGATE", "RFC 7606 section 7.6"),
        ("c00700", AS4, "AGGREGATOR", "RFC 7606 section 7.7"),
        ("c00706fbf4c0000201", AS4, "AGGREGATOR", "RFC 7606 section 7.7: of two octets"),
        ("800903c00002", AS4, "ORIGINATOR_ID", "RFC 7606 section 7.9"),
        ("800a00", AS4, "CLUSTER_LIST", "RFC 7606 section 7.10: empty"),
        ("800a03c00002", AS4, "CLUSTER_LIST", "RFC 7606 section 7.10"),
        ("c01106 0201 00030d41", AS4, "AS4_PATH", "RFC 6793 section 4.1: not in four octets"),
        (
            "c01208 00030d41c0000201",
            AS4,
            "AS4_AGGREGATOR",
            "RFC 6793 section 4.1: not in four octets",
        ),
        ("c01101 02", AS2, "AS4_PATH", "RFC 6793 section 6"),
        ("c01207 00030d41c00002", AS2, "AS4_AGGREGATOR", "RFC 6793 section 6"),
        ("800e00", RIB, "MP_REACH_NLRI", "a RIB entry has its own prefix"),
        ("800e05 03c0000201", RIB, "MP_REACH_NLRI", "a short form with a wrong length"),
        ("800e04 03c00002", RIB, "MP_REACH_NLRI", "a next hop of three octets"),
        ("800f00", RIB, "MP_UNREACH_NLRI", "a RIB entry has its own prefix"),
    ],
)
def test_discarded(octets: str, form: Form, name: str, source: str) -> None:
    """A malformed attribute of these types is discarded and the route is kept (RFC 7606)."""
    raw = bytes.fromhex(octets)
    found = decode_attributes(raw, form)

    assert found.malformed == (), source
    assert [(name, Treatment.DISCARD)] == [
        (each.attribute, each.treatment) for each in found.faults
    ]
    assert Attributes(others=(RawAttribute(raw[0], raw[1], raw[3:]),)) == attrs.evolve(
        found, faults=()
    )


def test_a_fault_has_the_expected_value() -> None:
    """The reason is kept with the attribute (RFC 7606 section 8 asks to log it)."""
    found = decode_attributes(bytes.fromhex("40010103 400503 000064"), AS4)

    origin = Fault("ORIGIN", Treatment.WITHDRAW, "an origin from 0 to 2", "3")
    assert (origin, Fault("LOCAL_PREF", Treatment.DISCARD, "4 octets", "3")) == found.faults
    assert "ORIGIN: expected an origin from 0 to 2, found 3 (treat-as-withdraw)" == str(origin)


@pytest.mark.parametrize(
    "octets", ["00010102", "000304c0000201", "00050400000064", "00080400000064", "00630100"]
)
def test_flags_do_not_count_in_a_rib(octets: str) -> None:
    """In table dumps, BIRD 2 writes 0 as the flags of attributes that it created itself."""
    assert decode_attributes(bytes.fromhex(octets), RIB).faults == ()


@pytest.mark.parametrize("flags", ["40", "60", "50", "4f"])
def test_other_bits_of_the_flags_do_not_count(flags: str) -> None:
    """The Partial bit and unused bits are ignored (RFC 4271 section 4.3, RFC 7606 section 3 c)."""
    length = "0001" if flags == "50" else "01"

    assert Attributes(origin=0) == decode_attributes(bytes.fromhex(f"{flags}01{length}00"), AS4)


@pytest.mark.parametrize(
    "octets",
    ["800f03 001901", "800f03 000180", "800e09 0019 41 04 c0000201 00", "800e05 000084 00 00"],
)
@pytest.mark.parametrize("form", [AS4, AS2, RIB])
def test_other_families_are_kept_as_octets(octets: str, form: Form) -> None:
    """AFI 25 or SAFI 128 is no fault: its prefixes are only not read (RFC 4760)."""
    raw = bytes.fromhex(octets)
    found = decode_attributes(raw, form)

    if raw[3] or not form.in_rib or raw[1] == 15:
        assert Attributes(others=(RawAttribute(0x80, raw[1], raw[3:]),)) == found
    assert found.is_foreign


@pytest.mark.parametrize(
    ("octets", "source"),
    [
        ("800e00", "RFC 7606 section 5.3"),
        ("800e05 0001010400", "a next hop over the end"),
        ("800e0a 0001 01 04 c0000201 00 21", "a prefix length over 32"),
        ("800e0a 0001 01 05 c000020100 00", "a next hop of five octets"),
        ("800e1d 0002 01 18" + V6 + "00" * 8 + "00", "a next hop of 24 octets"),
        ("800f02 0001", "half a family"),
        ("800f03 000101 800f03 000201", "RFC 7606 section 3 g: MP_UNREACH_NLRI twice"),
        ("800e05 000101 00 00 800e05 000201 00 00", "RFC 7606 section 3 g: MP_REACH_NLRI twice"),
        ("800f04 00010121", "a prefix length over 32"),
    ],
)
def test_unreadable(octets: str, source: str) -> None:
    """In an UPDATE, an unreadable MP attribute leaves prefixes unknown, which is an error."""
    for form in (AS4, AS2):
        with pytest.raises(WireError) as caught:
            decode_attributes(bytes.fromhex(octets), form)
        assert caught.value.expected, source


def test_first_of_a_type_counts() -> None:
    """A repeated attribute is discarded with a fault (RFC 7606 section 3 g)."""
    found = decode_attributes(bytes.fromhex("40010100 40010102 806301aa 806301bb"), AS4)

    again = [Fault(name, Treatment.DISCARD, "one", "another") for name in ("ORIGIN", "type 99")]
    others = (RawAttribute(0x80, 99, b"\xaa"),)
    assert Attributes(origin=0, others=others, faults=tuple(again)) == found


def test_first_mp_reach_of_a_rib_counts() -> None:
    """A RIB entry has its own prefix: only a second MP_REACH_NLRI itself is discarded."""
    found = decode_attributes(bytes.fromhex("800e05 04c0000201 800e05 04c0000202"), RIB)

    again = Fault("MP_REACH_NLRI", Treatment.DISCARD, "one", "another")
    assert Attributes(mp_reach=MpReach((HOP4,)), faults=(again,)) == found


def test_extended_length_only_changes_the_encoding() -> None:
    """A length of two octets means the same as one of one octet, and is written only if needed."""
    wide = bytes.fromhex("50010001 00")
    large = RawAttribute(0xC0, 99, bytes(256))

    assert Attributes(origin=0) == decode_attributes(wide, AS4)
    assert bytes.fromhex("d0630100") == encode_attributes(Attributes(others=(large,)), AS4)[:4]


@pytest.mark.parametrize(
    ("attributes", "missing"),
    [
        (Attributes(), ("ORIGIN", "AS_PATH", "NEXT_HOP")),
        (Attributes(origin=0, as_path=PATH, next_hop=HOP4), ()),
        (Attributes(origin=0, as_path=PATH, mp_reach=MpReach((HOP6,), 6, 1)), ()),
        (Attributes(origin=0, next_hop=HOP4), ("AS_PATH",)),
        (Attributes(as_path=PATH, next_hop=HOP4), ("ORIGIN",)),
        (Attributes(origin=0, as_path=PATH), ("NEXT_HOP",)),
    ],
)
def test_what_is_mandatory(attributes: Attributes, missing: tuple[str, ...]) -> None:
    """An UPDATE without these withdraws its routes (RFC 7606 section 3 d); a RIB entry does not."""
    nlri = Nlri(Prefix.parse("203.0.113.0/24"))

    assert missing == attributes.route(nlri, in_rib=False).malformed
    assert () == attributes.route(nlri, in_rib=True).malformed


BOTH = Attributes(next_hop=HOP4, mp_reach=MpReach((HOP6, LOCAL6), 6, 1))


@pytest.mark.parametrize(
    ("attributes", "family", "in_rib", "expected", "source"),
    [
        (Attributes(), 4, True, None, "a router's own route"),
        (Attributes(next_hop=HOP4), 4, False, HOP4, "RFC 4271 section 5.1.3"),
        (BOTH, 4, False, HOP4, "IPv4 in the message's own field"),
        (BOTH, 6, False, HOP6, "RFC 2545: the global one"),
        (Attributes(mp_reach=MpReach((HOP6,), 4, 1)), 4, False, HOP6, "RFC 8950"),
        (Attributes(mp_reach=MpReach((HOP6,))), 6, True, HOP6, "RFC 6396: short, of no family"),
        (Attributes(next_hop=HOP4, mp_reach=MpReach((HOP6,))), 4, True, HOP6, "RFC 8950, short"),
    ],
)
def test_next_hop(
    attributes: Attributes, family: int, in_rib: bool, expected: object, source: str
) -> None:
    """An UPDATE has a next hop for each family, an entry of a RIB has one."""
    assert expected == attributes.next_hop_of(family, in_rib=in_rib), source


@pytest.mark.parametrize(
    ("own", "as4", "expected", "source"),
    [
        (None, Aggregator(200001, HOP4), None, "no AGGREGATOR at all"),
        (Aggregator(64500, HOP4), None, Aggregator(64500, HOP4), "none from four octets"),
        (
            Aggregator(23456, HOP4),
            Aggregator(200001, HOP4),
            Aggregator(200001, HOP4),
            "AS_TRANS is replaced",
        ),
        (
            Aggregator(64500, HOP4),
            Aggregator(200001, HOP4),
            Aggregator(64500, HOP4),
            "an old speaker aggregated since",
        ),
    ],
)
def test_aggregator_of_four_octets(
    own: Aggregator | None, as4: Aggregator | None, expected: Aggregator | None, source: str
) -> None:
    """AS4_AGGREGATOR counts if AGGREGATOR has AS_TRANS (RFC 6793 section 4.2.3)."""
    assert expected == Attributes(aggregator=own, as4_aggregator=as4).best_aggregator, source


@given(st.sampled_from(FORMS), st.data())
def test_round_trip(form: Form, data: st.DataObject) -> None:
    """Well-formed attributes decode to themselves in every form."""
    attributes = data.draw(strategies.attributes(form))

    assert attributes == decode_attributes(encode_attributes(attributes, form), form)


@given(st.sampled_from(FORMS), st.data())
def test_what_cannot_be_read_is_kept(form: Form, data: st.DataObject) -> None:
    """Encoding and decoding a decoded list again changes nothing but the order of names.

    The rest of a list that overruns its end, and repeated attributes, are not encoded.
    """
    octets = data.draw(malformed.attribute_octets(form, multiprotocol=form.in_rib))
    first = decode_attributes(octets, form)
    again = decode_attributes(encode_attributes(first, form), form)

    assert set(first.malformed) - {ATTRIBUTE_LIST} == set(again.malformed)
    assert sorted(first.others, key=lambda raw: raw.type) == list(again.others)
    assert attrs.evolve(first, faults=(), others=()) == attrs.evolve(again, faults=(), others=())


@given(st.sampled_from(FORMS), st.data())
def test_any_octets_give_a_value_or_an_error(
    value_or_error: ValueOrError, form: Form, data: st.DataObject
) -> None:
    """Wrong fields and random octets give a value or a `WireError`, in a RIB always a value."""
    octets = data.draw(st.one_of(malformed.attribute_octets(form), st.binary(max_size=60)))

    value_or_error(lambda raw: decode_attributes(raw, form), octets)
    if form.in_rib:
        assert decode_attributes(octets, form)


@given(strategies.routes(path_id=False))
def test_a_route_survives_as_attributes(route: Route) -> None:
    """A route of a RIB equals the route that is made from its attributes."""
    octets = encode_attributes(route_attributes(route, in_rib=True), RIB)

    assert route == decode_attributes(octets, RIB).route(Nlri(route.prefix), in_rib=True)


def test_types_have_flags() -> None:
    """Well-known types are transitive; others optional, and most of them transitive too.

    RFC 4271 section 5, RFC 4456 section 8, RFC 4760, RFC 9234 section 5.
    """
    well_known: dict[int, int] = dict.fromkeys((1, 2, 3, 5, 6), 0x40)
    expected: dict[int, int] = well_known | dict.fromkeys((4, 9, 10, 14, 15), 0x80)

    assert {kind: expected.get(kind, 0xC0) for kind in AttributeType} == {
        kind: kind.flags for kind in AttributeType
    }


def test_what_is_malformed_is_not_missing() -> None:
    """An AS_PATH that is present but unreadable is named once."""
    broken = decode_attributes(bytes.fromhex("40010100 4002020200 400304c0000201"), AS4)

    assert broken.route(Nlri(DOC6), in_rib=False).malformed == ("AS_PATH",)
