"""The events of a folder into which MRT files are dropped."""

from __future__ import annotations

import bz2
import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import pytest
from tests.feeds.doubles.folder import MINUTE, ONE, SESSION, TWO, Story, gaps, kinds, rib, updates

from peerlint.errors import FeedError
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    SessionDown,
    SessionUp,
    Withdraw,
)
from peerlint.feeds.bmp import RouterStream
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.dumps import TIMESTAMP, RibDump

PEER: Final = BmpPeer("192.0.2.1", 64500, "192.0.2.2", 64496)


@pytest.fixture(name="story")
def _story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def test_the_newest_table_is_first_and_updates_follow(story: Story) -> None:
    """Older tables and what is older than the table are left out; updates come by time."""
    (story.folder / "rib.1").write_bytes(rib(TWO, at=-60 * MINUTE))
    (story.folder / "rib.2").write_bytes(rib(ONE))
    (story.folder / "updates.2").write_bytes(updates(MINUTE).withdraw(SESSION, ONE).octets())
    old = updates(-MINUTE).announce(SESSION, TWO).octets()
    (story.folder / "updates.1").write_bytes(old + updates().announce(SESSION, TWO).octets())

    found = story.settled()

    assert kinds(found) == [SessionUp, Announce, EndOfRib, Announce, Withdraw]
    assert [each.time - TIMESTAMP for each in found] == [0, 0, 0, 0, MINUTE]


def test_nothing_comes_twice_and_nothing_waits_busily(story: Story) -> None:
    """A folder that does not change gives no event, and is looked at once in each interval."""
    (story.folder / "rib").write_bytes(rib(ONE))
    story.settled()
    waits = story.waits

    assert story.look() == []
    assert story.waits == waits + 1


@pytest.mark.parametrize("cut", [1, 11, 12, 40])
def test_a_record_comes_when_it_is_complete(story: Story, cut: int) -> None:
    """The partial last record of a file that grows is no damage."""
    (story.folder / "rib").write_bytes(rib())
    octets = updates().announce(SESSION, ONE).octets()
    path = story.folder / "updates"
    path.write_bytes(octets + octets[:cut])

    assert kinds(story.settled()) == [SessionUp, EndOfRib, EndOfRib, Announce]
    with path.open("ab") as file:
        file.write(octets[cut:])
    assert kinds(story.look()) == [Announce]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_compressed_files(story: Story, compress: Callable[[bytes], bytes]) -> None:
    """Compressed files are read when they are written at once, and when they grow."""
    (story.folder / "rib.x").write_bytes(compress(rib(ONE)))
    octets = compress(updates().withdraw(SESSION, ONE).octets())
    path = story.folder / "updates.x"
    path.write_bytes(octets[:20])

    assert kinds(story.settled()) == [SessionUp, Announce, EndOfRib]
    path.write_bytes(octets)
    assert kinds(story.look()) == [Withdraw]


def test_rotation(story: Story) -> None:
    """A new file continues the one before it, which is read to its end first."""
    (story.folder / "rib").write_bytes(rib())
    first = story.folder / "updates.1"
    first.write_bytes(updates().announce(SESSION, ONE).octets())
    story.settled()
    with first.open("ab") as file:
        file.write(updates(MINUTE).withdraw(SESSION, ONE).octets())
    second = updates(2 * MINUTE).announce(SESSION, TWO).octets()
    (story.folder / "updates.2").write_bytes(second)

    assert kinds(story.look()) == [Withdraw, Announce]


def test_rotation_by_renaming(story: Story) -> None:
    """A file that is renamed, or compressed, is not read again."""
    (story.folder / "rib").write_bytes(rib())
    path = story.folder / "updates"
    path.write_bytes(updates().announce(SESSION, ONE).octets())
    story.settled()
    path.rename(story.folder / "updates.1")
    path.write_bytes(updates(MINUTE).withdraw(SESSION, ONE).octets())

    assert kinds(story.look()) == [Withdraw]
    (story.folder / "updates.1.gz").write_bytes(
        gzip.compress((story.folder / "updates.1").read_bytes())
    )
    (story.folder / "updates.1").unlink()
    assert story.look() == []


def _vanish(path: Path) -> None:
    path.unlink()


def _replace(path: Path) -> None:
    other = path.with_name(".new")
    other.write_bytes(updates(MINUTE).announce(SESSION, TWO).octets())
    other.rename(path)


def _truncate(path: Path) -> None:
    path.write_bytes(b"")


