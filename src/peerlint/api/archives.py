"""Archives of routers as a feed: files named as `--rib` and `--follow` take them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from peerlint.api.feeds import FeedInput
from peerlint.api.live import view_of
from peerlint.arguments import A_PATH, PATH, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.feeds import OnChunk
from peerlint.feeds.archive import Archive, ArchiveFeed
from peerlint.feeds.bmp import RouteSelection
from peerlint.inventory import Inventory
from peerlint.model import View
from peerlint.observations import RibArgument
from peerlint.redaction import without_credentials
from peerlint.wording import Words, counted

_STDIN: Final = "-"
_Key = tuple[str | None, str | None, View | None, str]


@attrs.define(eq=False)
class ArchiveInput:
    """Archives that have not been read.

    Attributes:
        feed: their events, in the order of time.
        names: how the user names each router, by what events call it.
        remarks: what is assumed of them.
    """

    feed: ArchiveFeed
    names: dict[str, RibArgument]
    remarks: tuple[str, ...] = ()

    def argument_of(self, router: str) -> RibArgument:
        """Return a router as the user names it."""
        known = self.names.get(router)
        return RibArgument(router) if known is None else known

    @property
    def as_input(self) -> FeedInput:
        """The same as a feed of `check`."""
        return FeedInput(
            self.feed,
            "archives",
            self.argument_of,
            is_live=False,
            notes=lambda: (*self.remarks, *self.notes()),
            select=lambda kept, watches: self.feed.select(
                RouteSelection(kept.prefix_filter, next(iter(kept.communities)), watches)
                if len(kept.communities) == 1
                else RouteSelection(None, watches=watches)
            ),
            close=self.feed.close,
        )

    def notes(self) -> Sequence[str]:
        """Return what is wrong or unusual in the files, once all of them are read."""
        return [
            *self.feed.remarks,
            *(
                f"{reading.name}: {text}"
                for reading in self.feed.readings
                for text in (reading.error, *reading.damage, *reading.remarks)
                if text
            ),
        ]


def archive_feed(
    inventory: Inventory, archives: Iterable[str | Path], *, follow_redirects: bool = False
) -> FeedInput:
    """Return archives as a source of `check`: what they say at their end.

    Args:
        inventory: the sessions.
        archives: as for `replay`.
        follow_redirects: whether a URL may lead to another server.

    Raises:
        InputError: there is no archive, or an argument has the wrong form.
    """
    return archive_input(inventory, archives, follow_redirects=follow_redirects).as_input


def archive_input(
    inventory: Inventory,
    archives: Iterable[str | Path],
    *,
    follow_redirects: bool = False,
    on_chunk: OnChunk | None = None,
) -> ArchiveInput:
    """Return archives as a feed.

    Args:
        inventory: the sessions.
        archives: files and folders of MRT files, recorded BMP streams, or messages of RIS Live;
            each as `[SESSION|ROUTER=]FILE[@VIEW]`. Files with one name are of one router; those
            without a name are if they are in one folder.
        follow_redirects: whether a URL may lead to another server.
        on_chunk: called for every chunk of a file that is read.

    Raises:
        InputError: there is no archive, or an argument has the wrong form.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    given = [str(each) for each in as_tuple("archives", archives, PATH, A_PATH)]
    if not given:
        raise InputError("archives", expected="one archive at least", found=Words("none"))
    groups: dict[_Key, list[RibArgument]] = {}
    for each in given:
        argument = RibArgument.parse(each, inventory)
        groups.setdefault(_key(argument), []).append(argument)
    names: dict[str, RibArgument] = {}
    found, remarks = [], []
    for group in groups.values():
        name = _name(group, names)
        names[name] = attrs.evolve(group[0], file=name)
        files = tuple(each.file for each in group)
        is_named = _is_named(group[0])
        found.append(Archive(name, files, view_of(group[0]), is_named=is_named))
        if not is_named and len(files) > 1:
            remarks.append(
                f"{name}: {counted(len(files), 'archive')} without a name, read as those of one "
                f"router (ROUTER={without_credentials(files[0])} names it)"
            )
    feed = ArchiveFeed(found, follow_redirects=follow_redirects, on_chunk=on_chunk)
    return ArchiveInput(feed, names, tuple(remarks))


def _is_named(argument: RibArgument) -> bool:
    return argument.session is not None or argument.router is not None


def _key(argument: RibArgument) -> _Key:
    """Return what arguments of one router have in common."""
    where = ""
    if not _is_named(argument):
        path = Path(argument.file)
        is_one = argument.file == _STDIN or "://" in argument.file or path.is_dir()
        where = argument.file if is_one else f"{path.parent}/"
    return argument.session, argument.router, argument.view, where


def _name(group: Sequence[RibArgument], names: Iterable[str]) -> str:
    """Return a name of a router that no other one has."""
    first = group[0]
    if _is_named(first):
        name = first.router or first.session or ""
    else:
        name = first.file if len(group) == 1 else str(Path(first.file).parent)
    name = without_credentials(name)
    if name not in names:
        return name
    return f"{name} ({first.view or without_credentials(first.file)})"
