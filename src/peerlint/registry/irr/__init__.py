"""Internet Routing Registries: dumps in RPSL (RFC 2622), and the members of as-sets."""

from peerlint.registry.irr.dump import IrrDump
from peerlint.registry.irr.expand import Expansion, expand
from peerlint.registry.irr.objects import AsSet
from peerlint.registry.irr.reader import IrrReader, read_irr, read_irr_chunks
from peerlint.registry.irr.repeated import Repeated, repeated

__all__ = [
    "AsSet",
    "Expansion",
    "IrrDump",
    "IrrReader",
    "Repeated",
    "expand",
    "read_irr",
    "read_irr_chunks",
    "repeated",
]
