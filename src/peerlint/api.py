"""The library's front: paths in, values out. It joins the rooms and decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import attrs

import peerlint
from peerlint import engine
from peerlint.bulk import (
    COMPILED,
    Choice,
    Chosen,
    DumpPeer,
    PeerCounts,
    Quality,
    RouteBatch,
    Tally,
    Walk,
    Watch,
)
from peerlint.elements import Element, Selection, elements_of
from peerlint.errors import (
    FeedError,
    InputError,
    InventoryError,
    Mistake,
    MistakesError,
    ProfileError,
    ReportError,
)
from peerlint.feeds import Dump
from peerlint.feeds.azure import azure_files, connect
from peerlint.inventory import Inventory
from peerlint.inventory.azure import Export, merge, read_export
from peerlint.inventory.edit import edited
from peerlint.inventory.peering import PROFILES
from peerlint.inventory.toml import parse_inventory
from peerlint.inventory.without import reduced
from peerlint.model import Asn, Community, Criteria, Prefix, Route, View, Viewpoint
from peerlint.model.community import MAPS_COMMUNITY
from peerlint.observe import (
    ROUTE_SERVER,
    Coverage,
    Filing,
    Observations,
    RibArgument,
    SessionSource,
    SourceSummary,
)
from peerlint.observe import received as filed
from peerlint.profiles import Profile, parse_profile, shipped_profile
from peerlint.report import Document, WhatIf, parse_report, what_if
from peerlint.rules import CATALOGUE, Need
from peerlint.verdicts import Finding, Report, Severity
from peerlint.wire.reader import Reader

OnDamage = Literal["keep", "raise"]
#: Every rule, and whether it can be attested: what statements in an inventory may name.
_RULES = {rule.id: Need.ATTESTATION in rule.needs for rule in CATALOGUE.values()}
#: Called for every page of a dump that was read.
OnPage = Callable[[Dump], object]


def load_inventory(path: str | Path) -> Inventory:
    """Read an inventory file.

    Raises:
        FeedError: the file cannot be read.
        InventoryError: it has mistakes; all of them are in the error.
    """
    return parse_inventory(_text(Path(path), InventoryError, "TOML"), str(path), _RULES)


@attrs.frozen
class Imported:
    """An inventory file with Azure's exports in it; nothing is written yet.

    Attributes:
        text: the file's new text, with keys in clear.
        inventory: what it says.
        is_changed: whether it differs from the file.
        remarks: what was passed over, and what the exports do not have any more.
    """

    text: str
    inventory: Inventory
    is_changed: bool
    remarks: tuple[str, ...]


def load_azure(files: Iterable[str | Path] = (), *, subscription: str | None = None) -> Export:
    """Read Azure's JSON exports, in any of their shapes, or Azure itself.

    Args:
        files: exports.
        subscription: an id: its lists are read from Azure, without changing anything there
            (needs the extra `azure`, and a login that may read).

    Raises:
        FeedError: a file cannot be read, or Azure cannot be reached or refuses.
        ExportError: a file is no export.
    """
    exports = [(str(file), _octets(Path(file))) for file in files]
    if subscription is not None:
        exports += azure_files(connect(subscription))
    return read_export(exports)


def import_azure(
    export: Export, inventory: str | Path | None = None, *, keys: bool = True
) -> Imported:
    """Put Azure's exports into an inventory file, and keep everything that a person added.

    Args:
        export: what Azure says.
        inventory: the file that they go into; None for a new one, as is a file that is missing.
        keys: whether prefix keys are taken.

    Raises:
        FeedError: the inventory file cannot be read.
        InventoryError: it has mistakes, or would have them afterwards.
        ExportError: the AS of a new peering is not in the exports.
    """
    name = "the new inventory" if inventory is None else str(inventory)
    is_there = inventory is not None and Path(inventory).exists()
    text = _text(Path(name), InventoryError, "TOML") if is_there else ""
    before = parse_inventory(text, name, _RULES)
    merged = merge(before, export, keys=keys)
    new = edited(text, before, merged.inventory)
    remarks = (*export.remarks, *map(_unfinished, export.unfinished), *merged.remarks)
    return Imported(new, parse_inventory(new, name, _RULES), new != text, remarks)


def _unfinished(file: str) -> str:
    return f"{file}: it ends with a link to a next page: export that page too"


def load_report(path: str | Path) -> Document:
    """Read a report that `peerlint check --format json` wrote.

    Raises:
        FeedError: the file cannot be read.
        ReportError: it is no such report; all its mistakes are in the error.
    """
    return parse_report(_text(Path(path), ReportError, "JSON"), str(path))


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """Return a shipped profile, or read a user's.

    Args:
        name: "direct", "partner", "route-server", "maps", "voice", or the path of a .toml file.
        folder: what the path is relative to.

    Raises:
        InputError: no such profile.
        FeedError: the file cannot be read.
        ProfileError: it has mistakes.
    """
    if name in PROFILES:
        return shipped_profile(name)
    if not name.endswith(".toml"):
        expected = f"{', '.join(PROFILES)}, or the path of a .toml file"
        raise InputError("profile", expected=expected, found=name)
    return parse_profile(_text((folder or Path()) / name, ProfileError, "TOML"), name)


def check(
    inventory: Inventory,
    ribs: Iterable[str] | None = None,
    *,
    received: Iterable[str | Path] = (),
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    plan: Inventory | None = None,
    now: datetime | None = None,
    on_damage: OnDamage = "keep",
    on_page: OnPage | None = None,
) -> Report:
    """Check an inventory against dumps.

    Args:
        inventory: what is declared.
        ribs: the dumps, each as `[SESSION|ROUTER=]FILE[@VIEW]`; None for those that the
            inventory names.
        received: exports of Azure's received routes, in any shape.
        profile: instead of every peering's own.
        strict: whether inferred passes count as unknown and mild readings as errors.
        allow: special-purpose space that counts as public, besides the inventory's own.
        plan: the inventory as it is meant to become, for rules about what cannot be changed.
        now: the time to write into the report; None for the present.
        on_damage: "raise" raises at the first dump that is missing or damaged.
        on_page: called for every page read.

    Returns:
        The report. Dumps that are missing or damaged are in `report.sources`, unless
        `on_damage` is "raise".

    Raises:
        InputError: a dump is given in a way that makes no sense.
        ProfileError: a profile file has mistakes.
        FeedError: a dump is missing, with `on_damage="raise"`.
        ExportError: a file of received routes is no export.
        DamageError: a dump is damaged, with `on_damage="raise"`.
    """
    judged = _observed(
        inventory,
        ribs,
        received,
        profile=profile,
        allow=allow,
        on_damage=on_damage,
        on_page=on_page,
    )
    return judged.report(judged.inventory, now, strict=strict, plan=plan)


def check_without(
    inventory: Inventory,
    without: Iterable[str],
    ribs: Iterable[str] | None = None,
    *,
    received: Iterable[str | Path] = (),
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    now: datetime | None = None,
    on_damage: OnDamage = "keep",
    on_page: OnPage | None = None,
) -> tuple[Report, WhatIf]:
    """Check an inventory as it is, and as a failure would leave it.

    Args:
        inventory: what is declared.
        without: what fails, each as `KIND=NAME`: a router, connection, facility or location.
        ribs: see `check`; so are all others.
        received: likewise.
        profile: likewise.
        strict: likewise.
        allow: likewise.
        now: likewise.
        on_damage: likewise.
        on_page: likewise.

    Returns:
        The report of everything, and what the failure would change.

    Raises:
        InputError: the inventory has nothing of that name; and see `check` for others.
    """
    failed = tuple(without)
    reduced(inventory, failed)  # a name that does not exist is said before any dump is read
    judged = _observed(
        inventory,
        ribs,
        received,
        profile=profile,
        allow=allow,
        on_damage=on_damage,
        on_page=on_page,
    )
    before = judged.report(judged.inventory, now, strict=strict)
    after = judged.report(reduced(judged.inventory, failed), before.now, strict=strict)
    return before, what_if(before, after, failed)


@attrs.frozen
class _Observed:
    """An inventory with everything that the dumps show of it."""

    inventory: Inventory
    observations: Observations
    profiles: dict[str, Profile]

    def report(
        self,
        inventory: Inventory,
        now: datetime | None,
        *,
        strict: bool,
        plan: Inventory | None = None,
    ) -> Report:
        return engine.check(
            inventory,
            self.observations,
            self.profiles,
            now=now or datetime.now(UTC).replace(microsecond=0),
            version=peerlint.__version__,
            kernel="c" if COMPILED else "python",
            strict=strict,
            plan=plan,
        )


def _observed(
    inventory: Inventory,
    ribs: Iterable[str] | None,
    received: Iterable[str | Path],
    *,
    profile: str | None,
    allow: Iterable[str],
    on_damage: OnDamage,
    on_page: OnPage | None,
) -> _Observed:
    folder = Path(inventory.file).parent if inventory.file is not None else Path()
    profiles = {
        peering.name: load_profile(profile or peering.profile, None if profile else folder)
        for peering in inventory.peerings
    }
    inventory = _resolved(inventory, profiles, allow)
    reader = _Reader(inventory, profiles, on_damage, on_page)
    names = inventory.ribs if ribs is None else tuple(ribs)
    arguments = [RibArgument.parse(name, inventory) for name in names]
    base = folder if ribs is None else Path()
    # Of two sources of one view the first counts: a dump shows communities, an export does not.
    observations = Observations.join(
        (
            *(reader.read(argument, base) for argument in arguments),
            *(reader.received(Path(file)) for file in received),
        )
    )
    return _Observed(inventory, observations, profiles)


def check_route(
    route: Route,
    *,
    profile: str = "maps",
    view: View | str = View.RECEIVED,
    asn: int | None = None,
    allow: Iterable[str] = (),
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Check one route with the rules that need nothing else.

    Args:
        route: the route.
        profile: see `load_profile`.
        view: where it was seen.
        asn: the AS that announces it to AS8075; None for the leftmost of its path, which is
            right for the view "received" only.
        allow: special-purpose space that counts as public ("documentation", "benchmarking").
        strict: see `check`.

    Returns:
        What failed or could not be decided; empty if every rule passed.

    Raises:
        InputError: the view or a name in `allow` does not exist, or `asn` is needed.
    """
    view = _view(view)
    announcing = route.path.first_as if asn is None and view.is_definite else asn
    if announcing is None:
        expected = "the AS that announces the route to AS8075"
        raise InputError("peer AS", expected=expected, found=asn)
    criteria = Criteria(allow=frozenset(allow))
    return engine.check_route(
        route,
        load_profile(profile),
        view=view,
        asn=Asn(announcing),
        allow=criteria.allow,
        strict=strict,
    )


