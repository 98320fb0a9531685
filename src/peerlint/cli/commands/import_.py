"""`peerlint import azure`: Azure's exports into an inventory file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.azure import import_azure, load_azure
from peerlint.cli.exits import Exit
from peerlint.cli.options import Quiet
from peerlint.cli.output import STDOUT, atomic_file, is_stdout, remark, write
from peerlint.display import displayed_quote
from peerlint.errors import InputError
from peerlint.wording import Words

EXAMPLE: Final = "peerlint import azure peerings.json asns.json -o peering.toml"
#: A string in the TOML; what is between strings was written by peerlint.
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')


def azure(
    files: Annotated[list[str] | None, Parameter(negative="")] = None,
    /,
    *,
    subscription: Annotated[str | None, Parameter(metavar="ID")] = None,
    output: Annotated[
        str, Parameter(name=("--output", "-o"), metavar="FILE", show_default=False)
    ] = STDOUT,
    no_keys: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    quiet: Quiet = False,
) -> Exit:
    """Merge Azure's JSON exports into an inventory, and keep everything that you added to it.

    Parameters
    ----------
    files
        Exports of peerings, peer ASNs, registered prefixes and ASNs, peering services and their
        prefixes, as `az`, ARM or PowerShell print them; all at once, in any order.
    subscription
        The id of a subscription, to read from Azure's API with your login, without changing
        anything there. Needs `pip install 'peerlint[azure]'`.
    output
        The inventory file: updated, or made. Without it, or with -, the text goes to standard
        output, and prefix keys are left out.
    no_keys
        Leave the exports' prefix keys out. Keys that the file has already stay.
    """
    if not files and subscription is None:
        raise InputError("exports", expected="files, or --subscription", found=Words("neither"))
    export = load_azure(files or (), subscription=subscription)
    file = None if is_stdout(output) else output
    imported = import_azure(export, file, keys=not no_keys and file is not None)
    for text in imported.remarks:
        remark(text, quiet=quiet)
    if not imported.text:
        found = Words("none in these exports")
        raise InputError("exports", expected="a peering, which all else belongs to", found=found)
    if file is None:
        text = _STRING.sub(lambda each: displayed_quote(each[0]), imported.text)
        write(text, STDOUT, form="toml")
        if text != imported.text:
            remark("what looks like a key is masked: to keep it, give --output FILE", quiet=quiet)
        if not no_keys and imported.has_exported_keys:
            remark("keys are left out: to keep them, give --output FILE", quiet=quiet)
        return Exit.CLEAN
    is_private = imported.has_keys
    with atomic_file(Path(file), is_private=is_private) as target:
        target.write(imported.text)
    done = "written" if imported.is_changed else "nothing new"
    private = "; it holds keys, so only you can read it" if is_private else ""
    remark(f"{file}: {done}{private}", quiet=quiet)
    return Exit.CLEAN
