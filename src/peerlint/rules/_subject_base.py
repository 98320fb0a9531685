"""The interface of subjects that the engine uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from peerlint.inventory import Peering, RegisteredPrefix, ServicePrefix
from peerlint.model import View
from peerlint.observations import Observation, SessionSource
from peerlint.results import SubjectRef
from peerlint.rules.scopes import Scope


class SubjectBase:
    """The base class of subjects.

    Its properties return the values for subjects to which the property does not apply.
    """

    __slots__ = ()

    #: The scope of the rules about the subject.
    scope: ClassVar[Scope]
    #: Whether the subject has routes; otherwise it has declarations only.
    has_routes: ClassVar[bool] = False
    #: Whether the confidence in any answer about the subject depends on the view of its routes.
    depends_on_view: ClassVar[bool] = False

    @property
    def peering(self) -> Peering:
        """The peering whose profile is used."""
        raise NotImplementedError

    @property
    def ref(self) -> SubjectRef:
        """The names that a finding about the subject has."""
        return SubjectRef(self.peering.name)

    @property
    def names(self) -> frozenset[str]:
        """The names that a waiver or an attestation may give as its scope."""
        return names_of(self.ref)

    @property
    def location(self) -> str | None:
        """The metro of the session or connection; None if there is neither, or it is not known."""
        return None

    @property
    def peer(self) -> str | None:
        """The partner's address of the session; None if there is no session or no address."""
        return None

    @property
    def declared_prefix(self) -> RegisteredPrefix | ServicePrefix | None:
        """The declaration of the subject's prefix; None if it has no prefix."""
        return None

    @property
    def owner(self) -> str:
        """The name of the peering or peering service that declares the prefix."""
        return self.peering.name

    @property
    def discriminator(self) -> str | None:
        """The text that distinguishes findings about subjects with the same names; or None."""
        return None

    @property
    def views(self) -> frozenset[View]:
        """The views of its routes."""
        return frozenset()

    @property
    def shown_routes(self) -> Iterable[Observation]:
        """The routes that a rule about it checks, if they can be listed."""
        return ()

    @property
    def every_source(self) -> tuple[SessionSource, ...]:
        """The sources that a rule about it may read completely, including old ones."""
        return ()

    def without_old_sources(self) -> Self:
        """Return the subject without the sources that are too old."""
        return self

    @property
    def is_hint(self) -> bool:
        """Whether its problems are information only, because its view is weak evidence."""
        return False

    @property
    def is_optional(self) -> bool:
        """Whether it need not be announced, so that a bad route cannot be worse than none."""
        return False

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether its routes leave undecided whether a rule about routes has a finding.

        Args:
            applies: whether the rule applied to it.
        """
        _ = applies
        return False


def names_of(ref: SubjectRef) -> frozenset[str]:
    """Return all names of a subject."""
    every = (ref.peering, ref.connection, ref.session, ref.router, ref.prefix)
    return frozenset(name for name in every if name is not None)
