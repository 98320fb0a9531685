"""The inventory file: TOML text to values, with all its mistakes at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from ipaddress import IPv4Address, ip_address
from typing import Any, Final, cast, get_args, get_origin

import attrs
from cattrs import (
    BaseValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.errors import AttributeValidationNote, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override

from peerlint.errors import SHOWN_MISTAKES, InputError, InventoryError, Mistake
from peerlint.iana import ALLOWABLE
from peerlint.inventory.keys import Key
from peerlint.inventory.lines import located, toml_data
from peerlint.inventory.names import (
    TOP,
    Place,
    repeats,
    reversed_dates,
    wrong_registrations,
    wrong_statements,
)
from peerlint.inventory.peering import (
    PROFILES,
    Attestation,
    Connection,
    DatedRib,
    Egress,
    Inventory,
    IPAddress,
    Lab,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Role,
    Session,
    Waiver,
)
from peerlint.inventory.service import Contact, PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.model import Asn, MaxAge
from peerlint.model.times import utc
from peerlint.redaction import collected, is_secret_name
from peerlint.wording import Words, closest, shown

#: Tables of the file that repeat, and the attributes that hold them.
_TABLES: Final = {
    "peering": "peerings",
    "connection": "connections",
    "session": "sessions",
    "registered_prefix": "registered_prefixes",
    "registered_asn": "registered_asns",
    "attestation": "attestations",
    "waiver": "waivers",
    "peer_asn": "peer_asns",
    "contact": "contacts",
    "peering_service": "peering_services",
    "service_prefix": "service_prefixes",
    "provider": "providers",
}
#: What an attribute is called in the file, where that differs.
KEYS: Final = {attribute: key for key, attribute in _TABLES.items()}
#: Everything that stands in the file, and what is read from a text or a number of its own kind.
_CLASSES: Final = (
    Session, RegisteredPrefix, RegisteredAsn, Connection, Peering, Attestation, Waiver, Contact,
    PeerAsn, ServicePrefix, PeeringService, Provider, Lab, DatedRib, Inventory,
)  # fmt: skip
_BANDWIDTH: Final = re.compile(r"([1-9][0-9]*)([MGT])", re.IGNORECASE)
_MBITS: Final = {"M": 1, "G": 1_000, "T": 1_000_000}


class _ExpectedError(ValueError):
    """A value that is not what its key asks for.

    Attributes:
        expected: what would have been right.
        found: the value.
        close: the one of the right values that is most like it; None if none is.
    """

    def __init__(self, expected: str, found: object, close: str | None = None) -> None:
        super().__init__(expected, found, close)
        self.expected = expected
        self.found = found
        self.close = close


def parse_inventory(text: str, file: str, rules: Mapping[str, bool] | None = None) -> Inventory:
    """Read the text of an inventory file.

    Args:
        text: TOML.
        file: its name, for errors.
        rules: the ids that attestations and waivers may name, and whether each rule can be
            attested; None if anything goes.

    Raises:
        InventoryError: every mistake in it: TOML syntax, unknown keys, wrong types, impossible
            values, names and addresses used twice, statements about what does not exist.
    """
    with collected() as secrets:
        data = toml_data(text, file, InventoryError)
        secrets.add_from(data)
        mistakes = [
            *repeats(data),
            *wrong_registrations(data),
            *reversed_dates(data),
            *wrong_statements(data, rules),
        ]
        try:
            inventory = _CONVERTER.structure(data, Inventory)
        except BaseValidationError as error:
            found = located((*_mistakes(error, data, TOP), *mistakes), text)
            raise InventoryError(file, found) from None
        if mistakes:
            raise InventoryError(file, located(mistakes, text))
        return attrs.evolve(inventory, file=file)


# -- values


def _text(value: object, _: object) -> str:
    if not isinstance(value, str) or not value:
        raise _ExpectedError("a text that is not empty", value)
    return value


def _boolean(value: object, _: object) -> bool:
    if not isinstance(value, bool):
        raise _ExpectedError("true or false", value)
    return value


def _number(value: object, _: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _ExpectedError("a number that is not negative", value)
    return value


def _percent(value: object, _: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100:
        return value
    raise _ExpectedError("a percentage from 0 to 100, such as 39.9", value)


def _key(value: object, _: object) -> Key:
    # The value itself is no part of the error: it may be a key with a typing mistake.
    if not isinstance(value, str) or not value:
        kind = "an empty text" if value == "" else "a value that is no text"
        raise _ExpectedError("a key, in quotes", Words(kind))
    return Key(value)


def _asn(value: object, _: object) -> Asn:
    expected = 'an AS number such as 64500 or "AS64500"'
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise _ExpectedError(expected, value)
    try:
        return Asn.parse(value) if isinstance(value, str) else Asn(value)
    except InputError:
        raise _ExpectedError(expected, value) from None


def _address(value: object, _: object) -> IPAddress:
    try:
        return ip_address(_text(value, _))
    except ValueError:
        raise _ExpectedError("an IP address", value) from None


def _mbits(value: object, _: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _BANDWIDTH.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _ExpectedError('a bandwidth such as "100G", or a number of Mbit/s', value)
    return int(match[1]) * _MBITS[match[2].upper()]


def _date(value: object, _: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _ExpectedError("a date such as 2026-11-01", value)
    return value


def _time(value: object, _: object) -> datetime:
    try:
        if isinstance(value, datetime):
            return utc(value)
    except InputError:
        pass
    raise _ExpectedError("a time with its zone, such as 2026-11-21T10:00:00Z", value)


def _max_age(value: object, _: object) -> MaxAge:
    try:
        return MaxAge.parse(value)
    except InputError as error:
        raise _ExpectedError(error.expected, value) from None


def _word(value: object, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(cast("str", value))
    except ValueError:
        expected = " or ".join(f'"{word}"' for word in kind)
        raise _ExpectedError(expected, value, closest(value, kind)) from None


def _profile(value: object, _: object) -> str:
    if isinstance(value, str) and (value in PROFILES or value.endswith(".toml")):
        return value
    expected = f"{', '.join(PROFILES)}, or the path of a .toml file"
    raise _ExpectedError(expected, value, closest(value, PROFILES))


def _allow(value: object, _: object) -> frozenset[str]:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        words = frozenset(cast("list[str]", value))
        if words <= ALLOWABLE:
            return words
    names = ", ".join(f'"{word}"' for word in sorted(ALLOWABLE))
    raise _ExpectedError(f"a list of some of {names}", value)


def _rib(value: object, _: object) -> str | DatedRib:
    if isinstance(value, str):
        return _text(value, _)
    if isinstance(value, Mapping):
        return _CONVERTER.structure(value, DatedRib)
    expected = 'a dump as a text, or { file = "...", taken = 2026-11-21T10:00:00Z }'
    raise _ExpectedError(expected, value)


def _list_of(kind: Any, converter: Converter) -> Callable[[object, object], object]:  # noqa: ANN401  # what cattrs calls it with
    """Read TOML arrays only: a text is no list of letters, a table no list of its keys."""
    item = get_args(kind)[0]
    structure_item = converter.get_structure_hook(item)

    def structure(value: object, _: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            tables = attrs.has(item)
            raise _ExpectedError("tables in [[double brackets]]" if tables else "a list", value)
        done: list[object] = []
        errors: list[Exception] = []
        for index, element in enumerate(value):
            try:
                done.append(structure_item(element, item))
            except (BaseValidationError, ForbiddenExtraKeysError, _ExpectedError) as error:
                error.add_note(IterableValidationNote("", index, item))
                errors.append(error)
        if errors:
            raise IterableValidationError("mistakes in a list", errors, kind)
        return tuple(done)

    return structure


def _is_list(kind: object) -> bool:
    return get_origin(kind) is tuple


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(_is_list, _list_of)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(bool, _boolean)
    converter.register_structure_hook(int, _number)
    converter.register_structure_hook(Asn, _asn)
    converter.register_structure_hook(Key, _key)
    converter.register_structure_hook(date, _date)
    converter.register_structure_hook(datetime, _time)
    converter.register_structure_hook(Role, _word)
    converter.register_structure_hook(Egress, _word)
    converter.register_structure_hook_func(lambda kind: IPv4Address in get_args(kind), _address)
    converter.register_structure_hook_func(lambda kind: kind == str | DatedRib, _rib)
    converter.register_structure_hook_func(lambda kind: MaxAge in get_args(kind), _max_age)
    special = {
        (Connection, "bandwidth"): _mbits,
        (Connection, "provisioned_bandwidth"): _mbits,
        (Connection, "utilization"): _percent,
        (Peering, "profile"): _profile,
        (Lab, "allow"): _allow,
    }
    for cls in _CLASSES:
        overrides: dict[str, Any] = {
            field.name: override(
                rename=KEYS.get(field.name),
                omit=True if cls is Inventory and field.name == "file" else None,
                struct_hook=special.get((cls, field.name)),
            )
            for field in attrs.fields(cls)
        }
        function = make_dict_structure_fn(
            cls,
            converter,
            _cattrs_forbid_extra_keys=True,
            **overrides,
        )
        converter.register_structure_hook(cls, function)
    return converter


_CONVERTER: Final = _converter()


# -- mistakes


def _mistakes(error: BaseException, data: object, place: Place, key: str = "") -> Iterator[Mistake]:
    """Turn the tree of errors into a list; `data` and `place` follow it down the file."""
    if isinstance(error, BaseValidationError):
        if not isinstance(data, (Mapping, list)):
            yield _mistake(place, "", "a table", data)
            return
        for inner in error.exceptions:
            yield from _inner_mistakes(inner, data, place, key)
    elif isinstance(error, ForbiddenExtraKeysError):
        yield from _unknown_keys(error, data, place)
    elif isinstance(error, _ExpectedError):
        yield _mistake(place, key, error.expected, error.found, error.close)
    else:
        yield _mistake(place, key, "a table", data)


def _inner_mistakes(
    inner: BaseException,
    data: Mapping[str, object] | list[object],
    place: Place,
    key: str,
) -> Iterator[Mistake]:
    note = next(
        (
            note
            for note in getattr(inner, "__notes__", ())
            if isinstance(note, (AttributeValidationNote, IterableValidationNote))
        ),
        None,
    )
    if isinstance(note, IterableValidationNote) and isinstance(data, list):
        index = cast("int", note.index)
        item = data[index]
        if key in _TABLES:
            yield from _mistakes(inner, item, place.inner(key, index, item))
        elif isinstance(item, Mapping):
            yield from _mistakes(inner, item, place.element(key, index, word=key))
        else:
            yield from _mistakes(inner, item, place.element(key, index), key)
    elif isinstance(note, AttributeValidationNote) and isinstance(data, Mapping):
        name = KEYS.get(note.name, note.name)
        if name not in data:
            yield _mistake(place, name, "a value: the key must be there", None)
        else:
            is_table = name == "lab" and isinstance(data[name], Mapping)
            deeper = place.table(name) if is_table else place
            yield from _mistakes(inner, data[name], deeper, name)
    else:
        yield from _mistakes(inner, data, place, key)


def _unknown_keys(error: ForbiddenExtraKeysError, data: object, place: Place) -> Iterator[Mistake]:
    known = [
        KEYS.get(field.name, field.name)
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", error.cl))
        if error.cl is not Inventory or field.name != "file"
    ]
    extra = set(error.extra_fields)
    in_order = [key for key in data if key in extra] if isinstance(data, Mapping) else []
    expected = f"one of {', '.join(known)}"
    for number, key in enumerate(in_order):
        close = closest(key, known) if number < SHOWN_MISTAKES else None
        yield place.mistake(key, expected, "an unknown key", close)


def _mistake(
    place: Place, key: str, expected: str, found: object, close: str | None = None
) -> Mistake:
    if is_secret_name(key):
        # A user may write the key of a session where only its existence is asked for.
        found = _hidden_value(found)
    return place.mistake(key, expected, shown(found), close)


def _hidden_value(value: object) -> object:
    if value is None or isinstance(value, (Words, bool, Mapping)):
        return value
    if isinstance(value, list):
        return Words("a list")
    if isinstance(value, (date, time)):
        return Key(value.isoformat())
    return Key(value if isinstance(value, str) else shown(value))
