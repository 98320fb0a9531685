"""Watch an inventory: evaluate live feeds all the time, and tell of what changes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.api.addresses import host_and_port
from peerlint.api.feeds import FeedInput, given_feeds
from peerlint.api.inventories import load_inventory
from peerlint.api.registry_servers import RegistryServers
from peerlint.api.registry_watching import InventorySubjects, registry_updates
from peerlint.api.secrets import collect_keys
from peerlint.api.watched import watched_of
from peerlint.arguments import A_PATH, A_STRING, PATH, as_tuple, must_be, must_be_callable
from peerlint.errors import InputError
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.registry_changes import RegistryUpdate, registry_changes
from peerlint.inventory import Inventory
from peerlint.monitor.alert_document import alert_document
from peerlint.redaction import Secrets, collected
from peerlint.registry import Registry
from peerlint.report.phrases import without_secrets
from peerlint.service.dispatcher import Dispatcher
from peerlint.service.notify import ServiceManager
from peerlint.service.sinks import SECRET_VARIABLE, SinkKind, make_sink, parse_sink
from peerlint.service.store import Store, open_store
from peerlint.service.watch import Dependencies, WatchEnd, WatchRunner
from peerlint.service.web_access import TOKEN
from peerlint.wording import Words

__all__ = ["WatchControl", "WatchEnd", "watch"]

if TYPE_CHECKING:
    from peerlint.events import Feed
    from peerlint.monitor.alerts import Notice
    from peerlint.monitor.watched import Watched
    from peerlint.service.web import WebServer


_EXAMPLE: Final = "127.0.0.1:9480"


def _ignore(_: object) -> None:
    """Do nothing."""


class WatchControl:
    """Asks a running watch for something; only in the thread of its event loop."""

    def __init__(self) -> None:
        """Ask for nothing yet."""
        self._watch: WatchRunner | None = None
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

    def bind(self, watch: WatchRunner) -> None:
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
    registry: str | Path | Registry | None = None,
    rtr: str | None = None,
    whois: Iterable[str] = (),
    strict: bool = False,
    allow: Iterable[str] = (),
    control: WatchControl | None = None,
    on_notice: Callable[[Notice], object] | None = None,
    on_remark: Callable[[str], object] | None = None,
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
        registry: registry data for the rules that need them, or the name of a registry file, which
            is opened again whenever another file gets this name; None without any.
        rtr: as for `check`; what the cache changes counts at once.
        whois: as for `check`; they are asked again each hour, and when the inventory is read again.
        strict: as for `check`.
        allow: as for `check`.
        control: asks it to end, or to read the inventory again; None if nobody does.
        on_notice: called with each notice of an alert, after it is saved; None for nobody.
        on_remark: called with each remark, such as about a feed that is opened again; None for
            nobody.

    Returns:
        Why it ended.

    Raises:
        InputError: an argument has the wrong form, or there is no feed.
        FeedError: a feed cannot be opened, or a profile or registry file cannot be used.
        ProfileError: a profile file has mistakes.
        StateError: the state file cannot be used; the error says what to do.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    must_be("state", state, PATH, A_PATH, or_none=True)
    expected = "a Registry or a path"
    must_be("registry", registry, (Registry, *PATH), expected, or_none=True)
    must_be("url", url, str, A_STRING, or_none=True)
    must_be("control", control, WatchControl, "a WatchControl", or_none=True)
    must_be_callable("on_notice", on_notice)
    must_be_callable("on_remark", on_remark)
    given = given_feeds(feeds)
    if not given:
        raise InputError("feeds", expected="one feed at least", found=Words("none"))
    servers = RegistryServers.of(rtr, whois, is_blocking=False)
    address = None if listen is None else host_and_port(listen, "listen", _EXAMPLE)
    choices = _Choices(profile, strict, as_tuple("allow", allow, str, "strings"))
    texts = as_tuple("alerts", alerts, str, "strings")
    control = control or WatchControl()
    on_notice, on_remark = on_notice or _ignore, on_remark or _ignore
    with collected() as secrets:
        _collect(secrets, inventory, texts)
        watched = choices.watched(inventory)
        sinks = [make_sink(parse_sink(each), alert_document, environ=os.environ, page=url)
                 for each in texts]  # fmt: skip
        async with AsyncExitStack() as stack:
            store = _opened_store(state, on_remark)
            stack.callback(store.close)
            subjects = _Subjects(watched)
            dependencies = Dependencies(
                store=store,
                dispatcher=Dispatcher(store, sinks, warn=on_remark),
                manager=stack.enter_context(closing(ServiceManager())),
                read=lambda: subjects.changed(choices.read_again(inventory, secrets)),
                now=microseconds_now,
                new_id=_new_id,
                mask=without_secrets,
                log=on_remark,
                tell=on_notice,
                registries=_registries(registry, servers, subjects),
            )
            watching = WatchRunner(watched, given, dependencies, saved=store.saved_state())
            control.bind(watching)
            if address is not None:
                server = await _served(watching, address)
                stack.push_async_callback(server.close)
                host = address[0] or "all addresses"
                on_remark(f"status page and metrics: {host}, port {server.port}")
            return await watching.run()


def _new_id() -> str:
    """Return an id: the time in milliseconds, and random digits; ids sort by their time."""
    return f"{microseconds_now() // 1000:x}-{token_hex(4)}"


@attrs.frozen
class _Choices:
    """How an inventory is watched."""

    profile: str | None
    strict: bool
    allow: tuple[str, ...]

    def watched(self, inventory: Inventory) -> Watched:
        return watched_of(inventory, profile=self.profile, strict=self.strict, allow=self.allow)

    def read_again(self, before: Inventory, secrets: Secrets) -> Watched:
        """Read the inventory again from its file.

        Raises:
            PeerlintError: it has no file, or has mistakes.
        """
        if before.file is None:
            expected = "an inventory from a file, which can be read again"
            raise InputError("inventory", expected=expected, found=Words("one without"))
        inventory = load_inventory(before.file)
        collect_keys(inventory, secrets)
        return self.watched(inventory)


def _collect(secrets: Secrets, inventory: Inventory, sinks: Iterable[str]) -> None:
    """Collect the secrets of a watch, which are masked in all that it shows and tells."""
    collect_keys(inventory, secrets)
    for each in sinks:
        secrets.add_name(each)
    for name in (TOKEN, SECRET_VARIABLE, *(each.token_variable for each in SinkKind)):
        secrets.add(os.environ.get(name))


class _Subjects(InventorySubjects):
    """What whois servers are asked about: at once when the inventory was read again."""

    def __init__(self, watched: Watched) -> None:
        """Begin with an inventory, in the thread of the event loop."""
        super().__init__(watched)
        self.again, self._loop = asyncio.Event(), asyncio.get_running_loop()

    def changed(self, watched: Watched) -> Watched:
        """Take an inventory that was read again, in any thread, and return it."""
        self.watched = watched
        self._loop.call_soon_threadsafe(self.again.set)
        return watched


def _registries(
    registry: str | Path | Registry | None, servers: RegistryServers, subjects: _Subjects
) -> AsyncIterator[RegistryUpdate] | None:
    """Return what yields registry data; None without any."""
    file = None
    if registry is not None:
        file = _only(registry) if isinstance(registry, Registry) else registry_changes(registry)
    if servers == RegistryServers():
        return file
    return registry_updates(servers, subjects, file, again=subjects.again)


async def _only(registry: Registry) -> AsyncIterator[RegistryUpdate]:
    """Yield registry data that never change."""
    yield RegistryUpdate(registry)


def _opened_store(state: str | Path | None, on_remark: Callable[[str], object]) -> Store:
    loop = asyncio.get_running_loop()

    def on_problem(problem: str) -> None:
        text = problem or "alerts can be saved again"
        loop.call_soon_threadsafe(on_remark, text)

    return open_store(state, on_problem=on_problem)


async def _served(watching: WatchRunner, address: tuple[str, int]) -> WebServer:
    """Start the web server.

    Raises:
        InputError: aiohttp is not installed, or everybody could read the page.
        FeedError: the address cannot be listened on.
    """
    try:
        from peerlint.service.web import WebServer  # noqa: PLC0415  # an extra
    except ImportError:
        hint = "install it with: pip install 'peerlint[live]'"
        raise InputError(
            "listen", expected="the extra `live`", found=Words("none"), hint=hint
        ) from None
    host, port = address
    server = WebServer(watching.status, host=host, port=port, token=os.environ.get(TOKEN))
    await server.start()
    return server
