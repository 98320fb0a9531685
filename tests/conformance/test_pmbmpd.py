"""peerlint's events of a BMP stream are what Debian's pmbmpd reads, in the same order.

The streams are those that peerlint makes, in every view that BMP has, and those that FRRouting and
GoBGP sent in the lab. No daemon of Debian's sends Adj-RIB-Out: the views `sent` and `advertised`
are only in streams that peerlint makes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bmp_readers.differences import expected_of_pmbmpd
from bmp_readers.pmbmpd import Pmbmpd, pmbmpd
from bmp_readers.streams import CAPTURED, MADE, octets_of

pytestmark = pytest.mark.skipif(
    shutil.which("pmbmpd") is None and not os.environ.get("CI"), reason="pmbmpd is not installed"
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pmbmpd]:
    """Run pmbmpd for all tests of this file."""
    with pmbmpd(tmp_path_factory.mktemp("pmbmpd")) as running:
        yield running


@pytest.mark.parametrize("name", [*MADE, *CAPTURED])
def test_stream(name: str, reader: Pmbmpd) -> None:
    """Sessions, routes, withdrawals and counts are equal, but for `bmp_readers.differences`."""
    octets = octets_of(name)

    assert expected_of_pmbmpd(name, octets) == reader.read(octets)


@pytest.mark.samples
@pytest.mark.parametrize("name", ["edge2.ams", "edge2.fra"])
def test_streams_of_daemons(name: str, samples: Callable[[str], Path], reader: Pmbmpd) -> None:
    """Likewise for streams that are not part of the project."""
    octets = samples(f"bmp/{name}.bmp").read_bytes()

    assert expected_of_pmbmpd(name, octets) == reader.read(octets)


def test_all_daemons_are_read() -> None:
    """The streams of the four routers of the lab that send BMP are there, one of them twice."""
    assert CAPTURED == (
        *("edge2.ams", "edge2.fra", "microsoft.ams", "microsoft.ams.after-policy"),
        "microsoft.fra",
    )
