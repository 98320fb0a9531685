"""Registry data of a scenario."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Final

from peerlint.errors import InputError
from peerlint.model import Asn, Prefix
from peerlint.model.times import parse_duration, to_microseconds
from peerlint.registry import (
    AutNum,
    Registry,
    RegistryInputs,
    RouteObject,
    SourceInfo,
    SourceKind,
    Vrp,
    aut_num_columns,
    route_columns,
    vrp_columns,
)
from peerlint.registry.delegated import Delegations, read_delegated
from peerlint.registry.peeringdb import (
    Contact,
    Facility,
    Network,
    PeeringDbFile,
    RecordKind,
)
from peerlint.registry.skips import Skips
from peerlint.rules.registry_criteria import NAMED

#: The name of the pseudo source of route objects that a mirror makes of ROAs.
_MADE: Final = "RPKI"
_VRP: Final = re.compile(r"(?P<prefix>[^-]+)(?:-(?P<longest>[0-9]+))?")
_KINDS: Final = {
    "vrps": (SourceKind.VRPS, "vrps.json"),
    "delegated": (SourceKind.DELEGATED, "RIPE"),
    "peeringdb": (SourceKind.PEERINGDB, "peeringdb.json"),
}


class RegistryReader:
    """The state of parsing the lines about registries."""

    def __init__(self) -> None:
        """Start without registry data."""
        self._sources: dict[tuple[SourceKind, str], list[str]] = {}
        self._routes: list[RouteObject] = []
        self._aut_nums: list[AutNum] = []
        self._vrps: list[Vrp] = []
        self._delegated: list[str] = []
        self._networks: list[Network] = []
        self._facilities: list[Facility] = []
        self._links: list[tuple[int, int]] = []
        self._contacts: list[tuple[int, Contact]] = []

    def read(self, words: list[str]) -> None:
        """Read a line."""
        readers = {
            "registry": self._source,
            "irr": self._object,
            "vrp": self._vrp,
            "delegated": self._delegation,
            "peeringdb": self._peeringdb,
        }
        readers[words[0]](words[1:])

    def registry(self, now: datetime) -> Registry | None:
        """Return the registry data; None without any.

        Args:
            now: the time of the check.
        """
        if not self._sources:
            return None
        return Registry.of(
            RegistryInputs(
                to_microseconds(now),
                tuple(
                    _source_info(kind, name, words, now)
                    for (kind, name), words in self._sources.items()
                ),
                (route_columns(self._routes),),
                (aut_num_columns(self._aut_nums),),
                (vrp_columns(self._vrps),),
                delegations=self._delegations(),
                peeringdb=self._peeringdb_file(),
            )
        )

    # -- lines

    def _source(self, words: list[str]) -> None:
        if words[0] == "named":
            for name in NAMED:
                self._load(SourceKind.IRR, name, words[1:])
        elif words[0] == "irr":
            self._load(SourceKind.IRR, words[1], words[2:])
        else:
            self._load(*_KINDS[words[0]], words[1:])

    def _load(self, kind: SourceKind, name: str, words: Iterable[str] = ()) -> None:
        self._sources.setdefault((kind, name), []).extend(words)

    def _object(self, words: list[str]) -> None:
        source, kind, *rest = words
        self._load(SourceKind.IRR, source)
        modified = _modified(rest)
        if kind == "aut-num":
            self._aut_nums.append(AutNum(Asn.parse(rest[0]), source, modified))
            return
        if kind != "route":
            raise InputError("scenario", expected="aut-num or route", found=kind)
        prefix, origin = Prefix.parse(rest[0]), Asn.parse(rest[1])
        self._routes.append(RouteObject(prefix, origin, source, modified, source != _MADE))

    def _vrp(self, words: list[str]) -> None:
        self._load(*_KINDS["vrps"])
        match = _VRP.fullmatch(words[0])
        if match is None:
            raise InputError("scenario", expected="a prefix with a maximum length", found=words)
        prefix = Prefix.parse(match["prefix"])
        longest = int(match["longest"] or prefix.length)
        self._vrps.append(Vrp(prefix, longest, Asn.parse(words[1]), "ripe"))

    def _delegation(self, words: list[str]) -> None:
        rir, what, status = words
        self._load(SourceKind.DELEGATED, rir)
        registry = {"RIPE": "ripencc"}.get(rir, rir.casefold())
        if "/" in what:
            prefix = Prefix.parse(what)
            size = prefix.last - prefix.first + 1 if prefix.family == 4 else prefix.length
            start = str(prefix).partition("/")[0]
            self._delegated.append(
                f"{registry}|NL|ipv{prefix.family}|{start}|{size}|20100301|{status}"
            )
        else:
            self._delegated.append(f"{registry}|NL|asn|{Asn.parse(what)}|1|20100301|{status}")

    def _peeringdb(self, words: list[str]) -> None:
        self._load(*_KINDS["peeringdb"])
        kind, *rest = words
        if kind == "net":
            asn = Asn.parse(rest[0])
            self._networks.append(Network(int(asn), asn, " ".join(rest[1:]) or "Contoso", "", None))
        elif kind == "facility":
            number = int(rest[1])
            self._links.append((int(Asn.parse(rest[0])), number))
            self._facilities.append(
                Facility(number, f"Facility {number}", " ".join(rest[2:]), "NL")
            )
        elif kind == "contact":
            domain, phone = rest[2], rest[3:] == ["phone"]
            contact = Contact(rest[1], "" if domain == "-" else domain, phone)
            self._contacts.append((int(Asn.parse(rest[0])), contact))
        else:
            raise InputError("scenario", expected="net, facility or contact", found=kind)

    # -- the registry

    def _delegations(self) -> tuple[Delegations, ...]:
        if not self._delegated:
            return ()
        from io import BytesIO  # noqa: PLC0415  # for few scenarios

        first, *_ = self._delegated[0].split("|")
        head = f"2|{first}|20261121|{len(self._delegated)}|19830101|20261121|+0000"
        text = "\n".join((head, *self._delegated, ""))
        return (read_delegated(BytesIO(text.encode()), "delegated"),)

    def _peeringdb_file(self) -> tuple[PeeringDbFile, ...]:
        if (SourceKind.PEERINGDB, "peeringdb.json") not in self._sources:
            return ()
        return (
            PeeringDbFile(
                "peeringdb.json",
                tuple(self._networks),
                tuple(self._facilities),
                tuple(self._links),
                tuple(self._contacts),
                frozenset(RecordKind),
                None,
                None,
                Skips(),
            ),
        )


def _source_info(kind: SourceKind, name: str, words: list[str], now: datetime) -> SourceInfo:
    ages = [each.removeprefix("age=") for each in words if each.startswith("age=")]
    taken = to_microseconds(now)
    age = parse_duration(ages[-1]) if ages and ages[-1] else None
    if age is not None:
        taken = to_microseconds(now - age)
    is_unknown = bool(ages) and not ages[-1]
    lacks = tuple(each.removeprefix("lacks=") for each in words if each.startswith("lacks="))
    time_of_data = None if is_unknown else taken
    records = 0 if "empty" in words else 1
    return SourceInfo(kind, name, time_of_data, records, is_cut="cut" in words, lacks=lacks)


def _modified(words: list[str]) -> int | None:
    days = [each.partition("=")[2] for each in words if each.startswith("modified=")]
    if not days:
        return None
    return int(datetime.combine(date.fromisoformat(days[-1]), time(), UTC).timestamp())
