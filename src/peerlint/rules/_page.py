"""Parse the docstring of a rule: its page, its fix, and its scenarios.

Under "Fires:" are scenarios on which the rule fires, under "Silent:" those on which it does not.
They are in the notation of `peerlint.testing`, indented by four spaces and separated by blank
lines::

    Every route for the prefix carries the standard community 8075:8007.

    What to do: set 8075:8007 in the export policy of the session.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007

        # the default scenario, unchanged
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Final

import attrs

_INDENT: Final = "    "
_HEADS: Final = re.compile(r"^(Fires|Silent):\n", re.MULTILINE)
_FIX: Final = "\n\nWhat to do: "


@attrs.frozen
class Page:
    """The parts of a rule's docstring.

    Attributes:
        text: what the rule checks and why it matters.
        fix: the text after "What to do:", in one line without a full stop; None if there is none.
        fires_on: the scenarios under "Fires:".
        silent_on: the scenarios under "Silent:".
    """

    text: str
    fix: str | None = None
    fires_on: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()


@cache
def page_of(docstring: str) -> Page:
    """Return the parts of a docstring; each docstring is parsed once, on first use.

    Raises:
        ValueError: a heading occurs twice or has no scenario, or a line below it is not indented.
    """
    text, *rest = _HEADS.split(inspect.cleandoc(docstring))
    heads, bodies = rest[::2], rest[1::2]
    if len(set(heads)) < len(heads):
        raise ValueError(f"expected {heads[0]}: once, found it again below {text!r}")
    scenarios = dict(zip(heads, map(_scenarios, bodies), strict=True))
    text, found, fix = text.rstrip().partition(_FIX)
    return Page(
        text,
        fix.replace("\n", " ").removesuffix(".") if found else None,
        scenarios.get("Fires", ()),
        scenarios.get("Silent", ()),
    )


def _scenarios(body: str) -> tuple[str, ...]:
    blocks = body.strip("\n").split("\n\n")
    for line in "\n".join(blocks).split("\n"):
        if not line.startswith(_INDENT):
            raise ValueError(f"expected a scenario, indented by four, found {line!r}")
    return tuple(block.removeprefix(_INDENT).replace(f"\n{_INDENT}", "\n") for block in blocks)
