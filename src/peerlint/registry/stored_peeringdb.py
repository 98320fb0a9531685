"""Records of PeeringDB as JSON in a registry file, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.registry.peeringdb import (
    Contact,
    Facility,
    Network,
    PeeringDb,
    PeeringDbFile,
    RecordKind,
)
from peerlint.registry.skips import Skips

if TYPE_CHECKING:
    import numpy.typing as npt

#: Kinds of records in their order in the JSON.
_KINDS: Final = tuple(RecordKind)


def peeringdb_octets(files: Sequence[PeeringDbFile]) -> npt.NDArray[np.uint8]:
    """Return the records of some files as octets."""
    joined = PeeringDb.of(sorted(files, key=lambda each: (each.newest or 0, each.name)))
    networks = sorted(joined.networks.values(), key=lambda each: each.asn)
    facilities = sorted(joined.facilities.values())
    contacts = [
        [network.id, [attrs.astuple(each) for each in found]]
        for network in networks
        if (found := joined.contacts_of(network.id))
    ]
    text = json.dumps(
        {
            "contacts": contacts,
            "facilities": [attrs.astuple(each) for each in facilities],
            "kinds": [each for each in _KINDS if each in joined.kinds],
            "links": [
                [network.id, sorted(own)]
                for network in networks
                if (own := joined.facilities_of(network.id))
            ],
            "networks": [attrs.astuple(each) for each in networks],
        },
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return np.frombuffer(text.encode(), np.uint8)


def read_peeringdb_octets(octets: npt.NDArray[np.uint8]) -> PeeringDb:
    """Return the records that octets have.

    Raises:
        KeyError, TypeError, ValueError: the octets are not those of `peeringdb_octets`.
    """
    found = json.loads(octets.tobytes())
    return PeeringDb.of([
        PeeringDbFile(
            "",
            tuple(Network(*each) for each in found["networks"]),
            tuple(Facility(*each) for each in found["facilities"]),
            tuple((network, each) for network, own in found["links"] for each in own),
            tuple((network, Contact(*each)) for network, own in found["contacts"] for each in own),
            frozenset(map(RecordKind, found["kinds"])),
            None,
            None,
            Skips(),
        )
    ])  # fmt: skip
