"""The check of an inventory: prepare it, evaluate every subject, assemble the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from peerlint.engine.assemble import RouteSummary, assemble
from peerlint.engine.checker import Checker
from peerlint.engine.column_index import ColumnIndex
from peerlint.engine.prepare import prepare
from peerlint.inventory import Inventory
from peerlint.observations import Observations
from peerlint.profiles import Profile
from peerlint.registry import Registry
from peerlint.results import Report


def check(
    inventory: Inventory,
    observations: Observations,
    profiles: Mapping[str, Profile],
    *,
    now: datetime,
    version: str,
    kernel: str,
    strict: bool = False,
    plan: Inventory | None = None,
    registry: Registry | None = None,
    remarks: Iterable[str] = (),
) -> Report:
    """Evaluate every rule for every subject of an inventory, and return the report.

    Args:
        inventory: the inventory.
        observations: the routes of its sessions, by source.
        profiles: the profiles, by the name of the peering.
        now: the time of the check; its date decides which statements are valid.
        version: the version of peerlint.
        kernel: the kernel that read the routes, "c" or "python".
        strict: whether inferred passes count as unknown, and the stricter reading of contradicting
            documents as an error.
        plan: the planned inventory; None without a plan.
        registry: registry data, for rules that need it; None without any.
        remarks: further remarks about the inventory or its profiles.
    """
    prepared = prepare(
        inventory,
        profiles,
        now=now,
        version=version,
        kernel=kernel,
        strict=strict,
        plan=plan,
        registry=registry,
        remarks=remarks,
    )
    checker = Checker(prepared, ColumnIndex(prepared.inventory.sessions, observations))
    return assemble(
        prepared,
        map(checker.evaluate, checker.subjects()),
        RouteSummary(observations.sources, checker.counts(), checker.unseen()),
    )
