"""The upper part of the HTML page: the matrices, and Microsoft's checks of each prefix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar
from xml.etree import ElementTree as ET

import attrs

from peerlint.report.markup import RESULTS, STATES, badge, element
from peerlint.report.phrases import no_prefix
from peerlint.report.rows import Row, RowKey, row_key
from peerlint.results import (
    NOT_REQUIRED,
    OK,
    Check,
    CheckResult,
    DecidedBy,
    Matrix,
    MatrixSession,
    PeeringSummary,
    PrefixResult,
    Report,
    ServicePrefixResult,
    State,
)
from peerlint.wording import counted, listed

#: The most prefixes in one table; in a larger one, passing rows are counted instead of shown.
ROWS: Final = 200
#: The most cells in one table; in a larger one, passing cells are counted instead of shown.
CELLS: Final = 20_000
#: The most rows in one table; the others are counted by their state.
MOST: Final = 10_000
#: The smallest number of equal rows that are counted instead of shown.
_EQUAL: Final = 10
#: The most sessions that one line names.
_SESSIONS: Final = 12
#: The most prefixes whose checks are unfolded.
_LINES: Final = 25
#: The smallest number of sessions for which a row is printed as a paragraph, because paper cannot
#: be scrolled.
_WIDE: Final = 7
#: The length of the longest IPv4 prefix, in characters.
_LONG: Final = len("255.255.255.255/32")
_CELLS: Final = {OK: "ok", NOT_REQUIRED: "none", "unknown": "open", "waived": "waived"}
_WELL: Final = frozenset({OK, NOT_REQUIRED})
_Row = TypeVar("_Row", PrefixResult, ServicePrefixResult)


@attrs.frozen
class Anchors:
    """The anchors of the page.

    Attributes:
        rows: the anchors of the prefixes that are shown, by row.
        causes: the anchor of the first cause of each rule.
    """

    rows: Mapping[RowKey, str]
    causes: Mapping[str, str]

    @classmethod
    def of(cls, report: Report, rules: Sequence[str]) -> Anchors:
        """Return anchors for all shown rows and all causes.

        Args:
            report: the report.
            rules: the rules of the causes, in the order of the page.
        """
        rows: dict[RowKey, str] = {}
        for peering in report.peerings:
            for row in shown_rows(report.cells, _rows_of(report, peering))[0]:
                rows[row_key(row)] = f"row-{len(rows) + 1}"
        for service in _services(report):
            for each in _shown_services(service)[0]:
                rows[row_key(each)] = f"row-{len(rows) + 1}"
        causes: dict[str, str] = {}
        for number, rule in enumerate(rules, start=1):
            causes.setdefault(rule, f"cause-{number}")
        return cls(rows, causes)

    def row(self, row: Row) -> ET.Element | str:
        """Return a prefix as a link to its checks, or as text if they are not shown."""
        anchor = self.rows.get(row_key(row))
        return row.prefix if anchor is None else element("a", row.prefix, href=f"#{anchor}")

    def rule(self, rule: str) -> ET.Element:
        """Return a rule's id as a link to its cause, or without a link if there is none."""
        name = element("code", rule)
        return element("a", name, href=f"#{self.causes[rule]}") if rule in self.causes else name


def shown_rows(
    matrix: Matrix, results: Sequence[PrefixResult]
) -> tuple[list[PrefixResult], Counter[str]]:
    """Return the rows of a table, without equal rows and without those beyond `MOST`.

    Args:
        matrix: the matrix of the report.
        results: the results of one peering.

    Returns:
        The rows to show, and the number of the other rows by their summary.
    """
    return _split(results, lambda each: _passing(each, matrix.rows[each.key]))


def _passing(result: PrefixResult, cells: Mapping[str, str]) -> str | None:
    """Return the summary of a row without problems; None if it has one."""
    if result.state is not State.VERIFIED:
        return None
    sessions: dict[str, list[str]] = {}
    for session, word in cells.items():
        if word not in _WELL:
            sessions.setdefault(word, []).append(session)
    if sessions.keys() - {"unknown"}:
        return None
    if not sessions:
        return f"{result.label}, {OK} on every session that announces them"
    names = listed(sessions["unknown"], _SESSIONS)
    return f"{result.label}, unknown on {names}, {OK} on every other session that announces them"


def _shown_services(
    results: Sequence[ServicePrefixResult],
) -> tuple[list[ServicePrefixResult], Counter[str]]:
    return _split(results, lambda each: each.label if each.state is State.VERIFIED else None)


