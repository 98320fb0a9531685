"""Dumps as files: every compression, several members, streams that are cut or broken."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Final

import pytest
import zstandard

from peerlint.errors import FeedError
from peerlint.feeds import Dump, dumps
from peerlint.feeds.dumps import PIECE
from peerlint.feeds.streams import CHUNK, StreamError, decompressed

Compress = Callable[[bytes], bytes]


def zstd(data: bytes) -> bytes:
    """Compress with Zstandard."""
    return zstandard.ZstdCompressor(level=1).compress(data)


#: Each with a memory: many tests compress the same octets.
KINDS: Final[dict[str, Compress]] = {
    "gzip": cache(lambda data: gzip.compress(data, 1)),
    "bzip2": cache(lambda data: bz2.compress(data, 1)),
    "xz": cache(lambda data: lzma.compress(data, preset=0)),
    "zstandard": cache(zstd),
}
#: Octets that compress little, several chunks of them; they do not start like a compressed file.
NOISE: Final = b"MRT " + random.Random(1).randbytes(CHUNK + CHUNK // 2)  # noqa: S311  # any octets
#: Octets that compress well: what a bomb is made of.
ZEROS: Final = b"MRT " + bytes(8 * CHUNK)
kinds = pytest.mark.parametrize("kind", KINDS)


def read(path: Path) -> tuple[bytes, Dump]:
    """Return the decompressed octets and the dump, read to its end."""
    dump = Dump(str(path))
    return b"".join(dump.chunks()), dump


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let several threads decompress bzip2 files of any size: those of tests are small."""
    monkeypatch.setattr(dumps, "LARGE", 0)


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    return tmp_path / "dump.mrt"


@pytest.mark.parametrize("octets", [b"", b"\0", b"\x1f", b"BZ", NOISE], ids=len)
def test_plain(file: Path, octets: bytes) -> None:
    """A file that is not compressed is read as it is, however short."""
    file.write_bytes(octets)

    found, dump = read(file)

    assert octets == found
    assert (None, len(octets), len(octets) or None) == (dump.cut, dump.octets_taken, dump.size)


@kinds
@pytest.mark.parametrize("octets", [b"", b"x", NOISE], ids=len)
def test_compressed(file: Path, kind: str, octets: bytes) -> None:
    """A compressed file gives its octets back; its name does not matter."""
    packed = KINDS[kind](octets)
    file.write_bytes(packed)

    found, dump = read(file)

    assert octets == found
    assert (None, len(packed), len(packed)) == (dump.cut, dump.octets_taken, dump.size)


@pytest.mark.slow
@kinds
@pytest.mark.parametrize("cut", [0, 1, 100_000])
def test_threads_change_nothing(file: Path, kind: str, cut: int) -> None:
    """One thread or several give the same octets and find the same fault."""
    packed = KINDS[kind](NOISE)
    file.write_bytes(packed[: len(packed) - cut])
    alone, together = Dump(str(file), threads=1), Dump(str(file), threads=3)

    assert b"".join(alone.chunks()) == b"".join(together.chunks())
    assert (alone.cut, alone.octets_taken) == (together.cut, together.octets_taken)


@pytest.mark.slow
@kinds
@pytest.mark.parametrize("gap", [0, 1, PIECE, 2 * PIECE + 1])
def test_several_members(file: Path, kind: str, gap: int) -> None:
    """Streams one after another are one dump; zeros between and behind them are padding."""
    padding = bytes(gap)
    file.write_bytes(
        padding.join([KINDS[kind](NOISE), KINDS[kind](b"x"), KINDS[kind](b"y")]) + padding
    )

    found, dump = read(file)

    assert NOISE + b"xy" == found
    assert dump.cut is None


@kinds
def test_many_small_members(file: Path, kind: str) -> None:
    """Hundreds of members in one chunk are all read."""
    file.write_bytes(KINDS[kind](b"0123456789") * 500)

    found, dump = read(file)

    assert b"0123456789" * 500 == found
    assert dump.cut is None


def skippable(octets: int, number: int = 0) -> bytes:
    """Return a skippable frame (RFC 8878 section 3.1.2): a magic number, its length, anything."""
    return struct.pack("<II", 0x184D2A50 + number, octets) + bytes(octets)


