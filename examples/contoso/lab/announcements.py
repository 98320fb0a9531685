"""The routes that Contoso announces on a session, with and without faults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from faults import Fault, Kind, Origin, covering_prefix

PEERING_SERVICE = (8075, 8007)
INFORMATIONAL = (64500, 120)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A route as its originator announces it; `path` follows the originator's own ASN."""

    prefix: str
    path: tuple[int, ...] = ()
    communities: tuple[tuple[int, int], ...] = ()
    large_communities: tuple[tuple[int, int, int], ...] = ()


def announcements(
    faults: Iterable[Fault], session: str, origin: Origin
) -> tuple[Announcement, ...]:
    """Return the routes that one originator announces on a session, one per prefix."""
    kinds: dict[str, Kind] = {}
    for fault in faults:
        if fault.origin is origin:
            kinds.setdefault(fault.prefix, Kind.RIGHT)
            if session in fault.sessions:
                kinds[fault.prefix] = fault.kind
    routes = (
        _WITH_FAULT[kind](_right(prefix))
        for prefix, kind in kinds.items()
        if kind is not Kind.MISSING
    )
    return tuple({route.prefix: route for route in routes}.values())


def _right(prefix: str) -> Announcement:
    return Announcement(prefix, communities=(PEERING_SERVICE, INFORMATIONAL))


def _unchanged(right: Announcement) -> Announcement:
    return right


def _community_missing(right: Announcement) -> Announcement:
    return replace(right, communities=(INFORMATIONAL,))


def _large_only(right: Announcement) -> Announcement:
    large_community = (*PEERING_SERVICE, 0)
    return replace(right, communities=(INFORMATIONAL,), large_communities=(large_community,))


def _prepended(right: Announcement) -> Announcement:
    return replace(right, path=(64501,))


def _private_asn(right: Announcement) -> Announcement:
    return replace(right, path=(64512,))


def _path_of_four(right: Announcement) -> Announcement:
    return replace(right, path=(64502, 64503))


def _covering_only(right: Announcement) -> Announcement:
    prefix = covering_prefix(right.prefix)
    return replace(right, prefix=prefix, communities=(INFORMATIONAL,))


_WITH_FAULT: dict[Kind, Callable[[Announcement], Announcement]] = {
    Kind.RIGHT: _unchanged,
    Kind.COMMUNITY_MISSING: _community_missing,
    Kind.LARGE_ONLY: _large_only,
    Kind.PREPENDED: _prepended,
    Kind.PRIVATE_ASN: _private_asn,
    Kind.PATH_OF_FOUR: _path_of_four,
    Kind.COVERING_ONLY: _covering_only,
}
