"""`peerlint scan`: whole dumps, counted."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from peerlint import api
from peerlint.bulk import Masks, Quality, Tally
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Format
from peerlint.cli.progress import progress
from peerlint.errors import FeedError
from peerlint.observe import Coverage, SourceSummary
from peerlint.report.document import QualityEntry
from peerlint.report.json import dumped
from peerlint.report.words import source_remarks
from peerlint.rules import CATALOGUE

_RULES: dict[str, Masks] = {
    rule.id: rule.masks for rule in CATALOGUE.values() if rule.masks is not None
}


def scan(
    *dumps: str,
    prefix: Annotated[list[str] | None, Parameter(negative="")] = None,
    community: str = "8075:8007",
    allow: Allow = None,
    format: Format = "text",  # noqa: A002  # the option's name
) -> Exit:
    """Count facts and rules over whole dumps, each peer's routes as received from it.

    Parameters
    ----------
    dumps
        MRT files, plain or compressed; - for standard input.
    prefix
        Only routes that overlap this prefix, in either direction; give it once for each.
    community
        The community that every route should carry.
    """
    if not dumps:
        sys.stderr.write("peerlint: expected one dump at least, found none\n")
        return Exit.USAGE
    tally, sources = Tally(), []
    with progress() as on_page:
        for dump in dumps:
            try:
                read = api.scan(
                    dump, prefixes=prefix, community=community, allow=allow or (), on_page=on_page
                )
                for batch in read:
                    tally += Tally.of(batch, _RULES)
                quality, error = read.quality, None
            except FeedError as failure:
                quality, error = Quality(), failure.reason
            sources.append(SourceSummary(dump, (), Coverage.NONE, quality, error=error))
    if format == "json":
        sys.stdout.write(dumped(_data(tally, sources)))
    else:
        sys.stdout.write("".join(_lines(tally)))
    for source in sources:
        for remark in source_remarks(source):
            sys.stderr.write(f"peerlint: {source.name}: {remark}\n")
    return Exit.CLEAN if all(source.is_sound for source in sources) else Exit.DUMPS


def _data(tally: Tally, sources: list[SourceSummary]) -> dict[str, object]:
    return {
        "schema": "peerlint/scan/1",
        "routes": tally.routes,
        "withdrawals": tally.withdrawals,
        "facts": dict(tally.facts),
        "rules": dict(tally.rules),
        "sources": [
            {"name": source.name, "error": source.error, "quality": QualityEntry.of(source.quality)}
            for source in sources
        ],
    }


def _lines(tally: Tally) -> list[str]:
    lines = [f"{tally.routes:>12,} routes, {tally.withdrawals:,} withdrawals\n"]
    for title, counts in (("fact", tally.facts), ("rule", tally.rules)):
        lines.append(f"\n{'routes':>12}  {'share':>7}  {title}\n")
        lines += (
            f"{count:>12,}  {count / tally.routes:>7.2%}  {name}\n"
            for name, count in counts.most_common()
            if count
        )
    return lines
