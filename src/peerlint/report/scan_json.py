"""The counts of a scan as JSON, schema `peerlint/scan/1`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from peerlint.bulk import DumpPeer, Tally
from peerlint.observations import SourceSummary
from peerlint.report.json import dumped
from peerlint.report.phrases import without_secrets
from peerlint.report.source_entry import QualityEntry
from peerlint.results import RegistrySource

SCHEMA: Final = "peerlint/scan/1"


def render_scan_json(
    tally: Tally,
    sources: Iterable[SourceSummary],
    attributed_to: Iterable[str] = (),
    registry: Iterable[RegistrySource] = (),
) -> str:
    """Return the counts as indented JSON, with a newline at its end.

    Args:
        tally: the counts of all dumps.
        sources: the dumps.
        attributed_to: the rules that make a route a violating one, which the schema calls "faulty".
        registry: the sources of the registry data; empty without any.
    """
    data: dict[str, object] = {
        "schema": SCHEMA,
        "routes": tally.routes,
        "withdrawals": tally.withdrawals,
        "prefixes": {"distinct": tally.distinct_prefixes, "at_least": tally.prefixes_full},
        "facts": dict(tally.facts),
        "rules": dict(tally.rules),
        "unsorted": tally.unsorted,
        "faulty_rules": sorted(attributed_to),
        "path_lengths": {
            str(each): tally.path_lengths[each] for each in sorted(tally.path_lengths)
        },
        "states": {column: dict(counts) for column, counts in tally.states.items()},
        "peers": [
            _peer(peer) | {"routes": tally.peers[peer], "faulty": tally.violating_peers[peer]}
            for peer in tally.peers
        ],
        "origins": [
            {
                "asn": None if asn < 0 else asn,
                "routes": routes,
                "faulty": tally.violating_origins[asn],
            }
            for asn, routes in tally.origins.items()
        ],
        "origins_left_out": tally.origins_left_out,
        "sources": [
            {
                "name": source.name,
                "error": source.error,
                "quality": QualityEntry.of(source.quality),
                "first": source.first,
                "last": source.last,
                "snapshots": source.snapshots,
            }
            for source in map(without_secrets, sources)
        ],
        "registry_sources": list(registry),
    }
    return dumped(data)


def _peer(peer: DumpPeer) -> dict[str, object]:
    return {"address": str(peer.peer.address), "asn": peer.peer.asn, "sent": peer.sent}
