"""The sources of registry data in a report."""

from __future__ import annotations

from datetime import datetime

import attrs


@attrs.frozen
class RegistrySource:
    """A source of the registry data, and its age.

    Attributes:
        kind: what it has: "irr", "delegated", "vrps" or "peeringdb".
        name: the registry; for VRPs and PeeringDB the name of the file, or of the RTR
            cache.
        time: as of when the data are; None if it is not known.
        age_seconds: the age of the data at the time of the check, in seconds; None if it is not
            known.
        records: the number of records that were read.
        skipped: the number of records that were not used, because they are invalid.
        is_cut: whether a file of the source ends in the middle.
        is_too_old: whether the data are older than a profile allows. What they have counts, but
            what they lack is not known to be missing.
        server: the server that was asked, such as "whois 192.0.2.43"; empty for a file.
    """

    kind: str
    name: str
    time: datetime | None
    age_seconds: int | None
    records: int
    skipped: int
    is_cut: bool
    is_too_old: bool
    server: str = ""
