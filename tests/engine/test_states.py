"""Predicted states, strictness, profiles, and sessions outside the parent peering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs
import pytest

from peerlint import engine
from peerlint.inventory import Connection, Inventory
from peerlint.profiles import parse_profile
from peerlint.report.sentence import sentence
from peerlint.results import CheckName, FailOn, Outcome, Report, Severity
from peerlint.testing.notation import NOW, scenario
from peerlint.testing.notation import evaluate_routes as evaluate

Labels = Callable[..., set[str]]

ONE: Final = "peering contoso-ams {} 64500 Amsterdam\nsession ams-1 edge1.ams\n"
TAG: Final = "community 8075:8007"
GOOD: Final = f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 {TAG}"
BAD: Final = "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500"
OPEN: Final = "registered 203.0.113.0/24\ncoverage ams-1 partial"
MILD: Final = f"{GOOD} graceful-shutdown"


def with_states(text: str, *states: str | None) -> Report:
    """Return the report of a scenario whose sessions have some connection states.

    Args:
        text: the scenario, about ams-1.
        states: the states of ams-1 and of further sessions with the same routes.
    """
    names = ["ams-1", *(f"spare-{index}" for index in range(1, len(states)))]
    lines = [ONE.format("maps"), *(f"session {name} edge.{name}" for name in names[1:]), text]
    for name in names[1:]:
        lines += [
            each.replace("ams-1", name, 1)
            for each in text.splitlines()
            if each.startswith("ams-1 ")
        ]
    found = scenario("\n".join(lines))
    (peering,) = found.inventory.peerings
    connections = tuple(
        attrs.evolve(each, state=state)
        for each, state in zip(peering.connections, states, strict=False)
    )
    inventory = attrs.evolve(
        found.inventory, peerings=(attrs.evolve(peering, connections=connections),)
    )
    return engine.check(
        inventory, found.observations, found.profiles, now=NOW, version="0", kernel="python"
    )


@pytest.mark.parametrize(
    ("expected", "text", "states"),
    [
        ("Verified", GOOD, ("Active",)),
        # a warning does not change the state: no document says when Azure shows `Warning`
        ("Verified", MILD, ("Active",)),
        ("Unknown", OPEN, ("Active",)),
        ("Failed", BAD, ("Active",)),
        ("Pending", BAD, ("ProvisioningStarted",)),
        ("Pending", GOOD, ("Validating",)),
        ("Pending", OPEN, ("PendingApproval", "ProvisioningFailed")),
        ("Invalid", "registered 203.0.113.0", ("PendingApproval",)),
        ("Invalid", "registered 2001:db8::/32", ("Active",)),
        ("Invalid", "registered 203.0.113.1/24", ("Active",)),
        # one Active connection is enough (contradictions#active-connections), and a state that is
        # not declared may be Active
        ("Verified", GOOD, ("Active", "Validating")),
        ("Verified", GOOD, ("Validating", "Active")),
        ("Verified", GOOD, (None,)),
        ("Pending", "registered 203.0.113.0/24", ()),
        # a failed check takes precedence over an unknown one
        ("Failed", f"{OPEN}\nregistered 10.0.0.0/8", ("Active",)),
    ],
)
def test_states(expected: str, text: str, states: tuple[str | None, ...]) -> None:
    """A prefix has the first state of the list that applies."""
    results = with_states(text, *states).prefixes

    assert expected in {str(result.state) for result in results}
    if len(results) == 1:
        assert expected == results[0].state


def test_a_users_severity_changes_no_state() -> None:
    """Only Microsoft's own checks can fail a prefix, whatever the severity of other rules."""
    text = (
        'extends = "maps"\n[rules]\n'
        '"route.inconsistent-locations" = { level = "must", severity = "error" }\n'
        '"route.asymmetric-local" = { level = "must", severity = "error" }'
    )
    found = scenario(
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 {TAG}\n"
        f"ams-2 203.0.113.0/24 path 64500 {TAG} 64500:1"
    )
    report = attrs.evolve(
        found, profiles={"contoso-ams": parse_profile(text, "mine.toml")}
    ).evaluate()

    assert ["route.asymmetric-local"] == [each.rule for each in report.failed(Severity.ERROR)]
    assert "Verified" == report.prefixes[0].state


