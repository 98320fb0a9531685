"""Secrets by their place in a URL: user information, parameters, the fragment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from peerlint.redaction.keys import is_secret_name

#: Names of a URL's query whose values are secrets, besides those of `_SECRET_WORDS`.
_SECRET_PARAMETERS: Final = frozenset({"sig", "signature", "auth", "code", "pwd", "pass", "sas"})
#: From so many characters on, a value in a query may be a token.
_TOKEN: Final = 16
#: From so many characters on, a parameter without a name may be a token.
_LONG: Final = 8
#: A URL in a text; where it is quoted, its end is the quote.
#: A word is looked at once, from its start, however long it is: so in all that follow.
#: It may lack its scheme, and have the slashes of Windows, which a quoted text has twice.
_START: Final = (
    r"(?:(?<![a-z0-9+.\-])[a-z0-9+.\-]++(?::/{1,3}|(?<=[a-z0-9+.\-]{2}):\\{2,4})"
    r"""|(?<![^\s"'<>`=(])//)"""
)
_URL: Final = re.compile(rf"""{_START}[^\s"'<>`]+""", re.IGNORECASE)
_SCHEME: Final = re.compile(_START, re.IGNORECASE)
#: A parameter with a telling name, in what is no URL by its form.
_PARAMETER: Final = re.compile(
    r"""([?&;][\w.\-]*(?:sig|signature|token|secret|password|passwd|pwd|key|credential)=)"""
    r"""(?!\.\.\.)[^&;\s#"'<>]+""",
    re.IGNORECASE,
)
_HOST_AND_PORT: Final = re.compile(r"(?:\[[^\]]*\]?|[^:]*)(?::\d{0,5})?")
_HIDDEN: Final = "..."
#: Characters after a URL that belong to the sentence.
_PUNCTUATION: Final = ".,:;!?)]}"


def without_credentials(name: str) -> str:
    """Return the name of a source as it may be shown.

    Of a URL the scheme, the host, the path and the names of parameters stay; user information,
    the values of parameters and the fragment are masked (RFC 3986 section 3). Any other name is
    returned unchanged, except for parameters with the name of a secret.
    """
    match = _SCHEME.search(name)
    if match is None:
        return _PARAMETER.sub(rf"\1{_HIDDEN}", name)
    return name[: match.end()] + _masked_rest(name[match.end() :])


def without_url_secrets(text: str) -> str:
    """Return a text in which every URL is as `without_credentials` shows it."""
    if "//" in text or ":/" in text or ":\\" in text:
        text = _URL.sub(lambda each: without_credentials(each[0]), text)
    return _PARAMETER.sub(rf"\1{_HIDDEN}", text) if "=" in text else text


def shown_repr(value: object) -> str:
    """Return the `repr` of a name of a source, or of several, as it may be shown."""
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
            # `?TOKEN` has no name: what is no word may be the secret itself. What has none behind
            # a value may be the rest of it.
            parts.append(_HIDDEN if has_value or len(name) >= _LONG else name)
    return "".join(parts)


def _userinfo(rest: str) -> tuple[str | None, str]:
    """Split what follows the scheme into user information, None if there is none, and the rest.

    A password with a slash, a question mark or a number sign in it ends the authority too early
    (RFC 3986 section 3.2). That shows in a port that is not a number, or an @ in the path that is
    followed by an address; then the last @ counts.
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


def secrets_in(name: str) -> Iterator[str]:
    """Yield the secrets in a URL: its password, and the values of parameters that are secrets.

    Args:
        name: of a source; one that is no URL has none.
    """
    match = _SCHEME.search(name)
    if match is None:
        return
    userinfo, rest = _userinfo(name[match.end() :])
    if userinfo is not None:
        _, colon, password = userinfo.partition(":")
        yield userinfo if not colon else password
    rest, _, fragment = rest.partition("#")
    query = rest.partition("?")[2]
    for parameter in (*re.split(r"[&;]", query), *re.split(r"[&;]", fragment)):
        key, equals, value = parameter.partition("=")
        if not equals:
            key, value = "", parameter
        if (is_secret_name(key) or key.casefold() in _SECRET_PARAMETERS) or _is_token(value):
            yield value


def _is_token(value: str) -> bool:
    is_mixed = re.search(r"[A-Za-z]", value) and re.search(r"\d", value)
    is_time = re.match(r"\d{4}-\d\d-\d\d", value)
    return len(value) >= _TOKEN and bool(is_mixed) and not is_time
