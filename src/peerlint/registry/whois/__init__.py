"""The protocols of whois servers: IRRd's, and plain whois as the RIPE database speaks it.

Values in and out: `peerlint.feeds.whois` has the sockets.
"""

from peerlint.registry.whois.answers import Answer, AnswerKind
from peerlint.registry.whois.cache import AnswerCache, WhoisAnswer
from peerlint.registry.whois.framing import LARGEST, AnswerReader
from peerlint.registry.whois.queries import (
    ALL_SERIALS,
    KEEP_OPEN,
    Query,
    RouteMatch,
    aut_num_of,
    checked_sources,
    identify,
    members_of,
    origins_of,
    prefixes_of,
    ripe_object,
    routes_of,
    select_sources,
    serials_of,
    status_of,
)
from peerlint.registry.whois.results import (
    JournalState,
    Parsed,
    SourceSerials,
    objects,
    origins,
    prefixes,
    serials,
)
from peerlint.registry.whois.ripe import read_ripe

__all__ = [
    "ALL_SERIALS",
    "KEEP_OPEN",
    "LARGEST",
    "Answer",
    "AnswerCache",
    "AnswerKind",
    "AnswerReader",
    "JournalState",
    "Parsed",
    "Query",
    "RouteMatch",
    "SourceSerials",
    "WhoisAnswer",
    "aut_num_of",
    "checked_sources",
    "identify",
    "members_of",
    "objects",
    "origins",
    "origins_of",
    "prefixes",
    "prefixes_of",
    "read_ripe",
    "ripe_object",
    "routes_of",
    "select_sources",
    "serials",
    "serials_of",
    "status_of",
]