#: Rules about a single route, which can be counted: which routes each is about.
COUNTED: Final = {rule.id: rule.masks for rule in CATALOGUE.values() if rule.masks is not None}
#: Those that make a route faulty. That a route lacks the community is not one of them: in a
#: table of the whole Internet nearly all do.
BLAMED: Final = frozenset(
    rule
    for rule in COUNTED
    if CATALOGUE[rule].severity is Severity.ERROR and rule != "route.community-missing"
)


class Scan:
    """One reading of one dump, as batches; iterate over it once."""

    def __init__(self, dump: Dump, walk: Walk, chosen: Chosen | None) -> None:
        """Join a dump, the walk over its pages and what is chosen of it; None for all."""
        self._dump = dump
        self._walk = walk
        self._chosen = chosen

    def __iter__(self) -> Iterator[RouteBatch]:
        """Yield the batches."""
        return iter(self._chosen or self._walk)

    @property
    def quality(self) -> Quality:
        """How well the dump could be read; whole after the last batch."""
        return attrs.evolve(self._walk.quality, cut=self._dump.cut)

    @property
    def counts(self) -> tuple[PeerCounts, ...]:
        """What each peer showed, whether or not its routes are asked for."""
        return self._walk.counts

    @property
    def tally(self) -> Tally:
        """The counts of all routes that are asked for; whole after the last batch."""
        return (self._chosen or self._walk).tally


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
    viewpoint: Viewpoint | None = None,
    rows: bool = True,
    threads: int | None = None,
    on_damage: OnDamage = "keep",
    on_page: OnPage | None = None,
) -> Scan:
    """Read a whole dump as batches of columns, in memory that does not grow with it.

    Args:
        path: the dump; `-` for standard input, http:// and https:// for URLs.
        community: that `Fact.TAGGED` asks for.
        max_path: that `Fact.LONG_PATH` asks for.
        allow: special-purpose space that counts as public ("documentation", "benchmarking").
        prefixes: only routes that overlap one of these, in either direction.
        peer_asns: only routes from one of these ASes.
        origin_asns: only routes whose path ends with one of these ASes.
        rules: only routes of which one of these rules (ids) holds; these are also the ones
            that `Tally.faulty_peers` and `faulty_origins` count.
        viewpoint: where the routes were seen; None for received, from each peer's own AS.
        rows: whether batches are wanted. Without, iterate all the same, and only `tally`,
            `counts` and `quality` have something to say.
        threads: how many may work on the dump; None for as many as there are cores.
        on_damage: "raise" raises at the first damage.
        on_page: called for every page read.

    Raises:
        FeedError: the dump cannot be read.
        InputError: a community, prefix, rule or name that is none.
        DamageError: while iterating, with `on_damage="raise"`.
    """
    wanted = Community.parse(community) if isinstance(community, str) else community
    watched = None
    if prefixes is not None:
        watched = Watch.of(
            Prefix.parse(each) if isinstance(each, str) else each for each in prefixes
        )
    choice = _choice(origin_asns, rules)
    blame = BLAMED if rules is None else rules

    def seen_from(peer: DumpPeer) -> Viewpoint | None:
        if peer_asns is not None and peer.peer.asn not in peer_asns:
            return None
        return viewpoint or Viewpoint(View.RECEIVED, Asn(peer.peer.asn))

    dump = Dump(str(path), threads=threads)
    walk = Walk(
        _pages(dump, on_page),
        source=dump.name,
        viewpoint=seen_from,
        criteria=Criteria(wanted, max_path, frozenset(allow)),
        watch=watched,
        # What is chosen by columns is counted after that.
        rules=COUNTED if choice.is_everything else None,
        blame=blame,
        rows=rows or not choice.is_everything,
        on_damage=on_damage,
    )
    return Scan(dump, walk, None if choice.is_everything else Chosen(walk, choice, COUNTED, blame))


