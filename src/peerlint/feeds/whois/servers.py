"""Whois servers, as the user names them, and what a connection to one accepts."""

from __future__ import annotations

from typing import Final, Self

import attrs

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError
from peerlint.registry.whois import LARGEST

#: RFC 3912.
PORT: Final = 43
_LARGEST_PORT: Final = 65535
_EXPECTED: Final = "a host, such as whois.radb.net, rr.ntt.net:43 or [2001:db8::1]:43"


@attrs.frozen
class WhoisServer:
    """One server.

    Attributes:
        host: its name or address.
        port: its TCP port.
    """

    host: str
    port: int = PORT

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `HOST`, `HOST:PORT`, or `[ADDRESS]:PORT`; an IPv6 address alone needs no brackets.

        Raises:
            InputError: the text has another form.
        """
        must_be("whois server", text, str, A_STRING)
        host, separator, port = text.rpartition(":")
        is_address = text.count(":") > 1 and not text.startswith("[")
        if is_address or not separator or text.endswith("]"):
            host, separator, port = text, "", ""
        host = host.removeprefix("[").removesuffix("]")
        is_name = (
            bool(host) and host.isascii() and host.isprintable() and not set(host) & set(" []")
        )
        if not is_name or (separator and not _is_port(port)):
            raise InputError("whois server", expected=_EXPECTED, found=text)
        return cls(host, int(port) if separator else PORT)

    def __str__(self) -> str:
        """Return the server as `parse` takes it, with its port if it is not whois's own."""
        if self.port == PORT:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _is_port(text: str) -> bool:
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST_PORT))
    return is_number and 0 < int(text) <= _LARGEST_PORT


@attrs.frozen
class WhoisLimits:
    """What one connection accepts; all times in seconds.

    Public servers are slow: some queries take them half a minute before the first octet, and one
    that is busy accepts a connection long before it reads from it.

    Attributes:
        connect: the time in which each address of a server has to accept the connection.
        silence: the time without an octet after which a server has failed.
        answer: the time in which an answer has to be complete, from the query or the answer before
            it: a server may send an octet now and then, forever.
        octets: the largest result.
        retry: the time for which servers that all failed are not asked again; answers that were
            given before are used instead.
    """

    connect: float = 30.0
    silence: float = 60.0
    answer: float = 300.0
    octets: int = LARGEST
    retry: float = 60.0
