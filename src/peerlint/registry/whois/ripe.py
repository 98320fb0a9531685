"""Answers of plain whois, as the RIPE database and IRRd give them to RIPE style queries.

The server closes the connection after its answer, which ends with two empty lines. Objects are
separated by an empty line; lines that begin with `%` are remarks (RIPE Database documentation,
"Response structure").
"""

from __future__ import annotations

from typing import Final

from peerlint.errors import WireError
from peerlint.registry.whois.answers import NOT_FOUND, Answer, AnswerKind, decoded, refused
from peerlint.wording import counted

_END: Final = b"\n\n\n"
#: RIPE's code 101, and IRRd's sentence.
_NOTHING: Final = ("error:101:", "no entries found")
_ERROR: Final = "error:"


def read_ripe(octets: bytes) -> Answer:
    """Return the answer of a connection that has ended.

    Args:
        octets: everything that the server sent.

    Raises:
        WireError: the answer does not end with two empty lines: it is half of one, or not of a
            server of this kind.
    """
    text = octets.replace(b"\r\n", b"\n")
    if not text.endswith(_END):
        found = f"the end of the connection after {counted(len(octets), 'octet')}"
        raise WireError(len(octets), expected="two empty lines after the answer", found=found)
    lines = text.split(b"\n")
    objects = b"\n".join(line for line in lines if not line.startswith(b"%")).strip(b"\n")
    remarks = tuple(decoded(line).strip("% ") for line in lines if line.startswith(b"%"))
    errors = [each for each in remarks if each.casefold().startswith(_ERROR)]
    if any(each.casefold().startswith(_NOTHING) for each in remarks):
        return NOT_FOUND
    if errors or not objects:
        # A server that says nothing but remarks does not answer: it says why, as for a limit.
        said = errors or [each for each in remarks if each]
        return refused(" ".join(said))
    return Answer(AnswerKind.DATA, objects)
