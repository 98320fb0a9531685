"""Build a registry file from what readers of registries have read."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Final

import attrs

from peerlint.errors import InputError
from peerlint.registry import file as registry_file
from peerlint.registry.columns import AutNumColumns, RouteColumns, VrpColumns
from peerlint.registry.delegated import Delegations
from peerlint.registry.peeringdb import PeeringDbFile
from peerlint.registry.records import SourceInfo
from peerlint.registry.sorting import (
    Names,
    aut_num_arrays,
    registry_names,
    route_arrays,
    vrp_arrays,
)
from peerlint.registry.stored_blocks import block_arrays
from peerlint.registry.stored_peeringdb import peeringdb_octets

_EXPECTED_NOW: Final = "microseconds since 1970, not negative"


@attrs.frozen
class RegistryInputs:
    """What a registry file is built from. The order of the columns makes no difference.

    Attributes:
        now: the time of the build, in microseconds since 1970: VRPs that have expired by then are
            left out.
        sources: the sources. What a kind of source says is unknown if there is none of the kind.
        routes: route objects, one item for each dump.
        aut_nums: aut-num objects, likewise.
        vrps: VRPs, one item for each file.
        delegations: of AS numbers and addresses, likewise.
        peeringdb: records of PeeringDB, likewise.
    """

    now: int
    sources: tuple[SourceInfo, ...] = ()
    routes: tuple[RouteColumns, ...] = ()
    aut_nums: tuple[AutNumColumns, ...] = ()
    vrps: tuple[VrpColumns, ...] = ()
    delegations: tuple[Delegations, ...] = ()
    peeringdb: tuple[PeeringDbFile, ...] = ()


def build(inputs: RegistryInputs, file: BinaryIO) -> int:
    """Write a registry file. The same inputs give the same octets.

    Args:
        inputs: the records.
        file: a binary file, open for writing.

    Returns:
        The number of octets.

    Raises:
        InputError: the time is negative, or there are more than 256 registries or trust anchors.
    """
    if inputs.now < 0:
        raise InputError("now", expected=_EXPECTED_NOW, found=inputs.now)
    registries = registry_names(inputs.routes, inputs.aut_nums)
    anchors = Names.of("trust anchors", (each.sources for each in inputs.vrps))
    arrays = (
        vrp_arrays(inputs.vrps, anchors, inputs.now)
        | route_arrays(inputs.routes, registries)
        | aut_num_arrays(inputs.aut_nums, registries)
        | block_arrays(inputs.delegations)
        | {"peeringdb": peeringdb_octets(inputs.peeringdb)}
    )
    sources = sorted(inputs.sources, key=lambda each: (each.kind, each.name, each.time or 0))
    header = {
        "built": inputs.now,
        "registries": registries.names,
        "sources": [attrs.asdict(each, filter=_is_stored) for each in sources],
        "trust_anchors": anchors.names,
    }
    return registry_file.write(file, header, arrays)


def _is_stored(attribute: attrs.Attribute[object], value: object) -> bool:
    """Return whether a value is stored: files from before servers were asked stay the same."""
    return attribute.name != "server" or bool(value)


def built(inputs: RegistryInputs) -> bytes:
    """Return the octets of a registry file, for tests and for small registries in memory."""
    file = BytesIO()
    build(inputs, file)
    return file.getvalue()
