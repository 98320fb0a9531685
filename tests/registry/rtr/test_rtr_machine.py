"""A session against a set: the cache restarts, reuses session ids and is cut at any octet."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.registry.rtr.rtr_cache import TIMERS, Cache, Refusal, vrp
from tests.registry.rtr.rtr_link import SECOND, Link

from peerlint.registry.rtr import SessionLimits, VrpsExpired, VrpsReceived
from peerlint.wire.rtr import encode_pdu

_POOL = [
    vrp(text)
    for text in (
        "203.0.113.0/24 64500",
        "203.0.113.0/24-25 64501",
        "198.51.100.0/24 0",
        "192.0.2.0/25 64502",
        "2001:db8::/32-48 64500",
        "2001:db8:1::/48 64503",
    )
]
_SETS = st.frozensets(st.sampled_from(_POOL))
#: Few, so that a restarted cache often has the session id and the serial number of before.
_SESSIONS = st.integers(1, 2)
_SERIALS = st.sampled_from((0, 1, 2, 0xFFFF_FFFF))
_CACHES = st.builds(
    Cache,
    _SETS,
    session_id=_SESSIONS,
    serial=_SERIALS,
    version=st.sampled_from((1, 1, 1, 0)),
    refusal=st.sampled_from(Refusal),
    is_like_stayrtr=st.booleans(),
)


class RtrMachine(RuleBasedStateMachine):
    """What a router has is what its cache had, once nothing is doubtful."""

    @initialize(cache=_CACHES)
    def begin(self, cache: Cache) -> None:
        """Start with a cache."""
        self.link = Link(cache, SessionLimits(answer=60, whole=900))
        self.seen = 0

    @rule(vrps=_SETS, is_notified=st.booleans())
    def update(self, vrps: frozenset, is_notified: bool) -> None:  # type: ignore[type-arg]
        """The cache has other data."""
        notify = self.link.cache.update(vrps)
        if is_notified and self.link.is_connected:
            self.link.arriving += encode_pdu(notify, min(self.link.cache.version, 1))

    @rule(cache=_CACHES)
    def restart(self, cache: Cache) -> None:
        """The cache starts again, perhaps with a session id and a serial number of before."""
        if self.link.is_connected:
            self.link.lose()
        self.link.cache = cache

    @precondition(lambda self: not self.link.is_connected)
    @rule()
    def connect(self) -> None:
        """The session is connected; nothing arrives yet."""
        self.link.connect()

    @precondition(lambda self: self.link.is_connected)
    @rule(octets=st.integers(1, 80))
    def deliver(self, octets: int) -> None:
        """Some octets arrive."""
        self.link.deliver(octets)

    @precondition(lambda self: self.link.is_connected)
    @rule()
    def deliver_all(self) -> None:
        """Everything arrives."""
        self.link.deliver()

    @precondition(lambda self: self.link.is_connected)
    @rule()
    def cut(self) -> None:
        """The connection is lost, in the middle of whatever arrives."""
        self.link.lose()

    @rule(seconds=st.sampled_from((1, 30, 61, 600, 3601, 7201)))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.link.advance(seconds)

    @rule()
    def settle(self) -> None:
        """After a while without trouble the router has what the cache has."""
        link = self.link
        for _ in range(4):
            if not link.is_connected:
                link.synchronise()
            link.deliver()
            # The check of doubtful data is at most an hour away, the next query less.
            link.advance(3700)
        link.deliver()
        assert link.is_connected
        assert link.cache.vrps == link.data
        assert link.session.number is not None
        assert (link.cache.session_id, link.cache.serial) == (
            link.session.number.session_id,
            link.session.number.serial,
        )

    @invariant()
    def data_is_from_complete_answers(self) -> None:
        """Data only changes with a complete answer, is that of the cache, and expires in time."""
        link, session = self.link, self.link.session
        for event in link.events[self.seen :]:
            if isinstance(event, VrpsReceived) and event.is_reset:
                sets = link.cache.sets.values()
                assert event.serial not in link.cache.sets or set(event.vrps) in map(set, sets)
        self.seen = len(link.events)
        changes = [e for e in link.events if isinstance(e, VrpsReceived | VrpsExpired)]
        last = changes[-1] if changes else None
        if isinstance(last, VrpsReceived):
            assert last.vrps is session.vrps
            assert link.now < last.time + TIMERS.expire * SECOND
        else:
            assert session.vrps is None


TestRtrMachine = RtrMachine.TestCase
