"""The seeds of the harnesses of JSON: what ExaBGP, RIS Live and pybgpstream write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

_VECTORS: Final = Path(__file__).parents[1] / "tests" / "vectors" / "exabgp"
_PREFIXES: Final = ["203.0.113.0/24", "198.51.100.0/24"]


def exabgp_seeds() -> dict[str, bytes]:
    """Return lines of ExaBGP, each preceded by the octet with the size of their pieces."""
    found: dict[str, bytes] = {}
    for version in (4, 5):
        session = (_VECTORS / f"session-{version}.jsonl").read_bytes().splitlines()
        updates = (_VECTORS / f"updates-{version}.jsonl").read_bytes().splitlines()
        found[f"session-{version}"] = bytes((17,)) + b"\n".join(session[-9:-4]) + b"\n"
        found[f"end-{version}"] = b"\0" + b"\n".join(session[-2:]) + b"\n"
        for name, at in (("routes", 0), ("sets", 1), ("both", 5), ("end-of-rib", 8)):
            found[f"{name}-{version}"] = b"\0" + updates[at] + b"\n" + updates[at + 1]
    found["answers"] = b'\0done\n{"answer": "done", "message": "x"}\n' + found["routes-5"][1:]
    found["damaged"] = b"\0garbage\n" + found["routes-5"][1:300]
    return found


def ris_seeds() -> dict[str, bytes]:
    """Return messages of RIS Live, one on a line."""
    where = {"peer": "192.0.2.1", "peer_asn": "64500", "id": "24-1", "host": "rrc24"}
    announce = {
        "path": [64500, 64501, [64502, 64503]],
        "community": [[8075, 8007], [65535, 65281]],
        "origin": "igp",
        "announcements": [
            {"next_hop": "192.0.2.1", "prefixes": _PREFIXES},
            {"next_hop": "2001:db8::1,fe80::1", "prefixes": ["2001:db8:113::/48"]},
        ],
        "withdrawals": ["198.18.0.0/15"],
    }
    state = {"type": "RIS_PEER_STATE"}
    messages: dict[str, list[dict[str, object]]] = {
        "routes": [{"type": "UPDATE", **announce}],
        "repeated": [{"type": "UPDATE", "withdrawals": _PREFIXES}] * 2,
        "session": [{**state, "state": each} for each in ("connected", "down")],
        "others": [
            {"type": "OPEN"},
            {"type": "KEEPALIVE"},
            {"type": "UPDATE", "announcements": []},
        ],
    }
    lines = {
        name: b"\n".join(
            _line(
                {"type": "ris_message", "data": {"timestamp": 1795478400.25 - at, **where, **each}}
            )
            for at, each in enumerate(several)
        )
        for name, several in messages.items()
    }
    published = lines["routes"].replace(b", ", b",").replace(b": ", b":")
    lines |= {"published": published + b"\n" + published.replace(b"203.0", b"203.9")}
    return lines | {"damaged": b"{\n" + lines["routes"][:-9] + b"\n" + lines["session"]}


def element_seeds() -> dict[str, bytes]:
    """Return elements of pybgpstream, one on a line."""
    record = {"collector": "rrc00", "router": None, "dump_time": 1795478400, "status": "valid"}
    where = {
        "time": 1795478400.25, "peer_address": "192.0.2.1", "peer_asn": 64500, "record": record
    }  # fmt: skip
    route = {
        "next-hop": "192.0.2.1",
        "as-path": "64500 (64510 64511) {64502,64503}",
        "communities": ["8075:8007", "65535:65281"],
        "prefix": _PREFIXES[0],
    }
    states = {"old-state": "ESTABLISHED", "new-state": "IDLE"}
    elements = {
        "rib": [{"type": "R", "fields": route}],
        "announce": [{"type": "A", "fields": {**route, "as-path": "", "communities": []}}],
        "withdraw": [{"type": "W", "fields": {"prefix": "2001:db8::/32"}}],
        "state": [{"type": "S", "fields": states}],
    }
    lines = {
        name: b"\n".join(_line({**where, **each}) for each in several)
        for name, several in elements.items()
    }
    return lines | {"record": _line(record)}


def _line(value: object) -> bytes:
    return json.dumps(value).encode()
