"""The engine: inventory x observations x profiles -> Report. Pure."""

from peerlint.engine.check import check
from peerlint.engine.prepare import Prepared, criteria_of, prepare
from peerlint.engine.route import check_route

__all__ = ["Prepared", "check", "check_route", "criteria_of", "prepare"]
