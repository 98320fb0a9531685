"""The inventory file: its values, and the messages for its mistakes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs
import pytest

from peerlint.errors import InventoryError
from peerlint.inventory import (
    Attestation,
    Connection,
    DatedRib,
    Inventory,
    Lab,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
)
from peerlint.inventory.edit import edited
from peerlint.inventory.peering import Egress, Role
from peerlint.inventory.toml import parse_inventory
from peerlint.model import ANY_AGE, MaxAge, QuietTime

#: An inventory with one of each table.
EXAMPLE: Final = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"
sku = "Premium_Direct_Free"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
role = "primary"            # primary | backup
bandwidth = "100G"
state = "Active"

[[peering.connection.session]]
microsoft = "198.51.100.1"
peer = "198.51.100.0"

[[peering.registered_prefix]]
name = "sbc-1"
prefix = "203.0.113.0/24"
origin = 64500

[[attestation]]
rule = "topology.lacp"
scope = "contoso-ams"
by = "noc@contoso.example"
on = 2026-11-01

[lab]
allow = ["documentation", "benchmarking"]
"""
PEERING: Final = '[[peering]]\nname = "contoso-ams"\nprofile = "maps"\nasn = 64500\n'
CONNECTION: Final = f'{PEERING}[[peering.connection]]\nname = "ams-1"\n'
SESSION: Final = f"{CONNECTION}[[peering.connection.session]]\n"
PREFIX: Final = f'{PEERING}[[peering.registered_prefix]]\nprefix = "203.0.113.0/24"\n'
ASN: Final = f"{PEERING.replace('maps', 'route-server')}[[peering.registered_asn]]\nasn = 64501\n"
ATTESTATION: Final = '[[attestation]]\nrule = "r"\nscope = "s"\nby = "b"\non = 2026-11-01\n'


def mistakes(text: str) -> list[str]:
    """Return the message for a file with mistakes, one a line."""
    with pytest.raises(InventoryError) as caught:
        parse_inventory(text, "peering.toml")
    assert str(caught.value) == "\n".join(
        f"peering.toml:{mistake.line}: {mistake}" for mistake in caught.value.mistakes
    )
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_example() -> None:
    """The example has these values."""
    session = Session(IPv4Address("198.51.100.1"), IPv4Address("198.51.100.0"))
    connection = Connection("ams-1", "edge1.ams", Role.PRIMARY, 100_000, "Active", (session,))
    peering = Peering(
        "contoso-ams",
        "maps",
        64500,
        "Amsterdam",
        "Premium_Direct_Free",
        connections=(connection,),
        registered_prefixes=(RegisteredPrefix("203.0.113.0/24", "sbc-1", 64500),),
    )
    attestation = Attestation(
        "topology.lacp", "contoso-ams", "noc@contoso.example", date(2026, 11, 1)
    )

    assert Inventory(
        (peering,),
        (attestation,),
        Lab(frozenset({"documentation", "benchmarking"})),
        (),
        "peering.toml",
    ) == parse_inventory(EXAMPLE, "peering.toml")


def test_an_empty_file_is_an_empty_inventory() -> None:
    """No key is required."""
    assert Inventory(file="peering.toml") == parse_inventory("", "peering.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'{CONNECTION}bandwidth = "100G"', 100_000),
        (f'{CONNECTION}bandwidth = "400g"', 400_000),
        (f'{CONNECTION}bandwidth = "1T"', 1_000_000),
        (f'{CONNECTION}bandwidth = "100M"', 100),
        (f"{CONNECTION}bandwidth = 10000", 10_000),
    ],
)
def test_bandwidths_are_mbits(text: str, expected: int) -> None:
    """A bandwidth is a number of Mbit/s, or a string with M, G or T."""
    (peering,) = parse_inventory(text, "peering.toml").peerings

    assert expected == peering.connections[0].bandwidth


@pytest.mark.parametrize("text", ["0", "39.9", "40", "40.0", "99.99", "100"])
def test_a_utilization_may_have_a_fraction(text: str) -> None:
    """A percentage keeps its digits, also when it is written."""
    before = parse_inventory(f"{CONNECTION}utilization = {text}", "f")
    (peering,) = before.peerings

    assert float(text) == peering.connections[0].utilization
    assert f"utilization = {text}\n" in edited("", Inventory(), before)


