"""What a source proves of a session: how sure its routes are, and whether it shows all of them."""

from __future__ import annotations

from typing import Final

from peerlint.arguments import ArgumentEnum
from peerlint.model import View

#: From the view that proves most to the one that proves least.
BEST_VIEW_FIRST: Final = tuple(View)


class Confidence(ArgumentEnum):
    """How sure an outcome is."""

    OBSERVED = "observed"
    INFERRED = "inferred"

    @classmethod
    def of(cls, view: View) -> Confidence:
        """What a view proves: the wire itself, or what comes before export policy."""
        return cls.OBSERVED if view.is_definite else cls.INFERRED


class Coverage(ArgumentEnum):
    """Whether a source shows all routes of a session."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NONE = "none"
