"""Networks and facilities of PeeringDB, from a dump or from files of its API."""

from peerlint.registry.peeringdb.reader import read_peeringdb
from peerlint.registry.peeringdb.values import (
    MICROSOFT,
    Contact,
    Facility,
    Network,
    PeeringDb,
    PeeringDbFile,
    RecordKind,
)

__all__ = [
    "MICROSOFT",
    "Contact",
    "Facility",
    "Network",
    "PeeringDb",
    "PeeringDbFile",
    "RecordKind",
    "read_peeringdb",
]
