"""How a report is shown to a person."""

from __future__ import annotations

from typing import Final

import attrs

#: Columns of a page that is no terminal.
WIDTH: Final = 100


@attrs.frozen
class RenderOptions:
    """What a person asked for.

    Attributes:
        width: columns of the page.
        color: whether to write a terminal's colours.
        verbose: whether to show everything that stands behind a finding: all places where it was
            seen, not only the first.
        quiet: whether to show the totals alone.
    """

    width: int = WIDTH
    color: bool = False
    verbose: bool = False
    quiet: bool = False
