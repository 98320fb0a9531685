"""The sources of registry data for the report, and remarks about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peerlint.model.times import from_microseconds, time_text
from peerlint.registry import Registry, SourceInfo
from peerlint.results import RegistrySource
from peerlint.rules.registry_criteria import RegistryCriteria, known_age
from peerlint.wording import listed

_SECOND = 1_000_000


def registry_sources(
    registry: Registry | None, criteria: Iterable[RegistryCriteria]
) -> tuple[RegistrySource, ...]:
    """Return the sources of registry data.

    Args:
        registry: the registry data, as of the time of the check; None without any.
        criteria: those of all profiles; a source is too old if it is for one of them.
    """
    if registry is None:
        return ()
    every = tuple(criteria)
    return tuple(_registry_source(each, registry.now, every) for each in registry.sources)


def _registry_source(
    source: SourceInfo, now: int, criteria: tuple[RegistryCriteria, ...]
) -> RegistrySource:
    age = known_age(source, now)
    return RegistrySource(
        str(source.kind),
        source.name,
        None if source.time is None else from_microseconds(source.time),
        None if age is None else age // _SECOND,
        source.records,
        source.skipped,
        source.is_cut,
        any(each.is_too_old(source, now) for each in criteria),
        source.server,
    )


def registry_remarks(sources: Iterable[RegistrySource]) -> Iterator[str]:
    """Yield remarks about sources that are too old, cut, or of unknown age."""
    every = tuple(sources)
    old = [
        f"{each.name} (of {time_text(each.time)})"
        for each in every
        if each.is_too_old and each.time is not None
    ]
    cut = [each.name for each in every if each.is_cut]
    ageless = [each.name for each in every if each.age_seconds is None]
    problems = {"too old": old, "cut in the middle": cut, "of unknown age": ageless}
    for reason, names in problems.items():
        if names:
            yield (
                f"registry data {reason}: {listed(names)}. What they have counts; what they lack "
                "may be missing in these data only"
            )
