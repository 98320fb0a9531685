"""Damage as data: what of a dump could not be read, to the octet."""

from __future__ import annotations

import attrs

from peerlint.errors import WireError

#: So many pieces of damage are kept with their place; the rest is only counted.
KEPT_DAMAGE = 100
#: So many types and subtypes of skipped records are named; of others, how many there are.
KEPT_KINDS = 100
#: So many of them are told apart.
KNOWN_KINDS = 1 << 16


@attrs.define
class SkippedKinds:
    """How many records of each MRT type and subtype were skipped, in bounded memory.

    Attributes:
        by_kind: records by type and subtype, of the first `KNOWN_KINDS`.
        beyond: records of any other kind.
    """

    by_kind: dict[tuple[int, int], int] = attrs.Factory(dict)
    beyond: int = 0

    def add(self, kind: int, subtype: int) -> None:
        """Count a record."""
        key = (kind, subtype)
        if key in self.by_kind or len(self.by_kind) < KNOWN_KINDS:
            self.by_kind[key] = self.by_kind.get(key, 0) + 1
        else:
            self.beyond += 1

    @property
    def most(self) -> tuple[tuple[int, int, int], ...]:
        """Type, subtype and records of those with most records, by type and subtype."""
        most = sorted(self.by_kind.items(), key=lambda each: (-each[1], each[0]))
        return tuple(sorted((*key, records) for key, records in most[:KEPT_KINDS]))

    @property
    def others(self) -> tuple[int, int, bool]:
        """How many kinds there are beside `most`, their records, and whether there are more."""
        most = self.most
        records = sum(self.by_kind.values()) - sum(count for *_, count in most) + self.beyond
        return len(self.by_kind) - len(most), records, self.beyond > 0


@attrs.frozen
class Damage:
    """One place in a dump that cannot be read.

    Attributes:
        offset: of the first octet that makes no sense, in the decompressed stream.
        octets: how many are lost there.
        expected: what the format asks for.
        found: what stands there.
    """

    offset: int
    octets: int
    expected: str
    found: str

    def __str__(self) -> str:
        """Return the sentence that a person reads."""
        lost = "1 octet" if self.octets == 1 else f"{self.octets:,} octets"
        return f"octet {self.offset:,}: expected {self.expected}, found {self.found}; {lost} lost"


@attrs.frozen
class Lost:
    """Octets of a message that cannot be read, with what can be read on both sides of them.

    Attributes:
        at: where they start.
        end: where reading goes on.
        error: why.
        is_cut: whether a prefix would be whole if its field went on.
        hides_prefixes: whether unknown prefixes may be there. If not, all of
            them are known, and only the receiver's answer is a reset of the session.
    """

    at: int
    end: int
    error: WireError
    is_cut: bool = False
    hides_prefixes: bool = True

    def moved(self, octets: int) -> Lost:
        """Return the same for a buffer that starts so many octets earlier."""
        error = self.error.moved(octets)
        return attrs.evolve(self, at=self.at + octets, end=self.end + octets, error=error)


@attrs.frozen
class Quality:
    """How well a dump could be read; `read + skipped + lost == octets`.

    It never changes: threads may share it.

    Attributes:
        octets: the length of the decompressed stream.
        records: records whose head could be read, whatever became of their body.
        entries: RIB entries, announcements and withdrawals.
        malformed: rows with an attribute for which RFC 7606 asks to treat them as withdrawn.
        read: octets understood.
        skipped: octets of records of a type that is not supported.
        lost: octets that are damaged, or of a record that the end of the dump cuts.
        damages: how many pieces of damage there are.
        damage: the first of them, see `KEPT_DAMAGE`.
        unsupported: how many records of each (type, subtype) were skipped, of those with most:
            see `KEPT_KINDS`.
        cut: why the compressed stream ended before its end, None if it did not.
        may_hide_routes: how many of the records that were skipped may hold an IPv4 unicast route.
        undeclared_path_ids: UPDATEs that were read with path identifiers although the subtype
            of their record says that there are none.
        other_kinds: how many more (type, subtype) were skipped than `unsupported` names.
        other_records: how many records of these.
        kinds_full: whether there are more of them, than are told apart.
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
        """Whether something is missing that should be there."""
        return bool(self.damages) or self.cut is not None or self.octets == 0

    @property
    def is_complete(self) -> bool:
        """Whether no IPv4 unicast route can be missing.

        Records that are not read and cannot hold one take nothing away: other protocols, other
        address families, messages that announce nothing.
        """
        return not self.is_damaged and not self.may_hide_routes
