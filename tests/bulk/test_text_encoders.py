"""Two encoders, one text: the compiled one against the one in Python, on octets that lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.bulk.kernel.contract import FORM_ADD_PATH, FORM_AS4, FORM_UPDATE, ROW
from peerlint.bulk.kernel.python import text_encoder as python
from peerlint.testing import malformed, malformed_dumps, strategies
from peerlint.wire.attributes import Attributes, Form, encode_attributes

compiled = pytest.importorskip("peerlint.bulk.kernel.compiled.text_encoder")
Read = Callable[..., Any]
#: A RIB's, with and without path identifiers, and each of an UPDATE.
CODES = [
    FORM_AS4,
    FORM_AS4 | FORM_ADD_PATH,
    *(FORM_UPDATE | as4 | add_path for as4 in (0, FORM_AS4) for add_path in (0, FORM_ADD_PATH)),
]
List = tuple[bytes, int]


def attribute_lists(code: int) -> st.SearchStrategy[List]:
    """Return lists of attributes, with how they are read: some honest, some not."""
    form = Form(as4=bool(code & FORM_AS4), in_rib=not code & FORM_UPDATE)
    # MP_REACH_NLRI that cannot be read takes the whole UPDATE with it: no row has one.
    honest = strategies.attributes(form).map(
        lambda each: encode_attributes(attrs.evolve(each, mp_reach=None, mp_unreach=None), form)
    )
    lying = malformed.attribute_octets(form, multiprotocol=form.in_rib)
    return st.tuples(st.one_of(honest, lying), st.just(code))


def laid_out(lists: list[List]) -> tuple[npt.NDArray[np.void], bytes]:
    """Return a row for each list, and the buffer that they point into."""
    rows = np.zeros(len(lists), ROW)
    buffer = b"before"
    for row, (octets, code) in zip(rows, lists, strict=True):
        row["attr_at"], row["attr_len"], row["form"] = len(buffer), len(octets), code
        buffer += octets
    return rows, buffer


def said(encoders: list[Any]) -> list[list[object]]:
    """Return all that each encoder has to say, in its order."""
    answers = []
    for encoder in encoders:
        held, encoded = encoder.held, encoder.take()
        parts = (encoded.lists, encoded.path_codes, encoded.offsets, encoded.codes)
        texts = (encoded.paths, encoded.communities)
        answers.append(
            [
                held,
                *(part.tolist() for part in parts),
                *((text.octets, text.offsets.tolist()) for text in texts),
            ]
        )
    return answers


@pytest.mark.slow
@settings(max_examples=settings().max_examples * 3 // 2)
@given(st.data())
def test_same_text(data: st.DataObject) -> None:
    """Both spell lists of every form alike, batch after batch, group after group."""
    lists = st.lists(st.sampled_from(CODES).flatmap(attribute_lists), min_size=1, max_size=4)
    encoders = [python.TextEncoder(), compiled.TextEncoder()]
    for _ in range(2):
        for batch in data.draw(st.lists(lists, min_size=1, max_size=2)):
            again = data.draw(st.lists(st.sampled_from(batch), max_size=4))
            rows, buffer = laid_out([*batch, *again])
            for encoder in encoders:
                encoder.add(rows, buffer)
        expected, actual = said(encoders)

        assert expected == actual


@settings(max_examples=settings().max_examples * 2)
@given(malformed_dumps.dumps())
def test_same_text_of_dumps(read: Read, octets: bytes) -> None:
    """Both spell the rows of a dump in which fields lie alike, withdrawals included."""
    encoders = [python.TextEncoder(), compiled.TextEncoder()]
    for batch in read(octets).batches:
        for encoder in encoders:
            encoder.add(batch.rows, batch.buffer)
    expected, actual = said(encoders)

    assert expected == actual


@given(strategies.attributes(Form(as4=False)))
def test_text_of_the_model(attributes: Attributes) -> None:
    """The text is that of the values that `wire` decodes, AS4_PATH merged in."""
    attributes = attrs.evolve(attributes, mp_reach=None, mp_unreach=None)
    octets = encode_attributes(attributes, Form(as4=False))
    rows, buffer = laid_out([(octets, FORM_UPDATE)])
    path = None if attributes.as_path is None else str(attributes.path)
    words = (
        *attributes.communities,
        *attributes.large_communities,
        *attributes.extended_communities,
    )
    for encoder in (python.TextEncoder(), compiled.TextEncoder()):
        encoder.add(rows, buffer)
        encoded = encoder.take()
        texts = [*encoded.paths.to_list(), None]
        known = encoded.communities.to_list()

        assert path == texts[encoded.path_codes[0]]
        assert list(map(str, words)) == [known[code] for code in encoded.codes]


PATH = "4002 06 0201 0000fbf4"


@pytest.mark.parametrize(
    ("octets", "code", "path", "communities", "why"),
    [
        (PATH, FORM_AS4, "64500", [], "one AS"),
        ("", FORM_AS4, None, [], "no path"),
        ("400200", FORM_AS4, "", [], "an empty path"),
        ("4002 0c 0201 0000fbf4 0201 0000fbf5", FORM_AS4, "64500 64501", [], "split"),
        ("4002 0a 0102 0000fbf4 ffffffff", FORM_AS4, "{64500,4294967295}", [], "a set"),
        ("4002 0a 0302 0000fbf4 00000000", FORM_AS4, "(64500 0)", [], "a confederation"),
        ("4002 0a 0402 0000fbf4 00000000", FORM_AS4, "[64500,0]", [], "a confederation's set"),
        ("4002 06 0501 0000fbf4", FORM_AS4, None, [], "an unknown segment"),
        ("4002 06 0202 0000fbf4", FORM_AS4, None, [], "a member that is not there"),
        ("4002 02 0200", FORM_AS4, None, [], "no member"),
        ("4002 07 0201 0000fbf4 02", FORM_AS4, None, [], "half a segment"),
        ("4002 04 0201 fbf4", FORM_UPDATE, "64500", [], "two octets"),
        (
            "4002 06 0202 5ba0 fbf5 c011 0a 0202 00010000 0000fbf5",
            FORM_UPDATE,
            "65536 64501",
            [],
            "AS4_PATH, RFC 6793 section 4.2.3",
        ),
        (PATH + "c011 06 0201 00010000", FORM_AS4, "64500", [], "RFC 6793 section 4.1"),
        (PATH + "4002 06 0201 0000fbf5", FORM_AS4, "64500", [], "RFC 7606 section 3 g"),
        ("c002 06 0201 0000fbf4", FORM_AS4 | FORM_UPDATE, None, [], "RFC 7606 section 3 c"),
        ("0002 06 0201 0000fbf4", FORM_AS4, "64500", [], "flags do not count in a RIB"),
        ("5002 0006 0201 0000fbf4", FORM_AS4, "64500", [], "two octets of length"),
        (PATH + "5008 00", FORM_AS4, "64500", [], "a length that is cut"),
        (PATH + "c008 05 1f8b1f47", FORM_AS4, "64500", [], "a list over the end"),
        ("c008 08 1f8b1f47 ffffff01", FORM_AS4, None, ["8075:8007", "65535:65281"], "in order"),
        ("c008 08 1f8b1f47 1f8b1f47", FORM_AS4, None, ["8075:8007"] * 2, "repeats are kept"),
        ("c008 05 1f8b1f47 00", FORM_AS4, None, [], "RFC 7606 section 7.8"),
        ("c008 00", FORM_AS4, None, [], "none"),
        (
            "c020 0c 0000fbf4 00000000 ffffffff c008 04 1f8b1f47",
            FORM_AS4,
            None,
            ["8075:8007", "64500:0:4294967295"],
            "standard before large",
        ),
        (
            "c010 20 0002fbf400000001 0103c00002010007 020300010000ffff 4302000000000a0f",
            FORM_AS4,
            None,
            ["rt:64500:1", "ro:192.0.2.1:7", "ro:65536L:65535", "0x4302000000000a0f"],
            "RFC 4360, RFC 5668",
        ),
        ("c010 08 0004fbf400000001", FORM_AS4, None, ["0x0004fbf400000001"], "another subtype"),
    ],
)
def test_rows(octets: str, code: int, path: str | None, communities: list[str], why: str) -> None:
    """What both encoders make of one list of attributes."""
    rows, buffer = laid_out([(bytes.fromhex(octets), code)])
    for encoder in (python.TextEncoder(), compiled.TextEncoder()):
        encoder.add(rows, buffer)
        encoded = encoder.take()
        known = encoded.communities.to_list()

        assert path == [*encoded.paths.to_list(), None][encoded.path_codes[0]], why
        assert communities == [known[code] for code in encoded.codes], why


@pytest.mark.parametrize(("at", "size"), [(0, 100), (8, 1), (100, 1), (9, 0), (0xFFFFFFFF, 2)])
def test_rows_that_point_outside(at: int, size: int) -> None:
    """Rows are anybody's: what they name outside the buffer is not there."""
    rows = np.zeros(1, ROW)
    rows["attr_at"], rows["attr_len"], rows["form"] = at, size, FORM_AS4
    encoders = [python.TextEncoder(), compiled.TextEncoder()]
    for encoder in encoders:
        encoder.add(rows, bytes.fromhex("4002060201 0000fbf4"))
    expected, actual = said(encoders)

    assert expected == actual


@pytest.mark.parametrize("count", [200, 5_000])
def test_many(count: int) -> None:
    """Tables grow: each of many paths and communities stands once, under its own number."""
    lists = [
        (
            b"\x40\x02\x06\x02\x01" + number.to_bytes(4) + b"\xc0\x08\x04" + number.to_bytes(4),
            FORM_AS4,
        )
        for number in range(count)
    ]
    rows, buffer = laid_out([*lists, *lists[::-1]])
    encoders = [python.TextEncoder(), compiled.TextEncoder()]
    for encoder in encoders:
        for part in (rows[:count:3], rows):
            encoder.add(part, buffer)
    expected, actual = said(encoders)

    assert expected == actual
    assert count == len(set(actual[2]))  # type: ignore[arg-type]


def test_nothing(read: Read) -> None:
    """Without rows there is nothing to say."""
    assert () == read(b"").batches
    encoders = [python.TextEncoder(), compiled.TextEncoder()]
    for encoder in encoders:
        encoder.add(np.zeros(0, ROW), b"")
    expected, actual = said(encoders)

    assert expected == actual
