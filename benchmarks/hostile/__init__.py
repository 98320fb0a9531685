"""The costs of crafted input, compared with plain input of the same size.

Each module of this package has a function `rows` that yields its rows. The unit of a cost is octets
copied, probes of a table, calls or octets of output, never seconds, so that a busy machine gives
the same figures as an idle one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import attrs


@attrs.frozen
class Row:
    """One kind of crafted input, and its cost.

    Attributes:
        name: the input, in a few words.
        counted: what is counted, with its unit.
        plain: the count for plain input of the same size, at least 1; for an absolute bound, the
            count that it allows.
        crafted: the count for the crafted input.
        bound: the largest allowed ratio of `crafted` to `plain`.
    """

    name: str
    counted: str
    plain: float = attrs.field(validator=attrs.validators.ge(1))
    crafted: float
    bound: float = 2.0

    @property
    def ratio(self) -> float:
        """The ratio of the crafted count to the plain one."""
        return self.crafted / self.plain

    @property
    def is_within(self) -> bool:
        """Whether the ratio is within its bound."""
        return self.ratio <= self.bound


def gather() -> Iterator[Row]:
    """Yield the rows of every module of this package, in the order of the modules' names."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        yield from importlib.import_module(f"{__name__}.{module.name}").rows()


def print_rows() -> bool:
    """Print every row, and return whether all of them are within their bounds."""
    print(
        f"{'crafted input':<52}{'counted':<36}{'plain':>14}{'crafted':>14}{'ratio':>8}{'bound':>7}"
    )
    is_within = True
    for row in gather():
        mark = "" if row.is_within else "  over its bound"
        print(
            f"{row.name:<52}{row.counted:<36}{row.plain:>14,.0f}{row.crafted:>14,.0f}"
            f"{row.ratio:>8.2f}{row.bound:>7.2f}{mark}",
            flush=True,
        )
        is_within &= row.is_within
    return is_within
