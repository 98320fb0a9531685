"""A registry file that is replaced while a program runs: each change is one value."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from peerlint.errors import FeedError
from peerlint.feeds.registry_changes import INTERVAL, RegistryUpdate, registry_changes
from peerlint.feeds.registry_file import build_registry
from peerlint.model import Prefix
from peerlint.registry import RegistryInputs, SourceInfo, SourceKind, Vrp, vrp_columns

NOW: Final = 1_796_000_000_000_000
#: What somebody does to a file between two looks.
Action = Callable[[Path], object]


class Ended(Exception):  # noqa: N818  # no error: the last action is done
    """Nothing more will happen."""


def write(path: Path, origin: int) -> None:
    """Put a file with one VRP in the place of the file."""
    vrps = vrp_columns([Vrp(Prefix.parse("203.0.113.0/24"), 24, origin, "ripe")])
    sources = (SourceInfo(SourceKind.VRPS, "vrps.json", NOW, 1),)
    build_registry(RegistryInputs(NOW, sources, vrps=(vrps,)), path)


def put(path: Path, octets: bytes) -> None:
    """Put other octets in the place of the file."""
    other = path.with_name("other")
    other.write_bytes(octets)
    other.replace(path)


def cut(path: Path) -> None:
    """Put the first half of the file in its place."""
    put(path, path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    """Put a file in its place of which one of the last octets is another one."""
    octets = bytearray(path.read_bytes())
    octets[-1] ^= 0xFF
    put(path, bytes(octets))


def away(path: Path) -> None:
    """Rename the file."""
    path.rename(path.with_name("away"))


def back(path: Path) -> None:
    """Give the same file its name again."""
    path.with_name("away").rename(path)


def folder(path: Path) -> None:
    """Put a folder in the place of the file."""
    path.unlink()
    path.mkdir()


def nothing(_: Path) -> None:
    """Leave the file as it is."""


def touched_twice(path: Path) -> None:
    """Replace the file twice between two looks."""
    write(path, 64501)
    write(path, 64502)


async def changes(path: Path, actions: Iterable[Action]) -> list[RegistryUpdate]:
    """Return what is yielded while actions are done, one before each look."""
    left = iter(actions)

    async def wait(seconds: float) -> None:
        assert seconds == INTERVAL
        action = next(left, None)
        if action is None:
            raise Ended
        action(path)

    found = list[RegistryUpdate]()
    updates: AsyncIterator[RegistryUpdate] = registry_changes(
        path, wait=wait, now=lambda: NOW * 1000
    )
    try:
        async for each in updates:
            found.append(each)
    except Ended:
        return found
    raise AssertionError("it ended by itself")


def said(update: RegistryUpdate) -> str:
    """Return the origin of the VRP of an update, or why there is none."""
    if update.registry is None:
        return update.problem
    assert update.problem == ""
    return str(update.registry.vrps(Prefix.parse("203.0.113.0/24"))[0].asn)


ROWS: Final[list[tuple[str, list[Action], list[str]]]] = [
    ("nothing changes", [nothing, nothing], ["64500"]),
    ("replaced", [partial(write, origin=64501), nothing], ["64500", "64501"]),
    ("replaced twice between two looks", [touched_twice], ["64500", "64502"]),
    ("replaced by the same data", [partial(write, origin=64500)], ["64500", "64500"]),
    ("cut, and looked at twice", [cut, nothing], ["64500", "!"]),
    ("damaged at its end", [flip], ["64500", "!"]),
    ("no registry file", [partial(put, octets=b"VRPs")], ["64500", "expected a registry file"]),
    ("empty", [partial(put, octets=b"")], ["64500", "!"]),
    ("gone, and looked at twice", [away, nothing], ["64500", "No such file"]),
    ("gone, and the same again", [away, back], ["64500", "No such file", "64500"]),
    ("a folder", [folder], ["64500", "it is not a file"]),
    (
        "damaged, then mended",
        [cut, partial(write, origin=64501)],
        ["64500", "!", "64501"],
    ),
    ("damaged in two ways", [cut, partial(put, octets=b"?")], ["64500", "!", "!"]),
]


@pytest.mark.parametrize(
    ("actions", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_changes(actions: list[Action], expected: list[str], tmp_path: Path) -> None:
    """Each change of the file is said once, with its data or the reason why there are none."""
    path = tmp_path / "registry.peerlint"
    write(path, 64500)

    found = [said(each) for each in asyncio.run(changes(path, actions))]

    assert len(expected) == len(found), found
    for text, each in zip(expected, found, strict=True):
        if text.isdigit():
            assert text == each
        else:
            assert each.startswith(os.fspath(path)), "it names the file"
            assert text == "!" or text in each


def test_old_data_outlive_their_file(tmp_path: Path) -> None:
    """Data of a file that was replaced and removed can still be asked."""
    path = tmp_path / "registry.peerlint"
    write(path, 64500)

    first, second, third = asyncio.run(changes(path, [partial(write, origin=64501), Path.unlink]))

    assert third.registry is None
    assert ["64500", "64501"] == [said(first), said(second)]


@pytest.mark.parametrize("prepare", [nothing, partial(put, octets=b"VRPs"), Path.mkdir])
def test_the_first_file_has_to_be_usable(prepare: Action, tmp_path: Path) -> None:
    """Without usable data at the start there is an error that names the file."""
    path = tmp_path / "registry.peerlint"
    prepare(path)

    with pytest.raises(FeedError, match=r"registry\.peerlint"):
        asyncio.run(changes(path, []))
