"""What the engine asks of every kind of subject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from peerlint.inventory import Peering, RegisteredPrefix, ServicePrefix
from peerlint.model import View
from peerlint.observations import Observation, SessionSource
from peerlint.results import SubjectRef
from peerlint.rules.scopes import Scope


class SubjectBase:
    """The questions that the engine asks every kind of subject.

    The answers here are those of a subject to which a question does not apply.
    """

    __slots__ = ()

    #: The scope of the rules that are asked about it.
    scope: ClassVar[Scope]
    #: Whether it has its routes; else it is as it is declared.
    has_routes: ClassVar[bool] = False
    #: Whether every answer about it is as certain as the view that it was seen in, and no more.
    depends_on_view: ClassVar[bool] = False

    @property
    def peering(self) -> Peering:
        """The peering whose profile judges it."""
        raise NotImplementedError

    @property
    def ref(self) -> SubjectRef:
        """What a finding says that it is about."""
        return SubjectRef(self.peering.name)

    @property
    def names(self) -> frozenset[str]:
        """The names that a waiver or an attestation may give as its scope."""
        return names_of(self.ref)

    @property
    def location(self) -> str | None:
        """The metro of the session or connection; None without one, or if it is not known."""
        return None

    @property
    def peer(self) -> str | None:
        """The partner's address of the session; None without one."""
        return None

    @property
    def declared_prefix(self) -> RegisteredPrefix | ServicePrefix | None:
        """The declaration of the prefix that it is about; None if it is about none."""
        return None

    @property
    def owner(self) -> str:
        """The peering or peering service that declares the prefix."""
        return self.peering.name

    @property
    def discriminator(self) -> str | None:
        """What tells findings about it from those about another subject of the same names."""
        return None

    @property
    def views(self) -> frozenset[View]:
        """Where its routes were seen."""
        return frozenset()

    @property
    def shown_routes(self) -> Iterable[Observation]:
        """The routes that a rule about it judges, if they can be listed."""
        return ()

    @property
    def every_source(self) -> tuple[SessionSource, ...]:
        """The sources that a rule about it may look at as a whole, the old ones too."""
        return ()

    def without_old_sources(self) -> Self:
        """Return it without the sources that are too old."""
        return self

    @property
    def is_hint(self) -> bool:
        """Whether a problem of it is only a hint, because its view proves nothing."""
        return False

    @property
    def is_optional(self) -> bool:
        """Whether nothing asks for it, so that a bad route there cannot be worse than none."""
        return False

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether its routes do not decide if a rule about routes has a finding.

        Args:
            applies: whether the rule applied to it.
        """
        _ = applies
        return False


def names_of(ref: SubjectRef) -> frozenset[str]:
    """Return all names of a subject."""
    every = (ref.peering, ref.connection, ref.session, ref.router, ref.prefix)
    return frozenset(name for name in every if name is not None)
