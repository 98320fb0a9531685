"""Time-outs of whois clients do not take time in tests."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from tests.feeds.doubles.whois_server import ImpatientSocket


@pytest.fixture(autouse=True)
def _time_outs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have clients notice at once that a server is silent."""
    connect = socket.create_connection

    def create_connection(*arguments: Any, **options: Any) -> ImpatientSocket:  # noqa: ANN401  # as there
        return ImpatientSocket(connect(*arguments, **options))

    monkeypatch.setattr(socket, "create_connection", create_connection)
