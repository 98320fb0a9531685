"""Text from outside, made safe to show: the one function that every output uses.

Names of an inventory, texts of an export, names of files and messages of servers are written by
other people. On a page they are words, and nothing else: they start no line, no command of a CI
server and no formula, they are all visible, and they show no secret.
"""

from __future__ import annotations

import re
from typing import Final

from peerlint.redaction import redacted, without_keys

#: What Python calls printable and nobody sees: fillers of Hangul and Khmer, variation selectors,
#: the blank of Braille (Unicode's property Default_Ignorable_Code_Point, for the most part).
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
#: "::error file=x::text" at the start of a line, blanks before it or not, is a command for GitHub;
#: an IPv6 address is none.
_COLONS: Final = re.compile(r"(?<!\S)::(?=\S*[^\s0-9A-Fa-f:./,;)\]])")
_LINE_OF_COLONS: Final = re.compile(r"\s*::")
#: "##vso[", "##teamcity[" and "##[" are commands of others, the first one wherever it stands.
_HASHES: Final = re.compile(r"#(?=#\w*\[)")
#: What begins or ends something in Markdown (CommonMark 0.31 section 2.4, GFM's tables).
_MARKDOWN: Final = re.compile(r"[\\`*_\[\]<>|&#~!]|^[+=-]|(?<=^\d)[.)]")
#: Characters of JSON's text that may have to be spelled: all but those of ASCII.
_BEYOND_ASCII: Final = re.compile("[^\n -~]+")


def displayed(text: str) -> str:
    r"""Return a text from outside as a page shows it.

    Whatever is not visible is spelled as Python and JSON spell it: `\n`, `\x1b`, `\u202e`,
    `\U000e0041`. So are the signs with which a CI server's command begins. Letters and signs of
    every language stay. The secrets of this run and of URLs are masked.
    """
    return printable(redacted(text))


def displayed_quote(text: str) -> str:
    """Return a text that quotes a file or an argument; what looks like a key is masked too."""
    return displayed(without_keys(text))


def printable(text: str) -> str:
    """Return a text on one line, with everything visible; secrets are not looked for."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_spelled, text)) if _has_unseen(text) else text
    if "::" in text:
        text = _COLONS.sub(r"\\x3a:", text)
    return _HASHES.sub(r"\\x23", text) if "##" in text else text


def safe_line(line: str) -> str:
    """Return a line that starts no command: long words may have been broken at any place."""
    match = _LINE_OF_COLONS.match(line)
    if match is None:
        return line
    blanks = match[0][:-2]
    return blanks + _COLONS.sub(r"\\x3a:", line[len(blanks) :])


def spelled_json(text: str) -> str:
    """Return JSON's text with everything visible: nothing that it says is changed.

    Args:
        text: as `json.dumps` writes it; line feeds between its parts stay.
    """
    if not text.isascii() or "\x7f" in text:
        text = _BEYOND_ASCII.sub(lambda each: _spelled_json(each[0]), text)
    return _HASHES.sub(r"\\u0023", text) if "##" in text else text


def toml_string(text: str) -> str:
    """Return a text as a string of TOML in quotes, with everything visible; nothing is changed."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    quoted = "".join(map(_toml_escape, quoted)) if _has_unseen(quoted) else quoted
    quoted = _HASHES.sub(r"\\u0023", quoted)
    return f'"{quoted}"'


def markdown(text: str) -> str:
    """Return a text from outside as words of a page in Markdown: no link, no HTML, no table."""
    return _MARKDOWN.sub(r"\\\g<0>", displayed(text))


def _toml_escape(character: str) -> str:
    if not _has_unseen(character):
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _has_unseen(text: str) -> bool:
    return not text.isprintable() or _UNSEEN.search(text) is not None


def _spelled(character: str) -> str:
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
