"""Which routes of live feeds are needed."""

from __future__ import annotations

from peerlint.api.readers import ReaderContext
from peerlint.monitor import KeptRoutes


def kept_routes(context: ReaderContext) -> KeptRoutes:
    """Return which routes of live feeds the rules of an inventory ask about."""
    communities = frozenset(each.community for each in context.criteria.values())
    return KeptRoutes(context.prefix_filter, communities)
