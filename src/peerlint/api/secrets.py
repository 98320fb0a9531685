"""Collecting the secrets of a check: those of its inventory and of the names of its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

import attrs

from peerlint.inventory import Inventory, Key
from peerlint.redaction import Secrets, collected, redacted
from peerlint.report.phrases import without_secrets

_Value = TypeVar("_Value")


@contextmanager
def secrets_of(
    inventories: Iterable[Inventory | None],
    ribs: Iterable[str | Path],
    exports: Iterable[str | Path],
) -> Iterator[Callable[[_Value], _Value]]:
    """Collect the secrets of this run: errors that are raised inside the block mask them.

    Args:
        inventories: those of the run; None is ignored.
        ribs: names of dumps, as the caller gives them.
        exports: names of exports.

    Yields:
        A function that masks the secrets in a report. Until then names are kept complete, because
        they identify sources and peerings.
    """
    with collected() as secrets:
        texts = [text for each in inventories for text in taken_up(each, secrets)]
        names = [*map(str, ribs), *map(str, exports)]
        for each in (*texts, *names):
            secrets.add_name(each)
        # A report has these texts and numbers of dumps only, unless an export adds others.
        is_safe = not any(exports) and all(redacted(each) == each for each in (*texts, *names))
        yield _as_it_is if is_safe else without_secrets


def _as_it_is(value: _Value) -> _Value:
    return value


def taken_up(value: object, secrets: Secrets) -> list[str]:
    """Collect the keys of an inventory or an export; return all other texts in it."""
    texts: list[str] = []
    waiting: list[object] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Key):
            secrets.add(each.secret)
        elif isinstance(each, str):
            texts.append(each)
        elif isinstance(each, tuple | frozenset):
            waiting += each
        elif attrs.has(type(each)):
            waiting += (
                getattr(each, field.name)
                for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(each)))
            )
    return texts
