"""`peerlint init`: an inventory to start from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.api.inventories import RULES
from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.inventory import Inventory, Peering
from peerlint.inventory.peering import PROFILES
from peerlint.inventory.toml import parse_inventory
from peerlint.inventory.unfilled import unfilled
from peerlint.profiles import shipped_profile
from peerlint.profiles.template import template

#: A comment that is a table or a key with a value.
COMMENTED_OUT: Final = re.compile(r"^# (?=\[|[a-z_0-9]+ = )", re.MULTILINE)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = program.run(arguments)
        return (status, *capsys.readouterr())

    return run


@pytest.mark.parametrize("name", PROFILES)
def test_it_has_no_mistakes(name: str) -> None:
    """It loads as it is, and with everything in it declared."""
    text = template(shipped_profile(name))
    everything = COMMENTED_OUT.sub("", text)

    before = parse_inventory(text, "peering.toml", RULES)
    after = parse_inventory(everything, "peering.toml", RULES)

    assert [name] == [peering.profile for peering in before.peerings]
    assert after.lab.allow
    assert after.attestations
    assert after.maintenance
    assert after.ribs
    assert all(connection.is_active for connection in after.peerings[0].connections)


@pytest.mark.parametrize("name", PROFILES)
def test_it_fits_the_profile(name: str) -> None:
    """It has what the profile registers, and as many connections as it wants."""
    profile = shipped_profile(name)
    text = COMMENTED_OUT.sub("", template(profile))
    (peering,) = parse_inventory(text, "peering.toml", RULES).peerings

    assert profile.set_up.min_connections == len(peering.connections)
    assert profile.set_up.network == peering.network
    assert (name == "route-server") == bool(peering.registered_asns)
    assert (name != "route-server") == bool(peering.registered_prefixes)


@pytest.mark.parametrize("name", PROFILES)
def test_it_claims_nothing(name: str) -> None:
    """What Azure shows, and what a person has to look at, is not declared by itself."""
    data = tomllib.loads(template(shipped_profile(name)))

    (peering,) = data["peering"]
    assert {"name", "profile", "asn", "location", "connection"} <= set(peering)
    assert {"name", "router", "session"} == {key for each in peering["connection"] for key in each}
    assert ["peering"] == list(data)


@pytest.mark.parametrize("name", PROFILES)
def test_check_says_what_is_still_to_fill_in(run: Run, name: str) -> None:
    """A check of it names every key whose value stands for another one, and fails."""
    status, out, err = run("init", name, "--output", "peering.toml")
    assert (Exit.CLEAN, "") == (status, out)
    assert err == (
        "peerlint: peering.toml: written; fill it in, then run `peerlint check peering.toml`\n"
    )

    status, _, err = run("check", "peering.toml")

    assert Exit.FINDINGS == status
    text = Path("peering.toml").read_text(encoding="utf-8")
    for placeholder in re.findall(r'"(<[^"]+>)"', text):
        assert f": {placeholder}\n" in err
    said = "peerlint: still to fill in: "
    assert f'{said}peering "my-peering", key location: <metro>\n' in err
    assert f'{said}peering "my-peering", key asn: 64500 is only for documentation\n' in err


def test_what_is_filled_in_is_not_asked_for() -> None:
    """Real values are left alone, and so are those of documentation where they are allowed."""
    declared = peerlint.Asn(64500)
    text = '[lab]\nallow = ["documentation"]\n[[peering]]\nname = "a"\nprofile = "maps"\nasn = '

    assert [] == list(unfilled(Inventory((Peering("a", "maps", peerlint.Asn(8075), "<"),))))
    assert [] == list(unfilled(parse_inventory(f"{text}64500", "peering.toml")))
    assert [] != list(unfilled(Inventory((Peering("a", "maps", declared),))))


@pytest.mark.parametrize("content", ["", "precious"])
def test_nothing_is_overwritten(run: Run, content: str) -> None:
    """A file that exists stays, even an empty one."""
    Path("peering.toml").write_text(content, encoding="utf-8")

    status, out, err = run("init", "maps", "-o", "peering.toml")

    assert (Exit.USAGE, "") == (status, out)
    assert "peerlint: peering.toml: it is there already, and is not overwritten\n" == err
    assert content == Path("peering.toml").read_text(encoding="utf-8")
    assert ["peering.toml"] == [each.name for each in Path().iterdir()]


def test_a_profile_of_ones_own(run: Run) -> None:
    """A profile file serves too: the inventory names it, and has what its base wants."""
    text = 'extends = "route-server"\ntitle = "Ours"\n'
    Path("mine.toml").write_text(text, encoding="utf-8")

    status, out, _ = run("init", "mine.toml")

    assert Exit.CLEAN == status
    assert "# Profile mine.toml: Ours, source document 002." in out
    (peering,) = parse_inventory(out, "peering.toml", RULES).peerings
    assert ("mine.toml", 1, 1) == (
        peering.profile,
        len(peering.connections),
        len(peering.registered_asns),
    )
