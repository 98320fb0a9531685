"""Make untrusted text safe for output. Every output format uses this module.

Names in an inventory, strings of an export, names of files and messages of servers are untrusted.
In an output, they are on one line, start no command of a CI server and no formula, have only
visible characters, and contain no secret.
"""

from __future__ import annotations

import re
from typing import Final

from peerlint.redaction import redacted, without_keys

#: Characters that Python calls printable although they are invisible: fillers of Hangul and Khmer,
#: variation selectors, the blank Braille pattern (mostly Unicode's Default_Ignorable_Code_Point).
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
#: "::error file=x::text" at the start of a line, also after blanks, is a command for GitHub; an
#: IPv6 address is not.
_COLONS: Final = re.compile(r"(?<!\S)::(?=\S*[^\s0-9A-Fa-f:./,;)\]])")
_LINE_OF_COLONS: Final = re.compile(r"\s*::")
#: "##vso[" (anywhere in a line), "##teamcity[" and "##[" are commands for other CI servers.
_HASHES: Final = re.compile(r"#(?=#\w*\[)")
#: Characters with a meaning in Markdown (CommonMark 0.31 section 2.4, GFM's tables).
_MARKDOWN: Final = re.compile(r"[\\`*_\[\]<>|&#~!]|^[+=-]|(?<=^\d)[.)]")
#: Characters that may need an escape in JSON: all outside printable ASCII.
_BEYOND_ASCII: Final = re.compile("[^\n -~]+")


def displayed(text: str) -> str:
    r"""Return untrusted text in a form that is safe for output.

    Invisible characters are escaped as Python and JSON escape them: `\n`, `\x1b`, `\u202e`,
    `\U000e0041`. The characters that start a command of a CI server are escaped too. Letters
    and signs of all languages are kept. The secrets of this run, and those in URLs, are masked.
    """
    return printable(redacted(text))


def displayed_quote(text: str) -> str:
    """Return text that quotes a file or an argument like `displayed`; mask possible keys too."""
    return displayed(without_keys(text))


def printable(text: str) -> str:
    """Return text on one line with all characters visible; secrets are not masked."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_text, text)) if _has_invisible(text) else text
    if "::" in text:
        text = _COLONS.sub(r"\\x3a:", text)
    return _HASHES.sub(r"\\x23", text) if "##" in text else text


def safe_line(line: str) -> str:
    """Return a line that starts no command of a CI server, also if wrapping made it a line."""
    match = _LINE_OF_COLONS.match(line)
    if match is None:
        return line
    blanks = match[0][:-2]
    return blanks + _COLONS.sub(r"\\x3a:", line[len(blanks) :])


def escaped_json(text: str) -> str:
    """Return JSON with all invisible characters escaped; its value does not change.

    Args:
        text: the output of `json.dumps`; line feeds between its parts are kept.
    """
    if not text.isascii() or "\x7f" in text:
        text = _BEYOND_ASCII.sub(lambda each: _escape_run(each[0]), text)
    return _HASHES.sub(r"\\u0023", text) if "##" in text else text


def toml_string(text: str) -> str:
    """Return text as a quoted TOML string in which all invisible characters are escaped."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    quoted = "".join(map(_toml_escape, quoted)) if _has_invisible(quoted) else quoted
    quoted = _HASHES.sub(r"\\u0023", quoted)
    return f'"{quoted}"'


def markdown(text: str) -> str:
    """Return untrusted text escaped for Markdown, so that it makes no link, HTML or table."""
    return _MARKDOWN.sub(r"\\\g<0>", displayed(text))


def _toml_escape(character: str) -> str:
    if not _has_invisible(character):
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _has_invisible(text: str) -> bool:
    return not text.isprintable() or _INVISIBLE.search(text) is not None


def _text(character: str) -> str:
    if _has_invisible(character):
        return character.encode("unicode_escape").decode()
    return character


def _escape_run(text: str) -> str:
    if not _has_invisible(text):
        return text
    return "".join(map(_json_escape, text))


def _json_escape(character: str) -> str:
    if not _has_invisible(character):
        return character
    octets = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{octets[at : at + 2].hex()}" for at in range(0, len(octets), 2))
