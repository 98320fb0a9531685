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

from typing import Final

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
from peerlint.registry.rtr.number import DataNumber
from peerlint.registry.rtr.phase import EXPECTED, Phase
from peerlint.registry.rtr.schedule import Schedule
from peerlint.registry.rtr.versions import VersionChoice
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
#: Octets of a PDU in an Error Report, and characters of an Error Report's text in a reason.
_QUOTED: Final = 512
_TEXT: Final = 200


class RtrSession:
    """One router's session with one cache, over any number of connections.

    All times are microseconds since 1970, and must not go back.

    Attributes:
        vrps: the data in use; None if there is none, or none any more.
        number: what identifies it; None if the cache will be asked for all data.
        received: when the last answer was complete; None before the first one.
        timers: how old data may become.
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
        self.timers = Timers()
        self.closing: str | None = None
        self.is_eager = False
        self._limits = limits or SessionLimits()
        self._phase = Phase.CLOSED
        self._buffer, self._output = PduBuffer(), bytearray()
        self._answer: Answer | None = None
        self._is_reset = True  # whether the last query was for all data
        self._is_first = True  # whether it was the first one of its connection
        self._versions, self._schedule = VersionChoice(), Schedule(self._limits)
        self._notified: SerialNotify | None = None
        self._reason = ""
        self._events: list[RtrEvent] = []

    # -- what the owner of the connection calls

    def connect(self, now: int) -> None:
        """Begin a connection: there is a query to send."""
        self._buffer, self._schedule.begun_at = PduBuffer(), None
        self.closing, self.is_eager, self._versions.is_agreed = None, False, False
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
        try:
            while self.closing is None and (header := self._buffer.next_header()) is not None:
                self._take(header, now)
        except PduError as error:
            moved = error.moved(self._buffer.base)
            self._refuse(error.code, str(moved), self._buffer.pdu_at(error.start))
        except AnswerError as error:
            self._refuse(error.code, str(error), error.pdu)
        left, is_same = self._buffer.pending, pending > 0 and self._buffer.at == 0
        self._schedule.progress(left, now, is_same=is_same)
        return self.tick(now)

    def tick(self, now: int) -> list[RtrEvent]:
        """Do what is due, and return what follows from that."""
        self._expire(now)
        if self._phase is not Phase.CLOSED and self.closing is None:
            self._time_out(now)
            is_ready = self._phase is Phase.READY and self.closing is None
            if is_ready and now >= self._schedule.query_at:
                self._ask(now)
        events, self._events = self._events, []
        return events

    def lose(self, reason: str, now: int) -> list[RtrEvent]:
        """End the connection, or say that there was none, and return what follows from that."""
        if self._phase is Phase.ASKED and self._is_first and not self._versions.is_agreed:
            self._end_unanswered()
        self._phase, self._answer, self._schedule.begun_at = Phase.CLOSED, None, None
        self.closing, self._reason = None, reason
        expires = None if self.vrps is None else self._expires
        self._events.append(CacheLost(time=now, reason=reason, expires=expires))
        return self.tick(now)

    @property
    def deadline(self) -> int | None:
        """The time at which `tick` has to be called; None if only the connection matters."""
        schedule = self._schedule
        times = [None if self.vrps is None else self._expires]
        if self._is_asking:
            times += [schedule.answer_at, schedule.whole_at]
        if self._phase is Phase.READY:
            times.append(schedule.query_at)
        if self._phase is not Phase.CLOSED:
            times.append(schedule.pdu_at)
        return min((each for each in times if each is not None), default=None)

    @property
    def version(self) -> int:
        """The version in which the cache is asked, 0 or 1."""
        return self._versions.version

    @property
    def is_receiving(self) -> bool:
        """Whether an answer has begun, and is not complete."""
        return self._phase is Phase.ANSWERED

    # -- time

    @property
    def _is_asking(self) -> bool:
        """Whether a query has no complete answer yet."""
        return self._phase in {Phase.ASKED, Phase.ANSWERED}

    @property
    def _expires(self) -> int:
        return (self.received or 0) + microseconds(self.timers.expire)

    def _expire(self, now: int) -> None:
        """Drop the data if it is too old."""
        if self.vrps is None or self.received is None or now < self._expires:
            return
        reason = self._reason or "the cache did not answer"
        self._events.append(VrpsExpired(time=now, received=self.received, reason=reason))
        self.vrps = self.number = self._schedule.check_at = None
        if self._is_asking and not self._is_reset:
            self._close("the data expired while the cache was asked what changed", is_eager=True)

    def _time_out(self, now: int) -> None:
        """Close the connection if something is overdue."""
        schedule, limit = self._schedule, self._limits.answer
        if schedule.pdu_at is not None and now >= schedule.pdu_at:
            self._close(f"a PDU was not complete after {limit:g} seconds")
        if not self._is_asking:
            return
        if now >= schedule.answer_at:
            what = "answer" if self._phase is Phase.ASKED else "go on with its answer"
            self._close(f"the cache did not {what} in {limit:g} seconds")
        elif now >= schedule.whole_at:
            self._close(f"an answer was not complete after {self._limits.whole:g} seconds")

    # -- queries

    def _ask(self, now: int) -> None:
        """Send a query: for what changed if that can be trusted, otherwise for all data."""
        is_check = self._schedule.ask(now)
        number = self.number
        if number is not None and number.version == self.version and not is_check:
            self._is_reset = False
            self._send(SerialQuery(number.session_id, number.serial))
        else:
            self._is_reset = True
            self._send(ResetQuery())
        self._phase, self._answer, self._notified = Phase.ASKED, None, None

    def _send(self, pdu: Pdu) -> None:
        self._output += encode_pdu(pdu, self.version)

    def _close(self, reason: str, *, is_eager: bool = False) -> None:
        """Have the connection closed; the first reason is the one that counts."""
        if self.closing is None:
            self.closing, self.is_eager = reason, is_eager

    def _refuse(self, code: ErrorCode, text: str, pdu: bytes) -> None:
        """Close the connection with an Error Report, and trust the serial number no longer."""
        self.number = None
        # An Error Report is not answered by one (RFC 8210 section 5.11).
        if pdu[1:2] != bytes((PduType.ERROR_REPORT,)):
            self._send(ErrorReport(code, pdu[:_QUOTED], text))
        self._close(text, is_eager=self._phase is not Phase.READY and not self._is_reset)

    def _end_unanswered(self) -> None:
        """The cache did not answer the first query of a connection: ask another one next time."""
        # StayRTR 0.5.1 may close the connection before its Error Report is sent.
        if not self._is_reset or self._versions.unanswered():
            self.number, self.is_eager = None, True

    # -- PDUs

    def _take(self, header: Header, now: int) -> None:
        """Take the PDU at the start of the buffer, or all prefix PDUs there.

        Raises:
            PduError: it is not valid, or not expected now.
            AnswerError: the answer that it belongs to cannot be used.
        """
        buffer = self._buffer
        if not self._versions.is_agreed and header.type is PduType.SERIAL_NOTIFY:
            buffer.at += header.length  # ignored in any version (RFC 8210 section 7)
            return
        if header.type is not PduType.ERROR_REPORT:
            self._versions.agree(header, buffer.at)
        if header.type in _PREFIXES:
            answer = self._answering(header)
            run = read_prefixes(buffer.octets, buffer.at, self.version)
            answer.add(run)
            buffer.at, self._schedule.heard_at = run.end, now
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
                self._schedule.heard_at = now
            case EndOfData():
                self._take_end(pdu, self._answering(header), now)
            case _:
                raise self._unexpected(header, ErrorCode.INVALID_REQUEST)

    def _answering(self, header: Header) -> Answer:
        """Return the answer that a PDU belongs to.

        Raises:
            PduError: no answer has begun.
        """
        if self._answer is None:
            raise self._unexpected(header)
        return self._answer

    def _unexpected(self, header: Header, code: ErrorCode = ErrorCode.CORRUPT_DATA) -> PduError:
        at, expected = self._buffer.at, EXPECTED[self._phase]
        return PduError(at, start=at, expected=expected, found=pdu_name(header.type), code=code)

    def _take_error(self, pdu: ErrorReport, header: Header, now: int) -> None:
        text = f": {displayed_quote(pdu.text[:_TEXT])}" if pdu.text else ""
        words = f"the cache sent an Error Report, {error_name(pdu.code)}{text}"
        is_asking, is_change = self._is_asking, not self._is_reset
        if is_asking and is_change:
            self.number = None
        # It is an answer: `lose` must not count the connection as one without.
        self._is_first = False
        if pdu.code == ErrorCode.NO_DATA_AVAILABLE and is_asking:
            self._versions.agree(header, self._buffer.at)
            self._phase, self._answer, self._reason = Phase.READY, None, words
            self.number = self._schedule.check_at = None
            self._schedule.next_at = now + microseconds(self.timers.retry)
            self._events.append(CacheRemark(time=now, text=f"{words}; it is asked again later"))
            return
        self._close(words, is_eager=is_asking and is_change)
        if self._versions.refused(header, pdu.code):
            self.number, self.is_eager = None, True

    def _take_notify(self, pdu: SerialNotify) -> None:
        """Ask for what changed, now or after the answer that is on its way."""
        if self._phase is not Phase.READY:
            self._notified = pdu
            return
        number = self.number
        if number is not None and number.session_id != pdu.session_id:
            self.number = number = None
        if number is None or number.serial != pdu.serial:
            self._schedule.ask_soon()

    def _take_response(self, pdu: CacheResponse, header: Header, now: int) -> None:
        if self._phase is not Phase.ASKED:
            raise self._unexpected(header)
        number = self.number
        if not self._is_reset and (
            number is None or not number.is_of(self.version, pdu.session_id)
        ):
            at = self._buffer.at
            expected = "the session that was asked for, as its changes fit no other one"
            found = f"session {pdu.session_id} of version {self.version}"
            raise PduError(at + 2, start=at, expected=expected, found=found)
        self._phase, self._schedule.heard_at = Phase.ANSWERED, now
        limit = self._limits.vrps
        self._answer = Answer(pdu.session_id, is_reset=self._is_reset, limit=limit)

    def _take_reset(self, header: Header, now: int) -> None:
        if self._phase is not Phase.ASKED or self._is_reset:
            raise self._unexpected(header)
        self.number = None
        self._ask(now)

    def _take_end(self, pdu: EndOfData, answer: Answer, now: int) -> None:
        at, number = self._buffer.at, self.number
        if pdu.session_id != answer.session_id:
            expected = f"session {answer.session_id}, as in the Cache Response"
            raise PduError(at + 2, start=at, expected=expected, found=f"{pdu.session_id}")
        if not answer.is_reset and number is not None and number.is_after(pdu.serial):
            expected = f"serial number {number.serial} or a newer one"
            raise PduError(at + 8, start=at, expected=expected, found=f"{pdu.serial}")
        before = self.vrps or VrpSet()
        vrps = answer.result(before, self.version)
        is_other = vrps != before if answer.is_reset else vrps is not before
        is_changed = self.vrps is None or is_other
        self.vrps, self.received, self._reason = vrps, now, ""
        self.number = DataNumber(self.version, pdu.session_id, pdu.serial)
        self.timers = bounded(pdu.timers)
        self._versions.note_data()
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
        self._phase, self._answer = Phase.READY, None
        self._schedule.next_at = now + microseconds(self.timers.refresh)
        if answer.is_reset:
            self._schedule.check_at = None
        elif self._is_first:
            self._schedule.doubt(now)
        self._is_first = False
        if self._notified is not None:
            self._take_notify(self._notified)
