"""What the repository refers to is in the repository.

Code, tests and pages cite what they rest on: RFCs by section, Microsoft's documents by title or
number, and headings of `docs/explanation` as `page#heading`, such as `paths#effective-path`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Final

import pytest

from peerlint.rules import CATALOGUE
from peerlint.rules.documents import DOCUMENTS
from peerlint.rules.links import SOURCES

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
EXPLANATION: Final = DOCS / "explanation"
PAGES: Final = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
FOLDERS: Final = ("src", "tests", "docs", "benchmarks", "examples", "fuzz", ".ci")
ENDINGS: Final = frozenset({".py", ".pyx", ".pxd", ".pyi", ".md", ".toml", ".csv"})
TEXTS: Final = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "pyproject.toml", "setup.py")),
    ROOT / ".ci" / "run",
    *(
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in ENDINGS and "__pycache__" not in path.parts
    ),
]
#: `page#heading`, where neither is part of an address or of a Markdown link.
CITED: Final = re.compile(r"(?<![\w/.{-])([a-z][a-z-]*)#([a-z][\w-]*)")
#: How the form itself is written.
FORM: Final = ("page", "heading")
#: How papers are cited that are not in the repository.
PAPERS: Final = {
    "a specification without a name": re.compile(r"\b[Ss]pec\b(?!\.)"),
    "a design paper": re.compile(r"\b[Dd]esign(\.md)?, section\b|\bdesign\.md\b"),
    "an item of a list that is not here": re.compile(
        r"\([A-F]\d{1,2}\)|[\"# ][A-F]\d{1,2}(: |, [A-F]\d|\"(?!\]))|\b[A-F]\d{1,2} step\b"
    ),
    "a row of a table that is not here": re.compile(r"\b[Rr]ows? \d+\b"),
    "an issue": re.compile(r"\b[Ii]ssue \d+\b"),
    "a path outside": re.compile(r"(?<!\w)(/work/|shared/(spec|cases|sources))"),
}
#: The name of something below the package, or a file of it.
NAMED: Final = re.compile(r"`([a-z_]+(?:\.\w+)+)(?:\(\))?`")
FILES: Final = frozenset({"py", "pyx", "pxd", "toml", "csv", "md", "gz"})


def by_path(path: Path) -> str:
    """Return the name of a test."""
    return str(path.relative_to(ROOT))


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page; a heading that it has twice is numbered."""
    text = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    found: Counter[str] = Counter()
    names = []
    for heading in re.findall(r"^#{1,6} +(.+?)\s*$", text, re.MULTILINE):
        name = slug(heading)
        names.append(f"{name}-{found[name]}" if found[name] else name)
        found[name] += 1
    return frozenset(names)


@pytest.mark.parametrize("path", TEXTS, ids=by_path)
def test_headings_that_are_cited_exist(path: Path) -> None:
    """Every `page#heading` is a heading of a page in docs/explanation."""
    cited = CITED.findall(path.read_text(encoding="utf-8"))

    missing = [
        f"{page}#{heading}"
        for page, heading in cited
        if (page, heading) != FORM
        and (not (there := EXPLANATION / f"{page}.md").exists() or heading not in anchors(there))
    ]
    assert [] == missing


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_links_lead_to_headings(page: Path) -> None:
    """Every link to a heading, of the same page or of another one, finds it."""
    links = re.findall(r"\]\(([^)#:]*\.md|)#([^)]+)\)", page.read_text(encoding="utf-8"))

    missing = [
        f"{target}#{anchor}"
        for target, anchor in links
        if anchor not in anchors((page.parent / target).resolve() if target else page)
    ]
    assert [] == missing


