"""Damage: which octets of a dump could not be read, and why."""

from __future__ import annotations

import attrs

from peerlint.errors import WireError

#: The number of damages that are kept with their offsets; further ones are only counted.
KEPT_DAMAGE = 100
#: The number of types and subtypes of skipped records that are named; others are only counted.
KEPT_KINDS = 100
#: The number of types and subtypes that are counted separately.
KNOWN_KINDS = 1 << 16


@attrs.define
class SkippedKinds:
    """Counts of skipped records by MRT type and subtype, in bounded memory.

    Attributes:
        by_kind: the number of records by type and subtype, for the first `KNOWN_KINDS`.
        beyond: the number of records of all other types and subtypes.
    """

    by_kind: dict[tuple[int, int], int] = attrs.Factory(dict)
    beyond: int = 0

    def add(self, kind: int, subtype: int, records: int = 1) -> None:
        """Count a record, or several of one kind."""
        key = (kind, subtype)
        if key in self.by_kind or len(self.by_kind) < KNOWN_KINDS:
            self.by_kind[key] = self.by_kind.get(key, 0) + records
        else:
            self.beyond += records

    @property
    def most(self) -> tuple[tuple[int, int, int], ...]:
        """The most frequent `KEPT_KINDS`: (type, subtype, records), sorted by type and subtype."""
        most = sorted(self.by_kind.items(), key=lambda each: (-each[1], each[0]))
        return tuple(sorted((*key, records) for key, records in most[:KEPT_KINDS]))

    @property
    def others(self) -> tuple[int, int, bool]:
        """The number of kinds not in `most`, their records, and whether there were even more."""
        most = self.most
        records = sum(self.by_kind.values()) - sum(count for *_, count in most) + self.beyond
        return len(self.by_kind) - len(most), records, self.beyond > 0


@attrs.frozen
class Damage:
    """A range of octets in a dump that cannot be read.

    Attributes:
        offset: the offset of the first invalid octet in the decompressed stream.
        octets: the number of octets lost.
        expected: what the format requires there.
        found: what the dump has there.
    """

    offset: int
    octets: int
    expected: str
    found: str

    def __str__(self) -> str:
        """Return the damage as a sentence."""
        lost = "1 octet" if self.octets == 1 else f"{self.octets:,} octets"
        return f"octet {self.offset:,}: expected {self.expected}, found {self.found}; {lost} lost"


@attrs.frozen
class Lost:
    """A range of octets in a message that cannot be read.

    Attributes:
        at: the offset of the first octet.
        end: the offset at which reading continues.
        error: why the octets cannot be read.
        is_cut: whether a prefix would be complete if its field were longer.
        hides_prefixes: whether the range may contain unknown prefixes. If not, all prefixes are
            known, but a receiver resets the session.
    """

    at: int
    end: int
    error: WireError
    is_cut: bool = False
    hides_prefixes: bool = True

    def moved(self, octets: int) -> Lost:
        """Return the same range with its offsets increased by `octets`."""
        error = self.error.moved(octets)
        return attrs.evolve(self, at=self.at + octets, end=self.end + octets, error=error)


@attrs.frozen
class Quality:
    """The quality of a dump: what could be read of it; `read + skipped + lost == octets`.

    It is immutable: threads may share it.

    Attributes:
        octets: the length of the decompressed stream.
        records: records whose header could be read, whether or not their body could.
        entries: RIB entries, announcements and withdrawals.
        malformed: rows with an attribute for which RFC 7606 requires treat-as-withdraw.
        read: octets that were decoded.
        skipped: octets of records whose type is not supported.
        lost: octets that are damaged, or that belong to a record cut off by the end of the dump.
        damages: the number of damages.
        damage: the first `KEPT_DAMAGE` of them.
        unsupported: (type, subtype, records) of the skipped records, for the `KEPT_KINDS` most
            frequent types and subtypes.
        cut: why the compressed stream ended early; None if it did not.
        may_hide_routes: skipped records that may hold an IPv4 unicast route.
        undeclared_path_ids: the number of UPDATEs that were read with path identifiers although the
            subtype of their record excludes them.
        other_kinds: the number of skipped types and subtypes that `unsupported` does not name.
        other_records: the number of records of these.
        kinds_full: whether there were more than `KNOWN_KINDS` types and subtypes.
    """

    octets: int = 0
    records: int = 0
    entries: int = 0
    malformed: int = 0
    read: int = 0
    skipped: int = 0
    lost: int = 0
    damages: int = 0
    damage: tuple[Damage, ...] = ()
    unsupported: tuple[tuple[int, int, int], ...] = ()
    cut: str | None = None
    may_hide_routes: int = 0
    undeclared_path_ids: int = 0
    other_kinds: int = 0
    other_records: int = 0
    kinds_full: bool = False

    @property
    def is_damaged(self) -> bool:
        """Whether octets are lost, the stream was cut short, or it is empty."""
        return bool(self.damages) or self.cut is not None or self.octets == 0

    @property
    def is_complete(self) -> bool:
        """Whether no IPv4 unicast route can be missing.

        Skipped records that cannot hold one do not count: those of other protocols or address
        families, and messages that announce nothing.
        """
        return not self.is_damaged and not self.may_hide_routes
