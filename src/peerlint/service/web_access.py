"""Who may read the pages, and what a browser may do with them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from peerlint.errors import InputError
from peerlint.wording import Words

#: The environment variable with the token.
TOKEN: Final = "PEERLINT_TOKEN"  # noqa: S105  # the name of the variable
#: The fewest characters of a token: 16 random letters and digits cannot be guessed.
MIN_TOKEN: Final = 16
_SCHEME: Final = "bearer"
_LOCAL: Final = "localhost"
#: Headers of every answer; the page has its own Content-Security-Policy.
HEADERS: Final[Mapping[str, str]] = {
    "Server": "peerlint",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def check_access(host: str, token: str | None) -> None:
    """Check that only those who may read the pages can reach them.

    Args:
        host: the address to listen on.
        token: the token; None or empty for none.

    Raises:
        InputError: the token is unusable, or the address is not a loopback address, and there is
            no token.
    """
    if token and not (len(token) >= MIN_TOKEN and token.isascii() and token.isprintable()
                      and " " not in token):  # fmt: skip
        expected = f"at least {MIN_TOKEN} printable ASCII characters without blanks"
        raise InputError(TOKEN, expected=expected, found=Words("another text"))
    if token or is_loopback(host):
        return
    raise InputError(
        "listen",
        expected="a loopback address, such as 127.0.0.1:9480",
        found=host or Words("all addresses"),
        hint=f"set the environment variable {TOKEN} to a secret of at least {MIN_TOKEN} "
        "characters, which readers then have to send",
    )


def is_loopback(host: str) -> bool:
    """Return whether only programs on this host reach an address."""
    if host == _LOCAL:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_authorised(header: str | None, token: str | None) -> bool:
    """Return whether a request may read, in a time that does not tell how much of it is right.

    Args:
        header: the value of the header Authorization; None without one.
        token: the token; None or empty if none is needed.
    """
    if not token:
        return True
    scheme, _, given = (header or "").partition(" ")
    is_equal = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
    return is_equal and scheme.lower() == _SCHEME


def is_own_host(header: str | None) -> bool:
    """Return whether a request names this host by an address, or as localhost.

    A page on another host can make a browser ask for `http://its.name/` at this address ("DNS
    rebinding"), and read the answer. Then the name in the request is its own. With a token that is
    harmless, because the page does not know it.

    Args:
        header: the value of the header Host; None without one.
    """
    host = header or ""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    name = name.removeprefix("[").removesuffix("]")
    if name.lower() == _LOCAL:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
