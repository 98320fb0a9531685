"""What was not checked, grouped by the missing data, and how to provide it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from peerlint.model import View
from peerlint.report.grouping import text_after_names
from peerlint.report.subjects import SESSIONS
from peerlint.report.totals import advice
from peerlint.results import (
    Check,
    Finding,
    Outcome,
    Phrase,
    PrefixResult,
    Report,
    ServicePrefixResult,
    State,
    SubjectRef,
)
from peerlint.rules import Need
from peerlint.wording import counted, listed

#: The missing data of rules that routes do not decide, by their need.
WANTED: Final = {
    Need.AZURE: "Azure's exports (peerlint import azure)",
    Need.ATTESTATION: "attestations or keys of the inventory",
    Need.IRR: "registry data",
    Need.VRPS: "registry data",
    Need.PEERINGDB: "PeeringDB's data",
    Need.PLAN: "a plan (--plan)",
}
_BEFORE_EXPORT: Final = "seen before export policy only"
_IN_NO_SOURCE: Final = "in no source"
_SHOW_THE_WIRE: Final = "--rib SESSION=FILE@sent or FILE@received"
_PREFIX: Final = "prefix"
_A_DUMP: Final = ("a dump", "a whole dump", "a whole RIB")
#: Without `--verbose`, the most rules, peers and missing data that one line names.
_RULES: Final = 6
_PEERS: Final = 3
_MISSING: Final = 3


def unchecked(report: Report, *, verbose: bool) -> Iterator[str]:
    """Yield a line for each kind of missing data, beginning with routes.

    Args:
        report: the report.
        verbose: whether to name all rules.
    """
    unknown = [each for each in report.findings if each.outcome is Outcome.UNKNOWN]
    of_routes = [each for each in unknown if each.need is None or Need(each.need).is_seen]
    if any(each.confidence == "inferred" for each in report.failed()):
        yield "what is marked as inferred was seen before export policy: what is sent decides it"
    yield from _routes(report, of_routes, verbose=verbose)
    yield from _checks(report, of_routes)
    others = [each for each in unknown if each.need is not None and not Need(each.need).is_seen]
    yield from _others(others, verbose=verbose)


# -- missing routes


@attrs.define
class _Reason:
    """The unknown findings with the same reason.

    Attributes:
        findings: the findings.
        missing: the data that would decide them.
    """

    findings: list[Finding] = attrs.field(factory=list)
    missing: dict[Phrase, None] = attrs.field(factory=dict)

    def sessions(self, order: Mapping[str, int]) -> list[str]:
        """Return the sessions in the order of the inventory."""
        sessions = {each.subject.session for each in self.findings} - {None}
        return sorted(map(str, sessions), key=lambda each: order.get(each, -1))

    @property
    def peerings(self) -> list[str]:
        """The peerings of findings that are not about a prefix."""
        subjects = [each.subject for each in self.findings if each.subject.prefix is None]
        return [*dict.fromkeys(each.peering for each in subjects if each.peering is not None)]

    def rules(self, most: int | None) -> str:
        """Return the rules as a text, with the number of prefixes.

        Args:
            most: the most rules about prefixes that are named; None for all.
        """
        of_prefixes = dict.fromkeys(each.rule for each in self.findings if each.subject.prefix)
        others = dict.fromkeys(each.rule for each in self.findings if not each.subject.prefix)
        prefixes = {each.subject.prefix for each in self.findings if each.subject.prefix}
        parts = (
            [listed([*of_prefixes], most or len(of_prefixes)) + _of(prefixes)] if prefixes else []
        )
        return ", ".join([*parts, *others])


def _routes(report: Report, findings: Iterable[Finding], *, verbose: bool) -> Iterator[str]:
    sources = _Sources.of(report)
    found: dict[tuple[str, tuple[Phrase, ...]], _Reason] = {}
    for finding in findings:
        reason = sources.reason(finding.subject.session)
        # For these reasons there is one line, whatever the rules need.
        is_one = reason in (_BEFORE_EXPORT, _IN_NO_SOURCE) or sources.is_none(finding.missing_texts)
        key = () if is_one else finding.missing
        open_ = found.setdefault((reason, key), _Reason())
        open_.missing.update(dict.fromkeys(finding.missing))
        open_.findings.append(finding)
    for (reason, _), open_ in found.items():
        yield _line(open_, reason, sources, verbose=verbose)


def _line(open_: _Reason, reason: str, sources: _Sources, *, verbose: bool) -> str:
    sessions = open_.sessions(sources.order)
    names = sessions or open_.peerings
    head = ", ".join(each for each in (listed(names, SESSIONS), reason) if each)
    asked = open_.rules(None if verbose else _RULES)
    missing = [text_after_names(each, tuple(open_.findings)) for each in _longest(open_.missing)]
    advised = "; ".join(missing[:_MISSING])
    if reason == _BEFORE_EXPORT:
        advised += f" ({_SHOW_THE_WIRE})"
    elif reason == _IN_NO_SOURCE:
        advised = "; ".join((advised, *sources.unmapped_peers(sessions)))
    return f"{head + ': ' if head else ''}{asked}. To decide it: {advised}"


def _of(prefixes: Collection[str]) -> str:
    """Return " of " and the name of one prefix, or the number of several."""
    return f" of {next(iter(prefixes)) if len(prefixes) == 1 else f'{len(prefixes):,} prefixes'}"


def _longest(phrases: Iterable[Phrase]) -> list[Phrase]:
    """Return phrases without those that are the beginning of another one."""
    found: list[Phrase] = []
    for each in sorted(phrases, key=_without_names, reverse=True):
        if not (found and _without_names(found[-1]).startswith(_without_names(each))):
            found.append(each)
    return found[::-1]


def _without_names(each: Phrase) -> str:
    return each.text(SubjectRef())


@attrs.frozen
class _Sources:
    """The views of sessions in the sources of a report.

    Attributes:
        views: the views of each session in any source, by the session's id.
        asns: the partner's AS number, by the session's id.
        order: the index of each session in the inventory, by its id.
        report: the report.
    """

    views: Mapping[str, set[View]]
    asns: Mapping[str, int]
    order: Mapping[str, int]
    report: Report

    @classmethod
    def of(cls, report: Report) -> _Sources:
        views: dict[str, set[View]] = {}
        for source in report.sources:
            for session, view in source.views:
                views.setdefault(session, set()).add(view)
        by_peering = {peering.name: peering.asn for peering in report.peerings}
        asns = {each.id: by_peering[each.peering] for each in report.cells.sessions}
        order = {each.id: number for number, each in enumerate(report.cells.sessions)}
        return cls(views, asns, order, report)

    def reason(self, session: str | None) -> str:
        """Return the reason why rules about a session may be unknown; empty if it is not known."""
        if session is None or not self.report.sources:
            return ""
        views = self.views.get(session)
        if views is None:
            return _IN_NO_SOURCE
        return "" if any(view.is_definite for view in views) else _BEFORE_EXPORT

    def is_none(self, missing: Iterable[str]) -> bool:
        """Whether no source was given, and dumps would decide all of the missing data."""
        return not self.report.sources and all(text.startswith(_A_DUMP) for text in missing)

    def unmapped_peers(self, sessions: Iterable[str]) -> Iterator[str]:
        """Yield the peers of sources that may be sessions declared with wrong addresses.

        Args:
            sessions: the ids of sessions that are in no source.
        """
        ids = {*sessions}
        asns = {f"AS{self.asns[each]}" for each in ids if each in self.asns}
        for source in self.report.sources:
            for session, text in source.swapped:
                if session in ids:
                    yield f"{source.name}: {text}"
            peers = [peer for peer, _ in source.unmapped_peers]
            own = [peer for peer in peers if peer.rpartition(" ")[2] in asns]
            if named := own or peers:
                which = "which no session has" if len(named) == 1 else "which no sessions have"
                yield f"{source.name} has {listed(named, _PEERS)}, {which} as `peer`"


# -- undecided checks


def _checks(report: Report, of_routes: Iterable[Finding]) -> Iterator[str]:
    """Yield Microsoft's undecided checks.

    Args:
        report: the report.
        of_routes: the unknown findings about routes, which explain some of the checks.
    """
    named = {(each.subject.peering, each.subject.prefix) for each in of_routes}
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row, noun in _rows(report):
        if row.state is State.INVALID:
            continue
        for check in row.undecided:
            if not _is_named(check, row, named):
                rows = found.setdefault((check.name, advice(check)), {})
                rows.setdefault(noun, []).append(row.prefix)
    for (name, advised), rows in found.items():
        whose = " and".join(_whose(noun, prefixes) for noun, prefixes in rows.items())
        yield f"{name}{whose}: {advised}"


def _whose(noun: str, prefixes: Sequence[str]) -> str:
    if len(prefixes) > 1:
        return f" of {counted(len(prefixes), noun)}"
    return f" of {prefixes[0]}" if noun == _PREFIX else f" of {noun} {prefixes[0]}"


def _rows(report: Report) -> Iterator[tuple[PrefixResult | ServicePrefixResult, str]]:
    yield from ((row, _PREFIX) for row in report.prefixes)
    yield from ((row, "service prefix") for row in report.service_prefixes)


def _is_named(
    check: Check,
    row: PrefixResult | ServicePrefixResult,
    named: set[tuple[str | None, str | None]],
) -> bool:
    """Whether errors or a line about routes already explain why the check is undecided."""
    if not check.name.is_decided_by_routes:
        return False
    return row.state is State.FAILED or (row.peering, row.prefix) in named


# -- other missing data


def _others(findings: Iterable[Finding], *, verbose: bool) -> Iterator[str]:
    rules: dict[str, dict[str, None]] = {}
    for finding in findings:
        rules.setdefault(WANTED[Need(finding.need or "")], {})[finding.rule] = None
    if verbose:
        yield from (f"{', '.join(found)}, for want of {what}" for what, found in rules.items())
    elif rules:
        (what, first), *others = rules.items()
        rest = "".join(f", {len(found):,} of {what}" for what, found in others)
        yield f"{counted(len(first), 'rule')} for want of {what}{rest}"
