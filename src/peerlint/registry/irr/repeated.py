"""Dumps that have the same part of a registry twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
import numpy as np

from peerlint.registry.irr.dump import IrrDump


@attrs.frozen(order=True)
class Repeated:
    """Objects of one class and registry in several dumps.

    An object that the newer dump has no longer would still count.

    Attributes:
        source: the name of the registry, in capitals.
        class_name: the class of the objects.
        names: of the dumps, in the order given.
    """

    source: str
    class_name: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Return a sentence for a warning."""
        return (
            f"{self.class_name} objects of {self.source} are in several dumps, and objects that "
            f"the newer one has no longer still count: {', '.join(self.names)}; give one of them"
        )


def repeated(dumps: Iterable[IrrDump]) -> tuple[Repeated, ...]:
    """Return which classes of which registries are in more than one dump.

    A registry in several files, one for each class, is not repeated.
    """
    names = dict[tuple[str, str], list[str]]()
    for dump in dumps:
        for part in _parts(dump):
            names.setdefault(part, []).append(dump.name)
    return tuple(
        Repeated(*part, tuple(each)) for part, each in sorted(names.items()) if len(each) > 1
    )


def _parts(dump: IrrDump) -> Iterator[tuple[str, str]]:
    """Yield registries with classes, each once."""
    routes = dump.routes
    for family, class_name in ((4, "route"), (6, "route6")):
        for each in np.unique(routes.source[routes.prefixes.family == family]):
            yield routes.sources[each], class_name
    yield from ((each, "aut-num") for each in dump.aut_nums.sources)
    yield from ((each, "as-set") for each in sorted({each.source for each in dump.as_sets}))
