"""What identifies the data of a cache."""

from __future__ import annotations

import attrs


@attrs.frozen
class DataNumber:
    """What identifies the data that the router has (RFC 8210 section 5.1).

    Attributes:
        version: of the protocol: sessions of two versions are apart, whatever their ids.
        session_id: the cache's session.
        serial: the number of the data.
    """

    version: int
    session_id: int
    serial: int

    def is_of(self, version: int, session_id: int) -> bool:
        """Return whether changes of a session fit this data."""
        return (self.version, self.session_id) == (version, session_id)

    def is_after(self, serial: int) -> bool:
        """Return whether this is newer than another serial number (RFC 1982 section 3.2)."""
        return (serial - self.serial) & 0xFFFF_FFFF >= 1 << 31
