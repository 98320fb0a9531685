"""Routes into files: what does not show in a small file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyarrow import parquet

import peerlint
from peerlint.bulk.encoders import parquet as encoder
from peerlint.cli.out import out_file
from peerlint.testing.dumps import RibDump


def dump(folder: Path, peer: str, *routes: str) -> str:
    """Write a RIB of one peer; return its name."""
    rib = RibDump()
    rib.routes(rib.peer(peer, 64500), *routes)
    file = folder / f"{len(list(folder.iterdir()))}.mrt"
    file.write_bytes(rib.octets())
    return str(file)


@pytest.mark.parametrize(("name", "groups"), [("ROW_GROUP", 3), ("MEMORY", 3), (None, 1)])
def test_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, groups: int
) -> None:
    """A file of several groups and dumps reads as one table; its peers are each dump's own."""
    dumps = [
        dump(tmp_path, "192.0.2.1", "203.0.113.0/24 path 64500 community 8075:8007 64500:1"),
        dump(tmp_path, "192.0.2.2", "198.51.100.0/24 path 64500 {64501 64502}"),
        dump(tmp_path, "192.0.2.1", "203.0.113.128/25 path 64500 large 64500:1:2"),
    ]
    if name is not None:
        monkeypatch.setattr(encoder, name, 1)
    file = tmp_path / "routes.parquet"

    with out_file(str(file), paths=True) as writer:
        for each in dumps:
            for batch in peerlint.scan(each):
                writer.write(batch)

    table = parquet.read_table(file)
    assert groups == parquet.ParquetFile(file).metadata.num_row_groups
    assert ["192.0.2.1", "192.0.2.2", "192.0.2.1"] == table["peer"].to_pylist()
    assert ["64500", "64500 {64501,64502}", "64500"] == table["path"].to_pylist()
    assert [["8075:8007", "64500:1"], [], ["64500:1:2"]] == table["communities"].to_pylist()
    assert "list<element: string>" == str(table.schema.field("communities").type)