def test_a_connection_without_sessions() -> None:
    """Without any session, a prefix is Unknown, not Verified."""
    report = with_states("registered 203.0.113.0/24", "Active")
    bare = scenario(ONE.format("maps") + "registered 203.0.113.0/24")
    (peering,) = bare.inventory.peerings
    without = attrs.evolve(
        bare.inventory,
        peerings=(attrs.evolve(peering, connections=(Connection("ams-1", state="Active"),)),),
    )

    alone = attrs.evolve(bare, inventory=without).evaluate()

    assert ("Failed", "Unknown") == (report.prefixes[0].state, alone.prefixes[0].state)


@pytest.mark.parametrize(
    ("registered", "activated", "text", "where"),
    [
        # all connections of the parent peering have to announce it (000, 003, 004)
        ("Unknown", "Failed", "session ams-1 edge1.ams", "contoso-ams"),  # primary: two sessions
        ("Unknown", "Unknown", "session ams-1 edge1.ams\nsession ams-2 edge2.ams", "contoso-ams"),
        # those of another peering only in a location that the activation chooses
        ("Verified", "Unknown", "session ams-1 edge1.ams\nsession ams-2 edge2.ams", "contoso-fra"),
        # a failure on another session is a failure
        ("Failed", "Failed", "session ams-1 edge1.ams\nsession ams-3 edge3.ams", "contoso-ams"),
    ],
)
def test_a_connection_without_a_session_leaves_its_check_undecided(
    registered: str, activated: str, text: str, where: str
) -> None:
    """The announcements of a connection without a session in the inventory are not known."""
    found = scenario(
        f"peering contoso-ams maps 64500 Amsterdam\n{text}\nregistered 203.0.113.0/24\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "service fabrikam primary=Amsterdam backup=Frankfurt\nservice-prefix 203.0.113.0/24\n"
        f"ams-1 203.0.113.0/24 path 64500 {TAG}\nfra-1 203.0.113.0/24 path 64500 {TAG}\n"
        + (f"ams-2 203.0.113.0/24 path 64500 {TAG}\n" if "ams-2" in text else "")
    )
    bare = Connection("bare", state="Active")
    peerings = tuple(
        attrs.evolve(each, connections=(*each.connections, bare)) if each.name == where else each
        for each in found.inventory.peerings
    )
    report = attrs.evolve(
        found, inventory=attrs.evolve(found.inventory, peerings=peerings)
    ).evaluate()

    (row,), (service,) = report.prefixes, report.service_prefixes
    assert (registered, activated) == (row.state, service.state)
    if registered == "Unknown":
        checks = {check.name: check.missing for check in row.checks}
        assert ("the session of bare in the inventory",) == checks[CheckName.ALL_SESSIONS]


def test_an_empty_inventory_is_ok() -> None:
    """A report without peerings has no findings."""
    found = attrs.evolve(scenario(""), inventory=Inventory(), profiles={}).evaluate()

    assert (True, (), ()) == (found.ok, found.findings, found.prefixes)


@pytest.mark.parametrize(
    ("profile", "text", "lenient", "strict"),
    [
        # contradictions#strict
        ("voice", "registered 203.0.113.128/25", "warning prefix.longer-than-24", "error"),
        ("partner", "registered 203.0.113.128/25", "warning prefix.longer-than-24", "error"),
        ("maps", "registered 203.0.113.128/25", "info prefix.longer-than-24", "info"),
        ("direct", "registered 203.0.113.128/25", "info prefix.longer-than-24", "info"),
        (
            "partner",
            "registered 203.0.113.0/24 traffic voice",
            "error prefix.traffic-class",
            "error",
        ),
        ("maps", "registered 203.0.113.0/24 traffic voice", "error prefix.traffic-class", "error"),
        ("direct", "registered 203.0.113.0/24 traffic voice", "info prefix.traffic-class", "error"),
        ("voice", "registered 203.0.113.0/24 traffic voice", "info prefix.traffic-class", "error"),
        (
            "maps",
            f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 {{64501}} 64502 {TAG}",
            "warning route.as-set",
            "error",
        ),
        # all other findings keep their severity
        ("maps", "registered 32.0.0.0/6", "warning prefix.too-short", "warning"),
        ("maps", MILD, "warning route.community-conflict", "warning"),
    ],
)
def test_strict_raises_mild_readings(profile: str, text: str, lenient: str, strict: str) -> None:
    """`--strict` turns exactly the findings of contradictions#strict into errors."""
    severity, rule = lenient.split()

    def found(*, strictly: bool) -> set[str]:
        report = evaluate(ONE.format(profile) + text, strict=strictly)
        return {str(each.severity) for each in report.findings if each.rule == rule}

    assert ({severity}, {strict}) == (found(strictly=False), found(strictly=True))


