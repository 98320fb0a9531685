"""Read a dump of PeeringDB, or a file of its API."""

from __future__ import annotations

from typing import BinaryIO, Final

from peerlint.errors import InputError
from peerlint.registry.json_stream import JsonStream
from peerlint.registry.peeringdb.records import MAX_RECORDS, Json, Records, kind_of
from peerlint.registry.peeringdb.values import PeeringDbFile, RecordKind
from peerlint.registry.seconds import seconds_of
from peerlint.registry.skips import Place, Skips, Unit
from peerlint.wording import Words

_EXPECTED: Final = "records net, fac, netfac or poc of PeeringDB"
_HINT: Final = "give a dump, or what https://www.peeringdb.com/api/net?asn=64500&depth=2 returns"


def read_peeringdb(file: BinaryIO, name: str) -> PeeringDbFile:
    """Read a dump (`{"net": {"data": [...]}, ...}`) or a file of the API (`{"data": [...]}`).

    Files of any size are read in chunks; records of other kinds are ignored.

    Args:
        file: the JSON, in UTF-8.
        name: the file's name, as given.

    Raises:
        InputError: the file is cut or no JSON, or has no records of PeeringDB.
    """
    stream = JsonStream(file, name)
    reader = _Reader(stream, Records(Skips()))
    if stream.next_is("["):
        reader.read_list(None)
    else:
        for key in stream.members():
            reader.read_member(key)
    stream.end()
    records = reader.records
    if not records.kinds:
        raise InputError(name, expected=_EXPECTED, found=Words("none"), hint=_HINT)
    return PeeringDbFile(
        name,
        tuple(records.networks),
        tuple(records.facilities),
        tuple(records.links),
        tuple(records.contacts),
        records.known_kinds,
        reader.time,
        records.newest,
        records.skips,
    )


class _Reader:
    """Finds the lists of records in a file."""

    def __init__(self, stream: JsonStream, records: Records) -> None:
        self.records = records
        self.time: int | None = None
        self._stream = stream

    def read_member(self, key: str) -> None:
        """Read a member of the file: of a dump the records of one kind, of the API all."""
        is_list = self._stream.next_is("[")
        kind = next((each for each in RecordKind if each == key), None)
        if key == "data" and is_list:
            self.read_list(None)
        elif key == "meta":
            self._read_meta()
        elif kind is not None and is_list:
            self.read_list(kind)
        elif kind is not None and self._stream.next_is("{"):
            self._read_part(kind)

    def read_list(self, kind: RecordKind | None) -> None:
        """Read records.

        Args:
            kind: their kind; None if only their members tell.
        """
        if kind is not None:
            self.records.kinds.add(kind)
        for record in self._stream.elements():
            if not isinstance(record, dict):
                self._skip("the record is no object")
                continue
            found = kind or kind_of(record)
            if found is None:
                continue
            problem = self.records.add(found, record)
            if problem is not None:
                self._skip(problem)
            if self.records.count > MAX_RECORDS:
                expected, more = f"at most {MAX_RECORDS:,} records", Words("more")
                raise InputError(self._stream.name, expected=expected, found=more)

    def _read_part(self, kind: RecordKind) -> None:
        for key in self._stream.members():
            if key == "data" and self._stream.next_is("["):
                self.read_list(kind)
            elif key == "meta":
                self._read_meta()

    def _read_meta(self) -> None:
        if not self._stream.next_is("{"):
            return
        value = self._stream.value()
        meta: Json = value if isinstance(value, dict) else {}
        seconds = seconds_of(meta.get("generated"))
        if seconds >= 0:
            self.time = max(self.time or 0, seconds * 1_000_000)

    def _skip(self, reason: str) -> None:
        place = Place(self._stream.name, self._stream.octet, Unit.OCTET)
        self.records.skips.add(reason, place)
