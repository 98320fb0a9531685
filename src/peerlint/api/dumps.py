"""Dumps route by route, with every attribute: as values and as lines of text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Never

import attrs

from peerlint.api.exclusive import Exclusive, ExclusiveIterator
from peerlint.api.reading import OnDamage, check_reading
from peerlint.arguments import A_PATH, PATH, as_tuple, must_be, must_be_callable, must_be_one_of
from peerlint.bulk import Quality
from peerlint.display import escaped_json
from peerlint.elements import Element, Selection, bgpdump_line, element_data, elements_of
from peerlint.errors import FeedError
from peerlint.feeds import Dump, OnChunk, OnWait
from peerlint.observations import Coverage, SourceSummary
from peerlint.redaction import redacted
from peerlint.wire.reader import Reader

__all__ = ["DUMP_FORMATS", "DumpLines", "Elements", "Selection", "dump", "dump_lines"]

#: The formats of `dump_lines`.
DUMP_FORMATS: Final = ("bgpdump", "json")


class Elements:
    """One reading of one dump, as elements; iterate over it once.

    One thread at a time may use it: while one is inside, any other gets a `ConcurrentUseError`.
    The elements may go to any thread.
    """

    def __init__(self, dump: Dump, reader: Reader, select: Selection) -> None:
        """Join a dump, its reader, and the wanted elements."""
        self._dump = dump
        self._reader = reader
        self._select = select
        self._exclusive = Exclusive("Elements")

    def __iter__(self) -> Iterator[Element]:
        """Return an iterator over the wanted elements, in the dump's order.

        Raises:
            ConcurrentUseError: while iterating, another thread is using the elements.
        """
        return ExclusiveIterator(self._exclusive, self._read())

    def _read(self) -> Iterator[Element]:
        holds = self._select.holds if self._select.tests else None
        for record in self._reader:
            for element in elements_of(record):
                if holds is None or holds(element):
                    yield element

    def __reduce__(self) -> Never:
        """Refuse to be pickled or copied.

        Raises:
            TypeError: always; an open dump cannot be copied.
        """
        raise TypeError(
            "Elements cannot be pickled or copied: they read an open dump; pass the dump's path "
            "and the Selection instead"
        )

    @property
    def quality(self) -> Quality:
        """How well the dump could be read; complete after the last element."""
        with self._exclusive:
            return attrs.evolve(self._reader.quality, cut=self._dump.cut)


def dump(
    path: str | Path,
    *,
    select: Selection | None = None,
    on_damage: OnDamage = "keep",
    on_chunk: OnChunk | None = None,
    on_wait: OnWait | None = None,
    follow_redirects: bool = False,
) -> Elements:
    """Read a dump route by route, with every attribute, in memory that does not grow with it.

    Args:
        path: the dump; `-` for standard input.
        select: which elements are wanted; None for all.
        on_damage: "raise" raises at the first damage.
        on_chunk: called for every chunk read.
        on_wait: called before more of the dump is read; all elements before it were yielded.
        follow_redirects: whether the server of a URL may send the request on to another scheme,
            host or port.

    Raises:
        FeedError: the dump cannot be read.
        DamageError: while iterating, with `on_damage="raise"`.
    """
    must_be("path", path, PATH, A_PATH)
    must_be("select", select, Selection, "a Selection", or_none=True)
    check_reading(on_damage, on_chunk)
    must_be_callable("on_wait", on_wait)
    opened = Dump(str(path), follow_redirects=follow_redirects)
    reader = Reader(opened.chunks(on_chunk, on_wait), source=opened.name, on_damage=on_damage)
    return Elements(opened, reader, select or Selection())


class DumpLines:
    """The routes of several dumps as lines of text; iterate over it once.

    Attributes:
        sources: what became of each dump so far; complete after the last line.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        spell: Callable[[str], Callable[[Element], str]],
        read: Callable[[str], Elements],
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            names: of the dumps.
            spell: returns, for the name of a dump, a function that makes a line of an element.
            read: opens a dump.
        """
        self._names, self._spell, self._read = names, spell, read
        self._sources: list[SourceSummary] = []

    @property
    def sources(self) -> tuple[SourceSummary, ...]:
        """What became of each dump so far; one that cannot be read has an `error`."""
        return tuple(self._sources)

    def __iter__(self) -> Iterator[str]:
        """Yield the lines, without line ends, in the order of the dumps."""
        for name in self._names:
            quality, error = Quality(), None
            try:
                elements = self._read(name)
                yield from map(self._spell(name), elements)
                quality = elements.quality
            except FeedError as failure:
                error = failure.reason
            self._sources.append(SourceSummary(name, (), Coverage.NONE, quality, error=error))

    def __reduce__(self) -> Never:
        """Refuse to be pickled or copied.

        Raises:
            TypeError: always; open dumps cannot be copied.
        """
        raise TypeError(
            "DumpLines cannot be pickled or copied: they read open dumps; pass the paths and the "
            "arguments of dump_lines() instead"
        )


def dump_lines(
    paths: Iterable[str | Path],
    form: str = "bgpdump",
    *,
    select: Selection | None = None,
    on_chunk: OnChunk | None = None,
    on_wait: OnWait | None = None,
    follow_redirects: bool = False,
) -> DumpLines:
    """Read dumps as lines of text, one for each route, withdrawal or change of state.

    Args:
        paths: the dumps; `-` for standard input.
        form: "bgpdump", for lines as `bgpdump -m` prints them, or "json", for a JSON object each.
        select: which elements are wanted; None for all.
        on_chunk: called for every chunk read.
        on_wait: see `dump`; a writer of the lines writes there what it has collected.
        follow_redirects: see `dump`.

    Raises:
        InputError: there is no such format.
    """
    names = tuple(map(str, as_tuple("paths", paths, PATH, "paths")))
    must_be_one_of("form", form, DUMP_FORMATS)
    must_be("select", select, Selection, "a Selection", or_none=True)
    check_reading("keep", on_chunk)
    must_be_callable("on_wait", on_wait)
    return DumpLines(
        names,
        _json_line if form == "json" else lambda _: bgpdump_line,
        lambda name: dump(
            name,
            select=select,
            on_chunk=on_chunk,
            on_wait=on_wait,
            follow_redirects=follow_redirects,
        ),
    )


def _json_line(dump: str) -> Callable[[Element], str]:
    name = redacted(dump)
    return lambda element: escaped_json(json.dumps(element_data(element, name)))
