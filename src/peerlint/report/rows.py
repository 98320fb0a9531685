"""Which prefix each finding is about, and where its session is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs

from peerlint.results import Finding, PrefixResult, Report, ServicePrefixResult
from peerlint.rules import CATALOGUE, Scope

Row = PrefixResult | ServicePrefixResult
#: A row's key, and whether it is the row of a service prefix: the two kinds may share a key.
RowKey = tuple[bool, str]
#: What tells a prefix from others that are spelled alike, see `Finding.about`.
_NUMBER: Final = re.compile(r"number (\d+)\b")


def row_key(row: Row) -> RowKey:
    """Return what tells a row from every other one of its report."""
    return isinstance(row, ServicePrefixResult), row.key


@attrs.frozen
class Rows:
    """The rows of a report and its sessions, found by finding.

    Attributes:
        prefixes: registered prefixes by peering and prefix.
        services: service prefixes by peering and prefix.
        locations: of sessions and peerings, by whether it is a peering, and name.
    """

    prefixes: Mapping[tuple[str, str], list[Row]]
    services: Mapping[tuple[str, str], list[Row]]
    locations: Mapping[tuple[bool, str], str | None]

    @classmethod
    def of(cls, report: Report) -> Rows:
        """Take the rows of a report."""
        prefixes: dict[tuple[str, str], list[Row]] = {}
        services: dict[tuple[str, str], list[Row]] = {}
        for prefix in report.prefixes:
            prefixes.setdefault((prefix.peering, prefix.prefix), []).append(prefix)
        for service in report.service_prefixes:
            services.setdefault((service.peering, service.prefix), []).append(service)
        locations = {(True, each.name): each.location for each in report.peerings}
        locations |= {(False, each.id): each.location for each in report.cells.sessions}
        return cls(prefixes, services, locations)

    def row(self, finding: Finding) -> Row | None:
        """Return the row that a finding is about; None for all that is about no declared prefix."""
        peering, prefix = finding.subject.peering, finding.subject.prefix
        if peering is None or prefix is None:
            return None
        about = finding.about or ""
        rule = CATALOGUE.get(finding.rule)
        if rule is not None and rule.scope is Scope.SERVICE_PREFIX:
            rows = self.services.get((peering, prefix), [])
            named = (row for row in rows if _is_named(row, about))
            return next(named, rows[0] if rows else None)
        rows = self.prefixes.get((peering, prefix), [])
        number = _NUMBER.match(about)
        at = int(number[1]) - 1 if number else 0
        return rows[at if at < len(rows) else 0] if rows else None

    def location(self, finding: Finding) -> str | None:
        """Return where the session of a finding is, or else its connection or peering.

        What is said of a prefix on a session, but not of the session, names it in `about`.
        """
        subject = finding.subject
        about = (finding.about or "").rpartition(" ")[2]
        for name in (subject.session, subject.connection, about):
            if name and (False, name) in self.locations:
                return self.locations[False, name]
        return self.locations.get((True, subject.peering or ""))


def _is_named(row: Row, about: str) -> bool:
    return isinstance(row, ServicePrefixResult) and f"{about} ".startswith(f"{row.service} ")
