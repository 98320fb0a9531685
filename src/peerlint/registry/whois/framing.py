r"""Split what an IRRd server sends into answers.

An answer is one of these (IRRd's user documentation, "IRRd style TCP responses")::

    A<length>\n<result>\nC\n     the length counts octets, with the line end after the result
    C\n                          no result
    D\n                          the key does not exist
    F <reason>\n                 the query is not answered

A length that is wrong cannot be repaired: nothing else says where the next answer begins. Older
versions of IRRd 4 counted characters instead of octets: an object with umlauts is such a case.
"""

from __future__ import annotations

import re
from typing import Final

from peerlint.errors import WireError
from peerlint.registry.whois.answers import EMPTY, NOT_FOUND, Answer, AnswerKind, decoded, refused
from peerlint.wording import counted

#: Octets of the largest answer: the prefixes of the largest origins have about a megabyte.
LARGEST: Final = 64 << 20
#: Octets of a line that is no result: a status, or the reason of a refusal.
_LONGEST_LINE: Final = 4096
_LENGTH: Final = re.compile(rb"A([0-9]{1,19})")
_STATUS: Final = "the beginning of an answer (A with a length, C, D or F)"
_SEVERAL: Final = "the server has several objects of this key"


class AnswerReader:
    """The octets of one connection, as answers in the order of the queries.

    `feed` takes octets, cut anywhere; `next` returns an answer when it is complete.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        """Start at the beginning of a connection.

        Args:
            largest: the maximum length of a result, in octets.
        """
        self._largest = largest
        self._octets = bytearray()
        self._offset = 0

    @property
    def pending(self) -> int:
        """The number of octets that belong to no complete answer yet."""
        return len(self._octets)

    def feed(self, octets: bytes) -> None:
        """Take the next octets of the connection."""
        self._octets += octets

    def next(self) -> Answer | None:
        """Return the next answer; None if it is not complete yet.

        Raises:
            WireError: the octets are not an answer; its offset is from the connection's start. No
                later octet of the connection can be understood.
        """
        line = self._line(0)
        if line is None:
            return None
        match = _LENGTH.fullmatch(line)
        if match is None:
            answer = self._short(line)
            self._take(self._end_of_line(0))
            return answer
        return self._result(int(match[1]))

    def end(self) -> Answer | None:
        """Return the answer that the end of the connection completes; None if nothing is pending.

        Only a refusal without a line end is completed so (IRRd's access list ends like this).

        Raises:
            WireError: the connection ends inside an answer.
        """
        if not self._octets:
            return None
        if self._octets.startswith(b"%") and b"\n" not in self._octets:
            octets = bytes(self._octets)
            self._take(len(octets))
            return refused(decoded(octets).strip("% "))
        octets_there = counted(len(self._octets), "octet")
        raise self._error(
            len(self._octets),
            "the rest of the answer",
            f"the end of the connection after {octets_there} of it",
        )

    def _line(self, start: int) -> bytes | None:
        """Return the line at a position, without its end; None if it is not complete yet.

        Raises:
            WireError: the line is too long.
        """
        end = self._octets.find(b"\n", start, start + _LONGEST_LINE)
        if end < 0:
            if len(self._octets) - start >= _LONGEST_LINE:
                found = f"{_LONGEST_LINE} octets without a line end: {self._shown(start)}"
                raise self._error(start, _STATUS, found)
            return None
        return bytes(self._octets[start:end]).removesuffix(b"\r")

    def _end_of_line(self, start: int) -> int:
        return self._octets.index(b"\n", start) + 1

    def _short(self, line: bytes) -> Answer:
        """Return the answer that is one line."""
        code = line[:1]
        if line.strip() == b"C":
            return EMPTY
        if line.strip() == b"D":
            return NOT_FOUND
        if line.strip() == b"E":
            return refused(_SEVERAL)
        if code == b"F" and line[1:2] in {b"", b" "}:
            return refused(decoded(line[1:]).strip())
        if code == b"%":
            return refused(decoded(line).strip("% "))
        raise self._error(0, _STATUS, self._shown(0))

    def _result(self, length: int) -> Answer | None:
        """Return the answer with a result of so many octets; None if it is not complete yet."""
        if length > self._largest:
            expected = f"a result of at most {self._largest:,} octets"
            raise self._error(0, expected, f"one of {length:,}")
        start = self._end_of_line(0)
        end = start + length
        if len(self._octets) <= end:
            return None
        self._check_end(end, length)
        line = self._line(end)
        if line is None:
            return None
        if line.strip() != b"C":
            raise self._wrong_length(end, length)
        octets = bytes(self._octets[start:end]).removesuffix(b"\n")
        self._take(self._end_of_line(end))
        return Answer(AnswerKind.DATA, octets) if octets.strip() else EMPTY

    def _check_end(self, end: int, length: int) -> None:
        """Check the octets after a result as soon as they are there.

        A length that is too short is found here. One that is too long takes in the `C` and waits
        for octets that never come, until the connection's time is over.
        """
        if self._octets[end] != ord("C") or (length and self._octets[end - 1] != ord("\n")):
            raise self._wrong_length(end, length)

    def _wrong_length(self, end: int, length: int) -> WireError:
        expected = f"C on a line of its own after a result of {length:,} octets"
        return self._error(end, expected, self._shown(end))

    def _shown(self, start: int) -> str:
        return repr(decoded(bytes(self._octets[start : start + 20])))

    def _error(self, position: int, expected: str, found: str) -> WireError:
        return WireError(self._offset + position, expected=expected, found=found)

    def _take(self, octets: int) -> None:
        del self._octets[:octets]
        self._offset += octets
