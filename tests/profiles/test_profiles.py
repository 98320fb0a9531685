"""Profiles: the five shipped ones, and a user's file that extends one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.errors import ProfileError
from peerlint.inventory.peering import PROFILES
from peerlint.model import Community
from peerlint.profiles import (
    Profile,
    Requirement,
    Setting,
    _mistakes,
    parse_profile,
    shipped_profile,
)
from peerlint.profiles.shipped import LEVELS, SEVERITIES, SHIPPED
from peerlint.results import Severity
from peerlint.rules import CATALOGUE
from peerlint.testing.dumps import RibDump
from peerlint.testing.notation import is_about_routes, scenario

#: Which source document each profile is, as the glossary has it.
SOURCES: Final = {
    "direct": "000",
    "partner": "001",
    "route-server": "002",
    "maps": "003",
    "voice": "004",
}
TAG: Final = "community 8075:8007"


def mistakes(text: str) -> list[str]:
    """Return the mistakes of a profile as texts."""
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "mine.toml")
    assert "mine.toml" == caught.value.file
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize("name", PROFILES)
def test_shipped_profiles(name: str) -> None:
    """A shipped profile is its own base and requires 8075:8007 and at most three AS numbers."""
    found = shipped_profile(name)

    assert (name, name, SOURCES[name]) == (found.name, found.base, found.source)
    assert (Community.parse("8075:8007"), 3, True) == (
        found.community,
        found.max_path,
        found.all_paths,
    )
    assert found.title
    assert (name == "partner") == found.all_prefixes


def test_there_are_five() -> None:
    """There is a profile for each source document, and no sixth."""
    assert sorted(SOURCES) == sorted(PROFILES)
    with pytest.raises(KeyError):
        shipped_profile("exchange")


@pytest.mark.parametrize("base", PROFILES)
def test_extending_changes_what_it_names(base: str) -> None:
    """A user's file changes what it names and keeps the rest of its base."""
    text = (
        f'extends = "{base}"\n[parameters]\nmax_path = 4\n'
        '[rules]\n"route.prepending" = { level = "off" }'
    )
    before = shipped_profile(base)

    found = parse_profile(text, "mine.toml")

    assert ("mine.toml", base, 4) == (found.name, found.base, found.max_path)
    assert (before.title, before.source, before.community, before.all_paths) == (
        found.title,
        found.source,
        found.community,
        found.all_paths,
    )
    assert {**before.rules, "route.prepending": Setting(Requirement.OFF)} == found.rules


def test_everything_can_be_changed() -> None:
    """Title, source and every parameter of a base can be replaced."""
    text = (
        'extends = "maps"\ntitle = "Ours"\nsource = "ticket 7"\n[parameters]\n'
        'community = "64500:1"\nmax_path = 255\npaths = "best"\nprefixes = "announced"\n'
        '[rules]\n"prefix.too-short" = { level = "should", severity = "error" }'
    )

    found = parse_profile(text, "mine.toml")

    assert ("Ours", "ticket 7", Community.parse("64500:1"), 255, False, True) == (
        found.title,
        found.source,
        found.community,
        found.max_path,
        found.all_paths,
        found.all_prefixes,
    )
    assert Setting(Requirement.SHOULD, Severity.ERROR) == found.rules["prefix.too-short"]


