"""Whois servers, as the user names them, and what a connection to one accepts."""

from __future__ import annotations

import re
from typing import Final, Self

import attrs

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError
from peerlint.registry.whois import LARGEST

#: RFC 3912.
PORT: Final = 43
#: Seconds for which an answer is used again.
MAX_AGE: Final = 3600.0
_LARGEST_PORT: Final = 65535
_FORM: Final = re.compile(
    r"(?P<host>[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?"
    r"|\[(?P<address>[0-9A-Za-z:.%]+)\](:(?P<port6>[0-9]{1,5}))?"
    r"|(?P<bare>[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Za-z:.%]*)"
)
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
        match = _FORM.fullmatch(text)
        port = int((match["port"] or match["port6"] or PORT) if match else 0)
        if match is None or not 0 < port <= _LARGEST_PORT:
            raise InputError("whois server", expected=_EXPECTED, found=text)
        return cls(match["host"] or match["address"] or match["bare"], port)

    def __str__(self) -> str:
        """Return the server as `parse` takes it, with its port if it is not whois's own."""
        if self.port == PORT:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


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
