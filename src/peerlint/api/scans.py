"""One whole dump, as batches of columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final, Never, TypeVar

import attrs

from peerlint.api.exclusive import Exclusive, ExclusiveIterator
from peerlint.api.reading import OnDamage, check_reading
from peerlint.api.registry_states import GivenRegistry, given_registry, state_columns
from peerlint.arguments import A_PATH, AN_INTEGER, PATH, as_tuple, must_be
from peerlint.bulk import (
    DumpPeer,
    DumpReader,
    DumpTimes,
    FilteredRows,
    PeerCounts,
    PrefixFilter,
    Quality,
    RouteBatch,
    RowFilter,
    StateColumn,
    Tally,
)
from peerlint.errors import InputError
from peerlint.feeds import Dump, OnChunk
from peerlint.model import Asn, Community, Criteria, Prefix, View, Viewpoint
from peerlint.model.community import MAPS_COMMUNITY
from peerlint.profiles import Profile, Requirement
from peerlint.results import Severity
from peerlint.rules import CATALOGUE, RegistryCriteria
from peerlint.wording import closest

#: Rules about a single route, which can be counted: which routes each is about.
COUNTED: Final = {rule.id: rule.masks for rule in CATALOGUE.values() if rule.masks is not None}
#: Those that make a route a violating one by default. A missing community is not among them: in a
#: table of the whole Internet nearly all routes lack it.
VIOLATIONS: Final = frozenset(
    rule
    for rule in COUNTED
    if CATALOGUE[rule].severity is Severity.ERROR and rule != "route.community-missing"
)

#: The length of a path is a column of 16 bits.
MAX_PATH: Final = 0xFFFF
_Value = TypeVar("_Value")


class Scan:
    """One reading of one dump, as batches; iterate over it once.

    One thread at a time may use it: while one is inside, to get the next batch or a count, any
    other gets a `ConcurrentUseError`. The batches may go to any thread.
    """

    def __init__(self, dump: Dump, reader: DumpReader, chosen: FilteredRows | None) -> None:
        """Join a dump, its reader, and the wanted rows; None for all rows."""
        self._dump = dump
        self._reader = reader
        self._chosen = chosen
        self._exclusive = Exclusive("Scan")

    def __iter__(self) -> Iterator[RouteBatch]:
        """Return an iterator over the batches.

        Raises:
            ConcurrentUseError: while iterating, another thread is using the scan.
        """
        return ExclusiveIterator(self._exclusive, iter(self._chosen or self._reader))

    def __reduce__(self) -> Never:
        """Refuse to be pickled or copied.

        Raises:
            TypeError: always; an open dump cannot be copied.
        """
        raise TypeError(
            "a Scan cannot be pickled or copied: it reads an open dump; pass the dump's path and "
            "the arguments of scan() to the other process, and its batches or tally back"
        )

    @property
    def quality(self) -> Quality:
        """How well the dump could be read; complete after the last batch."""
        with self._exclusive:
            return attrs.evolve(self._reader.quality, cut=self._dump.cut)

    @property
    def times(self) -> DumpTimes:
        """The times of the dump's snapshots and messages."""
        with self._exclusive:
            return self._reader.times

    @property
    def counts(self) -> tuple[PeerCounts, ...]:
        """The counts of each peer, whether or not its routes are wanted."""
        with self._exclusive:
            return self._reader.counts

    @property
    def tally(self) -> Tally:
        """The counts of all wanted routes; complete after the last batch."""
        with self._exclusive:
            return (self._chosen or self._reader).tally


