"""Hypothesis strategies for inventories; they need `pip install peerlint[test]`."""
# ruff: noqa: D417  # Hypothesis passes `draw`, callers do not

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final, TypeVar

from hypothesis import strategies as st

from peerlint.inventory import (
    Connection,
    Contact,
    Inventory,
    Key,
    PeerAsn,
    Peering,
    PeeringService,
    Provider,
    RegisteredAsn,
    RegisteredPrefix,
    ServicePrefix,
    Session,
)
from peerlint.model import Asn
from peerlint.testing.strategies import asns, prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import DrawFn, SearchStrategy

_Value = TypeVar("_Value")
_SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000000"
_STATES: Final = ("None", "Pending", "Verified", "Failed", "Succeeded", "Active", "Quarantined")
_PROFILES: Final = {"Voice": "voice", "IxRs": "route-server"}


def _maybe(strategy: SearchStrategy[_Value]) -> SearchStrategy[_Value | None]:
    return st.one_of(st.none(), strategy)


def words() -> SearchStrategy[str]:
    """Return strings that are difficult to write into a file, without blanks at the ends."""
    inner = st.text("ab \"'\\#=[]{}\n\t\x7f\u00e4\u4e2d\u2028\U0001f600", max_size=6)
    return st.builds("{}{}{}".format, st.sampled_from("a'\"#"), inner, st.sampled_from("b'\"\\"))


def names() -> SearchStrategy[str]:
    """Return names as Azure allows them."""
    inner = st.text("abz0129_.-", max_size=6)
    return st.builds("{}{}{}".format, st.sampled_from("acx"), inner, st.sampled_from("ab19"))


def _keys() -> SearchStrategy[Key]:
    return st.uuids().map(lambda uuid: Key(str(uuid)))


def _states() -> SearchStrategy[str | None]:
    return _maybe(st.sampled_from(_STATES))


@st.composite
def azure_inventories(draw: DrawFn, number: int = 0) -> Inventory:
    """Return inventories with the values that Azure knows, named as a first import names them.

    Args:
        number: a number for the inventory; those with different numbers share no addresses.
    """
    peer_asns = draw(
        st.lists(_peer_asns(), min_size=1, max_size=3, unique_by=lambda each: each.name)
    )
    named = draw(st.lists(names(), max_size=2, unique=True))
    addresses = iter(range(1000 * number, 1000 * number + 1000, 2))
    return Inventory(
        peerings=tuple(draw(_peerings(name, peer_asns, addresses)) for name in named),
        peer_asns=tuple(peer_asns),
        peering_services=tuple(draw(st.lists(_services(), max_size=2, unique_by=_folded_name))),
        providers=tuple(draw(st.lists(_providers(), max_size=2, unique_by=_folded_name))),
    )


def _folded_name(value: PeeringService | Provider | RegisteredAsn) -> str:
    return str(value.name).casefold()


def _asn_of(value: RegisteredAsn) -> Asn:
    return value.asn


@st.composite
def _peerings(
    draw: DrawFn, name: str, peer_asns: list[PeerAsn], addresses: Iterable[int]
) -> Peering:
    peer_asn = draw(st.sampled_from(peer_asns))
    network = draw(st.sampled_from(("Edge", "Voice", "IxRs", "Internal")))
    kind = draw(st.sampled_from(("Direct", "Exchange")))
    is_direct = kind == "Direct"
    count = draw(st.integers(0, 3))
    connections = [
        draw(_connections(f"{name}-{number}", addresses, is_direct=is_direct))
        for number in range(1, count + 1)
    ]
    serves = is_direct and any(each.peering_service for each in connections)
    guess = _PROFILES.get(network, "maps" if serves else "direct") if is_direct else "direct"
    serves_members = guess == "route-server"
    return Peering(
        name,
        guess,
        peer_asn.asn,
        draw(_maybe(words())),
        draw(_maybe(st.sampled_from(("Premium_Direct_Free", "Basic_Direct_Free")))),
        connections=tuple(connections),
        registered_prefixes=tuple(
            draw(
                st.lists(
                    _registered_prefixes(), max_size=0 if serves_members else 3, unique_by=_UNIQUE
                )
            )
        ),
        registered_asns=tuple(
            draw(
                st.lists(
                    _registered_asns(),
                    max_size=2 if serves_members else 0,
                    unique_by=(_asn_of, _folded_name),
                )
            )
        ),
        kind=kind,
        network=network if is_direct else None,
        provisioning_state=draw(_states()),
        subscription=_SUBSCRIPTION,
        resource_group="net",
        peer_asn=peer_asn.name,
    )


