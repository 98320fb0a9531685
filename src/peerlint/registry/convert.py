"""Columns of routes, as users have them, become the columns that tables take.

Arrow columns are recognised by their methods, so that this needs no pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.registry.columns import Prefixes
from peerlint.registry.prefix_texts import parse_prefixes
from peerlint.registry.states import NO_ORIGIN

if TYPE_CHECKING:
    import numpy.typing as npt

#: Prefixes as columns, as texts (a list, a numpy array, an Arrow column), or as values.
PrefixColumn: TypeAlias = "Prefixes | Iterable[object]"
#: Origins as integers (a list, a numpy array, an Arrow column); -1, None or null for none.
OriginColumn: TypeAlias = "Iterable[object]"
_MAX_ASN: Final = (1 << 32) - 1
_PREFIXES: Final = "texts such as '203.0.113.0/24'"
_ORIGINS: Final = "AS numbers from 0 to 4294967295, or -1 for none"


def prefix_column(values: PrefixColumn) -> Prefixes:
    """Return prefixes as columns. Each different text is parsed once.

    Raises:
        InputError: a value is not a prefix.
    """
    if isinstance(values, Prefixes):
        return values
    if hasattr(values, "dictionary_encode"):
        return _from_arrow(values)
    # Columns repeat prefixes: each is parsed once.
    numbers: dict[object, int] = {}
    rows = [
        numbers.setdefault(_text_or_prefix(each), len(numbers))
        for each in _listed("prefixes", values, _PREFIXES)
    ]
    return _parsed(list(numbers)).take(np.array(rows, np.intp))


def origin_column(values: OriginColumn, count: int | None) -> npt.NDArray[np.int64]:
    """Return origins as a column.

    Args:
        values: the origins.
        count: how many there have to be; None for any number.

    Raises:
        InputError: a value is no AS number, or there are more or fewer.
    """
    array = _integers(values)
    if count not in {None, len(array)}:
        expected = f"one for each of {count} prefixes"
        raise InputError("origins", expected=expected, found=len(array))
    is_wrong = (array < NO_ORIGIN) | (array > _MAX_ASN)
    if is_wrong.any():
        raise InputError("origins", expected=_ORIGINS, found=int(array[is_wrong][0]))
    return array


def _integers(values: Any) -> npt.NDArray[np.int64]:  # noqa: ANN401  # pyarrow has no types
    if hasattr(values, "dictionary_encode"):  # an Arrow column
        if not str(values.type).startswith(("int", "uint", "null")):
            raise InputError("origins", expected=_ORIGINS, found=str(values.type))
        filled = values.cast("int64", safe=False).fill_null(NO_ORIGIN)
        return np.asarray(filled, np.int64)
    array = values
    if not isinstance(values, np.ndarray):
        items = _listed("origins", values, _ORIGINS)
        array = np.array(items if all(type(each) is int for each in items) else [None])
        values = items
    if array.dtype.kind not in "iu" or array.ndim != 1:
        return np.array([_origin(each) for each in values], np.int64)
    # A number of 64 bits without a sign may become a negative one, which is no origin either.
    if array.dtype == np.uint64:
        array = np.minimum(array, np.uint64(_MAX_ASN + 1))
    numbers: npt.NDArray[np.int64] = array.astype(np.int64, copy=False)
    return numbers


def _origin(value: object) -> int:
    if value is None:
        return NO_ORIGIN
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
        raise InputError("origins", expected=_ORIGINS, found=value)
    if not NO_ORIGIN <= int(value) <= _MAX_ASN:
        raise InputError("origins", expected=_ORIGINS, found=int(value))
    return int(value)


def _listed(name: str, values: Iterable[object], expected: str) -> list[object]:
    """Return the values of an argument, which is no text (a text would be split into letters)."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InputError(name, expected=f"a column of {expected}", found=values)
    return list(values)


def _text_or_prefix(value: object) -> object:
    if not isinstance(value, Prefix | str):
        raise InputError("prefixes", expected=_PREFIXES, found=value)
    return value


def _parsed(values: list[object]) -> Prefixes:
    """Return texts and prefixes as columns."""
    texts = [each if isinstance(each, str) else str(each) for each in values]
    parsed = parse_prefixes(texts)
    for row in sorted(parsed.problems):
        Prefix.parse(texts[row])  # its error says more
        raise InputError("prefixes", expected=_PREFIXES, found=texts[row])
    return parsed.prefixes


def _from_arrow(column: Any) -> Prefixes:  # noqa: ANN401  # pyarrow has no types
    """Return the prefixes of an Arrow column of texts, in one or in several chunks."""
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    return Prefixes.concatenated([_from_chunk(each) for each in chunks])


def _from_chunk(chunk: Any) -> Prefixes:  # noqa: ANN401  # pyarrow has no types
    if chunk.null_count:
        raise InputError("prefixes", expected="a prefix in each row", found=None)
    coded = chunk if hasattr(chunk, "indices") else chunk.dictionary_encode()
    if not len(coded):
        return Prefixes.of([])
    texts = [_text_or_prefix(each) for each in coded.dictionary.to_pylist()]
    return _parsed(texts).take(np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.intp))
