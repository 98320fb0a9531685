"""Faults of answers in the log: with a traceback, on which no secret and no forged line is."""

from __future__ import annotations

import logging
import traceback
from typing import Final

from peerlint.display import displayed
from peerlint.redaction import redacted

_LOG: Final = logging.getLogger(__name__)


def log_fault(path: str, error: Exception) -> None:
    """Log an error in an answer, which is a fault of peerlint.

    Args:
        path: the path of the request, which may be any text.
        error: the error.
    """
    text = redacted("".join(traceback.format_exception(error)))
    _LOG.error("the answer to %s failed; please report it\n%s", displayed(path), text)
