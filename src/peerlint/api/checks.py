"""An inventory against dumps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import attrs

import peerlint
from peerlint import engine
from peerlint.api.files import OnDamage, OnPage, several
from peerlint.api.profiles import load_profile
from peerlint.api.sources import Sources
from peerlint.bulk import COMPILED
from peerlint.errors import InputError
from peerlint.inventory import Inventory
from peerlint.inventory.without import reduced
from peerlint.model import Criteria
from peerlint.observe import Observations, RibArgument
from peerlint.profiles import Profile
from peerlint.report.whatif import WhatIf, what_if
from peerlint.verdicts import Report
from peerlint.wording import Words


def check(
    inventory: Inventory,
    ribs: Iterable[str | Path] | None = None,
    *,
    received: Iterable[str | Path] = (),
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    plan: Inventory | None = None,
    now: datetime | None = None,
    on_damage: OnDamage = "keep",
    on_page: OnPage | None = None,
) -> Report:
    """Check an inventory against dumps.

    Args:
        inventory: what is declared.
        ribs: the dumps, each as `[SESSION|ROUTER=]FILE[@VIEW]`; None for those that the
            inventory names.
        received: exports of Azure's received routes, in any shape.
        profile: instead of every peering's own.
        strict: whether inferred passes count as unknown and mild readings as errors.
        allow: special-purpose space that counts as public, besides the inventory's own.
        plan: the inventory as it is meant to become, for rules about what cannot be changed.
        now: the time to write into the report; None for the present.
        on_damage: "raise" raises at the first dump that is missing or damaged.
        on_page: called for every page read.

    Returns:
        The report. Dumps that are missing or damaged are in `report.sources`, unless
        `on_damage` is "raise".

    Raises:
        InputError: the inventory has no peering, or a dump is given in a way that makes no sense.
        ProfileError: a profile file has mistakes.
        FeedError: a dump is missing, with `on_damage="raise"`.
        ExportError: a file of received routes is no export.
        DamageError: a dump is damaged, with `on_damage="raise"`.
    """
    judged = _observed(
        inventory,
        ribs,
        received,
        profile=profile,
        allow=allow,
        on_damage=on_damage,
        on_page=on_page,
    )
    return judged.report(judged.inventory, now, strict=strict, plan=plan)


def check_without(
    inventory: Inventory,
    without: Iterable[str],
    ribs: Iterable[str | Path] | None = None,
    *,
    received: Iterable[str | Path] = (),
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    now: datetime | None = None,
    on_damage: OnDamage = "keep",
    on_page: OnPage | None = None,
) -> tuple[Report, WhatIf]:
    """Check an inventory as it is, and as a failure would leave it.

    Args:
        inventory: what is declared.
        without: what fails, each as `KIND=NAME`: a router, connection, facility or location.
        ribs: see `check`; so are all others.
        received: likewise.
        profile: likewise.
        strict: likewise.
        allow: likewise.
        now: likewise.
        on_damage: likewise.
        on_page: likewise.

    Returns:
        The report of everything, and what the failure would change.

    Raises:
        InputError: the inventory has nothing of that name; and see `check` for others.
    """
    failed = several("without", without)
    reduced(inventory, failed)  # a name that does not exist is said before any dump is read
    judged = _observed(
        inventory,
        ribs,
        received,
        profile=profile,
        allow=allow,
        on_damage=on_damage,
        on_page=on_page,
    )
    before = judged.report(judged.inventory, now, strict=strict)
    after = judged.report(reduced(judged.inventory, failed), before.now, strict=strict)
    return before, what_if(before, after, failed)


@attrs.frozen
class _Observed:
    """An inventory with everything that the dumps show of it."""

    inventory: Inventory
    observations: Observations
    profiles: dict[str, Profile]

    def report(
        self,
        inventory: Inventory,
        now: datetime | None,
        *,
        strict: bool,
        plan: Inventory | None = None,
    ) -> Report:
        return engine.check(
            inventory,
            self.observations,
            self.profiles,
            now=now or datetime.now(UTC).replace(microsecond=0),
            version=peerlint.__version__,
            kernel="c" if COMPILED else "python",
            strict=strict,
            plan=plan,
        )


def _observed(
    inventory: Inventory,
    ribs: Iterable[str | Path] | None,
    received: Iterable[str | Path],
    *,
    profile: str | None,
    allow: Iterable[str],
    on_damage: OnDamage,
    on_page: OnPage | None,
) -> _Observed:
    if not inventory.peerings:
        expected = "one [[peering]] at least"
        raise InputError(inventory.file or "the inventory", expected=expected, found=Words("none"))
    folder = Path(inventory.file).parent if inventory.file is not None else Path()
    profiles = {
        peering.name: load_profile(profile or peering.profile, None if profile else folder)
        for peering in inventory.peerings
    }
    inventory = _resolved(inventory, profiles, allow)
    sources = Sources(inventory, profiles, on_damage, on_page)
    names = inventory.ribs if ribs is None else several("ribs", ribs)
    arguments = [RibArgument.parse(str(name), inventory) for name in names]
    base = folder if ribs is None else Path()
    # Of two sources of one view the first counts: a dump shows communities, an export does not.
    observations = Observations.join(
        (
            *(sources.read(argument, base) for argument in arguments),
            *(sources.received(Path(file)) for file in several("received", received)),
        )
    )
    return _Observed(inventory, observations, profiles)


def _resolved(
    inventory: Inventory, profiles: Mapping[str, Profile], allow: Iterable[str]
) -> Inventory:
    """Return the inventory with shipped profiles' names and all that is allowed."""
    criteria = Criteria(allow=inventory.lab.allow | frozenset(several("allow", allow)))
    return attrs.evolve(
        inventory,
        peerings=tuple(
            attrs.evolve(peering, profile=profiles[peering.name].base)
            for peering in inventory.peerings
        ),
        lab=attrs.evolve(inventory.lab, allow=criteria.allow),
    )
