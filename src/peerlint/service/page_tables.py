"""Tables of the status page: sessions, feeds, receivers of alerts, and what changed last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from peerlint.monitor.status import FeedStatus, MonitorStatus, SessionStatus
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.observations import Coverage
from peerlint.report.markup import Child, badge, element
from peerlint.service.page_texts import ago, cell, colour_of, moment, named, table
from peerlint.service.sink_status import SinkStatus
from peerlint.wording import counted

#: The most sessions that are shown; of more, those without problems are only counted.
SESSIONS: Final = 200
#: The state of a feed that works.
HEARD: Final = "heard"
_FEEDS: Final = {HEARD: "ok", "no event yet": "open"}
_UP: Final = {True: "up", False: "down", None: "unknown"}
_KNOWN: Final = {
    Coverage.COMPLETE: "all known",
    Coverage.PARTIAL: "not all known",
    Coverage.NONE: "not known",
}


def is_synchronised(session: SessionStatus) -> bool:
    """Return whether all routes of a session are known."""
    return session.coverage is Coverage.COMPLETE


def feed_state(feed: FeedStatus) -> str:
    """Return the state of a feed in words; a feed without events may still be a mistake."""
    if feed.is_lost:
        return "silent"
    return "no event yet" if feed.last_event is None else HEARD


def sessions(status: MonitorStatus) -> ET.Element:
    """Return the section of sessions, with what shows that all of their routes are known."""
    shown = [*status.sessions]
    if len(shown) > SESSIONS:
        shown = [each for each in shown if not (each.is_up and is_synchronised(each))]
    section = element("section", element("h2", "Sessions"), id="sessions")
    names = ("session", "state", "its routes", "because", "held", "last sign of it")
    if shown:
        rows = (_session(each, status.time) for each in shown[:SESSIONS])
        section.append(table(names, rows))
    if more := len(status.sessions) - len(shown):
        section.append(
            element("p", f"{counted(more, 'more session')}: up, and all of their routes known")
        )
    if (more := len(shown) - SESSIONS) > 0:
        section.append(
            element("p", f"{counted(more, 'more session')}, too many to be shown: metrics has them")
        )
    return section


def _session(session: SessionStatus, now: int) -> Sequence[ET.Element]:
    state = _UP[session.is_up]
    router = element("span", session.router, class_="router") if session.router else None
    return (
        named(session.session, router),
        cell(badge(state, colour_of(state))),
        cell(badge(_KNOWN[session.coverage], colour_of(session.coverage))),
        cell(session.evidence),
        cell(f"{session.routes:,}"),
        cell(*ago(session.last, now)),
    )


def feeds(status: MonitorStatus) -> ET.Element:
    """Return the section of feeds."""
    section = element("section", element("h2", "Feeds"), id="feeds")
    if not status.feeds:
        section.append(element("p", "No feed is read."))
        return section
    names = ("feed", "state", "events", "gaps", "waiting", "last event")
    section.append(table(names, (_feed(each, status.time) for each in status.feeds)))
    return section


def _feed(feed: FeedStatus, now: int) -> Sequence[ET.Element]:
    state = feed_state(feed)
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in feed.events.items() if number)
    waiting = f"{feed.queue:,}" + (f", the oldest {feed.lag:.2f} s old" if feed.queue else "")
    return (
        named(feed.feed),
        cell(
            badge(state, _FEEDS.get(state, "bad")),
            f" {feed.reason}" if feed.reason else None,
        ),
        cell(
            f"{sum(feed.events.values()):,}",
            element("span", f" {kinds}", class_="faint") if kinds else None,
        ),
        cell(f"{feed.gaps:,}"),
        cell(waiting),
        cell(*ago(feed.last_event, now)),
    )


def receivers(deliveries: Sequence[SinkStatus], now: int) -> ET.Element | None:
    """Return the section of the receivers of alerts; None if there is none.

    Args:
        deliveries: what became of the notices, by receiver.
        now: the time of the page, in microseconds since 1970.
    """
    if not deliveries:
        return None
    names = ("receiver", "state", "accepted", "waiting", "failed attempts", "accepted last")
    return element(
        "section",
        element("h2", "Receivers of alerts"),
        table(names, (_receiver(each, now) for each in deliveries)),
        id="receivers",
    )


def _receiver(delivery: SinkStatus, now: int) -> Sequence[ET.Element]:
    is_failing = bool(delivery.last_error)
    lost = delivery.undeliverable + delivery.dropped
    return (
        named(delivery.name),
        cell(
            badge("failing" if is_failing else "fine", "bad" if is_failing else "ok"),
            *([" ", badge(f"{lost:,} lost", "bad")] if lost else ()),
            f" {delivery.last_error}" if is_failing else None,
        ),
        cell(f"{delivery.delivered:,}"),
        cell(f"{delivery.waiting:,}"),
        cell(f"{delivery.failures:,}"),
        cell(*ago(delivery.last_delivery, now)),
    )


def changes(transitions: Sequence[Transition]) -> ET.Element:
    """Return the section of what changed last, the newest first."""
    section = element("section", element("h2", "Last changes"), id="changes")
    if not transitions:
        section.append(element("p", "Nothing has changed since the start."))
        return section
    section.append(table(("what", "from", "to", "when"), map(_change, transitions)))
    return section


def _change(transition: Transition) -> Sequence[ET.Element]:
    return (
        named(*_subject(transition)),
        cell(_state(transition, transition.before or "not known")),
        cell(_state(transition, transition.after)),
        cell(moment(transition.time)),
    )


def _state(transition: Transition, word: str) -> ET.Element:
    """Return a state as a badge; a number of sessions has no colour."""
    is_number = transition.kind is TransitionKind.REDUNDANCY
    return badge(word, "info" if is_number else colour_of("" if word == "not known" else word))


def _subject(transition: Transition) -> Iterator[Child]:
    prefix = transition.prefix.removeprefix(f"{transition.peering} ")
    if transition.kind is TransitionKind.REDUNDANCY:
        yield f"redundancy of {transition.peering}"
    elif transition.kind is TransitionKind.SESSION:
        yield f"session {transition.session}"
    else:
        yield f"{prefix} on {transition.session}" if transition.session else prefix
    if transition.kind is not TransitionKind.REDUNDANCY:
        yield element("span", transition.peering, class_="router")
