"""Checks of an inventory against dumps."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

import attrs

from peerlint import engine
from peerlint._version import __version__
from peerlint.api.declared import Declared
from peerlint.api.feeds import FeedInput
from peerlint.api.given import GivenSources
from peerlint.api.readers import ReaderContext
from peerlint.api.reading import OnDamage, check_reading
from peerlint.api.registry_servers import RegistryServers
from peerlint.api.secrets import secrets_of
from peerlint.api.sources import Sources
from peerlint.arguments import as_tuple, must_be
from peerlint.bulk import COMPILED
from peerlint.feeds import OnChunk
from peerlint.inventory import Inventory, failures
from peerlint.model import MaxAge, Route, View
from peerlint.model.times import parse_time, utc
from peerlint.observations import (
    Observations,
    RibArgument,
    SourceReading,
    aged,
    taken_at,
    with_overruled,
)
from peerlint.profiles import Profile
from peerlint.registry import Registry
from peerlint.results import Report, WhatIf, what_if

if TYPE_CHECKING:
    from peerlint.events import Feed


def check(
    inventory: Inventory,
    ribs: Iterable[str | Path] | None = None,
    *,
    received: Iterable[str | Path] = (),
    routes: Mapping[str, Iterable[Route]] | None = None,
    view: View | str | None = None,
    coverage: Literal["complete", "partial"] | None = None,
    feeds: Iterable[Feed | FeedInput] = (),
    wait: str | timedelta | None = None,
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    plan: Inventory | None = None,
    registry: Registry | None = None,
    rtr: str | None = None,
    whois: Iterable[str] = (),
    now: datetime | str | None = None,
    max_age: str | MaxAge | None = None,
    taken: datetime | str | None = None,
    on_damage: OnDamage = "keep",
    on_chunk: OnChunk | None = None,
    follow_redirects: bool = False,
) -> Report:
    """Check an inventory against dumps, live feeds, or routes in memory.

    Args:
        inventory: what is declared.
        ribs: the dumps, each as `[SESSION|ROUTER=]FILE[@VIEW]`; None for those that the
            inventory names, or for none if `routes` or `feeds` are given.
        received: exports of Azure's received routes, in any shape.
        routes: routes from memory, by the id of the session; `{"ams-1": []}` says that ams-1
            announces nothing. The time at which they were seen is not known, unless `taken` says
            it.
        view: where `routes` were seen; None for "sent".
        coverage: "partial" if the sessions may have other routes than `routes`; None for
            "complete".
        feeds: live feeds, which have not begun: they are listened to until all routes of all
            sessions are known, or `wait` is over.
        wait: how long to listen to `feeds`, such as "60s"; None for 60 seconds.
        profile: replaces the profile of every peering, see `load_profile`.
        strict: whether passes that are only inferred count as unknown, and the stricter reading of
            documents that contradict each other is an error.
        allow: special-purpose space that counts as public, besides the inventory's own.
        plan: the inventory as it is meant to become, for rules about what cannot be changed.
        registry: registry data (IRR, RPKI, delegations, PeeringDB) for the rules that need them,
            which are unknown without; see `Registry.open`. They count as of `now`.
        rtr: an RTR cache as `HOST:PORT`, whose VRPs take the place of those in `registry`.
        whois: whois servers that speak IRRd's protocol, each as `HOST` or `HOST:PORT`, tried in
            their order. Their objects take the place of all IRRs in `registry`. They are asked
            about the registered prefixes and their origins, in the registries of the profile.
        now: the time of the check, with its zone, from which the age of sources is counted, as a
            `datetime` or as text such as "2026-11-21T10:00:00Z"; None for the present.
        max_age: how old a source may be, such as "24h", or "off"; None for the value of the
            inventory, else of each profile.
        taken: when sources without a time of their own were taken, with its zone; None if that is
            not known.
        on_damage: "raise" raises at the first dump that is missing or damaged, and if a feed fails.
        on_chunk: called for every chunk of a dump.
        follow_redirects: whether the server of a URL may send the request on to another scheme,
            host or port.

    Returns:
        The report. Dumps and feeds that are missing or damaged are in `report.sources`, unless
        `on_damage` is "raise".

    Raises:
        InputError: the inventory has no peering or no session of that name, the argument for a
            dump, view, feed or server is invalid, or feeds or `rtr` are given while an event loop
            runs in this thread.
        ProfileError: a profile file has mistakes.
        FeedError: an RTR cache gives no data, or no whois server answers; with
            `on_damage="raise"` also if a dump is missing or a feed fails.
        ExportError: a file of received routes is no export.
        DamageError: a dump is damaged, with `on_damage="raise"`.
    """
    must_be("plan", plan, Inventory, "an Inventory", or_none=True)
    must_be("registry", registry, Registry, "a Registry", or_none=True)
    must_be("inventory", inventory, Inventory, "an Inventory")
    given = GivenSources.of(ribs, received, routes, view, coverage, feeds=feeds, wait=wait)
    servers, times = RegistryServers.of(rtr, whois), _Times.of(now, max_age, taken)
    with secrets_of((inventory, plan), given.names) as masking:
        observed = _observed(
            inventory,
            given,
            profile=profile,
            allow=allow,
            times=times,
            on_damage=on_damage,
            on_chunk=on_chunk,
            follow_redirects=follow_redirects,
        )
        observed, registry = observed.asking(servers, registry, times)
        report = observed.report(observed.inventory, strict=strict, plan=plan, registry=registry)
        return masking.mask(report, carry_texts=observed.carry_texts)


def check_without(
    inventory: Inventory,
    without: Iterable[str],
    ribs: Iterable[str | Path] | None = None,
    *,
    received: Iterable[str | Path] = (),
    routes: Mapping[str, Iterable[Route]] | None = None,
    view: View | str | None = None,
    coverage: Literal["complete", "partial"] | None = None,
    feeds: Iterable[Feed | FeedInput] = (),
    wait: str | timedelta | None = None,
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    registry: Registry | None = None,
    rtr: str | None = None,
    whois: Iterable[str] = (),
    now: datetime | str | None = None,
    max_age: str | MaxAge | None = None,
    taken: datetime | str | None = None,
    on_damage: OnDamage = "keep",
    on_chunk: OnChunk | None = None,
    follow_redirects: bool = False,
) -> tuple[Report, WhatIf]:
    """Check an inventory as it is, and without what a failure takes away.

    Args:
        inventory: what is declared.
        without: what fails, each as `KIND=NAME`: a router, connection, facility or location.
        ribs: as for `check`.
        received: as for `check`.
        routes: as for `check`.
        view: as for `check`.
        coverage: as for `check`.
        feeds: as for `check`.
        wait: as for `check`.
        profile: as for `check`.
        strict: as for `check`.
        allow: as for `check`.
        registry: as for `check`.
        rtr: as for `check`.
        whois: as for `check`.
        now: as for `check`.
        max_age: as for `check`.
        taken: as for `check`.
        on_damage: as for `check`.
        on_chunk: as for `check`.
        follow_redirects: as for `check`.

    Returns:
        The report of the whole inventory, and what the failure would change.

    Raises:
        InputError: the inventory has nothing of that name; and see `check` for others.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    must_be("registry", registry, Registry, "a Registry", or_none=True)
    failed = as_tuple("without", without, str, "strings")
    given = GivenSources.of(ribs, received, routes, view, coverage, feeds=feeds, wait=wait)
    servers, times = RegistryServers.of(rtr, whois), _Times.of(now, max_age, taken)
    with secrets_of((inventory,), given.names) as masking:
        failures.without(inventory, failed)  # an unknown name is an error before any dump is read
        observed = _observed(
            inventory,
            given,
            profile=profile,
            allow=allow,
            times=times,
            on_damage=on_damage,
            on_chunk=on_chunk,
            follow_redirects=follow_redirects,
        )
        reduced = failures.without(observed.inventory, failed)
        observed, registry = observed.asking(servers, registry, times)
        before = observed.report(observed.inventory, strict=strict, registry=registry)
        after = observed.report(reduced, strict=strict, registry=registry)
        both = before, what_if(before, after, failed)
        return masking.mask(both, carry_texts=observed.carry_texts)


