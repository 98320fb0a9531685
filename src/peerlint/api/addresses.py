"""Addresses to listen on, as the user gives them."""

from __future__ import annotations

from typing import Final

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError

_LARGEST_PORT: Final = 65535


def host_and_port(
    address: str, name: str = "address", example: str = "192.0.2.10:11019 or [2001:db8::1]:11019"
) -> tuple[str, int]:
    """Return the host and the port of `HOST:PORT`; without a host, all addresses.

    Args:
        address: the text.
        name: the name of the argument, for the error.
        example: what the error shows.

    Raises:
        InputError: the text has another form.
    """
    must_be(name, address, str, A_STRING)
    host, separator, port = address.rpartition(":")
    is_number = port.isascii() and port.isdecimal() and len(port) <= len(str(_LARGEST_PORT))
    if not separator or not is_number or int(port) > _LARGEST_PORT:
        expected = f"an address and a port, such as {example}"
        raise InputError(name, expected=expected, found=address)
    return host.removeprefix("[").removesuffix("]"), int(port)
