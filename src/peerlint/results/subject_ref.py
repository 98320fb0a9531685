"""The names of a finding's subject."""

from __future__ import annotations

import attrs


@attrs.frozen
class SubjectRef:
    """The names of a finding's subject; names that do not apply are None.

    Attributes:
        peering: the name of the peering.
        connection: the name of the connection.
        session: the id of the session.
        router: the router at the partner's end of the session or connection.
        prefix: the prefix as declared.
    """

    peering: str | None = None
    connection: str | None = None
    session: str | None = None
    router: str | None = None
    prefix: str | None = None

    def __str__(self) -> str:
        """Return the names that apply, from the peering to the prefix."""
        parts = (self.peering, self.session or self.connection, self.router, self.prefix)
        return " ".join(part for part in parts if part)

    @property
    def place(self) -> str:
        """The session or connection with its router: "ams-1 (edge1.ams)"; empty without either."""
        name = self.session or self.connection
        if name is None:
            return ""
        return f"{name} ({self.router})" if self.router else name
