"""Azure's exports, and inventories updated from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

from peerlint.api.inventories import RULES
from peerlint.api.secrets import collect_keys
from peerlint.arguments import A_PATH, A_STRING, PATH, as_tuple, must_be
from peerlint.errors import InputError, InventoryError
from peerlint.feeds import exists, read_octets, read_text
from peerlint.feeds.azure import azure_files, connect
from peerlint.inventory import Inventory, RegisteredAsn, RegisteredPrefix, ServicePrefix
from peerlint.inventory.azure import Export, merge, read_export
from peerlint.inventory.edit import edited
from peerlint.inventory.toml import parse_inventory
from peerlint.redaction import collected, redacted

#: The id of a subscription; Azure's are GUIDs.
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_KeyHolder = RegisteredPrefix | RegisteredAsn | ServicePrefix
_AN_ID: Final = "an id such as 00000000-0000-0000-0000-000000000000"


@attrs.frozen
class Imported:
    """An inventory file with Azure's exports merged in; nothing is written yet.

    Attributes:
        text: the file's new text, with keys in clear.
        inventory: what the text declares.
        is_changed: whether it differs from the file.
        remarks: what was skipped, and what the exports no longer have.
        has_keys: whether there are prefix keys in the text.
        has_exported_keys: whether there are prefix keys in the exports.
    """

    text: str
    inventory: Inventory
    is_changed: bool
    remarks: tuple[str, ...]
    has_keys: bool = False
    has_exported_keys: bool = False


def load_azure(files: Iterable[str | Path] = (), *, subscription: str | None = None) -> Export:
    """Read Azure's JSON exports, in any of their shapes, or Azure itself.

    Args:
        files: exports.
        subscription: the id of a subscription, whose lists are read from Azure's API (needs the
            extra `azure`, and a login that may read).

    Raises:
        FeedError: a file cannot be read, or Azure cannot be reached or refuses.
        ExportError: a file is no export, or an answer is not what Azure's API promises.
    """
    exports = [
        (str(file), read_octets(Path(file))) for file in as_tuple("files", files, PATH, A_PATH)
    ]
    must_be("subscription", subscription, str, A_STRING, or_none=True)
    if subscription is not None:
        # The id becomes a part of a URL.
        if not _ID.fullmatch(subscription):
            raise InputError("subscription", expected=_AN_ID, found=subscription)
        exports += azure_files(connect(subscription))
    return read_export(exports)


def import_azure(
    export: Export, inventory: str | Path | None = None, *, keys: bool = True
) -> Imported:
    """Merge Azure's exports into an inventory file, and keep everything that a person added.

    Args:
        export: as `load_azure` returns it.
        inventory: the inventory file; None or a missing file for a new one.
        keys: whether prefix keys are taken over.

    Raises:
        FeedError: the inventory file cannot be read.
        InventoryError: it has mistakes, or would have them afterwards.
        ExportError: the AS of a new peering is not in the exports.
    """
    must_be("export", export, Export, "an Export, as load_azure() returns it")
    must_be("inventory", inventory, PATH, A_PATH, or_none=True)
    with collected() as secrets:
        collect_keys(export, secrets)
        return _imported(export, inventory, keys=keys)


def _imported(export: Export, inventory: str | Path | None, *, keys: bool) -> Imported:
    name = "the new inventory" if inventory is None else str(inventory)
    is_old = inventory is not None and exists(Path(inventory))
    text = read_text(Path(name), InventoryError, "TOML") if is_old else ""
    before = parse_inventory(text, name, RULES)
    merged = merge(before, export, keys=keys)
    new = edited(text, before, merged.inventory)
    remarks = (*export.remarks, *map(_unfinished, export.unfinished), *merged.remarks)
    after = parse_inventory(new, name, RULES)
    return Imported(
        new,
        after,
        new != text,
        tuple(map(redacted, remarks)),
        has_keys=_has_keys(after),
        has_exported_keys=_exports_keys(export),
    )


def _has_keys(inventory: Inventory) -> bool:
    holders: list[_KeyHolder] = []
    for peering in inventory.peerings:
        holders += [*peering.registered_prefixes, *peering.registered_asns]
    for service in inventory.peering_services:
        holders += service.service_prefixes
    return any(each.key is not None for each in holders)


def _exports_keys(export: Export) -> bool:
    holders: list[_KeyHolder] = []
    for children in (export.registered_prefixes, export.registered_asns, export.service_prefixes):
        holders += [child.value for child in children]
    return any(each.key is not None for each in holders)


def _unfinished(file: str) -> str:
    return f"{file}: it ends with a link to a next page: export that page too"
