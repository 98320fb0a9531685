"""What a failure takes away, prefix by prefix, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import attrs
import pytest

import peerlint
from peerlint.errors import InputError
from peerlint.inventory.failures import without
from peerlint.report.sentence import sentence
from peerlint.report.whatif import render_what_if_json, render_what_if_text
from peerlint.results import State, WhatIf, what_if
from peerlint.testing.notation import scenario

CONTOSO = Path(__file__).resolve().parents[2] / "examples" / "contoso" / "peering.toml"
TAGGED = "path 64500 community 8075:8007"
#: Two peerings of one AS; 203.0.113.0/24 is announced in both metros, 198.51.100.0/24 in one.
TWO_METROS = f"""
peering contoso-ams maps 64500 Amsterdam
session ams-1 edge1.ams
session ams-2 edge2.ams
registered 203.0.113.0/24
registered 198.51.100.0/24
peering contoso-fra maps 64500 Frankfurt
session fra-1 edge1.fra
session fra-2 edge2.fra
ams-1 203.0.113.0/24 {TAGGED}
ams-2 203.0.113.0/24 {TAGGED}
fra-1 203.0.113.0/24 {TAGGED}
fra-2 203.0.113.0/24 {TAGGED}
ams-1 198.51.100.0/24 {TAGGED}
ams-2 198.51.100.0/24 {TAGGED}
"""


def fail(*what: str, text: str = TWO_METROS) -> WhatIf:
    """Return what a failure changes in a scenario."""
    before = scenario(text)
    after = attrs.evolve(before, inventory=without(before.inventory, what))
    return what_if(before.evaluate(), after.evaluate(), what)


def test_a_router_takes_local_redundancy() -> None:
    """With one of two routers gone, a prefix passes on one session of the metro."""
    result = fail("router=edge1.ams")

    assert result.sessions == ("ams-1",)
    assert [("Amsterdam",), ("Amsterdam",)] == [loss.local for loss in result.losses]
    assert [(4, 3), (2, 1)] == [loss.sessions for loss in result.losses]
    assert [None, None] == [loss.last_location for loss in result.losses]
    assert result.ok


def test_a_location_takes_geo_redundancy_or_everything() -> None:
    """What is announced elsewhere too loses its second metro, the rest is nowhere any more."""
    result = fail("location=Amsterdam")

    both, one = result.losses
    assert ("Amsterdam",) == both.left == one.left
    assert ("Frankfurt", False) == (both.last_location, both.sessions[1] == 0)
    assert (None, (2, 0), True) == (one.last_location, one.sessions, one.is_fatal)
    assert not result.ok


def test_several_failures_add_up() -> None:
    """Both routers of a metro are the metro."""
    routers, metro = fail("router=edge1.ams", "router=edge2.ams"), fail("location=Amsterdam")

    assert metro.losses == routers.losses


def test_what_is_not_hit_is_not_named() -> None:
    """A failure elsewhere leaves a prefix alone."""
    result = fail("connection=fra-1")

    assert ["203.0.113.0/24"] == [loss.prefix for loss in result.losses]


def test_a_session_that_failed_anyway_is_no_loss() -> None:
    """Without the router that forgot the community a prefix passes: nothing is lost."""
    text = (
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500\nams-2 203.0.113.0/24 {TAGGED}"
    )
    result = fail("router=edge1.ams", text=text)
    lines = render_what_if_text(result).splitlines()

    assert () == result.losses
    assert [("Failed", "Verified")] == [(each.before, each.after) for each in result.gains]
    assert ["No registered prefix loses anything.", "", "Better off without:"] == lines[2:5]
    assert "    203.0.113.0/24 (contoso-ams): Failed -> Verified" == lines[5]
    assert "0 prefixes hit, 0 not validated any more" == lines[-1]


#: 203.0.113.0/24 fails on fra-2, and passes on the others.
FAILED: Final = (
    TWO_METROS.replace(f"fra-2 203.0.113.0/24 {TAGGED}", "fra-2 203.0.113.0/24 path 64500")
    .replace("registered 203.0.113.0/24\n", "")
    .replace("session fra-2 edge2.fra\n", "session fra-2 edge2.fra\nregistered 203.0.113.0/24\n")
)


@pytest.mark.parametrize(
    ("what", "sessions", "gains"),
    [
        # The session that fails goes: the prefix gains, and loses nothing.
        ("router=edge2.fra", None, 1),
        # One that passes goes: what failed before loses a session, not its validation.
        ("router=edge1.ams", (3, 2), 0),
        # All sessions of its peering go: it was not validated before, so that is not counted.
        ("location=Frankfurt", (3, 2), 0),
        # Every session where it passes goes.
        ("router=edge1.ams router=edge2.ams router=edge1.fra", (3, 0), 0),
    ],
)
def test_what_failed_before(what: str, sessions: tuple[int, int] | None, gains: int) -> None:
    """A prefix that failed before is never "not validated any more"."""
    result = fail(*what.split(), text=FAILED)
    (last,) = render_what_if_text(result).splitlines()[-1:]

    own = [loss for loss in result.losses if loss.prefix == "203.0.113.0/24"]
    assert ([] if sessions is None else [sessions]) == [loss.sessions for loss in own]
    assert [] == [loss for loss in own if loss.is_fatal]
    assert gains == len(result.gains)
    lost = sum(loss.is_invalidated for loss in result.losses)
    assert f", {lost} not validated any more" in last
    assert "203.0.113.0/24 (contoso-fra): Failed -> Pending" not in render_what_if_text(result)


def test_a_prefix_of_two_peerings_is_two() -> None:
    """Each registration has its own losses, by its key."""
    both = TWO_METROS.replace(
        "session fra-1 edge1.fra", "registered 203.0.113.0/24\nsession fra-1 edge1.fra"
    )

    result = fail("location=Amsterdam", text=both)

    states = {loss.key: (loss.before, loss.after) for loss in result.losses}
    assert ("Verified", "Pending") == states["contoso-ams 203.0.113.0/24"]
    assert ("Verified", "Verified") == states["contoso-fra 203.0.113.0/24"]


def test_only_cells_that_are_ok_pass() -> None:
    """A prefix does not pass on a session whose cell is a warning or unknown."""
    text = (
        f"registered 203.0.113.0/24 origin 64501\nams-1 203.0.113.0/24 {TAGGED}\n"
        f"ams-2 203.0.113.0/24 {TAGGED}"
    )

    result = fail("router=edge1.ams", text=text)

    assert () == result.losses


def test_a_members_prefix_that_is_withdrawn() -> None:
    """At a route server a prefix without a session is not in the report: that is the worst."""
    text = (
        "peering contoso-rs route-server 64500 Oslo\nsession rs-1 rs1.osl\n"
        "session rs-2 rs2.osl\nasn 64501\n"
        "rs-1 192.0.2.0/24 path 64501 community 8075:8007\n"
        "rs-2 192.0.2.0/24 path 64501 community 8075:8007\n"
    )

    result = fail("location=Oslo", text=text)
    (loss,) = result.losses

    assert ("Verified", None, (2, 0), True) == (
        loss.before,
        loss.after,
        loss.sessions,
        loss.is_fatal,
    )
    lines = render_what_if_text(result).splitlines()
    assert lines[2].startswith(
        "192.0.2.0/24 (contoso-rs): passes nowhere any more; Verified -> not announced"
    )
    assert "1 prefix hit, 1 not validated any more" == lines[-1]
    assert None is json.loads(render_what_if_json(result))["losses"][0]["after"]


def test_what_was_unknown_before() -> None:
    """A prefix that becomes Unknown may not be validated: it is fatal, and counted separately."""
    text = f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 {TAGGED}\ncoverage ams-2 none\n"

    result = fail("router=edge1.ams", text=text)
    lines = render_what_if_text(result).splitlines()

    assert [("Unknown", "Unknown", (1, 0))] == [
        (loss.before, loss.after, loss.sessions) for loss in result.losses
    ]
    assert not result.ok
    assert (
        "1 prefix hit, 0 not validated any more, "
        "1 Unknown before, and not validated or passing nowhere after"
    ) == lines[-1]


def test_statements_about_what_fails_are_no_news() -> None:
    """A statement that applies to nothing because of the failure is not reported."""
    text = f"{TWO_METROS}attest topology.lacp fra-1\nconnection fra-1 lacp="

    assert "concerns nothing" not in render_what_if_text(fail("connection=fra-1", text=text))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("router=edge9", "edge1.ams, edge1.fra, edge2.ams, edge2.fra"),
        ("facility=7", "a facility of the inventory: 58"),
        ("edge1.ams", "KIND=NAME"),
        ("site=ams", "router, connection, facility, location"),
    ],
)
def test_unknown_failures(what: str, said: str) -> None:
    """An unknown name is an error that lists the known names."""
    with pytest.raises(InputError) as caught:
        fail(what)

    assert said in str(caught.value)


def test_screen() -> None:
    """Fatal losses come first; the last line has the totals."""
    lines = render_what_if_text(fail("location=Amsterdam")).splitlines()

    assert "Without location=Amsterdam: 2 sessions gone (ams-1, ams-2)" == lines[0]
    assert lines[2].startswith("203.0.113.0/24 (contoso-ams): Verified -> Pending; ")
    assert lines[2].endswith("loses geo-redundancy, only Frankfurt is left; 2 of 4 sessions left")
    assert lines[3].startswith("198.51.100.0/24 (contoso-ams): passes nowhere any more; ")
    assert "2 prefixes hit, 2 not validated any more" == lines[-1]


def test_json() -> None:
    """The same as JSON, with the difference of the two reports."""
    data = json.loads(render_what_if_json(fail("router=edge1.ams")))

    assert ("peerlint/what-if/2", ["router=edge1.ams"]) == (data["schema"], data["without"])
    assert ["203.0.113.0/24", "198.51.100.0/24"] == [loss["prefix"] for loss in data["losses"]]
    assert {"rules", "new", "fixed", "gone", "changed", "states", "matched"} == set(
        data["difference"]
    )
    assert {
        "key", "peering", "prefix", "sessions", "local", "left", "last_location", "before", "after",
    } == set(data["losses"][0])  # fmt: skip


def test_the_example_with_its_dumps() -> None:
    """The example's dumps, read once, without Frankfurt."""
    inventory = peerlint.load_inventory(CONTOSO)

    report, result = peerlint.check_without(inventory, ["location=Frankfurt"])

    assert ("fra-1", "fra-2") == result.sessions
    assert {"198.18.24.0/24"} == {loss.prefix for loss in result.losses if loss.is_fatal}
    assert State.FAILED is report.prefix("198.18.16.0/24").state  # and so it stays
    assert report.prefix("203.0.113.0/24").state == "Verified"


