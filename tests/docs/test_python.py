"""What the command line can do, the public API can, and the pages say with which functions."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from cyclopts import Parameter

import peerlint
from peerlint.api.dumps import DUMP_FORMATS
from peerlint.api.encoders import ROUTE_FORMATS
from peerlint.api.rendering import REPORT_FORMATS
from peerlint.cli.main import _COMMANDS

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "reference" / "python.md"
HOW_TO = ROOT / "docs" / "how-to"
CONTOSO = ROOT / "examples" / "contoso"
WRITTEN = re.findall(
    r"^\| `([^`]+)` \|(.*?)\|(.*)\|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE
)


def words(cell: str) -> list[str]:
    """Return the words of a cell that are code."""
    return re.findall(r"`([^`]+)`", cell)


def formats(command: str) -> tuple[str, ...]:
    """Return the choices of a command's --format; none without that option."""
    module = import_module(f"peerlint.cli.commands.{'import_' if command == 'import' else command}")
    functions = {"import": "azure", "registry": "build"}
    annotations = getattr(module, functions.get(command, command)).__annotations__
    if "format" not in annotations:
        return ()
    made = eval(annotations["format"], vars(module))  # noqa: S307  # an annotation of our own
    choices, *rest = get_args(made)
    assert all(isinstance(each, Parameter) for each in rest)
    return get_args(choices)


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_and_format_has_a_row(command: str) -> None:
    """A format that a command gains has to be in the public API."""
    rows = [words(found) for name, found, _ in WRITTEN if name.split()[0] == command]

    assert rows
    assert set(formats(command)) <= {each for row in rows for each in row}


@pytest.mark.parametrize(("command", "form", "functions"), WRITTEN)
def test_rows_name_public_functions(command: str, form: str, functions: str) -> None:
    """Every name in the table is one of `peerlint.__all__`."""
    assert words(functions), (command, form)
    assert set() == set(words(functions)) - set(peerlint.__all__)


def test_formats_are_those_of_the_command_line() -> None:
    """The tables of formats of the API and the choices of the commands are the same."""
    out = next(words(found) for name, found, _ in WRITTEN if name == "scan --out")

    assert set(REPORT_FORMATS) == set(formats("check"))
    assert set(DUMP_FORMATS) == set(formats("dump"))
    assert set(ROUTE_FORMATS) == set(out)


@pytest.mark.parametrize(
    ("page", "count"),
    [("use-from-python.md", 7), ("validate-in-your-own-code.md", 6), ("write-a-feed.md", 1)],
)
def test_examples_run(
    page: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examples of a page run, in a copy of the folder that they name."""
    shutil.copytree(CONTOSO, tmp_path / "contoso", ignore=shutil.ignore_patterns("lab"))
    monkeypatch.chdir(tmp_path / "contoso")
    text = (HOW_TO / page).read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)

    for example in examples:
        exec(compile(example, page, "exec"), {})  # noqa: S102  # our own page

    assert len(examples) == count
    if page == "use-from-python.md":
        assert Path("routes.csv").read_text(encoding="utf-8").startswith("timestamp")


def test_requirements_name_functions_and_rules() -> None:
    """The table of "Validate in your own code" names public functions, and rules that exist."""
    text = (HOW_TO / "validate-in-your-own-code.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|([^|]+)\| (`[^|]*) \| (\[[^|]*) \|$", text, re.MULTILINE)

    assert len(rows) == 7
    for _, functions, rules in rows:
        assert words(functions)[0] in peerlint.__all__
        assert set(words(rules)) <= {rule.id for rule in peerlint.list_rules()}
