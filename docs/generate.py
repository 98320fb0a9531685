"""Write the pages that are made from the code, or say which of them are out of date.

`python docs/generate.py` writes; `python docs/generate.py --check` only looks, and exits with 1
if a page would change.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Final

import peerlint
from peerlint.inventory.peering import PROFILES
from peerlint.profiles import shipped_profile
from peerlint.report import render_rule, render_text
from peerlint.rules import CATALOGUE
from peerlint.schemas import SCHEMAS, made_schema

ROOT: Final = Path(__file__).resolve().parents[1]
CONTOSO: Final = ROOT / "examples" / "contoso"
_PACKAGE: Final = ROOT / "src" / "peerlint"
#: The README shows the screen down to the second peering.
_SCREEN: Final = ("<!-- screen: docs/generate.py -->\n```text\n", "```\n<!-- end of screen -->")
_CUT: Final = "\n198.18.0.0/22  meet-1"


def pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    screen = _screen()
    return {
        CONTOSO / "check.txt": screen,
        ROOT / "README.md": _readme(screen),
        ROOT / "docs" / "reference" / "rules.md": _rules(),
        **{_PACKAGE / "schemas" / f"{name}.json": _schema(name) for name in SCHEMAS},
    }


def _schema(name: str) -> str:
    return json.dumps(made_schema(name), indent=2, ensure_ascii=False) + "\n"


def _screen() -> str:
    """Return what `peerlint check examples/contoso/peering.toml` prints."""
    inventory = peerlint.load_inventory(CONTOSO / "peering.toml")
    return render_text(peerlint.check(inventory, now=datetime(2026, 11, 21, tzinfo=UTC)))


def _readme(screen: str) -> str:
    before, rest = (ROOT / "README.md").read_text(encoding="utf-8").split(_SCREEN[0])
    after = rest.split(_SCREEN[1])[1]
    return (
        before + _SCREEN[0] + screen.split(_CUT, maxsplit=1)[0] + "\n[...]\n" + _SCREEN[1] + after
    )


def _rules() -> str:
    profiles = {name: shipped_profile(name) for name in PROFILES}
    head = (
        "<!-- written by docs/generate.py -->\n# Rules\n\n"
        f"All {len(CATALOGUE)} rules of this version. `peerlint explain RULE_ID` prints one.\n"
        'The scenes under "fires on" and "silent on" are tests, in the [notation](notation.md).\n'
    )
    index = "".join(
        f"| [`{rule.id}`](#{rule.id.replace('.', '')}) | {rule.severity} | {rule.title} |\n"
        for rule in CATALOGUE.values()
    )
    bodies = "\n".join("#" + render_rule(rule, profiles) for rule in CATALOGUE.values())
    return f"{head}\n| rule | severity | |\n|---|---|---|\n{index}\n{bodies}"


def main() -> int:
    """Write or check; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    status = 0
    for path, text in pages().items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if text == old:
            continue
        name = str(path.relative_to(ROOT))
        if check:
            sys.stdout.writelines(
                unified_diff(old.splitlines(True), text.splitlines(True), name, f"{name} (anew)")  # noqa: FBT003  # keep line ends
            )
            print(f"{name} is out of date: run python docs/generate.py")
            status = 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return status


if __name__ == "__main__":
    sys.exit(main())
