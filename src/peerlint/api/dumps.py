"""Whole dumps, route by route with every attribute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Never

import attrs

from peerlint.api.exclusive import Exclusive, ExclusiveIterator
from peerlint.api.reading import OnDamage, check_reading
from peerlint.arguments import A_PATH, PATH, must_be
from peerlint.bulk import Quality
from peerlint.elements import Element, Selection, elements_of
from peerlint.feeds import Dump, OnChunk
from peerlint.wire.reader import Reader


class Elements:
    """One reading of one dump, as elements; iterate over it once.

    One thread at a time may use it: while one is inside, any other gets a `ConcurrentUseError`.
    The elements may go to any thread.
    """

    def __init__(self, dump: Dump, reader: Reader, select: Selection) -> None:
        """Join a dump, the reader of its chunks and what is asked for."""
        self._dump = dump
        self._reader = reader
        self._select = select
        self._exclusive = Exclusive("Elements")

    def __iter__(self) -> Iterator[Element]:
        """Return an iterator over the elements that are asked for, in the dump's order.

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
            TypeError: always; a dump that is being read cannot be in two places.
        """
        raise TypeError(
            "Elements cannot be pickled or copied: they read an open dump; pass the dump's path "
            "and the Selection instead"
        )

    @property
    def quality(self) -> Quality:
        """How well the dump could be read; whole after the last element."""
        with self._exclusive:
            return attrs.evolve(self._reader.quality, cut=self._dump.cut)


def dump(
    path: str | Path,
    *,
    select: Selection | None = None,
    on_damage: OnDamage = "keep",
    on_chunk: OnChunk | None = None,
    follow_redirects: bool = False,
) -> Elements:
    """Read a dump route by route, with every attribute, in memory that does not grow with it.

    Args:
        path: the dump; `-` for standard input.
        select: what is asked for; None for all of it.
        on_damage: "raise" raises at the first damage.
        on_chunk: called for every chunk read.
        follow_redirects: whether the server of a URL may send the request on to another scheme,
            host or port.

    Raises:
        FeedError: the dump cannot be read.
        DamageError: while iterating, with `on_damage="raise"`.
    """
    must_be("path", path, PATH, A_PATH)
    must_be("select", select, Selection, "a Selection", or_none=True)
    check_reading(on_damage, on_chunk)
    opened = Dump(str(path), follow_redirects=follow_redirects)
    reader = Reader(opened.chunks(on_chunk), source=opened.name, on_damage=on_damage)
    return Elements(opened, reader, select or Selection())
