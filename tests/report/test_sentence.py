"""A finding as one sentence: what was found, what was wanted, and a hint."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import peerlint
from peerlint.report.csv import render_csv
from peerlint.report.html import render_html
from peerlint.report.json import parse_report, render_json
from peerlint.report.junit import render_junit
from peerlint.report.sarif import render_sarif
from peerlint.report.sentence import SentenceParts, joined, sentence
from peerlint.report.text import render_text
from peerlint.results import (
    Finding,
    Phrase,
    RuleIds,
    SourceName,
    SubjectName,
    SubjectRef,
    clause,
    phrase,
)
from peerlint.rules import CATALOGUE
from peerlint.testing.notation import evaluate

PREFIX = "203.0.113.0/24"
CELL = SubjectRef("contoso-ams", "ams-1", "ams-1", "edge1.ams", PREFIX)
REPORT = evaluate("registered 203.0.0.0/7")
(TOO_SHORT,) = (each for each in REPORT.findings if each.rule == "prefix.too-short")


def told(
    subject: SubjectRef,
    found: Phrase | str,
    wanted: Phrase | str | None = None,
    hint: Phrase | str | None = None,
) -> str:
    """Return the sentence of a finding with these parts."""
    finding = attrs.evolve(TOO_SHORT, subject=subject, found=found, wanted=wanted, hint=hint)
    return sentence(finding)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("/7", "/8 or longer"), "found /7, wanted /8 or longer"),
        # What has a comma of its own is followed by a semicolon.
        (
            (phrase("no key, which is Verified", is_long=True), "one to hand over"),
            "found no key, which is Verified; wanted one to hand over",
        ),
        # A hint is behind both.
        (
            ("2 of the connections", "at least 3", "not used: ams-4"),
            "found 2 of the connections, wanted at least 3; not used: ams-4",
        ),
        (("/25", None, "the FAQs differ"), "found /25; the FAQs differ"),
        (("'x', which says nothing",), "found 'x', which says nothing"),
        # A sentence of its own has its own verb.
        (
            (clause(SubjectName.PREFIX, " overlaps 203.0.113.0/25"), "no overlap"),
            "203.0.113.0/24 overlaps 203.0.113.0/25; wanted no overlap",
        ),
        (
            (clause("'a' is the name of b too", is_long=False), "another one"),
            "'a' is the name of b too, wanted another one",
        ),
        ((clause("who holds AS64500 is not known"),), "who holds AS64500 is not known"),
        # The names of the subject are written where the phrase says.
        (
            ("64500:120", phrase("8075:8007 on ", SubjectName.PLACE)),
            "found 64500:120, wanted 8075:8007 on ams-1 (edge1.ams)",
        ),
        (
            (phrase(f"{PREFIX}/1 on session ", SubjectName.SESSION),),
            "found 203.0.113.0/24/1 on session ams-1",
        ),
        ((phrase("no session of ", SubjectName.PEERING),), "found no session of contoso-ams"),
        (
            (clause("the router has it", SourceName("edge1.mrt"), ": look there"),),
            "the router has it (edge1.mrt): look there",
        ),
        (
            (clause("Azure says so, but ", RuleIds(("a.b", "c.d"), 3), " failed"),),
            "Azure says so, but a.b, c.d and 3 more failed",
        ),
    ],
)
def test_forms(parts: tuple[Phrase | str | None, ...], expected: str) -> None:
    """Each kind of sentence has its form."""
    found, *others = parts
    assert found is not None
    assert expected == told(CELL, found, *others)


@pytest.mark.parametrize(
    ("subject", "place"),
    [
        (SubjectRef("contoso-ams", "ams-1", "ams-1/2", "edge1.ams"), "ams-1/2 (edge1.ams)"),
        (SubjectRef("contoso-ams", "ams-1", "ams-1"), "ams-1"),
        (SubjectRef("contoso-ams", "ams-1", router="edge1.ams"), "ams-1 (edge1.ams)"),
        (SubjectRef("contoso-ams", "ams-1"), "ams-1"),
        (SubjectRef("contoso-ams"), ""),
    ],
)
def test_places(subject: SubjectRef, place: str) -> None:
    """A place is the session, else the connection, with its router if that is known."""
    assert f"found BFD on {place}" == told(subject, phrase("BFD on ", SubjectName.PLACE))


def test_users_have_it() -> None:
    """The package has the function that commands use."""
    assert peerlint.sentence is sentence
    assert "found /7, wanted /8 or longer" == peerlint.sentence(TOO_SHORT)


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=lambda rule: str(rule.id))
def test_texts_have_no_names_of_the_subject(rule: peerlint.rules.Rule) -> None:
    """No rule writes the name of its own session into a phrase."""
    left = [
        (finding.rule, part)
        for text in (*rule.fires_on, *rule.silent_on)
        for finding in evaluate(text).findings
        for part in texts_of(finding)
        if finding.subject.place and finding.subject.place in part
    ]
    assert [] == left


def texts_of(finding: Finding) -> list[str]:
    """Return the texts of a finding's phrases, without names."""
    phrases = (finding.found, finding.wanted, finding.hint, *finding.missing)
    return [
        part for each in phrases if each is not None for part in each.parts if isinstance(part, str)
    ]


# -- every format says the same

words = st.text("abc def,;:.'()/0123456789", min_size=1).filter(lambda text: text == text.strip())


def folded(text: str) -> str:
    """Return a text with every run of white space as one blank."""
    return " ".join(text.split())


