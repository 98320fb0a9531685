"""NOTIFICATIONs as text."""

from __future__ import annotations

import pytest

from peerlint.wire.bgp import Notification
from peerlint.wire.notification_names import notification_text


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (6, 4, "NOTIFICATION 6/4 (Administrative Reset)"),
        (6, 9, "NOTIFICATION 6/9 (Hard Reset)"),
        (6, 0, "NOTIFICATION 6/0 (Cease)"),
        (6, 77, "NOTIFICATION 6/77 (Cease)"),
        (4, 0, "NOTIFICATION 4/0 (Hold Timer Expired)"),
        (3, 4, "NOTIFICATION 3/4 (UPDATE Message Error)"),
        (77, 4, "NOTIFICATION 77/4"),
    ],
)
def test_text(code: int, subcode: int, expected: str) -> None:
    """The name is that of the subcode of a Cease, or else that of the code."""
    assert expected == notification_text(Notification(code, subcode))
