"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter


def several(metavar: str) -> Parameter:
    """Return an option that takes several values, and may be given several times."""
    return Parameter(negative="", consume_multiple=(1, None), metavar=metavar)


Format = Annotated[Literal["text", "json"], Parameter(help="How to print the result.")]
Allow = Annotated[
    list[Literal["documentation", "benchmarking"]] | None,
    Parameter(negative="", help="Special-purpose space that counts as public, for labs."),
]
ProfileName = Annotated[
    str | None,
    Parameter(
        help="direct, partner, route-server, maps, voice, or the path of a profile file.",
        metavar="PROFILE",
    ),
]
Strict = Annotated[
    bool,
    Parameter(
        negative="",
        show_default=False,
        help="Count what is only inferred as unknown, and lenient readings as errors.",
    ),
]
Output = Annotated[
    str,
    Parameter(
        name=("--output", "-o"),
        metavar="FILE",
        show_default=False,
        help="Write the result to this file, which appears when it is complete. By default, and "
        "with -, it goes to standard output.",
    ),
]
FollowRedirects = Annotated[
    bool,
    Parameter(
        negative="",
        show_default=False,
        help="Read a URL even if its server redirects the request to another scheme, host or port.",
    ),
]
Quiet = Annotated[
    bool,
    Parameter(
        name=("--quiet", "-q"),
        negative="",
        show_default=False,
        help="No remarks and no progress on standard error.",
    ),
]
ColorChoice = Literal["auto", "always", "never"]
Color = Annotated[
    ColorChoice,
    Parameter(
        metavar="WHEN",
        help="Whether text has colors. auto: on a terminal, unless NO_COLOR is set, and on "
        "standard output wherever FORCE_COLOR is.",
    ),
]
Now = Annotated[
    str | None,
    Parameter(
        metavar="TIME",
        help="The time of the check, such as 2026-11-21T10:00:00Z, instead of the present.",
    ),
]
Limit = Annotated[
    str | None,
    Parameter(
        metavar="AGE",
        help="How old a source may be, such as 90m, 24h or 7d; off for any age. What only an older "
        "source shows is unknown.",
    ),
]
RegistryOption = Annotated[
    str | None,
    Parameter(
        name="--registry",
        metavar="FILE",
        help="What registries say (IRR, RPKI, RIRs, PeeringDB), a file of peerlint registry build.",
    ),
]
RtrOption = Annotated[
    str | None,
    Parameter(
        name="--rtr",
        metavar="HOST:PORT",
        help="Take VRPs from this RTR cache, instead of those of --registry.",
    ),
]
WhoisOption = Annotated[
    list[str] | None,
    Parameter(
        name="--whois",
        negative="",
        consume_multiple=(1, None),
        metavar=r"HOST\[:PORT]",
        help="Ask this whois server (IRRd) about the registered prefixes and their origins, "
        "instead of the IRRs of --registry. Several servers are tried in their order.",
    ),
]
Taken = Annotated[
    str | None,
    Parameter(
        metavar="TIME",
        help="The time of sources that have none of their own, such as 2026-11-21T10:00:00Z.",
    ),
]
