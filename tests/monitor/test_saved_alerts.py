"""A restart: alerts keep their ids, and nothing is known until it is shown again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from peerlint.errors import StateError
from peerlint.monitor.alerting import Alerting
from peerlint.testing.notation import scenario


def test_flapping_outlives_a_restart(new_story: Callable[..., Any]) -> None:
    """Changes before and after it are counted together."""
    flaps = "".join(f"{at} ams-1 A missing\n{at + 5} ams-1 A ok\n" for at in (10, 20))
    story = new_story().tell(f"0 show\n{flaps}27 restart; show\n30 ams-1 A missing\n35 ams-1 A ok")
    assert story.told == ["35 opened route.not-received ams-1 flapping"]
    story.tell("40 restart\n50 show\n700")
    assert story.told[1:] == [
        "635 resolved route.not-received ams-1 flapping (has not changed for a while)"
    ]


def test_an_alert_has_one_id_and_its_notices_are_numbered(new_story: Callable[..., Any]) -> None:
    """Also over a restart: no id and no number is used twice."""
    story = new_story().tell(
        "0 show\n10 ams-1 A missing\n100 restart; show\n200 ams-1 A ok\n300 ams-1 A missing\n400"
    )
    ids = [each.id for each in story.notices]
    assert ids == ["alert-1-1", "alert-1-2", "alert-2-1"]


def test_what_the_inventory_lost_during_a_restart_is_resolved(
    new_story: Callable[..., Any],
) -> None:
    """The first time that anything settles says so."""
    story = new_story().tell("0 show\n10 ams-1 A missing\n100")
    story.letters = "B"
    story.tell("200 restart\n201")
    assert story.told[1:] == [
        "200 resolved route.not-received A (the inventory does not have it any more)"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "none"),
        ("[]", "no schema"),
        ('{"schema": "peerlint/saved-alerts/99"}', "schema peerlint/saved-alerts/99"),
        ('{"schema": "peerlint/saved-alerts/1"}', "others"),
    ],
)
def test_a_saved_state_that_does_not_fit_is_an_error(text: str, found: str) -> None:
    """The error says what was expected, what was found, and what to do."""
    with pytest.raises(StateError, match=found) as caught:
        Alerting(scenario("").inventory, {}, new_id=str, saved=text)
    assert "start with the version of peerlint that wrote" in str(caught.value)


def test_a_damaged_saved_state_is_an_error(new_story: Callable[..., Any]) -> None:
    """Whatever field is not of its type, the error is the same one."""
    story = new_story().tell("0 show\n10 ams-1 A missing\n100")
    good = json.loads(story.alerting.saved())
    for key in ("wall", "steady", "alerts", "changes", "resolved"):
        for value in (None, "x", [None], [{}], {"a": 1}, 1.5):
            with pytest.raises(StateError):
                Alerting(story.inventory, {}, new_id=str, saved=json.dumps({**good, key: value}))


def test_a_saved_problem_has_one_alert(new_story: Callable[..., Any]) -> None:
    """A state in which two alerts have one cause, id or problem is damaged."""
    story = new_story().tell("0 show\n10 ams-1 A missing\n100")
    good = json.loads(story.alerting.saved())
    with pytest.raises(StateError):
        Alerting(
            story.inventory,
            {},
            new_id=str,
            saved=json.dumps({**good, "alerts": good["alerts"] * 2}),
        )
