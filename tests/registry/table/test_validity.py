"""The validity of routes (RFC 6811), case by case."""

from __future__ import annotations

import pytest

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.registry import (
    OriginState,
    Registry,
    RegistryInputs,
    SourceInfo,
    SourceKind,
    ValidityReason,
    Vrp,
    vrp_columns,
)

NOW = 1_700_000_000_000_000
SECOND = 1_700_000_000
VRPS = SourceInfo(SourceKind.VRPS, "vrps.json", NOW, 1)
VALID, INVALID, NOT_FOUND = OriginState.VALID, OriginState.INVALID, OriginState.NOT_FOUND


def vrp(text: str) -> Vrp:
    """Return a VRP of text such as `203.0.113.0/24-25 64500 expires=5`."""
    block, asn, *rest = text.split()
    prefix, _, max_length = block.partition("-")
    value = Prefix.parse(prefix)
    expires = int(rest[0].removeprefix("expires=")) if rest else None
    return Vrp(value, int(max_length or value.length), int(asn), "RIPE", expires)


def registry_of(*texts: str, now: int = 0) -> Registry:
    """Return a registry with some VRPs (see `vrp`), at `NOW`."""
    columns = vrp_columns(vrp(each) for each in texts)
    return Registry.of(RegistryInputs(now, (VRPS,), vrps=(columns,))).at(NOW)