@pytest.mark.parametrize("number", [0, 5, 15])
@pytest.mark.parametrize("octets", [0, 4, 1000, 2 * PIECE])
def test_skippable_frames(file: Path, octets: int, number: int) -> None:
    """A frame that says nothing may stand in front (pzstd), between or behind (seekable files)."""
    skip, first, second = skippable(octets, number), zstd(NOISE), zstd(b"x")
    for parts in (
        [skip, first],
        [first, skip],
        [first, skip, second],
        [skip, skip, first, skip, skip, second, skip],
    ):
        file.write_bytes(b"".join(parts))

        found, dump = read(file)

        assert NOISE + b"x" * (second in parts) == found
        assert dump.cut is None


@pytest.mark.parametrize("octets", [2, 7])
def test_a_skippable_frame_that_is_cut(file: Path, octets: int) -> None:
    """A file that ends inside the frame in front of its first is cut."""
    file.write_bytes(skippable(100)[: 8 + octets])

    assert "the zstandard stream ends before its end" == read(file)[1].cut


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (bytes.fromhex("04224d18 60407382"), "LZ4"),
        (skippable(4) + bytes.fromhex("04224d18 60407382"), "LZ4"),
        (bytes.fromhex("02214c18 0b000000"), "LZ4"),
        (bytes.fromhex("1f9d90 c80d1c"), "compress"),
        (b"\x89LZO\0\r\n\x1a\n", "lzop"),
        (b"LZIP\x01\x0c", "lzip"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "ZIP"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7-Zip"),
    ],
)
def test_compressions_that_are_not_read(file: Path, octets: bytes, name: str) -> None:
    """A compression that is known and not read is named; it is no damaged dump."""
    file.write_bytes(octets + bytes(40))

    with pytest.raises(FeedError) as caught:
        read(file)

    assert f"compressed by {name}, which is not read: decompress it first" == caught.value.reason


@pytest.mark.parametrize(
    "magic",
    [b"BZh9", b"PK\x03\x04", b"LZIP", *(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in (0, 15))],
)
def test_a_record_of_the_second_that_a_magic_number_spells(file: Path, magic: bytes) -> None:
    """The first record's time may read as a magic number, of 2005, 2010, 2012 and later."""
    octets = magic + struct.pack(">HHI", 13, 2, 11) + b"eleven octs"
    file.write_bytes(octets)

    assert octets == read(file)[0]


@kinds
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 1.0])
def test_cut_streams(file: Path, kind: str, share: float) -> None:
    """A stream without its end says so, and gives what stands before the cut."""
    packed = KINDS[kind](NOISE)
    kept = min(len(packed) - 1, int(share * len(packed)))
    file.write_bytes(packed[:kept])

    found, dump = read(file)

    assert f"the {kind} stream ends before its end" == dump.cut
    assert NOISE.startswith(found)
    assert len(found) >= share * len(NOISE) - CHUNK  # a block of bzip2 or zstandard is whole or not


@kinds
@pytest.mark.parametrize("kept", [6, 10])
def test_almost_nothing_of_a_stream(file: Path, kind: str, kept: int) -> None:
    """A head without a body is a cut stream, not an error."""
    file.write_bytes(KINDS[kind](NOISE)[:kept])

    found, dump = read(file)

    assert b"" == found
    assert dump.cut is not None


@kinds
def test_a_second_member_that_is_cut(file: Path, kind: str) -> None:
    """A cut in the second member leaves the first."""
    file.write_bytes(KINDS[kind](b"first") + KINDS[kind](NOISE)[:-20])

    found, dump = read(file)

    assert found.startswith(b"first")
    assert f"the {kind} stream ends before its end" == dump.cut