def counted_rule(name: str) -> str:
    """Return the id of a rule that `scan` counts.

    Raises:
        InputError: there is no such rule, or it is not about a single route.
    """
    if name not in COUNTED:
        expected = f"a rule about a single route: {', '.join(COUNTED)}"
        raise InputError("rule", expected=expected, found=name)
    return name


def _choice(origins: Collection[int] | None, rules: Collection[str] | None) -> Choice:
    return Choice(
        None if origins is None else frozenset(origins),
        None if rules is None else tuple(COUNTED[counted_rule(rule)] for rule in rules),
    )


class Elements:
    """One reading of one dump, as elements; iterate over it once."""

    def __init__(self, dump: Dump, reader: Reader, select: Selection) -> None:
        """Join a dump, the reader of its pages and what is asked for."""
        self._dump = dump
        self._reader = reader
        self._select = select

    def __iter__(self) -> Iterator[Element]:
        """Yield the elements that are asked for, in the dump's order."""
        holds = self._select.holds if self._select.tests else None
        for record in self._reader:
            for element in elements_of(record):
                if holds is None or holds(element):
                    yield element

    @property
    def quality(self) -> Quality:
        """How well the dump could be read; whole after the last element."""
        return attrs.evolve(self._reader.quality, cut=self._dump.cut)


