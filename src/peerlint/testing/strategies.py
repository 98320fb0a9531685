"""Hypothesis strategies for every value of `peerlint.model` and `peerlint.wire`.

They prefer difficult values: AS numbers at the ends of IANA's ranges, prefixes at the ends of
special-purpose blocks, repeats and split segments in paths, communities similar to the required
one. They need `pip install peerlint[test]`.

Strategies for MRT records are in `peerlint.testing.records`, those for malformed octets in
`peerlint.testing.malformed`.
"""
# ruff: noqa: D417  # Hypothesis passes `draw`, callers do not

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final, TypeVar

from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.iana import ALLOWABLE
from peerlint.iana.addresses import BLOCKS, EXCEPTIONS
from peerlint.iana.asns import RANGES
from peerlint.model import (
    EXPRESSROUTE,
    MAPS_COMMUNITY,
    MICROSOFT,
    Asn,
    AsPath,
    Community,
    Criteria,
    ExtendedCommunity,
    LargeCommunity,
    OwnAs,
    Prefix,
    Route,
    Segment,
    SegmentType,
    View,
    Viewpoint,
)
from peerlint.model.community import WELL_KNOWN
from peerlint.model.prefix import BITS
from peerlint.wire.attribute_types import OPTIONAL
from peerlint.wire.attributes import (
    Aggregator,
    Attributes,
    Form,
    MpReach,
    MpUnreach,
    RawAttribute,
)
from peerlint.wire.bgp import Update
from peerlint.wire.nlri import Family, Nlri
from peerlint.wire.raw_types import RECOGNISED
from peerlint.wire.reach import IPAddress

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_Value = TypeVar("_Value")

#: A few AS numbers that occur often, so that paths have repeats, loops and the announcing AS.
_USUAL_ASNS: Final = (64500, 64501, 64502, int(MICROSOFT), int(EXPRESSROUTE), 64512, 23456)
_U32: Final = 0xFFFFFFFF
_EDGE_ASNS: Final = sorted(
    {first + step for first, _, _ in RANGES for step in (-1, 0, 1) if 0 <= first + step <= _U32}
    | {112}
)
_PLAIN: Final = Form()
#: The maximum number of members of a segment.
_LONGEST: Final = 255


def _one_in(draw: DrawFn, times: int) -> bool:
    return draw(st.integers(1, times)) == times


# -- model


def asns(*, wide: bool = True) -> SearchStrategy[Asn]:
    """Return AS numbers: common ones, those around the ends of IANA's ranges, and others.

    Args:
        wide: whether numbers up to 4294967295 are returned; otherwise up to 65535.
    """
    top = _U32 if wide else 0xFFFF
    edges = [asn for asn in _EDGE_ASNS if asn <= top]
    return st.one_of(st.sampled_from(_USUAL_ASNS), st.sampled_from(edges), st.integers(0, top)).map(
        Asn
    )


def sendable_asns(*, wide: bool = True) -> SearchStrategy[Asn]:
    """Return AS numbers other than 0, which no attribute may carry (RFC 7607 section 2).

    Args:
        wide: whether numbers up to 4294967295 are returned; otherwise up to 65535.
    """
    return asns(wide=wide).filter(bool)


@st.composite
def prefixes(draw: DrawFn, family: int | None = None) -> Prefix:
    """Return prefixes of any length, many of them in or beside special-purpose blocks.

    Args:
        family: 4 or 6; None for both.
    """
    of = draw(st.sampled_from((4, 6))) if family is None else family
    bits = BITS[of]
    blocks = [block for block in (*BLOCKS, *EXCEPTIONS) if block.family == of]
    block = draw(st.sampled_from(blocks))
    near = st.sampled_from((block.first, block.last, block.first - 1, block.last + 1))
    address = draw(st.one_of(near, st.integers(0, (1 << bits) - 1))) % (1 << bits)
    usual = st.sampled_from((0, 1, 7, 8, 16, 24, 25, bits - 1, bits, block.length))
    length = draw(st.one_of(usual, st.integers(0, bits)))
    shift = bits - length
    return Prefix(of, address >> shift << shift, length)


