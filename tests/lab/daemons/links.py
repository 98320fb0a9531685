"""Namespaces of one daemon and the speaker, and the link between them."""

from collections.abc import Iterable
from contextlib import ExitStack

from namespaces import Namespace, ask, join, make_namespace

IPV4_BITS = 24
IPV6_BITS = 64


def make_link(
    name: str, daemon: Iterable[str], speaker: Iterable[str], cleanup: ExitStack
) -> tuple[Namespace, Namespace]:
    """Return the namespaces of a daemon and of the speaker, with their addresses."""
    near = make_namespace(name, cleanup)
    far = make_namespace(f"{name}-speaker", cleanup)
    join(near, "speaker", far, "daemon")
    _address(near, "speaker", daemon)
    _address(far, "daemon", speaker)
    return near, far


def _address(namespace: Namespace, interface: str, addresses: Iterable[str]) -> None:
    at = ("ip", "-n", namespace.name)
    ask(*at, "link", "set", interface, "up")
    for address in addresses:
        # nodad: an IPv6 address of a new interface must not wait for duplicates
        bits, options = (IPV6_BITS, ("nodad",)) if ":" in address else (IPV4_BITS, ())
        ask(*at, "address", "add", f"{address}/{bits}", "dev", interface, *options)
