"""The objects of registries that decide Microsoft's check of the origin."""

from __future__ import annotations

import attrs

from peerlint.results import Check, CheckName
from peerlint.rules import (
    Context,
    ObservedPrefix,
    ObservedServicePrefix,
    origins,
    registry_objects,
)


def with_objects(
    checks: tuple[Check, ...], context: Context, subject: ObservedPrefix | ObservedServicePrefix
) -> tuple[Check, ...]:
    """Return checks; that of the origin with the objects of registries that decide it.

    Args:
        checks: the checks.
        context: the data that rules use, with those of registries.
        subject: the prefix.
    """
    data = context.registry_data
    if data is None or subject.prefix is None:
        return checks
    found = origins(each for each in subject.groups if not each.view.is_hint)
    if isinstance(subject, ObservedPrefix) and subject.registered.origin is not None:
        found.add(subject.registered.origin)
    objects = registry_objects(data, found, subject.prefix)
    return tuple(
        attrs.evolve(each, objects=objects) if each.name is CheckName.ORIGIN_REGISTERED else each
        for each in checks
    )
