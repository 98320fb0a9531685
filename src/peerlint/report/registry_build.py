"""What a registry file was built from: sources with their ages, and what was skipped."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from peerlint.display import displayed
from peerlint.model.times import time_text
from peerlint.registry.skips import Skip
from peerlint.report.json import dumped
from peerlint.report.registry_table import rows_text, source_rows
from peerlint.results import RegistrySource
from peerlint.wording import counted

SCHEMA: Final = "peerlint/registry-build/1"
_MEGABYTE: Final = 1_000_000


@attrs.frozen
class BuildSummary:
    """A registry file that was built.

    Attributes:
        file: its name, as given.
        octets: its size.
        built: the time of the build.
        sources: what it has, with ages.
        skips: the records that are not in it because they are invalid, by reason.
        remarks: what a user has to know.
    """

    file: str
    octets: int
    built: datetime
    sources: tuple[RegistrySource, ...]
    skips: tuple[Skip, ...]
    remarks: tuple[str, ...]


def render_build_text(summary: BuildSummary) -> str:
    """Return the sources as a table, and what was skipped, each reason with its first places."""
    octets = summary.octets
    size = f"{octets / _MEGABYTE:,.1f} MB" if octets >= _MEGABYTE else f"{octets // 1000} kB"
    lines = [f"{displayed(summary.file)}: {size}, as of {time_text(summary.built)}", ""]
    lines += rows_text(source_rows(summary.sources))
    if summary.skips:
        total = sum(each.count for each in summary.skips)
        lines += ["", f"{counted(total, 'record')} skipped"]
        for each in summary.skips:
            more = "" if each.count == len(each.first) else ", ..."
            places = ", ".join(displayed(str(place)) for place in each.first)
            lines.append(f"  {each.count:>9,}  {each.reason}: {places}{more}")
    return "\n".join(lines) + "\n"


def render_build_json(summary: BuildSummary) -> str:
    """Return the same as indented JSON, schema `peerlint/registry-build/1`."""
    return dumped(
        {
            "schema": SCHEMA,
            "file": summary.file,
            "octets": summary.octets,
            "built": summary.built,
            "registry_sources": [attrs.asdict(each) for each in summary.sources],
            "skips": [
                {
                    "reason": each.reason,
                    "records": each.count,
                    "first": [str(place) for place in each.first],
                }
                for each in summary.skips
            ],
            "remarks": list(summary.remarks),
        }
    )
