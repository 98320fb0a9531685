"""Alerts open when a problem has held, and resolve when it is known to be over; one for a cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

NOT_RECEIVED = "route.not-received"
PREPENDED = "route.prepending"
UNTAGGED = "route.community-missing"

#: A claim, what happens, and what the receivers are told.
STORIES: dict[str, tuple[str, list[str]]] = {
    "a prefix that is missing holds for 60 seconds, and is back for 10 until it is over": (
        "0 show\n10 ams-1 A missing\n100 ams-1 A ok\n200",
        [
            "70 opened route.not-received A",
            "110 resolved route.not-received A (complies again)",
        ],
    ),
    "other problems hold for 10 seconds": (
        "0 show\n10 ams-1 A prepended\n50 ams-1 A ok\n200",
        ["20 opened route.prepending A", "60 resolved route.prepending A (complies again)"],
    ),
    "a problem that comes and goes within its time starts anew": (
        "0 show\n10 ams-1 A missing\n60 ams-1 A ok\n61 ams-1 A missing\n119\n121",
        ["121 opened route.not-received A"],
    ),
    "a problem that was there at the start holds too": (
        "0 ams-1 A missing\n100",
        ["60 opened route.not-received A"],
    ),
    "an alert does not resolve while it is fine for less than 10 seconds": (
        "0 show\n10 ams-1 A prepended\n50 ams-1 A ok\n55 ams-1 A prepended\n90",
        ["20 opened route.prepending A"],
    ),
    "a covering route is the same problem as a missing one, and stays one alert": (
        "0 show\n10 ams-1 A missing\n100 ams-1 A covering\n300 ams-1 A ok\n400",
        [
            "70 opened route.not-received A",
            "130 changed route.not-received A",
            "310 resolved route.not-received A (complies again)",
        ],
    ),
    "many prefixes of one session with the same problem are one alert": (
        "0 show\n10 ams-1 AB untagged\n100",
        ["20 opened route.community-missing ams-1"],
    ),
    "prefixes that follow one after the other join the alert of their session": (
        "0 show\n10 ams-1 A untagged\n12 ams-1 B untagged\n100",
        ["20 opened route.community-missing ams-1", "80 changed route.community-missing ams-1"],
    ),
    "a prefix that is missing on all sessions is one alert": (
        "0 show\n10 ams-1 A missing; ams-2 A missing\n100",
        ["70 opened route.not-received A"],
    ),
    "the cause that explains most comes first, and what is left has its own alert": (
        "0 show\n10 ams-1 AB missing; ams-2 A missing\n100",
        ["70 opened route.not-received ams-1", "70 opened route.not-received A"],
    ),
    "that no public space is announced follows from what is missing": (
        "0 show\n10 ams-1 AB missing; ams-2 AB missing\n100",
        ["70 opened route.not-received ams-1", "70 opened route.not-received ams-2"],
    ),
    "a second session joins the alert of the prefix": (
        "0 show\n10 ams-1 A missing\n100 ams-2 A missing\n300",
        ["70 opened route.not-received A", "160 changed route.not-received A"],
    ),
    "an alert is over when the last of its problems is": (
        "0 show\n10 ams-1 AB untagged\n100 ams-1 A ok\n200 ams-1 B ok\n300",
        [
            "20 opened route.community-missing ams-1",
            "100 changed route.community-missing ams-1",
            "160 changed route.community-missing ams-1",
            "210 resolved route.community-missing ams-1 (complies again)",
        ],
    ),
    "a problem whose route is withdrawn does not comply again": (
        "0 show\n10 ams-1 A prepended\n100 ams-1 A missing\n200",
        [
            "20 opened route.prepending A",
            "110 resolved route.prepending A (the route that broke the rule is withdrawn)",
            "160 opened route.not-received A",
        ],
    ),
    "while the routes of a session are not known, nothing opens and nothing resolves": (
        "0 show\n10 ams-1 A prepended\n"
        "50 hide ams-1; ams-1 A missing; ams-1 B missing\n500 see ams-1; ams-1 AB ok\n600",
        ["20 opened route.prepending A", "510 resolved route.prepending A (complies again)"],
    ),
    "what is missing and then unknown does not raise an alert until it has held again": (
        "0 show\n10 ams-1 A missing\n30 hide ams-1\n200 see ams-1\n300",
        ["260 opened route.not-received A"],
    ),
    "a lost session is one alert at once; what is missing on it belongs to it": (
        "0 show; up ams-1\n10 down ams-1; ams-1 AB missing\n200",
        ["10 opened session.down ams-1", "70 changed session.down ams-1"],
    ),
    "what was missing before its session was lost moves to the session's alert": (
        "0 show; up ams-1\n10 ams-1 AB missing\n100 down ams-1\n110",
        [
            "70 opened route.not-received ams-1",
            "100 resolved route.not-received ams-1 (another alert says so now)",
            "100 opened session.down ams-1",
        ],
    ),
    "a session that is up for 10 seconds is over, with its prefixes": (
        "0 show; up ams-1\n10 down ams-1; ams-1 AB missing\n100 up ams-1\n105 ams-1 AB ok\n300",
        [
            "10 opened session.down ams-1",
            "70 changed session.down ams-1",
            "110 resolved session.down ams-1 (the session is up again)",
        ],
    ),
    "a prefix that is still missing 60 seconds after its session came up has its own alert": (
        "0 show; up ams-1\n10 down ams-1; ams-1 AB missing\n100 up ams-1\n105 ams-1 A ok\n300",
        [
            "10 opened session.down ams-1",
            "70 changed session.down ams-1",
            "110 resolved session.down ams-1 (the session is up again)",
            "160 opened route.not-received B",
        ],
    ),
    "within the time of a graceful restart nothing is said": (
        "0 show; up ams-1\n10 down ams-1 120; ams-1 AB missing\n125 up ams-1\n128 ams-1 AB ok\n400",
        [],
    ),
    "a graceful restart that takes too long is a lost session": (
        "0 show; up ams-1\n10 down ams-1 120; ams-1 AB missing\n400",
        ["130 opened session.down ams-1"],
    ),
    "a graceful restart that fails is a lost session at once": (
        "0 show; up ams-1\n10 down ams-1 120\n20 down ams-1\n400",
        ["20 opened session.down ams-1"],
    ),
    "while it is not known whether a session is up, its alert stays open": (
        "0 show; up ams-1\n10 down ams-1; ams-1 AB missing\n"
        "80 lost ams-1; hide ams-1\n400 up ams-1; see ams-1; ams-1 AB ok\n500",
        [
            "10 opened session.down ams-1",
            "70 changed session.down ams-1",
            "410 resolved session.down ams-1 (the session is up again)",
        ],
    ),
    "a silent feed raises an alert after two minutes, and resolves it": (
        "0 show\n10 silent edge1\n300 back edge1\n400",
        [
            "130 opened feed.silent edge1",
            "310 resolved feed.silent edge1 (the feed is there again)",
        ],
    ),
    "a feed that is lost for a short time raises none": (
        "0 show\n10 silent edge1\n90 back edge1\n400",
        [],
    ),
    "an open alert is repeated every four hours": (
        "0 show\n10 ams-1 A missing\n30000",
        [
            "70 opened route.not-received A",
            "14470 repeated route.not-received A",
            "28870 repeated route.not-received A",
        ],
    ),
    "what the inventory has no more is resolved with that reason": (
        "0 show\n10 ams-1 A prepended\n50 without A\n100",
        [
            "20 opened route.prepending A",
            "50 resolved route.prepending A (the inventory does not have it any more)",
        ],
    ),
    "a problem that comes and goes six times is one alert until it is quiet for ten minutes": (
        "0 show\n10 ams-1 A missing\n20 ams-1 A ok\n30 ams-1 A missing\n40 ams-1 A ok\n"
        "50 ams-1 A missing\n60 ams-1 A ok\n70 ams-1 A missing\n80 ams-1 A ok\n2000",
        [
            "60 opened route.not-received ams-1 flapping",
            "680 resolved route.not-received ams-1 flapping (has not changed for a while)",
        ],
    ),
    "the ordinary alert of a problem that flaps is folded in; if it stays, it opens at the end": (
        "0 show\n10 ams-1 A prepended\n30 ams-1 A ok\n31 ams-1 A prepended\n32 ams-1 A ok\n"
        "33 ams-1 A prepended\n34 ams-1 A ok\n35 ams-1 A prepended\n1000",
        [
            "20 opened route.prepending A",
            "34 resolved route.prepending A (another alert says so now)",
            "34 opened route.prepending ams-1 flapping",
            "635 resolved route.prepending ams-1 flapping (has not changed for a while)",
            "635 opened route.prepending A",
        ],
    ),
    "prefixes that flap on one session are one alert": (
        "0 show\n10 ams-1 AB missing\n20 ams-1 AB ok\n30 ams-1 AB missing\n40 ams-1 AB ok\n"
        "50 ams-1 AB missing\n60 ams-1 AB ok\n2000",
        [
            "60 opened route.not-received ams-1 flapping",
            "660 resolved route.not-received ams-1 flapping (has not changed for a while)",
        ],
    ),
    "a session that flaps is one alert, with all of its prefixes": (
        "0 show; up ams-1\n"
        + "".join(
            f"{at} down ams-1; ams-1 AB missing\n{at + 5} up ams-1; ams-1 AB ok\n"
            for at in range(10, 60, 10)
        )
        + "2000",
        [
            "10 opened session.down ams-1",
            "35 resolved session.down ams-1 (another alert says so now)",
            "35 opened session.down ams-1 flapping",
            "655 resolved session.down ams-1 flapping (has not changed for a while)",
        ],
    ),
    "six changes in more than ten minutes are not flapping": (
        "0 show\n10 ams-1 A missing\n20 ams-1 A ok\n310 ams-1 A missing\n320 ams-1 A ok\n"
        "611 ams-1 A missing\n621 ams-1 A ok\n912 ams-1 A missing\n922 ams-1 A ok\n2000",
        [],
    ),
    "a restart neither resolves an alert nor opens it again": (
        "0 show\n10 ams-1 A missing\n100 restart\n110 hide ams-1; hide ams-2\n400\n"
        "410 see ams-1; see ams-2\n600 ams-1 A ok\n700",
        [
            "70 opened route.not-received A",
            "610 resolved route.not-received A (complies again)",
        ],
    ),
    "what ended while the program did not run is resolved when that is shown": (
        "0 show\n10 ams-1 A missing\n100 restart\n110 ams-1 A ok\n200",
        [
            "70 opened route.not-received A",
            "120 resolved route.not-received A (complies again)",
        ],
    ),
    "what begins within a restart holds anew": (
        "0 show\n10 ams-1 A missing\n50 restart; show\n200",
        ["110 opened route.not-received A"],
    ),
    "a session that was down before a restart stays one alert after it": (
        "0 show; up ams-1\n10 down ams-1; ams-1 AB missing\n100 restart\n"
        "101 down ams-1; show\n500 up ams-1; ams-1 AB ok\n600",
        [
            "10 opened session.down ams-1",
            "70 changed session.down ams-1",
            "510 resolved session.down ams-1 (the session is up again)",
        ],
    ),
    "sessions or origins that differ because of a problem origins are no alert of their own": (
        "0 show\n10 ams-1 A foreign\n100",
        ["20 opened asn.origin-not-associated A"],
    ),
}


@pytest.mark.parametrize("claim", STORIES)
def test_story(new_story: Callable[..., Any], claim: str) -> None:
    """What is told is what the claim says, at that time."""
    text, told = STORIES[claim]
    assert new_story().tell(text).told == told
