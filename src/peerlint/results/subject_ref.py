"""The names of what a finding is about."""

from __future__ import annotations

import attrs


@attrs.frozen
class SubjectRef:
    """What a finding is about, by name; parts that do not apply are None.

    Attributes:
        peering: the name of the peering.
        connection: the name of the connection.
        session: the id of the session.
        router: at the partner's end of the session or connection.
        prefix: as declared.
    """

    peering: str | None = None
    connection: str | None = None
    session: str | None = None
    router: str | None = None
    prefix: str | None = None

    def __str__(self) -> str:
        """Return the parts that apply, from the outside in."""
        parts = (self.peering, self.session or self.connection, self.router, self.prefix)
        return " ".join(part for part in parts if part)

    @property
    def place(self) -> str:
        """The session or connection with its router, as people name it; empty without either."""
        name = self.session or self.connection
        if name is None:
            return ""
        return f"{name} ({self.router})" if self.router else name
