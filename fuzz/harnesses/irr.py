"""Dumps of IRRs.

Any octets give objects, or objects that are skipped and counted. What is read many at a time is
what `read_object` reads one by one, and the size of the pieces changes nothing.
"""

from __future__ import annotations

from fuzz.harnesses._laws import agree
from peerlint.model import Prefix
from peerlint.registry.irr import AsSet, IrrDump, read_irr_chunks
from peerlint.registry.irr.objects import AutNum, Route, Unread, read_object
from peerlint.registry.irr.rpsl import attributes

_NAME = "radb.db"
_END = b"\n\n"


def check_irr(octets: bytes) -> None:
    """Read what follows the first octet, which is the size of the pieces; 0 means one piece.

    Raises:
        AssertionError: an object is lost or read as another one, or the size of pieces changes
            something.
    """
    text = octets[1:]
    step = int.from_bytes(octets[:1]) or max(1, len(text))
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    cut = read_irr_chunks([text], _NAME)
    agree("pieces", _told(cut), _told(read_irr_chunks(pieces, _NAME)))
    agree("octets", len(text), cut.octets)
    agree("one by one", _one_by_one(text + _END), _objects(read_irr_chunks([text + _END], _NAME)))


def _told(dump: IrrDump) -> object:
    skips = [(each.reason, each.count, *each.first) for each in dump.skips.by_reason]
    return _objects(dump), dump.newest, dump.is_cut, skips


def _objects(dump: IrrDump) -> tuple[object, ...]:
    routes, aut_nums = dump.routes, dump.aut_nums
    names = [routes.sources[each] for each in routes.source.tolist()]
    return (
        [*zip(map(str, routes.prefixes), routes.origin.tolist(), names, strict=True)],
        aut_nums.asn.tolist(),
        list(dump.as_sets),
        dump.other_objects,
        dump.skips.count,
    )


def _one_by_one(text: bytes) -> tuple[object, ...]:
    routes, aut_nums, as_sets = list[object](), list[int](), list[AsSet]()
    others = unread = 0
    for part in text.replace(b"\r\n", b"\n").split(b"\n\n"):
        match read_object(part):
            case Route() as route:
                shift = 32 if route.family == 4 else 128
                prefix = Prefix(route.family, route.address, route.length)
                agree("bits of an address", 0, route.address >> shift)
                routes.append((str(prefix), route.origin, route.common.source))
            case AutNum() as aut_num:
                aut_nums.append(aut_num.asn)
            case AsSet() as as_set:
                as_sets.append(as_set)
            case Unread():
                unread += 1
            case None:
                others += bool(attributes(part))
    return routes, aut_nums, as_sets, others, unread
