"""The two halves of a message: what was found, and what was wanted."""

from __future__ import annotations

import re
from typing import Final

#: What was found may quote texts of other people, so the last "wanted" counts. Behind what was
#: wanted a hint may follow, which a semicolon sets apart.
_FORM: Final = re.compile(r"found (.*)[,;] wanted (.*?)(?:; .*)?", re.DOTALL)


def found_and_wanted(message: str) -> tuple[str | None, str | None]:
    """Split a finding's message, "found X, wanted Y" or "found X; wanted Y".

    Returns:
        X and Y, without a hint behind them ("found X, wanted Y; is send-community off?"); None
        and None for a message of another form.
    """
    form = _FORM.fullmatch(message)
    return (None, None) if form is None else (form[1], form[2])
