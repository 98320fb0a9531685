"""What FRRouting 8.4.4 and GoBGP 3.10 sent in the lab is read whole, in pieces of any size."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest
from bmp_readers.seen import seen_by_peerlint
from bmp_readers.streams import CAPTURED, octets_of

from peerlint.feeds.bmp import RemarkKind, RouterStream
from peerlint.wire.bmp import Reader

_FRR: Final = {RemarkKind.DOWN_WITHOUT_UP, RemarkKind.NO_PEER_UP, RemarkKind.OWN_AS_CUT}
#: What is unusual in each stream.
REMARKS: Final = {
    "edge2.ams": _FRR,
    "edge2.fra": {RemarkKind.NO_PEER_UP},
    "microsoft.ams": _FRR,
    "microsoft.ams.after-policy": _FRR,
    "microsoft.fra": {RemarkKind.NO_PEER_UP},
}


@pytest.mark.parametrize("name", CAPTURED)
def test_all_is_read(name: str) -> None:
    """No octet is lost or skipped, and no route is malformed."""
    octets = octets_of(name)
    reader = Reader(source=name)

    assert list(reader.read([octets]))

    quality = reader.quality
    assert (len(octets), 0, 0, 0) == (
        *(quality.read, quality.skipped, quality.lost),
        quality.malformed,
    )


@pytest.mark.parametrize("name", CAPTURED)
def test_remarks(name: str) -> None:
    """Each remark is about one of the habits of the daemon, and nothing is a gap."""
    stream = RouterStream(name)
    list(stream.feed(octets_of(name), 0))

    assert REMARKS[name] == {each.kind for each in stream.remarks}
    assert stream.refused is None
    assert "gap" not in Counter(each.what for each in seen_by_peerlint(octets_of(name)))


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("name", CAPTURED)
def test_pieces(name: str, size: int) -> None:
    """The events do not depend on the pieces in which the octets arrive."""
    octets = octets_of(name)

    assert seen_by_peerlint(octets) == seen_by_peerlint(octets, size)


@pytest.mark.parametrize("name", CAPTURED)
def test_a_stream_that_ends_anywhere(name: str) -> None:
    """Whatever is cut off, the events before it are those of the whole stream."""
    octets = octets_of(name)
    whole = seen_by_peerlint(octets)

    for end in range(1, len(octets), 97):
        found = seen_by_peerlint(octets[:end])
        assert found == whole[: len(found)]
