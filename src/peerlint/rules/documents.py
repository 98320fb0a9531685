"""The five source documents that rules are based on: the one table of their titles.

Rules name them by number; people never see a number alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: Titles of Microsoft's documents, by the number that rules and profiles name them by.
DOCUMENTS: Final = {
    "000": "Set up a direct interconnect for internet peering",
    "001": "Peering Service partner walkthrough",
    "002": "Set up an interconnect for peering with exchange route server",
    "003": "Internet peering for MAPS partner walkthrough",
    "004": "Set up an interconnect for voice services",
}
#: The numbers of all five.
ALL: Final = tuple(DOCUMENTS)
#: What the documents of all set-ups answer at their end.
FAQ: Final = "FAQ of 000 to 004"
#: Microsoft's page on what a registered prefix has to be.
REQUIREMENTS: Final = "peering-registered-prefix-requirements.md"
#: The same for a service prefix.
SERVICE_REQUIREMENTS: Final = "peering-service-prefix-requirements.md"
_ALL_OF_THEM: Final = "all five documents (000 to 004)"
#: The range, or one number that no longer word, version or title has around it.
_NUMBERS: Final = re.compile(r"\b000 to 004\b|(?<![\w.])00[0-4](?!\w|[.:/]\w)")


def with_titles(text: str) -> str:
    """Return a text with the title of each source document in front of its number.

    Args:
        text: of a rule, such as "000 and 002: not mentioned".
    """
    return _NUMBERS.sub(_named, text)


def basis_text(basis: Sequence[str]) -> str:
    """Return the documents that ask for something, by their titles.

    Args:
        basis: as the rule declares it; where it has all five documents, they are named together.
    """
    others = [each for each in basis if each not in DOCUMENTS]
    numbers = [each for each in basis if each in DOCUMENTS]
    if len(numbers) == len(DOCUMENTS):
        return ", ".join((_ALL_OF_THEM, *map(with_titles, others)))
    return ", ".join(map(with_titles, basis))


def _named(match: re.Match[str]) -> str:
    number = match[0]
    return f"{DOCUMENTS[number]} ({number})" if number in DOCUMENTS else _ALL_OF_THEM
