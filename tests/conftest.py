"""What a plain `pytest` leaves out, Hypothesis profiles, and real dumps.

`pytest` takes minutes: tests marked `slow` or `lab` are left out, and a property is tried with few
examples. `pytest --full` runs everything, as the gate does. Both say so on the screen.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings

#: What a plain `pytest` runs; `-m` of the command line takes its place.
FAST: Final = "not slow and not lab"
#: Names the folder of real dumps; see docs/how-to/test-with-real-dumps.md.
SAMPLES: Final = "PEERLINT_SAMPLES"

settings.register_profile(
    "full",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_FULL: Final = settings.get_profile("full")
settings.register_profile("fast", parent=_FULL, max_examples=6)
# Hours: other examples in each run.
settings.register_profile("deep", parent=_FULL, max_examples=2_500, derandomize=False)
# To find out whether a test fails, and not how small the failing example can be.
settings.register_profile("found", parent=_FULL, max_examples=500, derandomize=False, phases=[Phase.explicit, Phase.generate])

_LEFT_OUT: Final = pytest.StashKey[int]()
_COUNT: Final = "peerlint_left_out"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full`."""
    parser.getgroup("peerlint").addoption(
        "--full",
        action="store_true",
        help=f"run every test (default: '-m {FAST}'), and each property with all of its examples",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose tests and examples before the first test file is imported."""
    config.stash[_LEFT_OUT] = 0
    if not config.getoption("full") and not config.option.markexpr:
        config.option.markexpr = FAST
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("full" if config.getoption("full") else "fast")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Keep the tests of the lab in one of several processes: they share its daemons."""
    for item in items:
        if "lab" in item.keywords:
            item.add_marker(pytest.mark.xdist_group("lab"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that prints the summary how many tests were left out."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_COUNT] = session.config.stash[_LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over the number of one of several processes: all of them leave out the same tests."""
    config: pytest.Config = getattr(node, "config")  # noqa: B009  # a class of an optional plugin
    number = getattr(node, "workeroutput", {}).get(_COUNT, 0)
    config.stash[_LEFT_OUT] = max(config.stash[_LEFT_OUT], number)


def pytest_report_header(config: pytest.Config) -> str:
    """Say which tests are asked for, and with how many examples."""
    return f"tests: {config.option.markexpr or 'all'}; examples of a property: {_examples()}"


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count the tests that are left out because they are slow, or need the lab."""
    marked = [item for item in items if not {"slow", "lab"}.isdisjoint(item.keywords)]
    if marked:
        marked[0].config.stash[_LEFT_OUT] += len(marked)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what a run that is not the whole one has left out."""
    if not config.getoption("full"):
        terminalreporter.write_line(
            f"Left out: tests marked slow or lab ({config.stash[_LEFT_OUT]}); properties had "
            f"{_examples()} examples instead of {_FULL.max_examples}. To run all: pytest --full"
        )


def _examples() -> int:
    return settings().max_examples


@pytest.fixture(scope="session")
def samples() -> Callable[[str], Path]:
    """Give the path of a real dump, or skip the test where there is none."""

    def find(name: str) -> Path:
        folder = os.environ.get(SAMPLES)
        if not folder:
            pytest.skip(f"{SAMPLES} is not set")
        path = Path(folder) / name
        if not path.exists():
            pytest.skip(f"no {name} in {SAMPLES}")
        return path

    return find