@pytest.mark.parametrize(
    ("vrps", "prefix", "origin", "state", "reason"),
    [
        # RFC 6811 section 2, the three states
        (["203.0.113.0/24 64500"], "203.0.113.0/24", 64500, VALID, "matched"),
        (["203.0.113.0/24 64500"], "203.0.113.0/24", 64501, INVALID, "as"),
        (["203.0.113.0/24 64500"], "198.51.100.0/24", 64500, NOT_FOUND, "no-vrp"),
        ([], "203.0.113.0/24", 64500, NOT_FOUND, "no-vrp"),
        # a VRP that is more specific than the route does not cover it
        (["203.0.113.0/25 64500"], "203.0.113.0/24", 64500, NOT_FOUND, "no-vrp"),
        (["203.0.113.0/24 64500"], "203.0.112.0/23", 64501, NOT_FOUND, "no-vrp"),
        # maximum lengths
        (["203.0.113.0/24-24 64500"], "203.0.113.0/25", 64500, INVALID, "length"),
        (["203.0.113.0/24-25 64500"], "203.0.113.128/25", 64500, VALID, "matched"),
        (["203.0.113.0/24-25 64500"], "203.0.113.64/26", 64500, INVALID, "length"),
        (["203.0.113.0/24-32 64500"], "203.0.113.7/32", 64500, VALID, "matched"),
        # a VRP of a covering prefix decides too, and one match is enough
        (["203.0.112.0/23-24 64500", "203.0.113.0/24 64501"], "203.0.113.0/24", 64500, VALID,
         "matched"),
        (["203.0.112.0/23-23 64500", "203.0.113.0/24 64501"], "203.0.113.0/24", 64500, INVALID,
         "length"),
        (["203.0.112.0/22 64502", "203.0.112.0/23 64503"], "203.0.113.0/24", 64500, INVALID, "as"),
        (["0.0.0.0/0-32 64500"], "203.0.113.0/24", 64500, VALID, "matched"),
        # a sibling between the two does not hide the covering prefix
        (["203.0.112.0/22-24 64500", "203.0.112.0/24 64501"], "203.0.113.0/24", 64500, VALID,
         "matched"),
        # AS 0 matches no route, not even one whose origin is AS 0 (RFC 6483 section 4, RFC 7607)
        (["203.0.113.0/24 0"], "203.0.113.0/24", 64500, INVALID, "as0"),
        (["203.0.113.0/24 0"], "203.0.113.0/24", 0, INVALID, "as0"),
        (["203.0.113.0/24 0", "203.0.113.0/24 64500"], "203.0.113.0/24", 64500, VALID, "matched"),
        (["203.0.112.0/23 0", "203.0.113.0/24 64501"], "203.0.113.0/24", 64500, INVALID, "as"),
        # a route without an origin is never valid
        (["203.0.113.0/24 64500"], "203.0.113.0/24", None, INVALID, "no-origin"),
        (["203.0.113.0/24 0"], "203.0.113.0/24", None, INVALID, "no-origin"),
        (["203.0.113.0/24 64500"], "198.51.100.0/24", None, NOT_FOUND, "no-vrp"),
        # the largest AS number
        (["203.0.113.0/24 4294967295"], "203.0.113.0/24", 4294967295, VALID, "matched"),
        (["203.0.113.0/24 4294967295"], "203.0.113.0/24", None, INVALID, "no-origin"),
        # expiry: the VRP counts until its last second
        ([f"203.0.113.0/24 64500 expires={SECOND}"], "203.0.113.0/24", 64500, VALID, "matched"),
        ([f"203.0.113.0/24 64500 expires={SECOND - 1}"], "203.0.113.0/24", 64500, NOT_FOUND,
         "no-vrp"),
        ([f"203.0.112.0/23-24 64500 expires={SECOND - 1}", "203.0.113.0/24 64501"],
         "203.0.113.0/24", 64500, INVALID, "as"),
        # a time that does not fit into 32 bits is far away
        (["203.0.113.0/24 64500 expires=9999999999"], "203.0.113.0/24", 64500, VALID, "matched"),
        # IPv6
        (["2001:db8::/32-48 64500"], "2001:db8:1::/48", 64500, VALID, "matched"),
        (["2001:db8::/32-48 64500"], "2001:db8:1::/49", 64500, INVALID, "length"),
        (["2001:db8::/64 64500"], "2001:db8::/64", 64501, INVALID, "as"),
        (["2001:db8::/65 64500"], "2001:db8:0:0:8000::/65", 64500, NOT_FOUND, "no-vrp"),
        (["2001:db8::/64-128 64500"], "2001:db8::ffff/128", 64500, VALID, "matched"),
        (["::/0-128 64500"], "2001:db8::/32", 64500, VALID, "matched"),
        # the families do not mix
        (["::/0-128 64500"], "203.0.113.0/24", 64500, NOT_FOUND, "no-vrp"),
        (["0.0.0.0/0-32 64500"], "2001:db8::/32", 64500, NOT_FOUND, "no-vrp"),
    ],
)  # fmt: skip
def test_validity(
    vrps: list[str], prefix: str, origin: int | None, state: OriginState, reason: str
) -> None:
    """A route has the state and the reason of its row, alone and as a row of a column."""
    registry = registry_of(*vrps)

    validity = registry.validity(prefix, origin)

    assert (state, ValidityReason(reason)) == (validity.state, validity.reason)
    assert [state] == registry.judge([prefix], [origin]).tolist()


def test_without_vrps_nothing_is_known() -> None:
    """A registry without any source of VRPs says that it does not know."""
    registry = Registry.of(RegistryInputs(0))

    validity = registry.validity("203.0.113.0/24", 64500)

    assert (OriginState.UNKNOWN, ValidityReason.NO_DATA) == (validity.state, validity.reason)
    assert [OriginState.UNKNOWN] == registry.judge(["203.0.113.0/24"], [64500]).tolist()
    assert "There are no VRPs" == validity.description


def test_vrps_expire_while_the_registry_is_in_use() -> None:
    """The same registry, asked later, no longer counts a VRP that has expired since."""
    registry = registry_of(f"203.0.113.0/24 64500 expires={SECOND}")

    later = registry.at(NOW + 1)

    assert [VALID] == registry.judge(["203.0.113.0/24"], [64500]).tolist()
    assert [NOT_FOUND] == later.judge(["203.0.113.0/24"], [64500]).tolist()
    assert () == later.vrps("203.0.113.0/24")
    assert (1, 0) == (registry.origin(64500).vrps, later.origin(64500).vrps)


