"""Elements of a dump: one value for each route, withdrawal or change of a session's state."""

from peerlint.elements.bgpdump import bgpdump_line
from peerlint.elements.element import Element, Kind, elements_of
from peerlint.elements.ndjson import element_data
from peerlint.elements.selection import Selection

__all__ = ["Element", "Kind", "Selection", "bgpdump_line", "element_data", "elements_of"]
