"""The file of `scan --out`: opened here, written by an encoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from peerlint.api.encoders import ROUTE_FORMATS, RouteEncoder, route_encoder
from peerlint.cli.refusals import FULL
from peerlint.cli.signals import temporary_file
from peerlint.errors import InputError
from peerlint.wording import Words, open_failure

_EXPECTED: Final = "a name that ends with .parquet, .csv or .jsonl"


@contextmanager
def out_file(name: str, *, paths: bool, registry: bool = False) -> Iterator[RouteEncoder]:
    """Yield an encoder that writes to a file, which gets its name when it is complete.

    Args:
        name: its suffix is the format: .parquet, .csv or .jsonl.
        paths: whether to write AS paths and communities too.
        registry: whether to write what registries say too.

    Raises:
        InputError: the suffix is another one, the file exists, its folder cannot be written to, or
            pyarrow is missing.
    """
    path = Path(name)
    form = path.suffix.removeprefix(".")
    if form not in ROUTE_FORMATS or not path.suffix:
        raise InputError("--out", expected=_EXPECTED, found=name)
    with ExitStack() as stack:
        try:
            is_there = path.exists()
            part = stack.enter_context(temporary_file(path))
            if not is_there:
                file = stack.enter_context(part.open("wb"))
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            expected = "a folder that exists, where you may write"
            found = Words(f"{name}: {open_failure(error)}")
            raise InputError("--out", expected=expected, found=found) from None
        if is_there:
            raise InputError("--out", expected="a file that does not exist yet", found=name)
        try:
            encoder = route_encoder(form, file, paths=paths, registry=registry)
        except InputError as error:
            raise InputError("--out", expected=error.expected, found=error.found) from None
        yield encoder
        encoder.close()
        file.close()
        part.replace(path)
