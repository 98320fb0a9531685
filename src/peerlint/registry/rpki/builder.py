"""VRPs as columns, built batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.errors import InputError
from peerlint.registry.columns import Prefixes, VrpColumns
from peerlint.registry.prefix_texts import parse_prefixes
from peerlint.registry.rpki.fields import NEVER
from peerlint.registry.seconds import INVALID
from peerlint.registry.skips import Place, Skips, Unit
from peerlint.wording import Words

if TYPE_CHECKING:
    import numpy.typing as npt

#: VRPs that are parsed together.
BATCH: Final = 8192
#: The maximum number of VRPs of one file; a cache has less than a million. 32 octets each.
MAX_VRPS: Final = 8_000_000
#: The name of a trust anchor that the file does not name, or names in too many ways.
UNKNOWN: Final = "unknown"
#: One less than an octet counts: local exceptions are a source too.
_MAX_SOURCES: Final = 255
_LONGEST_NAME: Final = 64
_NO_LENGTH: Final = "the maximum length is none of the prefix's family"


@attrs.define
class VrpBatch:
    """VRPs as they were read, one element of each list a VRP.

    Attributes:
        prefixes: the texts.
        asns: the AS numbers, or `INVALID`.
        max_lengths: in bits; `NEVER` for the prefix's own length, or `INVALID`.
        sources: the names of the trust anchors; None if not given.
        expires: in seconds since 1970; `NEVER`, or `INVALID`.
        places: the line or octet of each.
    """

    prefixes: list[str] = attrs.field(factory=list)
    asns: list[int] = attrs.field(factory=list)
    max_lengths: list[int] = attrs.field(factory=list)
    sources: list[str | None] = attrs.field(factory=list)
    expires: list[int] = attrs.field(factory=list)
    places: list[int] = attrs.field(factory=list)

    def __len__(self) -> int:
        """Return the number of VRPs."""
        return len(self.places)


@attrs.frozen(eq=False)
class _Rows:
    """The valid VRPs of a batch."""

    prefixes: Prefixes
    max_length: npt.NDArray[np.uint8]
    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    expires: npt.NDArray[np.int64]


class VrpBuilder:
    """Collects valid VRPs that have not expired, and counts the others.

    Attributes:
        skips: the VRPs that cannot be used, by reason.
        expired: how many valid VRPs have expired.
    """

    def __init__(self, name: str, unit: Unit, now: int, skips: Skips) -> None:
        """Start without VRPs.

        Args:
            name: the file's name, as given.
            unit: what the places of VRPs count.
            now: in microseconds since 1970.
            skips: where VRPs that cannot be used are counted.
        """
        self.skips = skips
        self.expired = 0
        self._name = name
        self._unit = unit
        self._now = now
        self._parts: list[_Rows] = []
        self._count = 0
        self._sources = {UNKNOWN: 0}

    def skip(self, reason: str, place: int) -> None:
        """Count something that is not even the form of a VRP."""
        self.skips.add(reason, Place(self._name, place, self._unit))

    def add(self, batch: VrpBatch) -> None:
        """Add VRPs.

        Raises:
            InputError: there are more than `MAX_VRPS`.
        """
        parsed = parse_prefixes(batch.prefixes)
        length = parsed.prefixes.length.astype(np.int64)
        bits = np.where(parsed.prefixes.family == 4, 32, 128)
        asn = np.array(batch.asns, np.int64)
        given = np.array(batch.max_lengths, np.int64)
        max_length = np.where(given == NEVER, length, given)
        expires = np.array(batch.expires, np.int64)
        is_bad = np.zeros(len(batch), np.bool_)
        is_bad[list(parsed.problems)] = True
        for row in sorted(parsed.problems):
            self.skip(parsed.problems[row], batch.places[row])
        for reason, wrong in (
            ("the AS number is none from 0 to 4294967295", asn == INVALID),
            (_NO_LENGTH, (given == INVALID) | (max_length > bits)),
            ("the maximum length is less than the prefix's length", max_length < length),
            ("the expiry time is none", expires == INVALID),
        ):
            for row in np.flatnonzero(wrong & ~is_bad).tolist():
                self.skip(reason, batch.places[row])
            is_bad |= wrong
        # A certificate is valid up to and including the last second (RFC 5280 section 4.1.2.5).
        has_expired = (expires != NEVER) & (expires < -(-self._now // 1_000_000))
        self.expired += int((has_expired & ~is_bad).sum())
        kept = ~(is_bad | has_expired)
        self._keep(
            _Rows(
                parsed.prefixes.take(kept),
                max_length[kept].astype(np.uint8),
                asn[kept].astype(np.uint32),
                np.array([self._source(each) for each in batch.sources], np.uint8)[kept],
                expires[kept],
            )
        )

    def _keep(self, rows: _Rows) -> None:
        self._parts.append(rows)
        self._count += len(rows.asn)
        if self._count > MAX_VRPS:
            expected, found = f"at most {MAX_VRPS:,} VRPs", Words(f"more than {MAX_VRPS:,}")
            raise InputError(self._name, expected=expected, found=found)

    def _source(self, name: str | None) -> int:
        if name is None:
            return 0
        known = self._sources.get(name)
        if known is not None:
            return known
        if len(self._sources) >= _MAX_SOURCES or len(name) > _LONGEST_NAME:
            return 0
        return self._sources.setdefault(name, len(self._sources))

    def columns(self) -> VrpColumns:
        """Return the VRPs, in the order of the file; the builder is empty then."""
        parts, self._parts = self._parts, []
        return VrpColumns(
            Prefixes.concatenated([each.prefixes for each in parts]),
            np.concatenate([np.zeros(0, np.uint8), *(each.max_length for each in parts)]),
            np.concatenate([np.zeros(0, np.uint32), *(each.asn for each in parts)]),
            np.concatenate([np.zeros(0, np.uint8), *(each.source for each in parts)]),
            np.concatenate([np.zeros(0, np.int64), *(each.expires for each in parts)]),
            # Surrogates of JSON escapes cannot be written anywhere.
            tuple(str(each.encode("utf-8", "replace"), "utf-8") for each in self._sources),
        )
