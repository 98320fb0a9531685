"""How long a state must hold until it counts: a part of each profile."""

from peerlint.profiles.hold_times import HoldTimes

__all__ = ["HoldTimes"]
