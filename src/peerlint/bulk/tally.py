"""Tallies: counts of the routes of any number of dumps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Self, TypeVar

import attrs
import numpy as np

from peerlint.arguments import as_tuple, must_be
from peerlint.bulk.asn_counts import AsnCounts, as_asn_counts
from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.kernel import LIMITS, Counts, Keys, RowCounter, Violations
from peerlint.bulk.peers import DumpPeer
from peerlint.bulk.states import added, counted_states
from peerlint.model import Fact, Masks

Key = TypeVar("Key", bound=Hashable)
#: The most origins and prefixes that are counted apart.
MAX_ORIGINS, MAX_PREFIXES = LIMITS[1:]


def _origins(counts: Mapping[int, int]) -> AsnCounts:
    return as_asn_counts(counts, "origins")


def _violating_origins(counts: Mapping[int, int]) -> AsnCounts:
    return as_asn_counts(counts, "violating_origins")


@attrs.frozen
class Tally:
    """How many routes there are, and on how many each fact holds and each rule fires.

    Adding two tallies gives the tally of both dumps; this is associative and commutative. Its
    memory is bounded, and attributes say which bound was reached. Threads may share a tally,
    because adding makes a new one.

    Attributes:
        routes: RIB entries and announcements; without withdrawals.
        withdrawals: how many there are.
        facts: routes by fact.
        rules: routes by rule id.
        peers: routes by peer.
        violating_peers: violating routes by peer: a rule fires on them that counts as a violation.
        origins: routes by origin AS, -1 for none; see `origins_left_out`.
        violating_origins: violating routes by origin AS.
        path_lengths: routes by effective path length; malformed routes have none, nor has a
            collector's route whose announcing AS is not known.
        prefixes: a key for each distinct prefix, in no order; see `distinct_prefixes`.
        prefixes_full: whether there are more than `MAX_PREFIXES`.
        unsorted: routes that are in no count of facts or rules, because there were too many
            combinations of facts.
        states: routes by state, for each further column of the batches, such as `rov`.
    """

    routes: int = 0
    withdrawals: int = 0
    facts: Counter[str] = attrs.field(factory=Counter)
    rules: Counter[str] = attrs.field(factory=Counter)
    peers: Counter[DumpPeer] = attrs.field(factory=Counter)
    violating_peers: Counter[DumpPeer] = attrs.field(factory=Counter)
    origins: AsnCounts = attrs.field(factory=AsnCounts, converter=_origins)
    violating_origins: AsnCounts = attrs.field(factory=AsnCounts, converter=_violating_origins)
    path_lengths: Counter[int] = attrs.field(factory=Counter)
    prefixes: Keys = attrs.field(
        factory=lambda: np.zeros(0, np.uint64),
        eq=attrs.cmp_using(eq=lambda one, other: np.array_equal(np.sort(one), np.sort(other))),
        repr=lambda keys: f"<{len(keys)}>",
    )
    prefixes_full: bool = False
    unsorted: int = 0
    states: Mapping[str, Counter[str]] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls,
        batch: RouteBatch,
        rules: Mapping[str, Masks],
        attribute_to_rule: Collection[str] | None = None,
    ) -> Self:
        """Count one batch; of its peers, those that occur in its rows.

        Args:
            batch: its rows are counted.
            rules: the masks of each rule.
            attribute_to_rule: rules that make a route a violating one; None for all of them.
        """
        must_be("batch", batch, RouteBatch, "a RouteBatch")
        must_be("rules", rules, Mapping, "masks by rule id")
        if attribute_to_rule is not None:
            attribute_to_rule = as_tuple(
                "attribute_to_rule", attribute_to_rule, str, "ids of rules"
            )
        counter = RowCounter(violations_of(rules, attribute_to_rule))
        index, met = batch.met_peers()
        rows = batch.rows.copy()
        rows["peer"] = index
        counter.add(rows)
        states = counted_states(batch.states)
        return cls.from_counts(counter.counts(len(met)), met, rules, states)

    @classmethod
    def from_counts(
        cls,
        counts: Counts,
        peers: Collection[DumpPeer],
        rules: Mapping[str, Masks],
        states: Mapping[str, Counter[str]] | None = None,
    ) -> Self:
        """Make a tally of the counts of a kernel.

        Args:
            counts: the kernel's.
            peers: the kernel's peers, in their order.
            rules: the masks of each rule.
            states: routes by state, for each further column; None without any.
        """
        must_be("counts", counts, Counts, "what a kernel counted")
        must_be("rules", rules, Mapping, "masks by rule id")
        peers = as_tuple("peers", peers, DumpPeer, "peers")
        words = counts.words.items()
        met = list(zip(peers, counts.peers, strict=True))
        return cls(
            routes=sum(counts.words.values()) + counts.unsorted,
            withdrawals=counts.withdrawals,
            facts=Counter(
                {
                    fact.name or "": sum(routes for word, routes in words if word & fact)
                    for fact in Fact
                }
            ),
            rules=Counter(
                {
                    rule: sum(routes for word, routes in words if masks.hold(Fact(word)))
                    for rule, masks in rules.items()
                }
            ),
            peers=_sum((peer, routes) for peer, (routes, _) in met),
            violating_peers=_sum((peer, violating) for peer, (_, violating) in met),
            origins=counts.origins,
            violating_origins=counts.violating_origins,
            path_lengths=Counter(counts.path_lengths),
            prefixes=counts.prefixes,
            prefixes_full=counts.prefixes_full,
            unsorted=counts.unsorted,
            states=states or {},
        )

    @property
    def distinct_prefixes(self) -> int:
        """How many distinct prefixes there are; with `prefixes_full`, at least so many.

        Two IPv4 prefixes always count as two; of two million IPv6 prefixes, two count as one with
        a chance of one in ten million.
        """
        return len(self.prefixes)

    @property
    def origins_left_out(self) -> int:
        """How many routes have an origin beyond the first `MAX_ORIGINS`."""
        return self.routes - self.origins.total()

    def __add__(self, other: Tally) -> Tally:
        """Return the counts of both.

        Of too many origins or prefixes the lowest are kept, so that the order in which tallies are
        added does not matter.
        """
        origins = (self.origins + other.origins).lowest(MAX_ORIGINS)
        prefixes = _union(self.prefixes, other.prefixes)
        return Tally(
            self.routes + other.routes,
            self.withdrawals + other.withdrawals,
            _sum((*self.facts.items(), *other.facts.items())),
            _sum((*self.rules.items(), *other.rules.items())),
            _sum((*self.peers.items(), *other.peers.items())),
            _sum((*self.violating_peers.items(), *other.violating_peers.items())),
            origins,
            (self.violating_origins + other.violating_origins).among(origins.asns),
            _sum((*self.path_lengths.items(), *other.path_lengths.items())),
            prefixes[:MAX_PREFIXES],
            self.prefixes_full or other.prefixes_full or len(prefixes) > MAX_PREFIXES,
            self.unsorted + other.unsorted,
            added(self.states, other.states),
        )


def _union(one: Keys, other: Keys) -> Keys:
    """Return the keys of both, each once, ascending; numpy's own takes ten times as long."""
    keys = np.sort(np.concatenate((one, other)))
    return keys[np.insert(keys[1:] != keys[:-1], 0, True)] if len(keys) else keys


def violations_of(
    rules: Mapping[str, Masks], attribute_to_rule: Collection[str] | None
) -> Violations:
    """Return the masks of the rules that make a route a violating one, for a kernel.

    Args:
        rules: which routes each rule is about.
        attribute_to_rule: rules that make a route a violating one; None for all of them.
    """
    return tuple(
        (int(masks.any_of), int(masks.none_of))
        for rule, masks in rules.items()
        if attribute_to_rule is None or rule in attribute_to_rule
    )


def _sum(pairs: Iterable[tuple[Key, int]]) -> Counter[Key]:
    """Add up by key; unlike `Counter.__add__`, keep what was counted as 0."""
    total: Counter[Key] = Counter()
    for key, count in pairs:
        total[key] += count
    return total