@pytest.mark.parametrize("asn", ["64500", '"64500"', '"AS64500"', '"as64500"', '"0.64500"'])
def test_as_numbers(asn: str) -> None:
    """An AS number is an integer, or a string in asplain or asdot."""
    text = PEERING.replace("64500", asn)

    assert 64500 == parse_inventory(text, "peering.toml").peerings[0].asn


def test_further_keys() -> None:
    """Keys that are not in the example are read too."""
    text = (
        'ribs = ["a.mrt"]\n'
        + SESSION.replace('"maps"', '"mine.toml"').replace(
            "64500\n", "64500\nrs_transparent = false\n"
        )
        + 'peer = "2001:db8::1"\negress = "as-is"\n'
        "[[peering.connection.session]]\n"
        '[[peering.registered_asn]]\nasn = 64501\nname = "customer"\n'
        '[[peering.registered_prefix]]\nprefix = "nonsense"\ntraffic_class = "voice"\n'
        'endpoints = ["a", "b"]\n'
        '[[attestation]]\nrule = "r"\nscope = "s"\nby = "b"\non = 2026-11-01\nuntil = 2027-11-01'
    )

    found = parse_inventory(text, "peering.toml")

    (peering,) = found.peerings
    assert ("mine.toml", False) == (peering.profile, peering.rs_transparent)
    assert ("a.mrt",) == found.ribs
    assert (Session(None, IPv6Address("2001:db8::1"), Egress.AS_IS), Session()) == (
        peering.connections[0].sessions
    )
    assert ["ams-1", "ams-1/2"] == [place.id for place in found.sessions]
    assert (RegisteredAsn(64501, "customer"),) == peering.registered_asns
    assert (RegisteredPrefix("nonsense", None, None, "voice", ("a", "b")),) == (
        peering.registered_prefixes
    )
    assert date(2027, 11, 1) == found.attestations[0].until


#: Ten mistakes, and the messages for them.
TEN: Final = """
colour = "blue"

[[peering]]
name = "contoso-ams"
profile = "mapps"
asn = 4294967296
locaton = "Amsterdam"

[[peering.connection]]
name = "ams-1"
role = "spare"
bandwidth = "fast"

[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "192.0.2"
egress = true

[[peering.registered_prefix]]
name = "sbc-1"

[lab]
allow = ["documentation", "private"]

[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
"""
SAID: Final = """\
peering.toml:2: the top of the file, key colour: expected one of peering, attestation, lab, ribs, \
waiver, peer_asn, peering_service, provider, maintenance, found an unknown key
peering.toml:6: peering "contoso-ams", key profile: found 'mapps'; did you mean maps?
peering.toml:7: peering "contoso-ams", key asn: expected an AS number such as 64500 or "AS64500", \
found 4294967296
peering.toml:8: peering "contoso-ams", key locaton: found an unknown key; did you mean location?
peering.toml:12: peering "contoso-ams", connection "ams-1", key role: expected "primary" or \
"backup", found 'spare'
peering.toml:13: peering "contoso-ams", connection "ams-1", key bandwidth: expected a bandwidth \
such as "100G", or a number of Mbit/s, found 'fast'
peering.toml:17: peering "contoso-ams", connection "ams-1", session 1, key peer: expected an IP \
address, found '192.0.2'
peering.toml:18: peering "contoso-ams", connection "ams-1", session 1, key egress: expected \
"as-is", found true
peering.toml:20: peering "contoso-ams", registered_prefix "sbc-1", key prefix: expected a value: \
the key is required, found nothing
peering.toml:24: lab, key allow: expected a list of some of "benchmarking", "documentation", \
found ['documentation', 'private']
peering.toml:27: peering "contoso-ams" (number 2), key name: expected another name, \
found peering contoso-ams, which peering "contoso-ams" (number 1) has too"""


