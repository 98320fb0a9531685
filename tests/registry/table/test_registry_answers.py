"""What a registry says of AS numbers and prefixes, and as of when."""

from __future__ import annotations

from io import BytesIO

import pytest

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.registry import (
    AutNum,
    OriginRoutes,
    OriginValidator,
    Registry,
    RegistryInputs,
    RouteObject,
    RouteObjectState,
    SourceInfo,
    SourceKind,
    aut_num_columns,
    route_columns,
)
from peerlint.registry.delegated import Delegation, DelegationStatus, read_delegated
from peerlint.registry.peeringdb import (
    Contact,
    Facility,
    Network,
    PeeringDbFile,
    RecordKind,
    read_peeringdb,
)
from peerlint.registry.skips import Skips

HOUR = 3_600_000_000
IRR = SourceInfo(SourceKind.IRR, "RADB", HOUR, 6)


def route(text: str, source: str = "RADB", modified: int | None = None) -> RouteObject:
    """Return a route object of text such as `203.0.113.0/24 64500`."""
    prefix, origin = text.split()
    return RouteObject(Prefix.parse(prefix), int(origin), source, modified, source != "RPKI")


ROUTES = (
    route("203.0.113.0/24 64500", "RADB", 100),
    route("203.0.113.0/24 64500", "RIPE", 200),
    route("203.0.113.0/24 64501", "RADB"),
    route("203.0.112.0/23 64500", "RADB", 300),
    route("203.0.0.0/16 64502", "RPKI"),
    route("2001:db8::/32 64500", "RIPE", 50),
)
AUT_NUMS = (AutNum(64500, "RIPE", 10), AutNum(64500, "ARIN"), AutNum(64503, "RADB", 20))


@pytest.fixture(name="registry")
def _registry() -> Registry:
    parts = (route_columns(ROUTES[:2]), route_columns(ROUTES[2:]))
    return Registry.of(RegistryInputs(2 * HOUR, (IRR,), parts, (aut_num_columns(AUT_NUMS),)))


def test_an_origin_by_source(registry: Registry) -> None:
    """Each aut-num object is named, and how many route objects each registry has."""
    records = registry.origin("AS64500")

    assert (AutNum(64500, "ARIN"), AutNum(64500, "RIPE", 10)) == records.aut_nums
    assert (OriginRoutes("RADB", 2, 300), OriginRoutes("RIPE", 2, 200)) == records.routes
    assert [None, 10] == [each.modified for each in records.aut_nums]
    assert 0 == records.vrps


def test_an_origin_that_only_a_mirror_knows(registry: Registry) -> None:
    """Route objects that a mirror made from ROAs are told apart from those of registries."""
    records = registry.origin(64502)

    assert ((), [("RPKI", False)]) == (
        records.aut_nums,
        [(each.source, each.is_route_object) for each in records.routes],
    )


def test_an_origin_that_nobody_knows(registry: Registry) -> None:
    """An AS number without any records has empty ones."""
    records = registry.origin(64510)

    assert ((), (), 0) == (records.aut_nums, records.routes, records.vrps)


def test_routes_of_a_prefix(registry: Registry) -> None:
    """The objects of the prefix come first, then those of covering prefixes."""
    found = registry.routes("203.0.113.0/24")

    assert [
        ("203.0.113.0/24AS64500", "RADB", 100),
        ("203.0.113.0/24AS64500", "RIPE", 200),
        ("203.0.113.0/24AS64501", "RADB", None),
        ("203.0.112.0/23AS64500", "RADB", 300),
        ("203.0.0.0/16AS64502", "RPKI", None),
    ] == [(each.key, each.source, each.modified) for each in found]
    assert [True, True, True, True, False] == [each.is_route_object for each in found]


def test_routes_of_an_origin(registry: Registry) -> None:
    """The objects of an origin have both families; a limit counts for each."""
    found = registry.routes_of(64500)

    assert [
        ("route", "203.0.112.0/23"),
        ("route", "203.0.113.0/24"),
        ("route", "203.0.113.0/24"),
        ("route6", "2001:db8::/32"),
    ] == sorted((each.object_class, str(each.prefix)) for each in found)
    assert 2 == len(registry.routes_of(64500, limit=1))


@pytest.mark.parametrize(
    ("prefix", "origin", "state"),
    [
        ("203.0.113.0/24", 64500, RouteObjectState.EXACT),
        ("203.0.113.0/24", 64502, RouteObjectState.COVERING),
        ("203.0.113.0/25", 64500, RouteObjectState.COVERING),
        ("203.0.113.0/24", 64503, RouteObjectState.OTHER_ORIGIN),
        ("203.0.113.0/24", None, RouteObjectState.OTHER_ORIGIN),
        ("198.51.100.0/24", 64500, RouteObjectState.NOT_FOUND),
        ("2001:db8::/32", 64500, RouteObjectState.EXACT),
    ],
)
def test_route_objects_of_a_route(
    registry: Registry, prefix: str, origin: int | None, state: RouteObjectState
) -> None:
    """A route has the state of its row."""
    assert [state] == registry.judge_route_objects([prefix], [origin]).tolist()


def test_without_irrs_nothing_is_known() -> None:
    """A registry without any IRR says that it does not know."""
    registry = Registry.of(RegistryInputs(0))

    assert [RouteObjectState.UNKNOWN] == registry.judge_route_objects(
        ["203.0.113.0/24"], [64500]
    ).tolist()


