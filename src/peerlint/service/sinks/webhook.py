"""Alerts as POST requests, one for each notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final

from peerlint.monitor.alerts import Alert, Notice
from peerlint.service.sinks.http import HttpClient
from peerlint.service.sinks.signature import (
    NOTICE_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    signature,
)
from peerlint.service.sinks.sink import DocumentOf

#: The environment variable with the secret of signatures.
SECRET_VARIABLE: Final = "PEERLINT_WEBHOOK_SECRET"  # noqa: S105  # its name


class Webhook:
    """Sends each notice in a request of its own, at least once and in order."""

    batch: Final = 1
    refresh_interval: Final = None

    def __init__(
        self,
        name: str,
        client: HttpClient,
        document: DocumentOf,
        *,
        secret: str | None,
        now: Callable[[], int],
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            name: the name of the sink.
            client: sends the requests.
            document: returns the document of a notice.
            secret: signs the requests; None for no signature.
            now: the clock, in microseconds since 1970.
        """
        self.name, self._client, self._document = name, client, document
        self._secret, self._now = secret, now

    async def deliver(self, notices: Sequence[Notice]) -> None:
        """Send each notice.

        Raises:
            DeliveryError: the receiver did not accept one.
        """
        for each in notices:
            body = json.dumps(self._document(each)).encode()
            timestamp = str(self._now() // 1_000_000)
            headers = {NOTICE_HEADER: each.id, TIMESTAMP_HEADER: timestamp}
            if self._secret:
                headers[SIGNATURE_HEADER] = signature(self._secret, timestamp, body)
            await self._client.post(body, headers)

    async def refresh(self, alerts: Sequence[Alert]) -> None:
        """Do nothing: the monitor repeats its notices."""

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()
