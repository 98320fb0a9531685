"""Mask secrets: values that were read as secrets, strings that look like keys, parts of URLs.

A run (a command of the program, or a call of the library) has one `Secrets`. Readers add the values
that they read as secrets, of any type; messages and reports mask them. Nothing is kept between
runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, time
from typing import Final

#: How many characters at the end of a secret are shown.
_SHOWN: Final = 4
#: A GUID, with its hyphens or without.
_GUID: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
#: A GUID without its first eight digits: a search that starts with a hyphen is fast.
_TAIL_OF_GUID: Final = re.compile(
    r"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
_HEAD_OF_GUID: Final = 8
#: Digits of a GUID.
_DIGITS: Final = 32
#: A GUID, or padded Base64 that is long enough for a secret.
#: Digits of a longer number are no GUID but a hash: files are named after them.
_LIKE_A_KEY: Final = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])"
    r"|(?<![0-9a-z+/])[0-9a-z+/]{22,}+={1,2}(?![0-9a-z+/=])",
    re.IGNORECASE,
)
#: Shorter values occur too often as parts of other texts to be masked everywhere.
_SHORTEST: Final = 4
#: The length of an output from which on searching it for every secret takes too long.
_LARGE_OUTPUT: Final = 1 << 20
#: The maximum number of secrets that are searched for one after the other.
_FEW: Final = 64
#: Shorter values are masked only where no letter or digit is next to them.
_LONG: Final = 8
#: Parts of names (without hyphens, underscores and case) whose values are secrets.
_SECRET_WORDS: Final = ("key", "md5", "passw", "passphrase", "secret", "token", "credential")
#: Names of a URL's query whose values are secrets, besides those of `_SECRET_WORDS`.
_SECRET_PARAMETERS: Final = frozenset({"sig", "signature", "auth", "code", "pwd", "pass", "sas"})
#: Bits of the largest number whose digits are masked.
_LARGEST_NUMBER: Final = 4096
#: The minimum length of a value in a query that may be a token.
_TOKEN: Final = 16
#: The start of a URL in a text. The URL may lack its scheme, or have backslashes, which are doubled
#: in quoted text; a quote ends it. All patterns below match a word from its start only, so that a
#: search takes time linear in the text.
_START: Final = (
    r"(?:(?<![a-z0-9+.\-])[a-z0-9+.\-]++(?::/{1,3}|(?<=[a-z0-9+.\-]{2}):\\{2,4})"
    r"""|(?<![^\s"'<>`=(])//)"""
)
_URL: Final = re.compile(rf"""{_START}[^\s"'<>`]+""", re.IGNORECASE)
_SCHEME: Final = re.compile(_START, re.IGNORECASE)
#: A parameter with the name of a secret, in text that does not look like a URL.
_PARAMETER: Final = re.compile(
    r"""([?&;][\w.\-]*(?:sig|signature|token|secret|password|passwd|pwd|key|credential)=)"""
    r"""(?!\.\.\.)[^&;\s#"'<>]+""",
    re.IGNORECASE,
)
_HOST_AND_PORT: Final = re.compile(r"(?:\[[^\]]*\]?|[^:]*)(?::\d{0,5})?")
_ENCODED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_HIDDEN: Final = "..."
#: A name with its value: a text, a list, a table, or a word; the end of a text may be missing.
_PAIR: Final = re.compile(
    r"""(?<![\w.\-])([\w.\-]++)["']?[ \t]*+[=:][ \t]*+"""
    r"""("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\[[^\]]*|\{[^}]*|[^\s,}\]#]+)"""
)
_QUOTED: Final = re.compile(r""""((?:[^"\\\n]|\\.)*)"?|'([^'\n]*)'?""")
#: Characters after a URL that belong to the sentence.
_PUNCTUATION: Final = ".,:;!?)]}"


# -- by form


def masked(secret: str) -> str:
    """Return an ellipsis and the last four characters, at most half of a short secret."""
    return f"...{secret[-min(_SHOWN, len(secret) // 2) :] if len(secret) > 1 else ''}"


def without_keys(text: str) -> str:
    """Return a text with everything masked that looks like a key.

    For messages that quote a file: a key may have been entered as a name. Other texts of that form,
    such as the id of a subscription, are masked too.
    """
    return _LIKE_A_KEY.sub(lambda each: masked(each[0]), text)


def without_credentials(name: str) -> str:
    """Return the name of a source with its secrets masked.

    The scheme, host, path and parameter names of a URL are kept. User information, the values of
    parameters and the fragment are masked (RFC 3986 section 3). Any other name is returned
    unchanged, except for parameters with the name of a secret.
    """
    match = _SCHEME.search(name)
    if match is None:
        return _PARAMETER.sub(rf"\1{_HIDDEN}", name)
    return name[: match.end()] + _masked_rest(name[match.end() :])


def without_url_secrets(text: str) -> str:
    """Return a text with the secrets in its URLs masked, as `without_credentials` does."""
    if "//" in text or ":/" in text or ":\\" in text:
        text = _URL.sub(lambda each: without_credentials(each[0]), text)
    return _PARAMETER.sub(rf"\1{_HIDDEN}", text) if "=" in text else text


def shown_repr(value: object) -> str:
    """Return the `repr` of a source's name, or of several names, with their secrets masked."""
    return without_url_secrets(repr(value))


def _masked_rest(rest: str) -> str:
    userinfo, rest = _userinfo(rest)
    end = len(rest.rstrip(_PUNCTUATION))
    if rest.startswith(_HIDDEN, end) and rest[:end].endswith(("=", "#", "?")):
        end += len(_HIDDEN)  # masked before
    rest, tail = rest[:end], rest[end:]
    rest, hash_, fragment = rest.partition("#")
    path, mark, query = rest.partition("?")
    path = re.sub(r"(;[^;/=]*=)[^;/]*", rf"\1{_HIDDEN}", path)
    shown = f"{_HIDDEN}@" if userinfo is not None else ""
    shown += path + mark + _masked_query(query)
    return f"{shown}{hash_}{_HIDDEN if fragment else ''}{tail}"


def _masked_query(query: str) -> str:
    parts: list[str] = []
    has_value = False
    for parameter in re.split(r"([&;])", query):
        name, equals, value = parameter.partition("=")
        if equals and (value or not has_value):
            has_value = True
            parts.append(f"{name}={_HIDDEN if value else ''}")
        elif parameter in ("", "&", ";"):
            parts.append(parameter)
        else:
            # `?TOKEN` has no name: a long word may be the secret itself. A part without a name
            # after a value may be the rest of that value.
            parts.append(_HIDDEN if has_value or len(name) >= _LONG else name)
    return "".join(parts)


def _userinfo(rest: str) -> tuple[str | None, str]:
    """Split the part of a URL after the scheme into user information (or None) and the rest.

    A slash, a question mark or a number sign in a password ends the authority too early (RFC 3986
    section 3.2). Then the port is not a number, or the path has an @ with an address after it; in
    these cases the last @ ends the user information.
    """
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        before, _, host = authority.rpartition("@")
        return before, host + rest[len(authority) :]
    before, at, after = rest.rpartition("@")
    if at and _HOST_AND_PORT.fullmatch(authority) is None:
        return before, after
    before, at, after = re.split(r"[?#]", rest, maxsplit=1)[0].rpartition("@")
    if at and ":" in authority and re.search(r"[./:\[]", after):
        return before, rest[len(before) + 1 :]
    return None, rest


# -- by value


class Secrets:
    """The secrets that were read in one run.

    Threads must not share one while any of them adds to it.
    """

    def __init__(self) -> None:
        """Start without secrets."""
        #: GUIDs without their hyphens, in lower case: there may be many.
        self._guids: set[str] = set()
        #: All others, in lower case, by their first four characters, then by their length, the
        #: longest first: many may begin alike, but of one length each is found at once.
        self._others: dict[str, dict[int, set[str]]] = {}
        self._number = 0
        #: Those of the others that cannot be part of an output format's own text, as given.
        self._unlike_words: set[str] = set()

    def __bool__(self) -> bool:
        """Whether there are secrets to mask."""
        return bool(self._guids or self._others)

    def add(self, value: object) -> None:
        """Add a value; of a list or table, add all values and names in it.

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
            # Not very long numbers: Python refuses to print one of 5,000 digits.
            elif isinstance(each, float) or (
                isinstance(each, int) and each.bit_length() <= _LARGEST_NUMBER
            ):
                self._add_text(str(each))

    def add_name(self, name: str) -> None:
        """Add the secrets in the name of a file or in a URL."""
        self._guids.update(map(_plain, _GUID.findall(name)))
        match = _SCHEME.search(name)
        if match is None:
            return
        userinfo, rest = _userinfo(name[match.end() :])
        if userinfo is not None:
            _, colon, password = userinfo.partition(":")
            self._add_text(userinfo if not colon else password)
        rest, _, fragment = rest.partition("#")
        query = rest.partition("?")[2]
        for parameter in (*re.split(r"[&;]", query), *re.split(r"[&;]", fragment)):
            key, equals, value = parameter.partition("=")
            if not equals:
                key, value = "", parameter
            if (is_secret_name(key) or key.casefold() in _SECRET_PARAMETERS) or _is_token(value):
                self._add_text(value)

    def add_from(self, data: object) -> None:
        """Add the values of all fields with the name of a secret, in parsed TOML or JSON."""
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
        """Add the apparent values of fields with the name of a secret, in invalid TOML or JSON."""
        for name, value in _PAIR.findall(text):
            if is_secret_name(name):
                quoted = [one or other for one, other in _QUOTED.findall(value)]
                self.add(quoted or value.strip("\"'[]{} \t"))

    def hide(self, text: str) -> str:
        """Return a text with its secrets masked."""
        if self._guids and len(text) >= _DIGITS:
            text = _GUID.sub(self._masked_guid, text)
        return self._without_others(text) if self._others else text

    def hide_in_output(self, text: str) -> str:
        """Return an output with those secrets masked that cannot be part of its format.

        This is the last step before writing. A number, or a word such as "name", may be part of
        JSON's own syntax; such secrets are masked before the output is made (`hide`). An output of
        a million characters is only searched for GUIDs with hyphens, and for other secrets if there
        are few.
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


def is_secret_name(name: str) -> bool:
    """Return whether the value of a field with this name is a key, a password or a token."""
    plain = re.sub(r"[^a-z0-9]", "", name.casefold())
    return any(word in plain for word in _SECRET_WORDS)


def _is_token(value: str) -> bool:
    is_mixed = re.search(r"[A-Za-z]", value) and re.search(r"\d", value)
    is_time = re.match(r"\d{4}-\d\d-\d\d", value)
    return len(value) >= _TOKEN and bool(is_mixed) and not is_time


def _is_unlike_words(secret: str) -> bool:
    has_digit, has_other = re.search(r"\d", secret), re.search(r"[^\d.+\-eE]", secret)
    return len(secret) >= _LONG and bool(has_digit and has_other)


def _folded(text: str) -> str:
    """Return a text in lower case, with its length unchanged and each letter mapped by itself."""
    # Only the lower case of these two letters is longer, or depends on the letters beside it.
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
    """Return a text as Python quotes it, in single and in double quotes, as messages do."""
    return repr(text)[1:-1], repr(f'"{text}')[2:-1]


# -- of a run

_CURRENT: Final[ContextVar[Secrets | None]] = ContextVar("peerlint_secrets", default=None)


@contextmanager
def collected() -> Iterator[Secrets]:
    """Yield the secrets of this run; outside a run, start one that ends with the block."""
    current = _CURRENT.get()
    if current is not None:
        yield current
        return
    secrets = Secrets()
    token = _CURRENT.set(secrets)
    try:
        yield secrets
    finally:
        _CURRENT.reset(token)


def redacted(text: str) -> str:
    """Return a text with the secrets of this run, and those in URLs, masked."""
    secrets = _CURRENT.get()
    if secrets is not None and secrets:
        text = secrets.hide(text)
    return without_url_secrets(text)


def guarded(text: str) -> str:
    """Return an output with the secrets of this run masked; see `Secrets.hide_in_output`."""
    secrets = _CURRENT.get()
    return text if secrets is None or not secrets else secrets.hide_in_output(text)