@st.composite
def _connections(
    draw: DrawFn, name: str, addresses: Iterable[int], *, is_direct: bool
) -> Connection:
    sizes = _maybe(st.sampled_from((1, 500, 1_000, 10_000, 100_000)))
    only_direct = sizes if is_direct else st.none()
    return Connection(
        name,
        bandwidth=draw(only_direct),
        state=draw(_states()),
        sessions=tuple(draw(_sessions(addresses))),
        provisioned_bandwidth=draw(only_direct),
        address_provider=draw(_maybe(st.sampled_from(("Microsoft", "Peer"))))
        if is_direct
        else None,
        peering_service=draw(_maybe(st.booleans())) if is_direct else None,
        facility=draw(_maybe(st.integers(0, 99999))),
        identifier=draw(st.uuids().map(str)),
        error=draw(_maybe(words())),
    )


@st.composite
def _sessions(draw: DrawFn, addresses: Iterable[int]) -> list[Session]:
    found: list[Session] = []
    families = draw(st.sampled_from(((), (4,), (6,), (4, 6))))
    md5_set = draw(st.sampled_from((None, True)))
    for family in families:
        number = next(iter(addresses))
        first = (
            IPv4Address("198.18.0.0") + number
            if family == 4
            else IPv6Address("2001:db8::") + number
        )
        found.append(
            Session(
                first + 1,
                first,
                state=draw(st.sampled_from(("None", "Established", "Idle"))),
                prefix=draw(_maybe(st.just(f"{first}/31" if family == 4 else f"{first}/127"))),
                max_advertised=draw(_maybe(st.integers(1, 20_000))),
                md5_set=md5_set,
            )
        )
    return found


def _prefix_texts() -> SearchStrategy[str]:
    """Return prefixes as a person may enter them in the portal."""
    return st.one_of(prefixes().map(str), st.sampled_from(("203.0.113.1/24", "198.18.0.0", "sbc")))


def _prefix_of(value: RegisteredPrefix | ServicePrefix) -> object:
    return value.parsed or value.prefix


def _resource_of(value: RegisteredPrefix | ServicePrefix) -> str | None:
    return value.name


#: Names of resources are unique, and a prefix has one resource.
_UNIQUE: Final = (_prefix_of, _resource_of)


@st.composite
def _registered_prefixes(draw: DrawFn) -> RegisteredPrefix:
    return RegisteredPrefix(
        draw(_prefix_texts()),
        draw(names()),
        key=draw(_maybe(_keys())),
        state=draw(_states()),
        error=draw(_maybe(words())),
        provisioning_state=draw(_states()),
    )


@st.composite
def _registered_asns(draw: DrawFn) -> RegisteredAsn:
    return RegisteredAsn(Asn(draw(asns())), draw(names()), draw(_maybe(_keys())), draw(_states()))


@st.composite
def _peer_asns(draw: DrawFn) -> PeerAsn:
    contacts = st.builds(
        Contact,
        st.sampled_from(("Noc", "Policy", "Other")),
        _maybe(words()),
        _maybe(words()),
    )
    return PeerAsn(
        draw(names()),
        draw(asns()),
        draw(_maybe(words())),
        draw(_states()),
        draw(_maybe(words())),
        _SUBSCRIPTION,
        tuple(draw(st.lists(contacts, max_size=2))),
    )


@st.composite
def _services(draw: DrawFn) -> PeeringService:
    prefixes_of = st.builds(
        ServicePrefix,
        _prefix_texts(),
        names(),
        _maybe(_keys()),
        _states(),
        _maybe(st.sampled_from(("None", "ViaSession"))),
        _maybe(words()),
    )
    return PeeringService(
        draw(names()),
        draw(_maybe(words())),
        draw(_maybe(words())),
        draw(_maybe(words())),
        draw(_maybe(words())),
        _SUBSCRIPTION,
        tuple(draw(st.lists(prefixes_of, max_size=3, unique_by=_UNIQUE))),
    )


@st.composite
def _providers(draw: DrawFn) -> Provider:
    return Provider(draw(words()), tuple(draw(st.lists(words(), max_size=3))))