@pytest.mark.parametrize("path", [each for each in TEXTS if each != Path(__file__)], ids=by_path)
def test_no_paper_is_cited_that_is_not_here(path: Path) -> None:
    """Whoever has the repository has everything that it refers to."""
    found = [
        f"{number}: {kind}: {match[0]}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for kind, pattern in PAPERS.items()
        if (match := pattern.search(line))
    ]

    assert [] == found


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_source_documents_are_linked_where_they_are_named(page: Path) -> None:
    """A page that names a document of Microsoft's by its number gives its title and address."""
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w.,-])(00[0-4])(?![\w.:,]\w)", text))

    if re.search(r"\b000 to 004\b", text):
        named |= set(DOCUMENTS)
    assert [] == [
        number
        for number in sorted(named)
        if f"[{DOCUMENTS[number]}]({SOURCES[number]})" not in text
    ]


def named_on(page: str) -> list[str]:
    """Return the dotted names on a page of docs/explanation."""
    text = (EXPLANATION / f"{page}.md").read_text(encoding="utf-8")
    return [
        name
        for name in NAMED.findall(text)
        if name.rpartition(".")[2] not in FILES and name not in CATALOGUE
    ]


def resolved(name: str) -> object:
    """Return what a dotted name below the package stands for.

    Raises:
        LookupError: there is nothing of that name.
    """
    parts = name.removeprefix("peerlint.").split(".")
    for cut in range(len(parts), -1, -1):
        try:
            found: object = import_module(".".join(("peerlint", *parts[:cut])))
        except ModuleNotFoundError:
            continue
        for at, part in zip(accumulate(parts[cut:], "{}.{}".format), parts[cut:], strict=True):
            if not hasattr(found, part) and part not in annotations(found):
                raise LookupError(f"{name}: no {at}")
            found = getattr(found, part, None)
        return found
    raise LookupError(name)


def annotations(found: object) -> frozenset[str]:
    """Return the attributes of a class that only its instances have."""
    return frozenset(getattr(found, "__annotations__", ()))


@pytest.mark.parametrize("name", sorted(set(named_on("architecture"))))
def test_the_architecture_names_what_is_there(name: str) -> None:
    """Modules, classes and functions on the page exist under these names."""
    assert resolved(name) is not None or name.rpartition(".")[2].islower()


def test_a_name_that_is_not_there_is_found_out() -> None:
    """The test above can fail."""
    with pytest.raises(LookupError):
        resolved("bulk.walk.Stroll")
    assert {"engine.check.check", "bulk.walk.Walk"} <= set(named_on("architecture"))


def test_the_journey_has_twelve_steps() -> None:
    """A route's journey is twelve steps, each with the name of a function."""
    text = (EXPLANATION / "architecture.md").read_text(encoding="utf-8")
    journey = text.partition("## A route's journey\n")[2].partition("\n## ")[0]
    steps = re.findall(r"^(\d+)\. (.*)$", journey, re.MULTILINE)

    assert [str(number) for number in range(1, 13)] == [number for number, _ in steps]
    assert [] == [number for number, step in steps if not NAMED.search(step)]


@pytest.mark.parametrize("page", ["contradictions", "life-cycle", "paths"])
def test_rules_on_the_pages_exist(page: str) -> None:
    """A word like a rule's id is one, or a name of the package or of a file."""
    text = (EXPLANATION / f"{page}.md").read_text(encoding="utf-8")
    families = "|".join(sorted({rule.partition(".")[0] for rule in CATALOGUE}))
    named = re.findall(rf"`((?:{families})\.[a-z0-9-]+)`", text)

    assert named
    assert set() == set(named) - CATALOGUE.keys() - {"policy.md"}


def test_the_order_of_checks_is_that_of_the_rules() -> None:
    """The table of "The life of a prefix" gives each rule the step that it declares."""
    text = (EXPLANATION / "life-cycle.md").read_text(encoding="utf-8")
    order = text.partition("## Order of checks\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", order, re.MULTILINE)

    found = {rule: int(step) for step, rules in rows for rule in re.findall(r"`(.+?)`", rules)}
    assert len(rows) == 11
    assert found == {rule: CATALOGUE[rule].step for rule in found}
