"""JSON Schemas (draft 2020-12) of peerlint's files and messages.

===========  ========================================================================
inventory    the inventory file; TOML's dates are strings, as in TOML tools of editors
report       the JSON report, schema `peerlint/report/2`
alert        a message about an alert, schema `peerlint/alert/1`
replay       what a monitor would have said of archives, schema `peerlint/replay/1`
===========  ========================================================================

`docs/generate.py` generates them from the classes; the files are part of this package.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Literal

from peerlint.schemas._formats import SCHEMAS, generate_schema

Json = dict[str, object]

__all__ = ["SCHEMAS", "Json", "generate_schema", "shipped_schema"]


def shipped_schema(name: Literal["inventory", "report", "alert", "replay"]) -> Json:
    """Return a schema that the package contains."""
    text = files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    schema: Json = json.loads(text)
    return schema
