"""What was not checked, by what is missing, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.model import View
from peerlint.report.grouping import spoken, without_names
from peerlint.report.subjects import SESSIONS, counted, listed
from peerlint.report.totals import advice
from peerlint.rules import Need
from peerlint.verdicts import Check, Finding, Outcome, PrefixVerdict, Report, ServiceVerdict, State

#: What is missing for rules that routes do not decide, by their need.
_WANTED: Final = {
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
#: So many rules of one line are named, if not all of them are asked for; and so many peers.
_RULES: Final = 6
_PEERS: Final = 3


def unchecked(report: Report, *, verbose: bool) -> Iterator[str]:
    """Yield a line for each thing that is missing, what routes would show first.

    Args:
        report: everything that was found out.
        verbose: whether every rule is named.
    """
    open_ = [each for each in report.findings if each.outcome is Outcome.UNKNOWN]
    of_routes = [each for each in open_ if each.need is None or Need(each.need).is_seen]
    yield from _routes(report, of_routes, verbose=verbose)
    yield from _checks(report, of_routes)
    others = [each for each in open_ if each.need is not None and not Need(each.need).is_seen]
    yield from _others(others, verbose=verbose)


# -- what routes would show


@attrs.define
class _Open:
    """What is open for one reason.

    Attributes:
        missing: what would decide it.
        sessions: that it concerns.
        prefixes: likewise.
        rules: that are open.
    """

    missing: dict[str, None] = attrs.field(factory=dict)
    sessions: dict[str, None] = attrs.field(factory=dict)
    prefixes: dict[str, None] = attrs.field(factory=dict)
    rules: dict[str, None] = attrs.field(factory=dict)


def _routes(report: Report, findings: Iterable[Finding], *, verbose: bool) -> Iterator[str]:
    sources = _Sources.of(report)
    found: dict[tuple[str, str], _Open] = {}
    for finding in findings:
        reason = sources.reason(finding.subject.session)
        missing = [spoken(without_names(text, finding), (finding,)) for text in finding.missing]
        # What export policy does is one thing, whichever rule asks for it.
        key = "" if reason == _BEFORE_EXPORT else "; ".join(missing)
        open_ = found.setdefault((reason, key), _Open())
        open_.missing.update(dict.fromkeys(missing))
        open_.rules[finding.rule] = None
        for names, name in (
            (open_.sessions, finding.subject.session),
            (open_.prefixes, finding.subject.prefix),
        ):
            if name is not None:
                names[name] = None
    for (reason, _), open_ in found.items():
        yield _line(open_, reason, sources, most=len(open_.rules) if verbose else _RULES)


def _line(open_: _Open, reason: str, sources: _Sources, *, most: int) -> str:
    sessions = listed([*open_.sessions], SESSIONS)
    head = ", ".join(each for each in (sessions, reason) if each)
    rules = listed([*open_.rules], most)
    prefixes = open_.prefixes
    of = f" of {counted(len(prefixes), 'prefix', 'prefixes')}" if prefixes else ""
    if len(prefixes) == 1:
        of = f" of {next(iter(prefixes))}"
    advised = _advice(open_, reason, sources)
    return f"{head + ': ' if head else ''}{rules}{of}. To decide it: {advised}"


def _advice(open_: _Open, reason: str, sources: _Sources) -> str:
    missing = "; ".join(_longest(open_.missing))
    if reason == _BEFORE_EXPORT:
        return f"{missing} ({_SHOW_THE_WIRE})"
    if reason != _IN_NO_SOURCE:
        return missing
    why = "; ".join(sources.strays(open_.sessions))
    return f"{missing}; {why}" if why else missing


def _longest(texts: Iterable[str]) -> list[str]:
    """Return texts without those that another one begins with."""
    found: list[str] = []
    for text in sorted(texts, reverse=True):
        if not any(longer.startswith(text) for longer in found):
            found.append(text)
    return found[::-1]


@attrs.frozen
class _Sources:
    """What the sources show of sessions.

    Attributes:
        views: in which each session is seen; empty if no source says anything of any session.
        asns: of the partner, by session.
        strangers: peers that no session has, with what was declared the wrong way round.
    """

    views: Mapping[str, set[View]]
    asns: Mapping[str, int]
    report: Report

    @classmethod
    def of(cls, report: Report) -> _Sources:
        views: dict[str, set[View]] = {}
        for source in report.sources:
            for session, view in source.views:
                views.setdefault(session, set()).add(view)
        by_peering = {peering.name: peering.asn for peering in report.peerings}
        asns = {each.id: by_peering[each.peering] for each in report.cells.sessions}
        return cls(views, asns, report)

    def reason(self, session: str | None) -> str:
        """Return why rules about a session may be open; empty if that is not known."""
        if session is None or not self.report.sources:
            return ""
        views = self.views.get(session)
        if views is None:
            return _IN_NO_SOURCE
        return "" if any(view.is_definite for view in views) else _BEFORE_EXPORT

    def strays(self, sessions: Iterable[str]) -> Iterator[str]:
        """Yield the peers of sources that may be sessions declared with other addresses."""
        wanted = {*sessions}
        asns = {f"AS{self.asns[each]}" for each in wanted if each in self.asns}
        for source in self.report.sources:
            for session, text in source.swapped:
                if session in wanted:
                    yield f"{source.name}: {text}"
            peers = [peer for peer, _ in source.strangers]
            own = [peer for peer in peers if peer.rpartition(" ")[2] in asns]
            if named := own or peers:
                which = "which no session has" if len(named) == 1 else "which no sessions have"
                yield f"{source.name} has {listed(named, _PEERS)}, {which} as `peer`"


# -- checks that are open


def _checks(report: Report, open_: Iterable[Finding]) -> Iterator[str]:
    """Yield Microsoft's checks that are undecided, but not for want of the routes named above."""
    named = {(each.subject.peering, each.subject.prefix) for each in open_}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row, noun in _rows(report):
        if row.state is State.INVALID:
            continue
        for check in row.undecided:
            if not _is_named(check, row, named):
                found.setdefault((check.name, advice(check)), {})[f"{noun}{row.key}"] = None
    for (name, advised), keys in found.items():
        services = sum(key.startswith(_SERVICE) for key in keys)
        parts = [
            counted(number, noun, f"{noun}es")
            for number, noun in ((len(keys) - services, "prefix"), (services, "service prefix"))
            if number
        ]
        yield f"{name} of {' and '.join(parts)}: {advised}"


_SERVICE: Final = "service "


def _rows(report: Report) -> Iterator[tuple[PrefixVerdict | ServiceVerdict, str]]:
    yield from ((row, "") for row in report.prefixes)
    yield from ((row, _SERVICE) for row in report.service_prefixes)


def _is_named(
    check: Check,
    row: PrefixVerdict | ServiceVerdict,
    named: set[tuple[str | None, str | None]],
) -> bool:
    """Whether errors or a line about routes say why the check is open."""
    if not check.name.is_decided_by_routes:
        return False
    return row.state is State.FAILED or (row.peering, row.prefix) in named


# -- what else is missing


def _others(findings: Iterable[Finding], *, verbose: bool) -> Iterator[str]:
    rules: dict[str, dict[str, None]] = {}
    for finding in findings:
        rules.setdefault(_WANTED[Need(finding.need or "")], {})[finding.rule] = None
    if verbose:
        yield from (f"{', '.join(found)}, for want of {what}" for what, found in rules.items())
    elif rules:
        (what, first), *others = rules.items()
        rest = "".join(f", {len(found):,} of {what}" for what, found in others)
        yield f"{counted(len(first), 'rule')} for want of {what}{rest}"