def test_vrps_that_have_expired_are_left_out_of_the_file() -> None:
    """What has expired at the time of the build does not come back at an earlier time."""
    registry = registry_of(
        "203.0.113.0/24 64500 expires=9", "203.0.113.0/24 64501 expires=10", now=10_000_000
    )

    assert [64501] == [each.asn for each in registry.at(0).vrps("203.0.113.0/24")]


def test_the_same_vrp_twice_is_one_and_expires_with_the_last() -> None:
    """Of two VRPs that differ in their expiry alone, the one that lasts longer is kept."""
    registry = registry_of(
        "203.0.113.0/24 64500 expires=1800000000",
        "203.0.113.0/24 64500",
        "203.0.113.0/24 64501 expires=1800000000",
        "203.0.113.0/24 64501 expires=1900000000",
    )

    found = registry.vrps("203.0.113.0/24")

    assert [(64500, None), (64501, 1900000000)] == [(each.asn, each.expires) for each in found]


def test_validity_names_the_vrps_that_decide() -> None:
    """VRPs that match, that are for another AS, and that are too short are told apart."""
    registry = registry_of(
        "203.0.112.0/22-23 64500", "203.0.112.0/23-24 64500", "203.0.113.0/24 64501"
    )

    validity = registry.validity("203.0.113.0/24", "AS64500")

    assert ["203.0.112.0/23-24 AS64500 (RIPE)"] == [str(each) for each in validity.matched]
    assert ["203.0.113.0/24-24 AS64501 (RIPE)"] == [str(each) for each in validity.unmatched_as]
    assert ["203.0.112.0/22-23 AS64500 (RIPE)"] == [str(each) for each in validity.unmatched_length]


def test_json_of_an_invalid_route() -> None:
    """The JSON has the members of Routinator's validity API, maximum lengths as strings."""
    validity = registry_of("203.0.113.0/24-24 64500").validity("203.0.113.0/25", 64500)

    assert {
        "validated_route": {
            "route": {"origin_asn": "AS64500", "prefix": "203.0.113.0/25"},
            "validity": {
                "state": "invalid",
                "reason": "length",
                "description": "The prefix is longer than the VRPs for this origin allow",
                "VRPs": {
                    "matched": [],
                    "unmatched_as": [],
                    "unmatched_length": [
                        {"asn": "AS64500", "prefix": "203.0.113.0/24", "max_length": "24"}
                    ],
                },
            },
        },
        "generatedTime": "2023-11-14T22:13:20Z",
    } == validity.to_json()


@pytest.mark.parametrize(
    ("prefix", "origin", "state", "reason"),
    [
        ("203.0.113.0/24", 64500, "valid", None),
        ("198.51.100.0/24", 64500, "not-found", None),
        ("203.0.113.0/24", 64501, "invalid", "as"),
        ("203.0.113.0/24", None, "invalid", "as"),
        ("192.0.2.0/24", 64501, "invalid", "as"),
    ],
)
def test_json_of_the_states(
    prefix: str, origin: int | None, state: str, reason: str | None
) -> None:
    """States and reasons are words of Routinator; a route that is not invalid has no reason."""
    registry = registry_of("203.0.113.0/24 64500", "192.0.2.0/24 0")

    route = registry.validity(prefix, origin).to_json()["validated_route"]

    assert isinstance(route, dict)
    assert (state, reason) == (route["validity"]["state"], route["validity"].get("reason"))
    assert (None if origin is None else f"AS{origin}") == route["route"]["origin_asn"]


@pytest.mark.parametrize(("prefix", "asn"), [("203.0.113.0", 1), ("203.0.113.0/24", "ASx")])
def test_wrong_arguments(prefix: str, asn: int | str) -> None:
    """An argument that is no prefix or no AS number is an `InputError`."""
    with pytest.raises(InputError):
        registry_of().validity(prefix, asn)
