"""`peerlint import azure`: Azure's exports into an inventory file."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated

from cyclopts import Parameter

from peerlint.api.azure import import_azure, load_azure
from peerlint.cli.exits import Exit
from peerlint.errors import FeedError, InputError
from peerlint.inventory import Inventory, RegisteredAsn, RegisteredPrefix, ServicePrefix
from peerlint.inventory.azure import Export
from peerlint.report.words import clean

_KeyHolder = RegisteredPrefix | RegisteredAsn | ServicePrefix


def azure(
    files: Annotated[list[str] | None, Parameter(negative="")] = None,
    /,
    *,
    subscription: str | None = None,
    output: Annotated[str | None, Parameter(name=("--output", "-o"))] = None,
    no_keys: Annotated[bool, Parameter(negative="")] = False,
) -> Exit:
    """Put Azure's JSON exports into an inventory, and keep everything that you added to it.

    Parameters
    ----------
    files
        Exports of peerings, peer ASNs, registered prefixes and ASNs, peering services and their
        prefixes, as `az`, ARM or PowerShell print them; all at once, in any order.
    subscription
        The id of a subscription, to ask Azure itself, with your login and without changing
        anything there. Needs `pip install 'peerlint[azure]'`.
    output
        The inventory file: updated, or made. Without it, the text goes to standard output, and
        prefix keys are left out.
    no_keys
        Leave the exports' prefix keys out. Keys that the file has already stay.
    """
    if not files and subscription is None:
        raise InputError("exports", expected="files, or --subscription", found="neither")
    export = load_azure(files or (), subscription=subscription)
    imported = import_azure(export, output, keys=not no_keys and output is not None)
    for remark in imported.remarks:
        sys.stderr.write(f"peerlint: {clean(remark)}\n")
    if not imported.text:
        found = "none in these exports"
        raise InputError("exports", expected="a peering, which all else belongs to", found=found)
    if output is None:
        sys.stdout.write(imported.text)
        if not no_keys and _exports_keys(export):
            sys.stderr.write("peerlint: keys are left out: to keep them, give --output FILE\n")
        return Exit.CLEAN
    is_private = _has_keys(imported.inventory)
    _write(Path(output), imported.text, is_private=is_private)
    done = "written" if imported.is_changed else "nothing new"
    private = "; it holds keys, so only you can read it" if is_private else ""
    sys.stderr.write(f"peerlint: {output}: {done}{private}\n")
    return Exit.CLEAN


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


def _write(path: Path, text: str, *, is_private: bool) -> None:
    """Replace a file as a whole: nobody ever sees half of it, or a key in the open."""
    target = path.resolve()
    try:
        descriptor, name = mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
        new = Path(name)
        try:
            with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123  # a descriptor has no path
                file.write(text)
            if not is_private:
                new.chmod(_mode(target))
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise FeedError(str(path), f"cannot be written: {error.strerror}") from error


def _mode(path: Path) -> int:
    """Return the mode that a file has, or that a new one would get."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
