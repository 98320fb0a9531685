"""The engine: inventory x observations x profiles -> Report. Pure."""

from peerlint.engine.check import check
from peerlint.engine.prepare import criteria_of
from peerlint.engine.route import check_route

__all__ = ["check", "check_route", "criteria_of"]
