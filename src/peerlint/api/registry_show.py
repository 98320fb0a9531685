"""Ask a registry file about an AS number, a prefix or a route."""

from __future__ import annotations

import os
import re
from datetime import datetime
from typing import Final, Literal

import attrs

from peerlint.api.registry import Registry
from peerlint.arguments import A_STRING, must_be, must_be_one_of
from peerlint.errors import InputError
from peerlint.model import Asn, Prefix
from peerlint.registry import OriginState, SourceKind, Validity
from peerlint.report.json import dumped
from peerlint.report.registry_build import (
    BuildSummary,
    render_build_json,
    render_build_text,
)
from peerlint.report.registry_show import ShownAsn, ShownPrefix, render_show_json, render_show_text
from peerlint.rules import RegistryCriteria
from peerlint.rules.registry_sources import registry_remarks, registry_sources

_ASN: Final = re.compile(r"(?:AS)?[0-9]+(?:\.[0-9]+)?", re.ASCII | re.IGNORECASE)
_EXPECTED: Final = "an AS number such as AS64500, or a prefix such as 203.0.113.0/24"


@attrs.frozen
class ValidatedRoute:
    """The validity of a route, as a registry file has it.

    Attributes:
        validity: the state, its reason and the VRPs.
        remarks: about VRPs that are too old, or of unknown age.
    """

    validity: Validity
    remarks: tuple[str, ...]

    @property
    def state(self) -> Literal["unknown", "not-found", "valid", "invalid"]:
        """The state of RFC 6811; unknown without any VRPs."""
        return _STATES[self.validity.state]


_STATES: Final[dict[OriginState, Literal["unknown", "not-found", "valid", "invalid"]]] = {
    OriginState.UNKNOWN: "unknown",
    OriginState.NOT_FOUND: "not-found",
    OriginState.VALID: "valid",
    OriginState.INVALID: "invalid",
}


def show_registry(
    path: str | os.PathLike[str],
    subject: str,
    now: datetime | None = None,
    criteria: RegistryCriteria | None = None,
) -> ShownAsn | ShownPrefix:
    """Return what a registry file says of an AS number or of a prefix.

    Args:
        path: a file of `build_registry` or `peerlint registry build`.
        subject: such as `AS64500` or `203.0.113.0/24`.
        now: the time of the question; None for the clock's.
        criteria: how old sources may be; None for the defaults.

    Raises:
        InputError: the subject is neither.
        FeedError: the file cannot be used.
    """
    must_be("subject", subject, str, A_STRING)
    value = _subject(subject)
    registry = Registry.open(path, now)
    sources = registry_sources(registry, (criteria or RegistryCriteria(),))
    if isinstance(value, Prefix):
        return ShownPrefix(
            value, registry.routes(value), registry.vrps(value), registry.holder(value), sources
        )
    return ShownAsn(registry.origin(value), registry.routes_of(value), sources)


def shown_remarks(shown: ShownAsn | ShownPrefix) -> tuple[str, ...]:
    """Return remarks about sources that are too old, cut, or of unknown age."""
    return tuple(registry_remarks(shown.sources))


def render_registry(
    result: BuildSummary | ShownAsn | ShownPrefix, form: Literal["text", "json"] = "text"
) -> str:
    """Return what was built, or what a registry file says, as text or as JSON.

    Args:
        result: of `build_registry` or `show_registry`.
        form: "text" or "json".

    Raises:
        InputError: it is none of these.
    """
    kinds = (BuildSummary, ShownAsn, ShownPrefix)
    must_be("result", result, kinds, "a result of build_registry or show_registry")
    must_be_one_of("form", form, ("text", "json"))
    if isinstance(result, BuildSummary):
        return render_build_json(result) if form == "json" else render_build_text(result)
    return render_show_json(result) if form == "json" else render_show_text(result)


def validate_route(
    path: str,
    prefix: str,
    asn: str,
    now: datetime | None = None,
    criteria: RegistryCriteria | None = None,
) -> ValidatedRoute:
    """Return the validity of a route (RFC 6811).

    Args:
        path: a registry file.
        prefix: of the route.
        asn: its origin.
        now: see `show_registry`.
        criteria: see `show_registry`.

    Raises:
        InputError: prefix or AS number are invalid.
        FeedError: the file cannot be used.
    """
    route, origin = Prefix.parse(prefix), Asn.parse(asn)
    registry = Registry.open(path, now)
    sources = registry_sources(registry, (criteria or RegistryCriteria(),))
    own = tuple(each for each in sources if each.kind == SourceKind.VRPS)
    return ValidatedRoute(registry.validity(route, origin), tuple(registry_remarks(own)))


def render_validity(validated: ValidatedRoute) -> str:
    """Return the JSON of Routinator's validity API."""
    return dumped(validated.validity.to_json())


def _subject(text: str) -> Asn | Prefix:
    if _ASN.fullmatch(text):
        return Asn.parse(text)
    if "/" not in text:
        raise InputError("subject", expected=_EXPECTED, found=text)
    return Prefix.parse(text)
