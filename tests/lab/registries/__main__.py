"""Record what IRRd answers, or compare it with the recordings of the tests.

    python -m tests.lab.registries --programs .nox/irrd/bin [--write]

It needs root, PostgreSQL and Redis (apt-get install postgresql redis-server), and IRRd in a
virtual environment of its own (pip install irrd==4.5.4), whose requirements are not peerlint's.
"""

from __future__ import annotations

import argparse
import os
import sys
from difflib import unified_diff
from pathlib import Path
from typing import Final

from tests.lab.registries.irrd import irrd
from tests.lab.registries.recording import record, text_of
from tests.lab.registries.services import LabError

SERVER: Final = "IRRd 4.5.4"
RECORDINGS: Final = Path(__file__).parents[2] / "vectors" / "whois" / "irrd-4.5.4.json"


def main() -> int:
    """Return 0 if the recordings are what IRRd answers, or were written."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.registries")
    parser.add_argument(
        "--programs", type=Path, required=True, help="the folder of IRRd's programs"
    )
    parser.add_argument("--write", action="store_true", help="write the recordings")
    given = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("PostgreSQL gets a user of its own: run it as root")
    try:
        with irrd(given.programs.absolute()) as server:
            text = text_of(record(server.port), SERVER)
    except LabError as error:
        sys.exit(str(error))
    if given.write:
        RECORDINGS.write_text(text, encoding="utf-8")
        return 0
    old = RECORDINGS.read_text(encoding="utf-8")
    lines = (each.splitlines(keepends=True) for each in (old, text))
    sys.stdout.writelines(unified_diff(*lines, "recorded", "answered"))
    return int(old != text)


if __name__ == "__main__":
    sys.exit(main())
