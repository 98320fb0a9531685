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
