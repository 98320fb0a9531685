"""Write the generated pages, or check that they are up to date.

`python docs/generate.py` writes them. `python docs/generate.py --check` prints the differences, and
exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from contextlib import chdir
from datetime import UTC, datetime
from difflib import unified_diff
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import peerlint
from peerlint.api.replay_texts import replay_line, replay_totals
from peerlint.api.replaying import replay
from peerlint.inventory.peering import PROFILES
from peerlint.model.facts import MEANINGS, Fact
from peerlint.profiles import shipped_profile
from peerlint.report.exposition import Metric
from peerlint.report.prometheus import REPORT_METRICS
from peerlint.report.rule_page import render_profile, render_requirements, render_rule
from peerlint.report.text import render_text
from peerlint.rules import CATALOGUE, Kind
from peerlint.rules.documents import DOCUMENTS
from peerlint.rules.links import SOURCES
from peerlint.rules.numbers import NUMBERS
from peerlint.schemas import SCHEMAS, generate_schema
from peerlint.service.status_metrics import STATUS_METRICS

ROOT: Final = Path(__file__).resolve().parents[1]
_WRITTEN: Final = "<!-- written by docs/generate.py -->\n"
CONTOSO: Final = ROOT / "examples" / "contoso"
WATCH: Final = ROOT / "examples" / "watch"
_TUTORIAL: Final = ROOT / "docs" / "tutorial" / "watch.md"
_PACKAGE: Final = ROOT / "src" / "peerlint"
_ARCHITECTURE: Final = ROOT / "docs" / "explanation" / "architecture.md"
_METRICS: Final = ROOT / "docs" / "reference" / "metrics.md"
_REGISTRY: Final = ROOT / "docs" / "reference" / "registry.md"
_REGISTRY_FILES: Final = ROOT / "examples" / "registry"
#: The marks of the tables of metrics on their page.
_METRIC_TABLES: Final = {"of a report": REPORT_METRICS, "of watch": STATUS_METRICS}
_VERSION: Final = "peerlint._version"
_PACKAGES: Final = ("<!-- packages: docs/generate.py -->\n", "<!-- end of packages -->")
#: Marks in the README around the output of `check`: its lines down to the last error, and the last
#: line.
_SCREEN: Final = ("<!-- screen: docs/generate.py -->\n```text\n", "```\n<!-- end of screen -->")
_CUT: Final = "\nwarning  "
#: Marks around the output of `replay`; in the README without the lines in the middle.
_REPLAY: Final = ("<!-- replay: docs/generate.py -->\n```text\n", _SCREEN[1])
_SHOWN_LINES: Final = 2
_FIRST_ALERT: Final = "[replay-1]"
#: Facts on which no rule fires; they only keep rules silent.
_SILENCING: Final = Fact.MALFORMED | Fact.NO_STATEMENT
#: The numbers by which pages name the source documents.
_NUMBER: Final = re.compile(r"(?<![\w.,-])(00[0-4])(?![\w.:,]\w)")
_EVERY: Final = re.compile(r"\b000 to 004\b")
#: Units of numbers that are identifiers, and written without commas.
_NAMES: Final = frozenset(("ASN", "community", "PeeringDB network"))


def pages() -> dict[Path, str]:
    """Return the text of every generated page, by its path."""
    screen = _screen()
    return {
        CONTOSO / "check.txt": screen,
        WATCH / "replay.txt": _replayed(),
        ROOT / "README.md": _readme(screen),
        _TUTORIAL: _between(_TUTORIAL.read_text(encoding="utf-8"), _REPLAY, _replayed()),
        ROOT / "docs" / "reference" / "rules.md": _rules(),
        _METRICS: _metrics(),
        _REGISTRY: _registry(),
        _ARCHITECTURE: _architecture(),
        **{_PACKAGE / "schemas" / f"{name}.json": _schema(name) for name in SCHEMAS},
        **_pages_of_rules(),
    }


def _schema(name: str) -> str:
    return json.dumps(generate_schema(name), indent=2, ensure_ascii=False) + "\n"


def _screen() -> str:
    """Return the output of `peerlint check examples/contoso/peering.toml`."""
    inventory = peerlint.load_inventory(CONTOSO / "peering.toml")
    return render_text(peerlint.check(inventory, now=datetime(2026, 11, 21, 12, tzinfo=UTC)))


def _readme(screen: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    last = screen.splitlines()[-1]
    shown = f"{screen.split(_CUT, maxsplit=1)[0]}\n[...]\n{last}\n"
    lines = _replayed().splitlines(keepends=True)
    first, ends = lines[:_SHOWN_LINES], [line for line in lines if _FIRST_ALERT in line][1:]
    replayed = "".join((*first, "[...]\n", *ends, "[...]\n", lines[-1]))
    return _between(_between(text, _SCREEN, shown), _REPLAY, replayed)


def _between(text: str, marks: tuple[str, str], shown: str) -> str:
    """Return a text with something else between two marks."""
    before, rest = text.split(marks[0])
    _, mark, after = rest.partition(marks[1])
    return f"{before}{marks[0]}{shown}{mark}{after}"


def _replayed() -> str:
    """Return the output of `peerlint replay` for the story of examples/watch."""
    found = replay(peerlint.load_inventory(WATCH / "peering.toml"), [WATCH / "story.bmp.gz"])
    lines = [line for notice in found if (line := replay_line(notice)) is not None]
    return "".join(f"{line}\n" for line in (*lines, replay_totals(found.summary)))


def _registry() -> str:
    """Return the page on registry files with the screens of the files in examples/registry."""
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    text = _REGISTRY.read_text(encoding="utf-8")
    with TemporaryDirectory() as folder, chdir(_REGISTRY_FILES):
        path = f"{folder}/registry.peerlint"
        built = peerlint.build_registry(
            path,
            irr=("radb.db", "ripe.db.aut-num", "ripe.db.route"),
            delegated=("delegated-ripencc-extended-latest",),
            vrps=("vrps.json",),
            slurm=("slurm.json",),
            peeringdb=("peeringdb.json",),
            now=now,
        )
        screen = peerlint.render_registry(built).replace(path, "registry.peerlint")
        text = _with_screen(text, "build", screen)
        for subject in ("AS64500", "203.0.113.0/24"):
            shown = peerlint.show_registry(path, subject, now)
            text = _with_screen(text, f"show {subject}", peerlint.render_registry(shown))
        validity = peerlint.Registry.open(path, now).validity("203.0.113.0/24", "AS64501")
    screen = json.dumps(validity.to_json(), indent=2) + "\n"
    return _with_screen(text, "validate 203.0.113.0/24 AS64501", screen, "json")


def _with_screen(text: str, command: str, screen: str, form: str = "text") -> str:
    first = f"<!-- registry {command}: docs/generate.py -->\n```{form}\n"
    return _between(text, (first, _SCREEN[1]), screen)


def _architecture() -> str:
    """Return the page on the architecture with its tables, made from pyproject.toml."""
    text = _ARCHITECTURE.read_text(encoding="utf-8")
    before, rest = text.split(_PACKAGES[0])
    after = rest.split(_PACKAGES[1])[1]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layered = {each["id"]: each for each in contracts if each["type"] == "layers"}
    rows = "".join(
        f"| {'; '.join(map(_of_package, layer.split(' | ')))} |\n"
        for layer in layered["packages"]["layers"]
        if layer != _VERSION
    )
    table = f"| packages, those that import first |\n|---|\n{rows}"
    files = "".join(
        f"| `{contract['containers'][0].removeprefix('peerlint.')}` | {_of_files(contract)} |\n"
        for contract in layered.values()
        if "containers" in contract
    )
    table += f"\n| package | its modules, those that import first |\n|---|---|\n{files}"
    return f"{before}{_PACKAGES[0]}{table}{_PACKAGES[1]}{after}"


def _of_files(contract: dict[str, list[str]]) -> str:
    """Return the layers of a package's modules on one line."""
    return " → ".join(
        ", ".join(f"`{name}`" for name in layer.split(" | ")) for layer in contract["layers"]
    )


