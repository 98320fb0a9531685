"""Keys: what must not be shown, with the few characters that tell one from another."""

from __future__ import annotations

import attrs

from peerlint.redaction import masked


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
