"""What servers of registries were asked about: their silence about anything else means nothing."""

from __future__ import annotations

import attrs

from peerlint.model import Prefix


@attrs.frozen
class Asked:
    """AS numbers and prefixes.

    Attributes:
        asns: AS numbers whose `aut-num` objects, and route objects with them as origin, were asked
            for.
        prefixes: prefixes whose route objects, and those that cover them, were asked for.
    """

    asns: frozenset[int] = frozenset()
    prefixes: frozenset[Prefix] = frozenset()

    def covers(self, asn: int | None = None, prefix: Prefix | None = None) -> bool:
        """Return whether an AS number, a prefix, or both were asked about."""
        return (asn is None or asn in self.asns) and (prefix is None or prefix in self.prefixes)