@pytest.mark.parametrize(
    ("registries", "expected"),
    [
        (["RADB"], [True, True, False, True, False]),
        (["RIPE"], [True, False, False, False, False]),
        (["RPKI"], [False, False, True, False, False]),
        (["ARIN", "RPKI"], [True, False, True, False, False]),
        ([], [False, False, False, False, False]),
        (["NTTCOM"], [False, False, False, False, False]),
    ],
)
def test_registered_origins(
    registry: Registry, registries: list[str], expected: list[bool]
) -> None:
    """An origin is registered if an aut-num or a route object of one of the registries has it."""
    found = registry.are_registered([64500, 64501, 64502, 64503, None], registries)

    assert expected == found.tolist()


def test_the_age_of_a_source(registry: Registry) -> None:
    """A source is as old as its data; without a time its age is unknown."""
    (source,) = registry.sources

    assert HOUR == source.age(registry.now)
    assert SourceInfo(SourceKind.IRR, "RIPE", None, 0).age(registry.now) is None


def test_the_newest_of_equal_objects_is_kept() -> None:
    """An object that is in two dumps is one, with the later time."""
    parts = tuple(
        route_columns([route("203.0.113.0/24 64500", "RADB", modified)])
        for modified in (5, 7, None)
    )

    registry = Registry.of(RegistryInputs(0, (IRR,), parts))

    assert [7] == [each.modified for each in registry.routes("203.0.113.0/24")]
    assert (1,) == tuple(each.count for each in registry.origin(64500).routes)


def test_a_registry_is_what_rules_ask_for(registry: Registry) -> None:
    """A registry has the interface of origin validation."""
    assert isinstance(registry, OriginValidator)


@pytest.mark.parametrize("asn", ["ASx", -1, 1 << 32])
def test_wrong_as_numbers(registry: Registry, asn: int | str) -> None:
    """An argument that is no AS number is an `InputError`."""
    with pytest.raises(InputError):
        registry.origin(asn)


def test_delegations_of_a_number_and_of_prefixes() -> None:
    """What RIRs say is told of AS numbers, of IPv4 and of IPv6, each block once."""
    found = read_delegated(
        BytesIO(
            b"2|ripencc|20261130|4|19700101|20261130|+0000\n"
            b"ripencc|NL|asn|64500|2|20200101|allocated|x\n"
            b"ripencc||asn|64510|1||reserved|\n"
            b"ripencc|NL|ipv4|203.0.113.0|128|20200101|assigned|x\n"
            b"ripencc|DE|ipv6|2001:db8::|32|20200101|allocated|x\n"
        ),
        "delegated",
    )
    registry = Registry.of(RegistryInputs(0, delegations=(found,) * 2))

    day = 1_577_836_800
    allocated, assigned = DelegationStatus.ALLOCATED, DelegationStatus.ASSIGNED
    assert (Delegation("RIPE", allocated, "NL", day),) == registry.origin(64501).delegations
    assert (Delegation("RIPE", DelegationStatus.RESERVED, "", None),) == (
        registry.origin(64510).delegations
    )
    assert () == registry.origin(64502).delegations
    assert (Delegation("RIPE", allocated, "NL", day),) == registry.delegations("AS64501")
    assert (Delegation("RIPE", assigned, "NL", day),) == registry.holder("203.0.113.0/24")
    assert () == registry.holder("203.0.113.128/25")
    assert (Delegation("RIPE", allocated, "DE", day),) == registry.holder("2001:db8::/48")


def test_records_of_peeringdb() -> None:
    """The network of an AS number, and Microsoft's facilities, are found again."""
    microsoft, contoso = Network(694, 8075, "Microsoft", "", 5), Network(9, 64500, "Ü", "", None)
    facility, contact = Facility(1, "DC", "Zürich", "CH"), Contact("NOC", "noc.example", True)  # noqa: FBT003  # as in the class
    file = PeeringDbFile(
        "dump", (microsoft, contoso), (facility,), ((694, 1), (9, 1), (9, 2)), ((9, contact),),
        frozenset(RecordKind), None, None, Skips(),
    )  # fmt: skip

    registry = Registry.of(RegistryInputs(0, peeringdb=(file,)))

    assert contoso == registry.origin(64500).peeringdb
    assert registry.origin(64501).peeringdb is None
    assert contoso == registry.network("AS64500")
    assert facility == registry.facility(1)
    assert registry.facility(2) is None
    assert (facility,) == registry.facilities(8075)
    assert (facility, Facility(2, "", "", "")) == registry.facilities(64500)
    assert () == registry.facilities(64501)
    assert (contact,) == registry.contacts(64500)
    assert () == registry.contacts(8075)


def test_without_records_of_a_kind_nothing_is_known() -> None:
    """Without links of networks with facilities, or contacts, it is not known which there are."""
    networks = read_peeringdb(
        BytesIO(b'{"net": {"data": [{"id": 9, "asn": 64500, "name": "Contoso", "status": "ok"}]}}'),
        "net.json",
    )
    for inputs in (RegistryInputs(0), RegistryInputs(0, peeringdb=(networks,))):
        registry = Registry.of(inputs)

        assert registry.facilities(8075) is None
        assert registry.contacts(64500) is None
