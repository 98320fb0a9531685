"""Rules about the AS path of a route."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from peerlint.iana import AsnClass, asn_class
from peerlint.model import MICROSOFT, Asn, Fact
from peerlint.results import Phrase, Severity, SubjectName, phrase
from peerlint.rules._declare import Family
from peerlint.rules._effective import effective
from peerlint.rules._rule import ON_THE_WIRE
from peerlint.rules.answers import Problem
from peerlint.rules.cells import Cell
from peerlint.rules.context import Context
from peerlint.rules.documents import ALL, REQUIREMENTS, SERVICE_REQUIREMENTS
from peerlint.wording import listed

rule: Final = Family("R+S", step=8)

_INCORRECT: Final = "AS path isn't correct"
#: The profiles whose documents limit the length for prefixes longer than /24 only.
_LENIENT: Final = ("partner", "route-server")


@rule(
    "route.empty-path",
    "AS path is empty",
    basis=("RFC 4271 section 5.1.2",),
    any_of=Fact.EMPTY_PATH,
    views=ON_THE_WIRE,
)
def empty_path(cell: Cell, _: Context) -> Iterator[Problem]:
    """A BGP speaker prepends its own AS to every path that it sends to another AS.

    If AS8075 receives an empty path, the session is not an eBGP session, or the view of the dump is
    wrong.

    What to do: check the AS numbers of the session, and the view that the dump is given.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007

        registered 203.0.113.0/24
        view ams-1 loc-rib
        ams-1 203.0.113.0/24 community 8075:8007
    """
    yield _problem(cell, "an empty path", f"{cell.peering.asn} in front")


@rule(
    "route.confed-leak",
    "Confederation segments leave the confederation",
    basis=("RFC 5065 section 5",),
    any_of=Fact.CONFED,
    views=ON_THE_WIRE,
    word="confederation",
)
def confed_leak(cell: Cell, _: Context) -> Iterator[Problem]:
    """AS_CONFED_SEQUENCE and AS_CONFED_SET segments never leave a confederation.

    AS8075 treats such a route as withdrawn. route.private-asn reports a private AS in the segment.

    What to do: configure AS8075 as a neighbour outside the confederation.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path (64512) 64500 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007

        registered 203.0.113.0/24
        view ams-1 loc-rib
        ams-1 203.0.113.0/24 path (64512) community 8075:8007
    """
    yield _problem(cell, _path(cell), "no confederation segment")


@rule(
    "route.as-path-loop",
    "An AS number returns in the path",
    severity=Severity.WARNING,
    basis=("RFC 4271 section 9.1.2",),
    portal=("(seen as not received, if the number is 8075)",),
    any_of=Fact.LOOP | Fact.HAS_8075,
    word="loop",
)
def as_path_loop(cell: Cell, _: Context) -> Iterator[Problem]:
    """AS8075 drops routes with its own number in the path; other repetitions are suspicious.

    A number that returns after another number is not prepending: the path was poisoned or leaked.

    What to do: find who announces the route with this path, and filter it.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 8075 64501 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 64500 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64500 community 8075:8007
    """
    own = any(observation.facts & Fact.HAS_8075 for observation in cell.firing)
    found = sorted({asn for observation in cell.firing for asn in effective(observation).repeats()})
    names = listed(f"AS{asn}" for asn in ([MICROSOFT] if own else found))
    path = _path(cell)
    if own:
        problem = _problem(cell, f"AS8075 itself in {path}, which it drops")
    else:
        problem = _problem(cell, f"{names} again in {path}", "it once")
    yield attrs.evolve(problem, severity=Severity.ERROR if own else Severity.WARNING)


@rule(
    "route.as-path-length",
    "AS path is longer than 3",
    basis=(
        "000",
        "003",
        "004",
        "FAQ of 000 to 004 for prefixes longer than /24",
        REQUIREMENTS,
        SERVICE_REQUIREMENTS,
    ),
    texts=(
        "000, 003, 004 and both pages of requirements: can't exceed 3, for every prefix",
        "FAQ of 000 to 004: less than four, for prefixes longer than /24",
    ),
    portal=(
        _INCORRECT,
        "AS path length for prefix should be <=3 for prefix",
        "Prefix received with longer AS path(>3), contact Peering Service provider.",
    ),
    any_of=Fact.LONG_PATH,
    word="long path",
)
def as_path_length(cell: Cell, context: Context) -> Iterator[Problem]:
    """The length of the path as AS8075 receives it is at most 3.

    Every repetition of a number counts, a set counts 1, and confederation segments count 0. The
    FAQs limit the length for prefixes longer than /24 only; the lists of checks and the portal's
    message have no such condition.

    What to do: announce the prefix from an AS nearer to Microsoft, and stop prepending.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 64502 64503 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64500 64500 64500 community 8075:8007

        registered 203.0.113.0/24
        view ams-1 loc-rib
        ams-1 203.0.113.0/24 path 64501 64502 64503 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 64502 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 {64501,64502,64503} community 8075:8007
    """
    lengths = sorted({effective(observation).length for observation in cell.firing})
    length = " and ".join(map(str, lengths))
    lenient = context.profile in _LENIENT and cell.prefix.length <= 24
    note = " (this profile's document alone asks it for longer prefixes only)" if lenient else ""
    problem = _problem(
        cell,
        f"length {length} ({_path(cell)})",
        f"at most {context.criteria.max_path}{note}",
    )
    yield attrs.evolve(problem, word=f"length {lengths[-1]}")


@rule(
    "route.private-asn",
    "Private AS number in the path",
    basis=(*ALL, REQUIREMENTS, SERVICE_REQUIREMENTS, "RFC 6996"),
    portal=(
        _INCORRECT,
        "AS path for prefix can't include private ASNs",
        "AS path for prefix shouldn't have any private ASN",
        "Prefix received with private AS in the path, contact Peering Service provider.",
    ),
    any_of=Fact.PRIVATE_ASN,
    egress_changes=True,
    word="private ASN",
)
def private_asn(cell: Cell, _: Context) -> Iterator[Problem]:
    """The path has no AS number from 64512 to 65534 or from 4200000000 to 4294967294.

    Members of sets count as well.

    What to do: remove private AS numbers in the export policy of the session.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64512 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 {64501,4200000000} community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007

        registered 203.0.113.0/24
        view ams-1 loc-rib
        ams-1 203.0.113.0/24 path 64512
    """
    names = _named(cell, lambda asn: asn_class(asn) is AsnClass.PRIVATE)
    yield _problem(cell, f"{names} in {_path(cell)}", "public AS numbers only")


@rule(
    "route.bogon-asn",
    "Reserved AS number in the path",
    basis=("RFC 7607", "RFC 6793", "RFC 5398", "RFC 7300", "IANA AS Numbers"),
    any_of=Fact.BOGON_ASN,
    word="reserved ASN",
)
def bogon_asn(cell: Cell, context: Context) -> Iterator[Problem]:
    """No path on the Internet has AS 0, AS_TRANS, documentation or reserved AS numbers.

    AS_TRANS (23456) means that a speaker on the path lost a four-octet AS number.

    What to do: find the speaker that puts the AS number into the path, and correct it there.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 23456 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 65535 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007
    """

    def is_bogon(asn: int) -> bool:
        kind = asn_class(asn)
        return kind.is_bogon and kind not in context.criteria.allow

    names = _named(cell, is_bogon)
    yield _problem(cell, f"{names} in {_path(cell)}", "assigned AS numbers only")


@rule(
    "route.prepending",
    "AS path is prepended",
    basis=("000", "003", "004", REQUIREMENTS, SERVICE_REQUIREMENTS),
    texts=(
        "000, 003, 004 and both pages of requirements: no prepending",
        "001, 002, the portal's texts and the registered prefix requirements of June 2023: not "
        "mentioned",
    ),
    portal=(f"{_INCORRECT} (the portal does not name prepending)",),
    any_of=Fact.PREPENDED,
    egress_changes=True,
    word="prepended",
)
def prepending(cell: Cell, _: Context) -> Iterator[Problem]:
    """No AS number follows itself, however short the path is.

    It does not matter who prepends: you, your customer, or the origin. Microsoft's lists of checks
    have named prepending since 2023, the list for service prefixes since June; its error messages
    do not name it.

    What to do: stop prepending towards AS8075.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64500 64500 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 64501 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 64500 community 8075:8007
    """
    runs: dict[Asn, int] = {}
    for observation in cell.firing:
        runs |= effective(observation).prepends()
    names = listed(f"AS{asn} x {times}" for asn, times in runs.items())
    yield _problem(cell, f"{names} in {_path(cell)}", "each AS once")


@rule(
    "route.as-set",
    "AS_SET in the path",
    severity=Severity.WARNING,
    basis=("RFC 9774", "RFC 6472", "RFC 6811"),
    any_of=Fact.AS_SET,
    strict=Severity.WARNING,
    word="AS_SET",
)
def as_set(cell: Cell, _: Context) -> Iterator[Problem]:
    """AS_SETs are deprecated, and receivers may treat such routes as withdrawn (RFC 9774).

    If a path ends in an AS_SET, it has no origin AS that a registry could confirm: this is an
    error. Elsewhere in the path it is a warning.

    What to do: aggregate without AS_SET.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 {64501,64502} community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007
    """
    no_origin = any(observation.facts & Fact.NO_ORIGIN for observation in cell.firing)
    hint = "it has no origin AS" if no_origin else None
    problem = _problem(cell, _path(cell), "no AS_SET", hint)
    yield attrs.evolve(problem, severity=Severity.ERROR if no_origin else Severity.WARNING)


@rule(
    "route.first-as",
    "Path does not start with the peer's AS",
    severity=Severity.WARNING,
    basis=("RFC 4271 section 6.3", "RFC 7947"),
    any_of=Fact.FIRST_AS_OTHER,
    views=ON_THE_WIRE,
    word="first AS",
)
def first_as(cell: Cell, _: Context) -> Iterator[Problem]:
    """The leftmost AS of a path is the AS of the neighbour.

    Only a transparent route server does not add its own AS.

    What to do: check which AS number the session is configured with.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64501 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501 community 8075:8007
    """
    yield _problem(cell, _path(cell), f"{cell.peering.asn} in front")


def _path(cell: Cell) -> str:
    """Return the path of the first route that shows the problem."""
    return str(effective(cell.firing[0])) or "an empty path"


def _problem(cell: Cell, found: str, wanted: str | None = None, hint: str | None = None) -> Problem:
    """Return a problem that names the first route and counts the others.

    Args:
        cell: the cell; its `firing` routes are the evidence.
        found: what was found.
        wanted: what was wanted instead.
        hint: what follows from it.
    """
    more = len(cell.firing) - 1
    *before, last = (each for each in (found, wanted, hint) if each is not None)
    there = phrase(f"{last} on ", SubjectName.PLACE, f" (and in {more} more)" if more else "")
    phrases: list[str | Phrase | None] = [*before, there, None, None]
    return Problem(phrases[0] or "", phrases[1], cell.firing, hint=phrases[2])


def _named(cell: Cell, wanted: Callable[[int], bool]) -> str:
    found = {
        asn for observation in cell.firing for asn in effective(observation).asns if wanted(asn)
    }
    return listed(f"AS{asn} ({asn_class(asn)})" for asn in sorted(found))
