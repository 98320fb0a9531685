"""Names are words of the field: those that only peerlint's authors used are gone.

Code is read by network engineers and Python engineers. A name has to be one that they know from an
RFC, from Python or from another tool; a metaphor has to be learned first.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
#: Names that are gone, and what replaced them.
NAMES: Final = {
    "Court": "Evaluator",
    "Judgement": "Evaluation",
    "Says": "Requirement",
    "is_quiet": "cannot_fire",
    "Filed": "SessionRoutes",
    "as_filed": "SessionRoutes.of",
    "judge_routes": "evaluate_routes",
    "Filing": "SourceBuilder",
    "Seen": "RouteIndex",
    "Numbered": "IndexedSource",
    "Glance": "AnnouncementKey",
    "Look": "AnnouncementGroup",
    "Looks": "AnnouncementGroups",
    "Wording": "AttributeSet",
    "SessionPlace": "SessionRef",
    "Sighting": "SessionMatch",
    "Stranger": "UnmappedPeer",
    "strangers": "unmapped_peers",
    "Watch": "PrefixFilter",
    "Choice": "RowFilter",
    "Chosen": "FilteredRows",
    "Speller": "TextEncoder",
    "Spelled": "EncodedText",
    "Gathering": "ArrowBuilder",
    "Walk": "DumpReader",
    "read_ahead": "prefetch",
    "FAREWELL": "JOIN_TIMEOUT",
    "SILENCE": "READ_TIMEOUT",
    "PATIENCE": "PROGRESS_DELAY",
    "discreet": "redact",
    "lying_dumps": "malformed_dumps",
    "faults_of": "violations_of",
    "blame": "attribute_to_rule",
    "next_page": "next_chunk",
    "remembered": "memoized",
    "made_schema": "generate_schema",
    "spelled_json": "escaped_json",
    "A_TEXT": "A_STRING",
    "Own": "SubjectName",
    "NOT_ASKED": "NOT_REQUIRED",
    "is_asked_for": "is_required",
    "what_is_missing": "missing_texts",
    "Elsewhere": "OtherSessions",
    "Around": "RelatedRoutes",
    "Located": "RequiredSessions",
    "KnownAnswers": "PreviousAnswers",
    "says_nothing": "has_no_answer",
    "told_apart": "with_unique_ids",
    "spoken": "text_after_names",
    "verdicts_of": "results_by_peering",
    "render_story": "render_explanation",
    "first_address": "first_url",
    "unsaid": "without_key, without_role or without_state",
    "amiss": "failing",
}
#: Modules that are gone, by their path below the package, and what replaced them.
MODULES: Final = {
    "verdicts.py": "results",
    "observe": "observations",
    "engine/judge.py": "engine/evaluate.py",
    "engine/statements.py": "engine/waivers.py",
    "engine/seen.py": "engine/route_index.py",
    "observations/filed.py": "observations/session_routes.py",
    "observations/filing.py": "observations/source_builder.py",
    "observations/seen.py": "observations/sources.py",
    "bulk/watch.py": "bulk/prefix_filter.py",
    "feeds/ahead.py": "feeds/prefetch.py",
    "inventory/without.py": "inventory/failures.py",
    "report/alike.py": "report/grouping.py",
    "report/grid.py": "report/matrix.py",
    "report/page.py": "report/rule_page.py",
    "report/paper.py": "report/terminal.py",
    "report/story.py": "report/explain.py",
    "report/words.py": "report/phrases.py",
    "rules/statements.py": "rules/documented_facts.py",
    "schemas/_dialects.py": "schemas/_formats.py",
    "testing/_declared.py": "testing/_defaults.py",
    "testing/lies.py": "testing/malformed.py",
    "testing/lying_dumps.py": "testing/malformed_dumps.py",
}
FOLDERS: Final = ("src", "tests", "docs", "benchmarks", "examples", "fuzz", ".ci")
PAGES: Final = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
PYTHON: Final = frozenset({".py"})
CYTHON: Final = frozenset({".pyx", ".pxd", ".pyi"})
#: A name in a page, in an inline span of code: `peerlint.bulk.Watch`, `Watch()`.
SPAN: Final = re.compile(r"`([^`\n]+)`")
WORD: Final = re.compile(r"[A-Za-z_]\w*")
#: Comments and strings of Cython on one line, in which any word may occur.
PROSE: Final = re.compile(r"\"\"\".*?\"\"\"|\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*", re.DOTALL)


def files(endings: frozenset[str]) -> list[Path]:
    """Return the repository's files with some endings, without this one."""
    every = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    return sorted(
        path
        for path in every
        if path.suffix in endings
        and path != Path(__file__).resolve()
        and not {"__pycache__", "node_modules"} & set(path.parts)
    )


def names_in_python(path: Path) -> Iterator[str]:
    """Yield the names in a module; comments and strings are prose."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.NAME:
                yield token.string


def names_in(path: Path) -> set[str]:
    """Return the names that a file of code or a page has."""
    if path.suffix in PYTHON:
        return set(names_in_python(path))
    text = path.read_text(encoding="utf-8")
    if path.suffix in CYTHON:
        return set(WORD.findall(PROSE.sub(" ", text)))
    return {name for span in SPAN.findall(text) for name in WORD.findall(span)}


def test_files_are_found() -> None:
    """The tests below read the whole repository: code, kernels and pages."""
    assert len(files(PYTHON)) > 300
    assert len(files(CYTHON)) > 5
    assert len(files(frozenset({".md"}))) > 100


@pytest.mark.slow
def test_no_name_that_is_gone() -> None:
    """No file of code, and no page, has a name that was replaced."""
    paths = [*files(PYTHON | CYTHON | {".md"}), *(ROOT / page for page in PAGES)]
    found = {
        f"{path.relative_to(ROOT)}: {name}, now {NAMES[name]}"
        for path in paths
        for name in names_in(path) & NAMES.keys()
    }

    assert set() == found


@pytest.mark.parametrize(("old", "new"), MODULES.items())
def test_no_module_that_is_gone(old: str, new: str) -> None:
    """A module that was renamed has its new name only."""
    package = ROOT / "src" / "peerlint"

    assert not (package / old).exists()
    assert (package / new).exists()
