"""The titles of the five source documents that rules are based on.

Rules name documents by number. Texts for users have the title before the number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: The titles of Microsoft's documents, by their number in rules and profiles.
DOCUMENTS: Final = {
    "000": "Set up a direct interconnect for internet peering",
    "001": "Peering Service partner walkthrough",
    "002": "Set up an interconnect for peering with exchange route server",
    "003": "Internet peering for MAPS partner walkthrough",
    "004": "Set up an interconnect for voice services",
}
#: The numbers of all five.
ALL: Final = tuple(DOCUMENTS)
#: The questions and answers at the end of the documents of all set-ups.
FAQ: Final = "FAQ of 000 to 004"
#: Microsoft's page on the requirements of a registered prefix.
REQUIREMENTS: Final = "peering-registered-prefix-requirements.md"
#: Microsoft's page on the requirements of a service prefix.
SERVICE_REQUIREMENTS: Final = "peering-service-prefix-requirements.md"
_ALL_OF_THEM: Final = "all five documents (000 to 004)"
#: The range, or one number that is not part of a longer word, a version or a title.
_NUMBERS: Final = re.compile(r"\b000 to 004\b|(?<![\w.])00[0-4](?!\w|[.:/]\w)")


def with_titles(text: str) -> str:
    """Return a text with the title of each source document before its number.

    Args:
        text: a text of a rule, such as "000 and 002: not mentioned".
    """
    return _NUMBERS.sub(_named, text)


def basis_text(basis: Sequence[str]) -> str:
    """Return the documents that a rule is based on, with their titles.

    Args:
        basis: the basis of the rule; if it has all five documents, they are named together.
    """
    others = [each for each in basis if each not in DOCUMENTS]
    numbers = [each for each in basis if each in DOCUMENTS]
    if len(numbers) == len(DOCUMENTS):
        return ", ".join((_ALL_OF_THEM, *map(with_titles, others)))
    return ", ".join(map(with_titles, basis))


def _named(match: re.Match[str]) -> str:
    number = match[0]
    return f"{DOCUMENTS[number]} ({number})" if number in DOCUMENTS else _ALL_OF_THEM