#: The sort key of a prefix: comparing keys takes less time than comparing prefixes.
_SORT_KEY: Final = operator.attrgetter("family", "first", "length")


@attrs.frozen
class _Times:
    """The arguments of `check` that are times."""

    fixed_now: datetime | None
    max_age: MaxAge | None = None
    taken: datetime | None = None

    @property
    def now(self) -> datetime:
        """The time of the check: the one that is given, or the present."""
        return self.fixed_now or datetime.now(UTC).replace(microsecond=0)

    @classmethod
    def of(
        cls,
        now: datetime | str | None,
        max_age: str | MaxAge | None,
        taken: datetime | str | None,
    ) -> _Times:
        """Read the arguments of `check`.

        Raises:
            InputError: a time without a zone, or no duration.
        """
        must_be("max_age", max_age, (str, MaxAge), 'a duration such as "24h"', or_none=True)
        return cls(
            None if now is None else _time(now, "now"),
            MaxAge.parse(max_age) if isinstance(max_age, str) else max_age,
            None if taken is None else _time(taken, "taken"),
        )


def _time(given: datetime | str, name: str) -> datetime:
    return parse_time(given, name) if isinstance(given, str) else utc(given, name)


@attrs.frozen
class _Observed:
    """An inventory with the observations of its sources."""

    inventory: Inventory
    observations: Observations
    profiles: dict[str, Profile]
    now: datetime
    remarks: tuple[str, ...]
    carry_texts: bool

    def asking(
        self, servers: RegistryServers, registry: Registry | None, times: _Times
    ) -> tuple[Self, Registry | None]:
        """Return this with remarks of servers, and the registry data with their answers.

        Raises:
            FeedError: a cache sends no data, or no whois server answers.
        """
        asked = engine.asked_about(self.inventory, self.observations)
        found = servers.laid_over(
            registry, asked, (each.registries for each in self.profiles.values())
        )
        if found is None or found.registry is registry:
            return self, registry
        # What was answered meanwhile is not from the future.
        remarks = (*self.remarks, *found.remarks)
        return attrs.evolve(self, now=times.now, remarks=remarks), found.registry

    def report(
        self,
        inventory: Inventory,
        *,
        strict: bool,
        plan: Inventory | None = None,
        registry: Registry | None = None,
    ) -> Report:
        return engine.check(
            inventory,
            self.observations,
            self.profiles,
            now=self.now,
            version=__version__,
            kernel="c" if COMPILED else "python",
            strict=strict,
            plan=plan,
            registry=registry,
            remarks=self.remarks,
        )


