"""What a registry file says of an AS number or of a prefix, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from peerlint.display import displayed
from peerlint.model import Prefix
from peerlint.model.times import from_microseconds, time_text
from peerlint.registry import AutNum, OriginRecords, RouteObject, Vrp
from peerlint.registry.delegated import Delegation
from peerlint.report.json import dumped
from peerlint.report.registry_table import NOT_KNOWN, rows_text, source_rows
from peerlint.results import RegistrySource

SCHEMA: Final = "peerlint/registry-show/1"
#: The number of objects that the text has at most.
SHOWN: Final = 50
_SECOND: Final = 1_000_000


@attrs.frozen
class ShownAsn:
    """What a registry file says of an AS number.

    Attributes:
        origin: what each source says of it.
        routes: the route objects with it as their origin.
        sources: the sources of the file, with ages.
    """

    origin: OriginRecords
    routes: tuple[RouteObject, ...]
    sources: tuple[RegistrySource, ...]


@attrs.frozen
class ShownPrefix:
    """What a registry file says of a prefix.

    Attributes:
        prefix: the prefix.
        routes: the route objects of it and of prefixes that cover it.
        vrps: the VRPs that cover it.
        holders: the delegations of the blocks that overlap it.
        sources: the sources of the file, with ages.
    """

    prefix: Prefix
    routes: tuple[RouteObject, ...]
    vrps: tuple[Vrp, ...]
    holders: tuple[Delegation, ...]
    sources: tuple[RegistrySource, ...]


def render_show_text(shown: ShownAsn | ShownPrefix) -> str:
    """Return a screen: the objects, each with registry, class, key and time, then the sources."""
    lines = _asn_lines(shown) if isinstance(shown, ShownAsn) else _prefix_lines(shown)
    return "\n".join([*lines, "", "Sources", *rows_text(source_rows(shown.sources))]) + "\n"


def render_show_json(shown: ShownAsn | ShownPrefix) -> str:
    """Return all of it as indented JSON, schema `peerlint/registry-show/1`."""
    sources = [attrs.asdict(each) for each in shown.sources]
    if isinstance(shown, ShownPrefix):
        data: dict[str, object] = {
            "prefix": str(shown.prefix),
            "routes": [_object_json(each) for each in shown.routes],
            "vrps": [_vrp_json(each) for each in shown.vrps],
            "delegations": [_delegation_json(each) for each in shown.holders],
        }
    else:
        network = shown.origin.peeringdb
        data = {
            "asn": shown.origin.asn,
            "aut_nums": [_object_json(each) for each in shown.origin.aut_nums],
            "routes": [_object_json(each) for each in shown.routes],
            "vrps": shown.origin.vrps,
            "delegations": [_delegation_json(each) for each in shown.origin.delegations],
            "peeringdb": None
            if network is None
            else {"net": network.id, "name": network.name, "updated": _time(network.updated)},
        }
    return dumped({"schema": SCHEMA, **data, "registry_sources": sources})


def _asn_lines(shown: ShownAsn) -> list[str]:
    origin = shown.origin
    network = origin.peeringdb
    lines = [f"AS{origin.asn}", "", *_objects(shown, (*origin.aut_nums, *shown.routes))]
    if len(shown.routes) > SHOWN:
        totals = ", ".join(f"{displayed(each.source)} {each.count:,}" for each in origin.routes)
        lines.append(f"  all route objects: {totals}")
    number = f"{origin.vrps or 'none'} for this AS"
    lines += ["", f"VRPs: {number if _has(shown, 'vrps') else 'not loaded'}"]
    lines += [f"Delegation: {_delegations(shown, origin.delegations)}"]
    if network is not None:
        changed = f", changed {_time_text(network.updated)}" if network.updated else ""
        lines.append(f"PeeringDB: net {network.id}, {displayed(network.name)}{changed}")
    else:
        none = "no network of this AS" if _has(shown, "peeringdb") else "not loaded"
        lines.append(f"PeeringDB: {none}")
    return lines


def _prefix_lines(shown: ShownPrefix) -> list[str]:
    lines = [str(shown.prefix), "", *_objects(shown, shown.routes), ""]
    if not shown.vrps:
        none = "none covers it" if _has(shown, "vrps") else "not loaded"
        lines.append(f"VRPs: {none}")
    else:
        rows = [("prefix", ">max length", "AS", "trust anchor", "expires")]
        for each in shown.vrps[:SHOWN]:
            expires = "never" if each.expires is None else _time_text(each.expires)
            origin = f"AS{each.asn}"
            rows.append((str(each.prefix), str(each.max_length), origin, each.source, expires))
        lines += ["VRPs", *rows_text(rows), *_more(len(shown.vrps))]
    return [*lines, f"Delegation: {_delegations(shown, shown.holders)}"]


def _objects(shown: ShownAsn | ShownPrefix, objects: Sequence[AutNum | RouteObject]) -> list[str]:
    if not objects:
        return [f"IRR objects: {'none' if _has(shown, 'irr') else 'not loaded'}"]
    rows = [("registry", "class", "key", "last modified", "")]
    rows += [
        (each.source, _class(each), _key(each), _time_text(each.modified), _note(each))
        for each in objects[:SHOWN]
    ]
    return ["IRR objects", *rows_text(rows), *_more(len(objects))]


def _more(count: int) -> list[str]:
    more = count - SHOWN
    return [f"  and {more:,} more; --format json has all"] if more > 0 else []


def _class(each: AutNum | RouteObject) -> str:
    return "aut-num" if isinstance(each, AutNum) else each.object_class


def _key(each: AutNum | RouteObject) -> str:
    return f"AS{each.asn}" if isinstance(each, AutNum) else each.key


def _note(each: AutNum | RouteObject) -> str:
    is_made = isinstance(each, RouteObject) and not each.is_route_object
    return "made from a ROA by a mirror: no registry has it" if is_made else ""


def _delegations(shown: ShownAsn | ShownPrefix, found: Iterable[Delegation]) -> str:
    texts = []
    for each in found:
        country = f", {displayed(each.country)}" if each.country else ""
        date = (
            ""
            if each.date is None
            else f", since {from_microseconds(each.date * _SECOND):%Y-%m-%d}"
        )
        texts.append(f"{each.rir} {each.status.name.lower()}{country}{date}")
    none = "in no delegated file" if _has(shown, "delegated") else "not loaded"
    return "; ".join(texts) or none


def _has(shown: ShownAsn | ShownPrefix, kind: str) -> bool:
    return any(each.kind == kind for each in shown.sources)


def _time_text(seconds: int | None) -> str:
    return NOT_KNOWN if seconds is None else time_text(from_microseconds(seconds * _SECOND))


def _time(seconds: int | None) -> object:
    return None if seconds is None else from_microseconds(seconds * _SECOND)


def _object_json(each: AutNum | RouteObject) -> dict[str, object]:
    data: dict[str, object] = {
        "registry": each.source,
        "class": _class(each),
        "key": _key(each),
        "last_modified": _time(each.modified),
    }
    if isinstance(each, RouteObject):
        data |= {
            "prefix": str(each.prefix),
            "origin": each.origin,
            "is_made_from_roa": not each.is_route_object,
        }
    return data


def _vrp_json(each: Vrp) -> dict[str, object]:
    return {
        "prefix": str(each.prefix),
        "max_length": each.max_length,
        "asn": each.asn,
        "trust_anchor": each.source,
        "expires": _time(each.expires),
    }


def _delegation_json(each: Delegation) -> dict[str, object]:
    return {
        "rir": each.rir,
        "status": each.status.name.lower(),
        "country": each.country or None,
        "date": _time(each.date),
    }