@kinds
def test_broken_streams(file: Path, kind: str) -> None:
    """A stream whose octets are damaged ends there, says so, and keeps what came before."""
    packed = bytearray(KINDS[kind](NOISE))
    for at in range(len(packed) // 2, len(packed) // 2 + 64):
        packed[at] ^= 0x5A
    file.write_bytes(packed)

    found, dump = read(file)

    # zlib, bzip2 and xz check what they give; a stored block may pass on damaged octets first.
    assert dump.cut is not None
    assert dump.cut.startswith(f"the {kind} stream is broken: ")
    assert NOISE[: CHUNK // 2] == found[: CHUNK // 2]


@kinds
def test_junk_behind_a_stream(file: Path, kind: str) -> None:
    """What follows a stream and is neither zeros nor a stream is said to be broken."""
    file.write_bytes(KINDS[kind](b"whole") + b"no stream at all, and long enough to be looked at")

    found, dump = read(file)

    assert b"whole" == found
    assert dump.cut is not None


@kinds
def test_chunks_are_bounded(file: Path, kind: str) -> None:
    """However well a dump is compressed, a chunk stays small enough to be held."""
    file.write_bytes(KINDS[kind](ZEROS))
    sizes: list[int] = []
    total = 0

    for chunk in Dump(str(file)).chunks():
        sizes.append(len(chunk))
        total += len(chunk)

    # A slice of 1 KiB of a Zstandard stream can hold many blocks, see `_Zstandard`.
    assert max(sizes) <= (32 * CHUNK if kind == "zstandard" else CHUNK)
    assert len(ZEROS) == total


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.mrt", "no such file; expected an MRT dump"),
        (".", "a directory; expected an MRT dump, name the file in it"),
    ],
)
def test_what_cannot_be_opened(tmp_path: Path, name: str, reason: str) -> None:
    """A missing file and a directory are refused at once, by the name that the user gave."""
    with pytest.raises(FeedError) as caught:
        Dump("as typed", tmp_path / name)

    assert ("as typed", reason) == (caught.value.source, caught.value.reason)
    assert f"as typed: {reason}" == str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(file: Path) -> None:
    """A file that may not be read is refused with the system's words."""
    file.write_bytes(b"x")
    file.chmod(0)

    with pytest.raises(FeedError, match="cannot be read: Permission denied"):
        Dump(str(file))


def test_a_file_that_goes_away(file: Path) -> None:
    """A file that disappears after it was opened is a feed error, not a crash."""
    file.write_bytes(b"x")
    dump = Dump(str(file))
    file.unlink()

    with pytest.raises(FeedError, match="cannot be read: No such file"):
        list(dump.chunks())


@kinds
def test_standard_input(kind: str) -> None:
    """A hyphen is standard input, compressed or not, through a pipe."""
    program = (
        "import sys; from peerlint.feeds import Dump; dump = Dump('-');"
        "sys.stdout.buffer.write(b''.join(dump.chunks())); assert dump.cut is None, dump.cut"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], input=KINDS[kind](NOISE), capture_output=True, check=False
    )

    assert (b"", 0) == (done.stderr, done.returncode)
    assert NOISE == done.stdout


