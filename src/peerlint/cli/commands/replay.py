"""`peerlint replay`: what a watch would have said of archives."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.inventories import load_inventory, unfilled_places
from peerlint.api.replay_texts import render_replay, replay_line, replay_remarks, replay_totals
from peerlint.api.replaying import Replay, ReplaySummary
from peerlint.api.replaying import replay as replayed
from peerlint.cli.arguments import named_options
from peerlint.cli.exits import Exit
from peerlint.cli.options import (
    Allow,
    FollowRedirects,
    Format,
    Output,
    ProfileName,
    Quiet,
    Strict,
)
from peerlint.cli.output import STDOUT, check_writable, is_stdout, opened, remark, write
from peerlint.cli.progress import progress
from peerlint.display import displayed_quote

USAGE: Final = "Usage: peerlint replay [OPTIONS] INVENTORY ARCHIVE..."
EXAMPLE: Final = "peerlint replay peering.toml edge1.ams=archive/"
_NAMES: Final = {"archives": "ARCHIVE", "speed": "--speed"}


def replay(
    inventory: str,
    /,
    *archives: str,
    speed: Annotated[float | None, Parameter(metavar="X")] = None,
    profile: ProfileName = None,
    strict: Strict = False,
    allow: Allow = None,
    follow_redirects: FollowRedirects = False,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Replay archives through the monitor: which alerts would last week have raised?

    Exit status 1 if an alert would have been raised.

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    archives
        MRT files (tables and updates), recorded BMP streams, messages of RIS Live, or folders of
        them, plain or compressed: each preceded by the SESSION or ROUTER that it belongs to and
        followed by the VIEW that it shows. Files of one name are of one router.
    speed
        How many times as fast as it happened, such as 60. By default as fast as possible.
    """
    check_writable(output, (inventory, *archives))
    declared = load_inventory(inventory)
    for place in unfilled_places(declared):
        remark(f"still to fill in: {place}", quiet=quiet)
    is_screen = format == "text" and is_stdout(output) and sys.stdout.isatty()
    with progress(quiet=quiet or is_screen) as on_chunk, named_options(**_NAMES):
        found = replayed(
            declared,
            archives,
            speed=speed,
            profile=profile,
            strict=strict,
            allow=allow or (),
            on_chunk=on_chunk,
            follow_redirects=follow_redirects,
        )
        if format == "json":
            summary = _finished(found)
            write(render_replay(summary, format), output, (inventory, *archives), form=format)
        else:
            summary = _written(found, output, (inventory, *archives))
    for text in replay_remarks(summary):
        remark(text, quiet=quiet)
    if not summary.is_readable:
        return Exit.SOURCES
    return Exit.FINDINGS if summary.alerts else Exit.CLEAN


def _finished(found: Replay) -> ReplaySummary:
    """Read all archives, and return what they have shown."""
    for _ in found:
        pass
    return found.summary


def _written(found: Replay, output: str, inputs: Sequence[str]) -> ReplaySummary:
    """Write a line for each alert that opens or resolves, and the totals."""
    with opened(output, inputs) as file:
        for notice in found:
            line = replay_line(notice)
            if line is not None:
                file.write(f"{displayed_quote(line)}\n")
                file.flush()
        summary = found.summary
        file.write(f"{replay_totals(summary)}\n")
    return summary
