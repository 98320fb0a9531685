"""Keys of registrations: secrets that are only shown by their last characters."""

from __future__ import annotations

import attrs

from peerlint.redaction import masked


@attrs.frozen(repr=False)
class Key:
    """A key that Azure issues for a registered prefix or ASN, for a customer to activate it with.

    Keys are GUIDs, so they are compared without regard to case. `str` and `repr` mask the key; only
    `secret` has it in clear text.

    Attributes:
        secret: the key.
    """

    secret: str = attrs.field(eq=str.casefold)

    def __str__(self) -> str:
        """Return the masked key."""
        return masked(self.secret)

    def __repr__(self) -> str:
        """Return `Key('...4c1d')`."""
        return f"Key({str(self)!r})"
