"""What a finding says, as one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Self

import attrs

from peerlint.arguments import must_be
from peerlint.results import Finding, Phrase

#: A sentence with its parts. What was found may quote texts of other people, so that the last
#: "wanted" counts.
_FORM: Final = re.compile(r"(found )?(.*)([,;]) wanted (.*?)(?:; (.*))?", re.DOTALL)


def sentence(finding: Finding) -> str:
    """Return what a finding says: what was found, what was wanted instead, and a hint.

    It names the session, the prefix or the peering of the finding wherever that makes it clear.
    """
    must_be("finding", finding, Finding, "a finding")
    return joined(
        finding.found, finding.wanted, finding.hint, lambda each: each.text(finding.subject)
    )


def joined(
    found: Phrase, wanted: Phrase | None, hint: Phrase | None, told: Callable[[Phrase], str]
) -> str:
    """Put the parts of a sentence together.

    Args:
        found: what was found.
        wanted: what was wanted; None to leave it out.
        hint: behind both; None to leave it out.
        told: returns a phrase as a text.
    """
    text = told(found) if found.is_clause else f"found {told(found)}"
    if wanted is not None:
        text += f"{';' if found.is_long else ','} wanted {told(wanted)}"
    return text if hint is None else f"{text}; {told(hint)}"


# -- reports that are read back: they have texts


@attrs.frozen
class SentenceParts:
    """The parts of a sentence as texts.

    Attributes:
        found: what was found.
        wanted: what was wanted; None if there is none.
        hint: behind both; None without one.
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
        """Take a sentence of a stored report apart; put together again, it is the same.

        Args:
            message: the sentence.
            found: what was found; None if the report does not say it by itself.
            wanted: what was wanted, if it does.
            hint: what stands behind both, if it does.
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
        """Take a sentence apart by its form alone."""
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