def _split(
    results: Sequence[_Row], summary_of: Callable[[_Row], str | None]
) -> tuple[list[_Row], Counter[str]]:
    """Return the rows to show, and the number of the others by their summary."""
    if len(results) <= ROWS:
        return list(results), Counter()
    summaries = [summary_of(each) for each in results]
    numbers = Counter(each for each in summaries if each is not None)
    left_out = Counter({each: number for each, number in numbers.items() if number >= _EQUAL})
    shown = [row for row, each in zip(results, summaries, strict=True) if each not in left_out]
    left_out.update(f"{each.label}, too many to be shown: JSON has them" for each in shown[MOST:])
    return shown[:MOST], left_out


def matrices(report: Report, anchors: Anchors) -> Iterator[ET.Element]:
    """Yield a section for each peering, then one for each peering service."""
    for peering in report.peerings:
        yield _peering(report, peering, anchors)
    for results in _services(report):
        yield _service(results, anchors)


def _rows_of(report: Report, peering: PeeringSummary) -> list[PrefixResult]:
    return [each for each in report.prefixes if each.peering == peering.name]


def _services(report: Report) -> list[list[ServicePrefixResult]]:
    found: dict[str, list[ServicePrefixResult]] = {}
    for each in report.service_prefixes:
        found.setdefault(each.service, []).append(each)
    return [*found.values()]


def _peering(report: Report, peering: PeeringSummary, anchors: Anchors) -> ET.Element:
    results = _rows_of(report, peering)
    place = f", {peering.location}" if peering.location else ""
    summary = _verified(results) if results else no_prefix(peering)
    section = element(
        "section",
        element("h2", peering.name),
        element("p", f"{peering.profile}, AS{peering.asn}{place}: {summary}", class_="faint"),
    )
    if not results:
        return section
    shown, left_out = shown_rows(report.cells, results)
    if shown:
        section.append(_matrix(report.cells, shown, peering.name, anchors))
    section.extend(_counted(left_out))
    if shown:
        section.append(_checks_of_rows(shown, anchors))
    return section


def _verified(results: Sequence[Row]) -> str:
    verified = sum(result.state is State.VERIFIED for result in results)
    return f"{verified:,} of {counted(len(results), 'prefix')} would be Verified"


def _counted(left_out: Counter[str]) -> Iterator[ET.Element]:
    for summary, number in left_out.items():
        yield element("p", f"{counted(number, 'more prefix')}: {summary}")


def _matrix(
    matrix: Matrix, results: Sequence[PrefixResult], peering: str, anchors: Anchors
) -> ET.Element:
    """Return the matrix with the peering's sessions, and other sessions with a problem."""
    rows = [matrix.rows[result.key] for result in results]
    wrong = {each for row in rows for each, word in row.items() if word not in _WELL}
    sessions = [each for each in matrix.sessions if each.peering == peering or each.id in wrong]
    if len(rows) * len(sessions) > CELLS:
        return _in_words(results, rows, anchors)
    head = element("tr", element("th", "prefix", scope="col"), element("th", "state", scope="col"))
    head.extend(element("th", each.id, _router(each), scope="col") for each in sessions)
    body = element("tbody")
    for result, row in zip(results, rows, strict=True):
        line = element(
            "tr",
            element("th", anchors.row(result), class_=_length(result.prefix), scope="row"),
            element("td", badge(result.label.replace(" checks)", ")"), STATES[result.state])),
            {"data-state": result.state},
        )
        for session in sessions:
            word = row.get(session.id, NOT_REQUIRED)
            cell = element("td", word, class_=_CELLS.get(word, "bad"))
            cell.set("data-session", session.id)
            line.append(cell)
        body.append(line)
    wide = " wide" if len(sessions) >= _WIDE else ""
    table = element("table", element("thead", head), body, class_=f"matrix{wide}")
    return element("div", table, {"tabindex": "0"}, class_="scroll")


def _in_words(
    results: Sequence[PrefixResult], rows: Sequence[Mapping[str, str]], anchors: Anchors
) -> ET.Element:
    """Return a line for each prefix that names sessions with a problem and counts the others."""
    head = element(
        "tr", *(element("th", name, scope="col") for name in ("prefix", "state", "sessions"))
    )
    body = element("tbody")
    known: dict[tuple[str, ...], str] = {}
    for result, row in zip(results, rows, strict=True):
        words = tuple(row.values())
        if words not in known:
            known[words] = _row_text(row)
        line = element(
            "tr",
            element("th", anchors.row(result), class_=_length(result.prefix), scope="row"),
            element("td", badge(result.label.replace(" checks)", ")"), STATES[result.state])),
            element("td", known[words]),
            {"data-state": result.state},
        )
        body.append(line)
    table = element("table", element("thead", head), body, class_="matrix")
    return element("div", table, {"tabindex": "0"}, class_="scroll")


