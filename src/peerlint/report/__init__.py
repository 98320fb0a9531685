"""What people and machines read: one module for each format."""

from peerlint.report.csv import render_csv
from peerlint.report.diff import Difference, compare, render_diff_json, render_diff_text
from peerlint.report.document import Document
from peerlint.report.html import render_html
from peerlint.report.json import parse_report, render_json
from peerlint.report.junit import render_junit
from peerlint.report.ledger import ledger_json, render_ledger
from peerlint.report.page import render_profile, render_requirements, render_rule
from peerlint.report.sarif import render_sarif
from peerlint.report.scan import render_scan, scan_json
from peerlint.report.story import render_story
from peerlint.report.text import render_text
from peerlint.report.whatif import WhatIf, render_what_if_json, render_what_if_text, what_if

__all__ = [
    "Difference",
    "Document",
    "WhatIf",
    "compare",
    "ledger_json",
    "parse_report",
    "render_csv",
    "render_diff_json",
    "render_diff_text",
    "render_html",
    "render_json",
    "render_junit",
    "render_ledger",
    "render_profile",
    "render_requirements",
    "render_rule",
    "render_sarif",
    "render_scan",
    "render_story",
    "render_text",
    "render_what_if_json",
    "render_what_if_text",
    "scan_json",
    "what_if",
]
