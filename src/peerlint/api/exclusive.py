"""Objects that only one thread at a time may use."""

from __future__ import annotations

from collections.abc import Iterator
from threading import RLock
from types import TracebackType
from typing import Generic, TypeVar

from peerlint.errors import ConcurrentUseError

Item = TypeVar("Item")


class Exclusive:
    """A lock that raises an error in the second thread instead of making it wait.

    Two threads inside one reader would get parts of each other's octets, and the compiled kernel
    releases the GIL. Waiting would hide the mistake: the second thread would get only the items
    that the first one left.
    """

    def __init__(self, name: str) -> None:
        """Guard an object; errors call it by this name, such as "Scan"."""
        self._name = name
        # Reentrant: `on_chunk` is called inside, and may ask how much has been read.
        self._lock = RLock()
        self.leave = self._lock.release

    def enter(self) -> None:
        """Enter; the caller must call `leave` afterwards.

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
        """Guard an iterator with a lock that may guard other objects too."""
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
        # Not a `with` block: that takes as long as decoding an element.
        self._exclusive.enter()
        try:
            return next(self._items)
        finally:
            self._exclusive.leave()