def test_all_mistakes_at_once() -> None:
    """All mistakes of a file are reported in its order, each with line and table."""
    with pytest.raises(InventoryError) as caught:
        parse_inventory(TEN, "peering.toml")

    assert SAID == str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "\n[[peering]",
            "peering.toml:2: the file: expected TOML, found an error at column 10: expected ']]' "
            "at the end of an array declaration",
        ),
        (
            'a = 1\nribs = ["a.mrt"\n\n',
            "peering.toml:2: the file: expected TOML, found an error at its end: unclosed array",
        ),
        (
            "a = 1\na = 2\n",
            "peering.toml:2: the file: expected TOML, found an error at column 6: this key or "
            "table is already defined",
        ),
        (
            "[lab.x]\n[lab.x]\n",
            "peering.toml:2: the file: expected TOML, found an error at column 7: cannot declare "
            "lab.x twice",
        ),
        (
            "name = contoso\n",
            "peering.toml:1: the file: expected TOML, found an error at column 8: an invalid "
            "value (a string needs quotes)",
        ),
        (
            f"a = {'[' * 5000}{']' * 5000}",
            "peering.toml: the file: expected TOML, found tables or arrays nested too deep",
        ),
    ],
)
def test_toml_syntax(text: str, expected: str) -> None:
    """A file that is not TOML has a message with the line, without Python's terms."""
    with pytest.raises(InventoryError) as caught:
        parse_inventory(text, "peering.toml")

    assert expected == str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "key", "suggestion"),
    [
        ("peerings = []", "the top of the file", "peerings", "peering"),
        ("rib = []", "the top of the file", "rib", "ribs"),
        (f"{PEERING}locaton = 1", 'peering "contoso-ams"', "locaton", "location"),
        (f"{PEERING}connections = []", 'peering "contoso-ams"', "connections", "connection"),
        (
            f"{CONNECTION}routers = 1",
            'peering "contoso-ams", connection "ams-1"',
            "routers",
            "router",
        ),
        (
            f"{SESSION}pear = 1",
            'peering "contoso-ams", connection "ams-1", session 1',
            "pear",
            "peer",
        ),
        (
            f"{PREFIX}orign = 1",
            'peering "contoso-ams", registered_prefix "203.0.113.0/24"',
            "orign",
            "origin",
        ),
        (f"{ASN}nam = 1", 'peering "contoso-ams", registered_asn "64501"', "nam", "name"),
        (f"{ATTESTATION}untill = 1", 'attestation "r"', "untill", "until"),
        ("[lab]\nallows = 1", "lab", "allows", "allow"),
    ],
)
def test_unknown_keys(text: str, place: str, key: str, suggestion: str) -> None:
    """An unknown key is reported with its table and the most similar key."""
    expected = f"{place}, key {key}: found an unknown key; did you mean {suggestion}?"

    assert [expected] == mistakes(text)


def test_an_unknown_key_without_a_similar_one() -> None:
    """For an unknown key without a similar one, all keys are listed."""
    expected = (
        'peering "contoso-ams", connection "ams-1", session 1, key x: '
        "expected one of microsoft, peer, egress, state, prefix, max_advertised, max_prefix, "
        "md5_set, sync, found an unknown key"
    )
    assert [expected] == mistakes(f"{SESSION}x = 1")


