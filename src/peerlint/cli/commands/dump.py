"""`peerlint dump`: what dumps say, one line a route."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Final, Literal

from cyclopts import Parameter

import peerlint
from peerlint.bulk import Quality
from peerlint.cli.exits import Exit
from peerlint.cli.options import FollowRedirects, Output, Quiet
from peerlint.cli.output import STDOUT, Sink, opened, remark_on
from peerlint.cli.progress import progress
from peerlint.display import escaped_json
from peerlint.elements import Element, Selection, bgpdump_line, element_data
from peerlint.errors import FeedError, PeerlintError
from peerlint.observations import Coverage, SourceSummary
from peerlint.redaction import redacted

USAGE: Final = "Usage: peerlint dump [OPTIONS] DUMP..."
EXAMPLE: Final = "peerlint dump --prefix-more 203.0.113.0/24 updates.bz2"
Prefixes = Annotated[list[str] | None, Parameter(negative="", metavar="PREFIX")]
Asns = Annotated[list[str] | None, Parameter(negative="", metavar="ASN")]
#: Lines written at a time: a reader of a pipe sees the first ones soon.
_LINES = 512


def dump(
    *dumps: str,
    prefix: Prefixes = None,
    prefix_more: Prefixes = None,
    prefix_less: Prefixes = None,
    origin_asn: Asns = None,
    peer_asn: Asns = None,
    peer_ip: Annotated[list[str] | None, Parameter(negative="", metavar="ADDRESS")] = None,
    community: Annotated[list[str] | None, Parameter(negative="", metavar="COMMUNITY")] = None,
    as_path: Annotated[list[str] | None, Parameter(negative="", metavar="REGEX")] = None,
    format: Annotated[  # noqa: A002  # the option's name
        Literal["bgpdump", "json"], Parameter(help="bgpdump -m lines, or one JSON object a line.")
    ] = "bgpdump",
    follow_redirects: FollowRedirects = False,
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Print every route, withdrawal and change of state of dumps, one a line.

    An option given twice asks for either; different options must all hold. A value that starts
    with ! asks for everything else. Withdrawals have no path and no communities, so an option
    about these leaves them out, negated or not.

    Parameters
    ----------
    dumps
        MRT files, plain or compressed; http:// and https:// URLs; - for standard input.
    prefix
        Exactly this prefix.
    prefix_more
        This prefix and its more specific ones.
    prefix_less
        This prefix and those that cover it.
    origin_asn
        The last AS of the path.
    peer_asn
        The AS of the peer.
    peer_ip
        The address of the peer.
    community
        A community that is carried: 64500:120, 64500:1:2 or no-export; * for any number.
    as_path
        A regular expression on the AS path; _ is a boundary between AS numbers, as on routers.
    """
    if not dumps:
        raise PeerlintError("expected one dump at least, found none")
    select = Selection.of(
        prefix=prefix or (),
        prefix_more=prefix_more or (),
        prefix_less=prefix_less or (),
        origin_asn=origin_asn or (),
        peer_asn=peer_asn or (),
        peer_ip=peer_ip or (),
        community=community or (),
        as_path=as_path or (),
    )
    sources: list[SourceSummary] = []
    with opened(output, dumps, form=format) as file, progress(quiet=quiet) as on_chunk:
        for name in dumps:
            try:
                elements = peerlint.dump(
                    name, select=select, on_chunk=on_chunk, follow_redirects=follow_redirects
                )
                _print(elements, _spelling(format, name), file)
                quality, error = elements.quality, None
            except FeedError as failure:
                quality, error = Quality(), failure.reason
            sources.append(SourceSummary(name, (), Coverage.NONE, quality, error=error))
        file.flush()
    remark_on(sources, quiet=quiet)
    return Exit.CLEAN if all(source.is_sound for source in sources) else Exit.SOURCES


def _spelling(name: str, dump: str) -> Callable[[Element], str]:
    if name == "json":
        name_shown = redacted(dump)
        return lambda element: escaped_json(json.dumps(element_data(element, name_shown)))
    return bgpdump_line


def _print(elements: peerlint.Elements, spell: Callable[[Element], str], file: Sink) -> None:
    lines: list[str] = []
    for element in elements:
        lines.append(spell(element))
        if len(lines) == _LINES:
            file.write("\n".join(lines) + "\n")
            lines.clear()
    if lines:
        file.write("\n".join(lines) + "\n")
