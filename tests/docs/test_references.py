"""Everything that the repository refers to is in the repository, or public.

Code, tests and pages cite RFCs by section, Microsoft's documents by title or number, and headings
of `docs/explanation` as `page#heading`, such as `paths#effective-path`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
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
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(DOCS.rglob("*.md")),
]
FOLDERS: Final = ("src", "tests", "docs", "benchmarks", "examples", "fuzz", ".ci")
ENDINGS: Final = frozenset({".py", ".pyx", ".pxd", ".pyi", ".md", ".toml", ".csv"})
TEXTS: Final = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(ROOT / name for name in ("pyproject.toml", "setup.py", "noxfile.py")),
    *(ROOT / ".ci" / name for name in ("run", "program", "package")),
    *sorted((ROOT / ".github").rglob("*.yml")),
    *(
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in ENDINGS and "__pycache__" not in path.parts
    ),
]
#: `page#heading`, where neither is part of an address or of a Markdown link.
CITED: Final = re.compile(r"(?<![\w/.{-])([a-z][a-z-]*)#([a-z][\w-]*)")
#: The form of a citation, which is no citation itself.
FORM: Final = ("page", "heading")
#: Forms of citations of documents that are not in the repository.
PAPERS: Final = {
    "a specification without a name": re.compile(r"\b[Ss]pec\b(?!\.)"),
    "a design paper": re.compile(
        r"\b[Dd]esign(\.md|, section| \d|'s)|\bthe design\b|\([Dd]esign\b"
    ),
    # Answers of an IRRd begin so: A and the number of octets.
    "an item of a list that is not here": re.compile(r"(?<!b\")\b[A-F]\d{1,2}\b(?!\\n)"),
    "a row of a table that is not here": re.compile(r"\b[Rr]ows? \d+\b"),
    "an issue": re.compile(r"\b[Ii]ssue \d+\b"),
    "a path outside": re.compile(r"(?<!\w)(/work/|shared/(spec|cases|sources))"),
}
#: A Markdown link to a heading, of a page or of the same one.
LINK: Final = re.compile(r"\]\(([^)#:]*\.md|)#([^)]+)\)")
#: The numbers by which pages name the source documents.
DOCUMENT: Final = re.compile(r"(?<![\w.,-])(00[0-4])(?![\w.:,]\w)")
EVERY_DOCUMENT: Final = re.compile(r"\b000 to 004\b")
#: The dotted name of something in the package, or the name of a file.
NAMED: Final = re.compile(r"`([a-z_]+(?:\.\w+)+)(?:\(\))?`")
FILES: Final = frozenset({"py", "pyx", "pxd", "toml", "csv", "md", "gz"})


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page; those of a repeated heading are numbered."""
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


def by_path(found: Iterator[tuple[Path, str]]) -> dict[str, list[str]]:
    """Return the found texts, by the file's name."""
    listed: dict[str, list[str]] = {}
    for path, what in found:
        listed.setdefault(str(path.relative_to(ROOT)), []).append(what)
    return listed


def test_headings_that_are_cited_exist() -> None:
    """Every `page#heading` is a heading of a page in docs/explanation."""

    def missing() -> Iterator[tuple[Path, str]]:
        for path in TEXTS:
            for page, heading in CITED.findall(path.read_text(encoding="utf-8")):
                file = EXPLANATION / f"{page}.md"
                exists = file.exists() and heading in anchors(file)
                if not exists and (page, heading) != FORM:
                    yield path, f"{page}#{heading}"

    assert {} == by_path(missing())


def test_links_lead_to_headings() -> None:
    """Every link to a heading, of the same page or of another one, has a target."""

    def missing() -> Iterator[tuple[Path, str]]:
        for page in PAGES:
            for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
                file = (page.parent / target).resolve() if target else page
                if anchor not in anchors(file):
                    yield page, f"{target}#{anchor}"

    assert {} == by_path(missing())


@pytest.mark.slow
def test_no_document_is_cited_that_is_not_in_the_repository() -> None:
    """A reader with only the repository can look up every citation."""

    def cited() -> Iterator[tuple[Path, str]]:
        for path in TEXTS:
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines if path != Path(__file__) else [], start=1):
                for kind, pattern in PAPERS.items():
                    if match := pattern.search(line):
                        yield path, f"line {number}, {kind}: {match[0]}"

    assert {} == by_path(cited())


