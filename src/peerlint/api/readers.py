"""The readers of sources: one for each form of file, chosen by the file's first octets."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import attrs

from peerlint import engine
from peerlint.api.reading import OnDamage
from peerlint.bulk import DumpReader, PrefixFilter
from peerlint.errors import ExportError, FeedError, Mistake
from peerlint.feeds import LARGEST, Dump, OnChunk
from peerlint.inventory import Inventory
from peerlint.inventory.azure import read_export
from peerlint.model import Criteria
from peerlint.observations import ROUTE_SERVER, RibArgument, SourceBuilder, SourceReading
from peerlint.observations import received as received_routes
from peerlint.profiles import Profile
from peerlint.wire.framing import is_record_header

_UTF_8: Final = codecs.BOM_UTF8
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@attrs.frozen
class ReaderContext:
    """What every reader needs to know besides the file.

    Attributes:
        inventory: the sessions that routes may belong to.
        profiles: by the name of the peering.
        on_damage: "raise" raises at the first damage.
    """

    inventory: Inventory
    profiles: Mapping[str, Profile]
    on_damage: OnDamage = "keep"

    @property
    def criteria(self) -> dict[str, Criteria]:
        """What routes are measured against, by the name of the peering."""
        return {
            name: engine.criteria_of(profile, self.inventory)
            for name, profile in self.profiles.items()
        }

    @property
    def prefix_filter(self) -> PrefixFilter | None:
        """The space that rules ask about; None for all of it, if a profile needs every route."""
        if len({each.community for each in self.criteria.values()}) > 1 or any(
            profile.all_prefixes or profile.base == ROUTE_SERVER
            for profile in self.profiles.values()
        ):
            return None
        return PrefixFilter.of(self.inventory.prefixes)


@attrs.frozen
class Source:
    """An open source, decompressed.

    Attributes:
        argument: its name, and the session or router and the view that the user gave for it.
        dump: what it is read from; `dump.cut` is known once `chunks` has ended.
        chunks: all of its octets.
    """

    argument: RibArgument
    dump: Dump
    chunks: Iterable[bytes]


@attrs.frozen
class Reader:
    """A form of file that routes are read from.

    Attributes:
        name: of the form.
        recognises: whether a file starts like this form, by its first octets.
        read: returns what the source says of which session.
        carries_texts: whether texts of the file, which may hold secrets, can reach a report.
    """

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[Source, ReaderContext], SourceReading]
    carries_texts: bool = False


def recognise(
    argument: RibArgument, dump: Dump, on_chunk: OnChunk | None = None
) -> tuple[Reader, Source]:
    """Open a source, and return the reader for its form.

    Args:
        argument: its name, and what the user gave for it.
        dump: the file.
        on_chunk: called for every chunk.

    Raises:
        FeedError: it cannot be read.
    """
    chunks = iter(dump.chunks(on_chunk))
    first = next(chunks, b"")
    reader = next(each for each in READERS if each.recognises(first))
    return reader, Source(argument, dump, _joined(first, chunks))


def _joined(first: bytes, rest: Iterable[bytes]) -> Iterable[bytes]:
    if first:
        yield first
    yield from rest


# -- MRT


def _read_mrt(source: Source, context: ReaderContext) -> SourceReading:
    builder = SourceBuilder(source.argument, context.inventory, context.criteria)
    reader = DumpReader(
        source.chunks,
        source=source.argument.file,
        viewpoint=builder.viewpoint,
        criteria=builder.criteria,
        prefix_filter=context.prefix_filter,
        tagged_too=True,
        on_damage=context.on_damage,
    )
    builder.read(reader)
    quality = attrs.evolve(reader.quality, cut=source.dump.cut)
    return builder.close(reader.counts, quality, reader.times)


# -- Azure's received routes


def read_received(octets: bytes, name: str, context: ReaderContext) -> SourceReading:
    """Return what an export of Azure's received routes says.

    Args:
        octets: the file.
        name: of the file.
        context: what readers need to know besides.

    Raises:
        ExportError: it is no such export.
    """
    export = read_export([(name, octets)])
    if not export.received and export.resources:
        expected = "received routes, as `az peering received-route list` prints them"
        found = f"{export.resources}, which `peerlint import azure` takes into the inventory"
        raise ExportError(name, (Mistake("the file", "", expected, found),))
    return received_routes(export, octets, name, context.inventory, context.criteria)


def _is_json(head: bytes) -> bool:
    # The first record of a dump may have a time whose octets spell a bracket.
    if is_record_header(head):
        return False
    return head.startswith(_UTF_16) or head.removeprefix(_UTF_8).lstrip()[:1] in (b"[", b"{")


def _read_json(source: Source, context: ReaderContext) -> SourceReading:
    name = source.argument.file
    if source.argument.session or source.argument.router or source.argument.view:
        reason = "Azure's received routes name their sessions: give the file without name and view"
        raise FeedError(name, reason)
    parts: list[bytes] = []
    size = 0
    for chunk in source.chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise FeedError(name, f"it does not end within {LARGEST >> 20} MiB")
    if source.dump.cut is not None:
        raise FeedError(name, source.dump.cut)
    try:
        return read_received(b"".join(parts), name, context)
    except ExportError as error:
        raise FeedError(name, f"JSON, but not Azure's received routes: {error}") from error


def _is_anything(_: bytes) -> bool:
    return True


#: The first that recognises a file reads it. The last takes everything else, and says where it is
#: damaged.
READERS: Final = (
    Reader("Azure's received routes (JSON)", _is_json, _read_json, carries_texts=True),
    Reader("MRT", _is_anything, _read_mrt),
)
