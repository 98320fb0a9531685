"""Untrusted text in outputs: visible, on one line, without commands and secrets."""

from __future__ import annotations

import json
import tomllib
import unicodedata
from ipaddress import IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from peerlint.display import displayed, escaped_json, markdown, printable, safe_line, toml_string

#: Categories that no output may have: control and format characters, surrogates, line and paragraph
#: separators, private and unassigned characters (Unicode, table 4-4).
FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
#: Any text, including lone surrogates.
TEXTS = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x\n::error::y", r"x\n::error::y"),
        ("\r\n", r"\r\n"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\u061c\u200b\u200f\u202e\u2066\ufeff", r"\u061c\u200b\u200f\u202e\u2066\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("\u3164\uffa0\ufe0f\u2800\u034f", r"\u3164\uffa0\ufe0f\u2800\u034f"),
        ("\ud800", r"\ud800"),
        ("\ufffe", r"\ufffe"),
        ("a\xa0b", r"a\xa0b"),
        ("::error file=a::b", r"\x3a:error file=a::b"),
        ("  ::set-output name=a::b", r"  \x3a:set-output name=a::b"),
        ("##vso[task.setvariable]", r"\x23#vso[task.setvariable]"),
        ("x ##[error]", r"x \x23#[error]"),
        ("##teamcity[x]", r"\x23#teamcity[x]"),
    ],
)
def test_invisible_characters_are_escaped(text: str, shown: str) -> None:
    """Characters that are invisible, break a line or start a command of a CI server are escaped."""
    assert shown == displayed(text)


@pytest.mark.parametrize(
    "text",
    [
        "Zürich", "Kraków", "東京", "서울", "Αθήνα", "القاهرة", "ירושלים", "मुंबई", "กรุงเทพ",
        "São Paulo, 1º", "Straße & Söhne <b>", "🙂", "::1", "::/0", "2001:db8::/32",
        "::ffff:192.0.2.1, ::2", "a::b", "C# [x]",
    ],
)  # fmt: skip
def test_names_of_every_language_stay(text: str) -> None:
    """Letters and signs of all languages, markup and IPv6 addresses are kept."""
    assert text == displayed(text)


@given(TEXTS)
@example("\u1d25\ud83d")
def test_any_text(text: str) -> None:
    """The result has no invisible characters and line breaks, and escaping it changes nothing."""
    shown = displayed(text)

    assert not FORBIDDEN & {unicodedata.category(each) for each in shown}
    assert len(shown.splitlines()) <= 1
    assert shown == displayed(shown)
    shown.encode()


@given(TEXTS)
def test_any_json(text: str) -> None:
    """The JSON has the same value, and no invisible characters."""
    escaped = escaped_json(json.dumps(["##[", text], ensure_ascii=False))

    assert ["##[", text] == json.loads(escaped)
    assert not FORBIDDEN & {unicodedata.category(each) for each in escaped}
    assert "##[" not in escaped


@given(st.text())
@example('"\\\n\x00\U000e0041##[')
def test_any_toml(text: str) -> None:
    """The TOML string has the same value, on one line, without invisible characters."""
    escaped = toml_string(text)

    assert {"a": text} == tomllib.loads(f"a = {escaped}")
    assert not FORBIDDEN & {unicodedata.category(each) for each in escaped}


@given(TEXTS)
@example("[a](https://contoso.example) <b> | x | `y` *z* _w_ ~~v~~")
def test_any_markdown(text: str) -> None:
    """Every character with a meaning in Markdown is escaped."""
    shown = markdown(text).replace("\\\\", "")

    assert not FORBIDDEN & {unicodedata.category(each) for each in shown}
    assert len(shown.splitlines()) <= 1
    for at, each in enumerate(shown):
        assert each not in "`*_[]<>|&#~" or shown[at - 1] == "\\"


@given(TEXTS, st.integers(0, 40))
@example("aaaa::error file=x::y", 4)
def test_a_line_that_a_long_word_begins(text: str, at: int) -> None:
    """Wherever a long word is wrapped, the new line is no command."""
    line = safe_line(displayed(text)[at:])

    if line.lstrip().startswith("::"):
        word = line.split()[0].rstrip(",;.)]")
        assert not set(word) - set("0123456789abcdefABCDEF:./,;)]")


@given(st.ip_addresses(v=6))
def test_addresses_are_no_commands(address: IPv6Address) -> None:
    """An IPv6 address at the start of a line is kept."""
    assert f"{address}: peer" == printable(f"{address}: peer")
