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
from peerlint.report.markup import LABELS, badge, element
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

#: The most findings of one cause that show their evidence.
EVIDENCE: Final = 200
#: The most findings in one list; the others are counted.
MOST: Final = 2_000
#: The most details of one cause that are listed; the others are shown with their findings.
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
        report: the report.
        groups: the failed and waived findings, by cause.
        anchors: the anchors of the page.
        rows: finds the row of a finding.
        names: names the subjects of findings.
    """

    report: Report
    groups: Sequence[Group]
    anchors: Anchors
    rows: Rows
    names: Names

    def sections(self) -> Iterator[ET.Element]:
        """Yield the sections: errors, warnings, information, waived, attested, not checked."""
        numbered = [*enumerate(self.groups, start=1)]
        for word, head in _HEADS.items():
            causes = [
                self._cause(group, f"cause-{number}")
                for number, group in numbered
                if group.label == word
            ]
            if causes:
                yield element("section", element("h2", head), *causes)
        yield from self._attested()
        yield from self._open()

    # -- what failed

    def _cause(self, group: Group, anchor: str) -> ET.Element:
        colour = LABELS[group.label]
        block = element(
            "article",
            element(
                "h3",
                badge(group.label, colour),
                f" {cause_title(group)} ",
                element("code", group.rule),
            ),
            class_=f"cause {colour}",
            id=anchor,
        )
        self._mark(block, group.label, [*group.findings, *group.same])
        if group.statement:
            block.append(element("p", element("b", group.statement)))
        for detail in group.details[:DETAILS]:
            subjects = self.names.subjects(detail.findings, group.label)
            block.append(element("p", element("b", subjects), f": {detail.message}"))
        if rest := group.details[DETAILS:]:
            found = (one for each in rest for one in each.findings)
            subjects = self.names.subjects(found, group.label)
            block.append(
                element("p", element("b", subjects), f": {len(rest):,} more such, see below")
            )
        if message := portal_text(group.findings):
            block.append(element("blockquote", message))
        if fix := cause_fix(group):
            block.append(element("p", f"fix: {fix}", class_="fix"))
        block.append(self._each(group))
        return block

    def _mark(self, block: ET.Element, word: str, findings: Iterable[Finding]) -> None:
        """Set the attributes for the filter: the label of a block, and the states of its rows."""
        block.set("data-label", word)
        rows = [self.rows.row(each) for each in findings]
        states = dict.fromkeys("-" if row is None else str(row.state) for row in rows)
        block.set("data-states", " ".join(states))

    def _each(self, group: Group) -> ET.Element:
        """Return a folded block with all findings of a cause and their evidence."""
        items: list[ET.Element] = []
        left = MOST
        for at, detail in enumerate(group.details):
            is_explained = at < DETAILS and not detail.message.startswith(FOLLOWS)
            if left > 0:
                items += self._findings(
                    group, detail.findings[:left], is_explained=is_explained, shown=MOST - left
                )
            left -= len(detail.findings)
        items += [
            self._finding(each, group, is_explained=False)
            for number, each in enumerate(group.same)
            if number < left
        ]
        if (more := len(group.same) - left) > 0:
            items.append(element("li", f"and {more:,} more, which the JSON report has"))
        seen = any(each.evidence for each in (*group.findings, *group.same))
        what = "what was seen, and the documents" if seen else "the documents"
        how_many = counted(sum(1 for _ in group.findings) + len(group.same), "finding")
        block = element("details", element("summary", f"{how_many}: {what}"))
        block.append(element("ul", *items, class_="each"))
        first = group.first
        if first.texts:
            texts = "; but ".join(map(with_titles, first.texts))
            block.append(element("p", f"documents differ: {texts}", class_="faint"))
        bases = dict.fromkeys(each.basis for each in (*group.findings, *group.same) if each.basis)
        block.extend(element("p", f"basis: {basis_text(basis)}", class_="faint") for basis in bases)
        return block

    def _findings(
        self, group: Group, findings: Sequence[Finding], *, is_explained: bool, shown: int
    ) -> Iterator[ET.Element]:
        """Yield the findings of a detail; those without own texts are listed by location.

        Args:
            group: the cause.
            findings: the findings of the detail.
            is_explained: whether the block already contains the message of the detail.
            shown: the number of findings of the cause that precede these.
        """
        bare: dict[str | None, list[Finding]] = {}
        for number, finding in enumerate(findings):
            is_bare = is_explained and label(finding) == group.label and not finding.evidence
            if is_bare or number >= EVIDENCE:
                bare.setdefault(self.rows.location(finding), []).append(finding)
            else:
                has_room = shown + number < EVIDENCE
                yield self._finding(finding, group, is_explained=is_explained, has_room=has_room)
        for location, these in bare.items():
            yield element("li", f"{location}: " if location else "", *self._run(these))

    def _finding(
        self, finding: Finding, group: Group, *, is_explained: bool, has_room: bool = True
    ) -> ET.Element:
        line = element("li", *self._subject(finding), id=f"finding-{finding.id}")
        word = label(finding)
        if word != group.label:
            line.extend((element("span", " "), badge(word, LABELS[word])))
        if finding.rule != group.rule:
            line.extend((element("span", " "), element("code", finding.rule)))
        if not is_explained:
            line.append(element("span", f": {sentence(finding)}"))
        for seen in finding.evidence if has_room else ():
            route = element("span", seen.route, class_="route")
            line.append(element("p", f"{place_of(seen)}: ", route, class_="faint"))
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
                yield element("span", text, id=f"finding-{finding.id}")
        if len(every) > MOST:
            yield f" and {len(every) - MOST:,} more, which the JSON report has"

    # -- waivers, attestations and unknowns

    def _attested(self) -> Iterator[ET.Element]:
        statements: dict[str, dict[str, list[Finding]]] = {}
        for finding in self.report.findings:
            if finding.outcome is Outcome.ATTESTED:
                rules = statements.setdefault(finding.statement or "attested", {})
                rules.setdefault(finding.rule, []).append(finding)
        if not statements:
            return
        intro = "Not visible in any data: a person attests that these problems do not exist."
        section = element("section", element("h2", "Attested"), element("p", intro, class_="faint"))
        for statement, rules in statements.items():
            block = element(
                "article",
                element("h3", badge("attested", LABELS["attested"]), f" {statement}"),
                element("ul", *(self._attested_rule(rule, these) for rule, these in rules.items())),
                class_="cause waived",
            )
            self._mark(block, "attested", [one for each in rules.values() for one in each])
            section.append(block)
        yield section

    def _attested_rule(self, rule: str, findings: Sequence[Finding]) -> ET.Element:
        title = f" {CATALOGUE[rule].title}: " if rule in CATALOGUE else " "
        line = element("li", element("code", rule), title, *self._run(findings))
        bases = dict.fromkeys(each.basis for each in findings if each.basis)
        texts = (f". Basis: {basis_text(basis)}" for basis in bases)
        line.extend(element("span", text, class_="faint") for text in texts)
        return line

    def _open(self) -> Iterator[ET.Element]:
        found: dict[str, list[Finding]] = {}
        for finding in self.report.findings:
            if finding.outcome is Outcome.UNKNOWN:
                found.setdefault(_source(finding), []).append(finding)
        lines = [*unchecked(self.report, verbose=False)]
        if not found and not lines:
            return
        section = element("section", element("h2", "Not checked"))
        if lines:
            section.append(element("ul", *(element("li", line) for line in lines)))
        for what, findings in found.items():
            rules = len({each.rule for each in findings})
            summary = f"For want of {what}: {counted(rules, 'rule')}, {len(findings):,} unknown"
            block = element(
                "details",
                element("summary", badge("unknown", LABELS["unknown"]), f" {summary}"),
                element("ul", *self._unknown(findings)),
                class_="cause open",
            )
            self._mark(block, "unknown", findings)
            section.append(block)
        yield section

    def _unknown(self, findings: Iterable[Finding]) -> Iterator[ET.Element]:
        equal: dict[tuple[str, Phrase, tuple[Phrase, ...]], list[Finding]] = {}
        for each in findings:
            equal.setdefault((each.rule, each.found, each.missing), []).append(each)
        for (rule, found, missing), these in equal.items():
            line = element("li", element("code", rule), " ", *self._run(these))
            line.append(element("span", f": {text_after_names(found, tuple(these))}"))
            if missing:
                wanted = "; ".join(text_after_names(each, tuple(these)) for each in missing)
                line.append(element("span", f". To decide it: {wanted}"))
            bases = dict.fromkeys(each.basis for each in these if each.basis)
            texts = (f". Basis: {basis_text(basis)}" for basis in bases)
            line.extend(element("span", text, class_="faint") for text in texts)
            line.extend(
                element("p", f"{place_of(seen)}: ",
                  element("span", seen.route, class_="route"), class_="faint")
                for each in these[:EVIDENCE] for seen in each.evidence
            )  # fmt: skip
            yield line


def _place(finding: Finding) -> str:
    """Return the session or connection, or else the text that distinguishes the finding."""
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
