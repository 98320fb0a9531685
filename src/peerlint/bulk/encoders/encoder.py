"""What an encoder of routes is, and the table of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

from peerlint.errors import InputError
from peerlint.wording import closest

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from peerlint.bulk.batch import RouteBatch


@runtime_checkable
class RouteEncoder(Protocol):
    """Writes batches of routes to a file that its caller has opened."""

    def write(self, batch: RouteBatch) -> None:
        """Write every row of a batch, now or later."""

    def close(self) -> None:
        """Write what is still held back, and the end of the format; the file stays open."""


#: The module and the class of each format, imported when it is asked for: Parquet is an extra.
_ENCODERS: Final = {
    "csv": ("csv", "CsvEncoder"),
    "jsonl": ("json_lines", "JsonLinesEncoder"),
    "parquet": ("parquet", "ParquetEncoder"),
}
#: The names of the formats, which are also the suffixes of their files.
FORMATS: Final = tuple(_ENCODERS)


def route_encoder(
    form: str, file: BinaryIO, *, paths: bool = False, states: tuple[str, ...] = ()
) -> RouteEncoder:
    """Return an encoder that writes routes to a file.

    Args:
        form: "csv", "jsonl" or "parquet".
        file: an open binary file.
        paths: whether to write AS paths and communities too, which takes longer.
        states: the names of the columns of states to write, which every batch must have.

    Raises:
        InputError: there is no such format, or pyarrow, which Parquet needs, is not installed.
    """
    if form not in _ENCODERS:
        raise InputError(
            "format", expected=", ".join(FORMATS), found=form, close=closest(form, FORMATS)
        )
    module, name = _ENCODERS[form]
    made = getattr(import_module(f"{__package__}.{module}"), name)
    return cast("Callable[..., RouteEncoder]", made)(file, paths=paths, states=states)
