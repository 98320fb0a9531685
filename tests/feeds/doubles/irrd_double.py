"""A server that answers about objects as IRRd does; a test compares it with recorded answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

import attrs
from tests.feeds.doubles.whois_server import GONE, Reply, WhoisDouble

from peerlint.model import Prefix

_KEY: Final = re.compile(r"(?m)^([a-z0-9-]+):[ \t]*(.*)$")


@attrs.frozen
class IrrdData:
    """What the server has.

    Attributes:
        objects: RPSL objects.
        sources: the registries, in its own order.
        updated: when its copy of a registry last changed, with its zone; it says none of others.
        replies: other answers than those that follow from the objects, by source and query.
        classes: the classes that it copies, by source; all of others.
        knows_status: whether it knows `!J`.
    """

    objects: tuple[str, ...]
    sources: tuple[str, ...]
    updated: Mapping[str, str] = attrs.field(factory=dict)
    replies: Mapping[tuple[str, str], Reply] = attrs.field(factory=dict)
    classes: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    knows_status: bool = True

    def server(self) -> WhoisDouble:
        """Return a server with these data."""
        return WhoisDouble(lambda: _Conversation(self))


@attrs.define
class _Conversation:
    data: IrrdData
    selected: tuple[str, ...] = ()

    def __call__(self, line: str) -> Reply:
        if line == "!!":
            return Reply()
        if line == "!q":
            return GONE
        key = (",".join(self.selected), line)
        if key in self.data.replies:
            return self.data.replies[key]
        return Reply(self._answer(line).encode())

    def _answer(self, line: str) -> str:  # noqa: PLR0911  # one for each command
        command, rest = line[:2], line[2:]
        match command:
            case "!n":
                return "C\n"
            case "!s":
                names = tuple(rest.split(","))
                if not {*names} <= {*self.data.sources}:
                    return "F One or more selected sources are unavailable.\n"
                self.selected = names
                return "C\n"
            case "!j":
                return framed("\n".join(f"{each}:N:0-1001" for each in self.data.sources))
            case "!J" if self.data.knows_status:
                return framed(json.dumps({rest: self._status(rest)}))
            case "!g" | "!6":
                family = 4 if command == "!g" else 6
                found = [p for p, o, _ in self._routes() if o == rest and p.family == family]
                return framed(" ".join(str(each) for each in dict.fromkeys(found)))
            case "!m":
                name, _, key = rest.partition(",")
                return framed(*[each for each in self._own() if _values(each).get(name) == key][:1])
            case "!r":
                text, _, option = rest.partition(",")
                asked = Prefix.parse(text)
                return framed(
                    *(
                        each
                        for prefix, _, each in self._routes()
                        if prefix == asked or (option == "L" and _covers(prefix, asked))
                    )
                )
        return f"F Unrecognised command: {line[1:]}\n"

    def _status(self, source: str) -> dict[str, object]:
        classes = self.data.classes.get(source)
        return {
            "source_type": "",
            "object_class_filter": None if classes is None else list(classes),
            "last_update": self.data.updated.get(source),
        }

    def _own(self) -> list[str]:
        return [each for each in self.data.objects if _values(each)["source"] in self.selected]

    def _routes(self) -> Iterable[tuple[Prefix, str, str]]:
        for each in self._own():
            values = _values(each)
            name = next((name for name in ("route", "route6") if name in values), None)
            if name is not None:
                yield Prefix.parse(values[name]), values["origin"], each


def framed(*parts: str) -> str:
    """Return an answer with data, or that there is none."""
    text = "\n\n".join(each for each in parts if each)
    return f"A{len(text.encode()) + 1}\n{text}\nC\n" if text else "D\n"


def rpsl(kind: str, key: str, source: str, modified: str = "", **more: str) -> str:
    """Return an object of a registry."""
    rows = {kind: key, **more, "last-modified": modified, "source": source}
    return "\n".join(f"{name}: {value}" for name, value in rows.items() if value)


def _values(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in _KEY.findall(text)}


def _covers(prefix: Prefix, other: Prefix) -> bool:
    return prefix.family == other.family and prefix.covers(other)
