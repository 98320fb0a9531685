"""Builds of the compiled kernel and encoder that CI tests: with checked reads, with sanitizers, with mistakes.

python .ci/kernel.py checked   a read outside its array aborts the program
python .ci/kernel.py asan      with AddressSanitizer and UndefinedBehaviorSanitizer
python .ci/kernel.py mutants   each mistake in `MUTANTS` has to make the tests fail
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PARTS = "src/peerlint/bulk/kernel/compiled"
KERNEL = f"{PARTS}/route_kernel.pyx"
ENCODER = f"{PARTS}/text_encoder.pyx"
TESTS = (
    "tests/bulk/test_kernels.py",
    "tests/bulk/test_tally.py",
    "tests/bulk/test_text_encoders.py",
    "tests/bulk/test_bmp.py",
    "tests/bulk/test_hashes.py::test_routes_that_come_and_go",
    "tests/feeds/test_bmp_selection.py",
)
#: The tests that compare both kernels, or the compiled one with the model, row by row.
COMPARED = (
    "tests/bulk/test_kernels.py",
    "tests/bulk/test_two_octets.py",
    "tests/bulk/test_equality.py::test_paths_segment_by_segment",
    "tests/bulk/test_hashes.py::test_routes_that_come_and_go",
)
#: Exit statuses of pytest after tests that passed or failed; by a signal, after a crash.
_RESULTS = (0, 1, *range(-64, 0))
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g")

#: Name, file of the kernel, text that occurs once in the file, and the mistake that replaces it.
MUTANTS = (
    ("a run goes on with another origin", "runs.pxd", "run.origin == origin and ", ""),
    ("a run goes on with another address", "runs.pxd", "run.prefix_hi == prefix.hi and ", ""),
    ("a run goes on with another end of an address", "runs.pxd", "run.prefix_lo == prefix.lo and ", ""),
    ("a run goes on with another length", "runs.pxd", "run.length == prefix.length and ", ""),
    ("a run goes on with another family", "runs.pxd", " and run.family == prefix.family", ""),
    ("runs are given again", "route_kernel.pyx", "runs.count = 0", "pass"),
    ("an AS number loses its top octet", "paths.pxd", "return u32(octets, segment.at + 4 * index)", "return u32(octets, segment.at + 4 * index) & 0xFFFFFF"),
    ("one in a short path loses its top octet", "paths.pxd", "asns[index] = u32(octets, at + 4 * index)", "asns[index] = u32(octets, at + 4 * index) & 0xFFFFFF"),
    ("a peer index one too large is taken", "route_kernel.pyx", "if index >= self.table_size:", "if index > self.table_size:"),
    ("segment type 5 is taken", "paths.pxd", "1 <= found.kind <= 4", "1 <= found.kind <= 5"),
    ("a segment of no members is taken", "paths.pxd", "found.count > 0", "found.count >= 0"),
    ("a set counts its members", "paths.pxd", "found += paths.segments[index].kind == SET", "found += paths.segments[index].count"),
    ("a length of two octets loses the first", "values.pxd", "at + 4, u16(octets, at + 2)", "at + 4, u8(octets, at + 3)"),
    ("the last attribute of a type counts", "values.pxd", "if seen & bit:", "if False:"),
    ("bits right of a prefix's length stay", "prefixes.pxd", "found.hi &= ~ones_right_of(found.length)", "pass"),
    ("microseconds are lost", "route_kernel.pyx", "rows.timestamp += u32(rows.octets, start)", "pass"),
    ("a set does not break a row of repeats", "paths.pxd", "previous = -1  # a set", "pass  # a set"),
    ("AS4_PATH outlives a later aggregation", "paths.pxd", "return  # aggregated since", "pass"),
    ("a longer AS4_PATH is merged", "paths.pxd", "if missing < 0:", "if missing < -1:"),
    ("attributes of an equal start are the same", "rows.pxd", "peer.size != size or", "peer.size < size or"),
    ("a chunk's attributes are compared with another's", "route_kernel.pyx", "self.rows.chunk += 1\n        while True:", "self.rows.chunk = 1\n        while True:"),
    ("an End-of-RIB of IPv6 is one of IPv4", "update.pxd", " if unreach.family == 4 else END_OF_RIB_6", ""),
    ("a watched range ends one address early", "prefixes.pxd", "found.last_lo >= prefix.lo", "found.last_lo > prefix.lo"),
    ("a path of the longest length is too long", "paths.pxd", "if length > paths.max_path:", "if length >= paths.max_path:"),
    ("an UPDATE without next hop is taken", "attributes.pxd", "has(values, NEXT_HOP) or", "True or"),
    ("a list that overruns loses prefixes in silence", "update.pxd", "    elif at < end:\n        lose(found, at, end, ATTRIBUTE_LIST", "    elif at > end:\n        lose(found, at, end, ATTRIBUTE_LIST"),
    ("malformed attributes beside no prefix are no damage", "update.pxd", "    if first >= 0:", "    if first > end:"),
    ("a family that is not read announces nothing", "update.pxd", "return  # it may announce something", "pass  # it may announce something"),
    ("an UPDATE that resets the session ends a RIB", "update.pxd", "    found.ended = 0\n", "    pass\n"),
    ("a malformed attribute that repeats counts", "update.pxd", " and not seen[one.kind >> 6] & bit:", ":"),
    ("AS 0 beside no prefix is taken", "attributes.pxd", "4 if form & AS4 else 2) < 0", "4 if form & AS4 else 2) < -1"),
    ("multicast ends the unicast RIB", "update.pxd", "and unreach.safi == 1:", "and unreach.safi:"),
    ("a withdrawal is counted as a route", "messages.pxd", "if kind == ANNOUNCE:\n            alike.bits", "if kind >= 0:\n            alike.bits"),
    ("a full table forgets the routes", "counts.pxd", "        counter.unsorted += routes\n", ""),
    ("routes that are alike are counted once", "rows.pxd", "peer.alike.routes += 1", "peer.alike.routes = 1"),
    ("the last routes of a chunk are not counted", "route_kernel.pyx", "settle_noted(&self.rows)", "pass"),
    ("a loop of one AS in between is missed", "paths.pxd", "range(index - 1)", "range(index - 2)"),
    ("a TABLE_DUMP has one route a record", "table_dumps.pxd", "count += 1\n        at = after", "count += 1\n        at = end"),
    ("peers of a TABLE_DUMP are distinguished by address alone", "table_dumps.pxd", "session.asn, session.local_asn = u16(rows.octets, start - 4),", "session.asn, session.local_asn = 0,"),
    ("an IPv6 prefix of a TABLE_DUMP loses its lower half", "table_dumps.pxd", "u64(octets, at), u64(octets, at + 8)", "u64(octets, at), 0"),
    ("a KEEPALIVE may have a body", "messages.pxd", "message == 4 and length > 19", "message == 4 and length > 1900"),
    ("a short path of the longest length is too long", "paths.pxd", "if count > paths.max_path:", "if count >= paths.max_path:"),
    ("AS 0 is taken", "paths.pxd", "if form & UPDATE and paths.members[member + index] == 0:", "if False:"),
    ("AS 0 in a short path is taken", "paths.pxd", "if asns[index] == 0 and form & UPDATE:", "if False:"),
    ("three default routes are believed", "update.pxd", "defaults >= MANY_DEFAULTS or", "defaults > MANY_DEFAULTS or"),
    ("bits right of a length do not count", "update.pxd", "            found.has_spare_bits = True", "            pass"),
    ("an UPDATE that cannot be read to the end is accepted", "messages.pxd", "if update.form & UNREADABLE:", "if False:"),
    ("a cut between prefixes is no damage", "messages.pxd", "lose(&update, at + 16, at + 18, MESSAGE_LENGTH, end - at, length)", "pass"),
    ("attributes may follow an MP_REACH_NLRI that is cut", "update.pxd", "elif one.end == list_end:", "elif True:"),
    ("octets after a message are not checked", "messages.pxd", "if not is_message and not is_first:", "if False:"),
    ("a key behind a gap is lost", "tables.pxd", ">= ((slot - gap) & table.mask)", "> ((slot - gap) & table.mask)"),
    ("a table stays as large as it ever was", "tables.pxd", "table.used * SPARSE <= table.mask", "False"),
    ("paths of a prefix are counted once", "other_routes.pxd", "path_id << 8 | prefix.length", "prefix.length"),
    ("a route that is shown now is counted too", "other_routes.pxd", "    if is_gone or is_tagged:\n        is_other = drop", "    if is_gone:\n        is_other = drop"),
    ("a route that lost the community is forgotten", "other_routes.pxd", "        if is_gone:\n            drop(tables, &one.shown, key)", "        if is_gone or not is_tagged:\n            drop(tables, &one.shown, key)"),
    ("routes that are shown keep their room", "other_routes.pxd", "    tables.room += one.others.used + one.shown.used\n", "    tables.room += one.others.used\n"),
)  # fmt: skip


def build(folder: Path, source: str, *flags: str) -> None:
    """Compile the kernel or the encoder in a copy of the sources.

    Args:
        folder: the copy.
        source: the path of the `.pyx` file in it.
        flags: further options of the compiler.
    """
    pyx = folder / source
    made = pyx.with_suffix(".c")
    subprocess.run([sys.executable, "-m", "cython", "-3", pyx, "-o", made], check=True)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    include = sysconfig.get_paths()["include"]
    compiler = ["gcc", "-shared", "-fPIC", "-fwrapv", "-w", f"-I{include}", f"-I{np.get_include()}"]
    command = [*compiler, *flags, made, "-o", pyx.with_name(f"{pyx.stem}{suffix}")]
    subprocess.run(command, check=True)


def passes(folder: Path, *tests: str, env: dict[str, str] | None = None) -> bool:
    """Run all tests of some files, with all examples, on a copy; return whether they pass."""
    options = ("-q", "-x", "-p", "no:cacheprovider", "--full")
    command = [sys.executable, "-m", "pytest", *options, *tests]
    settings = {
        **os.environ,
        "PYTHONPATH": str(folder / "src"),
        "PEERLINT_PURE": "0",
        **(env or {}),
    }
    done = subprocess.run(
        command, cwd=folder, env=settings, check=False, capture_output=True, text=True
    )
    if done.returncode not in (0, 1) or ".c" in done.stderr:
        sys.stdout.write(done.stdout[-3000:] + done.stderr[-3000:])
    if done.returncode not in _RESULTS:
        # Tests that did not run neither pass nor find a mistake.
        raise SystemExit(f"pytest ended with {done.returncode}, not with a result of the tests")
    return done.returncode == 0


def copy(folder: Path) -> Path:
    """Copy sources and tests, without build results, and return the folder."""
    for name in ("src", "tests"):
        ignored = shutil.ignore_patterns("*.so", "*.c", "__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def caught(mutant: tuple[str, str, str, str]) -> bool:
    """Return whether a mistake makes the tests fail."""
    name, part, right, wrong = mutant
    with tempfile.TemporaryDirectory() as temporary:
        folder = copy(Path(temporary))
        source = (folder / PARTS / part).read_text()
        if source.count(right) != 1:
            raise SystemExit(
                f"mutant {name!r}: expected {right!r} once in {part}, found {source.count(right)}"
            )
        (folder / PARTS / part).write_text(source.replace(right, wrong))
        build(folder, KERNEL, "-O1")
        # One failure is enough: shrinking it to the smallest example takes minutes.
        found = not passes(folder, "--hypothesis-profile=found", *COMPARED)
    print(f"{'caught' if found else 'MISSED'}: {name}", flush=True)
    return found


def sanitizer() -> str:
    """Return the library that has to be loaded before Python."""
    found = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def main(step: str) -> int:
    """Run a step; return an exit status."""
    if step == "mutants":
        with ThreadPoolExecutor(2) as pool:
            return 0 if all(list(pool.map(caught, MUTANTS))) else 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = copy(Path(temporary))
        env = {}
        for source in (KERNEL, ENCODER):
            build(
                folder, source, "-O1", "-DPEERLINT_CHECKED", *(SANITIZE if step == "asan" else ())
            )
        if step == "asan":
            # Python's own arenas would hide reads over the end of its octets.
            options = "detect_leaks=0"
            env = {"LD_PRELOAD": sanitizer(), "PYTHONMALLOC": "malloc", "ASAN_OPTIONS": options}
        return 0 if passes(folder, *TESTS, env=env) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
