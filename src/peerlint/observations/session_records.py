"""The records of one session in one dump: what `SourceBuilder` makes and `sources_of` takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk import AttributeSet, Moment, SessionEvents
from peerlint.model import Prefix, Route, Viewpoint
from peerlint.observations.coverage import Coverage
from peerlint.observations.observation import Validation
from peerlint.observations.route_columns import InternTable, Rows
from peerlint.observations.session_routes import SessionCounts

#: A peer as dumps name it: address and AS number, None if the dump does not tell it.
PeerKey = tuple[object, int | None]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@attrs.frozen
class SessionPeer:
    """A peer of a dump whose routes are routes of the session in one view.

    Attributes:
        key: identifies the peer in all dumps.
        taken: the time of the snapshot that has it, in microseconds since 1970; None in a feed.
        events: what happened to its session in a feed.
        opened: whether a feed has the start of its session.
        ended: whether a feed has its End-of-RIB for IPv4.
    """

    key: PeerKey
    taken: int | None = None
    events: SessionEvents = SessionEvents()
    opened: bool = False
    ended: bool = False


@attrs.frozen
class TablePart:
    """What the snapshots of a dump show of a session; replaced snapshots are left out.

    Attributes:
        coverage: whether they show all of its routes.
        counts: how many routes there are.
        taken: when the first snapshot was taken, in microseconds since 1970.
        last: the time of their last record, in microseconds since 1970.
        snapshot_moments: by peer and address family, the time of the snapshot and the offset of
            its peer table. The snapshot includes all updates before that.
    """

    coverage: Coverage
    counts: SessionCounts
    taken: int
    last: int
    snapshot_moments: Mapping[tuple[PeerKey, int], Moment]


@attrs.frozen
class FeedPart:
    """What the updates of a dump show of a session.

    Attributes:
        counts: how many announcements there are.
        first: the time of the dump's first record of a feed, in microseconds since 1970.
        last: the time of its last record of a feed, in microseconds since 1970.
        is_sound: whether all of the dump could be read.
    """

    counts: SessionCounts
    first: int
    last: int
    is_sound: bool


@attrs.frozen(eq=False)
class SessionRecords:
    """The records of one session in one view, from one dump.

    Attributes:
        file: the dump's name.
        session: the session's id.
        viewpoint: where the routes were observed, and how their paths are read.
        shared: the prefixes and attribute sets that the rows refer to.
        rows: the latest row of each route, see `route_columns.ROW`.
        peers: for each row, the index of its peer in `session_peers`.
        withdrawn: for each row, whether it withdraws its route.
        in_table: for each row, whether it belongs to a snapshot.
        session_peers: the peers.
        table: the snapshots, without those that were replaced; None if there are none.
        feed: the updates; None if there are none.
    """

    file: str
    session: str
    viewpoint: Viewpoint
    shared: InternTable
    rows: Rows
    peers: npt.NDArray[np.uint32]
    withdrawn: Mask
    in_table: Mask
    session_peers: tuple[SessionPeer, ...]
    table: TablePart | None = None
    feed: FeedPart | None = None


@attrs.frozen(eq=False)
class MergedInternTable:
    """The intern tables of several dumps merged into one, with the new number of each entry.

    Attributes:
        shared: all prefixes, each once, and all attribute sets.
        prefixes: by `id()` of a dump's `InternTable`, the new number of each of its prefixes.
        attribute_sets: by `id()` of a dump's `InternTable`, the offset to add to the number of an
            attribute set.
    """

    shared: InternTable
    prefixes: Mapping[int, Numbers]
    attribute_sets: Mapping[int, int]

    @classmethod
    def of(cls, parts: Iterable[SessionRecords]) -> MergedInternTable:
        """Merge the intern tables of some records; records of one dump share one."""
        every = {id(part.shared): part.shared for part in parts}
        numbers: dict[Prefix, int] = {}
        attribute_sets: list[AttributeSet | Route] = []
        prefix_maps: dict[int, Numbers] = {}
        offsets: dict[int, int] = {}
        pathless: set[int] = set()
        validations: dict[int, Validation] = {}
        for key, shared in every.items():
            found = [numbers.setdefault(each, len(numbers)) for each in shared.prefixes]
            prefix_maps[key] = np.array(found, np.int64)
            offset = offsets[key] = len(attribute_sets)
            attribute_sets += shared.attribute_sets
            pathless |= {offset + each for each in shared.pathless}
            validations |= {
                offset + each: validation for each, validation in shared.validations.items()
            }
        shared = InternTable(
            tuple(numbers), tuple(attribute_sets), frozenset(pathless), validations
        )
        return cls(shared, prefix_maps, offsets)
