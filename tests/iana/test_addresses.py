"""Special-purpose blocks, and the prefixes that overlap them in either direction."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.iana import ALLOWABLE, AddressBlock, special_blocks
from peerlint.iana.addresses import _NOT_UNICAST, BLOCKS, EXCEPTIONS
from peerlint.model import Prefix
from peerlint.testing import strategies


def kinds(text: str, *allow: str) -> list[str]:
    """Return the kinds of the blocks that a prefix overlaps."""
    prefix = Prefix.parse(text)
    found = special_blocks(prefix.family, prefix.first, prefix.length, frozenset(allow))
    return [block.kind for block in found]


#: The tables of paths#special-prefixes, written a second time by hand.
SPEC = {
    "0.0.0.0/8": "this-network",
    "10.0.0.0/8": "rfc1918",
    "100.64.0.0/10": "shared",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "rfc1918",
    "192.0.0.0/24": "protocol",
    "192.0.2.0/24": "documentation",
    "192.31.196.0/24": "as112",
    "192.52.193.0/24": "amt",
    "192.88.99.0/24": "6to4",
    "192.168.0.0/16": "rfc1918",
    "192.175.48.0/24": "as112",
    "198.18.0.0/15": "benchmarking",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "255.255.255.255/32": "broadcast",
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::ffff:0:0/96": "mapped",
    "64:ff9b::/96": "translation",
    "64:ff9b:1::/48": "translation",
    "100::/64": "discard",
    "100:0:0:1::/64": "dummy",
    "2001::/23": "protocol",
    "2001::/32": "teredo",
    "2001:2::/48": "benchmarking",
    "2001:3::/32": "amt",
    "2001:4:112::/48": "as112",
    "2001:10::/28": "orchid",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "2620:4f:8000::/48": "as112",
    "3fff::/20": "documentation",
    "5f00::/16": "srv6",
    "fc00::/7": "unique-local",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}


def test_the_tables_are_those_of_the_page() -> None:
    """The tables have the blocks of paths#special-prefixes with their kinds, and no others."""
    assert SPEC == {_text(block): block.kind for block in BLOCKS}


@pytest.mark.parametrize(("prefix", "kind"), SPEC.items())
def test_every_block_is_hit_from_inside_exactly_and_from_outside(prefix: str, kind: str) -> None:
    """A block overlaps itself, its parts, and every covering prefix (paths#special-prefixes)."""
    network = ip_network(prefix)
    ends = [network[0], network[-1]]
    probes = [network, *map(ip_network, ends)]
    probes += [network.supernet(new_prefix=length) for length in range(network.prefixlen)]
    if network.prefixlen < network.max_prefixlen:
        probes += network.subnets()

    assert [] == [str(probe) for probe in probes if kind not in kinds(str(probe))]


@pytest.mark.parametrize(("prefix", "kind"), SPEC.items())
def test_beside_a_block_is_outside_it(prefix: str, kind: str) -> None:
    """The addresses before and after a block do not overlap it."""
    network = ip_network(prefix)
    neighbours = [int(network[0]) - 1, int(network[-1]) + 1]
    bits = network.max_prefixlen
    inside = [address for address in neighbours if 0 <= address < 1 << bits]
    hits = [special_blocks(network.version, address, bits) for address in inside]

    assert (prefix, kind) not in [(_text(block), block.kind) for found in hits for block in found]