@st.composite
def segments(draw: DrawFn, *, wide: bool = True, confederations: bool = True) -> Segment:
    """Return path segments of every type, often with consecutive occurrences of an AS number.

    Args:
        wide: whether members up to 4294967295 occur; otherwise up to 65535.
        confederations: whether they may list members of a confederation.
    """
    kinds = [kind for kind in SegmentType if confederations or not kind.is_confederation]
    kind = draw(st.sampled_from((SegmentType.AS_SEQUENCE, *kinds)))
    if _one_in(draw, 40):
        count = draw(st.integers(_LONGEST - 1, _LONGEST))
        return Segment(kind, (draw(sendable_asns(wide=wide)),) * count)
    runs = draw(
        st.lists(
            st.tuples(sendable_asns(wide=wide), st.sampled_from((1, 1, 1, 2, 3))),
            min_size=1,
            max_size=4,
        )
    )
    return Segment(kind, tuple(int(asn) for asn, times in runs for _ in range(times)))


def paths(*, wide: bool = True, confederations: bool = True) -> SearchStrategy[AsPath]:
    """Return AS paths without AS 0: empty, with split sequences, sets and confederations.

    Args:
        wide: whether AS numbers up to 4294967295 occur; otherwise up to 65535.
        confederations: whether there may be confederation segments.
    """
    each = segments(wide=wide, confederations=confederations)
    asn = sendable_asns(wide=wide)
    plain = st.lists(asn, max_size=5).map(lambda found: AsPath.sequence(*found))
    return st.one_of(plain, st.lists(each, max_size=5).map(lambda found: AsPath(tuple(found))))


def communities(wanted: Community = MAPS_COMMUNITY) -> SearchStrategy[Community]:
    """Return standard communities: the required one, similar ones, well-known ones, and others."""
    asn, value = wanted.asn, wanted.value
    tens = value // 10 * 10
    near = [
        (asn, value),
        (value, asn),
        (asn, tens),
        (asn, tens + 9),
        (asn, tens - 1),
        (asn, tens + 10),
        (asn + 1, value),
        (asn - 1, value),
        (0, int(MICROSOFT)),
    ]
    numbers = [high << 16 | low for high, low in near if 0 <= high < 1 << 16 > low >= 0]
    known = [*WELL_KNOWN, *(number + 1 for number in WELL_KNOWN)]
    return st.one_of(st.sampled_from(numbers), st.sampled_from(known), st.integers(0, _U32)).map(
        Community
    )


def large_communities(wanted: Community = MAPS_COMMUNITY) -> SearchStrategy[LargeCommunity]:
    """Return large communities, often with the halves of the required one in two parts."""
    part = st.one_of(st.sampled_from((wanted.asn, wanted.value, 0, _U32)), st.integers(0, _U32))
    return st.builds(LargeCommunity, part, part, part)


@st.composite
def extended_communities(draw: DrawFn, wanted: Community = MAPS_COMMUNITY) -> ExtendedCommunity:
    """Return extended communities, often the required one as a route target or origin."""
    if _one_in(draw, 3):
        return ExtendedCommunity(draw(st.integers(0, (1 << 64) - 1)))
    kind = draw(st.sampled_from((0x00, 0x01, 0x02, 0x03, 0x40)))
    subtype = draw(st.sampled_from((0x02, 0x03, 0x04)))
    high = draw(st.sampled_from((wanted.asn, wanted.value, 0)))
    low = draw(st.sampled_from((wanted.value, wanted.asn, 1)))
    width = draw(st.sampled_from((16, 32)))
    return ExtendedCommunity(kind << 56 | subtype << 48 | high << width | low)


