"""The case of a metro's name does not matter in any rule about locations."""

from __future__ import annotations

from typing import Final

import attrs
import pytest

from peerlint.errors import InputError
from peerlint.inventory import Metro, metro, site
from peerlint.inventory.failures import without
from peerlint.report.sentence import sentence
from peerlint.results import Outcome, what_if
from peerlint.testing.notation import evaluate, scenario

#: Two peerings of one AS whose metro is spelled in two ways.
TWO: Final = (
    "peering contoso-ams {profile} 64500 Amsterdam\nsession ams-1 edge1.ams\n"
    "peering contoso-2 {profile} 64500 {metro}\nsession ams-2 edge2.ams\n"
)
TAG: Final = "community 8075:8007"
HEAD: Final = "registered 203.0.113.0/24\n"
ACTIVATED: Final = "service contoso-maps primary={} backup={}\nservice-prefix 203.0.113.0/24\n"
ANNOUNCED: Final = "ams-1 203.0.113.0/24 path 64500\nams-2 203.0.113.0/24 path 64500"


@pytest.mark.parametrize(
    ("rule", "text", "same", "other"),
    [
        # the number of failures if the second metro is amsterdam, and if it is another one
        ("topology.local-redundancy", "", 0, 2),
        ("topology.router-diversity", "connection ams-2 router=edge1.ams", 2, 0),
        ("topology.backup-not-local", "connection ams-2 role=backup", 2, 0),
        ("topology.geo-redundancy", "", 1, 1),  # the region of the other one is not known
        (
            "topology.bandwidth-equal",
            "connection ams-2 bandwidth=10G provisioned_bandwidth=10G\n"
            f"{ACTIVATED.format('AMSTERDAM', 'Paris')}",
            4,  # ordered and provisioned, of both peerings
            0,
        ),
        (
            "activation.primary-sessions",
            ACTIVATED.format("amsterdam", "Paris"),
            0,
            1,
        ),
        (
            "activation.backup-sessions",
            ACTIVATED.format("Paris", "AMSTERDAM"),
            0,
            0,
        ),
        (
            "activation.location-alignment",
            f"{ACTIVATED.format('amsterdam', 'AMSTERDAM')}{ANNOUNCED}",
            0,
            0,
        ),
        ("activation.backup-same-location", ACTIVATED.format("Amsterdam", "amsterdam"), 1, 1),
        (
            "activation.provider",
            f"provider Contoso AMSTERDAM\n{ACTIVATED.format('amsterdam', 'Amsterdam')}",
            0,
            0,
        ),
        ("route.inconsistent-locations", f"{HEAD}ams-1 203.0.113.0/24 path 64500", 0, 1),
        (
            "route.asymmetric-local",
            f"{HEAD}ams-1 203.0.113.0/24 path 64500 {TAG}\n"
            f"ams-2 203.0.113.0/24 path 64500 64501 {TAG}",
            1,
            0,
        ),
    ],
)
def test_one_metro(rule: str, text: str, same: int, other: int) -> None:
    """Amsterdam and amsterdam are one metro, Amsterdam and Frankfurt are two."""

    def failures(where: str) -> int:
        report = evaluate(TWO.format(profile="maps", metro=where) + text)
        return sum(each.outcome is Outcome.FAIL for each in report.findings if each.rule == rule)

    assert (same, other) == (failures("amsterdam"), failures("Frankfurt"))


def test_geo_redundancy_counts_each_metro_once() -> None:
    """Two spellings are one metro, and two spellings of a region are one region."""
    regions = "peering contoso-ams geo_region=Europe\npeering contoso-2 geo_region=EUROPE"

    def failed(where: str) -> list[str]:
        report = evaluate(TWO.format(profile="maps", metro=where) + regions)
        return [
            sentence(each) for each in report.failed() if each.rule == "topology.geo-redundancy"
        ]

    assert ["found AS64500 in Amsterdam, wanted at least two metros"] == failed("amsterdam")
    assert [] == failed("Frankfurt")


@pytest.mark.parametrize(("where", "expected"), [("AMSTERDAM", set()), ("Paris", {"ams-2"})])
def test_connections_of_a_peering_are_in_its_metro(where: str, expected: set[str]) -> None:
    """`topology.metro-selected` ignores the case of letters too."""
    report = evaluate(f"peering contoso-ams profile=direct\nconnection ams-2 location={where}")

    found = {sentence(each) for each in report.failed() if each.rule == "topology.metro-selected"}
    assert expected == {message.split()[1] for message in found}


def test_a_connection_may_have_its_own_metro() -> None:
    """Routes are compared within the connection's metro, not within its peering's."""
    text = (
        f"connection ams-2 location=Frankfurt\n{HEAD}ams-1 203.0.113.0/24 path 64500 {TAG}\n"
        f"ams-2 203.0.113.0/24 path 64500 64501 {TAG}"
    )
    report = evaluate(text)

    assert "route.asymmetric-local" not in {each.rule for each in report.failed()}
    assert ["Amsterdam", "Frankfurt"] == [each.location for each in report.matrix().sessions]


def test_a_metro_fails_as_a_whole() -> None:
    """`--without location=` accepts any spelling, and applies to every spelling."""
    full = scenario(TWO.format(profile="maps", metro="amsterdam") + HEAD + ANNOUNCED)
    left = without(full.inventory, ["location=AMSTERDAM"])

    assert [0, 0] == [len(each.connections) for each in left.peerings]
    with pytest.raises(InputError, match="a location of the inventory: Amsterdam"):
        without(full.inventory, ["location=Paris"])


def test_a_lost_metro_has_one_name() -> None:
    """Two sessions in one metro are redundant to each other, however it is spelled."""
    text = (
        "connection ams-2 location=amsterdam\n"
        f"{HEAD}ams-1 203.0.113.0/24 path 64500 {TAG}\nams-2 203.0.113.0/24 path 64500 {TAG}"
    )
    full = scenario(text)
    left = attrs.evolve(full, inventory=without(full.inventory, ["connection=ams-2"]))

    (loss,) = what_if(full.evaluate(), left.evaluate(), ("connection=ams-2",)).losses

    assert (("Amsterdam",), (), None) == (loss.local, loss.left, loss.last_location)


def test_metros_without_a_name() -> None:
    """A peering without a metro counts as a location of its own."""
    (peering,) = scenario("peering contoso-ams location=").inventory.peerings
    first, _ = peering.connections

    assert (None, Metro("CONTOSO-AMS")) == (metro(peering, first), site(peering, first))
    assert "Amsterdam" == str(Metro("Amsterdam"))
