"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

Format = Annotated[Literal["text", "json"], Parameter(help="How to print the result.")]
Allow = Annotated[
    list[Literal["documentation", "benchmarking"]] | None,
    Parameter(negative="", help="Special-purpose space that counts as public, for labs."),
]
ProfileName = Annotated[
    str | None,
    Parameter(help="direct, partner, route-server, maps, voice, or the path of a profile file."),
]
Strict = Annotated[
    bool,
    Parameter(negative="", help="Count what is only inferred as unknown, mild readings as errors."),
]
Now = Annotated[
    str | None,
    Parameter(help="The time of the check, such as 2026-11-21T10:00:00Z, instead of the present."),
]
Limit = Annotated[
    str | None,
    Parameter(
        help="How old a source may be, such as 90m, 24h or 7d; off for any age. An older one "
        "decides nothing: what only it shows is unknown."
    ),
]
Taken = Annotated[
    str | None,
    Parameter(
        help="When the sources were taken that have no time of their own, such as "
        "2026-11-21T10:00:00Z."
    ),
]
