"""Observations per session: which routes were seen, in which view, and what that proves."""

from peerlint.observations.age import aged, taken_at
from peerlint.observations.coverage import BEST_VIEW_FIRST, Confidence, Coverage
from peerlint.observations.dump_peers import coverage_of
from peerlint.observations.given_routes import given_routes
from peerlint.observations.observation import FeedRouter, Observation, Validation
from peerlint.observations.observations import Observations
from peerlint.observations.overruled import with_overruled
from peerlint.observations.received import received
from peerlint.observations.route_columns import RouteColumns
from peerlint.observations.route_table import RouteTable
from peerlint.observations.session_routes import SessionCounts, SessionRoutes
from peerlint.observations.sessions import (
    ROUTE_SERVER,
    RibArgument,
    SessionMatch,
    UnmappedPeer,
    session_match,
    session_matches,
)
from peerlint.observations.source_builder import SourceBuilder
from peerlint.observations.sources import SessionSource, SourceReading, SourceSummary

__all__ = [
    "BEST_VIEW_FIRST",
    "ROUTE_SERVER",
    "Confidence",
    "Coverage",
    "FeedRouter",
    "Observation",
    "Observations",
    "RibArgument",
    "RouteColumns",
    "RouteTable",
    "SessionCounts",
    "SessionMatch",
    "SessionRoutes",
    "SessionSource",
    "SourceBuilder",
    "SourceReading",
    "SourceSummary",
    "UnmappedPeer",
    "Validation",
    "aged",
    "coverage_of",
    "given_routes",
    "received",
    "session_match",
    "session_matches",
    "taken_at",
    "with_overruled",
]
