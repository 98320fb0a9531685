"""Columns of routes: lists, numpy arrays and Arrow columns give the same states."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.registry import (
    Announcements,
    Prefixes,
    Registry,
    RegistryInputs,
    SourceInfo,
    SourceKind,
    Vrp,
    vrp_columns,
)

TEXTS = ["203.0.113.0/24", "2001:db8::/32", "198.51.100.0/24", "203.0.113.0/24", "203.0.113.0/24"]
ORIGINS = [64500, 64501, 64500, 64501, None]
STATES = [2, 3, 1, 3, 3]
REGISTRY = Registry.of(
    RegistryInputs(
        0,
        (SourceInfo(SourceKind.VRPS, "vrps", 0, 2),),
        vrps=(
            vrp_columns([
                Vrp(Prefix.parse("203.0.113.0/24"), 24, 64500, "RIPE"),
                Vrp(Prefix.parse("2001:db8::/32"), 32, 64500, "RIPE"),
            ]),
        ),
    )
)  # fmt: skip
PREFIXES: dict[str, Callable[[], object]] = {
    "list": lambda: TEXTS,
    "values": lambda: list(map(Prefix.parse, TEXTS)),
    "columns": lambda: Prefixes.of(map(Prefix.parse, TEXTS)),
    "numpy": lambda: np.array(TEXTS),
    "numpy objects": lambda: np.array(TEXTS, object),
    "arrow": lambda: pa.array(TEXTS),
    "arrow large": lambda: pa.array(TEXTS, pa.large_string()),
    "arrow dictionary": lambda: pa.array(TEXTS).dictionary_encode(),
    "arrow chunks": lambda: pa.chunked_array([TEXTS[:2], TEXTS[2:]]),
    "arrow dictionary chunks": lambda: pa.chunked_array([
        pa.array(TEXTS[:2]).dictionary_encode(), pa.array(TEXTS[2:]).dictionary_encode()
    ]),
    "arrow slice": lambda: pa.array(["x", *TEXTS]).slice(1),
}  # fmt: skip
NUMBERS: dict[str, Callable[[], object]] = {
    "list": lambda: ORIGINS,
    "numpy objects of numbers": lambda: np.array(ORIGINS, object),
    "numpy": lambda: np.array([-1 if each is None else each for each in ORIGINS]),
    "arrow": lambda: pa.array(ORIGINS, pa.uint32()),
    "arrow i64": lambda: pa.array(ORIGINS),
    "arrow chunks": lambda: pa.chunked_array([ORIGINS[:3], ORIGINS[3:]], pa.uint32()),
    "arrow slice": lambda: pa.array([5, *ORIGINS], pa.uint32()).slice(1),
}


@pytest.mark.parametrize("prefixes", PREFIXES)
@pytest.mark.parametrize("origins", NUMBERS)
def test_columns_of_all_kinds(prefixes: str, origins: str) -> None:
    """Each kind of column gives the same states, in the order of the rows."""
    found = REGISTRY.judge(PREFIXES[prefixes](), NUMBERS[origins]())

    assert STATES == found.tolist()
    assert np.uint8 == found.dtype


@pytest.mark.parametrize(
    "empty", [[], np.array([], np.int64), pa.array([]), pa.chunked_array([], "int64")]
)
def test_empty_columns(empty: object) -> None:
    """Columns without rows have no states."""
    assert [] == REGISTRY.judge([], empty).tolist()
    assert [] == REGISTRY.judge(pa.array([], pa.string()), empty).tolist()
    assert [] == REGISTRY.judge(pa.chunked_array([], pa.string()), empty).tolist()


def test_columns_of_a_dump() -> None:
    """The columns that rules and scans have give the same states."""
    columns = Prefixes.of(map(Prefix.parse, TEXTS))
    origins = np.array([-1 if each is None else each for each in ORIGINS])

    found = REGISTRY.states(
        Announcements(columns.family, columns.prefix_hi, columns.prefix_lo, columns.length, origins)
    )

    assert STATES == found.tolist()


@pytest.mark.parametrize(
    ("prefixes", "origins", "message"),
    [
        (["203.0.113.0"], [1], "prefix"),
        (["203.0.113.1/24"], [1], "no bits right of the mask"),
        ([5], [1], "prefixes: expected texts"),
        (pa.array(["203.0.113.0/24", None]), [1, 1], "prefixes: expected a prefix in each row"),
        (TEXTS, [1], "origins: expected one for each of 5 prefixes, found 1$"),
        (["203.0.113.0/24"], ["x"], "origins: expected AS numbers"),
        (["203.0.113.0/24"], [True], "origins: expected AS numbers"),
        (["203.0.113.0/24"], [-2], "origins: expected AS numbers"),
        (["203.0.113.0/24"], [1 << 32], "origins: expected AS numbers"),
        (["203.0.113.0/24"], [1 << 80], "origins: expected AS numbers"),
        (["203.0.113.0/24"], np.array([1 << 32]), "origins: expected AS numbers"),
        (["203.0.113.0/24"], np.array([(1 << 64) - 1], np.uint64), "origins: expected AS"),
        (["203.0.113.0/24"], np.array([[1]]), "origins: expected"),
        (["203.0.113.0/24"], np.array([1.0]), "origins: expected"),
        (["203.0.113.0/24"], pa.array(["x"]), "origins: expected AS numbers"),
        (["203.0.113.0/24"], 5, "origins: expected"),
        (5, [1], "prefixes: expected"),
        ("203.0.113.0/24", [1], "prefixes: expected"),
        ([["203.0.113.0/24"]], [1], "prefixes: expected"),
        (["203.0.113.0/24\n198.51.100.0/24"], [1], "prefix"),
        (["203.0.113.0/24"], [None, "x"], "origins: expected AS numbers"),
        (["203.0.113.0/24"], pa.array([(1 << 64) - 2], pa.uint64()), "origins: expected AS"),
        (["203.0.113.0/24"], pa.array([1 << 40]), "origins: expected AS"),
    ],
)
def test_wrong_columns(prefixes: object, origins: object, message: str) -> None:
    """A value that is no prefix or no AS number, or one too few, is an `InputError`."""
    with pytest.raises(InputError, match=message):
        REGISTRY.judge(prefixes, origins)


def test_prefixes_as_columns() -> None:
    """Prefixes keep their values and their order as columns."""
    values = [Prefix.parse(each) for each in ("2001:db8::1/128", *TEXTS, "0.0.0.0/0", "::/0")]
    columns = Prefixes.of(values)

    assert values == list(columns)
    assert values[2:4] == list(columns.take(np.array([2, 3])))
    assert values * 2 == list(Prefixes.concatenated([columns, columns]))
    assert [] == list(Prefixes.concatenated([]))
    assert [203 << 24 | 113 << 8] == [int(columns.prefix_hi[1] >> np.uint64(32))]
