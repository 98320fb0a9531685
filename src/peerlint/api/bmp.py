"""A listener for routers that speak BMP, as a source of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

import attrs

from peerlint.api.addresses import host_and_port
from peerlint.api.feeds import FeedInput
from peerlint.arguments import as_tuple, must_be
from peerlint.errors import InputError
from peerlint.events import TableRef
from peerlint.feeds.bmp import BmpListener, Remark, RouteSelection
from peerlint.inventory import Inventory
from peerlint.monitor import KeptRoutes
from peerlint.observations import RibArgument
from peerlint.wording import Words, closest, counted, listed

_LOOPBACK: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


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
    """Return a listener for routers that speak BMP (RFC 7854), as a source of `check` or `watch`.

    Args:
        inventory: the sessions.
        address: where to listen, as `HOST:PORT`; without a host on all addresses.
        routers: the routers that may connect, each as `[ROUTER=]NETWORK`: an address or network,
            and the router's name in the inventory, which says whose sessions its Loc-RIB is of.
            Nobody else may connect. If it is empty, programs on this host may, over loopback.

    Raises:
        InputError: an argument has the wrong form, or `routers` is empty and the address is no
            loopback address.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    host, port = host_and_port(address)
    texts = as_tuple("routers", routers, str, "strings")
    known = [_BmpRouter.parse(each, inventory) for each in texts]
    _check_names(known)
    allow = [each.network for each in known]
    if not allow:
        if not _is_loopback(host):
            expected = "the addresses of the routers that may connect"
            raise InputError("routers", expected=expected, found=Words("none"))
        allow = [*_LOOPBACK]
    listener = BmpListener(host, port, allow=allow)

    async def start() -> str:
        await listener.start()
        return f"bmp {address.rpartition(':')[0]}:{listener.port}"

    return FeedInput(
        listener,
        f"bmp {address}",
        lambda router: _argument_of(router, known),
        silence=lambda: _silence(listener),
        remarks=lambda: _remarks(listener, inventory),
        notes=lambda: _refused(listener),
        select=lambda kept, watches: listener.select(_selection(kept, watches)),
        unwatched=lambda: listener.unwatched,
        reconnect=listener.disconnect,
        close=listener.close,
        start=start,
        reopen=lambda changed: bmp_feed(changed, address, routers=texts),
        has_heartbeat=True,
    )


def _argument_of(router: str, known: Iterable[_BmpRouter]) -> RibArgument:
    """Return a router as the user names it: by the longest network with its address."""
    address = ip_address(router)
    named = [each for each in known if address in each.network and each.name is not None]
    longest = max(named, key=lambda each: each.network.prefixlen, default=None)
    return RibArgument(router, router=None if longest is None else longest.name)


def _remarks(listener: BmpListener, inventory: Inventory) -> Mapping[str, Sequence[str]]:
    found = {
        router: [_remark_text(one) for one in each if _is_about_sessions(one, inventory)]
        for router, each in listener.remarks.items()
    }
    for router, name in listener.names.items():
        found.setdefault(router, []).append(f"it calls itself {name}")
    return found


def _check_names(routers: Iterable[_BmpRouter]) -> None:
    """Check that no addresses are given to two routers."""
    names: dict[IPv4Network | IPv6Network, str] = {}
    for each in routers:
        if each.name is not None and names.setdefault(each.network, each.name) != each.name:
            expected = f"another network than that of {names[each.network]}"
            raise InputError("routers", expected=expected, found=f"{each.name}={each.network}")


def _selection(kept: KeptRoutes, watches: Callable[[str, TableRef], bool]) -> RouteSelection:
    if len(kept.communities) != 1:
        return RouteSelection(None, watches=watches)
    (community,) = kept.communities
    return RouteSelection(kept.prefix_filter, community, watches)


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