@pytest.mark.parametrize(
    ("profile", "length", "note"),
    [
        # at most 3 for every mask in every profile (contradictions#path-length)
        ("maps", 24, False),
        ("direct", 24, False),
        ("voice", 24, False),
        ("partner", 24, True),
        ("partner", 25, False),
    ],
)
def test_path_length_counts_for_every_mask(profile: str, length: int, *, note: bool) -> None:
    """A path of length 4 fails in every profile, although 001 limits longer prefixes only."""
    prefix = f"203.0.113.0/{length}"
    text = f"registered {prefix}\nams-1 {prefix} path 64500 64501 64502 64503 {TAG}"

    (found,) = [
        each
        for each in evaluate(ONE.format(profile) + text).findings
        if each.rule == "route.as-path-length"
    ]

    assert Severity.ERROR is found.severity
    assert note == ("this profile's document alone" in sentence(found))


@pytest.mark.parametrize("profile", ["direct", "partner", "maps", "voice"])
def test_prepending_fails_in_every_profile(labels: Labels, profile: str) -> None:
    """Prepending is an error in every profile (contradictions#prepending)."""
    text = f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64500 {TAG}"

    assert {"error route.prepending"} == labels(ONE.format(profile) + text)
    (found,) = evaluate(ONE.format(profile) + text).failed(Severity.ERROR)
    assert "AS path isn't correct (the portal does not name prepending)" == found.portal[0]


def test_partner_requires_every_announced_prefix(labels: Labels) -> None:
    """In partner, every announced prefix is registered (contradictions#prefixes-to-register)."""
    plain = "ams-1 203.0.113.0/24 path 64500"

    assert {"error registration.missing"} == labels(ONE.format("partner") + plain)
    assert set() == labels(ONE.format("maps") + plain)
    assert {"error registration.missing"} == labels(f"{ONE.format('maps')}{plain} {TAG}")


def test_an_unregistered_prefix_is_one_finding_per_session() -> None:
    """Several paths of one prefix on a session are one finding."""
    paths = "\n".join(
        f"{session} 203.0.113.0/24 path 64500 6450{n} {TAG} path-id {n}"
        for session in ("ams-1", "ams-2")
        for n in (1, 2)
    )

    found = [each for each in evaluate(paths).findings if each.rule == "registration.missing"]

    assert ["ams-1", "ams-2"] == [each.subject.session for each in found]
    assert {"203.0.113.0/24"} == {each.subject.prefix for each in found}


RS: Final = "peering contoso-ix route-server 64500 Amsterdam\nsession ams-1 rs1.ams\nasn 64501\n"


def test_route_server_checks_tagged_routes() -> None:
    """At a route server, a tagged route requests the service; untagged ones do not count (002)."""
    report = evaluate(
        f"{RS}ams-1 203.0.113.0/24 path 64501 {TAG}\n"
        f"ams-1 198.51.100.0/24 path 64502 64501\n"
        f"ams-1 198.18.0.0/22 path 64501 64502 {TAG}\n"
        f"ams-1 2001:db8::/32 path 64501 {TAG}"
    )

    # 198.18.0.0/22 is tagged, but no registered AS originates it.
    assert [("198.18.0.0/22", "Failed"), ("203.0.113.0/24", "Verified")] == [
        (result.prefix, result.state) for result in report.prefixes
    ]


