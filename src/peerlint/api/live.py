"""The live feeds of peerlint but BMP, as sources of a check."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import attrs

from peerlint.api.feeds import FeedInput
from peerlint.arguments import A_PATH, A_STRING, PATH, must_be
from peerlint.errors import InputError
from peerlint.feeds import open_descriptor
from peerlint.feeds.bgpstream import LIST_ARGUMENTS, BgpStreamFeed, open_bgpstream
from peerlint.feeds.exabgp import ExabgpFeed
from peerlint.feeds.follow import FolderFeed
from peerlint.feeds.ris_live import URL, RisLiveFeed
from peerlint.inventory import Inventory
from peerlint.model import View
from peerlint.observations import RibArgument

#: Arguments of `bgpstream_feed` that are lists.
BGPSTREAM_LISTS: Final = LIST_ARGUMENTS
_STDIN: Final = "-"


def ris_live_feed(inventory: Inventory, *, url: str = URL) -> FeedInput:
    """Return RIS Live as a source of `check`: changes of the inventory's prefixes, as they come.

    Collectors of RIPE RIS see routes elsewhere on the Internet, so they prove nothing of what
    AS8075 receives: outcomes are information, or unknown. It needs the extra `live`.

    Args:
        inventory: whose prefixes are asked for.
        url: the server.

    Raises:
        InputError: the inventory has no prefix.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    must_be("url", url, str, A_STRING)
    prefixes = sorted(map(str, inventory.prefixes))
    if not prefixes:
        expected = "an inventory with prefixes, which RIS Live is asked for"
        raise InputError("inventory", expected=expected, found=prefixes)
    feed = RisLiveFeed(prefixes, url=url)
    return FeedInput(
        feed,
        "ris-live",
        silence=lambda: "no change of the prefixes came",
        close=feed.close,
        reopen=lambda changed: ris_live_feed(changed, url=url),
        has_heartbeat=True,
    )


def bgpstream_feed(**arguments: object) -> FeedInput:
    """Return a stream of pybgpstream as a source of `check`; it needs the extra `bgpstream`.

    Args:
        arguments: those of `pybgpstream.BGPStream`, such as `from_time`, `until_time`,
            `collectors`, `record_type` and `filter`; live without `until_time`.

    Raises:
        FeedError: the library is not installed, or refuses the arguments; the error says what to
            do.
    """
    feed = BgpStreamFeed(open_bgpstream(**arguments))
    is_endless = arguments.get("until_time") is None
    return FeedInput(feed, "bgpstream", is_live=False, is_endless=is_endless)


def exabgp_feed(inventory: Inventory, source: str | Path | int = _STDIN) -> FeedInput:
    """Return what an ExaBGP writes (JSON of versions 4 and 5) as a source of `check`.

    Args:
        inventory: the sessions.
        source: a pipe or file, as `[SESSION|ROUTER=]FILE[@VIEW]` with `-` for standard input; or
            a file descriptor.

    Raises:
        InputError: the argument has the wrong form.
        FeedError: the file cannot be opened.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    must_be("source", source, (*PATH, int), A_PATH)
    if isinstance(source, int):
        argument, descriptor, is_ours = RibArgument(_STDIN), source, False
    else:
        argument = RibArgument.parse(str(source), inventory)
        is_ours = argument.file not in (_STDIN, "/dev/stdin")
        descriptor = open_descriptor(argument.file) if is_ours else 0
    view = view_of(argument)
    # ExaBGP says which messages it sent: what it received was not sent, whatever the user says.
    received = View.ADJ_RIB_IN if view in (View.SENT, View.ADVERTISED) else view
    feed = ExabgpFeed(descriptor, view=received)
    return FeedInput(
        feed,
        f"exabgp {argument.file}",
        lambda router: attrs.evolve(argument, file=router),
        close=(lambda: os.close(descriptor)) if is_ours else None,
    )


def folder_feed(inventory: Inventory, folder: str | Path) -> FeedInput:
    """Return the MRT files that a router drops into a folder as a source of `check`.

    Args:
        inventory: the sessions.
        folder: the folder, as `[SESSION|ROUTER=]FOLDER[@VIEW]`; all of its files are of one
            router.

    Raises:
        InputError: the argument has the wrong form.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    must_be("folder", folder, PATH, A_PATH)
    argument = RibArgument.parse(str(folder), inventory)
    feed = FolderFeed(argument.file, view=view_of(argument))
    return FeedInput(
        feed,
        argument.file,
        lambda router: attrs.evolve(argument, file=router),
        is_live=False,
        is_endless=True,
        close=feed.close,
        reopen=lambda changed: folder_feed(changed, folder),
    )


def view_of(argument: RibArgument) -> View:
    """Return the view of routes that a router received, unless the user names it."""
    if argument.view is not None:
        return argument.view
    is_named = argument.session is not None or argument.router is not None
    return View.LOC_RIB if is_named else View.ADJ_RIB_IN
