"""What the parts of the kernel share: see `contract`; `test_codes` compares the codes."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    RIB = 0, ANNOUNCE = 1, WITHDRAW = 2
    AS4 = 1, ADD_PATH = 2, UPDATE = 4, UNREADABLE = 8, CUT = 16, INTERNAL = 32
    OF_LOC_RIB = 64
    OPENED = 1, END_OF_RIB_4 = 2, END_OF_RIB_6 = 4
    IPV4_RECORDS = 1, IPV6_RECORDS = 2
    STARTED = 0, DOWN = 1, ENDED = 2, HEARD = 3, MOMENTS = 4
    AS_IS = 0, OWN_ADDED = 1, OWN_IF_ABSENT = 2, FROM_OWN = 3, TRANSPARENT = 4
    SHORT = 0, NO_PEER_TABLE = 2, NO_ENTRY = 3, NO_ATTRIBUTES = 4, NO_RECORD_END = 5
    PREFIX_LENGTH = 6, AFI = 7, MARKER = 9, MESSAGE_LENGTH = 10
    REPEATED = 12, NEXT_HOP = 13, PEER_INDEX = 14, ATTRIBUTE_LIST = 15
    MESSAGE_END = 16, UPDATE_LENGTH = 17, DEFAULT_ROUTES = 18
    TOO_MANY_PEERS = 19, TOO_MANY_SNAPSHOTS = 20
    NEXT_HOP_OF_IPV6 = 21, FLAGS = 22, UNRECOGNISED = 23, MALFORMED_TYPE = 24
    LOSSES = 12              # of one message
    MICROSOFT = 8075, AS_TRANS = 23456, MAX_RECORD = 1 << 24, LONGEST_PAUSE = 60000000
    # The result of a record, and why the kernel returned; the first three are those of `Stop`.
    END = 0, BROKEN = 2, UNKNOWN = 3, RARE = 4, NEW_SESSION = 5, NO_MEMORY = 6, GOOD = 7
    HAS_OPEN = 8, DESCRIBED = 9, FRAME = 10
    # Of a BMP stream
    LEFT_OUT = -2, ASKED = -3, MONITORED_HEAD = 48, TABLE_HEAD = 34, ALL_FAMILY_BITS = 15
    NOT_PLAIN = 128

cdef enum Facts:
    TAGGED = 1 << 0, NEAR_LARGE = 1 << 1, NEAR_EXTENDED = 1 << 2, LONG_PATH = 1 << 14
    PREPENDED = 1 << 17, LOOP = 1 << 18, AS_SET = 1 << 21, CONFED = 1 << 22
    EMPTY_PATH = 1 << 23, FIRST_AS_OTHER = 1 << 24, NO_ORIGIN = 1 << 25, IPV6 = 1 << 26
    SPECIAL_PREFIX = 1 << 27, LONGER_THAN_24 = 1 << 28, MALFORMED = 1 << 29
    NO_STATEMENT = 1 << 30

cdef packed struct Row:
    uint8_t kind, family, safi, length, form
    uint32_t peer, facts
    uint16_t path_length
    int64_t timestamp
    uint64_t prefix_hi, prefix_lo
    int64_t path_id, origin
    uint64_t record
    uint32_t attr_at, attr_len

cdef packed struct Run:
    uint64_t prefix_hi, prefix_lo
    int64_t origin
    uint64_t routes
    uint8_t family, length

cdef struct Broken:          # where octets are invalid, see `BrokenError`
    int64_t at, wanted, found
    int fault

cdef struct Loss:            # octets of a message that cannot be read
    int64_t at, end, wanted, found
    int fault


cdef inline dict contract_codes():
    """Return the constants above by their names in the contract."""
    return dict(
        RIB=RIB, ANNOUNCE=ANNOUNCE, WITHDRAW=WITHDRAW, FORM_AS4=AS4, FORM_ADD_PATH=ADD_PATH,
        FORM_UPDATE=UPDATE, FORM_BROKEN=UNREADABLE, FORM_CUT=CUT, FORM_LOC_RIB=OF_LOC_RIB, OPENED=OPENED,
        END_OF_RIB_4=END_OF_RIB_4, END_OF_RIB_6=END_OF_RIB_6, IPV4_RECORDS=IPV4_RECORDS,
        IPV6_RECORDS=IPV6_RECORDS, STARTED=STARTED, DOWN=DOWN, ENDED=ENDED, HEARD=HEARD,
        LONGEST_PAUSE=LONGEST_PAUSE, READING_AS_IS=AS_IS, READING_OWN_ADDED=OWN_ADDED,
        READING_OWN_IF_ABSENT=OWN_IF_ABSENT,
        READING_FROM_OWN=FROM_OWN, READING_TRANSPARENT=TRANSPARENT, FAULT_SHORT=SHORT,
        FAULT_NO_PEER_TABLE=NO_PEER_TABLE, FAULT_NO_ENTRY=NO_ENTRY, FAULT_AFI=AFI,
        FAULT_NO_ATTRIBUTES=NO_ATTRIBUTES, FAULT_NO_RECORD_END=NO_RECORD_END,
        FAULT_PREFIX_LENGTH=PREFIX_LENGTH, FAULT_MARKER=MARKER, FAULT_NEXT_HOP=NEXT_HOP,
        FAULT_MESSAGE_LENGTH=MESSAGE_LENGTH,
        FAULT_REPEATED=REPEATED, FAULT_PEER_INDEX=PEER_INDEX, FAULT_ATTRIBUTE_LIST=ATTRIBUTE_LIST,
        FAULT_MESSAGE_END=MESSAGE_END, FAULT_UPDATE_LENGTH=UPDATE_LENGTH,
        FAULT_DEFAULT_ROUTES=DEFAULT_ROUTES, FAULT_PEERS=TOO_MANY_PEERS,
        FAULT_SNAPSHOTS=TOO_MANY_SNAPSHOTS, FAULT_NEXT_HOP_OF_IPV6=NEXT_HOP_OF_IPV6,
        FAULT_FLAGS=FLAGS, FAULT_UNRECOGNISED=UNRECOGNISED, FAULT_MALFORMED=MALFORMED_TYPE,
        STOP_END=END, STOP_BROKEN=BROKEN,
        STOP_UNKNOWN=UNKNOWN, STOP_FRAME=FRAME, LEFT_OUT=LEFT_OUT, ASKED=ASKED, TABLE_HEAD=TABLE_HEAD,
        MONITORED_HEAD=MONITORED_HEAD, ALL_FAMILY_BITS=ALL_FAMILY_BITS, NOT_PLAIN=NOT_PLAIN, TAGGED=TAGGED, NEAR_LARGE=NEAR_LARGE, NEAR_EXTENDED=NEAR_EXTENDED,
        LONG_PATH=LONG_PATH, PREPENDED=PREPENDED, LOOP=LOOP, AS_SET=AS_SET, CONFED=CONFED,
        EMPTY_PATH=EMPTY_PATH, FIRST_AS_OTHER=FIRST_AS_OTHER, NO_ORIGIN=NO_ORIGIN, IPV6=IPV6,
        SPECIAL_PREFIX=SPECIAL_PREFIX, LONGER_THAN_24=LONGER_THAN_24, MALFORMED=MALFORMED,
        NO_STATEMENT=NO_STATEMENT, MICROSOFT=MICROSOFT, AS_TRANS=AS_TRANS, MAX_RECORD=MAX_RECORD,
        ROW=sizeof(Row), RUN=sizeof(Run),
    )


cdef inline int broken_at(
    Broken* broken, int64_t at, int fault, int64_t wanted, int64_t found
) noexcept nogil:
    """Record invalid octets; for the numbers see `describe`."""
    broken.at, broken.fault, broken.wanted, broken.found = at, fault, wanted, found
    return BROKEN


cdef inline bint needs(Broken* broken, int64_t at, int64_t octets, int64_t end) noexcept nogil:
    """Whether there are so many octets; otherwise the record is broken."""
    if at + octets > end:
        broken_at(broken, at, SHORT, octets, end - at)
        return False
    return True
