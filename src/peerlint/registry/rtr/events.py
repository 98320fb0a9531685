"""What a session with a cache tells: its data, and why that may be old."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.registry.rtr.vrps import VrpSet

#: A set shrinks at once if it loses more than one VRP in so many.
_SHRINK: Final = 10


@attrs.frozen(kw_only=True)
class VrpsReceived:
    """The cache's answer is complete: this is its data now.

    Attributes:
        time: when, in microseconds since 1970.
        vrps: all VRPs.
        before: the number of VRPs before; 0 if there was no data.
        is_changed: whether any VRP is new or gone.
        is_reset: whether the cache sent all of them; if not, it sent what changed.
        version: of the protocol, 0 or 1.
        session_id: the cache's session.
        serial: the number of the data.
        router_keys: the number of router keys in the answer, which are not kept.
        duplicates: the number of VRPs that the cache sent more than once.
    """

    time: int
    vrps: VrpSet
    before: int
    is_changed: bool
    is_reset: bool
    version: int
    session_id: int
    serial: int
    router_keys: int = 0
    duplicates: int = 0

    @property
    def has_shrunk(self) -> bool:
        """Whether the set lost more than a tenth at once: a sign of a cache that lost data."""
        return len(self.vrps) * _SHRINK < self.before * (_SHRINK - 1)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is unusual, in words; the data is used all the same."""
        found = []
        if self.has_shrunk:
            found.append(
                f"the set of VRPs shrank at once, from {self.before:,} to {len(self.vrps):,}: "
                "it is used; look whether the cache lost a trust anchor"
            )
        if self.duplicates:
            found.append(f"the cache sent {self.duplicates:,} VRPs more than once")
        if self.router_keys:
            found.append(f"{self.router_keys:,} router keys, which are not used, were skipped")
        return tuple(found)


@attrs.frozen(kw_only=True)
class VrpsExpired:
    """The data is too old and must not be used any more (RFC 8210 section 6).

    Attributes:
        time: when, in microseconds since 1970.
        received: when the last answer was complete.
        reason: why there is no newer one.
    """

    time: int
    received: int
    reason: str


@attrs.frozen(kw_only=True)
class CacheLost:
    """The connection is lost, or was not made; data stays in use until it expires.

    Attributes:
        time: when, in microseconds since 1970.
        reason: why.
        expires: when the data expires; None if there is none.
    """

    time: int
    reason: str
    expires: int | None


@attrs.frozen(kw_only=True)
class CacheRemark:
    """The cache did what is unusual, and the session goes on.

    Attributes:
        time: when, in microseconds since 1970.
        text: what it did, and what follows from that.
    """

    time: int
    text: str


RtrEvent = VrpsReceived | VrpsExpired | CacheLost | CacheRemark
