"""What a source proves of a session: how sure its routes are, and whether it shows all of them."""

from __future__ import annotations

from typing import Final

from peerlint.arguments import ArgumentEnum
from peerlint.model import View

#: From the view that proves most to the one that proves least.
BEST_VIEW_FIRST: Final = tuple(View)


class Confidence(ArgumentEnum):
    """Whether an outcome was observed on the wire, or inferred from what a router has."""

    OBSERVED = "observed"
    INFERRED = "inferred"

    @classmethod
    def of(cls, view: View) -> Confidence:
        """Return what a view proves: `received` and `sent` show the wire itself."""
        return cls.OBSERVED if view.is_definite else cls.INFERRED


class Coverage(ArgumentEnum):
    """Whether a source shows all routes of a session."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NONE = "none"


#: From the best coverage to the worst.
BEST_COVERAGE_FIRST: Final = tuple(Coverage)