@pytest.mark.parametrize(
    ("view", "path", "expected"),
    [
        # at a route server no P is added (paths#effective-path)
        ("loc-rib", "64503 64502 64501", set()),
        ("advertised", "64503 64502 64501", set()),
        ("loc-rib", "64504 64503 64502 64501", {"error route.as-path-length"}),
        # 002: the route server does not add its own AS, so the first AS is the member's
        ("received", "64501", set()),
    ],
)
def test_transparent_route_server(labels: Labels, view: str, path: str, expected: set[str]) -> None:
    """A transparent route server's own AS is in no path (RFC 7947)."""
    assert expected == labels(f"{RS}view ams-1 {view}\nams-1 203.0.113.0/24 path {path} {TAG}")


@pytest.mark.parametrize("community", ["no-export", "no-advertise"])
def test_route_server_may_pass_on(labels: Labels, community: str) -> None:
    """The effect of NO_EXPORT in a route server's RIB is unknown (RFC 7947 section 2.2.4)."""
    text = f"{RS}view ams-1 loc-rib\nams-1 203.0.113.0/24 path 64501 {TAG} {community}"

    assert {"unknown route.community-conflict"} == labels(text)


FRA: Final = (
    "\npeering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\ncoverage fra-1 {}\n"
)


def test_absent_outside_the_parent_is_not_applicable(labels: Labels) -> None:
    """Sessions of other peerings need not announce a prefix, so absence gives no finding."""
    head = ONE.format("maps") + GOOD

    for coverage in ("complete", "partial", "none"):
        text = head + FRA.format(coverage)
        assert set() == labels(text, "fra-1")
        assert "-" == evaluate(text).matrix().rows["contoso-ams 203.0.113.0/24"]["fra-1"]


def test_presence_outside_the_parent(labels: Labels) -> None:
    """A wrong route on a session of another peering is a warning."""
    text = ONE.format("maps") + GOOD + FRA.format("complete")

    assert set() == labels(f"{text}fra-1 203.0.113.0/24 path 64500 {TAG}", "fra-1")
    assert {"warning route.community-missing"} == labels(
        f"{text}fra-1 203.0.113.0/24 path 64500", "fra-1"
    )
    # Absence is no problem there, so a wrong route cannot fail the prefix.
    report = evaluate(f"{text}fra-1 203.0.113.0/24 path 64500")
    assert "Verified" == report.prefix("203.0.113.0/24").state
    assert "no community" == report.matrix().rows["contoso-ams 203.0.113.0/24"]["fra-1"]


def test_a_diagnosis_replaces_the_general_rule() -> None:
    """The diagnosis has the portal messages of the general rule, which has no finding."""
    covering = evaluate(
        f"{ONE.format('maps')}registered 198.18.0.0/22\nams-1 198.18.0.0/21 path 64500"
    )
    large = evaluate(f"{ONE.format('maps')}{BAD} large 8075:8007:0")

    (first,) = covering.failed(Severity.ERROR)
    (second,) = large.failed(Severity.ERROR)
    assert ("route.covering-only", "Prefix not received from IP 192.0.2.0") == (
        first.rule,
        first.portal[0],
    )
    assert ("route.community-wrong-type", "Advertisement missing MAPS community") == (
        second.rule,
        second.portal[0],
    )
    assert "route.not-received" not in covering.prefixes[0].passed
    assert "route.community-missing" not in large.prefixes[0].passed


def test_all_failures_at_once(labels: Labels) -> None:
    """Unlike the portal, all failures of a route are reported (life-cycle#order-of-checks)."""
    path = "(64513) 64501 64512 64512 23456 8075 {64501,64502}"
    text = (
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path {path} "
        "large 8075:8007:0 community no-advertise next-hop 198.51.100.77"
    )

    assert {
        "warning route.next-hop",
        "error route.community-wrong-type",
        "error route.community-conflict",
        "error route.confed-leak",
        "error route.as-path-loop",
        "error route.as-path-length",
        "error route.private-asn",
        "error route.bogon-asn",
        "error route.prepending",
        "error route.as-set",
        "warning route.first-as",
    } == labels(ONE.format("maps") + text)


