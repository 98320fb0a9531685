"""The options of live feeds, and the feeds that they ask for."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from peerlint.cli.arguments import named_options
from peerlint.errors import InputError

if TYPE_CHECKING:
    from peerlint import Inventory
    from peerlint.api.feeds import FeedInput


@attrs.frozen
class LiveOptions:
    """The options of live feeds, as the user gives them; see `check`."""

    bmp: str | None = None
    bmp_from: Sequence[str] | None = None
    ris_live: bool = False
    bgpstream: Sequence[str] | None = None
    exabgp: str | None = None
    follow: Sequence[str] | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are read, which must not be written to."""
        return () if self.exabgp is None else (self.exabgp,)

    def feeds(self, inventory: Inventory) -> tuple[FeedInput, ...]:
        """Return the feeds.

        Args:
            inventory: the sessions.

        Raises:
            InputError: an option has a wrong value.
            FeedError: a feed cannot be opened.
        """
        return tuple(self._feeds(inventory))

    def _feeds(self, inventory: Inventory) -> Iterator[FeedInput]:
        if self == LiveOptions():
            return
        from peerlint.api import bmp, live  # noqa: PLC0415  # dumps need none of it

        if self.bmp is not None:
            with named_options(address="--bmp", routers="--bmp-from"):
                yield bmp.bmp_feed(inventory, self.bmp, routers=self.bmp_from or ())
        elif self.bmp_from:
            raise InputError("--bmp-from", expected="--bmp with it", found=self.bmp_from[0])
        if self.ris_live:
            yield live.ris_live_feed(inventory)
        if self.bgpstream is not None:
            arguments = _bgpstream_arguments(self.bgpstream, live.BGPSTREAM_LISTS)
            yield live.bgpstream_feed(**arguments)
        if self.exabgp is not None:
            with named_options(source="--exabgp"):
                yield live.exabgp_feed(inventory, self.exabgp)
        for folder in self.follow or ():
            with named_options(folder="--follow"):
                yield live.folder_feed(inventory, folder)


def _bgpstream_arguments(words: Sequence[str], lists: Container[str]) -> dict[str, object]:
    """Return the arguments of pybgpstream that are given as `KEY=VALUE`.

    Args:
        words: the texts that the user gives.
        lists: the keys whose values are lists, with commas between their items.

    Raises:
        InputError: a text has another form.
    """
    found: dict[str, object] = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key.isidentifier():
            expected = "KEY=VALUE with an argument of pybgpstream, such as collectors=rrc00"
            raise InputError("--bgpstream", expected=expected, found=word)
        found[key] = value.split(",") if key in lists else value
    return found
