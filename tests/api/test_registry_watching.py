"""Registry data of servers for a watch: one value for each change of a part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from pathlib import Path
from typing import Final, TypeVar

import attrs
import pytest
from tests.feeds.doubles.irrd_double import IrrdData, rpsl
from tests.feeds.doubles.whois_server import GONE, Reply
from tests.feeds.rtr.stayrtr import StayRtr, free_port, skip_without_stayrtr, write_json
from tests.registry.rtr.rtr_cache import vrp

from peerlint.api.inventories import load_inventory
from peerlint.api.registry_servers import RegistryServers
from peerlint.api.registry_watching import InventorySubjects, registry_updates
from peerlint.api.watched import watched_of
from peerlint.errors import FeedError
from peerlint.feeds.registry_changes import RegistryUpdate
from peerlint.feeds.rtr import RtrLimits
from peerlint.model import Prefix
from peerlint.registry import Asked, Registry, RegistryInputs, SourceInfo, SourceKind
from peerlint.rules import RegistryCriteria

PREFIX: Final = "203.0.113.0/24"
INVENTORY: Final = f"""
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"

[[peering.registered_prefix]]
prefix = "{PREFIX}"
origin = 64501
"""
_Value = TypeVar("_Value")


@attrs.define
class Watched:
    """What the watch is about."""

    asns: frozenset[int] = frozenset({64500})

    def asked(self) -> Asked:
        """Return its AS numbers and its prefix."""
        return Asked(self.asns, frozenset({Prefix.parse(PREFIX)}))

    def criteria(self) -> Iterable[RegistryCriteria]:
        """Return criteria that name two registries."""
        return (RegistryCriteria(named=("RADB", "RIPE"), listed=(), weak=()),)


SERVER: Final = IrrdData((rpsl("aut-num", "AS64500", "RADB"),), ("RADB", "RIPE"))


def run(main: Coroutine[object, object, _Value]) -> _Value:
    """Run a test's coroutine."""
    return asyncio.run(asyncio.wait_for(main, 120))


async def _never(_: float) -> None:
    await asyncio.Event().wait()


def file(kind: SourceKind) -> Registry:
    """Return the data of a file with one source."""
    return Registry.of(RegistryInputs(0, (SourceInfo(kind, "FILE", 0, 0),)))


def names(update: RegistryUpdate) -> set[str]:
    """Return the names of the sources."""
    assert update.registry is not None
    return {each.name for each in update.registry.sources}


def test_whois_again() -> None:
    """Whois servers are asked again when the inventory changes, about what is in it then."""

    async def main() -> None:
        watched, again = Watched(), asyncio.Event()
        with SERVER.server() as double:
            servers = RegistryServers(whois=(double.address,))
            updates = registry_updates(servers, watched, again=again, sleep=_never)
            first = await anext(updates)
            watched.asns = frozenset({64500, 64501})
            again.set()
            second = await anext(updates)
            await updates.aclose()
        assert names(first) == {"RADB", "RIPE"}
        assert first.registry is not None
        assert second.registry is not None
        assert first.registry.origin(64500).aut_nums
        assert first.registry.asked == attrs.evolve(watched.asked(), asns=frozenset({64500}))
        assert second.registry.asked == watched.asked()

    run(main())


def test_inventory(tmp_path: Path) -> None:
    """Registered prefixes are asked about, with their origins and the peer's own number."""
    (tmp_path / "peering.toml").write_text(INVENTORY, encoding="utf-8")
    inventory = load_inventory(tmp_path / "peering.toml")
    subjects = InventorySubjects(watched_of(inventory, profile=None, strict=False, allow=()))
    assert subjects.asked() == Asked(frozenset({64500, 64501}), frozenset({Prefix.parse(PREFIX)}))
    assert {name for each in subjects.criteria() for name in each.named} >= {"RADB", "RIPE"}


def test_whois_lost() -> None:
    """If no server answers any more, the last answers stay in use, and it is said."""

    async def main() -> None:
        again, replies = asyncio.Event(), dict[tuple[str, str], Reply]()
        with attrs.evolve(SERVER, replies=replies).server() as double:
            servers = RegistryServers(whois=(double.address,))
            updates = registry_updates(servers, Watched(), again=again, max_age=0, sleep=_never)
            first = await anext(updates)
            replies |= {(old, f"!s{new}"): GONE for old in ("", "RIPE") for new in ("RADB", "RIPE")}
            again.set()
            lost = await anext(updates)
            await updates.aclose()
        assert not first.problem
        assert f"RADB did not answer everything: {double.address}: closed" in lost.problem
        assert lost.registry is not None
        assert lost.registry.origin(64500).aut_nums

    run(main())


def test_unreachable() -> None:
    """A server that is not there at the start is an error."""
    servers = RegistryServers(whois=(f"127.0.0.1:{free_port()}",))
    with pytest.raises(FeedError, match="refused"):
        run(anext(registry_updates(servers, Watched(), sleep=_never)))


def test_file_beside() -> None:
    """The IRRs of a file give way to the servers', its other data are used, also when replaced."""

    async def files() -> AsyncIterator[RegistryUpdate]:
        yield RegistryUpdate(file(SourceKind.IRR))
        yield RegistryUpdate(None, "damaged")
        yield RegistryUpdate(file(SourceKind.DELEGATED))

    async def main() -> None:
        with SERVER.server() as double:
            servers = RegistryServers(whois=(double.address,))
            updates = registry_updates(servers, Watched(), files(), sleep=_never)
            found = [await anext(updates)]
            while found[-1].registry is None or len(names(found[-1])) < 3:
                found.append(await anext(updates))
            await updates.aclose()
        assert names(found[-1]) == {"RADB", "RIPE", "FILE"}
        assert [each.problem for each in found if each.registry is None] == ["damaged"]
        assert all("FILE" not in names(each) for each in found[:-1] if each.registry is not None)

    run(main())


@pytest.mark.lab
def test_rtr(tmp_path: Path) -> None:
    """What changes in a cache is a new value; while it is away its VRPs stay in use."""
    skip_without_stayrtr()
    path, port = tmp_path / "vrps.json", free_port()
    write_json(path, [vrp(f"{PREFIX} 64500")])

    async def main() -> None:
        limits = RtrLimits(delay=0.2, longest_delay=0.5)
        updates = registry_updates(
            RegistryServers(rtr=("127.0.0.1", port)), Watched(), limits=limits
        )
        with StayRtr(path, port):
            first = await anext(updates)
            assert first.registry is not None
            assert first.registry.validity(PREFIX, 64500).matched
            write_json(path, [vrp(f"{PREFIX} 64501")])
            second = await anext(updates)
            while second.registry is None or second.registry.validity(PREFIX, 64500).matched:
                second = await anext(updates)
            assert second.registry.validity(PREFIX, 64501).matched
        lost = await anext(updates)
        while lost.registry is not None:
            lost = await anext(updates)
        assert f"rtr 127.0.0.1:{port}: " in lost.problem
        assert "its VRPs are used until" in lost.problem
        await updates.aclose()

    run(main())
