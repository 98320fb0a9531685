"""One account of a file: `dump` and `scan` read, lose and skip the same octets of it.

`scan` is what `walk` of these tests asks of the kernel in use; that both kernels give the same is
shown by `test_kernels`.
"""

from __future__ import annotations

import bz2
import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.testing import lying_dumps
from peerlint.testing.dumps import FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.wire.bgp import Keepalive, Notification, RouteRefresh, encode, encode_message
from peerlint.wire.damage import Quality
from peerlint.wire.mrt import Bgp4mpEntry, GeoPeerTable, Rib, Snapshot
from peerlint.wire.reader import Reader, Record

Walk = Callable[..., Any]

#: What `dump` reads and `scan` skips, having looked into it.
ONLY_DUMP = (Bgp4mpEntry, GeoPeerTable, Snapshot)


def is_skipped_by_scan(record: Record) -> bool:
    """Whether a record has no rows, see `peerlint.bulk`."""
    return isinstance(record.body, ONLY_DUMP) or (
        isinstance(record.body, Rib) and record.body.generic
    )


def assert_same_account(walk: Walk, octets: bytes) -> None:
    """Compare what is said of the octets, but for the words that damage is described with."""
    reader = Reader([octets], source="test")
    only_dump = sum(is_skipped_by_scan(record) for record in reader)
    exact, fast = reader.quality, walk(octets).quality

    def account(quality: Quality) -> Quality:
        """Return the quality without what differs for records that only `dump` reads."""
        damage = tuple(attrs.evolve(each, expected="", found="") for each in quality.damage)
        plain = attrs.evolve(quality, damage=damage)
        if not only_dump:
            return plain
        passed = quality.read + quality.skipped
        return attrs.evolve(
            plain, read=passed, skipped=0, entries=0, malformed=0, unsupported=(),
            may_hide_routes=0,
        )  # fmt: skip

    assert account(exact) == account(fast)


@settings(max_examples=300)
@given(lying_dumps.dumps())
def test_dumps_that_lie(walk: Walk, octets: bytes) -> None:
    """Dumps of every kind of record, in which some numbers lie."""
    assert_same_account(walk, octets)
