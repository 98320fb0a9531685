"""How the modules depend on each other, and who opens what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "peerlint"
#: What reads and writes: the functions, and the modules that do it.
OPENING = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "fdopen"}
MODULES = {"bz2", "gzip", "lzma", "mmap", "tempfile", "urllib", "zlib", "zlib_ng", "zstandard"}
#: Calls of a method that opens in `feeds`.
FEEDS = {"Registry.open", "registry.open", "file.open"}
#: The packages that open: what is read, what is written; tests of users build files.
ALLOWED = ("feeds", "service", "cli", "testing")
#: Files of the package itself, and functions that only share a name.
EXCEPTIONS = {
    ("report/html_page.py", "read_text"): "style sheets and scripts",
    ("schemas/__init__.py", "read_text"): "the JSON Schemas",
    ("inventory/toml.py", "read_text"): "a function that checks a value",
}


def opened(path: Path) -> Iterator[str]:
    """Yield the names of what a module calls or imports to open something."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id == "open":
                yield node.func.id
            if isinstance(node.func, ast.Attribute) and node.func.attr in OPENING - _shared(node):
                yield node.func.attr
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield str(node.module)


def _shared(call: ast.Call) -> set[str]:
    """Return the name of a method that opens in `feeds`, if a call is one of it."""
    return {"open"} if ast.unparse(call.func) in FEEDS else set()


@pytest.mark.slow
def test_feeds_open_what_is_read_and_the_program_what_is_written() -> None:
    """No other package opens a file, a stream or a URL."""
    found = {
        (str(path.relative_to(PACKAGE)), name)
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in ALLOWED
        for name in opened(path)
    }

    assert set(EXCEPTIONS) == found


def test_no_module_imports_itself_by_way_of_others() -> None:
    """The modules have an order; packages are looked at by import-linter, modules here."""
    grimp = pytest.importorskip("grimp")
    graph = grimp.build_graph("peerlint", cache_dir=None)
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}

    # Take away what imports nothing that is left, until nothing is left.
    while free := {name for name, others in imported.items() if not others & imported.keys()}:
        for name in free:
            del imported[name]

    assert {} == imported
