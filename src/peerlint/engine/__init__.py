"""The engine: inventory x observations x profiles -> Report. Pure."""

from peerlint.engine.check import check
from peerlint.engine.prepare import Prepared, criteria_of, prepare
from peerlint.engine.route import (
    check_communities,
    check_path,
    check_prefix,
    check_route,
    check_service_prefix,
)

__all__ = [
    "Prepared",
    "check",
    "check_communities",
    "check_path",
    "check_prefix",
    "check_route",
    "check_service_prefix",
    "criteria_of",
    "prepare",
]