def test_all_mistakes_at_once() -> None:
    """Unknown rules, keys and values are reported together, each with its line."""
    text = """
extends = "mapps"
titel = "x"
[parameters]
community = "8075:x"
max_path = 0
paths = "some"
prefixes = 1
colour = "blue"
[rules]
"route.prependin" = { level = "off" }
"route.prepending" = "off"
"route.as-set" = { level = "maybe", severity = "fatal", because = "so" }
"route.first-as" = { severity = "error" }
route.as-set = { level = "off" }
"""
    expected = [
        "2: the top of the file, key extends: found 'mapps'; did you mean maps?",
        "3: the top of the file, key titel: found an unknown key; did you mean title?",
        "5: parameters, key community: expected a value such as 8075:8007 or a well-known name, "
        "found '8075:x'",
        "6: parameters, key max_path: expected a number from 1 to 255, found 0",
        '7: parameters, key paths: expected "all" or "best", found \'some\'',
        '8: parameters, key prefixes: expected "announced" or "tagged", found 1',
        "9: parameters, key colour: expected one of community, max_path, paths, max_age, "
        "prefixes, network, min_connections, address_provider, found an unknown key",
        "11: rules, key route.prependin: found an unknown rule; did you mean route.prepending?",
        "12: rules, key route.prepending: expected { level = \"must\" }, found 'off'",
        "13: rules, key route.as-set.level: expected one of must, must-linked, should, "
        "should-linked, derived, info, off, found 'maybe'",
        "13: rules, key route.as-set.severity: expected one of error, warning, info, found 'fatal'",
        "13: rules, key route.as-set.because: expected one of level, severity, "
        "found an unknown key",
        '14: rules, key route.first-as: expected { level = "must" }, found a table',
        '15: rules, key route: found an unknown rule; did you mean "route.as-set", in quotes?',
    ]

    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "mine.toml")
    assert [f"mine.toml:{line}" for line in expected] == str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[parameters]\ncommunity = 8075", "community"),
        ('[parameters]\ncommunity = "8075:80070"', "community"),
        ("[parameters]\nmax_path = 256", "max_path"),
        ("[parameters]\nmax_path = true", "max_path"),
        ('[parameters]\nmax_path = "3"', "max_path"),
        ("[parameters]\npaths = []", "paths"),
        ("parameters = 1", "parameters"),
        ("rules = []", "rules"),
        ("title = 1", "title"),
        ("source = []", "source"),
        ('[rules]\n"route.as-set" = { level = [] }', "route.as-set.level"),
        ('[rules]\n"route.as-set" = []', "route.as-set"),
    ],
)
def test_wrong_values(text: str, key: str) -> None:
    """A value of another type or out of range is a mistake of its key."""
    (found,) = mistakes(f'extends = "maps"\n{text}')

    assert f", key {key}: expected " in found


@pytest.mark.parametrize("text", ["", 'title = "x"', "[rules]"])
def test_a_file_has_to_extend(text: str) -> None:
    """A user's profile names the shipped one that it extends."""
    expected = (
        "the top of the file, key extends: expected one of direct, partner, route-server, maps, "
        "voice, found nothing"
    )
    assert [expected] == mistakes(text)


@pytest.mark.parametrize("extends", ["1", "[]", "{}", "true", '"mine.toml"'])
def test_only_shipped_profiles_can_be_extended(extends: str) -> None:
    """Any other value of `extends` is a mistake."""
    (found,) = mistakes(f"extends = {extends}")

    assert found.startswith("the top of the file, key extends: expected one of direct")


def test_toml_syntax() -> None:
    """The error says that the file is not TOML."""
    (found,) = mistakes("extends = ")

    assert found.startswith("the file: expected TOML, found ")


def severity_of(rule: str, profile: Profile, text: str, *, strict: bool = False) -> set[str]:
    """Evaluate a scenario with one profile; return the severities of a rule's failures."""
    found = scenario(text)
    found.profiles.update(dict.fromkeys(found.profiles, profile))
    report = found.evaluate(strict=strict)
    return {str(each.severity) for each in report.failed() if each.rule == rule}


@pytest.mark.parametrize(
    ("rule", "text", "severities"),
    [
        # declaration < shipped profile < user's file < --strict
        (
            "prefix.traffic-class",
            "registered 203.0.113.0/24 traffic x",
            ("error", "info", "warning", "error"),
        ),
        (
            "prefix.longer-than-24",
            "registered 203.0.113.0/25",
            ("warning", "info", "warning", "error"),
        ),
    ],
)
def test_precedence(rule: str, text: str, severities: tuple[str, str, str, str]) -> None:
    """A profile overrides a rule, a user's file overrides the profile, `--strict` all of them."""
    declared, shipped, users, strictly = severities
    mine = parse_profile(
        f'extends = "direct"\n[rules]\n"{rule}" = {{ level = "must", severity = "warning" }}',
        "m.toml",
    )

    assert declared == CATALOGUE[rule].severity
    assert {shipped} == severity_of(rule, shipped_profile("direct"), text)
    assert {users} == severity_of(rule, mine, text)
    assert {strictly} == severity_of(rule, mine, text, strict=True)


