"""Alerts as documents of the schema `peerlint/alert/1`, as all receivers of JSON get them."""

from __future__ import annotations

from datetime import datetime

import attrs

from peerlint.model.times import from_microseconds, rfc3339_text
from peerlint.monitor.alerts import Notice
from peerlint.report.alert_entry import (
    KEYS,
    AffectedEntry,
    AlertDocument,
    AlertKind,
    AlertStatus,
)
from peerlint.report.phrases import cleaned


def alert_document(notice: Notice) -> dict[str, object]:
    """Return a message about an alert as JSON values.

    Characters of routes that are not visible are escaped, as in reports.
    """
    document = cleaned(_document(notice))
    values = attrs.asdict(document, value_serializer=_serialized)
    return {KEYS.get(name, name): value for name, value in values.items()}


def _document(notice: Notice) -> AlertDocument:
    alert = notice.alert
    cause = alert.cause
    return AlertDocument(
        id=alert.id,
        delivery=notice.id,
        number=notice.number,
        kind=AlertKind(notice.kind),
        status=AlertStatus.OPEN if alert.is_open else AlertStatus.RESOLVED,
        severity=alert.severity,
        rule=cause.rule,
        title=alert.title,
        reason=alert.reason,
        fix=alert.fix,
        portal=alert.portal,
        events=alert.events,
        peering=cause.peering,
        session=cause.session,
        prefix=cause.prefix,
        about=cause.about,
        affected=tuple(AffectedEntry(each.prefix, each.session) for each in alert.affected),
        more=alert.more,
        evidence=alert.evidence,
        basis=alert.basis,
        first_seen=from_microseconds(alert.first_seen),
        opened=from_microseconds(alert.opened),
        last_seen=from_microseconds(alert.last_seen),
        resolved=None if alert.resolved is None else from_microseconds(alert.resolved),
        resolution=None if alert.resolution is None else str(alert.resolution),
        unknown=alert.unknown,
        link=alert.link,
    )


def _serialized(_: object, __: object, value: object) -> object:
    """Return a value as JSON has it; a time is a text of RFC 3339."""
    if isinstance(value, datetime):
        return rfc3339_text(value)
    if isinstance(value, str):
        return str(value)
    return value
