"""Signals that reach programs which tests start."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: Signals that a shell may let its background processes ignore.
_IGNORED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_reach_programs() -> Iterator[None]:
    """Let no signal be ignored: tests in the background ignore SIGINT, and so would children."""
    before = {each: signal.getsignal(each) for each in _IGNORED}
    for each, handler in before.items():
        if handler is signal.SIG_IGN:
            is_interrupt = each is signal.SIGINT
            signal.signal(each, signal.default_int_handler if is_interrupt else signal.SIG_DFL)
    yield
    for each, handler in before.items():
        signal.signal(each, handler)
