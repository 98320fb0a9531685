"""Run a watch as a program: its signals, and what is printed."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from peerlint.api.notices import notice_text
from peerlint.api.watching import WatchControl, WatchEnd, watch
from peerlint.cli.exits import Exit
from peerlint.cli.output import remark
from peerlint.display import displayed_quote
from peerlint.redaction import guarded

if TYPE_CHECKING:
    from peerlint import Inventory
    from peerlint.api.feeds import FeedInput

_UNDELIVERED: Final = (
    "some alerts are not delivered yet; with --state, the next start delivers them"
)
#: Seconds between two collections of all unreachable objects.
_COLLECTION: Final = 3600
#: How many new objects there are before the youngest ones are looked at, how many such looks before
#: the next ones are, and after how many of these all are: in effect never.
_YOUNG: Final = (20_000, 10, 1_000_000)
_STATUSES: Final = {signal.SIGTERM: Exit.TERMINATED, signal.SIGINT: Exit.INTERRUPTED}


def run_watch(
    inventory: Inventory,
    feeds: Iterable[FeedInput],
    *,
    state: str | None,
    alerts: Iterable[str],
    listen: str | None,
    url: str | None,
    profile: str | None,
    registry: str | None,
    rtr: str | None,
    whois: Iterable[str],
    strict: bool,
    allow: Iterable[str],
    quiet: bool,
) -> Exit:
    """Watch until a signal asks to end, or all feeds have ended.

    Args:
        inventory: see `peerlint.watch`, as are the others.
        feeds: the feeds, which have not begun.
        state: the file that keeps alerts.
        alerts: the receivers of alerts. If one of them is standard output, nothing else is
            printed there.
        listen: where the status page is.
        url: its address as readers have it.
        profile: replaces all profiles.
        registry: the registry file.
        rtr: an RTR cache.
        whois: whois servers.
        strict: whether passes that are only inferred count as unknown.
        allow: special-purpose space that counts as public.
        quiet: whether remarks are left out.
    """
    sinks = tuple(alerts)
    show = _write if not any(each in ("jsonl:-", "jsonl:/dev/stdout") for each in sinks) else _drop

    async def run() -> Exit:
        collecting = asyncio.create_task(collect_rarely())
        try:
            return await watch_it()
        finally:
            collecting.cancel()

    async def watch_it() -> Exit:
        control = WatchControl()
        with _signals(control) as signals:
            end = await watch(
                inventory,
                feeds,
                state=state,
                alerts=sinks,
                listen=listen,
                url=url,
                profile=profile,
                registry=registry,
                rtr=rtr,
                whois=whois,
                strict=strict,
                allow=allow,
                control=control,
                on_notice=lambda notice: show(notice_text(notice)),
                on_remark=partial(remark, quiet=quiet),
            )
        if end is WatchEnd.ASKED:
            return Exit.CLEAN
        if end is WatchEnd.FEEDS:
            remark("all feeds have ended, and none of them can be opened again", quiet=quiet)
            return Exit.SOURCES
        remark(_UNDELIVERED, quiet=quiet)
        return _STATUSES[signals[0]]

    return asyncio.run(run())


async def collect_rarely() -> None:
    """Look for unreachable objects of all ages once in an hour, and else only for young ones.

    Routes and results live long, and one look at all of them takes longer than the evaluation of
    thousands of changes. Nearly all objects go without it, as nothing refers to them any more.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_YOUNG)
    try:
        while True:
            await asyncio.sleep(_COLLECTION)
            gc.collect()
    finally:
        gc.set_threshold(*before)


@contextmanager
def _signals(control: WatchControl) -> Iterator[list[signal.Signals]]:
    """Let SIGTERM and SIGINT end a watch, and SIGHUP reload it.

    The first of the ending signals lets the watch save and deliver what there is. A second one ends
    the program at once, as for every command.

    Yields:
        The ending signals that came.
    """
    loop = asyncio.get_running_loop()
    came: list[signal.Signals] = []
    before = {each: signal.getsignal(each) for each in (*_STATUSES, signal.SIGHUP)}
    wakeup = signal.set_wakeup_fd(-1)

    def end(number: signal.Signals) -> None:
        came.append(number)
        control.stop()
        for each in _STATUSES:
            restore(each)

    def restore(number: signal.Signals) -> None:
        if loop.remove_signal_handler(number):
            signal.signal(number, before[number])

    for each in _STATUSES:
        if before[each] is not signal.SIG_IGN:
            loop.add_signal_handler(each, end, each)
    loop.add_signal_handler(signal.SIGHUP, control.reload)
    try:
        yield came
    finally:
        for each in before:
            restore(each)
        signal.set_wakeup_fd(wakeup)


def _write(text: str) -> None:
    """Print a line about an alert, at once."""
    sys.stdout.write(f"{guarded(displayed_quote(text))}\n")
    sys.stdout.flush()


def _drop(_: str) -> None:
    """Print nothing."""
