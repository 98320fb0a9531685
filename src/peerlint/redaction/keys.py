"""Secrets by their form: what looks like a key, and names whose values are secrets."""

from __future__ import annotations

import re
from typing import Final

#: How many characters at the end of a secret are shown.
_SHOWN: Final = 4
#: A GUID, or padded Base64 that is long enough for a secret.
#: Digits of a longer number are no GUID but a hash: files are named after them.
_LIKE_A_KEY: Final = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])"
    r"|(?<![0-9a-z+/])[0-9a-z+/]{22,}+={1,2}(?![0-9a-z+/=])",
    re.IGNORECASE,
)
#: Parts of names (without hyphens, underscores and case) whose values are secrets.
_SECRET_WORDS: Final = ("key", "md5", "passw", "passphrase", "secret", "token", "credential")
#: Names of a URL's query whose values are secrets, besides those of `_SECRET_WORDS`.
_SECRET_PARAMETERS: Final = frozenset({"sig", "signature", "auth", "code", "pwd", "pass", "sas"})
#: Bits of the largest number whose digits are masked.
_LARGEST_NUMBER: Final = 4096
#: From so many characters on, a value in a query may be a token.
_TOKEN: Final = 16
#: A URL in a text; where it is quoted, its end is the quote.
#: A word is looked at once, from its start, however long it is: so in all that follow.
#: It may lack its scheme, and have the slashes of Windows, which a quoted text has twice.
_START: Final = (
    r"(?:(?<![a-z0-9+.\-])[a-z0-9+.\-]++(?::/{1,3}|(?<=[a-z0-9+.\-]{2}):\\{2,4})"
    r"""|(?<![^\s"'<>`=(])//)"""
)


def masked(secret: str) -> str:
    """Return an ellipsis and the last four characters, at most half of a short secret."""
    return f"...{secret[-min(_SHOWN, len(secret) // 2) :] if len(secret) > 1 else ''}"


def without_keys(text: str) -> str:
    """Return a text in which everything that looks like a key is masked.

    For messages that quote a file: a key may have been entered as a name. Other texts of that form,
    such as the id of a subscription, are masked too.
    """
    return _LIKE_A_KEY.sub(lambda each: masked(each[0]), text)


def is_secret_name(name: str) -> bool:
    """Whether the value of a field of this name is a secret: a key, a password, a token."""
    plain = re.sub(r"[^a-z0-9]", "", name.casefold())
    return any(word in plain for word in _SECRET_WORDS)
