"""Dumps and exports, read with the eyes of an inventory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from peerlint import engine
from peerlint.api.files import OnChunk, OnDamage, octets_of, pages_of
from peerlint.bulk import DumpReader, PrefixFilter, Quality
from peerlint.errors import ExportError, FeedError, Mistake
from peerlint.feeds import Dump
from peerlint.inventory import Inventory
from peerlint.inventory.azure import read_export
from peerlint.model import Criteria, View
from peerlint.observations import (
    ROUTE_SERVER,
    Coverage,
    RibArgument,
    SourceBuilder,
    SourceReading,
    SourceSummary,
)
from peerlint.observations import received as filed
from peerlint.profiles import Profile
from peerlint.wording import closest


@attrs.frozen
class Sources:
    """Reads dumps with the eyes of an inventory."""

    inventory: Inventory
    profiles: Mapping[str, Profile]
    on_damage: OnDamage
    on_chunk: OnChunk | None
    follow_redirects: bool = False

    def read(self, argument: RibArgument, folder: Path) -> SourceReading:
        """Read a dump; one that cannot be read is a source too, unless damage is raised.

        Args:
            argument: the dump.
            folder: what its path is relative to.

        Raises:
            FeedError: it cannot be read, with on_damage="raise".
            DamageError: it is damaged, with on_damage="raise".
        """
        try:
            path = None if argument.file == "-" else folder / argument.file
            dump = Dump(argument.file, path, follow_redirects=self.follow_redirects)
            return self._read_dump(dump, argument)
        except FeedError as error:
            if self.on_damage == "raise":
                raise
            summary = SourceSummary(
                argument.file, (), Coverage.NONE, Quality(), error=self._hint(argument, error)
            )
            return SourceReading(summary, {})

    def received(self, file: Path) -> SourceReading:
        """Read an export of Azure's received routes; one that cannot be read is a source too.

        Raises:
            FeedError: it cannot be read, with on_damage="raise".
            ExportError: it is no such export.
        """
        try:
            octets = octets_of(file)
        except FeedError as error:
            if self.on_damage == "raise":
                raise
            name = str(file)
            summary = SourceSummary(name, (), Coverage.NONE, Quality(), error=error.reason)
            return SourceReading(summary, {})
        export = read_export([(str(file), octets)])
        if not export.received and export.resources:
            expected = "received routes, as `az peering received-route list` prints them"
            found = f"{export.resources}, which `peerlint import azure` takes into the inventory"
            raise ExportError(str(file), (Mistake("the file", "", expected, found),))
        return filed(export, octets, str(file), self.inventory, self._criteria())

    def _criteria(self) -> dict[str, Criteria]:
        return {
            name: engine.criteria_of(profile, self.inventory)
            for name, profile in self.profiles.items()
        }

    def _hint(self, argument: RibArgument, error: FeedError) -> str:
        before, at, word = argument.file.rpartition("@")
        view = closest(word, View) if before and at else None
        if view is not None:
            return f"{error.reason}; if {word} was meant as a view: did you mean {view}?"
        name, separator, _ = argument.file.partition("=")
        if not separator or ":/" in name:  # a URL has parameters
            return error.reason
        known = sorted({session.id for session in self.inventory.sessions} | self.inventory.routers)
        close = closest(name, known)
        if close is not None:
            return f"{error.reason}; if {name} was meant as a name: did you mean {close}?"
        names = f"known are {', '.join(known)}" if known else "the inventory has none"
        return f"{error.reason}; if {name} was meant as a name: {names}"

    def _read_dump(self, dump: Dump, argument: RibArgument) -> SourceReading:
        criteria = self._criteria()
        filing = SourceBuilder(argument, self.inventory, criteria)
        reader = DumpReader(
            pages_of(dump, self.on_chunk),
            source=argument.file,
            viewpoint=filing.viewpoint,
            criteria=filing.criteria,
            watch=self._watch(criteria),
            tagged_too=True,
            on_damage=self.on_damage,
        )
        filing.read(reader)
        return filing.close(reader.counts, attrs.evolve(reader.quality, cut=dump.cut), reader.times)

    def _watch(self, criteria: Mapping[str, Criteria]) -> PrefixFilter | None:
        """Return a filter of the address space that rules need; None if they need all routes."""
        communities = {each.community for each in criteria.values()}
        if len(communities) > 1 or any(
            profile.all_prefixes or profile.base == ROUTE_SERVER
            for profile in self.profiles.values()
        ):
            return None
        return PrefixFilter.of(self.inventory.prefixes)
