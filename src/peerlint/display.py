"""Text from outside, made safe to show: the one function that every output uses.

Names of an inventory, texts of an export, names of files and messages of servers are not trusted.
In an output they are plain words: they start no line, no command for a CI server and no formula,
every character of them is visible, and they show no secret.
"""

from __future__ import annotations

import re
from typing import Final

from peerlint.redaction import redacted, without_keys

#: Characters that Python calls printable although they are invisible: fillers of Hangul and Khmer,
#: variation selectors, the blank of Braille (mostly Unicode's Default_Ignorable_Code_Point).
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
#: "::error file=x::text" at the start of a line, with or without blanks before it, is a command for
#: GitHub; an IPv6 address is not.
_COLONS: Final = re.compile(r"(?<!\S)::(?=\S*[^\s0-9A-Fa-f:./,;)\]])")
_LINE_OF_COLONS: Final = re.compile(r"\s*::")
#: "##vso[" (anywhere in a line), "##teamcity[" and "##[" are commands for other CI servers.
_HASHES: Final = re.compile(r"#(?=#\w*\[)")
#: Characters with a meaning in Markdown (CommonMark 0.31 section 2.4, GFM's tables).
_MARKDOWN: Final = re.compile(r"[\\`*_\[\]<>|&#~!]|^[+=-]|(?<=^\d)[.)]")
#: Characters that may have to be escaped in JSON: all outside printable ASCII.
_BEYOND_ASCII: Final = re.compile("[^\n -~]+")


def displayed(text: str) -> str:
    r"""Return a text from outside as a page shows it.

    Invisible characters are escaped as Python and JSON do it: `\n`, `\x1b`, `\u202e`,
    `\U000e0041`. So are the signs with which a command for a CI server begins. Letters and
    signs of every language stay. The secrets of this run and of URLs are masked.
    """
    return printable(redacted(text))


def displayed_quote(text: str) -> str:
    """Return a text that quotes a file or an argument; what looks like a key is masked too."""
    return displayed(without_keys(text))


def printable(text: str) -> str:
    """Return a text on one line with every character visible; secrets are not masked."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_text, text)) if _has_unseen(text) else text
    if "::" in text:
        text = _COLONS.sub(r"\\x3a:", text)
    return _HASHES.sub(r"\\x23", text) if "##" in text else text


def safe_line(line: str) -> str:
    """Return a line that starts no command for a CI server, wherever a long word was wrapped."""
    match = _LINE_OF_COLONS.match(line)
    if match is None:
        return line
    blanks = match[0][:-2]
    return blanks + _COLONS.sub(r"\\x3a:", line[len(blanks) :])


def spelled_json(text: str) -> str:
    """Return JSON with every character visible; its meaning does not change.

    Args:
        text: as `json.dumps` writes it; line feeds between its parts stay.
    """
    if not text.isascii() or "\x7f" in text:
        text = _BEYOND_ASCII.sub(lambda each: _spelled_json(each[0]), text)
    return _HASHES.sub(r"\\u0023", text) if "##" in text else text


def toml_string(text: str) -> str:
    """Return a text as a quoted TOML string with every character visible; its value is the text."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    quoted = "".join(map(_toml_escape, quoted)) if _has_unseen(quoted) else quoted
    quoted = _HASHES.sub(r"\\u0023", quoted)
    return f'"{quoted}"'


def markdown(text: str) -> str:
    """Return a text from outside escaped for Markdown: it makes no link, HTML or table."""
    return _MARKDOWN.sub(r"\\\g<0>", displayed(text))


def _toml_escape(character: str) -> str:
    if not _has_unseen(character):
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _has_unseen(text: str) -> bool:
    return not text.isprintable() or _UNSEEN.search(text) is not None


def _text(character: str) -> str:
    if _has_unseen(character):
        return character.encode("unicode_escape").decode()
    return character


def _spelled_json(text: str) -> str:
    if not _has_unseen(text):
        return text
    return "".join(map(_json_escape, text))


def _json_escape(character: str) -> str:
    if not _has_unseen(character):
        return character
    octets = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{octets[at : at + 2].hex()}" for at in range(0, len(octets), 2))
