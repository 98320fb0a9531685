"""Opening the sources of a check; one that cannot be opened is a source without routes."""

from __future__ import annotations

from pathlib import Path

import attrs

from peerlint.api.readers import ReaderContext, read_received, recognise
from peerlint.bulk import Quality
from peerlint.errors import FeedError
from peerlint.feeds import Dump, OnChunk, read_octets
from peerlint.inventory import Inventory
from peerlint.model import View
from peerlint.observations import Coverage, RibArgument, SourceReading, SourceSummary
from peerlint.wording import closest


@attrs.define
class Sources:
    """Opens and reads the sources of one check.

    Attributes:
        context: what readers need to know besides the file.
        on_chunk: called for every chunk of a dump.
        follow_redirects: whether a server may send a download on to another one.
        carry_texts: whether texts of the sources read so far, which may hold secrets, can reach a
            report.
    """

    context: ReaderContext
    on_chunk: OnChunk | None = None
    follow_redirects: bool = False
    carry_texts: bool = False

    def read(self, argument: RibArgument, folder: Path) -> SourceReading:
        """Read a source in whatever form it is.

        Args:
            argument: the source.
            folder: what its path is relative to.

        Raises:
            FeedError: it cannot be read, with on_damage="raise".
            DamageError: it is damaged, with on_damage="raise".
        """
        try:
            path = None if argument.file == "-" else folder / argument.file
            dump = Dump(argument.file, path, follow_redirects=self.follow_redirects)
            reader, source = recognise(argument, dump, self.on_chunk)
            self.carry_texts |= reader.carries_texts
            return reader.read(source, self.context)
        except FeedError as error:
            if self.context.on_damage == "raise":
                raise
            return _unreadable(argument.file, _hint(argument, error, self.context.inventory))

    def received(self, file: Path) -> SourceReading:
        """Read an export of Azure's received routes.

        Raises:
            FeedError: it cannot be read, with on_damage="raise".
            ExportError: it is no such export.
        """
        self.carry_texts = True
        try:
            octets = read_octets(file)
        except FeedError as error:
            if self.context.on_damage == "raise":
                raise
            return _unreadable(str(file), error.reason)
        return read_received(octets, str(file), self.context)


def _unreadable(name: str, reason: str) -> SourceReading:
    return SourceReading(SourceSummary(name, (), Coverage.NONE, Quality(), error=reason), {})


def _hint(argument: RibArgument, error: FeedError, inventory: Inventory) -> str:
    """Return why a source cannot be read, and what its name may have been meant as."""
    before, at, word = argument.file.rpartition("@")
    view = closest(word, View) if before and at else None
    if view is not None:
        return f"{error.reason}; if {word} was meant as a view: did you mean {view}?"
    name, separator, _ = argument.file.partition("=")
    if not separator or ":/" in name:  # a URL has parameters
        return error.reason
    known = sorted({session.id for session in inventory.sessions} | inventory.routers)
    close = closest(name, known)
    if close is not None:
        return f"{error.reason}; if {name} was meant as a name: did you mean {close}?"
    names = f"known are {', '.join(known)}" if known else "the inventory has none"
    return f"{error.reason}; if {name} was meant as a name: {names}"