def addresses(family: int | None = None) -> SearchStrategy[IPAddress]:
    """Return addresses of a family (4 or 6), or of both if it is None."""
    four: SearchStrategy[IPAddress] = st.ip_addresses(v=4)
    six: SearchStrategy[IPAddress] = st.ip_addresses(v=6)
    return {4: four, 6: six, None: st.one_of(four, six)}[family]


#: Names that occur in `Route.malformed` after decoding.
_MALFORMED: Final = ("ORIGIN", "AS_PATH", "COMMUNITIES", "LARGE_COMMUNITIES", "attribute-list")


@st.composite
def routes(
    draw: DrawFn,
    *,
    family: int | None = None,
    wide: bool = True,
    confederations: bool = True,
    path_id: bool | None = None,
    wanted: Community = MAPS_COMMUNITY,
    malformed: bool = False,
) -> Route:
    """Return routes without a timestamp.

    Args:
        family: 4 or 6; None for both.
        wide: whether AS numbers up to 4294967295 occur; otherwise up to 65535.
        confederations: whether there may be confederation segments.
        path_id: whether routes have an add-path identifier; None for both.
        wanted: the required community, to which others are similar.
        malformed: whether some routes are malformed; these cannot be encoded.
    """
    prefix = draw(prefixes(family))
    with_id = draw(st.booleans()) if path_id is None else path_id
    hops = addresses(6 if prefix.family == 6 else None)
    return Route(
        prefix,
        draw(paths(wide=wide, confederations=confederations)),
        draw(st.frozensets(communities(wanted), max_size=3)),
        draw(st.frozensets(large_communities(wanted), max_size=2)),
        draw(st.frozensets(extended_communities(wanted), max_size=2)),
        draw(st.one_of(st.none(), hops)),
        draw(path_ids()) if with_id else None,
        tuple(draw(st.lists(st.sampled_from(_MALFORMED), unique=True)) if malformed else ()),
    )


def path_ids() -> SearchStrategy[int]:
    """Return path identifiers; small ones look like default routes if read as prefixes."""
    usual = st.sampled_from((0, 1, 256, 512, 0x7FFFFFFF, 0x80000000, _U32))
    return st.one_of(usual, st.integers(0, _U32))


@st.composite
def viewpoints(draw: DrawFn, *, wide: bool = True) -> Viewpoint:
    """Return viewpoints of all views and options, mostly with an announcing AS."""
    view, own_as = draw(st.sampled_from(View)), draw(st.sampled_from(OwnAs))
    transparent = draw(st.booleans())
    if _one_in(draw, 5):
        try:
            return Viewpoint(view, None, transparent, own_as)
        except InputError:
            pass  # this view needs an announcing AS
    return Viewpoint(view, draw(asns(wide=wide)), transparent, own_as)


def criteria() -> SearchStrategy[Criteria]:
    """Return criteria: Microsoft's, and others whose communities are edge cases."""
    odd = [(8075, 8075), (8075, 8070), (8075, 65535), (65535, 65281), (0, 8075), (0, 0)]
    wanted = st.one_of(
        st.just(MAPS_COMMUNITY), st.sampled_from(odd).map(lambda pair: Community.of(*pair))
    )
    allow = st.frozensets(st.sampled_from(sorted(ALLOWABLE)))
    return st.builds(Criteria, wanted, st.integers(0, 6), allow)


# -- wire


@st.composite
def nlri(draw: DrawFn, family: int | None = None, *, add_path: bool = False) -> Nlri:
    """Return prefixes as sent, with a path identifier if `add_path` is set."""
    return Nlri(draw(prefixes(family)), draw(path_ids()) if add_path else None)


def aggregators(*, wide: bool = True) -> SearchStrategy[Aggregator]:
    """Return aggregators, sometimes with AS_TRANS."""
    return st.builds(Aggregator, sendable_asns(wide=wide).map(int), st.ip_addresses(v=4))