@pytest.mark.parametrize(
    ("prefix", "expected", "why"),
    [
        ("10.0.0.0/7", ["rfc1918"], "paths#special-prefixes: the standard library calls it global"),
        ("172.0.0.0/8", ["rfc1918"], "paths#special-prefixes"),
        ("100.0.0.0/8", ["shared"], "paths#special-prefixes"),
        ("126.0.0.0/7", ["loopback"], "paths#special-prefixes"),
        ("169.254.0.0/15", ["link-local"], "paths#special-prefixes"),
        ("198.16.0.0/14", ["benchmarking"], "paths#special-prefixes"),
        ("192.0.0.0/22", ["protocol", "documentation"], "paths#special-prefixes"),
        (
            "192.160.0.0/12",
            ["rfc1918", "as112"],
            "paths#special-prefixes: a row inside a covering prefix",
        ),
        ("240.0.0.0/24", ["reserved"], "paths#special-prefixes: the service stored it, then broke"),
        ("2001:db8::/31", ["documentation"], "RFC 3849, from outside"),
        (
            "2000::/3",
            ["protocol", "teredo", "benchmarking", "amt", "as112", "orchid", "documentation"]
            + ["6to4", "as112", "documentation"],
            "all of global unicast",
        ),
        ("192.0.0.0/16", ["protocol", "documentation"], "paths#special-prefixes"),
        ("11.0.0.0/8", [], "next to private use"),
        ("9.255.255.255/32", [], "the last address before it"),
        ("172.15.255.0/24", [], "the last before 172.16.0.0/12"),
        ("172.32.0.0/24", [], "the first after it"),
        ("100.63.255.0/24", [], "RFC 6598: the last before shared space"),
        ("100.128.0.0/24", [], "RFC 6598: the first after it"),
        ("198.17.255.0/24", [], "RFC 2544: the last before benchmarking"),
        ("198.20.0.0/24", [], "RFC 2544: the first after it"),
        ("223.255.255.0/24", [], "RFC 5771: the last before multicast"),
        ("239.255.255.255/32", ["multicast"], "RFC 5771: the last of it"),
        ("255.255.255.255/32", ["reserved", "broadcast"], "RFC 919 inside RFC 1112"),
    ],
)
def test_overlap_in_either_direction(prefix: str, expected: list[str], why: str) -> None:
    """A prefix overlaps a block that it contains, and one that contains it."""
    assert expected == kinds(prefix), why


def test_default_route_overlaps_every_block() -> None:
    """0.0.0.0/0 and ::/0 overlap every block of their family (paths#special-prefixes)."""
    for family in (4, 6):
        expected = tuple(block for block in BLOCKS if block.family == family)
        assert expected == special_blocks(family, 0, 0)


@pytest.mark.parametrize(
    ("prefix", "expected", "source"),
    [
        ("192.0.0.9/32", [], "RFC 7723: PCP anycast is reachable"),
        ("192.0.0.10/32", [], "RFC 8155: TURN anycast is reachable"),
        ("192.0.0.8/32", ["protocol"], "next to them"),
        ("192.0.0.11/32", ["protocol"], "next to them"),
        ("192.0.0.8/30", ["protocol"], "around them"),
        ("2001:1::1/128", [], "RFC 7723"),
        ("2001:1::2/128", [], "RFC 8155"),
        ("2001:1::3/128", [], "RFC 9665; the standard library had it wrong"),
        ("2001:1::4/128", ["protocol"], "next to them"),
        ("2001:3::/32", ["amt"], "RFC 7450"),
        ("2001:3:1::/48", ["amt"], "inside it"),
        ("2001:2::/31", ["protocol", "benchmarking", "amt"], "around it"),
        ("2001:4:112::/48", ["as112"], "RFC 7535"),
        ("2001:4:112::/47", ["protocol", "as112"], "around it"),
        ("2001:4:113::/48", ["protocol"], "next to it"),
        ("2001:20::/28", [], "RFC 7343"),
        ("2001:30::/28", [], "RFC 9374"),
        ("2001:40::/28", ["protocol"], "RFC 2928: not yet assigned"),
        ("2001::/32", ["protocol", "teredo"], "RFC 4380"),
        ("2001:1ff:ffff::/48", ["protocol"], "RFC 2928: the last of 2001::/23"),
        ("2001:200::/32", [], "the first after it"),
    ],
)
def test_reachable_exceptions(prefix: str, expected: list[str], source: str) -> None:
    """For a prefix inside a reachable exception, the block around it is not returned."""
    assert expected == kinds(prefix), source


