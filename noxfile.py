"""The steps of the gate: `nox --list` lists their names, `nox -s lint types` runs two of them.

`.ci/run` runs these sessions from a fresh clone. All but `pythons` use the environment that nox
is installed in (`pip install -e '.[dev,bench,fuzz]'`), and install nothing.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Final

import nox

nox.needs_version = ">=2024.10.9"
#: The sessions that `nox` runs by default: they take minutes, and need the `dev` extra only.
nox.options.sessions = ["lint", "types", "imports", "docs", "tests"]
#: A Python that is not installed is skipped with a message.
nox.options.error_on_missing_interpreters = False

PYTHONS: Final = ("3.11", "3.12", "3.13")
#: Seconds for each harness in `nox -s long`.
HOUR: Final = 3600
#: How often `nox -s long` runs the tests that send signals.
KILLS: Final = 100
#: How often it kills a watch that saves and delivers.
WATCH_KILLS: Final = 200
#: Both kernels against each other, and against the readers that decode everything.
DIFFERENTIAL: Final = (
    "tests/bulk/test_accounts.py",
    "tests/bulk/test_equality.py",
    "tests/bulk/test_kernels.py",
    "tests/bulk/test_text_encoders.py",
    "tests/wire/test_both_readers.py",
    "tests/wire/test_reader.py",
)

#: The benchmarks of registry data, with options that make them end in seconds.
REGISTRIES: Final = {
    "irr_reader": ("--objects", "2000", "--runs", "1"),
    "registry_build": ("--objects", "2000", "--vrps", "1000", "--delegations", "500",
                       "--networks", "60"),
    "registry_table": ("--objects", "2000", "--vrps", "1000", "--routes", "2000"),
    "rov_states": ("--objects", "20000", "--vrps", "5000"),
    "rtr": ("--vrps", "2000", "--runs", "1"),
    "scan_registry": ("--objects", "2000", "--vrps", "1000", "--prefixes", "500", "--runs", "1"),
}  # fmt: skip
#: The server whose recorded answers the tests of whois replay.
IRRD: Final = "irrd==4.5.4"

#: The folder of the environment's programs.
PROGRAMS: Final = Path(sys.executable).parent

here = partial(nox.session, venv_backend="none")


def python(session: nox.Session, *arguments: str, **env: str) -> None:
    """Run the Python that nox runs on."""
    session.run(sys.executable, *arguments, env=env, external=True)


def program(session: nox.Session, name: str, *arguments: str) -> None:
    """Run a program of the environment that nox is installed in."""
    session.run(str(PROGRAMS / name), *arguments, external=True)


@here
def tests(session: nox.Session) -> None:
    """Run the fast tests, or all with `nox -s tests -- --full`."""
    python(session, "-m", "pytest", *session.posargs)


@here
def pure(session: nox.Session) -> None:
    """Run all tests with the Python kernel, but those of the lab and the service.

    The service reads no octets: feeds and the monitor do, which have tests of their own.
    """
    options = ("--full", "-m", "not lab", "--ignore=tests/service", "-n", "auto")
    python(session, "-m", "pytest", "-q", *options, *session.posargs, PEERLINT_PURE="1")


@here
def coverage(session: nox.Session) -> None:
    """Measure the coverage of the fast tests, with the Python kernel.

    `pyproject.toml` has the least coverage. Measured code takes twice its time, so the run of all
    tests does not measure it.
    """
    options = ("--cov", "--cov-report=term:skip-covered", "-n", "auto")
    python(session, "-m", "pytest", "-q", *options, *session.posargs, PEERLINT_PURE="1")


@here
def kernel(session: nox.Session) -> None:
    """Test builds of the compiled kernel: with checked reads, sanitizers, deliberate mistakes."""
    for step in session.posargs or ("checked", "asan", "mutants"):
        python(session, ".ci/kernel.py", step)


@here
def lint(session: nox.Session) -> None:
    """Run the rules of ruff, and its formatter."""
    program(session, "ruff", "check", ".")
    program(session, "ruff", "format", "--check", ".")


@here
def types(session: nox.Session) -> None:
    """Check types: mypy for everything, pyright for the public API."""
    program(session, "mypy")
    program(session, "pyright")


@here
def imports(session: nox.Session) -> None:
    """Check that imports point one way."""
    program(session, "lint-imports", "--no-logo")


@here
def docs(session: nox.Session) -> None:
    """Check that the generated pages are up to date."""
    python(session, "docs/generate.py", "--check")


@here(name="program")
def commands(session: nox.Session) -> None:
    """Run each command of the program on the examples."""
    session.run(".ci/program", str(PROGRAMS / "peerlint"), external=True)


@here
def benchmarks(session: nox.Session) -> None:
    """Run each benchmark once, on small input, and check the counted costs."""
    for suite in ("columns", "files", "others", "objects"):
        smoke = ("--suite", suite, "--runs", "1", "--prefixes", "200")
        python(session, "-m", "benchmarks", *smoke)
    python(session, "-m", "benchmarks", "--suite", "hostile")
    python(session, "-m", "benchmarks.big_check", "--peerings", "2")
    python(session, "-m", "benchmarks.store", "--rate", "500", "--seconds", "2")
    for name in ("replay", "watch"):
        python(session, "-m", f"benchmarks.{name}", "--small")
    for name, options in REGISTRIES.items():
        python(session, "-m", f"benchmarks.{name}", *options)


@here
def fuzz(session: nox.Session) -> None:
    """Fuzz each decoder and the program for seconds."""
    python(session, "-m", "fuzz", *(session.posargs or ("--seconds", "10")))


@here
def package(session: nox.Session) -> None:
    """Build the wheel and the sdist, and use both outside of the tree."""
    session.run(".ci/package", sys.executable, external=True)


@nox.session(python=PYTHONS, venv_backend="venv")
def pythons(session: nox.Session) -> None:
    """Install peerlint in each supported Python that is installed, and run the fast tests."""
    session.install(".[test]", env={"PEERLINT_BUILD": "require"})
    session.run("pytest", "-q", *session.posargs)


@nox.session(venv_backend="venv")
def irrd(session: nox.Session) -> None:
    """Compare a running IRRd with its recorded answers; it gets an environment of its own.

    It needs root, and Debian's `postgresql` and `redis-server`: the session runs both on its own,
    in a temporary folder. `nox -s irrd -- --write` records the answers again.
    """
    session.install(IRRD)
    python(session, "-m", "tests.lab.registries", "--programs", session.bin, *session.posargs)


@here
def long(session: nox.Session) -> None:
    """Run for hours: fuzzing, differential tests with thousands of streams, many signals, IRRd.

    To run one of the four: `nox -s long -- fuzz`, `differential`, `kills` or `irrd`.
    """
    # A test of hours is not one that waits for ever.
    deep = ("--full", "--hypothesis-profile=deep", "--timeout=0")
    for part in session.posargs or ("fuzz", "differential", "kills", "irrd"):
        match part:
            case "fuzz":
                python(session, "-m", "fuzz", "--seconds", str(HOUR))
            case "differential":
                python(session, "-m", "pytest", "-q", *deep, *DIFFERENTIAL)
            case "kills":
                for _ in range(KILLS):
                    python(session, "-m", "pytest", "-q", "--full", "tests/cli/test_signals.py")
                watch = (
                    "-q",
                    "--full",
                    "--timeout=0",
                    "tests/service/test_kills.py",
                    "tests/cli/test_watch_kills.py",
                )
                python(session, "-m", "pytest", *watch, PEERLINT_KILLS=str(WATCH_KILLS))
            case "irrd":
                session.notify("irrd", posargs=())
            case _:
                session.error(f"expected fuzz, differential, kills or irrd, found {part}")
