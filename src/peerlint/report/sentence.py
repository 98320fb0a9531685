"""What a finding says, as one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from peerlint.results import Finding, Own, Part, Phrase, SubjectRef, clause, phrase

#: A sentence with its parts. What was found may quote texts of other people, so that the last
#: "wanted" counts.
_FORM: Final = re.compile(r"(found )?(.*)([,;]) wanted (.*?)(?:; (.*))?", re.DOTALL)
#: The words before the name of a session: one may be called "found".
_BEFORE_PLACES: Final = ("on", "of", "session", "what")


def sentence(finding: Finding) -> str:
    """Return what a finding says: what was found, what was wanted instead, and a hint.

    It names the session, the prefix or the peering of the finding wherever that makes it clear.
    """
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


def read_sentence(
    message: str, found: str | None, wanted: str | None, subject: SubjectRef
) -> tuple[Phrase, Phrase | None, Phrase | None]:
    """Take a sentence of a stored report apart; put together again, it is the same.

    Args:
        message: the sentence.
        found: what was found, as far as the report has it by itself.
        wanted: what was wanted, likewise.
        subject: whose names stand in the sentence.

    Returns:
        What was found, what was wanted, and a hint; the last two are None where there is none.
    """
    parts = None if found is None else _parts_of(message, found, wanted)
    if parts is None:
        form = _FORM.fullmatch(message)
        if form is not None:
            parts = (form[1] is None, form[3] == ";", form[2], form[4], form[5])
        else:
            is_clause = not message.startswith("found ")
            parts = (is_clause, False, message if is_clause else message[6:], None, None)
    is_clause, is_long, first, second, third = parts
    make = clause if is_clause else phrase
    return (
        make(read_phrase(first, subject), is_long=is_long),
        None if second is None else read_phrase(second, subject),
        None if third is None else read_phrase(third, subject),
    )


def _parts_of(
    message: str, found: str, wanted: str | None
) -> tuple[bool, bool, str, str | None, str | None] | None:
    """Return the form of a sentence, its parts and the hint behind them; None if it has others."""
    for start in ("found ", ""):
        for stop in (",", ";"):
            head = f"{start}{found}" + ("" if wanted is None else f"{stop} wanted {wanted}")
            if message == head or message.startswith(f"{head}; "):
                hint = message[len(head) + 2 :] or None
                return not start, stop == ";", found, wanted, hint
    return None


def read_phrase(text: str, subject: SubjectRef) -> Phrase:
    """Return a text of a stored report with the names of its subject found in it."""
    parts: tuple[Part, ...] = (text,)
    if subject.prefix is not None and subject.prefix in text:
        parts = _marked(parts, _name(subject.prefix), Own.PREFIX)
    if subject.router is not None and subject.place in text:
        parts = _marked(parts, re.escape(subject.place), Own.PLACE)
    name, own = subject.session or subject.connection, Own.SESSION
    if subject.session is None and subject.connection is not None:
        own = Own.PLACE
    elif name is None and subject.prefix is None:
        name, own = subject.peering, Own.PEERING
    if name is not None and name in text and own.text(subject) == name:
        before = "|".join(rf"(?<=\b{word} )" for word in _BEFORE_PLACES)
        parts = _marked(parts, f"(?:{before}){_name(name)}", own)
    return phrase(*parts)


def _name(name: str) -> str:
    """Return a pattern of a name as a whole word: ams-1 is neither in ams-10 nor in ams-1/2."""
    return rf"(?<![\w/:-])(?<!\w\.){re.escape(name)}(?![\w/-]|[.:]\w)"


def _marked(parts: tuple[Part, ...], pattern: str, own: Own) -> tuple[Part, ...]:
    """Replace a name in the texts among some parts."""
    found: list[Part] = []
    for part in parts:
        if not isinstance(part, str):
            found.append(part)
            continue
        for number, text in enumerate(re.split(pattern, part)):
            found += [own, text] if number else [text]
    return tuple(found)