def dump(
    path: str | Path,
    *,
    select: Selection | None = None,
    on_damage: OnDamage = "keep",
    on_page: OnPage | None = None,
) -> Elements:
    """Read a dump route by route, with every attribute, in memory that does not grow with it.

    Args:
        path: the dump; `-` for standard input.
        select: what is asked for; None for all of it.
        on_damage: "raise" raises at the first damage.
        on_page: called for every page read.

    Raises:
        FeedError: the dump cannot be read.
        DamageError: while iterating, with `on_damage="raise"`.
    """
    opened = Dump(str(path))
    reader = Reader(_pages(opened, on_page), source=opened.name, on_damage=on_damage)
    return Elements(opened, reader, select or Selection())


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FeedError(str(path), f"cannot be read: {error.strerror}") from error


def _text(path: Path, error_of: type[MistakesError], form: str) -> str:
    try:
        return _octets(path).decode()
    except UnicodeDecodeError as error:
        mistake = Mistake("the file", "", f"{form} in UTF-8", f"octet {error.start} that is not")
        raise error_of(str(path), (mistake,)) from None


def _view(view: View | str) -> View:
    try:
        return View(view)
    except ValueError:
        raise InputError("view", expected=", ".join(View), found=view) from None


def _resolved(
    inventory: Inventory, profiles: Mapping[str, Profile], allow: Iterable[str]
) -> Inventory:
    """Return the inventory with shipped profiles' names and all that is allowed."""
    criteria = Criteria(allow=inventory.lab.allow | frozenset(allow))
    return attrs.evolve(
        inventory,
        peerings=tuple(
            attrs.evolve(peering, profile=profiles[peering.name].base)
            for peering in inventory.peerings
        ),
        lab=attrs.evolve(inventory.lab, allow=criteria.allow),
    )


