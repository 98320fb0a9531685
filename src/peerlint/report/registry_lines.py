"""The sources of registry data in the text report, with their ages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from peerlint.model.times import time_text
from peerlint.report.sources import age_text
from peerlint.results import RegistrySource
from peerlint.wording import counted, listed

KINDS: Final = {
    "irr": "IRR",
    "delegated": "delegations",
    "vrps": "VRPs",
    "peeringdb": "PeeringDB",
}


def registry_text(sources: Sequence[RegistrySource]) -> str:
    """Return the sources of registry data, grouped by kind and hour, and the totals.

    Args:
        sources: all sources; at least one.
    """
    alike: dict[tuple[str, str, str, str], list[RegistrySource]] = {}
    for each in sorted(sources, key=_order):
        key = (each.kind, each.server, _hour(each), registry_state(each))
        alike.setdefault(key, []).append(each)
    parts = [_group(group, state) for (*_, state), group in alike.items()]
    records = sum(each.records for each in sources)
    skipped = sum(each.skipped for each in sources)
    parts.append(f"{counted(records, 'record')}, {skipped:,} skipped")
    return f"Registry data: {'; '.join(parts)}"


def registry_state(source: RegistrySource) -> str:
    """Return what is wrong with a source; empty if nothing is."""
    words = {"too old": source.is_too_old, "cut in the middle": source.is_cut}
    return ", ".join(word for word, holds in words.items() if holds)


def registry_time(group: Sequence[RegistrySource]) -> str:
    """Return the time of the oldest of some sources, and its age."""
    known = [each for each in group if each.time is not None and each.age_seconds is not None]
    oldest = max(known, key=lambda each: each.age_seconds or 0, default=None)
    if oldest is None or oldest.time is None or oldest.age_seconds is None:
        return "time not known"
    return f"{time_text(oldest.time.replace(second=0))} ({age_text(oldest.age_seconds)} old)"


def _group(group: Sequence[RegistrySource], state: str) -> str:
    names = listed([each.name for each in group], len(group))
    parts = (registry_time(group), state)
    server = f" ({group[0].server})" if group[0].server else ""
    kind = KINDS.get(group[0].kind, group[0].kind)
    return f"{kind} {names}{server}: {', '.join(filter(None, parts))}"


def _order(source: RegistrySource) -> int:
    return [*KINDS, source.kind].index(source.kind)


def _hour(source: RegistrySource) -> str:
    if source.time is None or source.age_seconds is None:
        return ""
    return f"{source.time.astimezone(UTC):%Y-%m-%d %H}"
