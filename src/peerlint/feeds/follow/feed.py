"""Follow a folder into which routers and collectors drop MRT files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final, Self

from peerlint.errors import FeedError
from peerlint.events import Event, FeedBack, FeedLost
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.follow.folder import FileStatus, list_folder
from peerlint.feeds.follow.records import Records
from peerlint.feeds.follow.router import RouterFiles
from peerlint.model import View
from peerlint.wording import open_failure

_SECOND: Final = 1_000_000


class FolderFeed:
    """An async iterator of the events of the MRT files of a folder.

    It begins with the newest table (RIB) of each router and goes on with the updates behind it,
    also in a file that still grows. A later table is read only after a gap, or if no updates lead
    up to it: it begins the sessions again. The content decides what a file is, not its name; names
    only say which files follow one another. What is missing, damaged, replaced or late is a `Gap`
    that names the file.

    Events have the time in the header of their record, but never one in the future.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        feed: str = "follow",
        router_of: Callable[[str], str] | None = None,
        view: View | str | None = None,
        poll: float = 5.0,
        settle: float = 60.0,
        now: Callable[[], int] = microseconds_now,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            folder: the folder; not the folders in it.
            feed: the feed's name.
            router_of: returns the router's name for the name of a file; None if all files are of
                one router, which is called like the folder.
            view: where the routes are observed; None if it is not known.
            poll: seconds between two looks at the folder.
            settle: seconds after which a table that does not change is complete.
            now: the clock, in microseconds since 1970.
            wait: waits for a number of seconds.
        """
        self._folder, self._feed = Path(folder), feed
        self._router_of = router_of or (lambda _: self._folder.resolve().name or "/")
        self._view = None if view is None else View(view)
        self._poll, self._settle = poll, int(settle * _SECOND)
        self._now, self._wait = now, wait
        self._routers: dict[str, RouterFiles] = {}
        self._is_lost = self._has_begun = False
        self._events = self._all()

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event, when it is there.

        Raises:
            FeedError: the folder cannot be read at the start.
        """
        return await anext(self._events)

    def close(self) -> None:
        """Close all files."""
        for router in self._routers.values():
            router.close()
        self._routers.clear()

    async def _all(self) -> AsyncIterator[Event]:
        while True:
            for event in self._look():
                if event is None:
                    await asyncio.sleep(0)
                else:
                    yield event
            await self._wait(self._poll)

    def _look(self) -> Iterator[Event | None]:
        try:
            listing = list_folder(self._folder)
        except OSError as error:
            reason = f"cannot be read: {open_failure(error)}"
            if not self._has_begun:
                raise FeedError(str(self._folder), reason) from error
            if not self._is_lost:
                self._is_lost = True
                self.close()
                reason = f"{self._folder}: {reason}"
                yield FeedLost(feed=self._feed, time=self._now(), reason=reason)
            return
        self._has_begun = True
        if self._is_lost:
            self._is_lost = False
            yield FeedBack(feed=self._feed, time=self._now())
        files: dict[str, dict[str, FileStatus]] = {name: {} for name in self._routers}
        for name, status in listing.items():
            files.setdefault(self._router_of(name), {})[name] = status
        for name, found in files.items():
            if name not in self._routers:
                records = Records(self._feed, name, self._now, self._view)
                self._routers[name] = RouterFiles(self._folder, records, self._settle)
            yield from self._routers[name].poll(found)
