"""IANA's special-purpose registries as dated tables, with functions to look numbers up.

This package takes and returns plain integers. The tables have the date on which they were last
compared with the registries, and the RFC of each row.
"""

from peerlint.iana.addresses import AddressBlock, special_blocks
from peerlint.iana.asns import AsnClass, asn_class

#: The values of `allow`: kinds that may count as public in a lab (RFC 5737, 3849, 5398, 2544).
ALLOWABLE = frozenset({"documentation", "benchmarking"})

__all__ = ["ALLOWABLE", "AddressBlock", "AsnClass", "asn_class", "special_blocks"]
