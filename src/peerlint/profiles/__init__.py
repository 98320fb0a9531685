"""Profiles: the rules, severities and parameters of each kind of peering."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final

import attrs

from peerlint.errors import InputError, Mistake, ProfileError
from peerlint.inventory.lines import located, toml_data
from peerlint.inventory.names import TOP, Place
from peerlint.inventory.peering import PROFILES
from peerlint.model import MAPS_COMMUNITY, Community, MaxAge
from peerlint.profiles.hold_times import HOLD_TIME_READERS, HoldTimes
from peerlint.profiles.registries import REGISTRY_READERS
from peerlint.profiles.shipped import LEVELS, SEVERITIES, SHIPPED
from peerlint.results import Severity
from peerlint.rules import CATALOGUE, AnyRule, RegistryCriteria, SetUp
from peerlint.rules.numbers import MAX_PATH
from peerlint.wording import closest, shown

#: The values of "Microsoft network" (directPeeringType) of peerings that can carry the service.
NETWORKS: Final = ("Edge", "IxRs", "Voice")
_PROVIDERS: Final = ("Microsoft", "Peer", "any")
#: How old a source may be by default.
DAY: Final = MaxAge(timedelta(days=1))
_TOP: Final = ("title", "source", "extends", "parameters", "registry", "watch", "rules")
_TABLES: Final = ("parameters", "registry", "watch", "rules")


class Requirement(StrEnum):
    """The requirement level of a rule in a source document, in the words of RFC 2119."""

    MUST = "must"
    MUST_LINKED = "must-linked"  # in a page that the document links to
    SHOULD = "should"
    SHOULD_LINKED = "should-linked"
    DERIVED = "derived"  # not in Microsoft's documents; follows from standards
    INFO = "info"  # required in another document only
    OFF = "off"

    @property
    def is_must(self) -> bool:
        """Whether the document, or a page that it links to, requires it."""
        return self in (Requirement.MUST, Requirement.MUST_LINKED)


@attrs.frozen
class Setting:
    """The requirement level and the severity of one rule in a profile.

    Attributes:
        level: the requirement level.
        severity: the severity in place of the rule's own; None for the rule's own.
    """

    level: Requirement
    severity: Severity | None = None


_OFF: Final = Setting(Requirement.OFF)


@attrs.frozen
class Profile:
    """The rules and parameters of one kind of peering.

    Attributes:
        name: one of `PROFILES`, or the name of a file.
        base: the one of `PROFILES` that it is or extends.
        title: the kind of peering.
        source: the number of the source document, or its name.
        community: the community that every route must carry.
        max_path: the greatest length of a path that passes.
        all_paths: whether every path of a session has to pass, not only the best one.
        all_prefixes: whether every announced prefix has to be registered, not only those
            with the community.
        rules: the settings by rule id; a rule without one is off.
        set_up: the expected properties of the Azure resources.
        max_age: how old a source of routes may be; an older one decides nothing.
        registries: which registries count, and how old their data may be.
        hold_times: how long `peerlint watch` waits until a state counts.
    """

    name: str
    base: str
    title: str
    source: str
    community: Community = MAPS_COMMUNITY
    max_path: int = MAX_PATH.value
    all_paths: bool = True
    all_prefixes: bool = False
    rules: Mapping[str, Setting] = attrs.field(factory=dict)
    set_up: SetUp = SetUp()
    max_age: MaxAge = DAY
    registries: RegistryCriteria = RegistryCriteria()
    hold_times: HoldTimes = HoldTimes()

    def setting(self, rule: AnyRule) -> Setting:
        """Return the setting of a rule.

        A rule that explains a general rule has the level of the general rule, and its severity
        unless the profile gives another one.
        """
        own = self.rules.get(rule.id, _OFF)
        if rule.diagnoses is None or own.level is Requirement.OFF:
            return own
        general = self.rules.get(rule.diagnoses, _OFF)
        return Setting(general.level, own.severity or general.severity)

    def level(self, rule: AnyRule) -> Requirement:
        """Return the requirement level of the rule itself, for pages and tables.

        In contrast to `setting`, this is not the level of a general rule that it explains.
        """
        return self.rules.get(rule.id, _OFF).level

    def severity(self, rule: AnyRule, own: Severity | None = None) -> Severity:
        """Return the severity of a problem.

        Args:
            rule: the rule that found it.
            own: the severity that the rule gave to this problem; None for the rule's own.
        """
        setting = self.setting(rule)
        if setting.level is Requirement.INFO:
            return Severity.INFO
        return own or setting.severity or rule.severity


@cache
def shipped_profile(name: str) -> Profile:
    """Return one of the five shipped profiles.

    Raises:
        KeyError: the name is not one of `PROFILES`.
    """
    profile = Profile(name, name, "", "", rules=_shipped_rules()[name])
    return _changed(profile, SHIPPED[name])


@cache
def _shipped_rules() -> dict[str, dict[str, Setting]]:
    """Return the settings by profile and rule id."""
    (_, *names), *rows = (line.split() for line in LEVELS.splitlines())
    found: dict[str, dict[str, Setting]] = {name: {} for name in names}
    for rule, *levels in rows:
        for name, level in zip(names, levels, strict=True):
            found[name][rule] = _setting(level, SEVERITIES.get((name, rule)))
    return found


def parse_profile(text: str, file: str) -> Profile:
    """Parse a user's profile.

    It has a key `extends`, such as `extends = "maps"`, whose value is one of `PROFILES`. Settings
    and parameters that it does not name stay those of the shipped profile.

    Args:
        text: the profile in TOML.
        file: the name of the file, which becomes the name of the profile.

    Raises:
        ProfileError: the text is no TOML, or has unknown rules, keys or values; the error has all
            mistakes.
    """
    data = toml_data(text, file, ProfileError)
    mistakes = list(_mistakes(data))
    if mistakes:
        raise ProfileError(file, located(mistakes, text))
    return _changed(attrs.evolve(shipped_profile(data["extends"]), name=file), data)


def _changed(base: Profile, data: Mapping[str, Any]) -> Profile:
    parameters = data.get("parameters", {})
    changes = {
        _PARAMETERS[key][0]: _PARAMETERS[key][1](value)
        for key, value in parameters.items()
        if key not in _SET_UP
    }
    set_up = {key: _SET_UP[key](value) for key, value in parameters.items() if key in _SET_UP}
    watch = {key: HOLD_TIME_READERS[key](value) for key, value in data.get("watch", {}).items()}
    registry = {
        key: REGISTRY_READERS[key](value) for key, value in data.get("registry", {}).items()
    }
    rules = {rule: _setting(**setting) for rule, setting in data.get("rules", {}).items()}
    return attrs.evolve(
        base,
        title=data.get("title", base.title),
        source=data.get("source", base.source),
        rules={**base.rules, **rules},
        set_up=attrs.evolve(base.set_up, **set_up),
        registries=attrs.evolve(base.registries, **registry),
        hold_times=attrs.evolve(base.hold_times, **watch),
        **changes,
    )


def _setting(level: str, severity: str | None = None) -> Setting:
    return Setting(Requirement(level), None if severity is None else Severity(severity))


def _one_of(words: tuple[str, str]) -> Callable[[object], bool]:
    def choose(value: object) -> bool:
        if value not in words:
            expected = " or ".join(f'"{word}"' for word in words)
            raise InputError("value", expected=expected, found=value, close=closest(value, words))
        return value == words[0]

    return choose


def _community(value: object) -> Community:
    if not isinstance(value, str):
        raise InputError("community", expected='a string such as "8075:8007"', found=value)
    return Community.parse(value)


def _length(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 255:
        raise InputError("number", expected="a number from 1 to 255", found=value)
    return value


#: Keys of `[parameters]`: the attribute of `Profile` that each sets, and the function that converts
#: the value.
_PARAMETERS: Final[dict[str, tuple[str, Callable[[object], Any]]]] = {
    "community": ("community", _community),
    "max_path": ("max_path", _length),
    "paths": ("all_paths", _one_of(("all", "best"))),
    "max_age": ("max_age", MaxAge.parse),
    "prefixes": ("all_prefixes", _one_of(("announced", "tagged"))),
}


def _network(value: object) -> str:
    if value not in NETWORKS:
        expected = ", ".join(f'"{word}"' for word in NETWORKS)
        close = closest(value, NETWORKS)
        raise InputError("network", expected=f"one of {expected}", found=value, close=close)
    return str(value)


def _provider(value: object) -> str | None:
    if value not in _PROVIDERS:
        close = closest(value, _PROVIDERS)
        expected = '"Microsoft", "Peer" or "any"'
        raise InputError("provider", expected=expected, found=value, close=close)
    return None if value == "any" else str(value)


#: Keys of `[parameters]` that set an attribute of `SetUp`, and the functions that convert values.
_SET_UP: Final[dict[str, Callable[[object], Any]]] = {
    "network": _network,
    "min_connections": _length,
    "address_provider": _provider,
}


def _mistakes(data: Mapping[str, Any]) -> Iterator[Mistake]:
    for key, value in data.items():
        if key not in _TOP:
            yield _unknown(TOP, key, _TOP)
        elif key in _TABLES and not isinstance(value, dict):
            yield TOP.mistake(key, "a table", shown(value))
        elif key in ("title", "source") and not isinstance(value, str):
            yield TOP.mistake(key, "a string", shown(value))
    extends = data.get("extends")
    if extends not in PROFILES:
        close = closest(extends, PROFILES)
        yield TOP.mistake("extends", f"one of {', '.join(PROFILES)}", shown(extends), close)
    yield from _wrong_values("parameters", data.get("parameters"), _readers())
    yield from _wrong_values("registry", data.get("registry"), REGISTRY_READERS)
    yield from _wrong_values("watch", data.get("watch"), HOLD_TIME_READERS)
    yield from _wrong_rules(data.get("rules"))


def _unknown(place: Place, key: str, known: Iterable[str]) -> Mistake:
    return place.mistake(key, f"one of {', '.join(known)}", "an unknown key", closest(key, known))


def _readers() -> dict[str, Callable[[object], Any]]:
    """Return the functions that convert the values of `[parameters]`, by key."""
    return {**{key: reader for key, (_, reader) in _PARAMETERS.items()}, **_SET_UP}


def _wrong_values(
    name: str, table: object, readers: Mapping[str, Callable[[object], object]]
) -> Iterator[Mistake]:
    """Yield the mistakes of the table of a name, whose values are converted by key."""
    place = TOP.table(name)
    for key, value in (table if isinstance(table, dict) else {}).items():
        if key not in readers:
            yield _unknown(place, key, readers)
            continue
        try:
            readers[key](value)
        except InputError as error:
            yield place.mistake(key, error.expected, shown(value), error.close)


def _wrong_rules(table: object) -> Iterator[Mistake]:
    place = TOP.table("rules")
    for rule, setting in (table if isinstance(table, dict) else {}).items():
        if rule not in CATALOGUE:
            expected = "a rule id, see `peerlint rules`"
            close = _unquoted(rule, setting) or closest(rule, CATALOGUE)
            yield place.mistake(rule, expected, "an unknown rule", close)
        elif not isinstance(setting, dict) or "level" not in setting:
            yield place.mistake(rule, '{ level = "must" }', shown(setting))
        else:
            yield from _wrong_setting(place, rule, setting)


def _unquoted(word: str, table: object) -> str | None:
    """Return the rule that a table stands for; in TOML, route.as-set is a key of table route."""
    ids = (f"{word}.{key}" for key in (table if isinstance(table, dict) else ()))
    return next((f'"{each}", in quotes' for each in ids if each in CATALOGUE), None)


def _wrong_setting(place: Place, rule: str, setting: Mapping[str, Any]) -> Iterator[Mistake]:
    for key, value in setting.items():
        kind: type[StrEnum] | None = {"level": Requirement, "severity": Severity}.get(key)
        path = (*place.path, rule, key)
        if kind is None:
            mistake = _unknown(place, f"{rule}.{key}", ("level", "severity"))
            close = closest(key, ("level", "severity"))
            yield attrs.evolve(mistake, path=path, close=close)
        elif value not in list(kind):
            expected, close = f"one of {', '.join(kind)}", closest(value, kind)
            mistake = place.mistake(f"{rule}.{key}", expected, shown(value), close)
            yield attrs.evolve(mistake, path=path)
