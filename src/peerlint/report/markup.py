"""HTML as a tree: whatever stands in an inventory or in a dump is text in it, and nothing else."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from peerlint.results import CheckResult, Severity, State

Child = ET.Element | str | None
#: Classes of colours: of states, of what came out, of checks.
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
#: A line feed after these keeps the source readable and changes nothing that is seen.
_BLOCKS: Final = frozenset(
    {"head", "meta", "title", "style", "body", "header", "section", "article", "div", "h1", "h2"}
    | {"h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "blockquote", "footer", "details"}
    | {"summary", "form", "fieldset", "script", "main", "nav"}
)


def e(
    tag: str, *children: Child | dict[str, str], class_: str | None = None, **attributes: str
) -> ET.Element:
    """Make an element.

    Args:
        tag: its name.
        children: texts, elements and nothings; a dict among them is more attributes.
        class_: of the style sheet.
        attributes: of the element.
    """
    element = ET.Element(tag, attributes)
    if class_ is not None:
        element.set("class", class_)
    for child in children:
        if isinstance(child, dict):
            element.attrib.update(child)
        elif isinstance(child, ET.Element):
            element.append(child)
        elif child is not None and len(element):
            element[-1].tail = (element[-1].tail or "") + child
        elif child is not None:
            element.text = (element.text or "") + child
    if tag in _BLOCKS:
        element.tail = "\n"
    return element


def badge(text: str, colour: str) -> ET.Element:
    """Return a word in a coloured box."""
    return e("span", text, class_=f"badge {colour}")
