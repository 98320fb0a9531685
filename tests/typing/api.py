"""The public API as type checkers see it: checked, never run."""

from __future__ import annotations

import ipaddress
from typing import assert_type

import netaddr

import peerlint
from peerlint.results import Matrix, PrefixResult

inventory = peerlint.load_inventory("peering.toml")
assert_type(inventory, peerlint.Inventory)

report = peerlint.check(inventory, ribs=["edge1.ams=edge1.mrt.gz"], strict=True)
assert_type(report, peerlint.Report)
assert_type(report.ok, bool)
assert_type(report.findings, tuple[peerlint.Finding, ...])
assert_type(report.prefix("203.0.113.0/24"), PrefixResult)
assert_type(report.prefix("203.0.113.0/24").state, peerlint.State)
assert_type(report.matrix(), Matrix)

route = peerlint.Route.parse("203.0.113.0/24", path="64500 64501", communities="8075:8007")
assert_type(route, peerlint.Route)
findings = peerlint.check_route(
    route, profile="maps", view="received", asn=64500, allow={"documentation"}
)
assert_type(findings, tuple[peerlint.Finding, ...])

scan = peerlint.scan("rib.bz2", prefixes=["203.0.113.0/24", peerlint.Prefix(4, 0, 0)])
assert_type(scan, peerlint.Scan)
for batch in scan:
    assert_type(batch, peerlint.RouteBatch)
    assert_type(batch.routes(batch.origin == 64501), list[peerlint.Route])
assert_type(scan.quality, peerlint.Quality)

facts = peerlint.facts(route, peerlint.Viewpoint(peerlint.View.RECEIVED), peerlint.Criteria())
assert_type(facts, peerlint.Fact)

imported = peerlint.import_azure(peerlint.load_azure(["peerings.json"]), "peering.toml", keys=False)
assert_type(imported, peerlint.Imported)
assert_type(imported.inventory, peerlint.Inventory)
assert_type(imported.remarks, tuple[str, ...])

assert_type(peerlint.render_report(report, "sarif", lines=peerlint.load_inventory_lines("p")), str)
before, after = peerlint.load_report("before.json"), peerlint.load_report("after.json")
assert_type(peerlint.compare_reports(before, after), peerlint.Difference)
assert_type(
    peerlint.check_without(inventory, ["router=edge1"]), tuple[peerlint.Report, peerlint.WhatIf]
)
assert_type(peerlint.scan_all(["rib.bz2"], profile="maps").tally, peerlint.Tally)
assert_type(peerlint.list_keys(inventory), tuple[peerlint.KeyEntry, ...])
assert_type(peerlint.load_profile("maps"), peerlint.Profile)

network = ipaddress.ip_network("203.0.113.0/24")
prefix = peerlint.Prefix.parse(network)
assert_type(prefix, peerlint.Prefix)
assert_type(prefix.to_ipaddress(), ipaddress.IPv4Network | ipaddress.IPv6Network)
assert_type(prefix.to_netaddr(), netaddr.IPNetwork)
assert_type(peerlint.Route.parse(prefix.to_netaddr(), path="64500"), peerlint.Route)
assert_type(
    peerlint.check(inventory, routes={"ams-1": [route]}, view="sent", coverage="partial"),
    peerlint.Report,
)
assert_type(peerlint.check_prefix(network), tuple[peerlint.Finding, ...])
assert_type(peerlint.check_path("64500"), tuple[peerlint.Finding, ...])
assert_type(peerlint.check_communities(["8075:8007"]), tuple[peerlint.Finding, ...])
assert_type(peerlint.check_service_prefix(network, [route]), tuple[peerlint.Finding, ...])
