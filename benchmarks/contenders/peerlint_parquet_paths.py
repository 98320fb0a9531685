"""The program writing Parquet, with paths and communities."""

import subprocess
import sys
import tempfile

from pyarrow import parquet

LABEL = "peerlint scan --out FILE.parquet --paths"
NEEDS = ("pyarrow",)


def run(path: str) -> int:
    """Count the rows that were written."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/routes.parquet"
        command = [sys.executable, "-m", "peerlint", "scan", path, "--out", out]
        subprocess.run([*command, *["--paths"]], check=True, stdout=subprocess.DEVNULL)
        rows: int = parquet.ParquetFile(out).metadata.num_rows
    return rows