@pytest.mark.parametrize(
    ("prefix", "is_unassigned"),
    [
        ("2600::/16", False),
        ("2000::/3", False),
        ("6000::/3", True),
        ("1fff:ffff::/32", True),
        ("f800::/6", True),
        ("fec0::/10", True),
        ("100:0:0:2::/64", True),
        ("64:ff9b::/96", False),
        ("64:ff9b::c000:201/128", False),
        ("64:ff9b:0:0:0:1::/96", True),
        ("::2/127", True),
    ],
)
def test_outside_global_unicast(prefix: str, *, is_unassigned: bool) -> None:
    """IPv6 space outside 2000::/3 is unassigned, even without a block (RFC 4291)."""
    assert is_unassigned == (kinds(prefix) == ["unassigned"])


@pytest.mark.parametrize(
    ("prefix", "allow", "expected"),
    [
        ("203.0.113.0/24", (), ["documentation"]),
        ("203.0.113.0/24", ("documentation",), []),
        ("203.0.113.0/24", ("benchmarking",), ["documentation"]),
        ("198.18.4.0/22", ("benchmarking",), []),
        ("198.18.0.0/15", ("benchmarking", "documentation"), []),
        ("10.0.0.0/8", ("benchmarking", "documentation"), ["rfc1918"]),
        ("2001:db8::/32", ("documentation",), []),
        ("2001:2::/48", ("benchmarking",), []),
        ("2001:2::/47", ("benchmarking",), ["protocol"]),
        ("3fff::/20", ("documentation",), []),
    ],
)
def test_allowed_kinds_count_as_public(
    prefix: str, allow: tuple[str, ...], expected: list[str]
) -> None:
    """Only the kinds that a lab allows count as public."""
    assert expected == kinds(prefix, *allow)


def test_reachable_rows() -> None:
    """The rows that registries call reachable: AS112, AMT, translation (paths#special-prefixes)."""
    expected = {
        *("192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "64:ff9b::/96"),
        *("2001:3::/32", "2001:4:112::/48", "2620:4f:8000::/48"),
    }

    assert expected == {_text(block) for block in BLOCKS if block.reachable}
    assert all(block.reachable for block in EXCEPTIONS)


#: IANA's two special-purpose registries, row by row: prefix, RFC, and whether the column
#: "Globally Reachable" says True.
REGISTRIES = [
    ("0.0.0.0/8", "RFC 791", False),
    ("0.0.0.0/32", "RFC 1122", False),
    ("10.0.0.0/8", "RFC 1918", False),
    ("100.64.0.0/10", "RFC 6598", False),
    ("127.0.0.0/8", "RFC 1122", False),
    ("169.254.0.0/16", "RFC 3927", False),
    ("172.16.0.0/12", "RFC 1918", False),
    ("192.0.0.0/24", "RFC 6890", False),
    ("192.0.0.0/29", "RFC 7335", False),
    ("192.0.0.8/32", "RFC 7600", False),
    ("192.0.0.9/32", "RFC 7723", True),
    ("192.0.0.10/32", "RFC 8155", True),
    ("192.0.0.170/32", "RFC 7050", False),
    ("192.0.0.171/32", "RFC 7050", False),
    ("192.0.2.0/24", "RFC 5737", False),
    ("192.31.196.0/24", "RFC 7535", True),
    ("192.52.193.0/24", "RFC 7450", True),
    ("192.88.99.0/24", "RFC 7526: deprecated, no entry", False),
    ("192.168.0.0/16", "RFC 1918", False),
    ("192.175.48.0/24", "RFC 7534", True),
    ("198.18.0.0/15", "RFC 2544", False),
    ("198.51.100.0/24", "RFC 5737", False),
    ("203.0.113.0/24", "RFC 5737", False),
    ("240.0.0.0/4", "RFC 1112", False),
    ("255.255.255.255/32", "RFC 8190", False),
    ("::1/128", "RFC 4291", False),
    ("::/128", "RFC 4291", False),
    ("::ffff:0:0/96", "RFC 4291", False),
    ("64:ff9b::/96", "RFC 6052", True),
    ("64:ff9b:1::/48", "RFC 8215", False),
    ("100::/64", "RFC 6666", False),
    ("100:0:0:1::/64", "RFC 9780", False),
    ("2001::/23", "RFC 2928", False),
    ("2001::/32", "RFC 4380: no entry", False),
    ("2001:1::1/128", "RFC 7723", True),
    ("2001:1::2/128", "RFC 8155", True),
    ("2001:1::3/128", "RFC 9665", True),
    ("2001:2::/48", "RFC 5180", False),
    ("2001:3::/32", "RFC 7450", True),
    ("2001:4:112::/48", "RFC 7535", True),
    ("2001:10::/28", "RFC 4843: deprecated, no entry", False),
    ("2001:20::/28", "RFC 7343", True),
    ("2001:30::/28", "RFC 9374", True),
    ("2001:db8::/32", "RFC 3849", False),
    ("2002::/16", "RFC 3056: no entry", False),
    ("2620:4f:8000::/48", "RFC 7534", True),
    ("3fff::/20", "RFC 9637", False),
    ("5f00::/16", "RFC 9602", False),
    ("fc00::/7", "RFC 4193", False),
    ("fe80::/10", "RFC 4291", False),
]


@pytest.mark.parametrize(("prefix", "source", "is_reachable"), REGISTRIES)
def test_rows_of_the_registries(prefix: str, source: str, *, is_reachable: bool) -> None:
    """A prefix in a row of IANA's registries is special exactly if the row is not reachable."""
    read = Prefix.parse(prefix)
    found = special_blocks(read.family, read.first, read.length)

    assert is_reachable == all(block.reachable for block in found), source


@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("192.31.196.0/24", "as112"),
        ("192.175.48.0/24", "as112"),
        ("2001:4:112::/48", "as112"),
        ("2620:4f:8000::/48", "as112"),
        ("192.52.193.0/24", "amt"),
        ("2001:3::/32", "amt"),
        ("64:ff9b::/96", "translation"),
    ],
)
def test_as112_and_amt_in_both_families(prefix: str, kind: str, *, is_last: bool) -> None:
    """AS112 and AMT are reachable, but no customer's address space, whatever surrounds them."""
    network = ip_network(prefix)
    address = int(network[-1] if is_last else network[0])

    for length in (network.prefixlen, network.max_prefixlen):
        first = address >> network.max_prefixlen - length << network.max_prefixlen - length
        found = special_blocks(network.version, first, length)
        assert [(kind, True)] == [(block.kind, block.reachable) for block in found]


