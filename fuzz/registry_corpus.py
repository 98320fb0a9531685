"""Seeds of the harnesses `irr`, `vrps`, `slurm`, `delegated`, `peeringdb` and `registry`."""

from __future__ import annotations

import json
import struct
from typing import Final

#: A change of a registry file: its place, and the octet that it is combined with.
CHANGE: Final = struct.Struct(">HB")
_VRP: Final = {"asn": 64500, "prefix": "203.0.113.0/24", "maxLength": 24, "ta": "ripe"}
_VRP6: Final = {"asn": "AS64501", "prefix": "2001:db8::/32", "maxLength": 48, "ta": "arin"}
_SOURCE: Final = {
    "type": "roa",
    "tal": "ripe",
    "chainValidity": {"notAfter": "2027-01-01T00:00:00Z"},
    "stale": "2026-12-01T00:00:00Z",
}
_BGPSEC: Final = {"asn": 64500, "SKI": "Zm9v", "routerPublicKey": "YmFy"}
_NET: Final = {"id": 694, "asn": 8075, "name": "Microsoft", "updated": "2026-11-30T12:00:00Z"}
_FAC: Final = {"id": 18, "org_id": 3, "name": "Example AM3", "address1": "", "city": "Amsterdam"}
_LINK: Final = {"id": 1, "net_id": 694, "fac_id": 18}
_NOC: Final = {"id": 1, "net_id": 694, "role": "NOC", "email": "noc@example.com", "phone": "1"}


def irr_seeds() -> dict[str, bytes]:
    """Return dumps of IRRs, each preceded by the octet with the size of its pieces."""
    route = "route: 203.0.113.0/24\norigin: AS64500\nsource: RADB\n"
    every = f"""{route}last-modified: 2026-11-30T12:00:00Z

route6: 2001:db8::/32
descr: continued
+
 twice
\ton
origin: AS1.5 # asdot
mnt-by: EXAMPLE-MNT
changed: noc@example.com 20261130
source: RIPE

aut-num: AS64500
as-name: EXAMPLE
source: ARIN # Filtered

as-set: AS64500:AS-EXAMPLE
members: AS64501, AS-OTHER,
+ AS64502
source: APNIC

person: Example
source: RIPE
"""
    broken = """# a comment

route: 203.0.113.1/24
source: RADB

route: 203.0.113.0/24
origin: AS64500
origin: AS64501
source: RADB

%ERROR
route: 198.51.100.0/24
"""
    windows = every.replace("\n", "\r\n")
    return {
        "objects": b"\0" + every.encode(),
        "pieces": b"\x11" + every.encode(),
        "broken": b"\7" + broken.encode(),
        "windows": b"\0" + windows.encode("latin-1"),
        "no-empty-line": b"\0" + (route * 2).encode(),
    }


def vrp_seeds() -> dict[str, bytes]:
    """Return files of VRPs, each preceded by the octet with the size of its pieces."""
    whole = {"metadata": {"buildtime": "2026-11-30T11:00:00Z"}, "roas": [_VRP, _VRP6]}
    extended = {"roas": [{**_VRP6, "source": [_SOURCE, {"type": "exception"}]}]}
    expired = {"aspas": [{"a": ['"', "]"]}], "roas": [{**_VRP, "expires": 1}, {}, 7]}
    head = b"ASN,IP Prefix,Max Length,Trust Anchor,Expires\n"
    return {
        "rpki-client": b"\0" + _octets(whole),
        "jsonext": b"\x11" + _octets(extended),
        "expired": b"\3" + _octets(expired),
        "csv": b"\0" + head + b"AS64500,203.0.113.0/24,24,ripe,1796050000\nAS0,::/0,0,,\n",
        "csvcompat": b"\7" + b'"64500","203.0.113.0/24","24","ripe"\r\n64501,2001:db8::/32\n',
    }


def slurm_seeds() -> dict[str, bytes]:
    """Return files of local exceptions."""
    filters = [{"prefix": "203.0.113.0/24", "comment": "x"}, {"asn": 64500}]
    assertion = {"asn": 64500, "prefix": "2001:db8::/32", "maxPrefixLength": 48}
    return {
        name: _octets(
            {
                "slurmVersion": 1,
                "validationOutputFilters": {"prefixFilters": removed, "bgpsecFilters": keys},
                "locallyAddedAssertions": {"prefixAssertions": added, "bgpsecAssertions": keys},
            }
        )
        for name, removed, added, keys in (
            ("all", filters, [assertion], [_BGPSEC]),
            ("none", [], [], []),
        )
    }


def delegated_seeds() -> dict[str, bytes]:
    """Return delegated files, each preceded by the octet with the size of its pieces."""
    ripe = """2|ripencc|1796007600|4|19830705|20261130|+0100
ripencc|*|asn|*|1|summary
ripencc|NL|asn|64496|2|20030102|allocated|x
ripencc|NL|ipv4|192.0.2.0|768|20030102|assigned|x
ripencc||ipv4|198.51.100.0|256||available
ripencc|DE|ipv6|2001:db8::|32|00000000|reserved|x
"""
    nro = """2|nro|20261130|2|19830705|20261130|+0000
iana|ZZ|ipv4|203.0.113.0|256|20090714|reserved|ietf|iana
jpnic|JP|asn|64496|4|20020801|assigned|A91A7381|e-stats
"""
    return {"ripencc": b"\0" + ripe.encode(), "nro": b"\x15" + nro.encode()}


def peeringdb_seeds() -> dict[str, bytes]:
    """Return files of PeeringDB, each preceded by the octet with the size of its pieces."""
    lists = {"net": [_NET], "fac": [_FAC], "netfac": [_LINK], "poc": [_NOC], "org": [{}]}
    meta = {"generated": 1796040000.5}
    deep = {**_NET, "netfac_set": [{**_LINK, "name": "Example AM3"}], "poc_set": [_NOC]}
    return {
        "dump": b"\0" + _octets({key: {"data": each, "meta": meta} for key, each in lists.items()}),
        "depth": b"\x1d" + _octets({"data": [deep], "meta": meta}),
        "list": b"\0" + _octets([_LINK, _FAC, _NOC]),
    }


def registry_seeds() -> dict[str, bytes]:
    """Return changes of a registry file, each preceded by whether its checksums are mended."""
    places = (9, 14, 20, *range(60, 12_000, 700))
    return {"whole": b"\0", "mended": b"\1"} | {
        f"{'mended' if is_mended else 'damaged'}-{place}": bytes((is_mended,))
        + CHANGE.pack(place, 1)
        for place in places
        for is_mended in (False, True)
    }


def _octets(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