@pytest.mark.parametrize(
    "line",
    [
        "(spec C3)",
        '"Spec A as data"',
        "design, section 6",
        "the design's example",
        "(B9)",
        '"C6",',
        "D4: what is checked",
        "rows 19 and 73",
        "issue 12",
    ],
)
def test_ways_to_cite_a_paper(line: str) -> None:
    """The test above would find each of these lines, which were once in the repository."""
    assert any(pattern.search(line) for pattern in PAPERS.values())


def test_source_documents_are_linked_where_they_are_named() -> None:
    """A page that names a document of Microsoft's by its number has its title and a link."""

    def bare() -> Iterator[tuple[Path, str]]:
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            every = EVERY_DOCUMENT.search(text) is not None
            for number in sorted(DOCUMENTS if every else set(DOCUMENT.findall(text))):
                if f"[{DOCUMENTS[number]}]({SOURCES[number]})" not in text:
                    yield page, number

    assert {} == by_path(bare())


def test_every_contradiction_is_tested() -> None:
    """Each section of the page that names a rule is cited by a test."""
    text = (EXPLANATION / "contradictions.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", text, re.MULTILINE)
    with_rules = {slug(title) for title, body in sections if "](../reference/rules/" in body}
    cited = {
        heading
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for page, heading in CITED.findall(path.read_text(encoding="utf-8"))
        if page == "contradictions"
    }

    assert len(with_rules) > 20
    assert set() == with_rules - cited


def named_on(page: str) -> list[str]:
    """Return the dotted names on a page of docs/explanation."""
    text = (EXPLANATION / f"{page}.md").read_text(encoding="utf-8")
    return [
        name
        for name in NAMED.findall(text)
        if name.rpartition(".")[2] not in FILES and name not in CATALOGUE
    ]


def resolved(name: str) -> object:
    """Return the object that a dotted name below the package refers to.

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
def test_names_of_the_architecture_page_exist(name: str) -> None:
    """Modules, classes and functions on the page exist under these names."""
    assert resolved(name) is not None or name.rpartition(".")[2].islower()


def test_a_name_that_does_not_exist_is_found() -> None:
    """The test above can fail."""
    with pytest.raises(LookupError):
        resolved("bulk.walk.Stroll")
    assert {"engine.check.check", "bulk.reader.DumpReader"} <= set(named_on("architecture"))


def test_the_journey_has_twelve_steps() -> None:
    """A route's journey has twelve steps, each with the name of a function."""
    text = (EXPLANATION / "architecture.md").read_text(encoding="utf-8")
    journey = text.partition("## A route's journey\n")[2].partition("\n## ")[0]
    steps = re.findall(r"^(\d+)\. (.*)$", journey, re.MULTILINE)

    assert [str(number) for number in range(1, 13)] == [number for number, _ in steps]
    assert [] == [number for number, step in steps if not NAMED.search(step)]


@pytest.mark.parametrize("page", ["contradictions", "life-cycle", "paths"])
def test_rules_on_the_pages_exist(page: str) -> None:
    """A word in the form of a rule's id is a rule, a name of the package, or a file."""
    text = (EXPLANATION / f"{page}.md").read_text(encoding="utf-8")
    families = "|".join(sorted({rule.partition(".")[0] for rule in CATALOGUE}))
    named = re.findall(rf"`((?:{families})\.[a-z0-9-]+)`", text)

    assert named
    assert set() == set(named) - CATALOGUE.keys() - {"policy.md"}


def test_the_order_of_checks_is_that_of_the_rules() -> None:
    """The table of "The life of a prefix" has each rule at the step that it declares."""
    text = (EXPLANATION / "life-cycle.md").read_text(encoding="utf-8")
    order = text.partition("## Order of checks\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", order, re.MULTILINE)

    found = {rule: int(step) for step, rules in rows for rule in re.findall(r"`(.+?)`", rules)}
    assert len(rows) == 11
    assert found == {rule: CATALOGUE[rule].step for rule in found}
