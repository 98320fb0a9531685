"""Prefixes and addresses of `ipaddress` and `netaddr` are read and given back."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import ip_address, ip_interface, ip_network

import netaddr
import pytest
from hypothesis import given

from peerlint.errors import InputError
from peerlint.model import Prefix, Route
from peerlint.testing import strategies


@given(strategies.prefixes())
def test_networks_return_the_prefix_that_they_are_made_of(prefix: Prefix) -> None:
    """Both packages, both families, every length."""
    of_ipaddress, of_netaddr = prefix.to_ipaddress(), prefix.to_netaddr()

    assert prefix == Prefix.parse(of_ipaddress) == Prefix.parse(of_netaddr)
    assert of_ipaddress == ip_network(str(prefix))
    assert (of_netaddr.version, of_netaddr.first, of_netaddr.prefixlen) == (
        prefix.family, prefix.first, prefix.length,
    )  # fmt: skip


@pytest.mark.parametrize("make", [ip_interface, netaddr.IPNetwork])
@pytest.mark.parametrize("text", ["203.0.113.5/24", "2001:db8::1/32"])
def test_bits_right_of_the_mask(make: type, text: str) -> None:
    """Values that keep them are treated as their text is: strictly, or masked."""
    value = make(text)

    with pytest.raises(InputError) as caught:
        Prefix.parse(value)
    assert (caught.value.what, caught.value.found) == ("prefix", text)
    assert Prefix.parse_relaxed(value) == Prefix.parse_relaxed(text)


@pytest.mark.parametrize(
    "value",
    [
        ip_address("203.0.113.0"),
        netaddr.IPAddress("203.0.113.0"),
        netaddr.IPSet(["203.0.113.0/24"]),
        netaddr.IPRange("203.0.113.0", "203.0.113.255"),
        b"203.0.113.0/24",
        ("203.0.113.0", 24),
        None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_no_prefix(value: object) -> None:
    """An address has no length, and a set or a range may be several prefixes."""
    for parse in (Prefix.parse, Prefix.parse_relaxed, Route.parse):
        with pytest.raises(InputError) as caught:
            parse(value)  # type: ignore[arg-type]
        assert (caught.value.what, caught.value.found) == ("text", value)


@pytest.mark.parametrize("make", [ip_network, netaddr.IPNetwork])
@pytest.mark.parametrize("address", [ip_address, netaddr.IPAddress, str])
def test_routes_of_other_values(make: type, address: type) -> None:
    """A route takes its prefix and next hop from either package."""
    route = Route.parse(make("203.0.113.0/24"), path="64500", next_hop=address("192.0.2.1"))

    assert str(route) == "203.0.113.0/24 path 64500 next-hop 192.0.2.1"


@pytest.mark.parametrize(
    "value", [ip_interface("192.0.2.1/24"), ip_network("192.0.2.1/32"), 3221225985]
)
def test_other_values_are_no_next_hop(value: object) -> None:
    """An interface has a mask, a network is no address."""
    with pytest.raises(InputError) as caught:
        Route.parse("203.0.113.0/24", next_hop=value)  # type: ignore[arg-type]

    assert (caught.value.what, caught.value.found) == ("next_hop", value)


def test_parsing_does_not_import_netaddr() -> None:
    """Importing it takes long: only `to_netaddr` and `is_tiled_by` do."""
    code = (
        "import sys, ipaddress, peerlint\n"
        "peerlint.Prefix.parse(ipaddress.ip_network('203.0.113.0/24')).to_ipaddress()\n"
        "assert 'netaddr' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
