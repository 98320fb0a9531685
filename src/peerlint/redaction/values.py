"""Secrets by value: those that were read in one run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Final

from peerlint.redaction.keys import is_secret_name, masked
from peerlint.redaction.urls import secrets_in

#: A GUID, with its hyphens or without.
_GUID: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
#: A GUID without its first eight digits: a search that starts with a hyphen is fast.
_TAIL_OF_GUID: Final = re.compile(
    r"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
_HEAD_OF_GUID: Final = 8
#: Digits of a GUID.
_DIGITS: Final = 32
#: Shorter values occur too often as parts of other texts to be masked everywhere.
_SHORTEST: Final = 4
#: Characters from which on searching an output for every secret takes too long.
_LARGE_OUTPUT: Final = 1 << 20
#: Secrets that are searched for one after the other, at most.
_FEW: Final = 64
#: Shorter values are masked only where no letter or digit is next to them.
_LONG: Final = 8
#: Bits of the largest number whose digits are masked.
_LARGEST_NUMBER: Final = 4096
_ENCODED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
#: A name with its value: a text, a list, a table, or a word; the end of a text may be missing.
_PAIR: Final = re.compile(
    r"""(?<![\w.\-])([\w.\-]++)["']?[ \t]*+[=:][ \t]*+"""
    r"""("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\[[^\]]*|\{[^}]*|[^\s,}\]#]+)"""
)
_QUOTED: Final = re.compile(r""""((?:[^"\\\n]|\\.)*)"?|'([^'\n]*)'?""")


