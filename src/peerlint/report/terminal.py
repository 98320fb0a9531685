"""Text output: wrapped lines, with or without terminal colours."""

from __future__ import annotations

import io
from typing import Final

from rich.cells import cell_len
from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style
from rich.text import Text

from peerlint.display import safe_line

#: A piece of a line and the style it is written in; "" for none.
Piece = tuple[str, str]


#: In front of the further lines of a paragraph.
_INDENT: Final = "  "


class TextOutput:
    """A text that is written line by line.

    Rich provides styles and line breaks. Its console would take most of the time of a long report,
    so that it is used once for each different paragraph.
    """

    def __init__(self, width: int, *, colour: bool) -> None:
        """Start an empty text.

        Args:
            width: the width in columns.
            colour: whether to write terminal colours.
        """
        self.width = width
        self._out = io.StringIO()
        self._console = Console(width=width, force_terminal=colour, no_color=not colour)
        # If colours are requested, they are written even if the terminal claims to have none.
        system = self._console.color_system or "standard"
        self._system = COLOR_SYSTEMS[system] if colour else None
        self._broken: dict[tuple[str, int], list[str]] = {}

    def text(self) -> str:
        """Return the text."""
        return self._out.getvalue()

    def line(self, *pieces: Piece) -> None:
        """Write one line of any length, without blanks at its end."""
        pieces = _without_command(pieces)
        end = len("".join(text for text, _ in pieces).rstrip())
        for text, style in pieces:
            self._out.write(self._styled(text[: max(end, 0)], style))
            end -= len(text)
        self._out.write("\n")

    def wrapped(self, *pieces: Piece) -> None:
        """Write pieces on as many lines as they need.

        Further lines are indented, so that a part of a name cannot look like the start of a line.
        """
        if sum(cell_len(text) for text, _ in pieces) <= self.width:
            self.line(*pieces)
            return
        indent = ""
        for line in Text.assemble(*pieces).wrap(self._console, self.width - len(_INDENT)):
            found = line.render(self._console)
            self.line((indent, ""), *((each.text, str(each.style or "")) for each in found))
            indent = _INDENT

    def hanging(self, text: str, indent: str) -> None:
        """Write a paragraph whose lines after the first are indented."""
        first, *rest = self.broken(text, self.width - len(indent))
        self.line((first, ""))
        for line in rest:
            self.line((indent + line, ""))

    def broken(self, text: str, width: int) -> list[str]:
        """Return the lines of a paragraph.

        Args:
            text: the paragraph.
            width: the width in columns.
        """
        key = (text, width)
        if key not in self._broken:
            lines = Text(text).wrap(self._console, width)
            self._broken[key] = [line.plain.rstrip() for line in lines]
        return self._broken[key]

    def _styled(self, text: str, style: str) -> str:
        if not text or not style or self._system is None:
            return text
        return Style.parse(style).render(text, color_system=self._system)


def _without_command(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Escape a workflow command at the start of a line, where a line break may have put it."""
    line = "".join(text for text, _ in pieces)
    safe = safe_line(line)
    if safe == line:
        return pieces
    # The styles of such a line are lost.
    return ((safe, ""),)
