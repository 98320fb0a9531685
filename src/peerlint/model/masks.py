"""Which routes a rule is about, by their facts."""

from __future__ import annotations

import attrs

from peerlint.model.facts import Fact


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