def _of_package(name: str) -> str:
    """Return a package's name with the first line of its docstring."""
    line, *_ = (import_module(name).__doc__ or "").splitlines()
    return f"`{name.removeprefix('peerlint.')}`: {line.removesuffix('.')}"


def _metrics() -> str:
    """Return the page on metrics with its tables."""
    text = _METRICS.read_text(encoding="utf-8")
    for mark, metrics in _METRIC_TABLES.items():
        before, rest = text.split(f"<!-- {mark}: docs/generate.py -->\n")
        after = rest.split("<!-- end -->", maxsplit=1)[1]
        table = _metric_table(metrics)
        text = f"{before}<!-- {mark}: docs/generate.py -->\n{table}<!-- end -->{after}"
    return text


def _metric_table(metrics: Iterable[Metric]) -> str:
    rows = "".join(
        f"| `{each.name}` | {each.kind} | {', '.join(f'`{name}`' for name in each.labels)} "
        f"| {each.help} |\n"
        for each in metrics
    )
    return f"| name | type | labels | meaning |\n|---|---|---|---|\n{rows}"


def _rules() -> str:
    head = (
        "<!-- written by docs/generate.py -->\n# Rules\n\n"
        f"All {len(CATALOGUE)} rules, each with a page. `peerlint explain RULE_ID` prints one.\n"
        'The scenarios under "fires on" and "silent on" are tests, in the '
        "[notation](notation.md).\n"
        "Hints are statements of Microsoft's that cannot be violated.\n\nBy profile: "
    )
    links = ", ".join(f"[{name}](profiles/{name}.md)" for name in PROFILES)
    index = "".join(
        f"| [`{rule.id}`](rules/{rule.id}.md) "
        f"| {'hint' if rule.kind is Kind.HINT else rule.severity} | {rule.title} |\n"
        for rule in CATALOGUE.values()
    )
    return f"{head}{links}.\n\n| rule | severity | |\n|---|---|---|\n{index}"