def test_a_statement_about_what_failed_is_no_news() -> None:
    """A statement whose subject has failed does not cause a new warning."""
    text = (
        f"{TWO_METROS}connection ams-1 lacp=\nattest topology.lacp ams-1\n"
        "session ams-1 max_prefix=300\nwaive ops.max-prefix ams-1\n"
    )

    result = fail("router=edge1.ams", text=text)

    assert [] == [one for one in result.difference.new if "concerns nothing" in sentence(one)]
    assert "concerns nothing" not in render_what_if_text(result)


@pytest.mark.parametrize(
    ("evidence", "undecided", "ok"),
    [
        # one session is unknown, whatever becomes of the other ones
        ("coverage ams-2 partial", ["203.0.113.0/24"], False),
        # all of it is known: nothing is lost
        (f"ams-2 203.0.113.0/24 {TAGGED}", [], True),
        # what had failed before has nothing to lose
        ("", [], True),
    ],
)
def test_what_is_unknown_before_and_after_is_no_success(
    evidence: str, undecided: list[str], *, ok: bool
) -> None:
    """It is not known whether a prefix loses anything if its announcements are not known."""
    text = (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\nregistered 203.0.113.0/24\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        f"ams-1 203.0.113.0/24 {TAGGED}\n{evidence}"
    )
    result = fail("router=edge1.fra", text=text)

    said = render_what_if_text(result)
    assert (undecided, ok) == ([each.prefix for each in result.undecided], result.ok)
    assert ("Not known, Unknown before and after: 203.0.113.0/24" in said) == bool(undecided)
    assert ("loses anything" in said) == (not undecided)
    assert undecided == [
        each["prefix"] for each in json.loads(render_what_if_json(result))["undecided"]
    ]
