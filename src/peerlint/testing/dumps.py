"""Build MRT dumps from routes, for tests.

There are three builders: `RibDump` for tables in TABLE_DUMP_V2, `OldRibDump` for tables in
TABLE_DUMP, and `UpdateDump` for messages in BGP4MP. They take routes as values or in the one-line
notation (see `peerlint.model.Route.parse`), and return the octets of a dump, which a test can
compress or write to a file::

    rib = RibDump()
    ams = rib.peer("192.0.2.1", 64500)
    rib.routes(ams, "203.0.113.0/24 path 64500 64501 community 8075:8007")
    path.write_bytes(gzip.compress(rib.octets()))

A route without a next hop gets the address of the peer that announces it, as on a real session.
"""

from __future__ import annotations

from peerlint.testing._dump import TIMESTAMP, route_attributes
from peerlint.testing._rib_dumps import OldRibDump, RibDump
from peerlint.testing._update_dump import ESTABLISHED, FeedSession, UpdateDump

__all__ = [
    "ESTABLISHED",
    "TIMESTAMP",
    "FeedSession",
    "OldRibDump",
    "RibDump",
    "UpdateDump",
    "route_attributes",
]
