"""The table `[registry]` of a profile: which registries count, and how old their data may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from peerlint.errors import InputError
from peerlint.model import MaxAge
from peerlint.rules import RegistryCriteria
from peerlint.rules.registry_criteria import IRR, RIR

_NAME: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,63}", re.ASCII)
_TIERS: Final = ("named", "listed", "weak")
_AGES: Final = ("max_age_irr", "max_age_delegated", "max_age_vrps", "max_age_peeringdb")


def registry_texts(criteria: RegistryCriteria) -> dict[str, str]:
    """Return the values as a profile has them, by their keys."""
    lists = {key: getattr(criteria, key) for key in (*_TIERS, "accept")}
    return {
        **{key: ", ".join(names) or "none" for key, names in lists.items()},
        **{key: str(getattr(criteria, key)) for key in _AGES},
    }


def _names(value: object) -> tuple[str, ...]:
    expected = 'names of registries, such as ["RADB", "ALTDB"]'
    if not isinstance(value, list):
        raise InputError("registries", expected=expected, found=value)
    names = [each.upper() if isinstance(each, str) else "" for each in value]
    if not all(map(_NAME.fullmatch, names)):
        raise InputError("registries", expected=expected, found=value)
    return tuple(dict.fromkeys(names))


def _named(value: object) -> tuple[str, ...]:
    names = _names(value)
    if not names:
        raise InputError("registries", expected="one registry at least", found=value)
    return names


def _accept(value: object) -> tuple[str, ...]:
    if value not in ([IRR], [IRR, RIR], [RIR, IRR]):
        raise InputError("accept", expected=f'["{IRR}"] or ["{IRR}", "{RIR}"]', found=value)
    return (IRR, RIR) if isinstance(value, list) and RIR in value else (IRR,)


#: The keys of `[registry]` in a profile, and the functions that convert their values. Each key is
#: an attribute of `RegistryCriteria`.
REGISTRY_READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "named": _named,
    "listed": _names,
    "weak": _names,
    "accept": _accept,
    **dict.fromkeys(_AGES, MaxAge.parse),
}
