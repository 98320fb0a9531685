"""Tallies: counts of facts and rules over any number of batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Self

import attrs
import numpy as np

from peerlint.bulk.batch import Kind, RouteBatch
from peerlint.model import Fact


@attrs.frozen
class Masks:
    """Which routes a rule is about, as bits.

    Attributes:
        any_of: at least one of these; 0 for every route.
        none_of: and none of these.
    """

    any_of: Fact = Fact(0)
    none_of: Fact = Fact(0)

    def hold(self, facts: Fact) -> bool:
        """Whether a route with these facts is meant."""
        return (not self.any_of or bool(facts & self.any_of)) and not facts & self.none_of


@attrs.frozen
class Tally:
    """How many routes there are, and of how many each fact and each rule holds.

    Adding two tallies gives the tally of both dumps: associative and commutative.

    Attributes:
        routes: RIB entries and announcements; withdrawals are not judged.
        withdrawals: counted apart.
        facts: routes by fact.
        rules: routes by rule id.
    """

    routes: int = 0
    withdrawals: int = 0
    facts: Counter[str] = attrs.field(factory=Counter)
    rules: Counter[str] = attrs.field(factory=Counter)

    @classmethod
    def of(cls, batch: RouteBatch, rules: Mapping[str, Masks]) -> Self:
        """Count one batch.

        Args:
            batch: its rows are counted.
            rules: which routes each rule is about.
        """
        announced = batch.rows["facts"][batch.rows["kind"] != Kind.WITHDRAW]
        facts = {
            fact.name or "": int(np.count_nonzero(announced & np.uint32(fact))) for fact in Fact
        }
        by_rule = {}
        for rule, masks in rules.items():
            hit = announced & np.uint32(masks.none_of) == 0
            if masks.any_of:
                hit &= announced & np.uint32(masks.any_of) != 0
            by_rule[rule] = int(np.count_nonzero(hit))
        return cls(len(announced), len(batch) - len(announced), Counter(facts), Counter(by_rule))

    def __add__(self, other: Tally) -> Tally:
        """Return the counts of both."""
        facts, rules = self.facts.copy(), self.rules.copy()
        facts.update(other.facts)  # unlike `+`, keeps what was counted as 0
        rules.update(other.rules)
        return Tally(self.routes + other.routes, self.withdrawals + other.withdrawals, facts, rules)
