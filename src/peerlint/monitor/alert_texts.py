"""What an alert says: title, reason, fix, evidence, and the names of Microsoft's events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final

import attrs

from peerlint.display import displayed
from peerlint.engine.prepare import SubjectKey
from peerlint.inventory import Inventory
from peerlint.monitor.alerts import Affected, Alert, Resolution
from peerlint.monitor.causes import FLAPPING, is_flapping
from peerlint.monitor.problem_keys import FEED_SILENT, SESSION_DOWN
from peerlint.monitor.problems import MISSING, NOTHING, SubjectProblems
from peerlint.monitor.tracked_problem import OpenAlert, TrackedProblem
from peerlint.observations import ROUTE_SERVER
from peerlint.report.grouping import text_after_names
from peerlint.report.phrases import fix_of, place_of
from peerlint.report.sentence import joined, sentence
from peerlint.results import Finding, Phrase
from peerlint.rules import CATALOGUE
from peerlint.rules.documents import with_titles
from peerlint.wording import counted

#: The most prefixes and sessions that an alert names.
MAX_AFFECTED: Final = 20
_MAX_EVIDENCE: Final = 3
_MAX_PORTAL: Final = 5
_ORIGIN: Final = frozenset({"route.origin-inconsistent", "asn.origin-not-associated"})
_BACKUP: Final = "backup"
_WITHDRAWAL: Final = "PrefixWithdrawalEvent"
_BACKUP_WITHDRAWAL: Final = "PrefixBackupRouteWithdrawalEvent"
#: Microsoft's events, the worst first, with what follows when the prefix is announced again.
_AFTER: Final = {
    _WITHDRAWAL: "PrefixAnnouncementEvent",
    _BACKUP_WITHDRAWAL: "PrefixBackupRouteAnnouncementEvent",
}
_ORIGIN_EVENT: Final = "PrefixOriginAsChangeEvent"
_FIXES: Final = {
    SESSION_DOWN: "bring the BGP session up again: check the link, the router and its BGP log",
    FEED_SILENT: "check that the feed runs and can be reached; until then, nothing is known of "
    "what it shows",
}
#: Why a session or feed is taken as down, if the feed does not say it.
_NO_REASON: Final = {
    SESSION_DOWN: "a feed says that the session is not established",
    FEED_SILENT: "the feed gives no sign of life",
}


class AlertTexts:
    """Describes alerts."""

    def __init__(
        self,
        inventory: Inventory,
        reading_of: Callable[[SubjectKey | None], SubjectProblems] | None = None,
    ) -> None:
        """Index the inventory.

        Args:
            inventory: the inventory, for routers and roles of sessions.
            reading_of: returns what the last result of a subject says; None for nothing.
        """
        self._places = {each.id: str(each) for each in inventory.sessions}
        self._backups = frozenset(
            each.id for each in inventory.sessions if each.connection.role == _BACKUP
        )
        self._route_servers = frozenset(
            each.name for each in inventory.peerings if each.profile == ROUTE_SERVER
        )
        self._reading_of = reading_of or (lambda _: NOTHING)

    def described(self, alert: OpenAlert) -> Alert:
        """Return an open alert as it is now."""
        first = [*islice(alert.members.values(), MAX_AFFECTED)]
        own = [each for each in first if each.key.rule == alert.cause.rule] or first
        shown = next((each for each in own if each.problem is not None), None)
        affected = _affected(first)
        events = tuple(self._events(alert))
        alert.events.update(events)
        found = Alert(
            id=alert.id,
            cause=alert.cause,
            severity=alert.severity,
            title="",
            reason="",
            events=events,
            affected=affected,
            more=len(alert.members) - len(first),
            first_seen=alert.first_seen,
            opened=alert.opened,
            last_seen=alert.last_seen,
            unknown=_unknown(alert),
            link=f"#alert-{alert.id}",
        )
        if shown is not None:
            return self._with_texts(found, shown, first)
        before = alert.described
        if before is None:
            return found
        # Nothing has shown its problems since a restart: it says what it said before.
        texts = ("title", "reason", "fix", "portal", "events", "evidence", "basis")
        return attrs.evolve(found, **{name: getattr(before, name) for name in texts})

    def resolved(self, alert: OpenAlert, described: Alert, time: int) -> Alert:
        """Return an alert that is resolved.

        Args:
            alert: the alert.
            described: how it was described last.
            time: microseconds since 1970.
        """
        is_back = alert.ending is Resolution.COMPLIES or (
            alert.ending is Resolution.SESSION_UP and not alert.is_left
        )
        event = next((after for before, after in _AFTER.items() if before in alert.events), None)
        return attrs.evolve(
            described,
            events=(event,) if is_back and event is not None else (),
            last_seen=alert.last_seen,
            unknown="",
            resolved=time,
            resolution=alert.ending,
        )

    # -- texts

    def _with_texts(
        self, alert: Alert, shown: TrackedProblem, members: list[TrackedProblem]
    ) -> Alert:
        findings = [each.problem.finding for each in members if each.problem is not None]
        found = [each for each in findings if each is not None]
        rule = shown.key.rule
        own = None if shown.problem is None else shown.problem.finding
        if own is None:
            portal: tuple[str, ...] = ()
            basis: tuple[str, ...] = ()
            fix = _FIXES.get(rule, "")
        else:
            rule = own.rule
            found = [each for each in found if each.rule == rule]
            portal = tuple(dict.fromkeys(text for each in found for text in each.portal))
            basis = tuple(map(with_titles, own.basis))
            at_route_server = own.subject.peering in self._route_servers
            fix = fix_of(rule, at_route_server=at_route_server) or ""
        return attrs.evolve(
            alert,
            title=displayed(self._title(alert, rule)),
            reason=displayed(self._reason(alert, shown, found)),
            fix=displayed(fix),
            portal=tuple(map(displayed, portal[:_MAX_PORTAL])),
            evidence=tuple(map(displayed, islice(_evidence(found), _MAX_EVIDENCE))),
            basis=tuple(map(displayed, basis)),
        )

    def _title(self, alert: Alert, rule: str) -> str:
        cause = alert.cause
        if rule == FEED_SILENT:
            feed = cause.about.removesuffix(f" {FLAPPING}")
            return f"Feed {feed} {'comes and goes' if is_flapping(cause) else 'is silent or lost'}"
        session = self._places.get(cause.session, cause.session)
        if rule == SESSION_DOWN:
            state = "goes up and down" if is_flapping(cause) else "is down"
            return f"Session {session} {state}"
        title = CATALOGUE[rule].title if rule in CATALOGUE else rule
        if is_flapping(cause):
            title = f"Comes and goes: {title}"
        return f"{title}: {self._where(alert)}"

    def _where(self, alert: Alert) -> str:
        """Return the prefixes and sessions that an alert is about, as a text."""
        prefixes = {each.prefix for each in alert.affected if each.prefix}
        sessions = {each.session for each in alert.affected if each.session}
        total = len(alert.affected) + alert.more
        if len(prefixes) == 1 and (not alert.more or alert.cause.prefix):
            what = prefixes.pop()
        elif prefixes:
            what = counted(total if alert.more else len(prefixes), "prefix", "prefixes")
        else:
            what = ""
        place = alert.cause.session or (sessions.pop() if len(sessions) == 1 else "")
        if place:
            where = self._places.get(place, place)
        elif sessions:
            where = counted(total if alert.more else len(sessions), "session")
        else:
            return what or alert.cause.peering
        return f"{what} on {where}" if what else where

    def _reason(self, alert: Alert, shown: TrackedProblem, findings: list[Finding]) -> str:
        prefix = ""
        if is_flapping(alert.cause):
            minutes = shown.times.flapping_time // 60_000_000
            prefix = (
                f"it changed {shown.times.flapping_changes:,} times or more within "
                f"{counted(minutes, 'minute')}; last: "
            )
        problem = shown.problem
        if problem is None or problem.finding is None:
            said = problem.reason if problem is not None else ""
            return prefix + (said or _NO_REASON.get(shown.key.rule, ""))
        first = problem.finding
        same = [each for each in findings if each.found.cause == first.found.cause]
        if len(same) < 2:
            return prefix + sentence(first)
        text = joined(first.found, first.wanted, first.hint, partial(_after_names, same))
        return f"{prefix}{text}{'; others for other reasons' if len(same) < len(findings) else ''}"

    # -- events

    def _events(self, alert: OpenAlert) -> Iterator[str]:
        """Yield the names of Microsoft's events of the same kind (prefix get, expand=events)."""
        if alert.cause.rule in _ORIGIN:
            yield _ORIGIN_EVENT
        missing = [
            each for each in alert.members.values() if each.is_there and each.key.rule in MISSING
        ]
        if not missing:
            return
        if any(self._reading_of(each.subject).is_withdrawn for each in missing):
            yield _WITHDRAWAL
        elif any(each.key.session in self._backups for each in missing):
            yield _BACKUP_WITHDRAWAL


def _affected(members: list[TrackedProblem]) -> tuple[Affected, ...]:
    """Return what problems are about; a prefix alone only if none of its sessions is named."""
    found = dict.fromkeys(Affected(each.key.prefix, each.key.session) for each in members)
    with_session = {each.prefix for each in found if each.session}
    return tuple(each for each in found if each.session or each.prefix not in with_session)


def _after_names(findings: list[Finding], phrase: Phrase) -> str:
    return text_after_names(phrase, tuple(findings), is_start=phrase.is_clause)


def _evidence(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        for each in finding.evidence:
            yield f"{each.route} ({place_of(each)})"


def _unknown(alert: OpenAlert) -> str:
    """Return why it is not known whether an alert's problems are still there."""
    if not alert.unknown:
        return ""
    first = next(each.unknown for each in alert.members.values() if each.unknown)
    if len(alert.members) == 1:
        return displayed(first)
    of = f"{alert.unknown:,} of {len(alert.members):,} are not known"
    return displayed(f"{of}: {first}")
