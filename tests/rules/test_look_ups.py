"""Looking up service prefixes and PeerAsns: what is found, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.inventory import Inventory, PeerAsn, PeeringService, ServicePrefix
from peerlint.model import Prefix, Space
from peerlint.rules import _activation_index
from peerlint.rules._activation_index import Activation, ActivationIndex
from peerlint.rules.asn import origin
from peerlint.rules.context import activations, is_same
from peerlint.testing.notation import evaluate
from peerlint.wording import NAMED

PREFIXES = ("0.0.0.0/0", "203.0.113.0/24", "203.0.113.128/25", "203.0.113.129/25", "192.0.2.0/24")
PROVIDERS = (None, "Contoso", "CONTOSO", "Fabrikam")


def services(*declared: tuple[str | None, Sequence[str]]) -> tuple[PeeringService, ...]:
    """Return services, each with its provider and its prefixes."""
    return tuple(
        PeeringService(
            f"service-{number}",
            provider=provider,
            service_prefixes=tuple(map(ServicePrefix, prefixes)),
        )
        for number, (provider, prefixes) in enumerate(declared)
    )


def index_of(declared: tuple[PeeringService, ...]) -> ActivationIndex:
    """Return the index of some services."""
    activated = activations(Inventory(peering_services=declared))
    return ActivationIndex(activated, Space(activated))


def is_one_provider(one: PeeringService, other: PeeringService) -> bool:
    """Whether neither service has a provider, or both have the same one, in any case."""
    return one.provider == other.provider or is_same(one.provider, other.provider)


@given(
    st.lists(
        st.tuples(st.sampled_from(PROVIDERS), st.lists(st.sampled_from(PREFIXES), max_size=4)),
        max_size=12,
    )
)
def test_all_pairs_are_found(declared: list[tuple[str | None, list[str]]]) -> None:
    """The index finds what comparing every two service prefixes finds."""
    made = services(*declared)
    index = index_of(made)
    every = [(service, each) for service in made for each in service.service_prefixes]

    for service, one in every:
        prefix = one.parsed
        assert prefix is not None
        others = [(by, each) for by, each in every if each != one or by.name != service.name]
        foreign = [
            (by, each)
            for by, each in others
            if each.parsed == prefix and not is_one_provider(by, service)
        ]
        near = [each for each in others if _overlap(prefix, each) and each not in foreign]
        found = index.overlapping(prefix, service, one)
        assert len(near) == len(found.activations) + found.more
        assert len(found.activations) == min(NAMED, len(near))
        assert all(each in near for each in found.activations)
        found = index.of_other_providers(prefix, service)
        assert foreign[:NAMED] == list(found.activations)
        assert len(foreign) == len(found.activations) + found.more


def _overlap(prefix: Prefix, other: Activation) -> bool:
    parsed = other[1].parsed
    return parsed is not None and (
        parsed == prefix or parsed.covers(prefix) or prefix.covers(parsed)
    )


SHAPES: dict[str, Callable[[int], tuple[str, str]]] = {
    "one provider, one prefix": lambda _: ("Contoso", "203.0.113.0/24"),
    "a provider each, one prefix": lambda number: (f"Contoso {number}", "203.0.113.0/24"),
    "two providers, one prefix": lambda number: (
        ("Contoso", "Fabrikam")[number % 2],
        "203.0.113.0/24",
    ),
    "one provider, prefixes in each other": lambda number: (
        "Contoso",
        f"198.18.0.0/{16 + number % 2 * 8}",
    ),
    "one service, one prefix": lambda _: ("", "203.0.113.0/24"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_cost_grows_with_the_service_prefixes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With twice as many service prefixes, at most twice as many are looked at."""

    def looked_at(number: int) -> int:
        pairs = list(map(SHAPES[name], range(number)))
        if not pairs[0][0]:
            made = services(("Contoso", [prefix for _, prefix in pairs]))
        else:
            made = services(*((provider, [prefix]) for provider, prefix in pairs))
        index, calls = index_of(made), 0
        provider = _activation_index._provider  # every comparison calls it

        def counted(service: PeeringService) -> str | None:
            nonlocal calls
            calls += 1
            return provider(service)

        with monkeypatch.context() as patch:
            patch.setattr(_activation_index, "_provider", counted)
            for service in made:
                for each in service.service_prefixes:
                    assert each.parsed is not None
                    index.overlapping(each.parsed, service, each)
                    index.of_other_providers(each.parsed, service)
        return calls

    assert looked_at(400) <= 2.1 * looked_at(200)


def test_only_the_peer_asns_of_the_origin_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many PeerAsns an inventory has, a foreign origin is compared with its own."""
    others = "\n".join(
        f"peer-asn other-{number} asn=64502 subscription=other" for number in range(50)
    )
    calls = 0
    is_in = origin._is_in  # each PeerAsn that is looked at is passed to it

    def counted(peer_asn: PeerAsn, subscriptions: set[str | None]) -> bool:
        nonlocal calls
        calls += 1
        return is_in(peer_asn, subscriptions)

    monkeypatch.setattr(origin, "_is_in", counted)
    report = evaluate(f"""
        registered 203.0.113.0/24
        service contoso-maps subscription=contoso
        service-prefix 203.0.113.0/24
        {others}
        peer-asn fabrikam asn=64501 peer_name=Fabrikam subscription=contoso
        ams-1 203.0.113.0/24 path 64500 64501
    """)

    assert "asn.origin-not-associated" in {finding.rule for finding in report.failed()}
    assert calls == 1
