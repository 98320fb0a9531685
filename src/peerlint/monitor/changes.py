"""What settled at one time: alerts, notices and transitions."""

from __future__ import annotations

import attrs

from peerlint.monitor.alerts import Alert, Notice
from peerlint.monitor.transitions import Transition


@attrs.frozen
class Changes:
    """What settled at one time.

    Attributes:
        alerts: every alert that is new or changed, to be saved before its notices are sent.
        notices: the messages to the receivers of alerts, in order.
        transitions: the transitions, in order.
    """

    alerts: tuple[Alert, ...] = ()
    notices: tuple[Notice, ...] = ()
    transitions: tuple[Transition, ...] = ()