@pytest.mark.parametrize("table", ["peering", "attestation"])
def test_single_brackets(table: str) -> None:
    """The message for a repeated table in single brackets says to use double brackets."""
    (found,) = mistakes(f'[{table}]\nname = "x"')

    assert found.startswith(
        f"the top of the file, key {table}: expected tables in [[double brackets]], found "
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            PEERING + PEERING,
            'peering "contoso-ams" (number 2), key name: expected another name, '
            'found peering contoso-ams, which peering "contoso-ams" (number 1) has too',
        ),
        (
            f'{CONNECTION}[[peering.connection]]\nname = "ams-1"\n',
            'peering "contoso-ams", connection "ams-1" (number 2), key name: expected another '
            'name, found connection ams-1, which peering "contoso-ams", connection "ams-1" '
            "(number 1) has too",
        ),
        (
            f'{SESSION}peer = "192.0.2.0"\n[[peering.connection.session]]\npeer = "192.0.2.0"\n',
            'peering "contoso-ams", connection "ams-1", session 2, key peer: expected an address '
            'of one session only, found 192.0.2.0, which peering "contoso-ams", '
            'connection "ams-1", session 1 has too',
        ),
        (
            f'{SESSION}microsoft = "192.0.2.1"\n[[peering.connection]]\nname = "ams-2"\n'
            '[[peering.connection.session]]\nmicrosoft = "192.0.2.1"\n',
            'peering "contoso-ams", connection "ams-2", session 1, key microsoft: expected an '
            'address of one session only, found 192.0.2.1, which peering "contoso-ams", '
            'connection "ams-1", session 1 has too',
        ),
        (
            f'{SESSION}peer = "2001:db8::1"\n[[peering.connection.session]]\n'
            'microsoft = "2001:DB8:0::1"\n',
            'peering "contoso-ams", connection "ams-1", session 2, key microsoft: expected an '
            'address of one session only, found 2001:db8::1, which peering "contoso-ams", '
            'connection "ams-1", session 1 has too',
        ),
        (
            f'{SESSION}[[peering.connection.session]]\n[[peering.connection]]\nname = "ams-1/2"\n',
            'peering "contoso-ams", connection "ams-1/2" (number 2), key name: expected another '
            'name, found connection ams-1/2, which peering "contoso-ams", connection "ams-1", '
            "session 2 has too",
        ),
    ],
)
def test_duplicates(text: str, expected: str) -> None:
    """Names and addresses that are used twice are reported with both places."""
    assert [expected] == mistakes(text)


def test_maximum_age() -> None:
    """`max_age` is a duration or "off"; without it, the profile's value is used."""
    texts = ('max_age = "90m"', 'max_age = "off"', "")

    found = [parse_inventory(f"[lab]\n{text}", "f").lab.max_age for text in texts]

    assert [MaxAge(timedelta(minutes=90)), ANY_AGE, None] == found


def test_quiet_time() -> None:
    """`sync` says after how much time without a change all routes of a session are known."""
    text = EXAMPLE.replace('peer = "198.51.100.0"', 'peer = "198.51.100.0"\nsync = "quiet:90s"')

    (session,) = parse_inventory(text, "f").sessions

    assert session.declared.sync == QuietTime(timedelta(seconds=90))
    assert str(session.declared.sync) == "quiet:90s"


def test_a_dump_with_its_time() -> None:
    """A dump is a string, or a table with the time at which it was taken."""
    text = 'ribs = ["a.mrt", { file = "ams-1=show.txt", taken = 2026-11-21T11:00:00+01:00 }]'

    found = parse_inventory(text, "peering.toml").ribs

    taken = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert ("a.mrt", DatedRib("ams-1=show.txt", taken)) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ file = 'a' }", "ribs, key taken: expected a value: the key is required"),
        ("{ taken = 2026-11-21T10:00:00Z }", "ribs, key file: expected a value"),
        ("{ file = 'a', taken = 2026-11-21T10:00:00 }", "ribs, key taken: expected a time with"),
        ("{ file = 'a', taken = 2026-11-21 }", "ribs, key taken: expected a time with its zone"),
        ("{ file = 'a', taken = '10:00' }", "ribs, key taken: expected a time with its zone"),
        ("{ file = '', taken = 2026-11-21T10:00:00Z }", "ribs, key file: expected a string"),
        ("{ file = 'a', when = 1, taken = 2026-11-21T10:00:00Z }", "ribs, key when: expected one"),
        ("1", "the top of the file, key ribs: expected the name of a dump, or { file ="),
    ],
)
def test_mistakes_in_a_dump(text: str, expected: str) -> None:
    """Each mistake says what was expected."""
    (found,) = mistakes(f"ribs = [{text}]")

    assert found.startswith(expected)


def test_times_survive_an_import() -> None:
    """An import keeps the maximum age, and the times of dumps."""
    text = 'ribs = ["b", { file = "a", taken = 2026-11-21T10:00:00Z }]\n[lab]\nmax_age = "7d"\n'
    before = parse_inventory(text, "f")
    after = attrs.evolve(before, peerings=(Peering("contoso-ams", "maps", 64500),))

    found = edited(text, before, after)

    assert found.startswith(text)
    assert after == parse_inventory(found, "f")
