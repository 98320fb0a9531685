"""What registries say of the routes of a scan: its columns `rov` and `origin_registered`."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self

import attrs
import numpy as np

from peerlint.arguments import must_be
from peerlint.bulk import StateColumn
from peerlint.errors import FeedError
from peerlint.feeds.registry_file import Identity, identity, open_registry
from peerlint.registry import OriginState, Prefixes, Registry
from peerlint.rules import RegistryCriteria
from peerlint.rules.asn.origin_grades import ORIGIN_WORDS, OriginGrades

if TYPE_CHECKING:
    import numpy.typing as npt

#: The name of a registry file, or its content.
GivenRegistry = str | os.PathLike[str] | Registry
#: The names of the columns.
ROV, ORIGIN_REGISTERED = "rov", "origin_registered"
REGISTRY_COLUMNS: Final = (ROV, ORIGIN_REGISTERED)
#: The states of RFC 6811, as Routinator's documentation writes them.
ROV_WORDS: Final = tuple(state.name.lower().replace("_", "-") for state in OriginState)
A_REGISTRY: Final = "a Registry, or the path of a registry file"


@attrs.frozen
class RegistryFile:
    """A registry file that several processes open, each for itself.

    Attributes:
        path: its name.
        now: the time for which it answers, in microseconds since 1970.
        identity: what changes if another file gets this name.
    """

    path: str
    now: int
    identity: Identity | None

    @classmethod
    def of(cls, path: str, now: int) -> Self:
        """Note which file has this name."""
        return cls(path, now, identity(path))

    def open(self) -> Registry:
        """Return its content.

        Raises:
            FeedError: it cannot be used, or is another file by now.
        """
        registry = open_registry(self.path, self.now)
        if identity(self.path) != self.identity:
            reason = "another registry file got this name during the scan; try again"
            raise FeedError(self.path, reason)
        return registry


@lru_cache(1)
def opened_once(file: RegistryFile) -> Registry:
    """Return the content of a file, which a process opens for all of its dumps.

    Raises:
        FeedError: as `RegistryFile.open`.
    """
    return file.open()


class RegistryFileError(FeedError):
    """A registry file that cannot be used any more while a dump is read."""


@contextmanager
def _told_apart() -> Iterator[None]:
    """Raise errors of the registry file as such, because a `FeedError` may also be of the dump."""
    try:
        yield
    except FeedError as failure:
        raise RegistryFileError(failure.source, failure.reason) from failure


def given_registry(given: GivenRegistry | None) -> Registry | None:
    """Return the registry data that an argument gives, at the present if it is a path.

    Raises:
        FeedError: the file cannot be read, is not a registry file, or is damaged.
        InputError: it is something else.
    """
    must_be("registry", given, (str, os.PathLike, Registry), A_REGISTRY, or_none=True)
    return given if given is None or isinstance(given, Registry) else open_registry(given)


def state_columns(
    registry: Registry, criteria: RegistryCriteria, allow: Collection[str]
) -> tuple[StateColumn, ...]:
    """Return the columns of `REGISTRY_COLUMNS`, for a reader of dumps.

    Args:
        registry: the registry data, at the time of the scan.
        criteria: which registries count, and how old their data may be.
        allow: special-purpose AS numbers that count as public ("documentation").

    Raises:
        RegistryFileError: the file is damaged, or was overwritten.
    """
    with _told_apart():
        grades = OriginGrades(registry, criteria, allow)

    def rov(runs: npt.NDArray[np.void]) -> npt.NDArray[np.uint8]:
        prefixes = Prefixes(runs["family"], runs["prefix_hi"], runs["prefix_lo"], runs["length"])
        with _told_apart():
            return registry.judge(prefixes, runs["origin"])

    def origin_registered(runs: npt.NDArray[np.void]) -> npt.NDArray[np.uint8]:
        return grades.codes(np.ascontiguousarray(runs["origin"]))

    return (
        StateColumn(ROV, ROV_WORDS, rov),
        StateColumn(ORIGIN_REGISTERED, ORIGIN_WORDS, origin_registered),
    )
