"""What tells the story to a feed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar, Final

from tests.feeds.doubles.story import (
    BEHIND,
    Differences,
    Step,
    time_of,
)

from peerlint.events import Event

_FAMILIES: Final = {4: "ipv4", 6: "ipv6"}


class Teller:
    """Tells a story to a feed.

    Attributes:
        its: what the feed cannot say, and why.
        feed: the feed; another one after it was lost, if it does not come back.
        number: the number of the step.
    """

    its: ClassVar[Differences] = Differences()
    feed: AsyncIterator[Event]

    def __init__(self, folder: Path, *, has_path_ids: bool) -> None:
        """Prepare.

        Args:
            folder: an empty folder.
            has_path_ids: whether routes have path identifiers.
        """
        self.folder, self.has_path_ids, self.number = folder, has_path_ids, 0

    def now(self) -> int:
        """Return the time of the step."""
        return time_of(self.number)

    @property
    def said(self) -> int:
        """The time of the step by the sender's clock."""
        return self.now() - BEHIND

    async def tell(self, step: Step) -> None:
        """Let a step happen."""
        raise NotImplementedError

    async def close(self) -> None:
        """End everything."""
