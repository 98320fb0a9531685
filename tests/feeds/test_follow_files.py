"""What may happen to the files of a folder that is followed: forms, order, growth, damage, cuts."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from tests.feeds.doubles.folder import (
    MINUTE,
    ONE,
    SECOND,
    SESSION,
    TWO,
    Story,
    gaps,
    kinds,
    rib,
    updates,
)

from peerlint.events import Announce, EndOfRib, Event, Gap, SessionUp, Withdraw
from peerlint.feeds.follow import growing
from peerlint.feeds.follow.growing import PIECE, GrowingFile
from peerlint.testing.dumps import TIMESTAMP, OldRibDump, RibDump

#: Every octet takes seconds.
STEPS: Final = [41, pytest.param(1, marks=pytest.mark.slow)]
SIX: Final = "2001:db8:113::/48 path 64500 next-hop 2001:db8::1"
Compress = Callable[[bytes], bytes]
FORMS: Final[dict[str, Compress]] = {
    "plain": lambda octets: octets,
    "gz": lambda octets: gzip.compress(octets, mtime=0),
    "bz2": bz2.compress,
}


@pytest.fixture(name="story")
def _story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def routes(events: list[Event]) -> list[str]:
    """Return the announced and withdrawn prefixes in a few words."""
    return [
        f"+ {each.route.prefix}" if isinstance(each, Announce) else f"- {each.prefix}"
        for each in events
        if isinstance(each, Announce | Withdraw)
    ]


# -- routers and forms


def test_several_routers(tmp_path: Path) -> None:
    """Each router has its table, its updates, and its gaps; none of them is another one's."""
    story = Story(tmp_path, router_of=lambda name: name.partition("-")[0])
    for router, route in (("a", ONE), ("b", TWO)):
        (tmp_path / f"{router}-rib").write_bytes(rib(route))
        (tmp_path / f"{router}-updates").write_bytes(updates().withdraw(SESSION, route).octets())
    found = story.settled()
    for router, prefix in (("a", "203.0.113.0/24"), ("b", "198.51.100.0/24")):
        own = [each for each in found if each.router == router]
        assert kinds(own) == [SessionUp, Announce, EndOfRib, Withdraw]
        assert routes(own) == [f"+ {prefix}", f"- {prefix}"]
    (tmp_path / "a-updates").unlink()
    found = story.look()
    assert [(type(each), each.router) for each in found] == [(Gap, "a")]


def test_a_router_that_comes_later(tmp_path: Path) -> None:
    """Files of a router that was not there at the start begin with its table too."""
    story = Story(tmp_path, router_of=lambda name: name.partition("-")[0])
    (tmp_path / "a-rib").write_bytes(rib(ONE))
    story.settled()
    (tmp_path / "b-rib").write_bytes(rib(TWO))
    found = story.settled()
    assert kinds(found) == [SessionUp, Announce, EndOfRib]
    assert {each.router for each in found} == {"b"}


def test_a_table_of_the_first_form(story: Story) -> None:
    """TABLE_DUMP (RFC 6396 section 4.2) has no list of peers: those of its routes are up."""
    dump = OldRibDump(timestamp=TIMESTAMP).routes("192.0.2.1", 64500, ONE, TWO)
    (story.folder / "rib").write_bytes(dump.octets())
    (story.folder / "updates").write_bytes(updates().withdraw(SESSION, TWO).octets())
    assert kinds(story.settled()) == [SessionUp, Announce, Announce, EndOfRib, Withdraw]


def test_tables_of_each_family(story: Story) -> None:
    """Where IPv4 and IPv6 are in two files, the sessions begin once, with both."""
    for name, route in (("rib4", ONE), ("rib6", SIX)):
        (story.folder / name).write_bytes(rib(route))
    (story.folder / "updates").write_bytes(updates().withdraw(SESSION, ONE).octets())
    found = story.settled()
    assert kinds(found) == [SessionUp, Announce, EndOfRib, Announce, EndOfRib, Withdraw]
    assert [each.family for each in found if isinstance(each, EndOfRib)] == [4, 6]


def test_tables_of_each_family_that_grow(story: Story) -> None:
    """Tables are told apart as soon as they have a route, not by the list of their peers."""
    for name in ("rib4", "rib6"):
        (story.folder / name).write_bytes(rib())
    assert story.look() == []
    for name, route in (("rib4", ONE), ("rib6", SIX)):
        with (story.folder / name).open("r+b") as file:
            file.write(rib(route))
    found = story.settled()
    assert routes(found) == ["+ 203.0.113.0/24", "+ 2001:db8:113::/48"]


def test_two_snapshots_in_one_file(story: Story) -> None:
    """A later snapshot of a table in the same file takes the place of the first one."""
    (story.folder / "rib").write_bytes(rib(ONE) + rib(TWO, at=MINUTE))
    found = story.settled()
    assert kinds(found) == [SessionUp, Announce, SessionUp, Announce, EndOfRib]
    assert routes(found)[-1] == "+ 198.51.100.0/24"