class Secrets:
    """The secrets that were read in one run, to be masked in all its texts.

    Threads must not share one while any of them adds to it.
    """

    def __init__(self) -> None:
        """Start with none."""
        #: GUIDs without their hyphens, in lower case: there may be many.
        self._guids: set[str] = set()
        #: All others, in lower case, by their first four characters, then by their length, the
        #: longest first: many may begin alike, but of one length each is found at once.
        self._others: dict[str, dict[int, set[str]]] = {}
        self._number = 0
        #: Those of the others that cannot be part of an output format's own text, as given.
        self._unlike_words: set[str] = set()

    def __bool__(self) -> bool:
        """Whether there is anything to mask."""
        return bool(self._guids or self._others)

    def add(self, value: object) -> None:
        """Mask a value; of a list or table, everything in it, names included.

        Booleans and None are ignored. A value of fewer than four characters is not masked in texts;
        one of fewer than eight only where no letter or digit is next to it.
        """
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Mapping):
                waiting += [*each.keys(), *each.values()]
            elif isinstance(each, list | tuple | set | frozenset):
                waiting += each
            elif isinstance(each, date | time):
                self._add_text(each.isoformat())
            elif isinstance(each, str):
                self._add_text(each)
            elif isinstance(each, bool):
                continue
            # Not numbers of any length: Python refuses to print one of 5,000 digits.
            elif isinstance(each, float) or (
                isinstance(each, int) and each.bit_length() <= _LARGEST_NUMBER
            ):
                self._add_text(str(each))

    def add_name(self, name: str) -> None:
        """Mask the secrets in the name of a file or in a URL, wherever else they occur."""
        self._guids.update(map(_plain, _GUID.findall(name)))
        for each in secrets_in(name):
            self._add_text(each)

    def add_from(self, data: object) -> None:
        """Mask the values of all fields with the name of a secret, in parsed TOML or JSON."""
        waiting = [data]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Mapping):
                for name, value in each.items():
                    if is_secret_name(str(name)):
                        self.add(value)
                    else:
                        waiting.append(value)
            elif isinstance(each, list):
                waiting += each

    def add_from_text(self, text: str) -> None:
        """Mask the apparent values of fields with the name of a secret, in invalid TOML or JSON."""
        for name, value in _PAIR.findall(text):
            if is_secret_name(name):
                quoted = [one or other for one, other in _QUOTED.findall(value)]
                self.add(quoted or value.strip("\"'[]{} \t"))

    def hide(self, text: str) -> str:
        """Return a text with every secret in it masked."""
        if self._guids and len(text) >= _DIGITS:
            text = _GUID.sub(self._masked_guid, text)
        return self._without_others(text) if self._others else text

    def hide_in_output(self, text: str) -> str:
        """Return an output with those secrets masked that cannot be part of its format.

        The last step before writing. A number, or a word such as "name", may be part of JSON's own
        syntax; such secrets are masked before the output is made (`hide`). An output of a million
        characters is searched for GUIDs with hyphens, and for other secrets if there are few.
        """
        is_large = len(text) >= _LARGE_OUTPUT
        if self._guids:
            text = self._without_guids(text) if is_large else _GUID.sub(self._masked_guid, text)
        if len(self._unlike_words) > _FEW:
            return text if is_large else self._without_others(text, is_output=True)
        for secret in self._unlike_words:
            for form in {secret, secret.lower(), secret.upper()}:
                text = text.replace(form, masked(form))
        return text

    def _without_guids(self, text: str) -> str:
        parts: list[str] = []
        done = 0
        for match in _TAIL_OF_GUID.finditer(text):
            start = max(match.start() - _HEAD_OF_GUID, done)
            if _plain(text[start : match.end()]) in self._guids:
                parts += [text[done:start], masked(match[0])]
                done = match.end()
        return "".join((*parts, text[done:])) if parts else text

    def _masked_guid(self, match: re.Match[str]) -> str:
        return masked(match[0]) if _plain(match[0]) in self._guids else match[0]

    def _without_others(self, text: str, *, is_output: bool = False) -> str:
        folded = _folded(text)
        if self._number <= _FEW and not any(
            secret in folded
            for alike in self._others.values()
            for same_length in alike.values()
            for secret in same_length
        ):
            return text
        parts: list[str] = []
        at = done = 0
        while at + _SHORTEST <= len(folded):
            length = self._length_at(folded, at, is_output=is_output)
            if length:
                parts += [text[done:at], masked(text[at : at + length])]
                done = at + length
            at += length or 1
        return "".join((*parts, text[done:])) if parts else text

    def _length_at(self, folded: str, at: int, *, is_output: bool) -> int:
        """Return the length of the secret that begins at a position, 0 if there is none."""
        for length, alike in self._others.get(folded[at : at + _SHORTEST], {}).items():
            end = at + length
            secret = folded[at:end]
            if secret not in alike:
                continue
            if is_output:
                if _is_unlike_words(secret):
                    return length
            elif length >= _LONG or not (
                folded[at - 1 : at].isalnum() or folded[end : end + 1].isalnum()
            ):
                return length
        return 0

    def _add_text(self, text: str) -> None:
        text = text.strip()
        if _GUID.fullmatch(text):
            self._guids.add(_plain(text))
            return
        for form in {text, _decoded(text), _encoded(text), *_quoted(text)}:
            folded = _folded(form)
            alike = self._others.setdefault(folded[:_SHORTEST], {})
            if len(form) < _SHORTEST or folded in alike.get(len(folded), ()):
                continue
            self._number += 1
            if len(folded) not in alike:
                alike[len(folded)] = set()
                for length in sorted(alike, reverse=True):
                    alike[length] = alike.pop(length)
            alike[len(folded)].add(folded)
            if _is_unlike_words(form):
                self._unlike_words.add(form)


def _is_unlike_words(secret: str) -> bool:
    has_digit, has_other = re.search(r"\d", secret), re.search(r"[^\d.+\-eE]", secret)
    return len(secret) >= _LONG and bool(has_digit and has_other)


def _folded(text: str) -> str:
    """Return a text in lower case, of the same length, each letter whatever is beside it."""
    # Of all letters only these two have a small one that is longer, or that depends on its place.
    return text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()


def _plain(guid: str) -> str:
    return guid.replace("-", "").lower()


def _decoded(text: str) -> str:
    """Return a text with its percent-encoded octets decoded (RFC 3986 section 2.1)."""
    return _ENCODED.sub(
        lambda each: bytes.fromhex(each[0].replace("%", "")).decode("utf-8", "replace"), text
    )


def _encoded(text: str) -> str:
    """Return a text with all but unreserved characters percent-encoded (RFC 3986 section 2.3)."""
    return "".join(
        each
        if each.isascii() and (each.isalnum() or each in "-._~")
        else "".join(f"%{octet:02X}" for octet in each.encode("utf-8", "surrogatepass"))
        for each in _decoded(text)
    )


def _quoted(text: str) -> tuple[str, str]:
    """Return a text as Python quotes it, in quotes of either kind: messages quote values so."""
    return repr(text)[1:-1], repr(f'"{text}')[2:-1]
