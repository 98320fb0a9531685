"""What registries say, as part of the public API."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Self

from peerlint.arguments import A_PATH, PATH, must_be
from peerlint.feeds.registry_file import open_as
from peerlint.model.times import to_microseconds, utc
from peerlint.registry import Registry as RegistryContent


class Registry(RegistryContent):
    """What registries (IRRs, RIRs, RPKI, PeeringDB) say, in a file of `peerlint registry build`."""

    @classmethod
    def open(cls, path: str | os.PathLike[str], now: datetime | None = None) -> Self:
        """Open a registry file.

        Its tables are read when they are used first. It must not be overwritten while it is in use:
        replace it by renaming another one, as `peerlint registry build` does.

        Args:
            path: the file.
            now: the time for which the registry answers, with its zone; None for the clock's. What
                has expired by then does not count (see `at`).

        Raises:
            FeedError: the file cannot be read, is not a registry file, is damaged, or is of a newer
                version.
            InputError: the time has no zone.
        """
        must_be("path", path, PATH, A_PATH)
        must_be("now", now, datetime, "a time with its zone", or_none=True)
        time = None if now is None else to_microseconds(utc(now, "now"))
        return open_as(cls, path, time)
