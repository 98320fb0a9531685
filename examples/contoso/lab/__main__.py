"""Write the dumps of examples/contoso, or BMP streams, with real BGP daemons."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from errors import FaultTableError, LabError, LabUnavailableError
from faults import read_faults
from namespaces import STOP_SIGNALS
from story import read_story
from story_files import run_story

from lab import run, run_bmp

_HERE = Path(__file__).resolve().parent


def _stop(number: int, _frame: FrameType | None) -> None:
    for other in STOP_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main() -> int:
    """Run the lab; 0 when the files are written, 1 when it failed, 2 when it cannot run."""
    parser = argparse.ArgumentParser(prog="examples/contoso/lab", description=__doc__)
    parser.add_argument(
        "--faults", type=Path, default=_HERE / "faults.toml", help="the table of faults, in TOML"
    )
    parser.add_argument(
        "--out", type=Path, default=_HERE.parent / "dumps", help="the folder for what is written"
    )
    parser.add_argument(
        "--bmp",
        action="store_true",
        help="write what routers send in BMP: Microsoft's run FRRouting and GoBGP then",
    )
    parser.add_argument(
        "--story", action="store_true", help="write the story of story.toml, with its BMP and MRT"
    )
    options = parser.parse_args()
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        if options.story:
            run_story(read_story(_HERE / "story.toml"), options.out)
        else:
            (run_bmp if options.bmp else run)(read_faults(options.faults), options.out)
    except (FaultTableError, LabUnavailableError) as refused:
        print(f"lab: {refused}", file=sys.stderr)
        return 2
    except LabError as failed:
        print(f"lab: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
