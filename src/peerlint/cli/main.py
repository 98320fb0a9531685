"""The command line: arguments in, exit status out."""

from __future__ import annotations

import gc
import os
import re
import select
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from peerlint._version import __version__
from peerlint.cli.exits import Exit
from peerlint.cli.refusals import FULL, refusal
from peerlint.cli.signals import EndingSignals, SignalReceived

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from inspect import BoundArguments
    from types import ModuleType

    from cyclopts import App

_COMMANDS: Final = (
    "init", "check", "watch", "replay", "route", "scan", "dump", "diff", "explain", "keys", "rules",
    "import", "registry",
)  # fmt: skip

#: The size of a terminal. Help in one column or two would never end.
_SIZE: Final = re.compile(r"[2-9][0-9]|[1-9][0-9]{2,3}", re.ASCII)
#: The number of new objects after which Python looks for unreachable ones.
_ALLOCATIONS: Final = 100_000


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit.

    Args:
        arguments: what the user typed after the program's name; None for `sys.argv`.
    """
    # Nearly all objects of a command live to its end: collections find nothing, and took 7 % of a
    # check with 13,000 findings (median of nine pairs).
    gc.set_threshold(_ALLOCATIONS)
    # numpy would start threads for matrix products, which are not used: they spin for 0.1 s.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in ("COLUMNS", "LINES"):
        if not _SIZE.fullmatch(os.environ.get(name, "80")):
            del os.environ[name]  # libraries that draw tables would fail for it
    tokens = sys.argv[1:] if arguments is None else list(arguments)
    _open_streams()
    signals = EndingSignals()
    status: int = Exit.BUG
    with suppress(SignalReceived), signals:  # one may come while the inner block is left
        status = _status(tokens)
    if signals.status is not None:
        os._exit(signals.status)  # a further signal while Python ends would change the status
    sys.exit(status)


def _status(tokens: list[str]) -> Exit:
    """Run one command, and return the exit status."""
    try:
        status = run(tokens)
        sys.stdout.flush()
    except BrokenPipeError:
        if not _has_no_reader():  # a pipe between our own processes
            return _bug()
        _drop_output()  # the reader needs no more
        return Exit.CLEAN
    except SignalReceived:
        raise
    except KeyboardInterrupt:  # raised in a thread without signal handlers
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # a limit of the system, or a bug
        return _failed(error)
    return status


def _open_streams() -> None:
    """Make both outputs accept any text.

    An output that the caller has closed (`>&-`) is opened, because Python sets it to None. A
    character that the terminal or locale lacks is written as a question mark.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # to the end
    output = sys.stdout
    if isinstance(output, TextIOWrapper) and output.errors in ("strict", "surrogateescape"):
        output.reconfigure(errors="replace")


def _has_no_reader() -> bool:
    """Whether one of the outputs is a pipe whose reader is gone."""
    watch = select.poll()
    for stream in (sys.stdout, sys.stderr):
        watch.register(stream.fileno(), 0)  # errors are always reported
    return any(event & select.POLLERR for _, event in watch.poll(0))


