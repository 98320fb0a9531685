"""Alertmanager: what it is sent, and what a real one makes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from tests.service.doubles.alerts import NOON, SECOND, alert, opening, resolved, resolving

from peerlint.monitor.alerts import Cause, Notice, NoticeKind
from peerlint.results import Severity
from peerlint.service.delivery import DeliveryTimes
from peerlint.service.dispatcher import Dispatcher
from peerlint.service.sinks import Alertmanager, DeliveryError, HttpClient
from peerlint.service.store import Store, open_store

pytest.importorskip("aiohttp", reason="the extra `live`")
from tests.service.doubles.alertmanager import RealAlertmanager
from tests.service.doubles.http_server import Server, status

LIMIT: Final = 60
MINUTE: Final = 60 * SECOND
#: What the sink is told of one notice after the other.
Story = Callable[[Alertmanager, list[int]], Awaitable[object]]


def posted(story: Story, server: Server | None = None, page: str | None = None) -> list[Any]:
    """Return what is posted, request by request, while a story goes on; it may set the clock."""

    async def main() -> list[Any]:
        async with server or Server() as running:
            clock = [NOON]
            client = HttpClient(running.url, now=lambda: clock[0])
            sink = Alertmanager("am", client, page=page, now=lambda: clock[0])
            await story(sink, clock)
            await sink.close()
            return [json.loads(each) for each in running.bodies]

    return asyncio.run(main())


def times(one: dict[str, Any]) -> tuple[str, str]:
    """Return the times of day between which an alert lasts."""
    return one["startsAt"][11:19], one["endsAt"][11:19]


# -- what is sent


def test_an_alert_has_labels_and_annotations() -> None:
    """The labels are stable; the texts are annotations; the link leads into the page."""

    async def story(sink: Alertmanager, _: list[int]) -> None:
        await sink.deliver([opening(alert())])

    assert [
        [
            {
                "labels": {
                    "alertname": "session.down",
                    "job": "peerlint",
                    "rule": "session.down",
                    "peering": "contoso",
                    "session": "ams-1",
                    "severity": "error",
                },
                "annotations": {
                    "summary": "ams-1 is down",
                    "description": "the router closed the session",
                    "fix": "look at the router's log",
                    "microsoft_says": "Session is down",
                },
                "startsAt": "2026-11-30T12:00:00.000000+00:00",
                "endsAt": "2026-11-30T12:05:00.000000+00:00",
                "generatorURL": "https://noc.example/peerlint/#alert-a",
            }
        ]
    ] == posted(story, page="https://noc.example/peerlint/")


def test_causes_that_differ_have_labels_that_differ() -> None:
    """Also those of one rule and session, as flapping and two feeds."""

    async def story(sink: Alertmanager, _: list[int]) -> None:
        causes = [
            Cause("route.missing", "contoso", "ams-1", "203.0.113.0/24"),
            Cause("route.missing", "contoso", "ams-1", "203.0.113.0/24", "flapping"),
            Cause("feed.silent", about="ris-live"),
            Cause("feed.silent", about="bmp"),
        ]
        await sink.deliver([opening(attrs.evolve(alert(str(each)), cause=each)) for each in causes])

    (request,) = posted(story)
    assert len({tuple(sorted(each["labels"].items())) for each in request}) == 4
    assert request[1]["labels"]["about"] == "flapping"
    assert "generatorURL" not in request[0]


def test_an_alert_lasts_until_it_is_resolved() -> None:
    """Each sending lets it last for five minutes more; the last one ends it at once."""

    async def story(sink: Alertmanager, clock: list[int]) -> None:
        assert sink.refresh_interval == 100.0
        await sink.deliver([opening(alert())])
        clock[0] += 3 * MINUTE
        await sink.refresh([alert()])
        clock[0] += 3 * MINUTE
        await sink.deliver([resolving(alert())])

    found = [times(one) for (one,) in posted(story)]
    assert [
        ("12:00:00", "12:05:00"),
        ("12:00:00", "12:08:00"),
        ("12:00:00", "12:06:00"),
    ] == found


def test_alerts_of_equal_labels_are_sent_one_after_the_other() -> None:
    """In one request the last one would win; in this order, the alert is open again."""

    async def story(sink: Alertmanager, _: list[int]) -> None:
        await sink.deliver(
            [
                opening(alert("a")),
                opening(alert("b", session="fra-1")),
                resolving(alert("a")),
                opening(alert("c")),
            ]
        )

    requests = posted(story)
    assert [["ams-1", "fra-1"], ["ams-1"], ["ams-1"]] == [
        [one["labels"]["session"] for one in each] for each in requests
    ]
    assert ["12:05:00", "12:00:00", "12:05:00"] == [times(each[0])[1] for each in requests]


def test_an_alert_whose_severity_changes_leaves_no_other_behind() -> None:
    """The one with the old labels is ended in the same request."""
    worse = attrs.evolve(alert(severity="warning"), severity=Severity.ERROR)

    async def story(sink: Alertmanager, _: list[int]) -> None:
        await sink.deliver([opening(alert(severity="warning"))])
        await sink.deliver([Notice(2, NoticeKind.CHANGED, NOON, worse)])
        await sink.deliver([resolving(worse, 3)])

    found = [[(one["labels"]["severity"], times(one)[1]) for one in each] for each in posted(story)]
    assert [
        [("warning", "12:05:00")],
        [("warning", "12:00:00"), ("error", "12:05:00")],
        [("error", "12:00:00")],
    ] == found


@pytest.mark.parametrize("jump", [-3600 * SECOND, 3600 * SECOND])
def test_no_alert_ends_before_it_begins(jump: int) -> None:
    """A clock that went back would make Alertmanager refuse the whole request."""

    async def story(sink: Alertmanager, clock: list[int]) -> None:
        clock[0] += jump
        await sink.deliver([opening(alert())])
        await sink.deliver([resolving(alert())])

    for (one,) in posted(story):
        assert one["startsAt"] <= one["endsAt"]


def test_many_open_alerts_are_sent_in_parts() -> None:
    """No request is large."""
    alerts = [alert(f"a{each}", session=f"s{each}") for each in range(450)]

    async def story(sink: Alertmanager, _: list[int]) -> None:
        await sink.refresh(alerts)
        await sink.refresh([])

    assert [200, 200, 50] == [len(each) for each in posted(story)]


def test_what_is_not_accepted_is_a_failure() -> None:
    """And is sent again as a whole."""

    async def story(sink: Alertmanager, _: list[int]) -> None:
        with pytest.raises(DeliveryError, match="HTTP status 503"):
            await sink.deliver([opening(alert())])
        await sink.deliver([opening(alert())])

    first, second = posted(story, Server(status(503)))
    assert first == second


def test_characters_that_are_not_visible_are_escaped() -> None:
    """Texts of routes cannot forge lines or colours where an alert is shown."""
    hostile = attrs.evolve(
        alert(),
        cause=Cause("session.down", "a\u202eb", "ams-1"),
        reason="one\ntwo\x1b[0m",
        portal=("three\nfour", "five"),
    )

    async def story(sink: Alertmanager, _: list[int]) -> None:
        await sink.deliver([opening(hostile)])

    ((one,),) = posted(story)
    assert one["labels"]["peering"] == "a\\u202eb"
    assert one["annotations"]["description"] == "one\\ntwo\\x1b[0m"
    assert one["annotations"]["microsoft_says"] == "three\\nfour\nfive"


# -- a real one


def live(
    folder: Path, story: Callable[[RealAlertmanager, Store], Awaitable[object]]
) -> list[dict[str, Any]]:
    """Run a story with a real Alertmanager; return what its receiver was told of."""

    async def main() -> list[dict[str, Any]]:
        async with Server() as hook, RealAlertmanager(folder, hook.url) as real:
            with open_store(folder / "state.db") as store:
                await story(real, store)
            return [json.loads(each) for each in hook.bodies]

    return asyncio.run(main())


def dispatcher(real: RealAlertmanager, store: Store, lifetime: float = 3.0) -> Dispatcher:
    """Return a dispatcher for it, whose alerts end soon."""
    now = _now
    client = HttpClient(f"{real.url}/api/v2/alerts", now=now)
    sink = Alertmanager("am", client, page=None, now=now, lifetime=lifetime)
    return Dispatcher(store, [sink], times=DeliveryTimes(0.05, 0.2))


def _now() -> int:
    from peerlint.feeds.clock import microseconds_now  # noqa: PLC0415  # the real one

    return microseconds_now()


def names(alerts: list[dict[str, Any]]) -> list[str]:
    """Return the sessions of alerts."""
    return [each["labels"]["session"] for each in alerts]


@pytest.mark.slow
def test_alerts_appear_and_resolve(tmp_path: Path) -> None:
    """Alertmanager has them as long as they are open, and tells its receiver of both."""
    one, two = alert("a", opened=_now()), alert("b", opened=_now(), session="fra-1")

    async def story(real: RealAlertmanager, store: Store) -> None:
        given = dispatcher(real, store)
        given.start()
        store.save([one, two], [opening(one), opening(two)])
        (first, _) = await real.until(lambda found: names(found) == ["ams-1", "fra-1"])
        assert first["annotations"]["summary"] == "ams-1 is down"
        await asyncio.sleep(4)  # longer than an alert lasts that is not sent again
        assert names(await real.alerts()) == ["ams-1", "fra-1"]
        ends = resolved(one, _now())
        store.save([ends], [resolving(ends)])
        await real.until(lambda found: names(found) == ["fra-1"])
        await asyncio.sleep(2)  # the interval of its group
        await given.stop(LIMIT)

    told = [
        (each["status"], one["labels"]["session"])
        for each in live(tmp_path, story)
        for one in each["alerts"]
    ]
    assert ("firing", "ams-1") in told
    assert ("firing", "fra-1") in told
    assert ("resolved", "ams-1") in told


@pytest.mark.slow
def test_alerts_survive_a_restart_of_alertmanager(tmp_path: Path) -> None:
    """It forgets them, and is told again; what happened meanwhile is not lost."""
    one, two = alert("a", opened=_now()), alert("b", opened=_now(), session="fra-1")

    async def story(real: RealAlertmanager, store: Store) -> None:
        given = dispatcher(real, store)
        given.start()
        store.save([one], [opening(one)])
        await real.until(lambda found: names(found) == ["ams-1"])
        await real.stop()
        store.save([two], [opening(two)])
        await asyncio.sleep(0.5)
        assert given.status()[0].last_error
        await real.start()
        await real.until(lambda found: names(found) == ["ams-1", "fra-1"])
        assert given.status()[0].waiting == 0
        await given.stop(LIMIT)

    live(tmp_path, story)


@pytest.mark.slow
def test_alerts_survive_a_restart_of_the_watch(tmp_path: Path) -> None:
    """The next one sends what is open at once, and goes on with it."""
    one = alert("a", opened=_now())

    async def story(real: RealAlertmanager, store: Store) -> None:
        given = dispatcher(real, store)
        given.start()
        store.save([one], [opening(one)])
        await real.until(lambda found: names(found) == ["ams-1"])
        await given.stop(LIMIT)
        await real.until(lambda found: not found)  # nothing says any more that it is open
        again = dispatcher(real, store)
        again.start()
        await real.until(lambda found: names(found) == ["ams-1"])
        ends = resolved(one, _now())
        store.save([ends], [resolving(ends)])
        await real.until(lambda found: not found)
        await again.stop(LIMIT)

    live(tmp_path, story)


@pytest.mark.slow
def test_alertmanager_accepts_any_text(tmp_path: Path) -> None:
    """Texts of routes and routers may be hostile: what UTF-8 cannot hold, controls, long ones."""
    texts = ["\udc80", "\0\x1b[0m", "<script>{{ .Labels }}", "x" * 100_000]
    hostile = [
        attrs.evolve(
            alert(f"a{at}", opened=_now(), session=f"s{at}"),
            cause=Cause("session.down", text, f"s{at}"),
            reason=text,
            portal=(text, text),
        )
        for at, text in enumerate(texts)
    ]

    async def story(real: RealAlertmanager, store: Store) -> None:
        given = dispatcher(real, store, lifetime=60.0)
        given.start()
        store.save(hostile, map(opening, hostile))
        await real.until(lambda found: sorted(names(found)) == ["s0", "s1", "s2", "s3"])
        assert given.status()[0].failures == 0
        await given.stop(LIMIT)

    live(tmp_path, story)
