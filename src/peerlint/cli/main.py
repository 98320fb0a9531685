"""The command line: arguments in, exit status out."""

from __future__ import annotations

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
    "init", "check", "route", "scan", "dump", "diff", "explain", "keys", "rules", "import",
)  # fmt: skip

#: The size of a terminal. Help in one column or two would never end.
_SIZE: Final = re.compile(r"[2-9][0-9]|[1-9][0-9]{2,3}", re.ASCII)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave it.

    Args:
        arguments: what the user typed after the program's name; None for `sys.argv`.
    """
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
    """Run one command, and return what the program says to its caller."""
    try:
        status = run(tokens)
        sys.stdout.flush()
    except BrokenPipeError:
        if not _has_no_reader():  # another pipe, of processes of ours
            return _bug()
        _drop_output()  # who read it has seen enough
        return Exit.CLEAN
    except SignalReceived:
        raise
    except KeyboardInterrupt:  # raised by hand, or in a thread without handlers of signals
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # what the system refuses, or a bug of ours
        return _failed(error)
    return status


def _open_streams() -> None:
    """Make both outputs take any text.

    What the caller has closed (`>&-`) is opened: Python leaves None there, and writes fail. A
    terminal or locale that lacks a character gets a question mark instead of it.
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
        watch.register(stream.fileno(), 0)  # an error is told without being asked for
    return any(event & select.POLLERR for _, event in watch.poll(0))


def _drop_output() -> None:
    """Let go of what is not written yet: Python would try once more at its end."""
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

    # What is read as a secret from here on is in no output of this run.
    with collected() as secrets:
        for word in tokens:
            secrets.add_name(word)
        try:
            return _run(tokens)
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001  # what the system refuses, or a bug of ours
            return _failed(error)


def _run(tokens: Sequence[str]) -> Exit:
    from cyclopts import CycloptsError  # noqa: PLC0415  # `--version` must not wait for it

    from peerlint.cli.tokens import prepared  # noqa: PLC0415
    from peerlint.errors import PeerlintError  # noqa: PLC0415

    try:
        command, bound = _parsed(_app(tokens), prepared(tokens))
        try:
            status = command(*bound.args, **bound.kwargs)
        except SystemExit:  # raised where the reader of a page of help is gone
            return Exit.CLEAN
        return status if isinstance(status, Exit) else Exit.CLEAN
    except CycloptsError as error:
        from peerlint.cli.usage import plainly  # noqa: PLC0415  # only when something went wrong
        from peerlint.display import displayed_quote  # noqa: PLC0415

        command_line = " ".join(("peerlint", *(word for word in tokens[:1] if word in _COMMANDS)))
        said = displayed_quote(plainly(error))
        _say(f"{said}\nSee `{command_line} --help`.")
    except PeerlintError as error:
        _say(str(error))
    return Exit.USAGE


def _failed(error: Exception) -> Exit:
    """Say what the system refused; anything else is a bug of ours, and said as one."""
    if isinstance(error, OSError) and error.errno in FULL and error.filename is None:
        _drop_output()
        with suppress(OSError):  # it may be the error output itself
            _say(f"the output cannot be written: {error.strerror}")
        return Exit.USAGE
    refused = refusal(error)
    if refused is None:
        return _bug()
    _say(refused)
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

    Each command needs other rooms, and to open all of them takes longer than most of the work.
    """
    from cyclopts import App, Parameter  # noqa: PLC0415

    app = App(
        name="peerlint",
        help="Will the routes that you show to Microsoft (AS8075) pass Azure Peering Service?",
        version=version,
        # A value is a text, not JSON: who types a file's name may begin it with a bracket.
        default_parameter=Parameter(json_list=False, json_dict=False),
    )
    for name in tokens[:1] if tokens and tokens[0] in _COMMANDS else _COMMANDS:
        _add(app, name)
    return app


def _add(app: App, name: str) -> None:
    """Give the parser a command: a function of its name, and an example for its page of help."""
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
    usage = getattr(module, "USAGE", None)
    app.command(getattr(module, name), help_epilogue=_example(module), usage=usage)


def _example(module: ModuleType) -> str:
    return f"Example: `{module.EXAMPLE}`"


def version() -> str:
    """Return the version, and which kernel reads the dumps."""
    from peerlint import COMPILED  # noqa: PLC0415  # only asked for by --version

    return f"peerlint {__version__} ({'compiled' if COMPILED else 'Python'} kernel)"


def _say(text: str) -> None:
    # It may quote a file that somebody else wrote: no terminal shall obey that. Errors have their
    # own lines, and have made those of a file visible.
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

    # What an exception of Python's says may quote anything, on any number of lines.
    for line in traceback.format_exc().splitlines():
        sys.stderr.write(f"| {displayed_quote(line)}\n")
    _say("this is a mistake in peerlint, not in your data. Please report it with the lines above.")
    return Exit.BUG
