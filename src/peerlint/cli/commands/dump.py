"""`peerlint dump`: the routes of dumps, one per line."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from cyclopts import Parameter

from peerlint.api.dumps import Selection, dump_lines
from peerlint.cli.exits import Exit
from peerlint.cli.options import FollowRedirects, Output, Quiet
from peerlint.cli.output import STDOUT, Sink, opened, remark_on
from peerlint.cli.progress import progress
from peerlint.errors import PeerlintError

USAGE: Final = "Usage: peerlint dump [OPTIONS] DUMP..."
EXAMPLE: Final = "peerlint dump --prefix-more 203.0.113.0/24 updates.bz2"
Prefixes = Annotated[list[str] | None, Parameter(negative="", metavar="PREFIX")]
Asns = Annotated[list[str] | None, Parameter(negative="", metavar="ASN")]
#: Lines written at a time, at most. All are written before more of the dump is waited for.
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
        Literal["bgpdump", "json"], Parameter(help="bgpdump -m lines, or one JSON object per line.")
    ] = "bgpdump",
    follow_redirects: FollowRedirects = False,
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Print every route, withdrawal and change of state of dumps, one per line.

    An option given twice selects either; different options must all hold. A value that starts
    with ! selects everything else. Withdrawals have no path and no communities, so an option
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
    with opened(output, dumps, form=format) as file, progress(quiet=quiet) as on_chunk:
        writer = _Writer(file)
        lines = dump_lines(
            dumps,
            format,
            select=select,
            on_chunk=on_chunk,
            on_wait=writer.flush,
            follow_redirects=follow_redirects,
        )
        for line in lines:
            writer.add(line)
        writer.flush()
    remark_on(lines.sources, quiet=quiet)
    return Exit.CLEAN if all(source.is_sound for source in lines.sources) else Exit.SOURCES


class _Writer:
    """Writes lines, many at a time."""

    def __init__(self, file: Sink) -> None:
        self._file = file
        self._waiting: list[str] = []

    def add(self, line: str) -> None:
        """Write a line, now or at the next `flush`."""
        self._waiting.append(line)
        if len(self._waiting) == _LINES:
            self._write()

    def flush(self) -> None:
        """Write all lines, so that a reader of a pipe sees them."""
        self._write()
        self._file.flush()

    def _write(self) -> None:
        if self._waiting:
            self._file.write("\n".join(self._waiting) + "\n")
            self._waiting.clear()