def test_a_small_bzip2_file_is_read_by_one_thread(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several threads start for a file of `LARGE` octets, not for one that is smaller."""
    packed = KINDS["bzip2"](NOISE)
    file.write_bytes(packed)
    asked: list[str] = []
    monkeypatch.setattr(dumps, "parallel", lambda *_, **__: asked.append("parallel") or iter(()))

    for least in (len(packed) + 1, len(packed)):
        monkeypatch.setattr(dumps, "LARGE", least)
        read(file)

    assert ["parallel"] == asked


@kinds
def test_a_pipe_that_gives_octet_by_octet(tmp_path: Path, kind: str) -> None:
    """How a file is compressed is told from its first octets, in however many pieces they come."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("wb", buffering=0) as file:
            for octet in KINDS[kind](b"slowly"):
                file.write(bytes((octet,)))
                sleep(0.001)

    writer = Thread(target=write)
    writer.start()

    assert b"slowly" == b"".join(Dump(str(pipe)).chunks())
    writer.join()


def test_a_named_pipe_is_opened_once(tmp_path: Path) -> None:
    """A pipe that is opened, closed and opened again loses its writer, and with it the dump."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    octets = bytes(1 << 20)
    writer = Thread(target=pipe.write_bytes, args=(octets,))
    writer.start()

    dump = Dump(str(pipe))
    sleep(0.1)  # a writer that had met a first reader would be gone by now

    assert octets == b"".join(dump.chunks())
    writer.join()


def test_an_xz_stream_that_asks_for_much_memory(file: Path) -> None:
    """A dictionary of 1.5 GiB, which the head of a stream can ask for, is refused by name."""
    octets = bytearray(lzma.compress(NOISE[:100], preset=0))
    head = slice(12, 12 + 4 * (octets[12] + 1) - 4)  # the head of the first block without its sum
    assert (0x21, 1) == tuple(
        octets[14:16]
    )  # LZMA2, one octet of properties (xz file format 5.3.1)
    octets[16] = 37
    octets[head.stop : head.stop + 4] = zlib.crc32(octets[head]).to_bytes(4, "little")
    file.write_bytes(octets)

    found, dump = read(file)

    assert b"" == found
    assert dump.cut is not None
    assert "emory" in dump.cut


class Counted(bytes):
    """Octets that count how many of them are copied."""

    copied = 0

    def __getitem__(self, key: slice) -> bytes:  # type: ignore[override]  # only slices are asked for
        """Return a part and count it."""
        part = super().__getitem__(key)
        Counted.copied += len(part)
        return part


@kinds
@pytest.mark.parametrize("padding", [b"", bytes(4)], ids=len)
def test_streams_of_few_octets_are_not_copied_over_and_over(
    kind: str, padding: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands behind a stream is not copied for each stream in front of it."""
    monkeypatch.setattr(Counted, "copied", 0)
    octets = Counted((KINDS[kind](b"x") + padding) * (PIECE // 64))

    found = b"".join(decompressed(kind, octets, lambda: b""))

    assert b"x" * (PIECE // 64) == found
    assert Counted.copied <= 16 * len(octets)


def test_what_does_not_compress_comes_in_chunks() -> None:
    """Zstandard is given its input in slices; what they give is joined as far as it is at hand."""
    octets = zstd(NOISE)

    chunks = list(decompressed("zstandard", octets, lambda: b""))

    assert NOISE == b"".join(chunks)
    assert len(chunks) <= 2 + len(NOISE) // (CHUNK // 2)


@kinds
def test_what_was_read_in_front_of_damage_is_not_lost(kind: str) -> None:
    """Chunks that wait to be joined are handed over before the error is raised."""
    octets = KINDS[kind](b"whole") + b"this is no stream"
    chunks = decompressed(kind, octets, lambda: b"")

    assert b"whole" == next(chunks)
    with pytest.raises(StreamError, match="is broken"):
        next(chunks)


READ: Final = (
    "import sys; from peerlint.feeds import Dump; dump = Dump('-');"
    "sys.stdout.buffer.write(b''.join(dump.chunks())); assert dump.cut is None, dump.cut;"
    "print(dump.octets_taken, dump.size, file=sys.stderr)"
)


@pytest.mark.slow
@kinds
@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_standard_input_goes_on_where_it_stands(file: Path, kind: str, name: str) -> None:
    """A file that was read in part is read from there on, as by every other program."""
    octets = KINDS[kind](NOISE)
    file.write_bytes(b"read before" + octets)
    with file.open("rb") as given:
        given.seek(len("read before"))
        program = READ.replace("'-'", repr(name))
        done = subprocess.run(
            [sys.executable, "-c", program], stdin=given, capture_output=True, check=True
        )

    assert NOISE == done.stdout
    assert f"{len(octets)} {len(octets)}" == done.stderr.decode().strip()


@pytest.mark.parametrize("blocking", [True, False])
def test_standard_input_is_a_socket(blocking: bool) -> None:
    """A socket cannot be opened by a name; one that does not block is waited for."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(blocking)
        with subprocess.Popen(
            [sys.executable, "-c", READ], stdin=theirs, stdout=subprocess.PIPE
        ) as program:
            for part in (b"MRT ", b"and more"):
                sleep(0.05)
                ours.sendall(part)
            ours.shutdown(socket.SHUT_RDWR)
            assert program.stdout is not None
            assert b"MRT and more" == program.stdout.read()

    assert 0 == program.returncode


def test_standard_input_that_is_closed() -> None:
    """Standard input that is closed is a feed error."""
    program = "from peerlint.feeds import Dump\ntry: Dump('-')\nexcept OSError as e: print(e)"
    command = ["/bin/sh", "-c", f'"{sys.executable}" -c "$0" <&-', program]

    done = subprocess.run(command, capture_output=True, check=True)

    assert "-: cannot be read: Bad file descriptor" in done.stdout.decode()
