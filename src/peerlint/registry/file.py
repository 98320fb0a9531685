"""The format of a registry file: arrays as numpy has them in memory, and a header in JSON.

::

    octets     content
    0 to 7     `MAGIC`
    8 to 11    the version of the format, as a little-endian integer
    12 to 15   the number of octets of the header
    16 to 47   SHA-256 of the header
    48         the header: JSON with the arrays (name, type, offset, elements, SHA-256) and what
               else the file has to say, without line breaks, its keys sorted
    ...        the arrays, each at a multiple of 64 octets, with zeros between them

The same arrays and the same header give the same octets. Opening a file reads its header alone; an
array is read, and checked, when it is used for the first time.

Files are read, not mapped into memory: where another program shortens a mapped file, the next use
of its octets ends the process (SIGBUS), and no check before can prevent it.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, TypeAlias, TypeVar, cast

import attrs
import numpy as np

from peerlint.errors import FeedError

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.generic]"
Scalar = TypeVar("Scalar", bound=np.generic)
MAGIC: Final = b"\x89PLREG\r\n"
#: Increase it with every change that an older peerlint would misread.
VERSION: Final = 1
_ALIGNMENT: Final = 64
#: The type of an array: its kind and the octets of an element. numpy understands far more.
_TYPE: Final = re.compile(r"[<|][uiS]([1-9][0-9]?)", re.ASCII)
_PREAMBLE: Final = struct.Struct("<8sII32s")
_BUILD_AGAIN: Final = "build it again with peerlint registry build"


def write(file: BinaryIO, header: Mapping[str, object], arrays: Mapping[str, Array]) -> int:
    """Write a registry file.

    Args:
        file: a binary file, open for writing.
        header: what the file says beside its arrays, as values of JSON.
        arrays: the arrays by name, of one dimension.

    Returns:
        The number of octets.
    """
    offset, entries = 0, []
    for name, array in arrays.items():
        octets = _octets(array)
        digest = hashlib.sha256(octets).hexdigest()
        entries.append([name, array.dtype.str, offset, len(array), digest])
        offset = _aligned(offset + len(octets))
    text = _json({**header, "arrays": entries})
    size = file.write(_PREAMBLE.pack(MAGIC, VERSION, len(text), hashlib.sha256(text).digest()))
    size += file.write(text)
    for array in arrays.values():
        size += file.write(bytes(_aligned(size) - size))
        size += file.write(_octets(array))
    return size


class StoredOctets(Protocol):
    """Octets that a registry file is read from."""

    @property
    def size(self) -> int:
        """The number of octets when the file was opened."""

    def read(self, start: int, count: int) -> memoryview:
        """Return octets that nobody else can change; fewer if the file has become shorter.

        Raises:
            FeedError: they cannot be read.
        """

    def is_unchanged(self) -> bool:
        """Return whether nobody has written to the file since it was opened."""


@attrs.frozen(eq=False)
class OctetsInMemory:
    """Octets of a registry file that are in memory, and that nobody changes.

    Attributes:
        content: the whole file.
    """

    content: memoryview

    @property
    def size(self) -> int:
        """The number of octets."""
        return len(self.content)

    def read(self, start: int, count: int) -> memoryview:
        """Return some of the octets, without a copy."""
        return self.content[start : start + count]

    def is_unchanged(self) -> bool:
        """Return True."""
        return True


class RegistryFile:
    """The content of a registry file.

    Attributes:
        name: the name of the file, for messages.
        header: what the file says beside its arrays.
        octets: the size of the file.
    """

    def __init__(self, stored: StoredOctets, name: str) -> None:
        """Read the header.

        Args:
            stored: the octets of the file.
            name: the name of the file, for messages.

        Raises:
            FeedError: the content is not a registry file, is damaged, or is of a newer version.
        """
        self.name = name
        self.octets = stored.size
        self._stored = stored
        self._arrays: dict[str, Array] = {}
        self.header, start = self._read_header()
        self._entries = self._read_entries(start)

    def check_unchanged(self) -> None:
        """Check that nobody has overwritten the file since it was opened.

        Raises:
            FeedError: somebody has. A file that another one has replaced by its name does not
                change: its octets stay until nobody uses them.
        """
        if not self._stored.is_unchanged():
            raise FeedError(
                self.name,
                "was overwritten while it is in use; open it again, and replace a registry file by "
                "renaming a new one, as peerlint registry build does",
            )

    def array(self, name: str, dtype: np.dtype[Scalar]) -> npt.NDArray[Scalar]:
        """Return an array of the file; it cannot be written.

        Args:
            name: the name of the array.
            dtype: the type of its elements.

        Raises:
            FeedError: the file has no such array, or it is damaged, or the file was overwritten.
        """
        self.check_unchanged()
        if (known := self._arrays.get(name)) is not None and known.dtype == dtype:
            return cast("npt.NDArray[Scalar]", known)
        try:
            written, start, count, digest = self._entries[name]
        except KeyError:
            raise self._damaged(f"array {name}", "none") from None
        if written != dtype.str:
            raise self._damaged(f"array {name} of type {dtype.str}", written)
        octets = self._stored.read(start, count * dtype.itemsize)
        if hashlib.sha256(octets).hexdigest() != digest:
            self.check_unchanged()
            raise self._damaged(f"array {name} with the checksum of its header", "another one")
        array = np.frombuffer(octets, dtype)
        self._arrays[name] = array
        return array

    def _read_header(self) -> tuple[dict[str, object], int]:
        """Return the header and the offset of the first array."""
        preamble = bytes(self._stored.read(0, _PREAMBLE.size))
        if len(preamble) < _PREAMBLE.size or not preamble.startswith(MAGIC):
            raise FeedError(
                self.name,
                "expected a registry file, found something else; "
                "make one with peerlint registry build",
            )
        _, version, length, digest = _PREAMBLE.unpack(preamble)
        if version != VERSION:
            raise FeedError(
                self.name,
                f"expected a registry file of format {VERSION}, found format {version}; "
                + ("update peerlint, or " if version > VERSION else "")
                + _BUILD_AGAIN,
            )
        text = bytes(self._stored.read(_PREAMBLE.size, min(length, self.octets)))
        if hashlib.sha256(text).digest() != digest:
            raise self._damaged("a header with the checksum in front of it", "another one")
        try:
            header = json.loads(text)
        except ValueError:
            header = None
        if not isinstance(header, dict):
            raise self._damaged("a header that is an object", "another value")
        return header, _aligned(_PREAMBLE.size + length)

    def _read_entries(self, start: int) -> dict[str, tuple[str, int, int, str]]:
        """Return type, offset in the file, number of elements and checksum of each array."""
        entries: dict[str, tuple[str, int, int, str]] = {}
        end = start
        try:
            for entry in _list(self.header["arrays"]):
                name, written, offset, count, digest = entry
                begin = start + _not_negative(offset)
                entries[str(name)] = (str(written), begin, _not_negative(count), str(digest))
                end = begin + entries[str(name)][2] * _element_size(str(written))
        except (KeyError, TypeError, ValueError):
            raise self._damaged("a header that lists the arrays", "another one") from None
        if entries and self.octets != end:
            raise self._damaged(f"{end:,} octets", f"{self.octets:,}")
        return entries

    def _damaged(self, expected: str, found: str) -> FeedError:
        return FeedError(
            self.name, f"damaged: expected {expected}, found {found}; copy or {_BUILD_AGAIN}"
        )


def _octets(array: Array) -> memoryview:
    return np.ascontiguousarray(array).view(np.uint8).data


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _list(value: object) -> list[list[object]]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _element_size(written: str) -> int:
    if (match := _TYPE.fullmatch(written)) is None:
        raise ValueError(written)
    return int(match[1])


def _not_negative(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise TypeError(value)
    return value
