"""What both implementations share: codes, columns, and the messages about damage.

A kernel is a class `Kernel`: `python.route_kernel` specifies it, and `compiled.route_kernel` does
the same without the GIL.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np

from peerlint.wire.raw_types import NAMES

#: Codes of `RouteBatch.kind`.
RIB, ANNOUNCE, WITHDRAW = 0, 1, 2
#: Bits of `RouteBatch.form`.
FORM_AS4, FORM_ADD_PATH, FORM_UPDATE = 1, 2, 4
#: Prefixes of the UPDATE cannot be read to their end; its attributes end inside MP_REACH_NLRI.
FORM_BROKEN, FORM_CUT = 8, 16
#: Both sides of the session have one AS number.
FORM_INTERNAL = 32
#: The UPDATE is about a Loc-RIB: as in a RIB, no attribute counts as missing.
FORM_LOC_RIB = 64
#: Events of a session in a feed.
OPENED, END_OF_RIB_4, END_OF_RIB_6 = 1, 2, 4
#: The state of a session that is up (RFC 6396 section 4.4.1).
ESTABLISHED: Final = 6
#: Families of which a snapshot has unicast records.
IPV4_RECORDS, IPV6_RECORDS = 1, 2
#: The reading of a peer whose routes are not wanted; of a table of a BMP stream whose messages are
#: passed unread; of one whose viewpoint is asked for. The other values are those of `Reading`.
UNWANTED: Final = -1
LEFT_OUT: Final = -2
ASKED: Final = -3
#: Octets of a BMP message before its UPDATE: the common and the per-peer header; of the part of the
#: latter that is the same in all messages of a table, which is all but its time.
MONITORED_HEAD, TABLE_HEAD = 48, 34
#: Bits of the families whose prefixes have path identifiers, by (IP version, SAFI).
FAMILY_BITS: Final = {(4, 1): 1, (4, 2): 2, (6, 1): 4, (6, 2): 8}
ALL_FAMILY_BITS: Final = 15
#: Beside these bits: no message of the table is plain, and the caller reads all of them.
NOT_PLAIN: Final = 128


def nothing_is_missing(form: int) -> bool:
    """Whether attributes are those of a RIB, where none counts as missing (`FORM_...`)."""
    return not form & FORM_UPDATE or bool(form & FORM_LOC_RIB)


#: One row, packed: a kernel writes its octets in this order.
ROW: Final = np.dtype(
    [
        ("kind", np.uint8),
        ("family", np.uint8),
        ("safi", np.uint8),
        ("length", np.uint8),
        ("form", np.uint8),
        ("peer", np.uint32),
        ("facts", np.uint32),
        ("path_length", np.uint16),
        ("timestamp", np.int64),
        ("prefix_hi", np.uint64),
        ("prefix_lo", np.uint64),
        ("path_id", np.int64),
        ("origin", np.int64),
        ("record", np.uint64),
        ("attr_at", np.uint32),
        ("attr_len", np.uint32),
    ]
)
#: Adjacent routes of one prefix and origin, packed: their prefix and origin, and their number.
RUN: Final = np.dtype(
    [
        ("prefix_hi", np.uint64),
        ("prefix_lo", np.uint64),
        ("origin", np.int64),
        ("routes", np.uint64),
        ("family", np.uint8),
        ("length", np.uint8),
    ]
)
#: How many facts words, origins and prefixes are told apart in counts; see `counts.Counts`.
LIMITS: Final = (1 << 16, 100_000, 2_000_000)
#: The most peers of one dump: those of each snapshot, and sessions. Each takes about a kilobyte;
#: the largest collectors have a few hundred.
MAX_PEERS: Final = 1 << 18
#: The most snapshots of one dump: a table every two hours for fifteen years.
MAX_SNAPSHOTS: Final = 1 << 16
#: The values of a row, in the order of `ROW`, before it is written.
Row = tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int]
#: Address, AS number, BGP identifier, local AS number (None in a RIB), whether messages are sent.
PeerRow = tuple[bytes, int, bytes, int | None, bool]
#: Counts of one peer: entries, how many of them are withdrawals; of the wanted routes, how many
#: carry the community and how many are IPv6; bits of the session's events.
PeerCount = tuple[int, int, int, int, int]
#: When something last happened: the record's time in microseconds, and its offset in the stream.
Moment = tuple[int, int]
#: When a session in a feed last started (an OPEN, or the state Established), went down (another
#: state, or a NOTIFICATION), sent End-of-RIB for IPv4, and sent any other message; None for never.
Moments = tuple[Moment | None, Moment | None, Moment | None, Moment | None]
STARTED, DOWN, ENDED, HEARD = range(4)
#: A snapshot: the collector's identifier and the view's name, the time of its peer table and that
#: table's offset in the stream, bits of the families of its records, and the time of the last one;
#: the time and offset at which, after damage, another snapshot seems to start whose peer table is
#: lost; and whether its own first records may be lost to damage. In a TABLE_DUMP, the first record
#: takes the place of the peer table, there is no collector, and the view is a number of two octets.
SnapshotRow = tuple[bytes, bytes, int, int, int, int, Moment | None, bool]
#: After damage, two records of one table are at most so many microseconds apart.
LONGEST_PAUSE: Final = 60_000_000


class Stop(IntEnum):
    """Why a kernel stopped."""

    END = 0  # the buffer ends, perhaps inside a record
    PEERS = 1  # `peers` has new rows: call `set_viewpoint` for them, then go on
    BROKEN = 2  # invalid octets: see `expected`, `found` and `broken_at`
    UNKNOWN = 3  # a record of a type that no RFC defines, or an absurdly long one
    FRAME = 10  # a BMP message that the caller has to read; it is not counted


class Fault(IntEnum):
    """Which octets are invalid, and why."""

    SHORT = 0
    PEER_TABLE_END = 1
    NO_PEER_TABLE = 2
    NO_ENTRY = 3
    NO_ATTRIBUTES = 4
    NO_RECORD_END = 5
    PREFIX_LENGTH = 6
    AFI = 7
    STATE_CHANGE_END = 8
    MARKER = 9
    MESSAGE_LENGTH = 10
    REPEATED = 12
    NEXT_HOP = 13
    PEER_INDEX = 14
    ATTRIBUTE_LIST = 15
    MESSAGE_END = 16
    UPDATE_LENGTH = 17
    DEFAULT_ROUTES = 18
    PEERS = 19
    SNAPSHOTS = 20
    NEXT_HOP_OF_IPV6 = 21
    FLAGS = 22
    UNRECOGNISED = 23
    MALFORMED = 24


_MESSAGES: Final = {
    Fault.SHORT: ("{wanted} octets inside the record", "{found}"),
    Fault.PEER_TABLE_END: ("the end of the peer table", "{found} more octets"),
    Fault.NO_PEER_TABLE: ("a PEER_INDEX_TABLE before the first RIB record", "none"),
    Fault.NO_ENTRY: ("a RIB entry", "{found} octets to the end of the record"),
    Fault.NO_ATTRIBUTES: (
        "{wanted} octets of attributes",
        "{found} octets to the end of the record",
    ),
    Fault.NO_RECORD_END: ("the end of the record", "{found} octets to the end of the record"),
    Fault.PREFIX_LENGTH: ("a prefix length up to {wanted}", "{found}"),
    Fault.AFI: ("AFI 1 or 2", "{found}"),
    Fault.STATE_CHANGE_END: ("the end of the state change", "{found} more octets"),
    Fault.MARKER: ("a BGP marker of 16 octets 0xff", "{octets}"),
    Fault.MESSAGE_LENGTH: ("a message of {wanted} octets", "{found}"),
    Fault.REPEATED: ("one attribute of its type", "a second of type {found}"),
    Fault.NEXT_HOP: ("a next hop of 4, 16 or 32 octets", "{found}"),
    Fault.ATTRIBUTE_LIST: ("whole attributes to the end of the list", "{found} octets left"),
    Fault.PEER_INDEX: ("a peer index below {wanted}", "{found}"),
    Fault.MESSAGE_END: ("the end of the message", "{found} more octets"),
    Fault.UPDATE_LENGTH: ("a length that ends inside the message", "{found}"),
    Fault.DEFAULT_ROUTES: ("prefixes without path identifiers", "{found} default routes"),
    Fault.PEERS: ("at most {wanted} peers and sessions in one dump", "{found}"),
    Fault.SNAPSHOTS: ("at most {wanted} tables in one dump", "more"),
    Fault.NEXT_HOP_OF_IPV6: ("a next hop of 16 or 32 octets", "{found}"),
    Fault.FLAGS: ("flags 0x{wanted:02x}", "0x{found:02x}"),
    Fault.UNRECOGNISED: ("an optional attribute, or one of RFC 4271", "well-known type {found}"),
    Fault.MALFORMED: ("well-formed attributes where no prefix is announced", "a malformed {name}"),
}


class BrokenError(Exception):
    """The octets at an offset of the buffer are invalid."""

    def __init__(self, at: int, fault: Fault, wanted: int, found: int) -> None:
        """Keep the offset and the fault; for the numbers see `describe`."""
        super().__init__(at, fault, wanted, found)
        self.at, self.fault, self.wanted, self.found = at, fault, wanted, found


def need(at: int, octets: int, end: int) -> None:
    """Check that there are so many octets from an offset on.

    Raises:
        BrokenError: `end` comes before that.
    """
    if at + octets > end:
        raise BrokenError(at, Fault.SHORT, octets, end - at)


def describe(fault: int, wanted: int, found: int, octets: bytes = b"") -> tuple[str, str]:
    """Return what was expected and what was found, as messages say it.

    Args:
        fault: a `Fault`.
        wanted: the number in the first text.
        found: the number in the second text.
        octets: the octets found, for `Fault.MARKER`.
    """
    expected, there = _MESSAGES[Fault(fault)]
    name = NAMES.get(found, str(found))
    return expected.format(wanted=wanted), there.format(found=found, name=name, octets=octets.hex())
