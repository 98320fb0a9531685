"""Facts in Microsoft's documents that are not requirements and cannot be violated."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Fact:
    """A fact that documents state.

    Attributes:
        text: the fact in one sentence, not quoted from the documents.
        sources: the numbers of the source documents that state it.
    """

    text: str
    sources: tuple[str, ...]


_ALL: Final = ("000", "001", "002", "003", "004")

#: Shown on the pages of the profiles, never as findings.
FACTS: Final = (
    Fact("Microsoft does not announce a partner's prefixes to the Internet.", _ALL),
    Fact("The prefixes of all public services of Microsoft arrive over the interconnect.", _ALL),
    Fact("Microsoft configures BGP by itself once the link bundle is up.", _ALL),
    Fact("Session addresses and milestones come by mail.", _ALL),
    Fact("Microsoft takes no fee.", _ALL),
    Fact("The interconnect is free of settlement.", ("004",)),
    Fact("The path inside Microsoft's network is optimised for voice.", ("004",)),
    Fact("With BFD, routes converge in less than a second.", ("004",)),
    Fact(
        "Where validation fails, Microsoft's page of requirements says why.",
        ("000", "001", "003", "004"),
    ),
    Fact(
        "Two sentences of the document differ on keys: a registered prefix has a unique key, and "
        "one key serves all prefixes during activation.",
        ("000",),
    ),
    Fact('The tab "Register Prefix" is what an Operator Connect partner sees.', ("001",)),
    Fact(
        "Activation in the right location keeps traffic on Microsoft's network as long as can be "
        "(cold potato routing).",
        ("001", "004"),
    ),
    Fact("What is configured as the document says passes the portal's validation.", ("003",)),
    Fact(
        "Onboarding takes as long as the number and location of sites and new cabling need.",
        _ALL,
    ),
    Fact('Partners are "internet exchange partners" in the introduction.', ("000", "002", "004")),
    Fact('Partners are "Peering Service providers" in the introduction.', ("001", "003")),
)