def _damage(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\xff" * 40)


@pytest.mark.parametrize("harm", [_vanish, _replace, _truncate, _damage])
def test_harm_is_a_gap_that_names_the_file(story: Story, harm: Callable[[Path], None]) -> None:
    """A file that vanishes, is replaced, truncated or damaged is a gap, said once."""
    (story.folder / "rib").write_bytes(rib())
    path = story.folder / "updates"
    path.write_bytes(updates().announce(SESSION, ONE).octets())
    assert gaps(story.settled()) == []
    harm(path)

    (said,) = gaps(story.look())

    assert str(path) in said
    assert gaps(story.look()) == []


def test_a_damaged_table_is_never_complete(story: Story) -> None:
    """A table that is cut has no End-of-RIB, so that what it lacks is not known."""
    (story.folder / "rib").write_bytes(rib(ONE, TWO)[:-5])
    assert kinds(story.settled()) == [SessionUp, Announce, Gap]


def test_a_table_that_still_grows_waits(story: Story) -> None:
    """A table is read when it has not changed for `settle` seconds: it has no end of its own."""
    path = story.folder / "rib"
    path.write_bytes(rib(ONE))
    assert story.look() == []
    path.write_bytes(rib(ONE, TWO))
    assert story.look() == []
    assert kinds(story.look()) == [SessionUp, Announce, Announce, EndOfRib]


def test_missing_files(story: Story) -> None:
    """Updates that begin long after the last record before them are behind a gap."""
    (story.folder / "rib").write_bytes(rib())
    (story.folder / "updates.1").write_bytes(updates().announce(SESSION, ONE).octets())
    late = updates(20 * MINUTE).withdraw(SESSION, ONE).octets()
    (story.folder / "updates.2").write_bytes(late)
    assert kinds(story.settled())[-2:] == [Gap, Withdraw]


def test_a_new_table_ends_a_gap(story: Story) -> None:
    """After a gap, sessions begin again with the next table; without one it is not read."""
    (story.folder / "rib.1").write_bytes(rib(ONE))
    path = story.folder / "updates.1"
    path.write_bytes(updates().announce(SESSION, ONE).octets())
    story.settled()
    (story.folder / "rib.2").write_bytes(rib(ONE, at=MINUTE))
    assert story.settled() == []
    path.unlink()
    assert kinds(story.look()) == [Gap]
    (story.folder / "rib.3").write_bytes(rib(TWO, at=2 * MINUTE))
    assert kinds(story.settled()) == [SessionUp, Announce, EndOfRib]


def test_no_table(story: Story) -> None:
    """Updates without a table begin with a gap."""
    (story.folder / "updates").write_bytes(updates().announce(SESSION, ONE).octets())
    assert kinds(story.look()) == [Gap, Announce]


def test_no_folder(story: Story) -> None:
    """A folder that is not there is an error at the start, and a lost feed later."""
    with pytest.raises(FeedError):
        Story(story.folder / "none").look()
    story.look()
    shutil.rmtree(story.folder)
    assert kinds(story.look()) == [FeedLost]
    assert story.look() == []
    story.folder.mkdir()
    assert kinds(story.look()) == [FeedBack]


def test_one_story_gives_the_events_of_the_bmp_feed(story: Story) -> None:
    """Announce, withdraw, loss and return are the same events, whichever way they come."""
    route = f"{ONE} community 8075:8007"
    (story.folder / "rib").write_bytes(RibDump(timestamp=TIMESTAMP).octets())
    mrt = updates().state_change(SESSION).announce(SESSION, route).end_of_rib(SESSION)
    mrt.withdraw(SESSION, route).state_change(SESSION, 6, 1)
    mrt.state_change(SESSION).announce(SESSION, route)
    (story.folder / "updates").write_bytes(mrt.octets())
    bmp = BmpStream(timestamp=TIMESTAMP).up(PEER).announce(PEER, route).end_of_rib(PEER)
    bmp.withdraw(PEER, route).down(PEER).up(PEER).announce(PEER, route)
    expected = list(RouterStream(story.folder.name).feed(bmp.octets(), TIMESTAMP))

    assert [_plain(each) for each in story.settled()] == [_plain(each) for each in expected]


def _plain(event: Event) -> Event:
    """Return an event without its feed, and without words that every feed has for itself."""
    event = attrs.evolve(event, feed="")
    return attrs.evolve(event, reason="") if isinstance(event, SessionDown) else event
