"""The path attributes of one route or UPDATE, and the values derived from several of them."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final

import attrs

from peerlint.model import AsPath, Community, ExtendedCommunity, LargeCommunity, Route
from peerlint.wire.attribute_types import NLRI, AttributeType, Fault, RawAttribute, Treatment
from peerlint.wire.nlri import Nlri
from peerlint.wire.paths import AS_TRANS, merge_as4_path
from peerlint.wire.reach import IPAddress, MpReach, MpUnreach, is_foreign
from peerlint.wire.values import Aggregator

_MP_NLRI: Final = frozenset((AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI))
_BROKEN_PREFIXES: Final = Fault(
    NLRI, Treatment.WITHDRAW, "prefixes to the end of their field", "one that cannot be read"
)


@attrs.frozen(cache_hash=True)
class Attributes:
    """The attributes of one route or UPDATE, as sent.

    Attributes:
        origin: 0 IGP, 1 EGP, 2 INCOMPLETE.
        as_path: as sent; None if it is absent or cannot be read.
        next_hop: the NEXT_HOP attribute; see `next_hop_of`.
        med: MULTI_EXIT_DISC.
        local_pref: LOCAL_PREF.
        atomic_aggregate: whether ATOMIC_AGGREGATE is present.
        aggregator: as sent; see `best_aggregator`.
        communities: in the order sent, repeats included.
        extended_communities: in the order sent, repeats included (RFC 4360).
        large_communities: in the order sent, repeats included (RFC 8092).
        originator_id: RFC 4456 section 8.
        cluster_list: the nearest cluster first (RFC 4456 section 8).
        only_to_customer: the AS number of RFC 9234 section 5.
        as4_path: sent only by speakers with two-octet AS numbers; never empty (RFC 6793).
        as4_aggregator: sent only by speakers with two-octet AS numbers (RFC 6793).
        mp_reach: see `MpReach`.
        mp_unreach: see `MpUnreach`.
        others: attributes of other types or address families and attributes that cannot be read, in
            the order sent.
        faults: what is malformed, in the order sent.
    """

    origin: int | None = None
    as_path: AsPath | None = None
    next_hop: IPv4Address | None = None
    med: int | None = None
    local_pref: int | None = None
    atomic_aggregate: bool = False
    aggregator: Aggregator | None = None
    communities: tuple[Community, ...] = ()
    extended_communities: tuple[ExtendedCommunity, ...] = ()
    large_communities: tuple[LargeCommunity, ...] = ()
    originator_id: IPv4Address | None = None
    cluster_list: tuple[IPv4Address, ...] = ()
    only_to_customer: int | None = None
    as4_path: AsPath | None = None
    as4_aggregator: Aggregator | None = None
    mp_reach: MpReach | None = None
    mp_unreach: MpUnreach | None = None
    others: tuple[RawAttribute, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def path(self) -> AsPath:
        """The AS_PATH with AS4_PATH merged in (RFC 6793 section 4.2.3)."""
        path = self.as_path if self.as_path is not None else AsPath()
        if self.as4_path is None or self._aggregated_since:
            return path
        return merge_as4_path(path, self.as4_path)

    @property
    def best_aggregator(self) -> Aggregator | None:
        """AS4_AGGREGATOR if AGGREGATOR has AS_TRANS, else AGGREGATOR (RFC 6793 section 4.2.3)."""
        if self.aggregator is None or self.as4_aggregator is None or self._aggregated_since:
            return self.aggregator
        return self.as4_aggregator

    @property
    def _aggregated_since(self) -> bool:
        """Whether a two-octet speaker aggregated the route after the AS4 attributes were added."""
        return (
            self.aggregator is not None
            and self.as4_aggregator is not None
            and self.aggregator.asn != AS_TRANS
        )

    def next_hop_of(self, family: int, *, in_rib: bool) -> IPAddress | None:
        """Return the next hop of the prefixes of an address family.

        An UPDATE may announce IPv4 with NEXT_HOP and IPv6 with MP_REACH_NLRI. The short form of
        MP_REACH_NLRI in a RIB entry has no family, so it applies to the entry's prefix.

        Args:
            family: 4 or 6.
            in_rib: whether the attributes are those of a RIB entry, not of an UPDATE.
        """
        reach = self.mp_reach
        if reach is not None and reach.next_hops and (in_rib or reach.family == family):
            return reach.next_hops[0]
        return self.next_hop

    @property
    def malformed(self) -> tuple[str, ...]:
        """Names of the attributes for which RFC 7606 requires treat-as-withdraw."""
        return tuple(
            fault.attribute for fault in self.faults if fault.treatment is Treatment.WITHDRAW
        )

    @property
    def is_foreign(self) -> bool:
        """Whether prefixes of an address family that is not read are announced or withdrawn."""
        if not self.others:
            return False
        return any(raw.type in _MP_NLRI and is_foreign(raw.value) for raw in self.others)

    def with_broken_prefixes(self) -> Attributes:
        """Return the attributes with the fault of an UPDATE whose prefixes cannot all be read.

        A receiver cannot know all of its routes, so it treats those that can be read as withdrawn
        (RFC 7606 section 5.3).
        """
        return attrs.evolve(self, faults=(*self.faults, _BROKEN_PREFIXES))

    def withdrawn_for(self, *, in_rib: bool) -> tuple[str, ...]:
        """Return the names of the attributes for which an announcement is treated as withdrawn.

        These are the malformed attributes and, in an UPDATE, the mandatory ones that are missing
        (RFC 7606 section 3 d): ORIGIN, AS_PATH and, unless MP_REACH_NLRI has a next hop, NEXT_HOP
        (RFC 4760 section 3). In a RIB, nothing counts as missing: BIRD and GoBGP write a router's
        own routes without AS_PATH, and their path is empty.

        Args:
            in_rib: whether the attributes are those of a RIB entry, not of an UPDATE.
        """
        malformed = self.malformed if self.faults else ()
        has_hop = self.next_hop is not None or self.mp_reach is not None
        # This is called for every UPDATE, and hardly any lacks an attribute.
        if in_rib or (has_hop and self.origin is not None and self.as_path is not None):
            return malformed
        missing = (
            ("ORIGIN", self.origin is None),
            ("AS_PATH", self.as_path is None),
            ("NEXT_HOP", not has_hop),
        )
        absent = (name for name, is_missing in missing if is_missing)
        return (*malformed, *(name for name in absent if name not in malformed))

    def route(self, nlri: Nlri, timestamp: int | None = None, *, in_rib: bool = False) -> Route:
        """Return the route of one prefix with these attributes.

        Args:
            nlri: the prefix.
            timestamp: microseconds since 1970.
            in_rib: whether the attributes are those of a RIB entry, not of an UPDATE.
        """
        return Route(
            prefix=nlri.prefix,
            path=self.path,
            communities=frozenset(self.communities),
            large_communities=frozenset(self.large_communities),
            extended_communities=frozenset(self.extended_communities),
            next_hop=self.next_hop_of(nlri.prefix.family, in_rib=in_rib),
            path_id=nlri.path_id,
            malformed=self.withdrawn_for(in_rib=in_rib),
            timestamp=timestamp,
        )
