"""Values of BGP and their facts. This package evaluates no rules, reads no octets, does no I/O."""

from peerlint.model.asn import EXPRESSROUTE, MICROSOFT, Asn
from peerlint.model.aspath import AsPath, Segment, SegmentType
from peerlint.model.community import (
    MAPS_COMMUNITY,
    Community,
    ExtendedCommunity,
    LargeCommunity,
)
from peerlint.model.facts import Fact, facts
from peerlint.model.masks import Masks
from peerlint.model.prefix import Prefix
from peerlint.model.route import Route
from peerlint.model.space import Space
from peerlint.model.times import ANY_AGE, MaxAge, QuietTime, parse_time, time_text
from peerlint.model.viewpoint import Criteria, OwnAs, View, Viewpoint

__all__ = [
    "ANY_AGE",
    "EXPRESSROUTE",
    "MAPS_COMMUNITY",
    "MICROSOFT",
    "AsPath",
    "Asn",
    "Community",
    "Criteria",
    "ExtendedCommunity",
    "Fact",
    "LargeCommunity",
    "Masks",
    "MaxAge",
    "OwnAs",
    "Prefix",
    "QuietTime",
    "Route",
    "Segment",
    "SegmentType",
    "Space",
    "View",
    "Viewpoint",
    "facts",
    "parse_time",
    "time_text",
]
