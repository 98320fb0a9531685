"""Keys: what must not be shown, with the few characters that tell one from another."""

from __future__ import annotations

import re
from typing import Final

import attrs

#: So many characters at the end are shown.
_SHOWN: Final = 4
#: A GUID, with its hyphens or without, and Base64 that is long enough for a secret.
_LIKE_A_KEY: Final = re.compile(
    r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-z+/]{22,}={1,2}", re.IGNORECASE
)


def masked(secret: str) -> str:
    """Return the last four characters behind an ellipsis, and less than half of a short text."""
    return f"...{secret[-min(_SHOWN, len(secret) // 2) :] if len(secret) > 1 else ''}"


def without_keys(text: str) -> str:
    """Return a text with everything masked that looks like a key, wherever it stood.

    For messages that quote a file: somebody may have put a key where a name is asked for. What
    looks like one and is none, such as the id of a subscription, is masked too.
    """
    return _LIKE_A_KEY.sub(lambda each: masked(each[0]), text)


@attrs.frozen(repr=False)
class Key:
    """A key of Azure's: of a registered prefix, of a registered ASN, or given to a customer.

    Two keys are equal whatever the case of their letters (they are GUIDs). Every text of it is
    masked; only `secret` holds it.

    Attributes:
        secret: the key itself.
    """

    secret: str = attrs.field(eq=str.casefold)

    def __str__(self) -> str:
        """Return the masked key."""
        return masked(self.secret)

    def __repr__(self) -> str:
        """Return `Key('...4c1d')`."""
        return f"Key({str(self)!r})"
