"""Watch an inventory: evaluate live feeds all the time, and tell of what changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from peerlint.api.feeds import FeedInput, given_feeds
from peerlint.api.secrets import collect_keys
from peerlint.arguments import A_PATH, PATH, must_be
from peerlint.errors import InputError
from peerlint.inventory import Inventory
from peerlint.redaction import collected
from peerlint.service.watch import Watch
from peerlint.wording import Words

if TYPE_CHECKING:
    from peerlint.events import Feed
    from peerlint.monitor.alerts import Notice


def _ignore(_: object) -> None:
    """Do nothing."""


class WatchControl:
    """Asks a running watch for something; only in the thread of its event loop."""

    def __init__(self) -> None:
        """Ask for nothing yet."""
        self._watch: Watch | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """Ask the watch to end: it saves and delivers what there is first."""
        self._is_stopped = True
        if self._watch is not None:
            self._watch.stop()

    def reload(self) -> None:
        """Ask the watch to read its inventory and its profiles again."""
        if self._watch is not None:
            self._watch.reload()

    def bind(self, watch: Watch) -> None:
        """Take the watch that is asked; the watch itself calls this."""
        self._watch = watch
        if self._is_stopped:
            watch.stop()


async def watch(
    inventory: Inventory,
    feeds: Iterable[Feed | FeedInput],
    *,
    state: str | Path | None = None,
    alerts: Iterable[str] = (),
    listen: str | None = None,
    url: str | None = None,
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    control: WatchControl | None = None,
    on_notice: Callable[[Notice], object] = _ignore,
    on_remark: Callable[[str], object] = _ignore,
) -> WatchEnd:
    """Watch an inventory until it is asked to end, or all feeds have ended.

    Args:
        inventory: what is declared. When it is read again, that is from its file.
        feeds: live feeds, which have not begun; one at least.
        state: the file that keeps alerts over restarts; None to forget them.
        alerts: the receivers of alerts, each as `jsonl:PATH`, `alertmanager:URL` or `webhook:URL`.
        listen: where the status page and the metrics are, as `HOST:PORT`; None for nowhere.
        url: the address of the status page as its readers have it, for links in alerts.
        profile: replaces the profile of every peering, see `load_profile`.
        strict: as for `check`.
        allow: as for `check`.
        control: asks it to end, or to read the inventory again; None if nobody does.
        on_notice: called with each notice of an alert, after it is saved.
        on_remark: called with each remark, such as about a feed that is opened again.

    Returns:
        Why it ended.

    Raises:
        InputError: an argument has the wrong form, or there is no feed.
        FeedError: a feed cannot be opened, or a profile cannot be read.
        ProfileError: a profile file has mistakes.
        StateError: the state file cannot be used; the error says what to do.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    must_be("state", state, PATH, A_PATH, or_none=True)
    given = given_feeds(feeds)
    if not given:
        raise InputError("feeds", expected="one feed at least", found=Words("none"))
    with collected() as secrets:
        collect_keys(inventory, secrets)
