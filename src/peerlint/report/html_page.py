"""The frame of an HTML page: its head, and a policy that allows no script but its own."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Final
from xml.etree import ElementTree as ET

from peerlint.report.markup import Child, element

_START: Final = "<!doctype html>\n"


def packaged_text(package: str, name: str) -> str:
    """Return a style sheet or a script that is part of the program.

    Args:
        package: the package that has the file.
        name: the name of the file.
    """
    return files(package).joinpath(name).read_text(encoding="utf-8")


def report_style() -> str:
    """Return the style sheet of the report."""
    return packaged_text(__package__, "page.css")


def report_script() -> str:
    """Return the script of the report: it filters, and unfolds everything for a printer."""
    return packaged_text(__package__, "page.js")


def content_hash(text: str) -> str:
    """Return the hash of a script or a style sheet, as a Content-Security-Policy names it."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def head(title: str, policy: str, style: str, *more: Child) -> ET.Element:
    """Return the head of a page.

    Args:
        title: the title.
        policy: the Content-Security-Policy.
        style: the style sheet.
        more: further elements.
    """
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", {"http-equiv": "Content-Security-Policy"}, content=policy),
        element("title", title),
        *more,
        element("style", style),
    )


def page_text(head: ET.Element, body: ET.Element) -> str:
    """Return a page as text."""
    page = element("html", head, body, lang="en")
    return f"{_START}{html_text(page)}\n"


def html_text(part: ET.Element) -> str:
    """Return an element as HTML, in which all texts are escaped."""
    return ET.tostring(part, "unicode", method="html")
