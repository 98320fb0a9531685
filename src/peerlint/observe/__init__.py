"""Observations per session: what was seen, where, and what that proves."""

from peerlint.observe.age import aged, taken_at
from peerlint.observe.filed import Filed, Observation, Validation
from peerlint.observe.filing import Filing, coverage_of
from peerlint.observe.observations import Observations
from peerlint.observe.overruled import with_overruled
from peerlint.observe.received import received
from peerlint.observe.seen import (
    BEST_VIEW_FIRST,
    Confidence,
    Coverage,
    SessionCounts,
    SessionSource,
    SourceSummary,
)
from peerlint.observe.sessions import (
    ROUTE_SERVER,
    RibArgument,
    Sighting,
    Stranger,
    sighting,
    sightings,
)

__all__ = [
    "BEST_VIEW_FIRST",
    "ROUTE_SERVER",
    "Confidence",
    "Coverage",
    "Filed",
    "Filing",
    "Observation",
    "Observations",
    "RibArgument",
    "SessionCounts",
    "SessionSource",
    "Sighting",
    "SourceSummary",
    "Stranger",
    "Validation",
    "aged",
    "coverage_of",
    "received",
    "sighting",
    "sightings",
    "taken_at",
    "with_overruled",
]
