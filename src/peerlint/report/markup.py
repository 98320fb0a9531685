"""HTML as a tree of elements, in which texts of inventories and dumps are always escaped."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from peerlint.results import CheckResult, Severity, State

Child = ET.Element | str | None
#: Style classes of states, of labels of findings, and of results of checks.
STATES: Final = {
    State.INVALID: "bad",
    State.FAILED: "bad",
    State.UNKNOWN: "open",
    State.PENDING: "info",
    State.WARNING: "warn",
    State.VERIFIED: "ok",
}
LABELS: Final = {
    str(Severity.ERROR): "bad",
    str(Severity.WARNING): "warn",
    str(Severity.INFO): "info",
    "waived": "waived",
    "attested": "waived",
    "unknown": "open",
}
RESULTS: Final = {CheckResult.PASS: "ok", CheckResult.FAIL: "bad", CheckResult.UNKNOWN: "open"}
#: Elements that are followed by a line feed, which makes the source readable.
_BLOCKS: Final = frozenset(
    {"head", "meta", "title", "style", "body", "header", "section", "article", "div", "h1", "h2"}
    | {"h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "blockquote", "footer", "details"}
    | {"summary", "form", "fieldset", "script", "main", "nav"}
)


def element(
    tag: str, *children: Child | dict[str, str], class_: str | None = None, **attributes: str
) -> ET.Element:
    """Return an element.

    Args:
        tag: the name of the element.
        children: texts and elements; None is ignored, and a dictionary has further attributes.
        class_: the style class; None without one.
        attributes: the attributes.
    """
    made = ET.Element(tag, attributes)
    if class_ is not None:
        made.set("class", class_)
    for child in children:
        if isinstance(child, dict):
            made.attrib.update(child)
        elif isinstance(child, ET.Element):
            made.append(child)
        elif child is not None and len(made):
            made[-1].tail = (made[-1].tail or "") + child
        elif child is not None:
            made.text = (made.text or "") + child
    if tag in _BLOCKS:
        made.tail = "\n"
    return made


def badge(text: str, colour: str) -> ET.Element:
    """Return a word in a coloured box."""
    return element("span", text, class_=f"badge {colour}")
