"""Read files of VRPs."""

from __future__ import annotations

from typing import BinaryIO

import attrs

from peerlint.registry.columns import VrpColumns
from peerlint.registry.json_stream import CHUNK, Readable
from peerlint.registry.rpki.builder import VrpBuilder
from peerlint.registry.rpki.vrp_csv import read_vrp_csv
from peerlint.registry.rpki.vrp_json import read_vrp_json
from peerlint.registry.skips import Skips, Unit


@attrs.frozen(eq=False)
class VrpDump:
    """The VRPs of one file.

    Attributes:
        name: the file's name, as given.
        columns: the valid VRPs that had not expired, in the order of the file.
        expired: how many had.
        skips: the entries that cannot be used, by reason.
        generated: when the file was made, in microseconds since 1970; None if it does not say.
    """

    name: str
    columns: VrpColumns
    expired: int
    skips: Skips
    generated: int | None


def read_vrps(file: BinaryIO, name: str, now: int) -> VrpDump:
    """Read JSON of rpki-client, Routinator (`json`, `jsonext`) or StayRTR, or CSV.

    Files of any size are read in chunks. A file that is cut is an error, and not fewer VRPs: a
    route would be invalid because the VRP that it matches is missing.

    Args:
        file: the file.
        name: its name, as given.
        now: VRPs that have expired by then are left out; in microseconds since 1970.

    Raises:
        InputError: the file is cut, has another format, or has too many VRPs.
    """
    first = file.read(CHUNK)
    # Pipes and decompressors return less than they are asked for, maybe blanks alone.
    while len(first) < CHUNK and (more := file.read(CHUNK - len(first))):
        first += more
    rest = _Continued(first, file)
    skips = Skips()
    if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}:
        builder = VrpBuilder(name, Unit.OCTET, now, skips)
        generated = read_vrp_json(rest, name, builder)
    else:
        builder = VrpBuilder(name, Unit.LINE, now, skips)
        generated = None
        read_vrp_csv(rest, name, builder)
    return VrpDump(name, builder.columns(), builder.expired, skips, generated)


class _Continued:
    """A file whose first octets were read already."""

    def __init__(self, first: bytes, file: Readable) -> None:
        self._first = first
        self._file = file

    def read(self, size: int, /) -> bytes:
        """Return the first octets, then those of the file."""
        first, self._first = self._first, b""
        return first or self._file.read(size)
