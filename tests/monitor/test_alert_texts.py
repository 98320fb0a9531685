"""What alerts say: texts, the names of Microsoft's events, and documents that fit the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from peerlint.monitor.alert_document import alert_document
from peerlint.monitor.alerts import Affected, Alert, Cause, Notice, NoticeKind, Resolution
from peerlint.results import Severity
from peerlint.schemas import shipped_schema

BACKUP = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
    "connection ams-2 role=backup\n"
)
WITHDRAWAL, ANNOUNCEMENT = "PrefixWithdrawalEvent", "PrefixAnnouncementEvent"
BACKUP_WITHDRAWAL = "PrefixBackupRouteWithdrawalEvent"
BACKUP_ANNOUNCEMENT = "PrefixBackupRouteAnnouncementEvent"
#: What happens, and the events of each notice.
EVENTS = {
    "a prefix that is missing on all sessions": (
        "0 show\n10 ams-1 A missing; ams-2 A missing\n100 ams-1 A ok; ams-2 A ok\n200",
        [(WITHDRAWAL,), (ANNOUNCEMENT,)],
    ),
    "a prefix that is missing on one session of two": (
        "0 show\n10 ams-1 A missing\n100 ams-1 A ok\n200",
        [(), ()],
    ),
    "a prefix that is missing on a backup session only": (
        "0 show\n10 ams-2 A missing\n100 ams-2 A ok\n200",
        [(BACKUP_WITHDRAWAL,), (BACKUP_ANNOUNCEMENT,)],
    ),
    "a prefix that is announced no more because the inventory has it no more": (
        "0 show\n10 ams-1 A missing; ams-2 A missing\n100 without A\n200",
        [(WITHDRAWAL,), ()],
    ),
    "another origin": (
        "0 show\n10 ams-1 A foreign\n100 ams-1 A ok\n200",
        [("PrefixOriginAsChangeEvent",), ()],
    ),
}


@pytest.mark.parametrize("claim", EVENTS)
def test_events_have_the_names_of_microsofts_events(
    new_story: Callable[..., Any], claim: str
) -> None:
    """The events of each notice are those that Microsoft would show of the prefix."""
    text, events = EVENTS[claim]
    story = new_story(setup=BACKUP).tell(text)
    assert [each.alert.events for each in story.notices] == events


def test_an_alert_says_what_is_wrong_and_what_to_do(new_story: Callable[..., Any]) -> None:
    """Title, reason, fix, evidence, basis and Microsoft's words are those of the finding."""
    alert = new_story().tell("0 show\n10 ams-1 A untagged\n100").notices[0].alert
    assert alert.title == (
        "Peering Service community is missing: 203.0.113.0/24 on ams-1 (edge1.ams)"
    )
    assert alert.reason == "found no community, wanted 8075:8007 on ams-1 (edge1.ams)"
    assert alert.fix == "set 8075:8007 in the export policy of the session"
    assert alert.evidence == ("203.0.113.0/24 path 64500 (scenario, record at octet 0)",)
    assert "Advertisement missing MAPS community" in alert.portal
    assert alert.basis
    assert alert.affected == (Affected("203.0.113.0/24", "ams-1"),)
    assert alert.link == "#alert-alert-1"


def test_an_alert_of_many_prefixes_says_how_many(new_story: Callable[..., Any]) -> None:
    """The title counts, and the reason holds for all of them."""
    alert = new_story().tell("0 show\n10 ams-1 AB missing\n100").notices[0].alert
    assert alert.title == "Prefix is not announced on a session: 2 prefixes on ams-1 (edge1.ams)"
    assert alert.reason == "each is not among the routes"


def test_an_alert_of_a_session_says_why_it_is_down(new_story: Callable[..., Any]) -> None:
    """The reason is that of the feed."""
    alert = new_story().tell("0 show; up ams-1\n10 down ams-1").notices[0].alert
    assert (alert.title, alert.reason) == ("Session ams-1 (edge1.ams) is down", "Cease")
    assert alert.severity is Severity.ERROR


def test_an_alert_says_that_it_is_not_known_any_more(new_story: Callable[..., Any]) -> None:
    """It stays open and says why; when it is known again, it says that no more."""
    story = new_story().tell("0 show\n10 ams-1 A missing\n100 hide ams-1\n110")
    (alert,) = story.alerting.open_alerts()
    assert alert.unknown == "whether 203.0.113.0/24 is announced on ams-1 (edge1.ams) is not known"
    assert alert.last_seen == 100_000_000
    story.tell("200 see ams-1\n210")
    (alert,) = story.alerting.open_alerts()
    assert alert.unknown == ""


def test_after_a_restart_an_alert_says_what_it_said_before(new_story: Callable[..., Any]) -> None:
    """Until something shows it again, it is unknown, with the texts that it had."""
    story = new_story().tell("0 show\n10 ams-1 A missing\n100")
    (before,) = story.alerting.open_alerts()
    story.tell("200 restart\n210")
    (after,) = story.alerting.open_alerts()
    assert after.unknown == "nothing has shown it since the restart"
    assert (after.id, after.title, after.reason) == (before.id, before.title, before.reason)
    assert (after.first_seen, after.opened) == (before.first_seen, before.opened)


def test_documents_conform_to_the_shipped_schema(new_story: Callable[..., Any]) -> None:
    """Each notice of a story is a document of `peerlint/alert/1`."""
    story = new_story().tell(
        "0 show; up ams-1\n10 down ams-1; ams-1 AB missing; ams-2 A foreign\n"
        "100 up ams-1; ams-1 AB ok\n110 silent edge1\n300"
    )
    validator = jsonschema.Draft202012Validator(
        shipped_schema("alert"),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    assert len(story.notices) > 3
    for notice in story.notices:
        document = json.loads(json.dumps(alert_document(notice)))
        validator.validate(document)
        assert document["id"] == notice.alert.id
        assert document["delivery"] == notice.id


def test_a_document_has_times_of_rfc_3339_and_shows_no_control_character() -> None:
    """Strings of routes and feeds are escaped as in a report; times are in UTC."""
    alert = Alert(
        id="a",
        cause=Cause("session.down", "contoso-ams", "ams-1"),
        severity=Severity.ERROR,
        title="Session ams-1\x1b[31m is down",
        reason="\u202ecease",
        first_seen=1_500_000,
        opened=2_000_000,
        last_seen=2_000_000,
        resolved=3_000_000,
        resolution=Resolution.SESSION_UP,
    )
    document = alert_document(Notice(3, NoticeKind.RESOLVED, 3_000_000, alert))
    assert document["title"] == "Session ams-1\\x1b[31m is down"
    assert document["reason"] == "\\u202ecease"
    assert document["first_seen"] == "1970-01-01T00:00:01.500000Z"
    assert document["resolved"] == "1970-01-01T00:00:03Z"
    assert (document["status"], document["kind"]) == ("resolved", "resolved")
    assert document["resolution"] == "the session is up again"
    assert (document["delivery"], document["number"]) == ("a-3", 3)