def test_block_prints_prefix_name_and_source() -> None:
    """`str` of a block is the text that findings show."""
    (block,) = special_blocks(4, 10 << 24, 8)

    assert str(block) == "10.0.0.0/8 (private use, RFC 1918)"


def _text(block: AddressBlock) -> str:
    return str(block).split(" ", maxsplit=1)[0]


def _network(block: AddressBlock) -> IPv4Network | IPv6Network:
    return ip_network(_text(block))


def by_brute_force(prefix: Prefix, allow: frozenset[str]) -> tuple[AddressBlock, ...]:
    """Return the result of `special_blocks` by comparing every block with the standard library."""
    network = ip_network(str(prefix))

    def within(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
        return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]

    hits = [block for block in BLOCKS if network.overlaps(_network(block))]
    is_unicast = prefix.family == 4 or within(network, ip_network("2000::/3"))
    if not hits and not is_unicast:
        return (_NOT_UNICAST,)
    allowed = [block for block in BLOCKS if block.reachable or block.kind in allow]
    sheltering = map(_network, (*EXCEPTIONS, *allowed))
    shelters = [shelter for shelter in sheltering if within(network, shelter)]
    found = tuple(
        hit
        for hit in hits
        if hit.kind not in allow
        and not any(
            within(shelter, _network(hit)) and shelter != _network(hit) for shelter in shelters
        )
    )
    only_reachable = bool(found) and all(block.reachable for block in found)
    is_inside = any(within(network, _network(block)) for block in found)
    if only_reachable and not is_inside and not is_unicast:
        return (_NOT_UNICAST, *found)
    return found


@given(strategies.prefixes(), st.frozensets(st.sampled_from(sorted(ALLOWABLE))))
def test_special_blocks_against_brute_force(prefix: Prefix, allow: frozenset[str]) -> None:
    """The index of outermost blocks gives the same result as a comparison with all blocks."""
    expected = by_brute_force(prefix, allow)

    assert expected == special_blocks(prefix.family, prefix.first, prefix.length, allow)
