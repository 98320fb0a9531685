"""Alerts and transitions as JSON, as the store keeps them."""

from __future__ import annotations

import json
from typing import Final

from cattrs.preconf.json import make_converter

from peerlint.monitor.alerts import Alert
from peerlint.monitor.transitions import Transition

# Fields with their default value are left out, so that a field can be added with one.
_CONVERTER: Final = make_converter(omit_if_default=True)
_ENCODE: Final = json.JSONEncoder(separators=(",", ":")).encode


def alert_text(alert: Alert) -> str:
    """Return an alert as JSON."""
    return _ENCODE(_CONVERTER.unstructure(alert))


def alert_of(text: str) -> Alert:
    """Return the alert that `alert_text` wrote.

    Raises:
        Exception: the text is another one; which exception depends on what is wrong.
    """
    return _CONVERTER.structure(json.loads(text), Alert)


def transition_text(transition: Transition) -> str:
    """Return a transition as JSON."""
    return _ENCODE(_CONVERTER.unstructure(transition))


def transition_of(text: str) -> Transition:
    """Return the transition that `transition_text` wrote.

    Raises:
        Exception: the text is another one; which exception depends on what is wrong.
    """
    return _CONVERTER.structure(json.loads(text), Transition)
