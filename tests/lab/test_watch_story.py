"""`peerlint watch` says exactly what real daemons do, by BMP and by the MRT files of a router.

The story of the example's lab is told by BIRD, FRRouting, OpenBGPD and GoBGP as edge routers. A
router that plays Microsoft's part shows it, once FRRouting and once GoBGP.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from planted_story import differences, planted, raised, sequences
from watch_processes import WatchProcess, watching

import peerlint
from peerlint import load_profile

if TYPE_CHECKING:
    from lab import Programs

pytestmark = [pytest.mark.lab, pytest.mark.slow]

ROOT: Final = Path(__file__).resolve().parents[2]
WATCH: Final = ROOT / "examples" / "watch"
STORY: Final = ROOT / "examples" / "contoso" / "lab" / "story.toml"
GOLDEN: Final = ROOT / "tests" / "golden" / "watch-story.txt"
TIMES: Final = load_profile(str(WATCH / "profile.toml")).hold_times
#: Seconds: `--follow` looks at its folder every 5 seconds, and routers connect again after others.
LATE: Final = 9.0


def check_alerts(watch: WatchProcess, file: Path) -> None:
    """Check that the alerts are those planted, and that each was delivered open and resolved."""
    alerts = watch.alerts
    assert not differences(planted(file), raised(alerts), TIMES, LATE), watch.screen
    for each in alerts:
        kinds = [found["kind"] for found in watch.delivered if found["id"] == each.id]
        assert ("opened", "resolved") == (kinds[0], kinds[-1])


def check_replay(inventory: Path, folder: Path, file: Path) -> None:
    """Check that a replay of the folder says the same as a watch that followed it."""
    replay = peerlint.replay(peerlint.load_inventory(inventory), [folder])
    list(replay)
    found = replay.summary
    text = peerlint.render_replay(found)

    assert found.is_readable, found.readings
    assert not differences(planted(file), raised(found.alerts), TIMES, LATE), text
    assert GOLDEN.read_text(encoding="utf-8") == sequences(found.transitions, file)


@pytest.mark.parametrize("name", ["frr", "gobgp"])
def test_story(
    name: str,
    daemons_available: None,  # noqa: ARG001  # skips
    tmp_path: Path,
) -> None:
    """Every planted problem is one alert, opened and resolved in its time, and nothing else is.

    By FRRouting, all states are those of the story too. While GoBGP waits for a router to restart
    gracefully, it shows none of its routes: that is no alert, but the states show it.
    """
    from station import SINK_PORT  # noqa: PLC0415  # conftest makes the path
    from story import read_story  # noqa: PLC0415  # likewise
    from story_lab import FOR_STORY, FOR_STORY_BY_GOBGP, StoryLab  # noqa: PLC0415  # likewise
    from topology import ONE_ROUTER  # noqa: PLC0415  # likewise

    programs: Programs = {"frr": FOR_STORY, "gobgp": FOR_STORY_BY_GOBGP}[name]
    (link,) = ONE_ROUTER.station_links
    port = SINK_PORT + 1
    bmp = ("--bmp", f":{port}", "--bmp-from", link.address)
    inventory = WATCH / "peering.toml"
    with ExitStack() as cleanup:
        lab = StoryLab(read_story(STORY), cleanup, (port,), programs)
        namespace = ("ip", "netns", "exec", lab.start().namespace.name)
        feeds = {"bmp": bmp}
        if name == "frr":
            feeds["follow"] = ("--follow", str(lab.mrt))
        watches = {
            feed: cleanup.enter_context(
                watching(inventory, options, tmp_path / feed, namespace, 9464 + number)
            )
            for number, (feed, options) in enumerate(feeds.items())
        }
        for watch in watches.values():
            watch.wait_until_verified()
        if name == "frr":
            lab.write_table()
        file = tmp_path / "planted.json"
        file.write_text(json.dumps(lab.tell()), encoding="utf-8")
        statuses = {feed: watch.stop() for feed, watch in watches.items()}
        if name == "frr":
            check_replay(inventory, lab.mrt, file)

    assert dict.fromkeys(feeds, 0) == statuses
    for watch in watches.values():
        check_alerts(watch, file)
        if name == "frr":
            assert GOLDEN.read_text(encoding="utf-8") == sequences(watch.transitions, file)
