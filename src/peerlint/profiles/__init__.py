"""Profiles: what each of the five source documents makes of the rules."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

import attrs

from peerlint.errors import InputError, Mistake, ProfileError
from peerlint.inventory.peering import PROFILES
from peerlint.model import MAPS_COMMUNITY, Community, MaxAge
from peerlint.rules import CATALOGUE, Rule, SetUp
from peerlint.verdicts import Severity

#: Microsoft's side of a peering that can carry the service (directPeeringType).
NETWORKS: Final = ("Edge", "IxRs", "Voice")
#: How old a source may be unless a profile says otherwise.
DAY: Final = MaxAge(timedelta(days=1))
_TOP: Final = ("title", "source", "extends", "parameters", "rules")


class Says(StrEnum):
    """What a source document says of a rule."""

    MUST = "must"
    MUST_LINKED = "must-linked"  # in a page that it links to
    SHOULD = "should"
    SHOULD_LINKED = "should-linked"
    DERIVED = "derived"  # not said by Microsoft; follows from standards
    INFO = "info"  # asked for elsewhere
    OFF = "off"

    @property
    def is_must(self) -> bool:
        """Whether the document, or one that it links to, demands it."""
        return self in (Says.MUST, Says.MUST_LINKED)


@attrs.frozen
class Setting:
    """What a profile makes of one rule.

    Attributes:
        says: see `Says`.
        severity: instead of the rule's own.
    """

    says: Says
    severity: Severity | None = None


_OFF: Final = Setting(Says.OFF)


@attrs.frozen
class Profile:
    """One set-up's rules and numbers.

    Attributes:
        name: one of `PROFILES`, or the file's name.
        base: the one of `PROFILES` that it is or extends.
        title: what it is for.
        source: the source document.
        community: that every route must carry.
        max_path: the longest path that passes.
        all_paths: whether every path of a session has to hold, not only the best.
        judges_announced: whether every announced prefix has to be registered, not only those
            with the community.
        rules: by rule id; a rule that is not there is off.
        set_up: what is expected of the Azure resources.
        max_age: how old a source may be before it decides nothing.
    """

    name: str
    base: str
    title: str
    source: str
    community: Community
    max_path: int
    all_paths: bool
    judges_announced: bool
    rules: Mapping[str, Setting]
    set_up: SetUp = SetUp()
    max_age: MaxAge = DAY

    def setting(self, rule: Rule) -> Setting:
        """Return what the profile makes of a rule.

        A rule that explains another one weighs as much as that one.
        """
        own = self.rules.get(rule.id, _OFF)
        if rule.diagnoses is None or own.says is Says.OFF:
            return own
        general = self.rules.get(rule.diagnoses, _OFF)
        return Setting(general.says, own.severity or general.severity)

    def severity(self, rule: Rule, own: Severity | None = None) -> Severity:
        """Return how much a problem of a rule weighs.

        Args:
            rule: the rule.
            own: the problem's own, if it is not its rule's.
        """
        setting = self.setting(rule)
        if setting.says is Says.INFO:
            return Severity.INFO
        return own or setting.severity or rule.severity


@cache
def shipped_profile(name: str) -> Profile:
    """Return one of the five profiles.

    Raises:
        KeyError: the name is not one of `PROFILES`.
    """
    if name not in PROFILES:
        raise KeyError(name)
    text = files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return _changed(Profile(name, name, "", "", MAPS_COMMUNITY, 3, True, False, {}), data)  # noqa: FBT003  # a row


def parse_profile(text: str, file: str) -> Profile:
    """Read a user's profile.

    It says `extends = "maps"`, or another of `PROFILES`, and changes what it names.

    Args:
        text: TOML.
        file: its name; the profile's name too.

    Raises:
        ProfileError: every mistake in it: TOML syntax, unknown rules, keys and values.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(file, (Mistake("the file", "", "TOML", str(error)),)) from None
    mistakes = list(_mistakes(data))
    if mistakes:
        raise ProfileError(file, tuple(mistakes))
    return _changed(attrs.evolve(shipped_profile(data["extends"]), name=file), data)