def _drop_output() -> None:
    """Discard buffered output, so that the shutdown of Python does not retry the write."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def run(tokens: Sequence[str]) -> Exit:
    """Run one command.

    Args:
        tokens: what the user typed.
    """
    if list(tokens) == ["--version"]:
        sys.stdout.write(f"{version()}\n")
        return Exit.CLEAN
    from peerlint.redaction import collected  # noqa: PLC0415  # `--version` must not wait for it

    # Secrets that are read from here on are masked in all output of this run.
    with collected() as secrets:
        for word in tokens:
            secrets.add_name(word)
        try:
            return _run(tokens)
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001  # a limit of the system, or a bug
            return _failed(error)


def _run(tokens: Sequence[str]) -> Exit:
    from cyclopts import CycloptsError  # noqa: PLC0415  # `--version` must not wait for it

    from peerlint.cli.tokens import prepared  # noqa: PLC0415
    from peerlint.errors import PeerlintError  # noqa: PLC0415

    try:
        command, bound = _parsed(_app(tokens), prepared(tokens))
        try:
            status = command(*bound.args, **bound.kwargs)
        except SystemExit:  # raised if the reader of a help page is gone
            return Exit.CLEAN
        return status if isinstance(status, Exit) else Exit.CLEAN
    except CycloptsError as error:
        from peerlint.cli.usage import plain_message  # noqa: PLC0415  # only when something went wrong
        from peerlint.display import displayed_quote  # noqa: PLC0415

        command_line = " ".join(("peerlint", *(word for word in tokens[:1] if word in _COMMANDS)))
        message = displayed_quote(plain_message(error))
        _write_error(f"{message}\nSee `{command_line} --help`.")
    except PeerlintError as error:
        _write_error(str(error))
    return Exit.USAGE


def _failed(error: Exception) -> Exit:
    """Report a limit of the system; report anything else as a bug."""
    if isinstance(error, OSError) and error.errno in FULL and error.filename is None:
        _drop_output()
        with suppress(OSError):  # it may be the error output itself
            _write_error(f"the output cannot be written: {error.strerror}")
        return Exit.USAGE
    refused = refusal(error)
    if refused is None:
        return _bug()
    _write_error(refused)
    return Exit.USAGE


def _parsed(app: App, tokens: list[str]) -> tuple[Callable[..., Exit], BoundArguments]:
    """Return the command that was asked for, and its arguments.

    Raises:
        CycloptsError: there is no such command, or it does not take such arguments.
    """
    from cyclopts import MissingArgumentError  # noqa: PLC0415  # as above

    from peerlint.cli.tokens import inventory_first  # noqa: PLC0415

    try:
        command, bound, _ = app.parse_args(tokens, exit_on_error=False, print_error=False)
    except MissingArgumentError:
        again = inventory_first(tokens)
        if again is None:
            raise
        command, bound, _ = app.parse_args(again, exit_on_error=False, print_error=False)
    return command, bound


def _app(tokens: Sequence[str]) -> App:
    """Return the parser: of the command that was typed, or of all of them.

    Each command imports other packages, and importing all of them takes longer than most commands.
    """
    from cyclopts import App, Parameter  # noqa: PLC0415

    app = App(
        name="peerlint",
        help="Will the routes that you show to Microsoft (AS8075) pass Azure Peering Service?",
        version=version,
        # A value is text, not JSON: a file name may begin with a bracket.
        default_parameter=Parameter(json_list=False, json_dict=False),
    )
    for name in tokens[:1] if tokens and tokens[0] in _COMMANDS else _COMMANDS:
        _add(app, name)
    return app


def _add(app: App, name: str) -> None:
    """Add a command to the parser: the function of its name, with an example for its help page."""
    from cyclopts import App  # noqa: PLC0415

    if name == "import":
        module = import_module("peerlint.cli.commands.import_")
        example = _example(module)
        text = "Make or update an inventory from somebody else's data."
        importing = App(name=name, help=text, help_epilogue=example)
        importing.command(module.azure, help_epilogue=example)
        app.command(importing)
        return
    module = import_module(f"peerlint.cli.commands.{name}")
    if name == "registry":
        text = "Build a file of what IRRs, RIRs, RPKI and PeeringDB say, and ask it."
        registry = App(name=name, help=text, help_epilogue=_example(module))
        examples = {"build": module.BUILD_EXAMPLE, "validate": module.VALIDATE_EXAMPLE}
        for each in ("build", "show", "validate"):
            example = examples.get(each, module.EXAMPLE)
            registry.command(getattr(module, each), help_epilogue=f"Example: `{example}`")
        app.command(registry)
        return
    usage = getattr(module, "USAGE", None)
    app.command(getattr(module, name), help_epilogue=_example(module), usage=usage)


def _example(module: ModuleType) -> str:
    return f"Example: `{module.EXAMPLE}`"


def version() -> str:
    """Return the version, and which kernel reads the dumps."""
    from peerlint import COMPILED  # noqa: PLC0415  # only asked for by --version

    return f"peerlint {__version__} ({'compiled' if COMPILED else 'Python'} kernel)"


def _write_error(text: str) -> None:
    # The text may quote a file that is not trusted, so control characters are escaped. Errors have
    # lines of their own, and have escaped line ends of files.
    try:
        from peerlint.display import displayed_quote  # noqa: PLC0415  # only when something is wrong
    except (OSError, ImportError):  # no file can be opened any more
        lines = [ascii(text)[1:-1]]
    else:
        lines = [*map(displayed_quote, text.split("\n"))]
    sys.stderr.write("peerlint: {}\n".format("\n".join(lines)))


def _bug() -> Exit:
    import traceback  # noqa: PLC0415  # only when it is needed

    from peerlint.display import displayed_quote  # noqa: PLC0415

    # The message of an exception may quote anything, on several lines.
    for line in traceback.format_exc().splitlines():
        sys.stderr.write(f"| {displayed_quote(line)}\n")
    _write_error(
        "this is a mistake in peerlint, not in your data. Please report it with the lines above."
    )
    return Exit.BUG
