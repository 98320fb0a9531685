"""What threads may share: values, always; a reading of a dump, one thread at a time."""

from __future__ import annotations

import inspect
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import peerlint
from peerlint import ConcurrentUseError
from peerlint.testing.dumps import RibDump

READINGS = [peerlint.scan, peerlint.dump]


@pytest.fixture
def dump_file(tmp_path: Path) -> Path:
    """A dump of a few routes."""
    dump = RibDump()
    peer = dump.peer("192.0.2.1", 64500)
    dump.routes(peer, *(f"198.51.100.{number}/32 path 64500" for number in range(50)))
    path = tmp_path / "rib.mrt"
    path.write_bytes(dump.octets())
    return path


def meanwhile(ask: Callable[[], object]) -> object:
    """Return what another thread gets."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).exception(10)


@pytest.mark.parametrize("read", READINGS)
def test_a_second_thread_gets_an_error(read: Any, dump_file: Path) -> None:  # noqa: ANN401
    """While one thread is inside, to get the next item, another gets neither items nor counts."""
    found: dict[str, object] = {}
    reading = read(dump_file, on_chunk=lambda *_: found.update(asked()))
    every = iter(reading)

    def asked() -> dict[str, object]:
        names = [
            name for name in ("quality", "tally", "counts", "times") if hasattr(type(reading), name)
        ]
        questions = {name: lambda name=name: getattr(reading, name) for name in names}
        questions |= {"the same iterator": lambda: next(every)}
        questions |= {"another iterator": lambda: next(iter(reading))}
        return {name: meanwhile(ask) for name, ask in questions.items()}

    assert len(list(every)) >= 1
    assert len(found) >= 3
    assert {type(error) for error in found.values()} == {ConcurrentUseError}
    assert reading.quality.is_complete


@pytest.mark.parametrize("read", READINGS)
def test_the_thread_inside_may_ask_how_far_it_is(read: Any, dump_file: Path) -> None:  # noqa: ANN401
    """`on_chunk` is called inside, and may look at the reading."""
    seen = []
    reading = read(dump_file, on_chunk=lambda *_: seen.append(reading.quality))
    assert list(reading)
    assert seen


@pytest.mark.parametrize("read", READINGS)
def test_threads_may_take_turns(read: Any, dump_file: Path) -> None:  # noqa: ANN401
    """An iterator may wander from thread to thread, as `asyncio.to_thread` makes it do."""
    every = iter(read(dump_file))
    found = []
    for _ in range(1_000):
        with ThreadPoolExecutor(1) as pool:
            item = pool.submit(next, every, None).result()
        if item is None:
            break
        found.append(item)
    assert found


def test_many_threads_never_get_wrong_numbers(dump_file: Path) -> None:
    """Threads that fight for one scan get an error or batches, and all octets are accounted for."""
    for _ in range(20):
        scan = peerlint.scan(dump_file, threads=1)
        errors: list[BaseException] = []

        def fight(scan: peerlint.Scan = scan, errors: list[BaseException] = errors) -> None:
            try:
                for batch in scan:
                    len(batch)
            except ConcurrentUseError as error:
                errors.append(error)

        threads = [threading.Thread(target=fight) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(errors) < 4
        quality = scan.quality
        assert quality.read + quality.skipped + quality.lost == quality.octets


def test_the_error_says_what_to_do() -> None:
    """It names the object and both ways out, and is a RuntimeError; it survives pickle."""
    error = pickle.loads(pickle.dumps(ConcurrentUseError("Scan")))  # noqa: S301  # our own
    assert isinstance(error, RuntimeError)
    assert str(error) == (
        "Scan: another thread is using it; make one for each thread, or let one thread iterate "
        "and hand over what it gets"
    )


@pytest.mark.parametrize(
    "name",
    ["Element", "Elements", "Inventory", "Quality", "Report", "RouteBatch", "Scan", "Selection",
     "Tally"],
)  # fmt: skip
def test_public_objects_say_whether_threads_may_share_them(name: str) -> None:
    """Whatever holds more than a number or a text says it in its docstring."""
    assert "thread" in (inspect.getdoc(getattr(peerlint, name)) or "").lower()
