"""The live feeds that peerlint has, as sources of a check."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final

import attrs

from peerlint.api.feeds import FeedInput
from peerlint.arguments import A_PATH, A_STRING, PATH, as_tuple, must_be
from peerlint.errors import FeedError, InputError
from peerlint.events import TableRef
from peerlint.feeds.bgpstream import BgpStreamFeed, open_bgpstream
from peerlint.feeds.bmp import BmpListener, Remark, RouteSelection
from peerlint.feeds.exabgp import ExabgpFeed
from peerlint.feeds.follow import FolderFeed
from peerlint.feeds.ris_live import URL, RisLiveFeed
from peerlint.inventory import Inventory
from peerlint.model import View
from peerlint.monitor import KeptRoutes
from peerlint.observations import RibArgument
from peerlint.wording import Words, closest, counted, listed, open_failure

_LOOPBACK: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_LARGEST_PORT: Final = 65535
_STDIN: Final = "-"


@attrs.frozen
class _BmpRouter:
    """The addresses of a router, or of several.

    Attributes:
        network: the addresses.
        name: the router's name in the inventory; None if it is not given.
    """

    network: IPv4Network | IPv6Network
    name: str | None = None

    @classmethod
    def parse(cls, text: str, inventory: Inventory) -> _BmpRouter:
        """Parse `[ROUTER=]NETWORK`."""
        name, separator, network = text.rpartition("=")
        try:
            parsed = ip_network(network)
        except ValueError:
            expected = "an address or network of routers, such as edge1.ams=192.0.2.1"
            raise InputError("routers", expected=expected, found=text) from None
        if not separator:
            return cls(parsed)
        if name not in inventory.routers:
            known = listed(sorted(inventory.routers)) or "the inventory has none"
            close = closest(name, inventory.routers)
            expected = f"a router of the inventory ({known})"
            raise InputError("routers", expected=expected, found=name, close=close)
        return cls(parsed, name)


def bmp_feed(inventory: Inventory, address: str, *, routers: Iterable[str] = ()) -> FeedInput:
    """Return a listener for routers that speak BMP (RFC 7854), as a source of `check`.

    Args:
        inventory: the sessions.
        address: where to listen, as `HOST:PORT`; without a host on all addresses.
        routers: the routers that may connect, each as `[ROUTER=]NETWORK`: an address or network,
            and the router's name in the inventory, which says whose sessions its Loc-RIB is of.
            Nobody else may connect; on a loopback address everybody there may if none is given.

    Raises:
        InputError: an argument has the wrong form, or it is not said who may connect.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    host, port = _host_and_port(address)
    known = [
        _BmpRouter.parse(each, inventory) for each in as_tuple("routers", routers, str, "strings")
    ]
    _check_names(known)
    allow = [each.network for each in known]
    if not allow:
        if not _is_loopback(host):
            expected = "the addresses of the routers that may connect"
            raise InputError("routers", expected=expected, found=Words("none"))
        allow = [*_LOOPBACK]
    listener = BmpListener(host, port, allow=allow)

    def argument_of(router: str) -> RibArgument:
        found = ip_address(router)
        names = [each for each in known if found in each.network and each.name is not None]
        closest_one = max(names, key=lambda each: each.network.prefixlen, default=None)
        return RibArgument(router, router=None if closest_one is None else closest_one.name)

    def remarks() -> Mapping[str, Sequence[str]]:
        names = listener.names
        said = {
            router: [_remark_text(one) for one in each if _is_about_sessions(one, inventory)]
            for router, each in listener.remarks.items()
        }
        for router, name in names.items():
            said.setdefault(router, []).append(f"it calls itself {name}")
        return said

    return FeedInput(
        listener,
        f"bmp {address}",
        argument_of,
        silence=lambda: _silence(listener),
        remarks=remarks,
        notes=lambda: _refused(listener),
        select=lambda kept, watches: listener.select(_selection(kept, watches)),
        unwatched=lambda: listener.unwatched,
        reconnect=listener.disconnect,
        close=listener.close,
    )


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
        descriptor = _opened(argument.file) if is_ours else 0
    view = _view(argument)
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
    feed = FolderFeed(argument.file, view=_view(argument))
    return FeedInput(
        feed,
        argument.file,
        lambda router: attrs.evolve(argument, file=router),
        is_live=False,
        is_endless=True,
        close=feed.close,
    )


def _check_names(routers: Iterable[_BmpRouter]) -> None:
    """Check that no addresses are given to two routers."""
    names: dict[IPv4Network | IPv6Network, str] = {}
    for each in routers:
        if each.name is not None and names.setdefault(each.network, each.name) != each.name:
            expected = f"another network than that of {names[each.network]}"
            raise InputError("routers", expected=expected, found=f"{each.name}={each.network}")


def _view(argument: RibArgument) -> View:
    """Return the view of routes that a router received, unless the user names it."""
    if argument.view is not None:
        return argument.view
    is_named = argument.session is not None or argument.router is not None
    return View.LOC_RIB if is_named else View.ADJ_RIB_IN


def _opened(file: str) -> int:
    try:
        return os.open(file, os.O_RDONLY)
    except (OSError, ValueError) as error:
        raise FeedError(file, open_failure(error)) from error


def _selection(kept: KeptRoutes, watches: Callable[[str, TableRef], bool]) -> RouteSelection:
    if len(kept.communities) != 1:
        return RouteSelection(None, watches=watches)
    (community,) = kept.communities
    return RouteSelection(kept.prefix_filter, community, watches)


def _host_and_port(address: str) -> tuple[str, int]:
    must_be("address", address, str, A_STRING)
    host, separator, port = address.rpartition(":")
    is_number = port.isascii() and port.isdecimal() and len(port) <= len(str(_LARGEST_PORT))
    if not separator or not is_number or int(port) > _LARGEST_PORT:
        expected = "an address and a port, such as 192.0.2.10:11019 or [2001:db8::1]:11019"
        raise InputError("address", expected=expected, found=address)
    return host.removeprefix("[").removesuffix("]"), int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        found = ip_address(host)
    except ValueError:
        return False
    return found.is_loopback


def _is_about_sessions(remark: Remark, inventory: Inventory) -> bool:
    """Whether a remark is about a router, its own routes, or a peer of the inventory."""
    peer = remark.peer
    if peer is None or peer.peer.is_unspecified:
        return True
    return peer.peer in inventory.by_microsoft or peer.peer in inventory.by_peer


def _remark_text(remark: Remark) -> str:
    of = "" if remark.peer is None else f", peer {_peer_text(remark.peer)}"
    return f"{remark.kind.value}{of}: {remark.count:,}"


def _peer_text(peer: TableRef) -> str:
    return f"{peer.peer} AS{peer.asn}" if peer.asn else f"{peer.peer}"


def _silence(listener: BmpListener) -> str:
    """Return why a listener yielded no event."""
    connected = sorted({*listener.names, *listener.unwatched})
    if not connected:
        return "no router connected"
    return f"{listed(connected)} connected, and no message was about a session of the inventory"


def _refused(listener: BmpListener) -> tuple[str, ...]:
    refused = [f"{address} ({count:,})" for address, count in listener.refused.items()]
    if not refused:
        return ()
    others = f", and {counted(listener.refused_others, 'more connection')}"
    return (
        f"connections refused, because they are from no router that may connect: "
        f"{listed(refused)}{others if listener.refused_others else ''}",
    )
