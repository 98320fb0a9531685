"""The secrets of the current run: a command of the program, or a call of the library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from peerlint.redaction.urls import without_url_secrets
from peerlint.redaction.values import Secrets

_CURRENT: Final[ContextVar[Secrets | None]] = ContextVar("peerlint_secrets", default=None)


@contextmanager
def collected() -> Iterator[Secrets]:
    """Yield the secrets of this run; without a run, begin one that ends with the block."""
    current = _CURRENT.get()
    if current is not None:
        yield current
        return
    secrets = Secrets()
    token = _CURRENT.set(secrets)
    try:
        yield secrets
    finally:
        _CURRENT.reset(token)


def redacted(text: str) -> str:
    """Return a text with the secrets of this run, and those in URLs, masked."""
    secrets = _CURRENT.get()
    if secrets is not None and secrets:
        text = secrets.hide(text)
    return without_url_secrets(text)


def guarded(text: str) -> str:
    """Return an output with the secrets of this run masked; see `Secrets.hide_in_output`."""
    secrets = _CURRENT.get()
    return text if secrets is None or not secrets else secrets.hide_in_output(text)
