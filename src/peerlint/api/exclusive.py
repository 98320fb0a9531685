"""What one thread at a time may use."""

from __future__ import annotations

from collections.abc import Iterator
from threading import RLock
from types import TracebackType
from typing import Generic, TypeVar

from peerlint.errors import ConcurrentUseError

Item = TypeVar("Item")


class Exclusive:
    """Admit one thread at a time, and refuse the others instead of making them wait.

    Two threads inside one reading would get parts of each other's octets, and the compiled kernel
    works without the interpreter's lock. Waiting would hide the mistake: whoever comes second
    would get what the first one left.
    """

    def __init__(self, name: str) -> None:
        """Guard something that errors call by a name, such as "Scan"."""
        self._name = name
        # The thread inside may ask again: of `on_page`, how far the reading is.
        self._lock = RLock()
        self.leave = self._lock.release

    def enter(self) -> None:
        """Enter; `leave` has to follow.

        Raises:
            ConcurrentUseError: another thread is inside.
        """
        if not self._lock.acquire(blocking=False):
            raise ConcurrentUseError(self._name)

    __enter__ = enter

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave."""
        self.leave()


class ExclusiveIterator(Generic[Item]):
    """An iterator that one thread at a time may ask for the next item."""

    def __init__(self, exclusive: Exclusive, items: Iterator[Item]) -> None:
        """Guard an iterator together with all else that is guarded by the same."""
        self._exclusive = exclusive
        self._items = items

    def __iter__(self) -> Iterator[Item]:
        """Return itself."""
        return self

    def __next__(self) -> Item:
        """Return the next item.

        Raises:
            ConcurrentUseError: another thread is inside.
        """
        # Not as a context: that costs as much as an element does.
        self._exclusive.enter()
        try:
            return next(self._items)
        finally:
            self._exclusive.leave()
