"""`peerlint watch`: evaluate live feeds all the time, and tell of what changes."""

from __future__ import annotations

from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.inventories import load_inventory, unfilled_places
from peerlint.cli.arguments import named_options
from peerlint.cli.exits import Exit
from peerlint.cli.feeds import LiveOptions
from peerlint.cli.options import (
    Allow,
    ProfileName,
    Quiet,
    RegistryOption,
    RtrOption,
    Strict,
    WhoisOption,
    several,
)
from peerlint.cli.output import check_writable, remark
from peerlint.errors import InputError
from peerlint.wording import Words

EXAMPLE: Final = (
    "peerlint watch peering.toml --bmp 127.0.0.1:11019 --state watch.db --alert jsonl:alerts.jsonl"
)
#: The options whose names differ from those of the arguments of `watching.watch`.
_NAMES: Final = {
    "listen": "--listen",
    "url": "--url",
    "state": "--state",
    "alerts": "--alert",
    "rtr": "--rtr",
    "whois": "--whois",
    "whois server": "--whois",
}


def watch(
    inventory: str,
    /,
    *,
    bmp: Annotated[str | None, Parameter(metavar="HOST:PORT")] = None,
    bmp_from: Annotated[list[str] | None, several(r"\[ROUTER=]NETWORK")] = None,
    ris_live: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    bgpstream: Annotated[list[str] | None, several("KEY=VALUE")] = None,
    exabgp: Annotated[str | None, Parameter(metavar=r"\[NAME=]FILE\[@VIEW]")] = None,
    follow: Annotated[list[str] | None, several(r"\[NAME=]FOLDER\[@VIEW]")] = None,
    state: Annotated[str | None, Parameter(metavar="FILE")] = None,
    alert: Annotated[list[str] | None, several("KIND:TARGET")] = None,
    listen: Annotated[str | None, Parameter(metavar="HOST:PORT")] = None,
    url: Annotated[str | None, Parameter(metavar="URL")] = None,
    profile: ProfileName = None,
    registry: RegistryOption = None,
    rtr: RtrOption = None,
    whois: WhoisOption = None,
    strict: Strict = False,
    allow: Allow = None,
    quiet: Quiet = False,
) -> Exit:
    """Watch an inventory by live feeds: say when a prefix stops complying, and when it is fine.

    Runs until SIGTERM or Ctrl-C. SIGHUP reads the inventory again.

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    bmp
        Listen on this address for routers that speak BMP.
    bmp_from
        The addresses of the routers that may connect, each preceded by its ROUTER in the
        inventory, which says whose sessions its Loc-RIB is of. Needed unless --bmp is a loopback
        address.
    ris_live
        Listen to RIS Live for changes of the inventory's prefixes. What collectors see elsewhere
        is information only.
    bgpstream
        Read a stream of pybgpstream, with arguments of its BGPStream, such as
        collectors=rrc00,rrc01 filter="prefix any 203.0.113.0/24".
    exabgp
        Read what an ExaBGP writes as JSON from a pipe or file, or with - from standard input.
    follow
        Read the MRT files of a folder from the newest table on, and those that are dropped into it.
    state
        The file that keeps alerts, so that a restart goes on with them. It is made if it is not
        there. Without this option alerts are forgotten at the end.
    alert
        Where alerts are delivered: jsonl:FILE, alertmanager:URL or webhook:URL. Tokens come by
        the environment variables PEERLINT_ALERTMANAGER_TOKEN and PEERLINT_WEBHOOK_TOKEN, the key
        that signs webhooks by PEERLINT_WEBHOOK_SECRET.
    listen
        Serve the status page, metrics and the report on this address. Readers have to send the
        token in the environment variable PEERLINT_TOKEN, unless it is a loopback address.
    url
        The address of the status page as its readers have it, for links in alerts.
    quiet
        No remarks on standard error. Alerts are printed.
    """
    live = LiveOptions(bmp, bmp_from, ris_live, bgpstream, exabgp, follow)
    if live == LiveOptions():
        expected = "a live feed: --bmp, --ris-live, --bgpstream, --exabgp or --follow"
        raise InputError("watch", expected=expected, found=Words("none"))
    sinks = alert or []
    if state is not None:
        named = (inventory, *live.files, *(() if registry is None else (registry,)))
        check_writable(state, named)
    declared = load_inventory(inventory)
    feeds = live.feeds(declared)
    for place in unfilled_places(declared):
        remark(f"still to fill in: {place}", quiet=quiet)
    from peerlint.cli.watching import run_watch  # noqa: PLC0415  # mistakes need no event loop

    with named_options(**_NAMES):
        return run_watch(
            declared,
            feeds,
            state=state,
            alerts=sinks,
            listen=listen,
            url=url,
            profile=profile,
            registry=registry,
            rtr=rtr,
            whois=whois or (),
            strict=strict,
            allow=allow or (),
            quiet=quiet,
        )
