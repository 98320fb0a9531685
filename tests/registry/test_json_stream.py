"""JSON that is read value by value."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.registry.json_stream import JsonStream

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)  # fmt: skip


class SmallReads(io.RawIOBase):
    """A file that returns a few octets at a time."""

    def __init__(self, octets: bytes, size: int) -> None:
        """Return `size` octets at a time."""
        self._file = io.BytesIO(octets)
        self._size = size

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next octets."""
        return self._file.read(self._size)


class TestStream:
    """What is read is what `json` reads, wherever the file's chunks end."""

    @given(
        st.dictionaries(st.text(max_size=4), values, max_size=5),
        st.integers(1, 30),
        st.booleans(),
        st.sampled_from([None, 1]),
    )
    def test_values_and_elements_equal_those_of_json(
        self, whole: dict[str, object], size: int, is_ascii: bool, indent: int | None
    ) -> None:
        """Members one by one, and lists element by element."""
        text = json.dumps(whole, ensure_ascii=is_ascii, indent=indent)
        octets = text.encode("utf-8", "replace")
        whole = json.loads(octets)
        stream = JsonStream(SmallReads(octets, size), "file")
        found = {
            key: list(stream.elements()) if stream.next_is("[") else stream.value()
            for key in stream.members()
        }
        stream.end()

        assert whole == found

    @given(
        st.lists(st.tuples(st.text(max_size=4), values), max_size=5),
        st.integers(1, 30),
    )
    def test_what_is_not_asked_for_is_skipped(
        self, members: list[tuple[str, object]], size: int
    ) -> None:
        """Values of any depth, with brackets and quotation marks in strings."""
        odd = ['"', "]}", "\\", '\\"', [[[["[{"]]]], {"a": {"b": [{"c": {}}]}}]
        text = json.dumps([dict([*members, ("odd", odd)]), 7])
        stream = JsonStream(SmallReads(text.encode(), size), "file")
        elements = iter(json.loads(text)[0])
        for key, expected in zip(stream_first(stream), elements, strict=True):
            assert expected == key

    def test_an_element_knows_its_octet(self) -> None:
        """Also behind text that is not ASCII, and in another chunk."""
        text = '{"a": ["é", "€",  12, {"b": 1}]}'.encode()
        for size in (1, 3, 100):
            stream = JsonStream(SmallReads(text, size), "file")
            starts = [
                (stream.octet, value) for _ in stream.members() for value in stream.elements()
            ]

            assert [(7, "é"), (13, "€"), (21, 12), (25, {"b": 1})] == starts

    @given(st.binary(max_size=200), st.integers(1, 20))
    def test_any_octets_give_values_or_an_error(self, octets: bytes, size: int) -> None:
        """Garbage never raises anything else, and is never the end of a good file."""
        stream = JsonStream(SmallReads(b'{"a":[1],"b":' + octets, size), "file")
        try:
            keys = [key for key in stream.members() if key != "x"]
            stream.end()
        except InputError as error:
            assert str(error).startswith("file: expected")  # noqa: PT017  # garbage may be good
        else:
            assert keys[:2] == ["a", "b"]

    def test_octets_that_are_not_utf_8_are_replaced(self) -> None:
        """One name in Latin-1 does not cost the file."""
        stream = JsonStream(io.BytesIO(b'["caf\xe9", "a"]'), "file")

        assert ["caf\ufffd", "a"] == list(stream.elements())

    @pytest.mark.parametrize("size", [1, 2, 100])
    def test_a_number_that_a_chunk_cuts_is_whole(self, size: int) -> None:
        """The end of a chunk does not end a number."""
        stream = JsonStream(SmallReads(b"[12345, -1.5e3,67]", size), "file")

        assert [12345, -1500.0, 67] == list(stream.elements())


def stream_first(stream: JsonStream) -> list[str]:
    """Return the keys of the first element of a list, an object whose values are skipped."""
    # `elements` reads whole values: the list is opened by hand.
    stream._open("[")
    return list(stream.members())
