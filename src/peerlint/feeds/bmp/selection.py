"""Which routes of a BMP stream become events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from peerlint.bulk import PrefixFilter
from peerlint.events import TableRef
from peerlint.model import Community, Criteria
from peerlint.wire.attributes import Attributes


def _every_table(_router: str, _table: TableRef) -> bool:
    return True


@attrs.frozen
class RouteSelection:
    """Which routes become events; of the other ones no objects are made.

    A route is selected if its prefix overlaps a prefix that is asked about, in either direction, or
    if it carries the community. One that has been an event stays one until it is withdrawn, so that
    its loss of the community is seen. The other routes of the same tables are counted, see
    `peerlint.events.OtherRoutes`.

    Attributes:
        prefix_filter: the space that is asked about; None for all of it.
        community: the community.
        watches: returns whether the routes of a router's table are wanted; of other tables there
            are no routes, End-of-RIB and counts. It is asked once for a table, and has to return
            the same each time.
    """

    prefix_filter: PrefixFilter | None
    community: Community = Criteria().community
    watches: Callable[[str, TableRef], bool] = _every_table

    def is_tagged(self, attributes: Attributes) -> bool:
        """Return whether a route with these attributes carries the community."""
        return self.community in attributes.communities


#: Every route of every table.
EVERYTHING: Final = RouteSelection(None)
