"""The counts of a scan as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from peerlint.bulk import DumpPeer, Tally
from peerlint.display import displayed
from peerlint.model import Criteria
from peerlint.observations import SourceSummary
from peerlint.profiles import Profile, Requirement
from peerlint.report.phrases import cleaned
from peerlint.report.registry_lines import registry_text
from peerlint.results import RegistrySource
from peerlint.rules import CATALOGUE
from peerlint.wording import counted

#: The most rows of a list of peers or origins.
WORST: Final = 10
#: The smallest of the path lengths that share a row.
LONG: Final = 10

#: Titles of rules about any route: its prefix may not be registered, and the community and the
#: longest path are parameters.
_TITLES: Final = {
    "prefix.ipv4-only": "Prefix is IPv6",
    "prefix.private-range": "Prefix overlaps special-purpose address space",
    "prefix.longer-than-24": "Prefix is longer than /24",
    "route.community-missing": "Community {community} is missing",
    "route.community-wrong-type": "Community {community} is there in the wrong form",
    "route.as-path-length": "AS path is longer than {max_path}",
    "ops.as12076-filter": "AS12076 (ExpressRoute) is in the path",
}

#: Titles of the columns that registry data add, and what their states mean.
_COLUMNS: Final = {
    "rov": (
        "RPKI origin validation",
        {
            "unknown": "no VRPs are loaded",
            "not-found": "no VRP covers the prefix",
            "valid": "a VRP matches prefix and origin",
            "invalid": "VRPs cover the prefix, and none matches",
        },
    ),
    "origin_registered": (
        "registration of the origin",
        {
            "named": "an object in a registry that Microsoft names",
            "listed": "an object in another well-known registry",
            "accepted": "delegated by a regional registry, which the profile accepts",
            "weak": "only an object that no holder confirms",
            "unlisted": "only an object in a registry that is not well known",
            "made": "only a route object that a mirror made of a ROA",
            "vrp": "only a VRP",
            "delegated": "only delegated by a regional registry",
            "none": "nothing, or registered to nobody",
            "unknown": "nothing in registry data that are not whole and recent",
        },
    ),
}

Key = TypeVar("Key", bound=Hashable)


def render_scan(
    tally: Tally,
    sources: Iterable[SourceSummary],
    attributed_to: str | None = None,
    criteria: Criteria | None = None,
    profile: Profile | None = None,
    *,
    registry: Sequence[RegistrySource] = (),
) -> str:
    """Return the counts as text.

    Args:
        tally: the counts of all dumps.
        sources: the dumps.
        attributed_to: the rules that make a route a violating one, as in "... fires"; None without
            a rule or a profile, to list the peers and origins with most routes instead.
        criteria: the criteria of the facts; None for the default ones.
        profile: the profile with the severities; None for the default severities of the rules.
        registry: the sources of the registry data; empty without any.
    """
    sources = [*map(cleaned, sources)]
    attributed_to = None if attributed_to is None else displayed(attributed_to)
    spell = partial(_rule, criteria=criteria or Criteria(), profile=profile)
    rules = tally.rules if profile is None else _enabled(tally.rules, profile)
    lines = (
        *_lines(tally, sources, attributed_to, rules, spell),
        *_losses(sources),
        *([f"\n{displayed(registry_text(registry))}"] if registry else []),
    )
    return "".join(f"{line}\n" for line in lines)


def _enabled(rules: Counter[str], profile: Profile) -> Counter[str]:
    """Return the counts of the rules that a profile does not turn off."""
    return Counter(
        {
            name: count
            for name, count in rules.items()
            if profile.setting(CATALOGUE[name]).level is not Requirement.OFF
        }
    )


def _lines(
    tally: Tally,
    sources: list[SourceSummary],
    attributed_to: str | None,
    rules: Counter[str],
    spell: Callable[[str], str],
) -> Iterator[str]:
    yield _summary(tally, len(sources))
    yield from _snapshots(sources)
    if tally.routes and attributed_to is not None:
        violating = tally.violating_peers.total()
        share = f"{violating / tally.routes:.2%}"
        number = counted(violating, "violating route")
        yield f"{number} ({share}), on which {attributed_to} fires"
    yield from _table(rules, tally.routes, "rule", spell)
    yield from _table(tally.facts, tally.routes, "fact", str)
    yield from _lengths(tally.path_lengths, tally.routes)
    yield from _states(tally.states, tally.routes)
    if attributed_to is None:
        yield from _largest(tally.peers, tally.routes, "peer", _peer_name)
        yield from _largest(tally.origins, tally.routes, "origin", _origin_name)
    else:
        yield from _worst(tally.violating_peers, tally.peers, "peer", _peer_name)
        yield from _worst(tally.violating_origins, tally.origins, "origin", _origin_name)
    if tally.origins_left_out:
        left_out = counted(tally.origins_left_out, "route")
        yield f"\nthere are more origins than are counted one by one: {left_out} of others"
    if tally.unsorted:
        left_out = counted(tally.unsorted, "route")
        yield (
            "\nthere are more sets of facts than are counted separately: "
            f"{left_out} in no fact or rule"
        )


def _snapshots(sources: list[SourceSummary]) -> Iterator[str]:
    """Yield the number of snapshots if a dump has several; the routes of all of them count."""
    several = [source for source in sources if source.snapshots > 1]
    if several:
        total = sum(source.snapshots for source in sources)
        named = ", ".join(f"{source.name}: {source.snapshots:,}" for source in several[:WORST])
        more = f" and {len(several) - WORST:,} more dumps" if len(several) > WORST else ""
        yield f"{counted(total, 'snapshot')}, each counted ({named}{more})"


def _losses(sources: list[SourceSummary]) -> Iterator[str]:
    """Yield the parts of the dumps that are not counted."""
    parts = [
        (sum(source.error is not None for source in sources), "dump", "not read"),
        (sum(source.quality.cut is not None for source in sources), "dump", "cut short"),
        (sum(source.quality.lost for source in sources), "octet", "lost"),
        (sum(source.quality.skipped for source in sources), "octet", "skipped, not supported"),
    ]
    losses = [f"{counted(count, noun)} {what}" for count, noun, what in parts if count]
    if losses:
        yield f"\nleft out of all this: {'; '.join(losses)}"


def _summary(tally: Tally, dumps: int) -> str:
    prefixes = counted(tally.distinct_prefixes, "prefix")
    with_routes = sum(1 for routes in tally.peers.values() if routes)
    return (
        f"{counted(tally.routes, 'route')} in {counted(dumps, 'dump')}: "
        f"{'more than ' if tally.prefixes_full else ''}{prefixes}, "
        f"{counted(len(tally.origins) - (-1 in tally.origins), 'origin')}, "
        f"{counted(with_routes, 'peer')}; {counted(tally.withdrawals, 'withdrawal')}"
    )


def _table(
    counts: Counter[str], routes: int, title: str, spell: Callable[[str], str]
) -> Iterator[str]:
    found = [(name, count) for name, count in counts.most_common() if count]
    if found:
        yield f"\n{'routes':>12}  {'share':>8}  {title}"
    for name, count in found:
        yield f"{count:>12,}  {count / routes:>8.2%}  {spell(name)}"


def _rule(name: str, criteria: Criteria, profile: Profile | None) -> str:
    rule = CATALOGUE[name]
    title = _TITLES.get(name, rule.title)
    title = title.format(community=criteria.community, max_path=criteria.max_path)
    severity = rule.severity if profile is None else profile.severity(rule)
    return f"{severity:<8}  {name:<28}{title}"


def _lengths(lengths: Counter[int], routes: int) -> Iterator[str]:
    merged: Counter[str] = Counter()
    for length in sorted(lengths):
        merged[str(length) if length < LONG else f"{LONG} and more"] += lengths[length]
    if merged:
        yield f"\n{'routes':>12}  {'share':>8}  AS path length"
    for name, count in merged.items():
        yield f"{count:>12,}  {count / routes:>8.2%}  {name}"


def _states(states: Mapping[str, Counter[str]], routes: int) -> Iterator[str]:
    """Yield the routes in each state, in the order of the states."""
    for column, counts in states.items():
        title, texts = _COLUMNS.get(column, (column, {}))
        found = {name: count for name, count in counts.items() if count}
        if found:
            yield f"\n{'routes':>12}  {'share':>8}  {title}"
        for name, count in found.items():
            yield f"{count:>12,}  {count / routes:>8.2%}  {name:<11}{texts.get(name, '')}".rstrip()


def _worst(
    violating: Mapping[Key, int], routes: Mapping[Key, int], title: str, spell: Callable[[Key], str]
) -> Iterator[str]:
    """Yield the keys with most violating routes; for equal numbers, the larger share first."""
    found = [(count, count / routes[key], key) for key, count in violating.items() if count]
    if found:
        yield f"\n{'violating':>12}  {'of its routes':>13}  {'share':>8}  {title}"
    found.sort(key=lambda row: (-row[0], -row[1], spell(row[2])))
    for count, share, key in found[:WORST]:
        yield f"{count:>12,}  {routes[key]:>13,}  {share:>8.2%}  {spell(key)}"
    if len(found) > WORST:
        yield f"{'':>12}  {'':>13}  {'':>8}  and {len(found) - WORST:,} more with violating routes"


def _largest(
    counts: Mapping[Key, int], routes: int, title: str, spell: Callable[[Key], str]
) -> Iterator[str]:
    """Yield the keys with most routes."""
    found = [(count, spell(key)) for key, count in counts.items() if count]
    if found:
        yield f"\n{'routes':>12}  {'share':>8}  {title}"
    found.sort(key=lambda row: (-row[0], row[1]))
    for count, name in found[:WORST]:
        yield f"{count:>12,}  {count / routes:>8.2%}  {name}"
    if len(found) > WORST:
        yield f"{'':>12}  {'':>8}  and {len(found) - WORST:,} more"


def _peer_name(peer: DumpPeer) -> str:
    return f"{peer.peer}{' (sent to it)' if peer.sent else ''}"


def _origin_name(asn: int) -> str:
    return f"AS{asn}" if asn >= 0 else "no origin"
