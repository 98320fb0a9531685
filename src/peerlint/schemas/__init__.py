"""JSON Schemas (draft 2020-12) of what people write and what machines read.

===========  ========================================================================
inventory    the inventory file; TOML's dates are texts, as editors' TOML tools have it
report       the JSON report, schema `peerlint/report/2`
===========  ========================================================================

They are made from the classes by `docs/generate.py`; the files lie in this package.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Literal

from peerlint.schemas._dialects import SCHEMAS, made_schema

Json = dict[str, object]

__all__ = ["SCHEMAS", "Json", "made_schema", "shipped_schema"]


def shipped_schema(name: Literal["inventory", "report"]) -> Json:
    """Return a schema that comes with the package."""
    text = files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    schema: Json = json.loads(text)
    return schema