def _changed(base: Profile, data: Mapping[str, Any]) -> Profile:
    parameters = data.get("parameters", {})
    changes = {
        _PARAMETERS[key][0]: _PARAMETERS[key][1](value)
        for key, value in parameters.items()
        if key not in _SET_UP
    }
    set_up = {key: _SET_UP[key](value) for key, value in parameters.items() if key in _SET_UP}
    rules = {rule: _setting(setting) for rule, setting in data.get("rules", {}).items()}
    return attrs.evolve(
        base,
        title=data.get("title", base.title),
        source=data.get("source", base.source),
        rules={**base.rules, **rules},
        set_up=attrs.evolve(base.set_up, **set_up),
        **changes,
    )


def _setting(data: Mapping[str, str]) -> Setting:
    severity = data.get("severity")
    return Setting(Says(data["says"]), None if severity is None else Severity(severity))


def _one_of(words: tuple[str, str]) -> Callable[[object], bool]:
    def choose(value: object) -> bool:
        if value not in words:
            expected = " or ".join(f'"{word}"' for word in words)
            raise InputError("value", expected=expected, found=value)
        return value == words[0]

    return choose


def _community(value: object) -> Community:
    if not isinstance(value, str):
        raise InputError("community", expected='a text such as "8075:8007"', found=value)
    return Community.parse(value)


def _length(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 255:
        raise InputError("number", expected="a number from 1 to 255", found=value)
    return value


#: Keys of `[parameters]`: the attribute of `Profile` that each sets, and what reads it.
_PARAMETERS: Final[dict[str, tuple[str, Callable[[object], Any]]]] = {
    "community": ("community", _community),
    "max_path": ("max_path", _length),
    "paths": ("all_paths", _one_of(("all", "best"))),
    "max_age": ("max_age", MaxAge.parse),
    "judges": ("judges_announced", _one_of(("announced", "tagged"))),
}


def _network(value: object) -> str:
    if value not in NETWORKS:
        expected = ", ".join(f'"{word}"' for word in NETWORKS)
        raise InputError("network", expected=f"one of {expected}", found=value)
    return str(value)


def _provider(value: object) -> str | None:
    if value not in ("Microsoft", "Peer", "any"):
        raise InputError("provider", expected='"Microsoft", "Peer" or "any"', found=value)
    return None if value == "any" else str(value)


#: Further keys of `[parameters]`: the attributes of `SetUp`.
_SET_UP: Final[dict[str, Callable[[object], Any]]] = {
    "network": _network,
    "min_connections": _length,
    "address_provider": _provider,
}


def _mistakes(data: Mapping[str, Any]) -> Iterator[Mistake]:
    for key, value in data.items():
        if key not in _TOP:
            yield Mistake("the top of the file", key, f"one of {', '.join(_TOP)}", "an unknown key")
        elif key in ("parameters", "rules") and not isinstance(value, dict):
            yield Mistake("the top of the file", key, "a table", repr(value))
        elif key in ("title", "source") and not isinstance(value, str):
            yield Mistake("the top of the file", key, "a text", repr(value))
    extends = data.get("extends")
    if extends not in PROFILES:
        found = "nothing" if extends is None else repr(extends)
        yield Mistake("the top of the file", "extends", f"one of {', '.join(PROFILES)}", found)
    yield from _wrong_parameters(data.get("parameters"))
    yield from _wrong_rules(data.get("rules"))


def _wrong_parameters(table: object) -> Iterator[Mistake]:
    for key, value in (table if isinstance(table, dict) else {}).items():
        reader = _SET_UP.get(key) or _PARAMETERS.get(key, (key, None))[1]
        if reader is None:
            known = ", ".join((*_PARAMETERS, *_SET_UP))
            yield Mistake("parameters", key, f"one of {known}", "an unknown key")
            continue
        try:
            reader(value)
        except InputError as error:
            yield Mistake("parameters", key, error.expected, repr(value))


def _wrong_rules(table: object) -> Iterator[Mistake]:
    for rule, setting in (table if isinstance(table, dict) else {}).items():
        if rule not in CATALOGUE:
            yield Mistake("rules", rule, "a rule id, see `peerlint rules`", "an unknown rule")
        elif not isinstance(setting, dict) or "says" not in setting:
            yield Mistake("rules", rule, '{ says = "must" }', repr(setting))
        else:
            for key, value in setting.items():
                kind: type[StrEnum] | None = {"says": Says, "severity": Severity}.get(key)
                if kind is None:
                    yield Mistake("rules", f"{rule}.{key}", "says or severity", "an unknown key")
                elif value not in list(kind):
                    yield Mistake(
                        "rules", f"{rule}.{key}", f"one of {', '.join(kind)}", repr(value)
                    )
