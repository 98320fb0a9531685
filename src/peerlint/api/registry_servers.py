"""Servers of registry data: whois servers of IRRs, and RTR caches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

import attrs

from peerlint.api.addresses import host_and_port
from peerlint.arguments import as_tuple, must_be
from peerlint.errors import FeedError, InputError
from peerlint.feeds.clock import microseconds_now
from peerlint.registry import Asked, Registry, RegistryInputs
from peerlint.rules import RegistryCriteria

if TYPE_CHECKING:
    from peerlint.feeds.whois import WhoisLimits

_RTR_EXAMPLE: Final = "192.0.2.1:323 or [2001:db8::1]:323"


class RegistryServerError(FeedError):
    """A server of registry data that cannot be reached, or does not answer."""


@attrs.frozen
class LiveRegistry:
    """Registry data of which some are from servers.

    Attributes:
        registry: the data.
        remarks: what the servers did not answer, and what is unusual, in words.
    """

    registry: Registry
    remarks: tuple[str, ...] = ()


@attrs.frozen
class RegistryServers:
    """The servers that are asked.

    Attributes:
        rtr: the host and the port of an RTR cache; None for none.
        whois: whois servers, in the order in which they are tried.
        limits: what is accepted of whois servers.
    """

    rtr: tuple[str, int] | None = None
    whois: tuple[str, ...] = ()
    limits: WhoisLimits | None = None

    @classmethod
    def of(cls, rtr: str | None, whois: Iterable[str], *, is_blocking: bool = True) -> Self:
        """Read the arguments of `check` and `watch`.

        Args:
            rtr: an RTR cache; None for none.
            whois: whois servers.
            is_blocking: whether servers are asked without an event loop.

        Raises:
            InputError: one has another form, or an event loop runs in this thread, which a cache
                would block.
        """
        names = as_tuple("whois", whois, str, "a server, such as whois.radb.net")
        if names:
            from peerlint.feeds.whois import WhoisServer  # noqa: PLC0415  # files need no socket

            for each in names:
                WhoisServer.parse(each)
        if rtr is None:
            return cls(None, names)
        must_be("rtr", rtr, str, f"a cache, such as {_RTR_EXAMPLE}")
        host, port = host_and_port(rtr, "rtr", _RTR_EXAMPLE)
        if not host or not port:
            raise InputError("rtr", expected=f"a host and a port, as {_RTR_EXAMPLE}", found=rtr)
        if is_blocking and _has_loop():
            expected = "no running event loop: call it as asyncio.to_thread(peerlint.check, ...)"
            raise InputError("rtr", expected=expected, found="one in this thread")
        return cls((host, port), names)

    def laid_over(
        self, file: Registry | None, asked: Asked, criteria: Iterable[RegistryCriteria]
    ) -> LiveRegistry | None:
        """Ask the servers, and return registry data; None if there are neither servers nor data.

        The VRPs of a cache take the place of all VRPs of the file, and the objects of whois servers
        that of all IRRs of the file; delegations and PeeringDB are those of the file.

        Args:
            file: the data of a file; None without one.
            asked: what whois servers are asked about.
            criteria: of all profiles: they name the registries.

        Raises:
            RegistryServerError: a cache sends no data, or no whois server answers.
        """
        if self.rtr is None and not self.whois:
            return None if file is None else LiveRegistry(file)
        base = file or Registry.of(RegistryInputs(microseconds_now()))
        remarks: list[str] = []
        if self.rtr is not None:
            vrps, found = _vrps(*self.rtr)
            base = base.overlaid(vrps=vrps)
            remarks += found
        if self.whois:
            irr, found = self._objects(asked, criteria)
            base = base.overlaid(irr=irr, asked=asked)
            remarks += found
        return LiveRegistry(base, tuple(remarks))

    def _objects(
        self, asked: Asked, criteria: Iterable[RegistryCriteria]
    ) -> tuple[Registry, tuple[str, ...]]:
        from peerlint.feeds.whois import IrrdClient  # noqa: PLC0415  # files need no socket
        from peerlint.feeds.whois.gather import gather  # noqa: PLC0415  # as above

        with IrrdClient(self.whois, limits=self.limits) as client:
            try:
                found = gather(client, registries_of(criteria), asked)
            except FeedError as error:
                hint = "expected a whois server there that speaks IRRd's protocol, such as RADB's"
                raise RegistryServerError(error.source, f"{error.reason}; {hint}") from None
        return found.registry, found.remarks


def registries_of(criteria: Iterable[RegistryCriteria]) -> tuple[str, ...]:
    """Return the registries that criteria name, the most important ones first."""
    every = tuple(criteria)
    names = [name for each in every for name in each.named]
    names += [name for each in every for name in (*each.listed, *each.weak)]
    return tuple(dict.fromkeys(names))


def _vrps(host: str, port: int) -> tuple[Registry, tuple[str, ...]]:
    from peerlint.feeds.rtr import RtrFeed  # noqa: PLC0415  # files need no socket
    from peerlint.feeds.rtr_registry import first_vrps  # noqa: PLC0415  # as above

    feed = RtrFeed(host, port)
    try:
        return asyncio.run(first_vrps(feed))
    except FeedError as error:
        hint = "expected an RTR cache there; start it, or give the address on which it listens"
        raise RegistryServerError(error.source, f"{error.reason}; {hint}") from None


def _has_loop() -> bool:
    """Return whether an event loop runs in this thread."""
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        return True
    return False
