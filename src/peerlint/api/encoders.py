"""Routes of scans, written to a file."""

from __future__ import annotations

from typing import BinaryIO, Final, Protocol, runtime_checkable

from peerlint.api.registry_states import REGISTRY_COLUMNS
from peerlint.arguments import A_STRING, must_be
from peerlint.bulk import encoders
from peerlint.bulk.encoders import RouteEncoder

__all__ = ["ROUTE_FORMATS", "RouteEncoder", "route_encoder"]

#: The formats of `route_encoder`.
ROUTE_FORMATS: Final = encoders.FORMATS


@runtime_checkable
class _BinaryFile(Protocol):
    """What every open file has."""

    def readable(self) -> bool: ...
    def write(self, octets: bytes, /) -> int: ...
    def flush(self) -> None: ...


def route_encoder(
    form: str, file: BinaryIO, *, paths: bool = False, registry: bool = False
) -> RouteEncoder:
    """Return an encoder, which writes the batches of any number of scans to one file.

    Give it each batch with `write`, then `close` it; the caller closes the file.

    Args:
        form: "csv", "jsonl" or "parquet" (which needs the extra `arrow`).
        file: an open binary file.
        paths: whether to write AS paths and communities too, which takes longer.
        registry: whether to write `rov` and `origin_registered` too, which the batches of a scan
            with `registry` have.

    Raises:
        InputError: there is no such format, or pyarrow is not installed.
    """
    must_be("form", form, str, A_STRING)
    must_be("file", file, _BinaryFile, "an open binary file")
    states = REGISTRY_COLUMNS if registry else ()
    return encoders.route_encoder(form, file, paths=paths, states=states)
