"""Run a monitor: feeds in, changes saved, alerts out, until it is asked to end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from peerlint.errors import PeerlintError
from peerlint.service.evaluation import Evaluation
from peerlint.service.publication import Publication

if TYPE_CHECKING:
    from peerlint.inventory import Inventory
    from peerlint.monitor.monitor import Monitor
    from peerlint.profiles import Profile
    from peerlint.service.intake import Intake
    from peerlint.service.notify import ServiceManager
    from peerlint.service.running_feeds import RunningFeeds
    from peerlint.service.watch_status import WatchStatus
