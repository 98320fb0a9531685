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
from tests.lab.registries.recording import differences, record, text_of
from tests.lab.registries.services import LabError

SERVER: Final = "IRRd 4.5.4"
RECORDINGS: Final = Path(__file__).parents[2] / "vectors" / "whois" / "irrd-4.5.4.json"


def main() -> int:
    """Return 0 if IRRd answers what was recorded, and answers peerlint's client the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.registries")
    parser.add_argument(
        "--programs", type=Path, required=True, help="the folder of IRRd's programs"
    )
    parser.add_argument("--write", action="store_true", help="write the recordings")
    given = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("PostgreSQL gets a user of its own: run it as root")
    try:
        with irrd(given.programs.absolute()) as port:
            recorded = record(port)
            differing = differences(port, recorded)
    except LabError as error:
        sys.exit(str(error))
    text = text_of(recorded, SERVER)
    sys.stdout.writelines(f"the client: {each}\n" for each in differing)
    if given.write:
        RECORDINGS.write_text(text, encoding="utf-8")
        return int(bool(differing))
    old = RECORDINGS.read_text(encoding="utf-8")
    lines = (each.splitlines(keepends=True) for each in (old, text))
    sys.stdout.writelines(unified_diff(*lines, "recorded", "answered"))
    return int(old != text or bool(differing))


if __name__ == "__main__":
    sys.exit(main())
