"""What a server sends is split into answers, or is an error that names the octet."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.feeds.doubles.whois_server import recorded_answers

from peerlint.errors import WireError
from peerlint.registry.whois import Answer, AnswerKind, AnswerReader

EMPTY = Answer(AnswerKind.EMPTY)
NOT_FOUND = Answer(AnswerKind.NOT_FOUND)


def data(octets: bytes) -> Answer:
    """Return an answer with a result."""
    return Answer(AnswerKind.DATA, octets)


def refused(reason: str) -> Answer:
    """Return a refusal."""
    return Answer(AnswerKind.REFUSED, reason=reason)


def read(*parts: bytes, largest: int = 1000, ended: bool = False) -> list[Answer]:
    """Return the answers that parts of a connection have, and the one that its end completes."""
    reader = AnswerReader(largest)
    answers: list[Answer] = []
    for part in parts:
        reader.feed(part)
        while (answer := reader.next()) is not None:
            answers.append(answer)
    if ended and (last := reader.end()) is not None:
        answers.append(last)
    return answers


def octets_of(answer: Answer) -> bytes:
    """Return an answer as IRRd sends it."""
    match answer.kind:
        case AnswerKind.DATA:
            return b"A%d\n%s\nC\n" % (len(answer.octets) + 1, answer.octets)
        case AnswerKind.EMPTY:
            return b"C\n"
        case AnswerKind.NOT_FOUND:
            return b"D\n"
        case AnswerKind.REFUSED:
            return b"F %s\n" % answer.reason.encode()


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"A13\n192.0.2.0/24\nC\n", [data(b"192.0.2.0/24")]),
        (b"C\n", [EMPTY]),
        (b"D\n", [NOT_FOUND]),
        (b"F Unrecognised command: x\n", [refused("Unrecognised command: x")]),
        (b"F\n", [refused("no reason given")]),
        (b"E\n", [refused("the server has several objects of this key")]),
        (b"%% Access denied\n", [refused("Access denied")]),
        (b"A2\nD\nC\nD\nC\n", [data(b"D"), NOT_FOUND, EMPTY]),
        (b"C\r\nA2\nx\nC\r\n", [EMPTY, data(b"x")]),
        (b"A8\nx\n\nC\nC\n\nC\n", [data(b"x\n\nC\nC\n")]),
        (b"A0\nC\n", [EMPTY]),
        (b"A1\n\nC\n", [EMPTY]),
        ("A3\nü\nC\n".encode(), [data("ü".encode())]),
    ],
)
def test_an_answer_is_read(octets: bytes, expected: list[Answer]) -> None:
    """Each form of an answer gives its value."""
    assert expected == read(octets)


@pytest.mark.parametrize(
    ("octets", "offset", "expected", "found"),
    [
        pytest.param(b"A5\n192.0.2.0/24\nC\n", 8, "C on a line of its own", ".2.0/24", id="short"),
        pytest.param(b"A12\n192.0.2.0/24\nC\n", 16, "C on a line of its own", "\\nC", id="by one"),
        pytest.param("A2\nü\nC\n".encode(), 5, "C on a line of its own", "\\nC", id="characters"),
        pytest.param(b"A6\nx\nC\nD\nD\n", 9, "C on a line of its own", "D", id="long"),
        pytest.param(b"A2\nx\nCx\n", 5, "C on a line of its own", "Cx", id="more than C"),
        pytest.param(b"A1001\n", 0, "at most 1,000 octets", "one of 1,001", id="too large"),
        pytest.param(b"A-1\n", 0, "the beginning of an answer", "A-1", id="negative"),
        pytest.param(b"A\n", 0, "the beginning of an answer", "A", id="no length"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", 0, "the beginning", "HTTP", id="HTTP"),
        pytest.param(b"C\nDD\n", 2, "the beginning of an answer", "DD", id="the second answer"),
        pytest.param(b"F" * 5000, 0, "the beginning of an answer", "4096 octets", id="no line end"),
        pytest.param(b"A2\nx\nC" + b" " * 5000, 5, "beginning", "4096 octets", id="no end of C"),
        pytest.param(b"\x00\xff\n", 0, "the beginning of an answer", "", id="not text"),
    ],
)
def test_other_octets_are_an_error(octets: bytes, offset: int, expected: str, found: str) -> None:
    """A length that lies, and another protocol, are errors that say where and what was found."""
    with pytest.raises(WireError, match=re.escape(expected)) as caught:
        read(octets)

    assert offset == caught.value.offset
    assert found in caught.value.found


@pytest.mark.parametrize(
    "octets", [b"A", b"A13\n192.0.2", b"A13\n192.0.2.0/24\n", b"A2\nx\nC", b"F Unrec", b"A99\nC\n"]
)
def test_half_an_answer_is_no_answer(octets: bytes) -> None:
    """Nothing is returned of half an answer, and a connection that ends there is an error."""
    assert read(octets) == []
    with pytest.raises(WireError, match="the rest of the answer"):
        read(octets, ended=True)


def test_a_refusal_needs_no_line_end() -> None:
    """IRRd says that access is denied without a line end, and closes the connection."""
    assert read(b"%% Access denied", ended=True) == [refused("Access denied")]


def test_the_end_after_an_answer_is_none() -> None:
    """A connection may end after an answer."""
    assert read(b"D\n", ended=True) == [NOT_FOUND]


def test_old_text_is_read() -> None:
    """A result that is not UTF-8 is Latin-1; its length counts octets all the same."""
    (answer,) = read(b"A7\nZ\xfcrich\nC\n")

    assert answer.text == "Zürich"


ANSWERS = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=40)
        .map(lambda octets: octets.removesuffix(b"\n"))
        .filter(bytes.strip)
        .map(data),
        st.sampled_from([EMPTY, NOT_FOUND, refused("no")]),
    ),
    max_size=8,
)


@given(ANSWERS, st.data())
def test_answers_are_the_same_wherever_they_are_cut(
    answers: list[Answer], cuts: st.DataObject
) -> None:
    """Answers are read as they were written, in parts of any size."""
    octets = b"".join(map(octets_of, answers))
    places = sorted(cuts.draw(st.lists(st.integers(0, len(octets)), max_size=10)))
    starts, ends = [0, *places], [*places, len(octets)]

    assert answers == read(*(octets[start:end] for start, end in zip(starts, ends, strict=True)))


@given(st.binary(max_size=60) | st.text("ACDEF%019\n x").map(str.encode))
def test_any_octets_give_answers_or_an_error(octets: bytes) -> None:
    """No octets make anything but answers or the one error, and cutting them changes neither."""

    def outcome(*parts: bytes) -> tuple[list[Answer], bool]:
        try:
            return read(*parts, ended=True), False
        except WireError:
            return [], True

    assert outcome(octets) == outcome(*(bytes([octet]) for octet in octets))


@pytest.mark.parametrize(("query", "octets"), recorded_answers())
def test_recorded_answers_are_read(query: str, octets: bytes) -> None:
    """Each answer that a real IRRd gave is exactly one answer."""
    answers = read(octets, ended=True)

    assert len(answers) == 1, query
    assert octets_of(answers[0]) == octets
