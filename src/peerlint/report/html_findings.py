"""The lower part of the HTML page: failures by cause, waivers and attestations, unknowns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as ET

import attrs

from peerlint.report.grouping import (
    FOLLOWS,
    Group,
    text_after_names,
)
from peerlint.report.html_rows import Anchors
from peerlint.report.markup import LABELS, badge, e
from peerlint.report.phrases import label, place_of, where
from peerlint.report.rows import Rows
from peerlint.report.sentence import sentence
from peerlint.report.subjects import Names
from peerlint.report.text import cause_fix, cause_title, portal_text
from peerlint.report.unchecked import WANTED, unchecked
from peerlint.results import Finding, Outcome, Phrase, Report
from peerlint.rules import CATALOGUE, Need
from peerlint.rules.documents import basis_text, with_titles
from peerlint.wording import counted

#: Findings of one cause that show their evidence, at most.
EVIDENCE: Final = 200
#: Findings in one list, at most; the others are counted.
MOST: Final = 2_000
#: Details of one cause that are listed, at most; the others are shown with their findings.
DETAILS: Final = 8
_HEADS: Final = {
    "error": "Errors",
    "warning": "Warnings",
    "info": "Good to know",
    "waived": "Waived",
}


@attrs.frozen
class Findings:
    """The data that sections about findings need.

    Attributes:
        report: that has them.
        groups: what failed and what is waived.
        anchors: where links lead to.
        rows: the row that each is about.
        names: of prefixes and sessions.
    """

    report: Report
    groups: Sequence[Group]
    anchors: Anchors
    rows: Rows
    names: Names

    def sections(self) -> Iterator[ET.Element]:
        """Yield errors, warnings, information, what is waived, attested and not checked."""
        numbered = [*enumerate(self.groups, start=1)]
        for word, head in _HEADS.items():
            causes = [
                self._cause(group, f"cause-{number}")
                for number, group in numbered
                if group.label == word
            ]
            if causes:
                yield e("section", e("h2", head), *causes)
        yield from self._attested()
        yield from self._open()

    # -- what failed

    def _cause(self, group: Group, anchor: str) -> ET.Element:
        colour = LABELS[group.label]
        block = e(
            "article",
            e("h3", badge(group.label, colour), f" {cause_title(group)} ", e("code", group.rule)),
            class_=f"cause {colour}",
            id=anchor,
        )
        self._mark(block, group.label, [*group.findings, *group.same])
        if group.statement:
            block.append(e("p", e("b", group.statement)))
        for detail in group.details[:DETAILS]:
            subjects = self.names.subjects(detail.findings, group.label)
            block.append(e("p", e("b", subjects), f": {detail.message}"))
        if rest := group.details[DETAILS:]:
            found = (one for each in rest for one in each.findings)
            subjects = self.names.subjects(found, group.label)
            block.append(e("p", e("b", subjects), f": {len(rest):,} more such, see below"))
        if said := portal_text(group.findings):
            block.append(e("blockquote", said))
        if fix := cause_fix(group):
            block.append(e("p", f"fix: {fix}", class_="fix"))
        block.append(self._each(group))
        return block

    def _mark(self, block: ET.Element, word: str, findings: Iterable[Finding]) -> None:
        """Return attributes for the filter: the kind of a block, and the states of its prefixes."""
        block.set("data-label", word)
        rows = [self.rows.row(each) for each in findings]
        states = dict.fromkeys("-" if row is None else str(row.state) for row in rows)
        block.set("data-states", " ".join(states))

    def _each(self, group: Group) -> ET.Element:
        """Return every finding of a cause with its evidence, folded."""
        items: list[ET.Element] = []
        left = MOST
        for at, detail in enumerate(group.details):
            is_told = at < DETAILS and not detail.message.startswith(FOLLOWS)
            if left > 0:
                items += self._findings(
                    group, detail.findings[:left], is_told=is_told, shown=MOST - left
                )
            left -= len(detail.findings)
        items += [
            self._finding(each, group, is_told=False)
            for number, each in enumerate(group.same)
            if number < left
        ]
        if (more := len(group.same) - left) > 0:
            items.append(e("li", f"and {more:,} more, which the JSON report has"))
        seen = any(each.evidence for each in (*group.findings, *group.same))
        what = "what was seen, and the documents" if seen else "the documents"
        how_many = counted(sum(1 for _ in group.findings) + len(group.same), "finding")
        block = e("details", e("summary", f"{how_many}: {what}"))
        block.append(e("ul", *items, class_="each"))
        first = group.first
        if first.texts:
            texts = "; but ".join(map(with_titles, first.texts))
            block.append(e("p", f"documents differ: {texts}", class_="faint"))
        bases = dict.fromkeys(each.basis for each in (*group.findings, *group.same) if each.basis)
        block.extend(e("p", f"basis: {basis_text(basis)}", class_="faint") for basis in bases)
        return block

    def _findings(
        self, group: Group, findings: Sequence[Finding], *, is_told: bool, shown: int
    ) -> Iterator[ET.Element]:
        """Yield what a detail is about: what has nothing of its own to say, by location.

        Args:
            group: the cause.
            findings: of the detail.
            is_told: whether it is said above what was found.
            shown: so many findings of the cause stand before these.
        """
        bare: dict[str | None, list[Finding]] = {}
        for number, finding in enumerate(findings):
            is_bare = is_told and label(finding) == group.label and not finding.evidence
            if is_bare or number >= EVIDENCE:
                bare.setdefault(self.rows.location(finding), []).append(finding)
            else:
                has_room = shown + number < EVIDENCE
                yield self._finding(finding, group, is_told=is_told, has_room=has_room)
        for location, these in bare.items():
            yield e("li", f"{location}: " if location else "", *self._run(these))

    def _finding(
        self, finding: Finding, group: Group, *, is_told: bool, has_room: bool = True
    ) -> ET.Element:
        line = e("li", *self._subject(finding), id=f"finding-{finding.id}")
        word = label(finding)
        if word != group.label:
            line.extend((e("span", " "), badge(word, LABELS[word])))
        if finding.rule != group.rule:
            line.extend((e("span", " "), e("code", finding.rule)))
        if not is_told:
            line.append(e("span", f": {sentence(finding)}"))
        for seen in finding.evidence if has_room else ():
            route = e("span", seen.route, class_="route")
            line.append(e("p", f"{place_of(seen)}: ", route, class_="faint"))
        return line

    def _subject(self, finding: Finding) -> Iterator[ET.Element | str]:
        row, prefix = self.rows.row(finding), finding.subject.prefix
        if prefix is not None:
            yield prefix if row is None else self.anchors.row(row)
        place = _place(finding)
        if place:
            yield f" on {place}" if prefix is not None and where(finding) else place
        location = self.rows.location(finding)
        if location and not place.endswith(f"{location})"):
            yield f", {location}"

    def _run(self, findings: Iterable[Finding]) -> Iterator[ET.Element | str]:
        """Yield the subjects of findings in one paragraph, by prefix."""
        by_prefix: dict[str | None, list[Finding]] = {}
        every = [*findings]
        for finding in every[:MOST]:
            by_prefix.setdefault(finding.subject.prefix, []).append(finding)
        for number, (prefix, these) in enumerate(by_prefix.items()):
            yield "; " if number else ""
            for at, finding in enumerate(these):
                place = _place(finding)
                on = " on " if where(finding) else " "
                if prefix is None:
                    text = place
                elif at:
                    text = place.strip() or prefix
                else:
                    text = f"{prefix}{on}{place.strip()}".rstrip()
                yield ", " if at else ""
                yield e("span", text, id=f"finding-{finding.id}")
        if len(every) > MOST:
            yield f" and {len(every) - MOST:,} more, which the JSON report has"

    # -- waivers, attestations and unknowns

    def _attested(self) -> Iterator[ET.Element]:
        said: dict[str, dict[str, list[Finding]]] = {}
        for finding in self.report.findings:
            if finding.outcome is Outcome.ATTESTED:
                rules = said.setdefault(finding.statement or "attested", {})
                rules.setdefault(finding.rule, []).append(finding)
        if not said:
            return
        intro = "What no data shows and a person vouches for: none of these problems is there."
        section = e("section", e("h2", "Attested"), e("p", intro, class_="faint"))
        for statement, rules in said.items():
            block = e(
                "article",
                e("h3", badge("attested", LABELS["attested"]), f" {statement}"),
                e("ul", *(self._vouched(rule, these) for rule, these in rules.items())),
                class_="cause waived",
            )
            self._mark(block, "attested", [one for each in rules.values() for one in each])
            section.append(block)
        yield section

    def _vouched(self, rule: str, findings: Sequence[Finding]) -> ET.Element:
        title = f" {CATALOGUE[rule].title}: " if rule in CATALOGUE else " "
        line = e("li", e("code", rule), title, *self._run(findings))
        bases = dict.fromkeys(each.basis for each in findings if each.basis)
        texts = (f". Basis: {basis_text(basis)}" for basis in bases)
        line.extend(e("span", text, class_="faint") for text in texts)
        return line

    def _open(self) -> Iterator[ET.Element]:
        found: dict[str, list[Finding]] = {}
        for finding in self.report.findings:
            if finding.outcome is Outcome.UNKNOWN:
                found.setdefault(_source(finding), []).append(finding)
        lines = [*unchecked(self.report, verbose=False)]
        if not found and not lines:
            return
        section = e("section", e("h2", "Not checked"))
        if lines:
            section.append(e("ul", *(e("li", line) for line in lines)))
        for what, findings in found.items():
            rules = len({each.rule for each in findings})
            summary = f"For want of {what}: {counted(rules, 'rule')}, {len(findings):,} unknown"
            block = e(
                "details",
                e("summary", badge("unknown", LABELS["unknown"]), f" {summary}"),
                e("ul", *self._unknown(findings)),
                class_="cause open",
            )
            self._mark(block, "unknown", findings)
            section.append(block)
        yield section

    def _unknown(self, findings: Iterable[Finding]) -> Iterator[ET.Element]:
        alike: dict[tuple[str, Phrase, tuple[Phrase, ...]], list[Finding]] = {}
        for each in findings:
            alike.setdefault((each.rule, each.found, each.missing), []).append(each)
        for (rule, found, missing), these in alike.items():
            line = e("li", e("code", rule), " ", *self._run(these))
            line.append(e("span", f": {text_after_names(found, tuple(these))}"))
            if missing:
                wanted = "; ".join(text_after_names(each, tuple(these)) for each in missing)
                line.append(e("span", f". To decide it: {wanted}"))
            bases = dict.fromkeys(each.basis for each in these if each.basis)
            texts = (f". Basis: {basis_text(basis)}" for basis in bases)
            line.extend(e("span", text, class_="faint") for text in texts)
            line.extend(
                e("p", f"{place_of(seen)}: ",
                  e("span", seen.route, class_="route"), class_="faint")
                for each in these[:EVIDENCE] for seen in each.evidence
            )  # fmt: skip
            yield line


def _place(finding: Finding) -> str:
    """Return the session or connection, or what else tells findings of one prefix apart."""
    if place := where(finding):
        return place
    if finding.subject.prefix is None:
        return finding.subject.peering or "the inventory"
    return "" if finding.about is None else f" ({finding.about})"


def _source(finding: Finding) -> str:
    """Return the kind of data that would decide an unknown outcome."""
    if finding.need is None or Need(finding.need).is_seen:
        return "routes that show it"
    return WANTED[Need(finding.need)]
