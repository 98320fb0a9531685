"""Alerts for Alertmanager, in its API version 2."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from peerlint.display import displayed
from peerlint.monitor.alerts import Alert, Notice
from peerlint.service.sinks.http import HttpClient

#: Seconds for which Alertmanager takes an alert as open without hearing of it again.
LIFETIME: Final = 300.0
PATH: Final = "/api/v2/alerts"
#: Open alerts that are sent in one request.
_PART: Final = 200

Labels = dict[str, str]


def alert_labels(alert: Alert) -> Labels:
    """Return the labels, by which Alertmanager knows an alert again; empty ones are left out."""
    cause = alert.cause
    labels = {
        "alertname": cause.rule,
        "job": "peerlint",
        "rule": cause.rule,
        "peering": cause.peering,
        "session": cause.session,
        "prefix": cause.prefix,
        "about": cause.about,
        "severity": str(alert.severity),
    }
    return {name: displayed(value) for name, value in labels.items() if value}


def posted_alert(alert: Alert, *, now: int, ends: int, page: str | None) -> dict[str, object]:
    """Return an alert as Alertmanager takes it (its OpenAPI: postableAlert).

    Args:
        alert: the alert.
        now: the time; an alert must not begin after it ends, even if a clock went back.
        ends: when it ends, not before `now`.
        page: the URL of the status page; None if there is none.
    """
    annotations = {
        "summary": displayed(alert.title),
        "description": displayed(alert.reason),
        "fix": displayed(alert.fix),
        "microsoft_says": "\n".join(map(displayed, alert.portal)),
    }
    posted: dict[str, object] = {
        "labels": alert_labels(alert),
        "annotations": {name: text for name, text in annotations.items() if text},
        "startsAt": _time(min(alert.first_seen, now)),
        "endsAt": _time(ends),
    }
    if page is not None:
        posted["generatorURL"] = page.rstrip("/") + "/" + alert.link.lstrip("/")
    return posted


class Alertmanager:
    """Keeps the open alerts open in Alertmanager, and ends those that are resolved."""

    batch: Final = 100

    def __init__(
        self,
        name: str,
        client: HttpClient,
        *,
        page: str | None,
        now: Callable[[], int],
        lifetime: float = LIFETIME,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            name: the name of the sink.
            client: sends the requests.
            page: the URL of the status page; None if there is none.
            now: the clock, in microseconds since 1970.
            lifetime: seconds for which an open alert lasts if it is not sent again.
        """
        self.name, self._client, self._page, self._now = name, client, page, now
        self._lifetime = lifetime
        #: The alerts as they were sent last, if they were open: labels may change with them.
        self._sent: dict[str, Alert] = {}

    @property
    def refresh_interval(self) -> float:
        """After how many seconds open alerts are sent again."""
        return self._lifetime / 3

    async def deliver(self, notices: Sequence[Notice]) -> None:
        """Send the alerts of notices, in order.

        Raises:
            DeliveryError: Alertmanager did not take them.
        """
        for part in _parts(notices):
            await self._send(part)

    async def refresh(self, alerts: Sequence[Alert]) -> None:
        """Send the open alerts again, before they end.

        Raises:
            DeliveryError: Alertmanager did not take them.
        """
        for at in range(0, len(alerts), _PART):
            await self._send(alerts[at : at + _PART])
        # What is not open any more is not sent again.
        self._sent = {each.id: each for each in alerts}

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def _send(self, alerts: Sequence[Alert]) -> None:
        now = self._now()
        ends = now + int(self._lifetime * 1_000_000)
        posted = []
        for each in alerts:
            before = self._sent.get(each.id)
            if before is not None and alert_labels(before) != alert_labels(each):
                # Other labels are another alert: that one would stay until it ends.
                posted.append(posted_alert(before, now=now, ends=now, page=self._page))
            end = ends if each.is_open else now
            posted.append(posted_alert(each, now=now, ends=end, page=self._page))
        await self._client.post(json.dumps(posted).encode())
        for each in alerts:
            if each.is_open:
                self._sent[each.id] = each
            else:
                self._sent.pop(each.id, None)


def _parts(notices: Sequence[Notice]) -> Iterator[list[Alert]]:
    """Yield alerts in order, those with equal labels in requests of their own."""
    part: dict[tuple[tuple[str, str], ...], Alert] = {}
    for each in notices:
        key = tuple(sorted(alert_labels(each.alert).items()))
        if key in part:
            yield list(part.values())
            part = {}
        part[key] = each.alert
    yield list(part.values())


def _time(time: int) -> str:
    """Return microseconds since 1970 as RFC 3339 has them."""
    return datetime.fromtimestamp(time / 1_000_000, UTC).isoformat(timespec="microseconds")
