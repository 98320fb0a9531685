"""The row and the location of each finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs

from peerlint.results import Finding, PrefixResult, Report, ServicePrefixResult
from peerlint.rules import CATALOGUE, Scope

Row = PrefixResult | ServicePrefixResult
#: Whether a row is that of a service prefix, and its key: the two kinds may share a key.
RowKey = tuple[bool, str]
#: The number that distinguishes a prefix from equal ones, see `Finding.about`.
_NUMBER: Final = re.compile(r"number (\d+)\b")


def row_key(row: Row) -> RowKey:
    """Return the unique key of a row in its report."""
    return isinstance(row, ServicePrefixResult), row.key


@attrs.frozen
class Rows:
    """The rows and locations of a report, which can be looked up by finding.

    Attributes:
        prefixes: the registered prefixes, by peering and prefix.
        services: the service prefixes, by peering and prefix.
        locations: the locations; keys are (True, the name of a peering) and (False, the id of a
            session).
    """

    prefixes: Mapping[tuple[str, str], list[Row]]
    services: Mapping[tuple[str, str], list[Row]]
    locations: Mapping[tuple[bool, str], str | None]

    @classmethod
    def of(cls, report: Report) -> Rows:
        """Index the rows of a report."""
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
        """Return the row that a finding is about; None if it is not about a declared prefix."""
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
        """Return the location of a finding's session, or else of its connection or peering.

        A finding about a prefix may name the session in `about` instead of in its subject.
        """
        subject = finding.subject
        about = (finding.about or "").rpartition(" ")[2]
        for name in (subject.session, subject.connection, about):
            if name and (False, name) in self.locations:
                return self.locations[False, name]
        return self.locations.get((True, subject.peering or ""))


def _is_named(row: Row, about: str) -> bool:
    return isinstance(row, ServicePrefixResult) and f"{about} ".startswith(f"{row.service} ")