def test_a_table_and_its_updates_in_one_file(story: Story) -> None:
    """Updates behind a table in one file are read after it."""
    (story.folder / "all").write_bytes(rib(ONE) + updates().withdraw(SESSION, ONE).octets())
    assert routes(story.settled()) == ["+ 203.0.113.0/24", "- 203.0.113.0/24"]


def test_a_table_without_routes(story: Story) -> None:
    """The peers of an empty table are up, and have no routes of either family."""
    (story.folder / "rib").write_bytes(rib())
    assert kinds(story.settled()) == [SessionUp, EndOfRib, EndOfRib]


def test_several_paths(story: Story) -> None:
    """Path identifiers (RFC 8050) are kept in tables and in updates."""
    dump = RibDump(timestamp=TIMESTAMP)
    peer = dump.peer("192.0.2.1", 64500)
    dump.routes(peer, f"{ONE} path-id 1", f"{ONE} path-id 2")
    (story.folder / "rib").write_bytes(dump.octets())
    found = [each.route.path_id for each in story.settled() if isinstance(each, Announce)]
    assert found == [1, 2]


# -- order


def test_a_late_file(story: Story) -> None:
    """A file that comes after a later one of its series is not read, and is a gap."""
    (story.folder / "rib").write_bytes(rib())
    for number, at in ((1, 0), (3, 10)):
        octets = updates(at * SECOND).announce(SESSION, ONE).octets()
        (story.folder / f"updates.{number}").write_bytes(octets)
    story.settled()
    late = updates(5 * SECOND).withdraw(SESSION, ONE).octets()
    (story.folder / "updates.2").write_bytes(late)

    (gap,) = story.look()

    assert isinstance(gap, Gap)
    assert gap.reason == f"{story.folder / 'updates.2'}: came after a later file"
    assert gap.since == TIMESTAMP + 5 * SECOND
    assert story.look() == []


def test_a_file_that_grows_after_it_was_finished(story: Story) -> None:
    """What is appended after the next file began is a gap: the order is not known any more."""
    (story.folder / "rib").write_bytes(rib())
    first = story.folder / "updates.1"
    first.write_bytes(updates().announce(SESSION, ONE).octets())
    second = updates(SECOND).announce(SESSION, TWO).octets()
    (story.folder / "updates.2").write_bytes(second)
    story.settled()
    with first.open("ab") as file:
        file.write(updates(2 * SECOND).withdraw(SESSION, ONE).octets())

    (said,) = gaps(story.look())

    assert said == f"{first}: grew after the next file began"
    assert story.look() == []


def test_a_table_that_grows_after_it_was_read(story: Story) -> None:
    """A table whose writer waited longer than `settle` was not complete: a gap, then all again."""
    path = story.folder / "rib"
    path.write_bytes(rib(ONE))
    (story.folder / "updates").write_bytes(updates().announce(SESSION, TWO).octets())
    assert kinds(story.settled()) == [SessionUp, Announce, EndOfRib, Announce]
    path.write_bytes(rib(ONE, SIX))
    assert gaps(story.look()) == [f"{path}: grew after it was read as a whole"]
    found = story.look()
    assert kinds(found) == [SessionUp, Announce, Announce, EndOfRib, EndOfRib, Announce]
    assert story.settled() == []


def test_files_of_two_series(story: Story) -> None:
    """Two collectors' files of one router are two series, of which each goes on for itself."""
    (story.folder / "rib").write_bytes(rib())
    (story.folder / "east.1").write_bytes(updates().announce(SESSION, ONE).octets())
    (story.folder / "west.1").write_bytes(updates(SECOND).announce(SESSION, TWO).octets())
    story.settled()
    with (story.folder / "east.1").open("ab") as file:
        file.write(updates(2 * SECOND).withdraw(SESSION, ONE).octets())
    assert routes(story.look()) == ["- 203.0.113.0/24"]
    assert gaps(story.look()) == []


# -- damage


def test_damage_in_a_file_that_grows(story: Story) -> None:
    """What is damaged is one gap, and what comes behind it is read."""
    (story.folder / "rib").write_bytes(rib())
    path = story.folder / "updates"
    path.write_bytes(updates().announce(SESSION, ONE).octets() + b"\xff" * 50)
    assert kinds(story.settled())[-2:] == [Announce, Gap]
    with path.open("ab") as file:
        # The next record is looked for where enough follows, or when the file ends.
        file.write(updates(SECOND).withdraw(SESSION, ONE).octets())
    story.look()
    (story.folder / "updates.2").write_bytes(updates(2 * SECOND).announce(SESSION, TWO).octets())
    found = story.look()
    assert routes(found) == ["- 203.0.113.0/24", "+ 198.51.100.0/24"]
    assert gaps(found) == []


@pytest.mark.parametrize("name", ["gz", "bz2"])
def test_damage_in_a_compressed_file(story: Story, name: str) -> None:
    """A compressed file that is damaged is a gap; what was before the damage is read."""
    (story.folder / "rib").write_bytes(rib())
    octets = bytearray(FORMS[name](updates().announce(SESSION, ONE).octets()))
    octets[-3] ^= 0xFF
    path = story.folder / "updates"
    path.write_bytes(octets)
    (said,) = gaps(story.settled())
    assert str(path) in said


