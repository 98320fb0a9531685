"""Parse the routes that a daemon lists, to compare them with the routes that were sent."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from daemons.birdd import RecordingBird
from daemons.frrd import RecordingFrr
from daemons.gobgpdd import RecordingGobgp
from daemons.peers import SESSIONS
from daemons.showing import SHOWN, in_force
from daemons.speaker import Session
from peerlint.model import AsPath, ExtendedCommunity, LargeCommunity, Segment, SegmentType
from peerlint.wire.attribute_types import AttributeType

#: The default LOCAL_PREF of the daemons.
_LOCAL_PREF = 100
_ADDRESSES = {session.name: session.address for session in SESSIONS}
_FRR_ORIGINS = {"IGP": 0, "EGP": 1, "incomplete": 2}
_BIRD_ORIGINS = {"IGP": 0, "EGP": 1, "Incomplete": 2}
_FRR_SEGMENTS = {
    "as-set": SegmentType.AS_SET,
    "as-sequence": SegmentType.AS_SEQUENCE,
    "as-confed-sequence": SegmentType.AS_CONFED_SEQUENCE,
    "as-confed-set": SegmentType.AS_CONFED_SET,
}
#: Names by subtype (RFC 4360 sections 4 and 5).
_GOBGP_EXTENDED = {2: "rt", 3: "ro"}
#: The continuation of a long line, which is indented.
_BIRD_ATTRIBUTE = re.compile(r"^\tBGP\.(\w+): (.*(?:\n\t\t.*)*)", re.MULTILINE)
_BIRD_SEGMENT = re.compile(
    r"(?P<confed_set>\(\{[^}]*\}\))|(?P<confed>\([^)]*\))|(?P<set>\{[^}]*\})|(?P<plain>\d[\d ]*)"
)
_BIRD_SEGMENTS = {
    "confed_set": SegmentType.AS_CONFED_SET,
    "confed": SegmentType.AS_CONFED_SEQUENCE,
    "set": SegmentType.AS_SET,
    "plain": SegmentType.AS_SEQUENCE,
}


@attrs.frozen
class Heard:
    """A route of one neighbor.

    Attributes:
        neighbor: the address of the neighbor.
        aggregator: AS number and address.
        path_id: None if the neighbor sends none, or the daemon does not show them.
    """

    neighbor: str
    prefix: str
    next_hop: str
    origin: int
    path: AsPath
    med: int | None = None
    local_pref: int = _LOCAL_PREF
    communities: frozenset[str] = frozenset()
    large_communities: frozenset[str] = frozenset()
    extended_communities: frozenset[ExtendedCommunity] = frozenset()
    atomic_aggregate: bool = False
    aggregator: tuple[int, str] | None = None
    originator_id: str | None = None
    cluster_list: tuple[str, ...] = ()
    path_id: int | None = None


def sent(session: Session, *, path_ids: bool) -> Iterator[Heard]:
    """Yield the routes of a session that a daemon must have."""
    for route in in_force(SHOWN[session]):
        attributes = route.attributes
        aggregator = attributes.best_aggregator
        yield Heard(
            neighbor=session.address,
            prefix=str(route.nlri.prefix),
            next_hop=str(route.next_hop),
            origin=int(attributes.origin or 0),
            path=attributes.path,
            med=attributes.med,
            local_pref=_LOCAL_PREF if attributes.local_pref is None else attributes.local_pref,
            communities=frozenset(f"{each.asn}:{each.value}" for each in attributes.communities),
            large_communities=frozenset(map(_words, attributes.large_communities)),
            extended_communities=frozenset(attributes.extended_communities),
            atomic_aggregate=attributes.atomic_aggregate,
            aggregator=None if aggregator is None else (aggregator.asn, str(aggregator.address)),
            originator_id=_text(attributes.originator_id),
            cluster_list=tuple(map(str, attributes.cluster_list)),
            path_id=route.nlri.path_id if path_ids else None,
        )


def _words(community: LargeCommunity) -> str:
    return ":".join(map(str, community.parts))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


# -- FRR


def heard_by_frr(daemon: RecordingFrr, prefixes: Iterable[str]) -> Iterator[Heard]:
    """Yield the routes of FRR, which shows all attributes of one prefix at a time."""
    for prefix in prefixes:
        for path in daemon.paths(prefix):
            yield _from_frr(prefix, path)


def _from_frr(prefix: str, path: dict[str, Any]) -> Heard:
    segments = path["aspath"]["segments"]
    aggregator = (path["aggregatorAs"], path["aggregatorId"]) if "aggregatorAs" in path else None
    return Heard(
        neighbor=path["peer"]["peerId"],
        prefix=prefix,
        next_hop=path["nexthops"][0]["ip"],
        origin=_FRR_ORIGINS[path["origin"]],
        path=AsPath(tuple(_segment(_FRR_SEGMENTS[s["type"]], s["list"]) for s in segments)),
        med=path.get("metric"),
        local_pref=path.get("locPrf", _LOCAL_PREF),
        communities=frozenset(path.get("community", {}).get("list", ())),
        large_communities=frozenset(path.get("largeCommunity", {}).get("list", ())),
        extended_communities=frozenset(
            ExtendedCommunity.parse(word.lower().replace("soo:", "ro:"))
            for word in path.get("extendedCommunity", {}).get("string", "").split()
        ),
        atomic_aggregate=path.get("atomicAggregate", False),
        aggregator=aggregator,
        originator_id=path.get("originatorId"),
        cluster_list=tuple(path.get("clusterList", {}).get("list", ())),
        path_id=path.get("addpathRxId"),
    )


# -- GoBGP


def heard_by_gobgp(daemon: RecordingGobgp) -> Iterator[Heard]:
    """Yield the routes of GoBGP, which shows no path identifiers."""
    for table in daemon.tables():
        for prefix, paths in table.items():
            for path in paths:
                yield _from_gobgp(prefix, path)


def _from_gobgp(prefix: str, path: dict[str, Any]) -> Heard:
    found = {each["type"]: each for each in path["attrs"]}
    aggregator = found.get(AttributeType.AGGREGATOR)
    return Heard(
        neighbor=path["neighbor-ip"],
        prefix=prefix,
        next_hop=(found.get(AttributeType.NEXT_HOP) or found[AttributeType.MP_REACH_NLRI])[
            "nexthop"
        ],
        origin=found[AttributeType.ORIGIN]["value"],
        path=AsPath(
            tuple(
                _segment(SegmentType(each["segment_type"]), each["asns"])
                for each in found[AttributeType.AS_PATH]["as_paths"]
            )
        ),
        med=found.get(AttributeType.MULTI_EXIT_DISC, {}).get("metric"),
        local_pref=found.get(AttributeType.LOCAL_PREF, {}).get("value", _LOCAL_PREF),
        communities=frozenset(
            f"{number >> 16}:{number & 0xFFFF}"
            for number in found.get(AttributeType.COMMUNITIES, {}).get("communities", ())
        ),
        large_communities=frozenset(
            f"{each['ASN']}:{each['LocalData1']}:{each['LocalData2']}"
            for each in found.get(AttributeType.LARGE_COMMUNITIES, {}).get("value", ())
        ),
        extended_communities=frozenset(
            ExtendedCommunity.parse(f"{_GOBGP_EXTENDED[each['subtype']]}:{each['value']}")
            for each in found.get(AttributeType.EXTENDED_COMMUNITIES, {}).get("value", ())
        ),
        atomic_aggregate=AttributeType.ATOMIC_AGGREGATE in found,
        aggregator=None if aggregator is None else (aggregator["as"], aggregator["address"]),
        originator_id=found.get(AttributeType.ORIGINATOR_ID, {}).get("value"),
        cluster_list=tuple(found.get(AttributeType.CLUSTER_LIST, {}).get("value", ())),
    )


# -- BIRD


def heard_by_bird(daemon: RecordingBird) -> Iterator[Heard]:
    """Yield the routes of BIRD, which shows no path identifiers."""
    prefix = ""
    for block in re.split(r"\n(?=\S+ +\w+ \[| +\w+ \[)", daemon.routes()):
        head, *lines = block.splitlines()
        route = re.match(r"(\S*) +\w+ \[from_(\w+) ", head)
        if route is None:  # the output of birdc before the first table
            continue
        prefix = route[1] or prefix
        found = dict(_BIRD_ATTRIBUTE.findall("\n".join(lines)))
        yield _from_bird(prefix, _ADDRESSES[route[2]], found)


def _from_bird(prefix: str, neighbor: str, found: dict[str, str]) -> Heard:
    aggregator = found.get("aggregator")
    return Heard(
        neighbor=neighbor,
        prefix=prefix,
        next_hop=found["next_hop"],
        origin=_BIRD_ORIGINS[found["origin"]],
        path=_bird_path(found["as_path"]),
        med=int(found["med"]) if "med" in found else None,
        local_pref=int(found["local_pref"]),
        communities=_bird_words(found.get("community", "")),
        large_communities=_bird_words(found.get("large_community", "")),
        extended_communities=frozenset(
            map(ExtendedCommunity.parse, _bird_words(found.get("ext_community", "")))
        ),
        atomic_aggregate="atomic_aggr" in found,
        aggregator=None if aggregator is None else _bird_aggregator(aggregator),
        originator_id=found.get("originator_id"),
        cluster_list=tuple(found.get("cluster_list", "").split()),
    )


def _bird_words(shown: str) -> frozenset[str]:
    return frozenset(
        each.replace(" ", "").replace(",", ":") for each in re.findall(r"\(([^)]*)\)", shown)
    )


def _bird_aggregator(shown: str) -> tuple[int, str]:
    address, asn = shown.split(" AS")
    return int(asn), address


def _bird_path(shown: str) -> AsPath:
    segments = (
        _segment(_BIRD_SEGMENTS[found.lastgroup or ""], map(int, re.findall(r"\d+", found[0])))
        for found in _BIRD_SEGMENT.finditer(shown)
    )
    return AsPath(tuple(segments))


def _segment(kind: SegmentType, asns: Iterable[int]) -> Segment:
    return Segment(kind, tuple(asns))