def test_findings_follow_microsofts_order() -> None:
    """The findings of a prefix are in the order of life-cycle#order-of-checks."""
    text = (
        "registered 10.0.0.0/7\nregistered 10.0.0.0/7 name b\n"
        "ams-1 10.0.0.0/7 path 64500 64512 64512 64512"
    )

    rules = [
        each.rule
        for each in evaluate(ONE.format("maps") + text).findings
        if each.outcome is Outcome.FAIL
    ]

    assert [
        "prefix.too-short",
        "prefix.private-range",
        "registration.single-peering",
        "route.community-missing",
        "route.as-path-length",
        "route.private-asn",
        "route.prepending",
    ] == rules[:7]


#: A route server with a registered member; a test appends the member's routes.
SERVER: Final = (
    "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"
    "session rs-2 rs2.ams\nasn 64501\n"
)
MEMBER: Final = f"203.0.113.0/24 path 64501 {TAG}"


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        # both tables are complete, and no route requests the service
        ((), f"{SERVER}rs-1 203.0.113.0/24 path 64501"),
        (("1 route server not seen whole",), f"{SERVER}coverage rs-2 partial"),
        (("1 route server not seen whole",), f"{SERVER}coverage rs-1 none\ncoverage rs-2 none"),
        (
            ("1 route server not seen whole",),
            f"{SERVER}max-age 24h\ntaken rs-2 2026-11-01T00:00:00Z\nrs-2 203.0.113.0/24 path 64501",
        ),
        # without a registered member, no prefix is possible
        ((), SERVER.replace("asn 64501\n", "coverage rs-2 partial\n")),
        # a prefix that requests the service has undecided checks
        (("1 prefix Unknown",), f"{SERVER}rs-1 {MEMBER}\ncoverage rs-2 partial"),
    ],
)
def test_a_route_server_that_was_not_seen_is_no_success(
    reasons: tuple[str, ...], text: str
) -> None:
    """Without complete tables of all its sessions, there may be prefixes that are not known."""
    report = scenario(text).evaluate()

    assert reasons == report.failures(FailOn.OPEN)
    assert () == report.failures(FailOn.ERROR)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        # one source is too old: it is unknown whether the session announces the prefix
        (("unknown", "-"), f"rs-1 {MEMBER}\ntaken rs-1 2026-11-01T00:00:00Z"),
        (
            ("unknown", "unknown"),
            f"rs-1 {MEMBER}\nrs-2 {MEMBER}\n"
            "taken rs-1 2026-11-01T00:00:00Z\ntaken rs-2 2026-11-01T00:00:00Z",
        ),
        # if one session announces it, all sessions of the location have to
        (
            ("unknown", "ok"),
            f"rs-1 {MEMBER}\nrs-2 {MEMBER}\ntaken rs-1 2026-11-01T00:00:00Z",
        ),
    ],
)
def test_cells_of_a_member_are_unknown_if_sources_are_too_old(
    words: tuple[str, str], text: str
) -> None:
    """A row that is Unknown for lack of a newer source has unknown cells."""
    report = scenario(f"{SERVER}max-age 24h\n{text}").evaluate()

    (row,) = report.matrix().rows.values()
    assert words == (row["rs-1"], row["rs-2"])
    assert "Unknown" == report.prefixes[0].state
    assert any("too old" in sentence(each) for each in report.findings)


@pytest.mark.parametrize("extra", [f"{TAG} 64501:1", TAG.replace("8075:8007", "64501:1")])
def test_a_difference_is_in_the_row_of_its_location(extra: str) -> None:
    """At route servers, each location has a row, with the findings of this location only."""
    routes = [f"{each} {MEMBER}" for each in ("rs-1", "fra-1", "fra-2")]
    report = evaluate(
        f"{SERVER}peering contoso-fra route-server 64500 Frankfurt\nsession fra-1 rs1.fra\n"
        "session fra-2 rs2.fra\n" + "\n".join((*routes, f"rs-2 203.0.113.0/24 path 64501 {extra}"))
    )

    rule = "route.asymmetric-local"
    assert ["contoso-rs"] == [one.subject.peering for one in report.findings if one.rule == rule]