def test_a_rule_that_is_off() -> None:
    """A rule that a profile turns off is neither in the findings nor among the passed rules."""
    mine = parse_profile(
        'extends = "maps"\n[rules]\n"route.prepending" = { level = "off" }', "m.toml"
    )
    found = scenario(f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64500 {TAG}")
    found.profiles.update(dict.fromkeys(found.profiles, mine))

    report = found.evaluate()

    assert "route.prepending" not in {each.rule for each in report.findings}
    assert "route.prepending" not in report.prefixes[0].passed


INVENTORY: Final = """
[[peering]]
name = "contoso-ams"
profile = "mine.toml"
asn = 64500

[[peering.connection]]
name = "ams-1"

[[peering.connection.session]]
peer = "192.0.2.0"

[[peering.registered_prefix]]
name = "sbc-1"
prefix = "203.0.113.0/24"

[lab]
allow = ["documentation"]
max_age = "off"
"""


def checked(folder: Path, parameters: str) -> set[str]:
    """Check two paths of one prefix under a user's profile; return what fails on the session."""
    (folder / "mine.toml").write_text(f'extends = "direct"\n[parameters]\n{parameters}')
    (folder / "peering.toml").write_text(INVENTORY)
    rib = RibDump()
    peer = rib.peer("192.0.2.0", 64500)
    rib.routes(
        peer,
        "203.0.113.0/24 path 64500 64501 community 64500:1 path-id 1",
        "203.0.113.0/24 path 64500 64501 64502 community 64500:1 path-id 2",
        "198.51.100.0/24 path 64500 community 64500:1",
    )
    (folder / "rib.mrt").write_bytes(rib.octets())
    report = peerlint.check(
        peerlint.load_inventory(folder / "peering.toml"), [str(folder / "rib.mrt")]
    )
    return {
        f"{each.outcome} {each.rule}"
        for each in report.findings
        if each.subject.session == "ams-1" and is_about_routes(each.rule)
    }


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", {"fail route.community-missing"}),
        ('community = "64500:1"', {"fail registration.missing"}),
        (
            'community = "64500:1"\nmax_path = 2',
            {"fail registration.missing", "fail route.as-path-length"},
        ),
        (
            'community = "64500:1"\nmax_path = 2\npaths = "best"',
            {"fail registration.missing", "unknown route.as-path-length"},
        ),
        ('prefixes = "announced"', {"fail route.community-missing", "fail registration.missing"}),
    ],
)
def test_parameters_decide(tmp_path: Path, parameters: str, expected: set[str]) -> None:
    """Community, length, paths and prefixes of a user's profile decide what is reported."""
    assert expected == checked(tmp_path, parameters)


# -- the table of the shipped profiles


def test_the_table_has_a_row_for_each_rule() -> None:
    """The rows are the rules, each once, in the order of the catalogue; columns are profiles."""
    head, *rows = (line.split() for line in LEVELS.splitlines())

    assert ["rule", *PROFILES] == head
    assert list(CATALOGUE) == [row[0] for row in rows]


def test_the_table_is_aligned() -> None:
    """In every row, a column starts where its heading does."""
    head, *rows = LEVELS.splitlines()
    starts = [head.index(f" {name}") for name in PROFILES]

    assert [] == [row for row in rows for start in starts if row[start : start + 2].strip() == ""]
    assert [] == [row for row in rows for start in starts if row[start] != " "]


def test_parameters_are_those_of_profiles() -> None:
    """The parameters of each shipped profile would be valid in a user's file."""
    assert list(PROFILES) == list(SHIPPED)
    for name, data in SHIPPED.items():
        assert {"title", "source"} <= data.keys() <= {"title", "source", "parameters"}
        assert [] == list(_mistakes({"extends": name, **data}))


def test_severities_are_those_of_rows() -> None:
    """Each names a profile and a rule, and differs from the rule's own severity."""
    for (name, rule), severity in SEVERITIES.items():
        setting = shipped_profile(name).rules[rule]

        assert Severity(severity) is setting.severity
        assert CATALOGUE[rule].severity is not setting.severity
