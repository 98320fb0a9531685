"""The kernel: from octets of a dump to rows, counts and texts, in Python and compiled.

`route_kernel` makes rows of records, and `text_encoder` makes texts of the attributes of rows. Each
has two implementations, one in `python` and one in `compiled`, and picks one of them when it is
imported. `contract` says what both promise. This module is the only one that other packages import.
"""

from peerlint.bulk.kernel.attribute_lists import attributes_of, form_of
from peerlint.bulk.kernel.contract import (
    ANNOUNCE,
    END_OF_RIB_4,
    END_OF_RIB_6,
    FAMILY_BITS,
    FORM_UPDATE,
    IPV4_RECORDS,
    IPV6_RECORDS,
    LIMITS,
    MAX_SNAPSHOTS,
    NOT_PLAIN,
    OPENED,
    RIB,
    ROW,
    RUN,
    UNWANTED,
    WITHDRAW,
    BrokenError,
    Moment,
    PeerCount,
    PeerRow,
    Stop,
    nothing_is_missing,
)
from peerlint.bulk.kernel.counts import Counts, Keys, RowCounter, Violations
from peerlint.bulk.kernel.peers import read_table_name
from peerlint.bulk.kernel.route_kernel import COMPILED, Kernel
from peerlint.bulk.kernel.text_encoder import TextEncoder
from peerlint.bulk.kernel.texts import NO_PATH, Codes, EncodedText, Texts

__all__ = [
    "ANNOUNCE",
    "COMPILED",
    "END_OF_RIB_4",
    "END_OF_RIB_6",
    "FAMILY_BITS",
    "FORM_UPDATE",
    "IPV4_RECORDS",
    "IPV6_RECORDS",
    "LIMITS",
    "MAX_SNAPSHOTS",
    "NOT_PLAIN",
    "NO_PATH",
    "OPENED",
    "RIB",
    "ROW",
    "RUN",
    "UNWANTED",
    "WITHDRAW",
    "BrokenError",
    "Codes",
    "Counts",
    "EncodedText",
    "Kernel",
    "Keys",
    "Moment",
    "PeerCount",
    "PeerRow",
    "RowCounter",
    "Stop",
    "TextEncoder",
    "Texts",
    "Violations",
    "attributes_of",
    "form_of",
    "nothing_is_missing",
    "read_table_name",
]