def test_no_mrt_file(story: Story) -> None:
    """A file that is something else is a gap that names it, once; the others are read."""
    (story.folder / "rib").write_bytes(rib(ONE))
    (story.folder / "notes.txt").write_bytes(b"these are notes, and no MRT records\n" * 5)
    found = story.settled()
    (said,) = gaps(found)
    assert "notes.txt" in said
    assert routes(found) == ["+ 203.0.113.0/24"]
    assert story.look() == []


# -- cuts


def _several() -> bytes:
    """Return updates with everything that a record may be."""
    dump = updates().state_change(SESSION).open(SESSION).announce(SESSION, ONE, SIX)
    dump.end_of_rib(SESSION).withdraw(SESSION, ONE).state_change(SESSION, 6, 1)
    return dump.octets()


def _ends(octets: bytes) -> set[int]:
    """Return where the records of MRT end."""
    ends, at = {0}, 0
    while at < len(octets):
        at += 12 + int.from_bytes(octets[at + 8 : at + 12])
        ends.add(at)
    return ends


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("form", FORMS)
def test_cut_at_every_octet(tmp_path: Path, form: str, step: int) -> None:
    """A file that is written up to any octet gives the first events, and the others later."""
    octets = FORMS[form](_several())
    whole: list[Event] | None = None
    for end in range(len(octets), -1, -step):
        folder = tmp_path / str(end)
        folder.mkdir()
        story = Story(folder)
        (folder / "rib").write_bytes(rib())
        path = folder / "updates"
        path.write_bytes(octets[:end])
        first = story.settled()
        path.write_bytes(octets)
        found = [*first, *story.look()]
        if whole is None:
            whole = found
        assert gaps(found) == []
        assert [_of(each, folder) for each in found] == [_of(each, tmp_path) for each in whole]
        story.feed.close()


def _of(event: Event, folder: Path) -> str:
    """Return an event without its router, which is called like the folder."""
    assert folder
    return repr(event).replace(f"router={event.router!r}", "")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("form", FORMS)
def test_finished_at_every_octet(tmp_path: Path, form: str, step: int) -> None:
    """A file that ends at any octet, as the next one shows, is a gap if a record is cut."""
    plain = _several()
    octets = FORMS[form](plain)
    for end in range(len(octets), 0, -step):
        folder = tmp_path / str(end)
        folder.mkdir()
        story = Story(folder)
        (folder / "rib").write_bytes(rib())
        (folder / "updates.1").write_bytes(octets[:end])
        found = story.settled()
        last = updates(SECOND).announce(SESSION, TWO).octets()
        (folder / "updates.2").write_bytes(last)
        found += story.look()
        is_whole = end == len(octets) or (form == "plain" and end in _ends(plain))
        assert bool(gaps(found)) != is_whole, end
        assert routes(found)[-1] == "+ 198.51.100.0/24"
        story.feed.close()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("form", FORMS)
def test_a_table_cut_at_every_octet(tmp_path: Path, form: str, step: int) -> None:
    """A table that is cut anywhere is never complete, except between two of its records.

    There nothing shows that there were more: a table says nowhere how many routes it has.
    """
    plain = rib(ONE, TWO)
    octets = FORMS[form](plain)
    for end in range(1, len(octets), step):
        folder = tmp_path / str(end)
        folder.mkdir()
        story = Story(folder)
        (folder / "rib").write_bytes(octets[:end])
        found = story.settled()
        is_between = form == "plain" and end in _ends(plain)
        assert (EndOfRib in kinds(found)) == is_between, end
        story.feed.close()


# -- bounds


@pytest.mark.parametrize("size", [4 * PIECE, 16 * PIECE])
def test_octets_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """However large a file is, no more than a piece of it and half a record are held."""
    octets = updates().announce(SESSION, ONE).octets()
    path = tmp_path / "updates"
    path.write_bytes(octets * (size // len(octets)))
    read: list[int] = []
    real = growing.os.read

    def counted(descriptor: int, count: int) -> bytes:
        found = real(descriptor, count)
        read.append(len(found))
        return found

    monkeypatch.setattr(growing.os, "read", counted)
    with GrowingFile(path) as file:
        before, most = -1, 0
        while file.taken != before:
            before = file.taken
            for _ in file.read():
                pass
            most = max(most, len(file._held) + len(file._reader.pending))
    assert max(read) <= PIECE
    assert most <= len(octets)
    assert sum(read) == path.stat().st_size


def test_files_in_memory(story: Story) -> None:
    """Of files that are gone, only the newest are remembered; one file of a router is open."""
    (story.folder / "rib").write_bytes(rib())
    story.settled()
    for number in range(30):
        octets = updates(number * SECOND).announce(SESSION, ONE).octets()
        (story.folder / f"updates.{number}").write_bytes(octets)
        story.look()
        if number:
            (story.folder / f"updates.{number - 1}").unlink()
        (router,) = story.feed._routers.values()
        assert sum(each.reader is not None for each in router._files.values()) == 1
    assert gaps(story.look()) == []
    assert len(router._files) == 2
