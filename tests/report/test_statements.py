"""What the screen says of statements, and of what nobody could look at."""

from __future__ import annotations

from hypothesis import given

from peerlint.model import Route
from peerlint.report.text import render_text
from peerlint.testing import strategies
from peerlint.testing.notation import judge

SCENE = (
    "connection ams-1 lacp= bandwidth=\n"
    "registered 203.0.113.0/24\n"
    "ams-1 203.0.113.0/24 path 64500 64500 community 8075:8007\n"
    "ams-2 203.0.113.0/24 path 64500 community 8075:8007\n"
)


def paragraphs(scene: str) -> dict[str, str]:
    """Return the lines of the screen that stand at its left edge, with what is indented below."""
    found: dict[str, str] = {}
    last = ""
    for line in render_text(judge(scene)).splitlines():
        if line and not line.startswith(" "):
            last = line.partition(":")[0]
            found[last] = line
        elif line:
            found[last] += f" {line.strip()}"
    return found


def test_what_was_not_checked_is_named_once() -> None:
    """Rules that lack data other than dumps stand at the end, by what is missing."""
    said = paragraphs(SCENE)

    azure = said["Not checked, for want of Azure's exports, or keys of the inventory"]
    people = said["Not checked, for want of attestations, or keys of the inventory"]
    assert "topology.bandwidth-min" in azure
    assert "topology.lacp" in people
    assert "asn.origin-registered" in said["Not checked, for want of registry data (IRR)"]
    assert "topology.lacp" not in render_text(judge(SCENE)).partition("Not checked")[0]


def test_attested_rules_are_named_with_the_person() -> None:
    """Who vouches for what is one line for each statement."""
    said = paragraphs(f"{SCENE}attest topology.lacp ams-1\nattest ops.noc-24x7 contoso-ams")

    assert said["Attested by noc@contoso.example on 2026-01-31"].endswith(
        ": topology.lacp, ops.noc-24x7"
    )


def test_a_waived_finding_is_shown_as_such() -> None:
    """It stays on the screen, with who decided, until when and why."""
    lines = render_text(judge(f"{SCENE}waive route.prepending ams-1")).splitlines()

    at = next(number for number, line in enumerate(lines) if "route.prepending" in line)
    below = "\n".join(lines[at : at + 7])
    assert lines[at].startswith("  waived   route.prepending")
    assert "waived by noc@contoso.example until 2026-12-31: ticket 4711" in below


def test_an_expired_statement_is_shown_with_its_scope() -> None:
    """The warning stands under its own head, for a scope may be smaller than a peering."""
    said = paragraphs(f"{SCENE}waive route.prepending ams-1 until=2026-11-20")

    text = said["Attestations and waivers"]
    assert "warning  route.prepending" in text
    assert "ended on 2026-11-20: its finding counts again" in text


@given(route=strategies.routes(path_id=False))
def test_findings_have_ids_of_their_own(route: Route) -> None:
    """Whatever is announced and declared, no two findings share an id, and each can be shown."""
    report = judge(
        f"registered {route.prefix}\nregistered {route.prefix} name b\n"
        f"registered 203.0.113.0/24 key\nams-1 {route}\n"
        f"service contoso-maps\nservice-prefix {route.prefix}\n"
        f"service contoso-2\nservice-prefix {route.prefix}\nservice-prefix 203.0.113.0/24 key="
    )

    assert len(report.findings) == len({finding.id for finding in report.findings})
    assert render_text(report)
