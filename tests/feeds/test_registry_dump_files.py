"""Dumps of registries from files: compression is found by content, and what is wrong is said."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import zstandard

from peerlint.errors import FeedError, InputError, PeerlintError
from peerlint.feeds.registry_dumps import (
    DELEGATED,
    IRR,
    PEERINGDB,
    SLURM,
    VRPS,
    open_dump,
    read_delegated_file,
    read_irr_dump,
    read_peeringdb_file,
    read_slurm_file,
    read_vrp_file,
)
from peerlint.registry.rpki import VrpDump

NOW: Final = 1_796_000_000_000_000
RPSL: Final = (
    b"route: 203.0.113.0/24\norigin: AS64500\nsource: RADB\n\nas-set: AS-X\nsource: RADB\n"
)
CSV: Final = b"ASN,IP Prefix,Max Length,Trust Anchor\nAS64500,203.0.113.0/24,24,ripe\n"
JSON: Final = b'{"roas": [{"asn": 64500, "prefix": "203.0.113.0/24", "maxLength": 24}]}'
RIR: Final = (
    b"2|ripencc|20261129|2|19700101|20261129|+0000\n"
    b"ripencc|NL|asn|64500|1|20200101|allocated|x\n"
    b"ripencc|NL|asn|64501|1|20200101|allocated|x\n"
)
EXCEPTIONS: Final = (
    b'{"slurmVersion": 1, "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},'
    b' "locallyAddedAssertions": {"prefixAssertions": [], "bgpsecAssertions": []}}'
)
NETWORKS: Final = b'{"net": {"data": [{"id": 9, "asn": 64500, "name": "Contoso"}]}}'
COMPRESSIONS: Final = {
    "plain": lambda octets: octets,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstandard.compress,
}
READERS: Final[dict[str, tuple[bytes, str, Callable[[Path], object]]]] = {
    "irr": (RPSL, IRR, lambda path: len(read_irr_dump(open_dump(str(path), IRR)).routes)),
    "delegated": (
        RIR,
        DELEGATED,
        lambda path: len(read_delegated_file(open_dump(str(path), DELEGATED)).asns) - 1,
    ),
    "vrps": (JSON, VRPS, lambda path: len(_vrps(path).columns)),
    "vrps-csv": (CSV, VRPS, lambda path: len(_vrps(path).columns)),
    "slurm": (
        EXCEPTIONS,
        SLURM,
        lambda path: 1 + len(read_slurm_file(open_dump(str(path), SLURM)).filters),
    ),
    "peeringdb": (
        NETWORKS,
        PEERINGDB,
        lambda path: len(read_peeringdb_file(open_dump(str(path), PEERINGDB)).networks),
    ),
}


def _vrps(path: Path) -> VrpDump:
    return read_vrp_file(open_dump(str(path), VRPS), NOW)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("kind", READERS)
def test_compressions(tmp_path: Path, kind: str, compression: str) -> None:
    """A file is decompressed by its content; its name says nothing."""
    octets, _, read = READERS[kind]
    path = tmp_path / "file"
    path.write_bytes(COMPRESSIONS[compression](octets))

    assert 1 == read(path)


@pytest.mark.parametrize("kind", READERS)
def test_a_missing_file(tmp_path: Path, kind: str) -> None:
    """The message names the file and what it should be."""
    _, expected, read = READERS[kind]

    with pytest.raises(FeedError) as error:
        read(tmp_path / "none")

    assert f"{tmp_path}/none: no such file; expected {expected}" == str(error.value)


@pytest.mark.parametrize("kind", READERS)
def test_a_directory(tmp_path: Path, kind: str) -> None:
    """A directory is none of the files."""
    with pytest.raises(FeedError, match=r"a directory; expected a.* name the file in it"):
        READERS[kind][2](tmp_path)


def test_a_url() -> None:
    """Registries are not fetched: the message says what to do."""
    with pytest.raises(InputError, match=r"radb\.db\.gz'; download it first"):
        open_dump("https://rr.example/radb.db.gz", IRR)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("octets", [b"", b"\x80\x81" * 50_000, b"<html>404</html>\n"])
def test_another_content(tmp_path: Path, kind: str, octets: bytes) -> None:
    """A file that is empty, or is something else, is an error that names the file."""
    path = tmp_path / "file"
    path.write_bytes(octets)

    with pytest.raises(PeerlintError, match=r"file: expected .*, found "):
        READERS[kind][2](path)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("other", READERS)
def test_files_of_another_kind(tmp_path: Path, kind: str, other: str) -> None:
    """A file that is given as another kind of source is an error, not a source without records."""
    path = tmp_path / "file"
    path.write_bytes(READERS[other][0])
    if kind.startswith("vrps") == other.startswith("vrps") and kind[:4] == other[:4]:
        return

    with pytest.raises(PeerlintError, match=r"file.*: expected "):
        READERS[kind][2](path)


@pytest.mark.parametrize("kind", ["irr", "delegated"])
def test_a_cut_stream_of_records(tmp_path: Path, kind: str) -> None:
    """What a compressed stream has before its end is kept, and said to be cut."""
    octets, _, _ = READERS[kind]
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(octets)[:-4])

    dump = open_dump(str(path), IRR)
    found = read_irr_dump(dump) if kind == "irr" else read_delegated_file(dump)

    assert found.is_cut


@pytest.mark.parametrize("kind", ["vrps", "vrps-csv", "slurm", "peeringdb"])
def test_a_cut_stream_that_has_to_be_whole(tmp_path: Path, kind: str) -> None:
    """Fewer VRPs would make routes invalid: a stream that is cut is an error."""
    octets, _, read = READERS[kind]
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(octets)[:-4])

    with pytest.raises(FeedError, match="not whole: the gzip stream ends before its end"):
        read(path)


@pytest.mark.parametrize("kind", READERS)
def test_a_stream_that_is_cut_before_its_first_octet(tmp_path: Path, kind: str) -> None:
    """A compressed file that gives nothing is not an empty one: the message says that it is cut."""
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(READERS[kind][0])[:12])

    with pytest.raises(FeedError, match="not whole: the gzip stream ends before its end"):
        READERS[kind][2](path)


def test_names_without_folders(tmp_path: Path) -> None:
    """The name of a file of VRPs does not depend on where it is."""
    path = tmp_path / "vrps.json"
    path.write_bytes(JSON)

    assert "vrps.json" == _vrps(path).name


def test_as_sets_are_left_out(tmp_path: Path) -> None:
    """The members of as-sets would take memory, and no registry file has them."""
    path = tmp_path / "radb.db"
    path.write_bytes(RPSL)

    assert () == read_irr_dump(open_dump(str(path), IRR)).as_sets