def _observed(
    inventory: Inventory,
    given: GivenSources,
    *,
    profile: str | None,
    allow: Iterable[str],
    times: _Times,
    on_damage: OnDamage,
    on_chunk: OnChunk | None,
    follow_redirects: bool,
) -> _Observed:
    check_reading(on_damage, on_chunk)
    declared = Declared.of(inventory, profile, allow)
    inventory, profiles = declared.inventory, declared.profiles
    sources = Sources(ReaderContext(inventory, profiles, on_damage), on_chunk, follow_redirects)
    read = _read(inventory, given, sources, declared.folder, times.taken)
    live, notes = _read_feeds(given, sources.context)
    now = times.now  # after the feeds: what came last is not from the future
    observations = Observations.join((*read, *live))
    observations = aged(observations, now, declared.limits(times.max_age))
    named = with_overruled(observations, sorted(inventory.prefixes, key=_SORT_KEY))
    carry_texts = sources.carry_texts or bool(given.routes or given.feeds)
    return _Observed(inventory, named, profiles, now, (*declared.remarks, *notes), carry_texts)


def _read(
    inventory: Inventory,
    given: GivenSources,
    sources: Sources,
    folder: Path,
    taken: datetime | None,
) -> tuple[SourceReading, ...]:
    """Read routes from memory, dumps and exports.

    Args:
        inventory: the sessions.
        given: what the caller names.
        sources: reads dumps and exports.
        folder: the inventory's folder, where the dumps are that it names.
        taken: when sources without a time of their own were taken; None if that is not known.
    """
    arguments = _arguments(inventory, given.ribs)
    base = folder if given.ribs is None else Path()
    memory = given.from_memory(inventory, sources.context.criteria)
    # Of two equal sources the first decides: exports come last, as they have no communities.
    return (
        *(taken_at(each, taken) for each in memory),
        *(taken_at(sources.read(each, base), each.taken or taken) for each in arguments),
        *(taken_at(sources.received(Path(file)), taken) for file in given.received),
    )


def _read_feeds(
    given: GivenSources, context: ReaderContext
) -> tuple[tuple[SourceReading, ...], tuple[str, ...]]:
    if not given.feeds:
        return (), ()
    from peerlint.api.listening import read_feeds  # noqa: PLC0415  # dumps need no event loop

    return read_feeds(given.feeds, given.wait, context)


def _arguments(inventory: Inventory, ribs: Iterable[str | Path] | None) -> list[RibArgument]:
    """Return the dumps that the caller names, or those that the inventory names."""
    if ribs is not None:
        return [RibArgument.parse(str(name), inventory) for name in ribs]
    return [
        RibArgument.parse(each, inventory)
        if isinstance(each, str)
        else RibArgument.parse(each.file, inventory, each.taken)
        for each in inventory.ribs
    ]