def _pages_of_rules() -> dict[Path, str]:
    profiles = {name: shipped_profile(name) for name in PROFILES}
    reference = ROOT / "docs" / "reference"
    asked = ROOT / "docs" / "explanation" / "what-microsoft-asks"
    found = {
        reference / "rules" / f"{rule.id}.md": _WRITTEN + render_rule(rule, profiles)
        for rule in CATALOGUE.values()
    }
    for name, profile in profiles.items():
        found[reference / "profiles" / f"{name}.md"] = _WRITTEN + render_profile(profile)
        found[asked / f"{name}.md"] = _WRITTEN + render_requirements(profile)
    found[reference / "facts.md"] = _facts()
    found[reference / "numbers.md"] = _numbers()
    return {path: _with_documents(text) for path, text in found.items()}


def _with_documents(text: str) -> str:
    """Add titles and addresses of the source documents that a page names by number."""
    named = set(DOCUMENTS) if _EVERY.search(text) else set(_NUMBER.findall(text))
    if not named:
        return text
    listed = ", ".join(f"[{DOCUMENTS[each]}]({SOURCES[each]}) ({each})" for each in sorted(named))
    head = "Source document" if len(named) == 1 else "Source documents"
    return f"{text.rstrip()}\n\n{head}: {listed}.\n"


def _facts() -> str:
    head = """# Facts

A fact is a property of a route that is true or false under given criteria; it is stored as one bit.
[`peerlint scan`](../how-to/scan-a-table.md) counts and writes facts; [rules](rules.md) use them.
A fact by itself is no problem; a problem is what a rule fires on.

"Path" means the path that AS8075 receives ([what a view proves](../explanation/views.md)).
A malformed route has no facts but `MALFORMED` and those of its prefix; a withdrawal has none.
Address space and AS numbers that `--allow` names count as public.

In CSV and JSON lines, facts are names.
In Parquet, and in the columns of `peerlint.scan`, they are one number, the sum of 2 ** bit:

```python
from peerlint.model import Fact

Fact(131073)  # TAGGED and PREPENDED: 2 ** 0 + 2 ** 17
```

The numbers of bits never change.
The last column has the rules that use the fact.

| bit | fact | meaning | source | rules |
|---|---|---|---|---|
"""
    rows = "".join(
        f"| {fact.bit_length() - 1} | `{fact.name}` | {meaning} | {source} | {_rules_of(fact)} |\n"
        for fact, (meaning, source) in MEANINGS.items()
    )
    return f"{_WRITTEN}{head}{rows}"


def _rules_of(fact: Fact) -> str:
    """Return links to the rules that use a fact."""
    rules = [
        f"[`{rule.id}`](rules/{rule.id}.md)"
        for rule in CATALOGUE.values()
        if rule.masks is not None and fact in rule.masks.any_of | rule.masks.none_of
    ]
    return "none" if fact in _SILENCING or not rules else ", ".join(rules)


def _numbers() -> str:
    rows = "".join(
        f"| `{name}` | {number.value if number.unit in _NAMES else f'{number.value:,}'} "
        f"| {number.unit} | {number.what} | {number.source} |\n"
        for name, number in NUMBERS.items()
    )
    return (
        f"{_WRITTEN}# Numbers\n\nThe numbers in Microsoft's documents that peerlint uses, with "
        "their sources (`peerlint.rules.numbers`).\n\n| name | value | unit | what | source |\n"
        f"|---|---|---|---|---|\n{rows}"
    )


def main() -> int:
    """Write or check the pages, and return the exit status."""
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
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return status


if __name__ == "__main__":
    sys.exit(main())
