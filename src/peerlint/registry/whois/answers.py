"""What a whois server answers to one query."""

from __future__ import annotations

from enum import StrEnum

import attrs

from peerlint.wording import counted


class AnswerKind(StrEnum):
    """The kinds of answers, each with its code in the IRRd protocol.

    Attributes:
        DATA: the query has a result (`A`).
        EMPTY: the query is valid, and has no result (`C`).
        NOT_FOUND: the key, or everything that was asked for, does not exist (`D`).
        REFUSED: the server does not answer the query, and says why (`F`; a line that begins with
            `%`, as of an access list; or `E`, several objects of one key).
    """

    DATA = "data"
    EMPTY = "empty"
    NOT_FOUND = "not found"
    REFUSED = "refused"


@attrs.frozen
class Answer:
    """One answer.

    Attributes:
        kind: what the server says.
        octets: the result, without the line end after it; empty unless the kind is `DATA`.
        reason: the server's words if the kind is `REFUSED`, otherwise empty.
    """

    kind: AnswerKind
    octets: bytes = attrs.field(default=b"", repr=lambda octets: counted(len(octets), "octet"))
    reason: str = ""

    @property
    def text(self) -> str:
        """The result as text: UTF-8, as IRRd sends it, or Latin-1, as older servers do."""
        return decoded(self.octets)

    @property
    def words(self) -> tuple[str, ...]:
        """The result as words: queries for sets and prefixes are answered by a list of them."""
        return tuple(self.text.split())


EMPTY = Answer(AnswerKind.EMPTY)
NOT_FOUND = Answer(AnswerKind.NOT_FOUND)


def refused(reason: str) -> Answer:
    """Return the answer of a server that refuses a query."""
    return Answer(AnswerKind.REFUSED, reason=reason or "no reason given")


def decoded(octets: bytes) -> str:
    """Return octets as text: UTF-8, or Latin-1 if they are not UTF-8."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")
