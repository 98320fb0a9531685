"""The engine: inventory x observations x profiles -> Report. Pure."""

from peerlint.engine.asked import asked_about
from peerlint.engine.assemble import RouteSummary, assemble
from peerlint.engine.check import check
from peerlint.engine.checker import Checker
from peerlint.engine.dependents import Change, CountChange, RouteChange, SessionChange
from peerlint.engine.prepare import Prepared, SubjectKey, criteria_of, prepare
from peerlint.engine.route import (
    check_communities,
    check_path,
    check_prefix,
    check_route,
    check_service_prefix,
)
from peerlint.engine.subject_result import SubjectResult
from peerlint.engine.table_index import TableIndex

__all__ = [
    "Change",
    "Checker",
    "CountChange",
    "Prepared",
    "RouteChange",
    "RouteSummary",
    "SessionChange",
    "SubjectKey",
    "SubjectResult",
    "TableIndex",
    "asked_about",
    "assemble",
    "check",
    "check_communities",
    "check_path",
    "check_prefix",
    "check_route",
    "check_service_prefix",
    "criteria_of",
    "prepare",
]
