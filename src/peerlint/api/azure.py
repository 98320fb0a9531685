"""Azure's exports, and inventories made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

from peerlint.api.files import is_there, octets_of, text_of
from peerlint.api.inventories import RULES
from peerlint.api.secrets import taken_up
from peerlint.arguments import A_PATH, A_STRING, PATH, as_tuple, must_be
from peerlint.errors import InputError, InventoryError
from peerlint.feeds.azure import azure_files, connect
from peerlint.inventory import Inventory
from peerlint.inventory.azure import Export, merge, read_export
from peerlint.inventory.edit import edited
from peerlint.inventory.toml import parse_inventory
from peerlint.redaction import collected, redacted

#: The id of a subscription; Azure's are GUIDs.
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_AN_ID: Final = "an id such as 00000000-0000-0000-0000-000000000000"


@attrs.frozen
class Imported:
    """An inventory file with Azure's exports in it; nothing is written yet.

    Attributes:
        text: the file's new text, with keys in clear.
        inventory: what it says.
        is_changed: whether it differs from the file.
        remarks: what was passed over, and what the exports do not have any more.
    """

    text: str
    inventory: Inventory
    is_changed: bool
    remarks: tuple[str, ...]


def load_azure(files: Iterable[str | Path] = (), *, subscription: str | None = None) -> Export:
    """Read Azure's JSON exports, in any of their shapes, or Azure itself.

    Args:
        files: exports.
        subscription: an id: its lists are read from Azure, without changing anything there
            (needs the extra `azure`, and a login that may read).

    Raises:
        FeedError: a file cannot be read, or Azure cannot be reached or refuses.
        ExportError: a file is no export, or an answer is not what Azure's API promises.
    """
    exports = [
        (str(file), octets_of(Path(file))) for file in as_tuple("files", files, PATH, A_PATH)
    ]
    must_be("subscription", subscription, str, A_STRING, or_none=True)
    if subscription is not None:
        # It becomes a part of a URL.
        if not _ID.fullmatch(subscription):
            raise InputError("subscription", expected=_AN_ID, found=subscription)
        exports += azure_files(connect(subscription))
    return read_export(exports)


def import_azure(
    export: Export, inventory: str | Path | None = None, *, keys: bool = True
) -> Imported:
    """Put Azure's exports into an inventory file, and keep everything that a person added.

    Args:
        export: what Azure says.
        inventory: the file that they go into; None for a new one, as is a file that is missing.
        keys: whether prefix keys are taken.

    Raises:
        FeedError: the inventory file cannot be read.
        InventoryError: it has mistakes, or would have them afterwards.
        ExportError: the AS of a new peering is not in the exports.
    """
    must_be("export", export, Export, "an Export, as load_azure() returns it")
    must_be("inventory", inventory, PATH, A_PATH, or_none=True)
    with collected() as secrets:
        taken_up(export, secrets)
        return _imported(export, inventory, keys=keys)


def _imported(export: Export, inventory: str | Path | None, *, keys: bool) -> Imported:
    name = "the new inventory" if inventory is None else str(inventory)
    is_old = inventory is not None and is_there(Path(inventory))
    text = text_of(Path(name), InventoryError, "TOML") if is_old else ""
    before = parse_inventory(text, name, RULES)
    merged = merge(before, export, keys=keys)
    new = edited(text, before, merged.inventory)
    remarks = (*export.remarks, *map(_unfinished, export.unfinished), *merged.remarks)
    after = parse_inventory(new, name, RULES)
    return Imported(new, after, new != text, tuple(map(redacted, remarks)))


def _unfinished(file: str) -> str:
    return f"{file}: it ends with a link to a next page: export that page too"
