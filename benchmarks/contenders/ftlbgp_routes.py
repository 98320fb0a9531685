"""ftlbgp, asked for prefix, AS path and communities."""

from ftlbgp import BgpParser

LABEL = "ftlbgp 1.0.5: prefix, path, communities"


def run(path: str) -> int:
    """Count the routes of a dump."""
    wanted = (
        BgpParser.bgp.route.prefix | BgpParser.bgp.route.aspath | BgpParser.bgp.route.communities
    )
    with BgpParser(
        named_records=False, bgp_records=BgpParser.bgp.records.route, bgp_route=wanted
    ) as parse:
        return sum(1 for _ in parse(path))
