"""The secrets of a check: those of its inventory, and in the names of its sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

import attrs

from peerlint.inventory import Inventory, Key
from peerlint.redaction import Secrets, collected, redacted
from peerlint.report.phrases import without_secrets

_Value = TypeVar("_Value")


class Masking:
    """Masks the secrets of one run in its results.

    Until then names are kept complete, because they identify sources and peerings.
    """

    def __init__(self, *, is_safe: bool) -> None:
        """Set up.

        Args:
            is_safe: whether no text of the inventories and no name of a source has a secret.
        """
        self._is_safe = is_safe

    def mask(self, value: _Value, *, carry_texts: bool) -> _Value:
        """Return a result without secrets.

        Args:
            value: a report, or several results.
            carry_texts: whether texts of the sources can be in it; of a dump, only numbers are.
        """
        return value if self._is_safe and not carry_texts else without_secrets(value)


@contextmanager
def secrets_of(
    inventories: Iterable[Inventory | None], sources: Iterable[str | Path]
) -> Iterator[Masking]:
    """Collect the secrets of this run: errors that are raised inside the block mask them.

    Args:
        inventories: those of the run; None is ignored.
        sources: names of dumps and exports, as the caller gives them.

    Yields:
        What masks the secrets in results.
    """
    with collected() as secrets:
        texts = [text for each in inventories for text in collect_keys(each, secrets)]
        texts += map(str, sources)
        for each in texts:
            secrets.add_name(each)
        yield Masking(is_safe=all(redacted(each) == each for each in texts))


def collect_keys(value: object, secrets: Secrets) -> list[str]:
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
