"""A router's side of RTR (RFC 8210 section 8): octets in; queries, VRPs and reasons out.

It has no socket and no clock: its owner connects, hands over what arrives, and calls `tick` when
`deadline` is reached. The data of a session outlives its connections:

- Nothing of an answer is used before its End of Data, and nothing of one that does not fit.
- The serial number says what the cache has to send next time. It is dropped with everything that
  makes it doubtful, and then all data is asked for. The data itself stays in use until it expires,
  although RFC 8210 section 5.1 has it flushed: a cache that was restarted would otherwise leave its
  routers without data.
- A session id proves little. Some caches make it from the low 16 bits of the time, and after a
  restart at the wrong second a cache answers the old serial with "nothing changed". A router cannot
  tell such ids from random ones. So the first changes after a connection was lost are used, and
  checked by asking for all data, but only once an hour (`SessionLimits.check`).
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import attrs

from peerlint.display import displayed_quote
from peerlint.registry.rtr.answer import Answer, AnswerError
from peerlint.registry.rtr.buffer import PduBuffer
from peerlint.registry.rtr.events import (
    CacheLost,
    CacheRemark,
    RtrEvent,
    VrpsExpired,
    VrpsReceived,
)
from peerlint.registry.rtr.limits import SessionLimits, bounded, microseconds
from peerlint.registry.rtr.vrps import VrpSet
from peerlint.wire.rtr import (
    CacheReset,
    CacheResponse,
    EndOfData,
    ErrorCode,
    ErrorReport,
    Header,
    Pdu,
    PduError,
    PduType,
    ResetQuery,
    RouterKey,
    SerialNotify,
    SerialQuery,
    Timers,
    decode_body,
    encode_pdu,
    error_name,
    pdu_name,
    read_prefixes,
)

_PREFIXES: Final = frozenset({PduType.IPV4_PREFIX, PduType.IPV6_PREFIX})
#: The newest version that is spoken, and the one that is fallen back to.
_NEW, _OLD = 1, 0
#: Connections in a row that a cache ends without a word, before one that spoke version 1 is asked
#: in version 0: a cache that starts does the same.
_SILENT: Final = 3
#: Octets of a PDU in an Error Report, and characters of an Error Report's text in a reason.
_QUOTED: Final = 512
_TEXT: Final = 200


class _Phase(Enum):
    CLOSED = auto()  # there is no connection
    ASKED = auto()  # a query was sent
    ANSWERED = auto()  # its answer has begun
    READY = auto()  # nothing is asked


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


class RtrSession:
    """One router's session with one cache, over any number of connections.

    All times are microseconds since 1970, and must not go back.

    Attributes:
        vrps: the data in use; None if there is none, or none any more.
        number: what identifies it; None if the cache will be asked for all data.
        received: when the last answer was complete; None before the first one.
        timers: how old data may become.
        version: in which the cache is asked, 0 or 1.
        closing: why the connection has to be closed, after `take_output` is sent; None if it has
            not.
        is_eager: whether the cache should be connected to again at once, because it will be asked
            something else.
    """

    def __init__(self, limits: SessionLimits | None = None) -> None:
        """Start without a connection and without data."""
        self.vrps: VrpSet | None = None
        self.number: DataNumber | None = None
        self.received: int | None = None
        self.timers, self.version = Timers(), _NEW
        self.closing: str | None = None
        self.is_eager = False
        self._limits = limits or SessionLimits()
        self._phase = _Phase.CLOSED
        self._buffer, self._output = PduBuffer(), bytearray()
        self._answer: Answer | None = None
        self._is_reset = True  # whether the last query was for all data
        self._is_first = True  # whether it was the first one of its connection
        self._is_negotiated = False
        self._asked_at = self._heard = self._next = 0
        self._begun: int | None = None  # when the incomplete PDU began to arrive
        self._notified: SerialNotify | None = None
        self._check_at: int | None = None
        self._last_check: int | None = None
        self._silent, self._spoken = 0, _OLD
        self._reason = ""
        self._events: list[RtrEvent] = []

    # -- what the owner of the connection calls

    def connect(self, now: int) -> None:
        """Begin a connection: there is a query to send."""
        self._buffer, self._begun = PduBuffer(), None
        self.closing, self.is_eager, self._is_negotiated = None, False, False
        self._notified, self._is_first = None, True
        self._output.clear()
        self._ask(now)

    def take_output(self) -> bytes:
        """Return what has to be sent now, once."""
        octets = bytes(self._output)
        self._output.clear()
        return octets

    def receive(self, octets: bytes, now: int) -> list[RtrEvent]:
        """Take octets of the cache, and return what follows from them."""
        pending = self._buffer.pending
        self._buffer.feed(octets)
        before = self._buffer.base
        try:
            while self.closing is None and (header := self._buffer.next_header()) is not None:
                self._take(header, now)
        except PduError as error:
            moved = error.moved(self._buffer.base)
            self._refuse(error.code, str(moved), self._buffer.pdu_at(error.start), now)
        except AnswerError as error:
            self._refuse(error.code, str(error), error.pdu, now)
        is_same = bool(pending) and self._buffer.base + self._buffer.at == before
        if not self._buffer.pending:
            self._begun = None
        elif self._begun is None or not is_same:
            self._begun = now
        return self.tick(now)

    def tick(self, now: int) -> list[RtrEvent]:
        """Do what is due, and return what follows from that."""
        self._expire(now)
        if self._phase is not _Phase.CLOSED and self.closing is None:
            self._time_out(now)
            if self._phase is _Phase.READY and self.closing is None and now >= self._due:
                self._ask(now)
        events, self._events = self._events, []
        return events

    def lose(self, reason: str, now: int) -> list[RtrEvent]:
        """End the connection, or say that there was none, and return what follows from that."""
        if self._phase is _Phase.ASKED and self._is_first and not self._is_negotiated:
            self._end_unanswered()
        self._phase, self._answer, self._begun = _Phase.CLOSED, None, None
        self.closing, self._reason = None, reason
        expires = None if self.vrps is None else self._expires
        self._events.append(CacheLost(time=now, reason=reason, expires=expires))
        return self.tick(now)

    @property
    def deadline(self) -> int | None:
        """The time at which `tick` has to be called; None if only the connection matters."""
        times = [] if self.vrps is None else [self._expires]
        if self._phase in {_Phase.ASKED, _Phase.ANSWERED}:
            times += [self._answer_until, self._whole_until]
        if self._phase is _Phase.READY:
            times.append(self._due)
        if self._begun is not None:
            times.append(self._begun + microseconds(self._limits.answer))
        return min(times, default=None)

    # -- time

    @property
    def _expires(self) -> int:
        return (self.received or 0) + microseconds(self.timers.expire)

    @property
    def _answer_until(self) -> int:
        return self._heard + microseconds(self._limits.answer)

    @property
    def _whole_until(self) -> int:
        return self._asked_at + microseconds(self._limits.whole)

    @property
    def _due(self) -> int:
        """When the next query is due, while nothing is asked."""
        return self._next if self._check_at is None else min(self._next, self._check_at)

    def _expire(self, now: int) -> None:
        """Drop the data if it is too old."""
        if self.vrps is None or self.received is None or now < self._expires:
            return
        reason = self._reason or "the cache did not answer"
        self._events.append(VrpsExpired(time=now, received=self.received, reason=reason))
        self.vrps = self.number = self._check_at = None
        if self._phase in {_Phase.ASKED, _Phase.ANSWERED} and not self._is_reset:
            self._close("the data expired while the cache was asked what changed", is_eager=True)

    def _time_out(self, now: int) -> None:
        limit = self._limits.answer
        if self._begun is not None and now >= self._begun + microseconds(limit):
            self._close(f"a PDU was not complete after {limit:g} seconds")
        if self._phase not in {_Phase.ASKED, _Phase.ANSWERED}:
            return
        if now >= self._answer_until:
            what = "answer" if self._phase is _Phase.ASKED else "go on with its answer"
            self._close(f"the cache did not {what} in {limit:g} seconds")
        elif now >= self._whole_until:
            self._close(f"an answer was not complete after {self._limits.whole:g} seconds")

    # -- queries

    def _ask(self, now: int) -> None:
        """Send a query: for what changed if that can be trusted, otherwise for all data."""
        is_check = self._check_at is not None and now >= self._check_at
        if is_check:
            self._last_check = now
        number = self.number
        if number is not None and number.version == self.version and not is_check:
            self._is_reset = False
            self._send(SerialQuery(number.session_id, number.serial))
        else:
            self._is_reset = True
            self._send(ResetQuery())
        self._phase, self._answer, self._notified = _Phase.ASKED, None, None
        self._asked_at = self._heard = now

    def _send(self, pdu: Pdu) -> None:
        self._output += encode_pdu(pdu, self.version)

    def _close(self, reason: str, *, is_eager: bool = False) -> None:
        """Have the connection closed; the first reason is the one that counts."""
        if self.closing is None:
            self.closing, self.is_eager = reason, is_eager

    def _refuse(self, code: ErrorCode, text: str, pdu: bytes, now: int) -> None:
        """Close the connection with an Error Report, and trust the serial number no longer."""
        self._heard = now
        self.number = None
        # An Error Report is not answered by one (RFC 8210 section 5.11).
        if pdu[1:2] != bytes((PduType.ERROR_REPORT,)):
            self._send(ErrorReport(code, pdu[:_QUOTED], text))
        self._close(text, is_eager=self._phase is not _Phase.READY and not self._is_reset)

    def _end_unanswered(self) -> None:
        """The cache did not answer the first query of a connection: ask another one next time."""
        self._silent += 1
        if not self._is_reset:
            # StayRTR 0.5.1 may close the connection before its Error Report is sent.
            self.number, self.is_eager = None, True
        elif self.version == _OLD:
            self.version = _NEW
        elif self._spoken == _OLD or self._silent >= _SILENT:
            self._fall_back()

    def _fall_back(self) -> None:
        self.version, self.number, self.is_eager = _OLD, None, True

    # -- PDUs

    def _take(self, header: Header, now: int) -> None:
        """Take the PDU at the start of the buffer, or all prefix PDUs there.

        Raises:
            PduError: it is not valid, or not expected now.
            AnswerError: the answer that it belongs to cannot be used.
        """
        buffer = self._buffer
        if not self._is_negotiated and header.type is PduType.SERIAL_NOTIFY:
            buffer.at += header.length  # ignored in any version (RFC 8210 section 7)
            return
        self._check_version(header)
        if header.type in _PREFIXES:
            answer = self._answering(header)
            run = read_prefixes(buffer.octets, buffer.at, self.version)
            answer.add(run)
            buffer.at, self._heard = run.end, now
            return
        pdu = decode_body(buffer.octets, buffer.at, header)
        self._take_pdu(pdu, header, now)
        buffer.at += header.length

    def _take_pdu(self, pdu: Pdu, header: Header, now: int) -> None:
        match pdu:
            case ErrorReport():
                self._take_error(pdu, header, now)
            case SerialNotify():
                self._take_notify(pdu)
            case CacheResponse():
                self._take_response(pdu, header, now)
            case CacheReset():
                self._take_reset(header, now)
            case RouterKey():
                self._answering(header).router_keys += 1
                self._heard = now
            case EndOfData():
                self._take_end(pdu, self._answering(header), header, now)
            case _:
                raise self._unexpected(header, ErrorCode.INVALID_REQUEST)

    def _check_version(self, header: Header) -> None:
        """Check the version of a PDU, or agree on it by the first one.

        Raises:
            PduError: it is another one than agreed on, or newer than asked for.
        """
        if header.type is PduType.ERROR_REPORT:
            return
        if not self._is_negotiated and header.version <= self.version:
            self.version = header.version
        elif header.version != self.version:
            at = self._buffer.at
            expected, found = f"RTR version {self.version}", f"{header.version}"
            code = ErrorCode.UNEXPECTED_VERSION
            raise PduError(at, start=at, expected=expected, found=found, code=code)
        self._is_negotiated, self._silent = True, 0

    def _answering(self, header: Header) -> Answer:
        """Return the answer that a PDU belongs to.

        Raises:
            PduError: no answer has begun.
        """
        if self._answer is None:
            raise self._unexpected(header)
        return self._answer

    def _unexpected(self, header: Header, code: ErrorCode = ErrorCode.CORRUPT_DATA) -> PduError:
        at = self._buffer.at
        match self._phase:
            case _Phase.ASKED:
                expected = "a Cache Response"
            case _Phase.ANSWERED:
                expected = "the rest of an answer"
            case _:
                expected = "a Serial Notify, as nothing was asked"
        return PduError(at, start=at, expected=expected, found=pdu_name(header.type), code=code)

    def _take_error(self, pdu: ErrorReport, header: Header, now: int) -> None:
        text = f": {displayed_quote(pdu.text[:_TEXT])}" if pdu.text else ""
        words = f"the cache sent an Error Report, {error_name(pdu.code)}{text}"
        is_query = self._phase in {_Phase.ASKED, _Phase.ANSWERED}
        if is_query and not self._is_reset:
            self.number = None
        is_old = header.version < self.version
        if pdu.code == ErrorCode.NO_DATA_AVAILABLE and is_query:
            if is_old and not self._is_negotiated:
                self.version = header.version
            self._phase, self._answer, self._is_first = _Phase.READY, None, False
            self._is_negotiated, self._silent = True, 0
            self._next = now + microseconds(self.timers.retry)
            self._events.append(CacheRemark(time=now, text=f"{words}; it is asked again"))
            return
        self._close(words, is_eager=is_query and not self._is_reset)
        is_refused = pdu.code == ErrorCode.UNSUPPORTED_VERSION
        if not self._is_negotiated and (is_old or is_refused):
            if self.version == _NEW:
                self._fall_back()
            else:
                self.version = _NEW
        # It was an answer: `lose` must not count the connection as one without.
        self._is_first = False

    def _take_notify(self, pdu: SerialNotify) -> None:
        """Ask for what changed, now or after the answer that is on its way."""
        if self._phase is not _Phase.READY:
            self._notified = pdu
            return
        number = self.number
        if number is not None and number.session_id != pdu.session_id:
            self.number = number = None
        if number is None or number.serial != pdu.serial:
            soonest = self._asked_at + microseconds(self._limits.notify)
            self._next = min(self._next, soonest)

    def _take_response(self, pdu: CacheResponse, header: Header, now: int) -> None:
        if self._phase is not _Phase.ASKED:
            raise self._unexpected(header)
        number = self.number
        if not self._is_reset and (
            number is None or (number.version, number.session_id) != (self.version, pdu.session_id)
        ):
            at = self._buffer.at
            expected = "the session that was asked for, as its changes fit no other one"
            found = f"session {pdu.session_id} of version {self.version}"
            raise PduError(at + 2, start=at, expected=expected, found=found)
        self._phase, self._heard = _Phase.ANSWERED, now
        limit = self._limits.vrps
        self._answer = Answer(pdu.session_id, is_reset=self._is_reset, limit=limit)

    def _take_reset(self, header: Header, now: int) -> None:
        if self._phase is not _Phase.ASKED or self._is_reset:
            raise self._unexpected(header)
        self.number = None
        self._ask(now)

    def _take_end(self, pdu: EndOfData, answer: Answer, header: Header, now: int) -> None:
        at, number = self._buffer.at, self.number
        if pdu.session_id != answer.session_id:
            expected = f"session {answer.session_id}, as in the Cache Response"
            raise PduError(at + 2, start=at, expected=expected, found=f"{pdu.session_id}")
        if not answer.is_reset and number is not None and _is_older(pdu.serial, number.serial):
            expected = f"serial number {number.serial} or a newer one"
            raise PduError(at + 8, start=at, expected=expected, found=f"{pdu.serial}")
        before = self.vrps or VrpSet()
        vrps = answer.result(before, self.version)
        is_changed = self.vrps is None or vrps != before
        self.vrps, self.received, self._reason = vrps, now, ""
        self.number = DataNumber(self.version, pdu.session_id, pdu.serial)
        self.timers, self._spoken = bounded(pdu.timers), max(self._spoken, self.version)
        self._events.append(
            VrpsReceived(
                time=now,
                vrps=vrps,
                before=len(before),
                is_changed=is_changed,
                is_reset=answer.is_reset,
                version=self.version,
                session_id=pdu.session_id,
                serial=pdu.serial,
                router_keys=answer.router_keys,
                duplicates=answer.count - len(vrps) if answer.is_reset else 0,
            )
        )
        self._plan(answer, now)

    def _plan(self, answer: Answer, now: int) -> None:
        """Decide when the next query is due, after an answer is complete."""
        self._phase, self._answer = _Phase.READY, None
        self._next = now + microseconds(self.timers.refresh)
        if answer.is_reset:
            self._check_at = None
        elif self._is_first and self._check_at is None:
            last, interval = self._last_check, microseconds(self._limits.check)
            self._check_at = now if last is None else max(now, last + interval)
        self._is_first = False
        if self._notified is not None:
            self._take_notify(self._notified)


def _is_older(serial: int, than: int) -> bool:
    """Return whether a serial number is before another one (RFC 1982 section 3.2)."""
    return (serial - than) & 0xFFFF_FFFF >= 1 << 31