def _row_text(row: Mapping[str, str]) -> str:
    """Return the problems of a row with their sessions, and the number of other sessions."""
    sessions: dict[str, list[str]] = {}
    for session, word in row.items():
        sessions.setdefault(word, []).append(session)
    passing = len(sessions.pop(OK, ()))
    sessions.pop(NOT_REQUIRED, None)
    wrong = [f"{word} on {listed(names, _SESSIONS)}" for word, names in sessions.items()]
    return "; ".join([*wrong, *([f"{OK} on {counted(passing, 'session')}"] if passing else [])])


def _length(prefix: str) -> str:
    """Return the style class of a prefix: on small screens, long ones may be broken."""
    return "long" if len(prefix) > _LONG else "short"


def _router(session: MatrixSession) -> ET.Element | None:
    return element("span", session.router, class_="router") if session.router else None


def _service(results: Sequence[ServicePrefixResult], anchors: Anchors) -> ET.Element:
    first = results[0]
    section = element(
        "section",
        element("h2", f"{first.service}: service prefixes"),
        element(
            "p",
            f"a peering service, evaluated with the profile of {first.peering}: "
            f"{_verified(results)}",
            class_="faint",
        ),
    )
    shown, left_out = _shown_services(results)
    section.extend(_counted(left_out))
    if shown:
        section.append(_checks_of_rows(shown, anchors))
    return section


# -- Microsoft's checks


def _checks_of_rows(rows: Sequence[Row], anchors: Anchors) -> ET.Element:
    """Return a folded line for each prefix, with the results of Microsoft's checks."""
    box = element(
        "details",
        element("summary", f"Microsoft's checks of {counted(len(rows), 'prefix')}"),
        *(_result(row, anchors, is_brief=len(rows) > ROWS) for row in rows),
        class_="verdicts",
    )
    if len(rows) <= _LINES:
        box.set("open", "open")
    return box


def _result(row: Row, anchors: Anchors, *, is_brief: bool) -> ET.Element:
    """Return the checks of a prefix.

    Args:
        row: the prefix.
        anchors: the anchors of the page.
        is_brief: whether passing checks are only counted.
    """
    name = f" {row.name}" if row.name else ""
    summary = element(
        "summary",
        element("b", row.prefix),
        f"{name} ",
        badge(row.label, STATES[row.state]),
        f" {_in_brief(row.checks)}",
        _azure(row),
    )
    shown = [each for each in row.checks if not is_brief or each.result is not CheckResult.PASS]
    checks = element("ul", *(_check(check, anchors) for check in shown), class_="checks")
    anchor = anchors.rows[row_key(row)]
    return element(
        "details", summary, checks, {"data-state": row.state}, class_="verdict", id=anchor
    )


def _azure(row: Row) -> ET.Element | None:
    parts = []
    if row.azure_state is not None:
        parts.append(f"Azure says: {row.azure_state}")
    if isinstance(row, ServicePrefixResult) and row.learned_type is not None:
        parts.append(f"learned by: {row.learned_type}")
    return element("span", f" ({'; '.join(parts)})", class_="faint") if parts else None


def _in_brief(checks: Sequence[Check]) -> str:
    """Return the checks in one line: failed and undecided ones by name, the rest counted."""
    if not checks:
        return "no check applies to it"
    parts = []
    for result, one, many in (
        (CheckResult.FAIL, "fails", "fail"),
        (CheckResult.UNKNOWN, "not decided", "not decided"),
    ):
        names = [check.name for check in checks if check.result is result]
        if names:
            parts.append(f"{', '.join(names)} {one if len(names) == 1 else many}")
    passed = sum(check.result is CheckResult.PASS for check in checks)
    parts.append(f"{passed} of {counted(len(checks), 'check')} passed")
    return "; ".join(parts)


def _check(check: Check, anchors: Anchors) -> ET.Element:
    is_plain = check.result is CheckResult.PASS and check.by is DecidedBy.DATA
    line = element(
        "li",
        badge(check.result, RESULTS[check.result]),
        " ",
        element("b", check.name),
        class_="plain" if is_plain else None,
    )
    if check.by is not None:
        line[-1].tail = f", by {check.by}"
    for number, rule in enumerate(check.rules):
        line[-1].tail = (line[-1].tail or "") + (", " if number else ": ")
        line.append(anchors.rule(rule))
    if check.objects:
        line.append(element("span", f" ({'; '.join(check.objects)})"))
    if check.missing:
        line.append(
            element("span", f". To decide it: {'; '.join(check.missing)}", class_="missing")
        )
    return line