def _pages(dump: Dump, on_page: OnPage | None) -> Iterator[bytes]:
    for page in dump.pages():
        if on_page is not None:
            on_page(dump)
        yield page


@attrs.frozen
class _Reader:
    """Reads dumps with the eyes of an inventory."""

    inventory: Inventory
    profiles: Mapping[str, Profile]
    on_damage: OnDamage
    on_page: OnPage | None

    def read(
        self, argument: RibArgument, folder: Path
    ) -> tuple[SourceSummary, dict[str, tuple[SessionSource, ...]]]:
        try:
            dump = Dump(argument.file, None if argument.file == "-" else folder / argument.file)
            return self._walk(dump, argument)
        except FeedError as error:
            if self.on_damage == "raise":
                raise
            summary = SourceSummary(
                argument.file, (), Coverage.NONE, Quality(), error=self._hint(argument, error)
            )
            return summary, {}

    def received(self, file: Path) -> tuple[SourceSummary, dict[str, tuple[SessionSource, ...]]]:
        try:
            octets = _octets(file)
        except FeedError as error:
            if self.on_damage == "raise":
                raise
            name = str(file)
            return SourceSummary(name, (), Coverage.NONE, Quality(), error=error.reason), {}
        export = read_export([(str(file), octets)])
        return filed(export, octets, str(file), self.inventory, self._criteria())

    def _criteria(self) -> dict[str, Criteria]:
        return {
            name: engine.criteria_of(profile, self.inventory)
            for name, profile in self.profiles.items()
        }

    def _hint(self, argument: RibArgument, error: FeedError) -> str:
        name, separator, _ = argument.file.partition("=")
        if not separator:
            return error.reason
        known = sorted({place.id for place in self.inventory.sessions} | self.inventory.routers)
        return f"{error.reason}; if {name} was meant as a name: known are {', '.join(known)}"

    def _walk(
        self, dump: Dump, argument: RibArgument
    ) -> tuple[SourceSummary, dict[str, tuple[SessionSource, ...]]]:
        criteria = self._criteria()
        filing = Filing(argument, self.inventory, criteria)
        walk = Walk(
            _pages(dump, self.on_page),
            source=argument.file,
            viewpoint=filing.viewpoint,
            criteria=filing.criteria,
            watch=self._watch(criteria),
            tagged_too=True,
            on_damage=self.on_damage,
        )
        for batch in walk:
            filing.add(batch)
        return filing.close(walk.counts, attrs.evolve(walk.quality, cut=dump.cut))

    def _watch(self, criteria: Mapping[str, Criteria]) -> Watch | None:
        """Watch the space that rules ask about; everything if a profile judges every route."""
        communities = {each.community for each in criteria.values()}
        if len(communities) > 1 or any(
            profile.judges_announced or profile.base == ROUTE_SERVER
            for profile in self.profiles.values()
        ):
            return None
        return Watch.of(self.inventory.prefixes)
