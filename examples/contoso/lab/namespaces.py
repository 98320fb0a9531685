"""Network namespaces, one per router, joined by veth pairs; no packet leaves them."""

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from errors import LabError

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_COMMAND_SECONDS = 20.0


def ask(*command: str | Path) -> str:
    """Run a short command and return what it prints."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise LabError(f"{' '.join(words)}: no answer in {_COMMAND_SECONDS:.0f} s") from late
    if done.returncode != 0:
        output = (done.stderr or done.stdout).strip()
        raise LabError(f"{' '.join(words)}: exit {done.returncode}: {output}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network namespace that the lab made."""

    name: str

    def ask(self, *command: str | Path) -> str:
        """Run a short command inside the namespace and return what it prints."""
        return ask("ip", "netns", "exec", self.name, *command)

    def start(
        self, command: Iterable[str | Path], log: IO[bytes], private: str | None
    ) -> subprocess.Popen[bytes]:
        """Start a daemon that stays in the foreground.

        `private` is a folder that the daemon needs and that no other process may see. It is made
        on a file system in memory, which is mounted over its parent for this daemon only.
        """
        words = [str(word) for word in command]
        if private is not None:
            mount = f"mount -t tmpfs -o mode=755 lab {Path(private).parent} && mkdir {private}"
            words = ["sh", "-c", f'{mount} && exec "$@"', "sh", *words]
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name, *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def add_address(self, interface: str, address: str) -> None:
        """Give an interface its end of a /31 and bring it up."""
        ask("ip", "-n", self.name, "address", "add", f"{address}/31", "dev", interface)
        ask("ip", "-n", self.name, "link", "set", interface, "up")


def make_namespace(name: str, cleanup: ExitStack) -> Namespace:
    """Make a namespace with its loopback up; `cleanup` ends what runs in it and deletes it."""
    namespace = Namespace(f"peerlint-{os.getpid()}-{name}")
    cleanup.callback(_delete, namespace.name)
    with signals_held():
        ask("ip", "netns", "add", namespace.name)
    ask("ip", "-n", namespace.name, "link", "set", "lo", "up")
    return namespace


@contextmanager
def signals_held() -> Iterator[None]:
    """Block signals while something is made, so that the cleanup knows of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _delete(name: str) -> None:
    for pid in _output("ip", "netns", "pids", name).split():
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    _output("ip", "netns", "delete", name)


def _output(*command: str) -> str:
    """Run a command of the cleanup, which goes on when one fails."""
    try:
        return ask(*command)
    except LabError:
        return ""


def join(near: Namespace, near_interface: str, far: Namespace, far_interface: str) -> None:
    """Join two namespaces with a veth pair."""
    near_end = ("name", near_interface, "netns", near.name)
    far_end = ("name", far_interface, "netns", far.name)
    ask("ip", "link", "add", *near_end, "type", "veth", "peer", *far_end)