def scan(
    path: str | Path,
    *,
    community: str | Community = MAPS_COMMUNITY,
    max_path: int = 3,
    allow: Iterable[str] = (),
    prefixes: Iterable[str | Prefix] | None = None,
    peer_asns: Collection[int] | None = None,
    origin_asns: Collection[int] | None = None,
    rules: Collection[str] | None = None,
    attribute_to_rule: Collection[str] | None = None,
    viewpoint: Viewpoint | None = None,
    registry: GivenRegistry | None = None,
    registries: RegistryCriteria | None = None,
    rows: bool = True,
    threads: int | None = None,
    on_damage: OnDamage = "keep",
    on_chunk: OnChunk | None = None,
    follow_redirects: bool = False,
) -> Scan:
    """Read a whole dump as batches of columns, in memory that does not grow with it.

    Args:
        path: the dump; `-` for standard input, http:// and https:// for URLs.
        community: the community of `Fact.TAGGED`.
        max_path: the longest path without `Fact.LONG_PATH`.
        allow: special-purpose space that counts as public ("documentation", "benchmarking").
        prefixes: only routes that overlap one of these, in either direction.
        peer_asns: only routes from one of these ASes.
        origin_asns: only routes whose path ends with one of these ASes.
        rules: only routes on which one of these rules (ids) fires.
        attribute_to_rule: the rules that make a route a violating one, for `Tally.violating_peers`
            and `violating_origins`; None for `rules`, or for those of severity error other than
            route.community-missing.
        viewpoint: of all routes; None for the view "received" from each peer's own AS, if the
            dump has it.
        registry: what registries say, or the path of a registry file; then batches have the columns
            `rov` and `origin_registered`, and `Tally.states` has their counts.
        registries: which registries count for `origin_registered`, as a `Profile` has them; None
            for those of the shipped profiles.
        rows: whether batches are wanted. Without them, iterate all the same: only `tally`,
            `counts` and `quality` have values then.
        threads: how many may be used; None for as many as there are cores.
        on_damage: "raise" raises at the first damage.
        on_chunk: called for every chunk read.
        follow_redirects: whether the server of a URL may send the request on to another scheme,
            host or port.

    Raises:
        FeedError: the dump or the registry file cannot be read; while iterating, also if the
            registry file is overwritten.
        InputError: an argument is invalid.
        DamageError: while iterating, with `on_damage="raise"`.
    """
    must_be("path", path, PATH, A_PATH)
    must_be("community", community, (str, Community), "a Community, or its text")
    must_be("max_path", max_path, int, AN_INTEGER)
    if not 0 <= max_path <= MAX_PATH:
        raise InputError("max_path", expected=f"0 to {MAX_PATH}", found=max_path)
    must_be("viewpoint", viewpoint, Viewpoint, "a Viewpoint", or_none=True)
    must_be("threads", threads, int, AN_INTEGER, or_none=True)
    must_be("registries", registries, RegistryCriteria, "those of a Profile", or_none=True)
    check_reading(on_damage, on_chunk)
    peer_asns = _as_tuple("peer_asns", peer_asns, int, "AS numbers")
    origin_asns = _as_tuple("origin_asns", origin_asns, int, "AS numbers")
    rules = _as_tuple("rules", rules, str, "ids of rules")
    attribute_to_rule = _as_tuple("attribute_to_rule", attribute_to_rule, str, "ids of rules")
    wanted = Community.parse(community) if isinstance(community, str) else community
    overlapping = None
    if prefixes is not None:
        overlapping = PrefixFilter.of(
            Prefix.parse(each) if isinstance(each, str) else each
            for each in as_tuple("prefixes", prefixes, (str, Prefix), "prefixes")
        )
    row_filter = _row_filter(origin_asns, rules)
    if attribute_to_rule is None:
        attribute_to_rule = VIOLATIONS if rules is None else rules

    def viewpoint_of(peer: DumpPeer) -> Viewpoint | None:
        if peer_asns is not None and peer.peer.asn not in peer_asns:
            return None
        known = peer.peer.known_asn
        return viewpoint or Viewpoint(View.RECEIVED, None if known is None else Asn(known))

    spaces = frozenset(as_tuple("allow", allow, str, "strings"))
    content = given_registry(registry)
    states: tuple[StateColumn, ...] = ()
    if content is not None:
        states = state_columns(content, registries or RegistryCriteria(), spaces)
    dump = Dump(str(path), threads=threads, follow_redirects=follow_redirects)
    reader = DumpReader(
        dump.chunks(on_chunk),
        source=dump.name,
        viewpoint=viewpoint_of,
        criteria=Criteria(wanted, max_path, spaces),
        prefix_filter=overlapping,
        # If rows are filtered by columns, they are counted after that.
        rules=COUNTED if row_filter.is_everything else None,
        attribute_to_rule=attribute_to_rule,
        states=states,
        rows=rows or not row_filter.is_everything,
        on_damage=on_damage,
    )
    if row_filter.is_everything:
        return Scan(dump, reader, None)
    return Scan(dump, reader, FilteredRows(reader, row_filter, COUNTED, attribute_to_rule))


def _as_tuple(
    name: str, values: Iterable[_Value] | None, kind: type, expected: str
) -> tuple[_Value, ...] | None:
    return None if values is None else as_tuple(name, values, kind, expected)


def errors_of(profile: Profile) -> tuple[str, ...]:
    """Return the counted rules that are errors in a profile."""
    return tuple(
        rule
        for rule in COUNTED
        if profile.setting(CATALOGUE[rule]).level is not Requirement.OFF
        and profile.severity(CATALOGUE[rule]) is Severity.ERROR
    )


def counted_rule(name: str) -> str:
    """Return the id of a rule that `scan` counts.

    Raises:
        InputError: there is no such rule, or it is not about a single route.
    """
    if name not in COUNTED:
        expected = f"a rule about a single route: {', '.join(COUNTED)}"
        raise InputError("rule", expected=expected, found=name, close=closest(name, COUNTED))
    return name


def _row_filter(origins: Collection[int] | None, rules: Collection[str] | None) -> RowFilter:
    return RowFilter(
        None if origins is None else frozenset(origins),
        None if rules is None else tuple(COUNTED[counted_rule(rule)] for rule in rules),
    )
