"""What a scan counted, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final, TypeVar

from peerlint.bulk import DumpPeer, Tally
from peerlint.observe import SourceSummary
from peerlint.rules import CATALOGUE

#: Rows of a list of the worst.
WORST: Final = 10
#: Path lengths from this on share a row.
LONG: Final = 10

Key = TypeVar("Key", bound=Hashable)


def render_scan(tally: Tally, sources: Iterable[SourceSummary], blamed: str) -> str:
    """Return the counts as a person reads them.

    Args:
        tally: of all dumps.
        sources: the dumps.
        blamed: what makes a route faulty, as in "faulty means that ... fires".
    """
    sources = list(sources)
    lines = (*_lines(tally, len(sources), blamed), *_losses(sources))
    return "".join(f"{line}\n" for line in lines)


def _lines(tally: Tally, dumps: int, blamed: str) -> Iterator[str]:
    yield _summary(tally, dumps)
    if tally.routes:
        faulty = tally.faulty_peers.total()
        share = f"{faulty / tally.routes:.2%}"
        yield f"{_counted(faulty, 'faulty route')} ({share}): faulty means that {blamed} fires"
    yield from _table(tally.rules, tally.routes, "rule", _rule)
    yield from _table(tally.facts, tally.routes, "fact", str)
    yield from _lengths(tally.path_lengths, tally.routes)
    yield from _worst(tally.faulty_peers, tally.peers, "peer", _peer_name)
    yield from _worst(tally.faulty_origins, tally.origins, "origin", _origin_name)
    if tally.origins_left_out:
        left_out = _counted(tally.origins_left_out, "route")
        yield f"\nthere are more origins than are counted one by one: {left_out} of others"
    if tally.unsorted:
        left_out = _counted(tally.unsorted, "route")
        yield f"\nthere are more sets of facts than are told apart: {left_out} in no fact or rule"


def _losses(sources: list[SourceSummary]) -> Iterator[str]:
    """Yield what the counts leave out, where they do not tell the whole of the dumps."""
    parts = [
        (sum(source.error is not None for source in sources), "dump", "not read"),
        (sum(source.quality.cut is not None for source in sources), "dump", "cut short"),
        (sum(source.quality.lost for source in sources), "octet", "lost"),
        (sum(source.quality.skipped for source in sources), "octet", "skipped, not supported"),
    ]
    said = [f"{_counted(count, noun)} {what}" for count, noun, what in parts if count]
    if said:
        yield f"\nleft out of all this: {'; '.join(said)}"


def _summary(tally: Tally, dumps: int) -> str:
    prefixes = _counted(tally.distinct_prefixes, "prefix")
    speaking = sum(1 for routes in tally.peers.values() if routes)
    return (
        f"{_counted(tally.routes, 'route')} in {_counted(dumps, 'dump')}: "
        f"{'more than ' if tally.prefixes_full else ''}{prefixes}, "
        f"{_counted(len(tally.origins) - (-1 in tally.origins), 'origin')}, "
        f"{_counted(speaking, 'peer')}; {_counted(tally.withdrawals, 'withdrawal')}"
    )


def _table(
    counts: Counter[str], routes: int, title: str, spell: Callable[[str], str]
) -> Iterator[str]:
    found = [(name, count) for name, count in counts.most_common() if count]
    if found:
        yield f"\n{'routes':>12}  {'share':>8}  {title}"
    for name, count in found:
        yield f"{count:>12,}  {count / routes:>8.2%}  {spell(name)}"


def _rule(name: str) -> str:
    rule = CATALOGUE[name]
    return f"{rule.severity:<8}  {name:<28}{rule.title}"


def _lengths(lengths: Counter[int], routes: int) -> Iterator[str]:
    merged: Counter[str] = Counter()
    for length in sorted(lengths):
        merged[str(length) if length < LONG else f"{LONG} and more"] += lengths[length]
    if merged:
        yield f"\n{'routes':>12}  {'share':>8}  AS path length"
    for name, count in merged.items():
        yield f"{count:>12,}  {count / routes:>8.2%}  {name}"


def _worst(
    faulty: Counter[Key], routes: Counter[Key], title: str, spell: Callable[[Key], str]
) -> Iterator[str]:
    """Yield those with most faulty routes; of as many, those with the larger share first."""
    found = [(count, count / routes[key], key) for key, count in faulty.items() if count]
    if found:
        yield f"\n{'faulty':>12}  {'of its routes':>13}  {'share':>8}  {title}"
    found.sort(key=lambda row: (-row[0], -row[1], spell(row[2])))
    for count, share, key in found[:WORST]:
        yield f"{count:>12,}  {routes[key]:>13,}  {share:>8.2%}  {spell(key)}"
    if len(found) > WORST:
        yield f"{'':>12}  {'':>13}  {'':>8}  and {len(found) - WORST:,} more with faulty routes"


def _peer_name(peer: DumpPeer) -> str:
    return f"{peer.peer}{' (sent to it)' if peer.sent else ''}"


def _origin_name(asn: int) -> str:
    return f"AS{asn}" if asn >= 0 else "no origin"


def _counted(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith('x') else 's'}"
