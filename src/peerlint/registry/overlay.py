"""Registry data of which some kinds of sources are from elsewhere, without copying any table."""

from __future__ import annotations

import attrs

from peerlint.registry.contents import AutNumTable, Contents, OriginTable
from peerlint.registry.records import SourceKind
from peerlint.registry.scope import Asked
from peerlint.registry.states import RouteTable, VrpTable


class Overlay(Contents):
    """Contents whose objects of IRRs, whose VRPs, or both, are those of other contents.

    A kind of sources is replaced as a whole: whose answer decides is never a question.
    """

    def __init__(
        self,
        base: Contents,
        *,
        irr: Contents | None = None,
        asked: Asked | None = None,
        vrps: Contents | None = None,
    ) -> None:
        """Lay contents over others.

        Args:
            base: what is below: delegations, PeeringDB, and what is not replaced.
            irr: has the objects of IRRs; None for those of `base`.
            asked: what the IRRs were asked about.
            vrps: has the VRPs; None for those of `base`.
        """
        # All other tables are those of the file of `base`.
        super().__init__(base.file)
        self._irr_contents = base if irr is None else irr
        self._vrp_contents = base if vrps is None else vrps
        self.asked = base.asked if irr is None else asked
        parts = {
            SourceKind.IRR: self._irr_contents,
            SourceKind.VRPS: self._vrp_contents,
            SourceKind.DELEGATED: base,
            SourceKind.PEERINGDB: base,
        }
        self.header = attrs.evolve(
            base.header,
            sources=tuple(
                source
                for kind, part in parts.items()
                for source in part.header.sources
                if source.kind is kind
            ),
            registries=self._irr_contents.header.registries,
            are_made=self._irr_contents.header.are_made,
            trust_anchors=self._vrp_contents.header.trust_anchors,
        )

    def vrps(self, family: int) -> VrpTable:
        """Return the VRPs of a family."""
        return self._vrp_contents.vrps(family)

    def routes(self, family: int) -> RouteTable:
        """Return the route objects of a family."""
        return self._irr_contents.routes(family)

    def aut_nums(self) -> AutNumTable:
        """Return the aut-num objects."""
        return self._irr_contents.aut_nums()

    def origins(self) -> OriginTable:
        """Return the number of route objects by origin and registry."""
        return self._irr_contents.origins()
