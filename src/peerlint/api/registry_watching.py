"""Registry data of servers for a watch: one value for each change of any of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeVar

import attrs

from peerlint.api.registry_servers import RegistryServers, registries_of
from peerlint.engine import asked_about
from peerlint.errors import FeedError
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.registry_changes import RegistryUpdate
from peerlint.feeds.rtr import RtrFeed, RtrLimits
from peerlint.feeds.rtr_registry import vrp_registry
from peerlint.feeds.whois import IrrdClient
from peerlint.feeds.whois.gather import gather
from peerlint.model.times import from_microseconds, time_text
from peerlint.monitor.watched import Watched
from peerlint.observations import Observations
from peerlint.registry import Asked, Registry, RegistryInputs
from peerlint.registry.rtr import CacheLost, CacheRemark, VrpsExpired, VrpsReceived
from peerlint.rules import RegistryCriteria

_Value = TypeVar("_Value")
#: Seconds between two questions to whois servers.
INTERVAL: Final = 3600.0
#: Seconds for which an answer is as good as new, when an inventory is read again several times.
MAX_AGE: Final = 60.0


class Subjects(Protocol):
    """What a watch is about; both may change when its inventory is read again."""

    def asked(self) -> Asked:
        """Return what whois servers are asked about."""

    def criteria(self) -> Iterable[RegistryCriteria]:
        """Return the criteria of all profiles, which name the registries."""


@attrs.define
class InventorySubjects:
    """The registered prefixes of an inventory, with their declared origins and the peers' own.

    An origin that only routes show is not asked about: whether it is registered is unknown.

    Attributes:
        watched: the inventory; replaced when it is read again.
    """

    watched: Watched

    def asked(self) -> Asked:
        """Return what whois servers are asked about."""
        return asked_about(self.watched.inventory, Observations())

    def criteria(self) -> Iterable[RegistryCriteria]:
        """Return the criteria of all profiles."""
        return [each.registries for each in self.watched.profiles.values()]


@attrs.frozen
class _Change:
    """A change of one part; a part without a registry stays as it is."""

    part: str
    registry: Registry | None = None
    asked: Asked | None = None
    problem: str = ""


_Changes = AsyncGenerator[_Change, None]


async def registry_updates(
    servers: RegistryServers,
    subjects: Subjects,
    file: AsyncIterator[RegistryUpdate] | None = None,
    *,
    limits: RtrLimits | None = None,
    again: asyncio.Event | None = None,
    max_age: float = MAX_AGE,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncGenerator[RegistryUpdate, None]:
    """Yield the registry data of a file and of servers in one, whenever a part of them changes.

    The first value is there when all parts are. Later a part that fails stays as it is, and a
    problem says so: VRPs until they expire, objects until they are too old by their own time. See
    `RegistryServers.laid_over` for which data decide.

    Args:
        servers: the servers.
        subjects: what whois servers are asked about.
        file: the data of a file, whenever it is replaced; None without a file.
        limits: how long connections to the RTR cache take.
        again: whois servers are asked again at once when it is set, and not only each hour.
        max_age: how old an answer of a whois server may be to be used again, in seconds.
        sleep: waits for some seconds.

    Raises:
        FeedError: a part cannot be had before the first value.
    """
    sources: dict[str, _Changes] = {}
    if file is not None:
        sources["file"] = _of_file(file)
    if servers.rtr is not None:
        sources["rtr"] = _of_cache(RtrFeed(*servers.rtr, limits=limits))
    if servers.whois:
        client = IrrdClient(servers.whois, limits=servers.limits, max_age=max_age)
        sources["whois"] = _of_whois(client, subjects, again or asyncio.Event(), sleep)
    parts: dict[str, _Change] = {}
    async for change in _merged([*sources.values()]):
        if change.registry is None:
            yield RegistryUpdate(None, change.problem)
            continue
        parts[change.part] = change
        if parts.keys() == sources.keys():
            yield RegistryUpdate(_joined(parts), change.problem)
        elif change.problem:
            yield RegistryUpdate(None, change.problem)


def _joined(parts: dict[str, _Change]) -> Registry:
    file, rtr, whois = (parts.get(each) for each in ("file", "rtr", "whois"))
    base = None if file is None else file.registry
    if base is None:
        base = Registry.of(RegistryInputs(microseconds_now()))
    if rtr is not None:
        base = base.overlaid(vrps=rtr.registry)
    if whois is not None:
        base = base.overlaid(irr=whois.registry, asked=whois.asked)
    return base


async def _of_file(file: AsyncIterator[RegistryUpdate]) -> _Changes:
    async for each in file:
        yield _Change("file", each.registry, problem=each.problem)


async def _of_cache(feed: RtrFeed) -> _Changes:
    """Yield the VRPs of a cache: also those that it confirms, whose time is new."""
    try:
        async for event in feed:
            match event:
                case VrpsReceived():
                    registry = await asyncio.to_thread(
                        vrp_registry, event.vrps, event.time, feed.name
                    )
                    texts = [f"{feed.name}: {each}" for each in event.remarks]
                    yield _Change("rtr", registry, problem="; ".join(texts))
                case VrpsExpired():
                    text = f"{feed.name}: its VRPs have expired, and are not used: {event.reason}"
                    nothing = Registry.of(RegistryInputs(event.time))
                    yield _Change("rtr", nothing, problem=text)
                case CacheLost(expires=int(expires)):
                    until = time_text(from_microseconds(expires))
                    text = f"{feed.name}: {event.reason}; its VRPs are used until {until}"
                    yield _Change("rtr", problem=text)
                case CacheLost():
                    yield _Change("rtr", problem=f"{feed.name}: {event.reason}")
                case CacheRemark():
                    yield _Change("rtr", problem=f"{feed.name}: {event.text}")
    finally:
        await feed.close()


async def _of_whois(
    client: IrrdClient,
    subjects: Subjects,
    again: asyncio.Event,
    sleep: Callable[[float], Awaitable[object]],
) -> _Changes:
    is_first = True
    with client:
        while True:
            again.clear()
            names = registries_of(subjects.criteria())
            try:
                found = await asyncio.to_thread(gather, client, names, subjects.asked())
            except FeedError as error:
                if is_first:
                    raise
                yield _Change("whois", problem=f"{error}; its last answers are used")
            else:
                problem = "; ".join(found.remarks)
                yield _Change("whois", found.registry, found.asked, problem)
            is_first = False
            await _first_of(sleep(INTERVAL), again.wait())


async def _first_of(*waits: Awaitable[object]) -> None:
    """Wait until one of some waits is over, and end the others."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _ended(tasks)


async def _merged(sources: Sequence[_Changes]) -> _Changes:
    """Yield the values of several generators as they come.

    Raises:
        FeedError: one of them fails.
    """
    waiting: dict[asyncio.Future[_Change], _Changes] = {}
    try:
        for each in sources:
            waiting[asyncio.ensure_future(anext(each))] = each
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                source = waiting.pop(future)
                try:
                    change = future.result()
                except StopAsyncIteration:
                    continue
                yield change
                waiting[asyncio.ensure_future(anext(source))] = source
    finally:
        await _ended(waiting)
        for each in sources:
            await each.aclose()


async def _ended(futures: Iterable[asyncio.Future[_Value]]) -> None:
    every = [*futures]
    for each in every:
        each.cancel()
    for each in every:
        with suppress(asyncio.CancelledError, StopAsyncIteration, FeedError):
            await each
