"""Short names for the subjects of findings: prefixes by sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from peerlint.report.phrases import label
from peerlint.results import Finding, Report
from peerlint.wording import listed

#: The most prefixes, sessions, and groups of both that are named; the matrix has all of them.
PREFIXES: Final = 40
SESSIONS: Final = 8
_PARTS: Final = 12
#: The smallest number of names of which a complete set is counted ("all 12 sessions").
_MANY: Final = 4


@attrs.frozen
class _Prefix:
    """The name of a prefix, with the prefix and the name of its peering."""

    name: str
    prefix: str
    peering: str


@attrs.frozen
class Names:
    """The names of prefixes and sessions of a report.

    Attributes:
        prefixes: the registered prefixes, by peering.
        sessions: the ids of the sessions, by peering.
        every_session: the ids of all sessions.
        ambiguous: the prefixes that several peerings register.
        is_full: whether all subjects are named, however many there are.
    """

    prefixes: Mapping[str, frozenset[str]]
    sessions: Mapping[str, frozenset[str]]
    every_session: frozenset[str]
    ambiguous: frozenset[str]
    is_full: bool = False

    @classmethod
    def of(cls, report: Report, *, is_full: bool = False) -> Names:
        """Return the names of a report.

        Args:
            report: the report.
            is_full: whether all subjects are named, however many there are.
        """
        prefixes: dict[str, set[str]] = {}
        sessions: dict[str, set[str]] = {}
        for result in report.prefixes:
            prefixes.setdefault(result.peering, set()).add(result.prefix)
        for session in report.cells.sessions:
            sessions.setdefault(session.peering, set()).add(session.id)
        number = Counter(prefix for these in prefixes.values() for prefix in these)
        return cls(
            {peering: frozenset(these) for peering, these in prefixes.items()},
            {peering: frozenset(these) for peering, these in sessions.items()},
            frozenset(session.id for session in report.cells.sessions),
            frozenset(prefix for prefix, times in number.items() if times > 1),
            is_full,
        )

    def subjects(self, findings: Iterable[Finding], worst: str, *, short: bool = False) -> str:
        """Return prefixes by sessions, such as "P1, P2 on ams-1; P3 on ams-1, ams-2".

        Args:
            findings: the findings.
            worst: the label of their group; findings with another label come last, with that label.
            short: whether to leave out the router if there is only one session.
        """
        labels: dict[str, list[Finding]] = {}
        for finding in findings:
            labels.setdefault(label(finding), []).append(finding)
        short = short or len(labels) > 1
        named = {word: self._subjects(these, short=short) for word, these in labels.items()}
        milder = [f"{text} ({word})" for word, text in named.items() if word != worst]
        return "; ".join([*([named[worst]] if worst in named else []), *milder])

    def _subjects(self, findings: Iterable[Finding], *, short: bool) -> str:
        places: dict[_Prefix | None, dict[str, None]] = {}
        routers: dict[str, str | None] = {}
        for finding in findings:
            subject = finding.subject
            prefix = self._prefix(finding)
            found = places.setdefault(prefix, {})
            place = subject.session or subject.connection
            if place is None and prefix is None:
                place = subject.peering or "the inventory"
            if place is not None:
                found[place] = None
                routers[place] = subject.router
        alike: dict[tuple[str, ...], list[_Prefix]] = {}
        for prefix, found in places.items():
            alike.setdefault(tuple(found), []).extend([] if prefix is None else [prefix])
        if len(routers) == 1 and not short:
            ((place, router),) = routers.items()
            if router is not None:
                alike = {(f"{place} ({router})",) if found else (): p for found, p in alike.items()}
        most = len(alike) if self.is_full else _PARTS
        parts = [self._together(these, found) for found, these in [*alike.items()][:most]]
        if len(alike) > most:
            left = sum(len(these) or 1 for these in [*alike.values()][most:])
            parts.append(f"and {left:,} more")
        return "; ".join(parts)

    def _prefix(self, finding: Finding) -> _Prefix | None:
        prefix, peering = finding.subject.prefix, finding.subject.peering
        if prefix is None:
            return None
        name = f"{prefix} of {peering}" if prefix in self.ambiguous and peering else prefix
        return _Prefix(name, prefix, peering or "")

    def _together(self, prefixes: Sequence[_Prefix], places: tuple[str, ...]) -> str:
        words = self._prefixes(prefixes) if prefixes else ""
        named = self._places(places) if places else ""
        return f"{words} on {named}" if words and named else words or named

    def _prefixes(self, prefixes: Sequence[_Prefix]) -> str:
        peerings = sorted({each.peering for each in prefixes})
        total = sum(len(self.prefixes.get(each, ())) for each in peerings)
        if (
            len(prefixes) >= _MANY
            and len(prefixes) == total
            and all(each.prefix in self.prefixes[each.peering] for each in prefixes)
        ):
            is_whole = len(peerings) == len(self.prefixes)
            whose = "" if is_whole else f" of {listed(peerings, SESSIONS)}"
            return f"all {total:,} prefixes{whose}"
        return self._listed([each.name for each in prefixes], PREFIXES)

    def _places(self, places: tuple[str, ...]) -> str:
        if len(places) >= _MANY:
            if self.every_session == set(places):
                return f"all {len(places):,} sessions"
            for peering, sessions in self.sessions.items():
                if len(sessions) == len(places) and sessions.issuperset(places):
                    return f"all {len(places):,} sessions of {peering}"
        return self._listed(places, SESSIONS)

    def _listed(self, names: Sequence[str], most: int) -> str:
        return listed(names, len(names) if self.is_full else most)
