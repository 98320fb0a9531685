"""The paper that a report is written on: lines of text, with or without a terminal's colours."""

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
    """Lines, put down one after the other.

    Rich knows styles and where to break a line. Its console, which does more than that, takes
    most of the time of a long report: here it is asked once for each different paragraph.
    """

    def __init__(self, width: int, *, colour: bool) -> None:
        """Start with an empty page of so many columns."""
        self.width = width
        self._out = io.StringIO()
        self._console = Console(width=width, force_terminal=colour, no_color=not colour)
        # Who asks for colours gets some, even of a terminal that is said to have none.
        system = self._console.color_system or "standard"
        self._system = COLOR_SYSTEMS[system] if colour else None
        self._broken: dict[tuple[str, int], list[str]] = {}

    def text(self) -> str:
        """Return what was written."""
        return self._out.getvalue()

    def line(self, *pieces: Piece) -> None:
        """Write one line, however long, without blanks at its end."""
        pieces = _without_command(pieces)
        end = len("".join(text for text, _ in pieces).rstrip())
        for text, style in pieces:
            self._out.write(self._styled(text[: max(end, 0)], style))
            end -= len(text)
        self._out.write("\n")

    def wrapped(self, *pieces: Piece) -> None:
        """Write pieces, in several lines if they are too long for one.

        The further ones are indented: a name with blanks in it must not begin a line of ours.
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
        """Write a paragraph with blanks before each line but the first."""
        first, *rest = self.broken(text, self.width - len(indent))
        self.line((first, ""))
        for line in rest:
            self.line((indent + line, ""))

    def broken(self, text: str, width: int) -> list[str]:
        """Return the lines of a paragraph that has so many columns."""
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
    """Spell the sign of a command at the start of a line: a word may have been broken there."""
    line = "".join(text for text, _ in pieces)
    safe = safe_line(line)
    if safe == line:
        return pieces
    # Styles matter less than what a line does.
    return ((safe, ""),)