def raw_attributes() -> SearchStrategy[RawAttribute]:
    """Return attributes of types that are not decoded, some with a length of two octets.

    They are optional: an unrecognised well-known attribute is an error (RFC 4271 section 6.3).
    """
    kinds = sorted(set(range(256)) - RECOGNISED)
    values = st.one_of(st.binary(max_size=8), st.integers(254, 257).map(bytes))
    flags = st.integers(0, 255).map(lambda octet: octet & 0xEF | OPTIONAL)
    return st.builds(RawAttribute, flags, st.sampled_from(kinds), values)


@st.composite
def mp_reaches(draw: DrawFn, form: Form = _PLAIN) -> MpReach:
    """Return MP_REACH_NLRI, in a RIB also in the short form (RFC 6396 section 4.3.4)."""
    local = st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6))
    one: SearchStrategy[tuple[IPAddress, ...]] = addresses().map(lambda hop: (hop,))
    hops = draw(st.one_of(one, local))
    if form.in_rib and draw(st.booleans()):
        return MpReach(hops)
    family, safi = draw(st.sampled_from((4, 6))), draw(st.sampled_from((1, 2)))
    if family == 6 and hops[0].version == 4:
        hops = draw(local)
    return MpReach(hops, family, safi, draw(_nlri_lists((family, safi), form)))


@st.composite
def mp_unreaches(draw: DrawFn, form: Form = _PLAIN) -> MpUnreach:
    """Return MP_UNREACH_NLRI, some without prefixes, which are End-of-RIB markers."""
    family, safi = draw(st.sampled_from((4, 6))), draw(st.sampled_from((1, 2)))
    return MpUnreach(family, safi, draw(_nlri_lists((family, safi), form)))


def _nlri_lists(family: Family, form: Form) -> SearchStrategy[tuple[Nlri, ...]]:
    return st.lists(nlri(family[0], add_path=family in form.add_path), max_size=3).map(tuple)


@st.composite
def attributes(draw: DrawFn, form: Form = _PLAIN) -> Attributes:
    """Return well-formed attributes of one route or UPDATE, which survive encoding and decoding.

    Args:
        form: the encoding. With two-octet AS numbers, AS4_PATH and AS4_AGGREGATOR are likely and
            other AS numbers are small; with four-octet AS numbers, neither attribute occurs.
    """

    def maybe(strategy: SearchStrategy[_Value]) -> _Value | None:
        return draw(st.one_of(st.none(), strategy))

    wide = form.as4
    identifiers = st.integers(0, _U32).map(IPv4Address)
    others = draw(st.lists(raw_attributes(), max_size=2, unique_by=lambda raw: raw.type))
    return Attributes(
        origin=maybe(st.integers(0, 2)),
        as_path=maybe(paths(wide=wide)),
        next_hop=maybe(st.integers(0, _U32).map(IPv4Address)),
        med=maybe(st.integers(0, _U32)),
        local_pref=maybe(st.integers(0, _U32)),
        atomic_aggregate=draw(st.booleans()),
        aggregator=maybe(aggregators(wide=wide)),
        communities=tuple(draw(st.lists(communities(), max_size=3))),
        extended_communities=tuple(draw(st.lists(extended_communities(), max_size=2))),
        large_communities=tuple(draw(st.lists(large_communities(), max_size=2))),
        originator_id=maybe(identifiers),
        cluster_list=tuple(draw(st.lists(identifiers, max_size=2))),
        only_to_customer=maybe(asns().map(int)),
        as4_path=None if wide else maybe(paths().filter(lambda path: path.segments)),
        as4_aggregator=None if wide else maybe(aggregators()),
        mp_reach=maybe(mp_reaches(form)),
        mp_unreach=maybe(mp_unreaches(form)),
        others=tuple(sorted(others, key=lambda raw: raw.type)),
    )


@st.composite
def updates(draw: DrawFn, form: Form = _PLAIN) -> Update:
    """Return UPDATEs with announcements and withdrawals, in fields and in attributes."""
    own = _nlri_lists((4, 1), form)
    return Update(draw(own), draw(attributes(form)), draw(own))
