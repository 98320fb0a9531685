"""The argument `view` of the public API."""

from __future__ import annotations

from peerlint.arguments import must_be
from peerlint.errors import InputError
from peerlint.model import View
from peerlint.wording import closest


def parse_view(view: View | str) -> View:
    """Return a view by its name.

    Raises:
        InputError: there is no such view.
    """
    must_be("view", view, str, ", ".join(View))
    try:
        return View(view)
    except ValueError:
        expected, close = ", ".join(View), closest(view, View)
        raise InputError("view", expected=expected, found=view, close=close) from None
