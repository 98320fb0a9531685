"""IANA's special-purpose registries, as dated tables, and the questions asked of them.

This package takes and returns plain integers. Its tables carry the date on which they were
compared with the registries and the RFC behind each row.
"""

from peerlint.iana.addresses import AddressBlock, special_blocks
from peerlint.iana.asns import AsnClass, asn_class

#: Names that `allow` may hold: blocks that count as public in a lab (RFC 5737, 3849, 5398, 2544).
ALLOWABLE = frozenset({"documentation", "benchmarking"})

__all__ = ["ALLOWABLE", "AddressBlock", "AsnClass", "asn_class", "special_blocks"]
