"""Findings as sentences, and sentences of stored reports taken apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Self

import attrs

from peerlint.arguments import must_be
from peerlint.results import Finding, Phrase

#: A sentence with its parts. What was found may quote other texts, so the last "wanted" counts.
_FORM: Final = re.compile(r"(found )?(.*)([,;]) wanted (.*?)(?:; (.*))?", re.DOTALL)


def sentence(finding: Finding) -> str:
    """Return a finding as a sentence: what was found, what was wanted instead, and a hint.

    The sentence has the names of the session, the prefix or the peering where they are needed.

    Raises:
        InputError: the argument is not a finding.
    """
    must_be("finding", finding, Finding, "a finding")
    return joined(
        finding.found, finding.wanted, finding.hint, lambda each: each.text(finding.subject)
    )


def joined(
    found: Phrase, wanted: Phrase | None, hint: Phrase | None, as_text: Callable[[Phrase], str]
) -> str:
    """Return a sentence made of its parts.

    Args:
        found: what was found.
        wanted: what was wanted; None to leave it out.
        hint: the hint; None to leave it out.
        as_text: returns a phrase as a text.
    """
    text = as_text(found) if found.is_clause else f"found {as_text(found)}"
    if wanted is not None:
        text += f"{';' if found.is_long else ','} wanted {as_text(wanted)}"
    return text if hint is None else f"{text}; {as_text(hint)}"


# -- reports that are read back, which have texts


@attrs.frozen
class SentenceParts:
    """The parts of a sentence as texts.

    Attributes:
        found: what was found.
        wanted: what was wanted; None without it.
        hint: the hint; None without one.
        is_clause: see `Phrase`.
        is_long: see `Phrase`.
    """

    found: str
    wanted: str | None
    hint: str | None
    is_clause: bool
    is_long: bool

    @classmethod
    def of(cls, message: str, found: str | None, wanted: str | None, hint: str | None) -> Self:
        """Return the parts of a sentence of a stored report; joined again, they are the sentence.

        Args:
            message: the sentence.
            found: what was found; None if the report does not have it separately.
            wanted: what was wanted; None if the report does not have it separately.
            hint: the hint; None if the report does not have it separately.
        """
        if found is not None:
            for start, stop in (("found ", ","), ("found ", ";"), ("", ";"), ("", ",")):
                head = f"{start}{found}" + ("" if wanted is None else f"{stop} wanted {wanted}")
                if message == head or message.startswith(f"{head}; "):
                    is_long = not start if wanted is None else stop == ";"
                    behind = message[len(head) + 2 :] or None
                    return cls(found, wanted, behind, is_clause=not start, is_long=is_long)
        return cls._by_form(message, hint)

    @classmethod
    def _by_form(cls, message: str, hint: str | None) -> Self:
        """Return the parts of a sentence by its form only."""
        body = message
        if hint is not None and message.endswith(f"; {hint}"):
            body = message.removesuffix(f"; {hint}")
        else:
            hint = None
        form = _FORM.fullmatch(body)
        if form is not None:
            is_clause = form[1] is None
            behind = "; ".join(each for each in (form[5], hint) if each is not None) or None
            return cls(form[2], form[4], behind, is_clause=is_clause, is_long=form[3] == ";")
        is_clause = not body.startswith("found ")
        return cls(body.removeprefix("found "), None, hint, is_clause=is_clause, is_long=is_clause)