@given(found=words, wanted=st.none() | words, hint=st.none() | words)
def test_formats_say_the_same(found: str, wanted: str | None, hint: str | None) -> None:
    """Text, HTML, JSON, JUnit, CSV and SARIF contain the same sentence."""
    finding = attrs.evolve(TOO_SHORT, found=found, wanted=wanted, hint=hint)
    report = attrs.evolve(REPORT, findings=(finding,))
    expected = sentence(finding)

    (entry,) = json.loads(render_json(report))["findings"]
    assert (expected, found, wanted, hint) == tuple(
        entry[name] for name in ("message", "found", "wanted", "hint")
    )
    for number in (None, 1):
        assert parse_report(render_json(report), "r").report.findings == (finding,), number
    page = re.sub("<[^>]*>", "", render_html(report))
    for text in (
        render_text(report, verbose=True),
        unescape(page),
        "\n".join(ET.fromstring(render_junit(report)).itertext()),  # noqa: S314  # made here
        json.loads(render_sarif(report))["runs"][0]["results"][0]["message"]["text"],
        next(csv.DictReader(io.StringIO(render_csv(report))))["message"],
    ):
        assert folded(expected) in folded(text)


# -- reports that are read back

parts = st.text("abc ,;:", max_size=20).map(
    lambda text: text.replace("c", ", wanted ").replace("b", "; ").replace("a", "found ")
)


@given(message=parts)
def test_any_message_is_taken_apart(message: str) -> None:
    """Whatever an earlier version wrote, it is put together as it was."""
    texts = SentenceParts.of(message, None, None, None)
    found = Phrase((texts.found,), is_clause=texts.is_clause, is_long=texts.is_long)
    wanted, hint = (None if each is None else phrase(each) for each in (texts.wanted, texts.hint))

    assert message == joined(found, wanted, hint, lambda each: each.text(SubjectRef()))


@pytest.mark.parametrize(
    ("message", "found", "wanted", "hint"),
    [
        ("found /7, wanted /8 or longer", "/7", "/8 or longer", None),
        ("found no key of x; wanted one to hand over", "no key of x", "one to hand over", None),
        (
            "found 64500:120, wanted 8075:8007 on ams-2 (edge2.ams); 2 of 2 routes of this session "
            "lack it: is send-community off?",
            "64500:120",
            "8075:8007 on ams-2 (edge2.ams)",
            "2 of 2 routes of this session lack it: is send-community off?",
        ),
        # Azure's own words stand in what was found: the last "wanted" is ours.
        (
            "found Failed: expected, wanted more; wanted less, wanted Verified",
            "Failed: expected, wanted more; wanted less",
            "Verified",
            None,
        ),
        ("found a\nb, wanted c\nd", "a\nb", "c\nd", None),
        ("x overlaps y; wanted no overlap", "x overlaps y", "no overlap", None),
        ("whether x is activated is not known", "whether x is activated is not known", None, None),
        ("found no IPv6 session", "no IPv6 session", None, None),
        ("", "", None, None),
    ],
)
def test_messages_of_earlier_versions(
    message: str, found: str, wanted: str | None, hint: str | None
) -> None:
    """A report of schema 1 has messages only: their form tells the parts."""
    texts = SentenceParts.of(message, None, None, None)

    assert (found, wanted, hint) == (texts.found, texts.wanted, texts.hint)


@pytest.mark.parametrize(
    ("found", "wanted", "hint"),
    [
        # by their form alone, these would be taken apart elsewhere
        ("Failed: a, wanted b", None, None),
        ("a", "b; c", None),
        ("a; b", None, "c"),
        ("a, wanted b", "c", "d; e"),
    ],
)
def test_fields_tell_more_than_the_form(found: str, wanted: str | None, hint: str | None) -> None:
    """Where the report has the parts by themselves, these count."""
    finding = attrs.evolve(TOO_SHORT, found=found, wanted=wanted, hint=hint)
    report = attrs.evolve(REPORT, findings=(finding,))

    assert report.findings == parse_report(render_json(report), "report.json").report.findings


@pytest.mark.parametrize(
    "name",
    [
        "nonsense", "", "found", "found[0:99] place", "found[5:2] place", "found[-3:2] place",
        "found[0:5] place", "found[10:29] prefix", "found[10:29] elsewhere", "other[10:29] place",
        "found[10:29] source", "found[99999999999:2] place",
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_stays_a_text(name: str) -> None:
    """A stored report with changed positions of names is read with its texts unchanged."""
    finding = attrs.evolve(TOO_SHORT, subject=CELL, found=phrase("no BFD on ", SubjectName.PLACE))
    data = json.loads(render_json(attrs.evolve(REPORT, findings=(finding,))))
    assert ["found[10:27] place"] == data["findings"][0]["names"]
    data["findings"][0]["names"] = [name]

    (read,) = parse_report(json.dumps(data), "report.json").report.findings

    assert sentence(finding) == sentence(read)
    assert ("no BFD on ams-1 (edge1.ams)",) == read.found.parts


def test_names_are_found_again() -> None:
    """Every kind of name is read back, also next to another name."""
    found = phrase(
        SubjectName.PREFIX,
        SourceName("x (y).mrt"),
        " of ",
        SubjectName.PEERING,
        SubjectName.SESSION,
    )
    wanted = phrase("none on ", SubjectName.PLACE)
    hint = phrase(RuleIds.of(f"route.r{n}" for n in range(2_000)), " failed")
    finding = attrs.evolve(
        TOO_SHORT, subject=CELL, found=found, wanted=wanted, hint=hint, missing=(wanted,)
    )
    report = attrs.evolve(REPORT, findings=(finding,))

    assert report.findings == parse_report(render_json(report), "report.json").report.findings
