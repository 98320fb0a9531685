"""Which version of RTR a cache is asked in (RFC 8210 section 7)."""

from __future__ import annotations

from typing import Final

from peerlint.wire.rtr import ErrorCode, Header, PduError

#: The newest version that is spoken, and the one that is fallen back to.
_NEW, _OLD = 1, 0
#: Connections in a row that a cache ends without a word, before one that spoke version 1 is asked
#: in version 0: a cache that starts does the same.
_SILENT: Final = 3


class VersionChoice:
    """The version of the next query, and whether the cache has agreed to it.

    Attributes:
        version: 0 or 1.
        is_agreed: whether the cache answered in this version in this connection.
    """

    def __init__(self) -> None:
        """Start with version 1."""
        self.version, self.is_agreed = _NEW, False
        self._silent, self._spoken = 0, _OLD

    def agree(self, header: Header, at: int) -> None:
        """Agree on the version of the first PDU of an answer, and check that of all others.

        Args:
            header: of the PDU.
            at: its offset, for errors.

        Raises:
            PduError: it is another version than agreed on, or newer than asked for.
        """
        if not self.is_agreed and header.version <= self.version:
            self.version = header.version
        elif header.version != self.version:
            expected, found = f"RTR version {self.version}", f"{header.version}"
            code = ErrorCode.UNEXPECTED_VERSION
            raise PduError(at, start=at, expected=expected, found=found, code=code)
        self.is_agreed, self._silent = True, 0

    def note_data(self) -> None:
        """Remember that the cache sent data in this version."""
        self._spoken = max(self._spoken, self.version)

    def refused(self, header: Header, code: int) -> bool:
        """Take an Error Report that ends a connection.

        A cache that only knows version 0 answers in it, if only by an error.

        Returns:
            Whether version 0 should be tried at once.
        """
        if self.is_agreed or (
            header.version >= self.version and code != ErrorCode.UNSUPPORTED_VERSION
        ):
            return False
        return self._other()

    def unanswered(self) -> bool:
        """Take the end of a connection in which a Reset Query was not answered at all.

        Returns:
            Whether version 0 should be tried at once.
        """
        self._silent += 1
        if self.version == _NEW == self._spoken and self._silent < _SILENT:
            return False
        return self._other()

    def _other(self) -> bool:
        self.version = _OLD if self.version == _NEW else _NEW
        return self.version == _OLD
