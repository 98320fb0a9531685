"""Read the inventory file: TOML to values, with all mistakes in one error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from ipaddress import IPv4Address
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

from peerlint.errors import SHOWN_MISTAKES, InventoryError, Mistake
from peerlint.inventory import toml_values as values
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
    Connection,
    DatedRib,
    Egress,
    Inventory,
    Lab,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Role,
    Session,
)
from peerlint.inventory.service import Contact, PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.inventory.statements import Attestation, MaintenanceWindow, Waiver
from peerlint.model import Asn, MaxAge, QuietTime
from peerlint.redaction import collected, is_secret_name
from peerlint.wording import Words, closest, shown

#: The keys of repeated tables in the file, and the attributes with their values.
_TABLES: Final = {
    "peering": "peerings",
    "connection": "connections",
    "session": "sessions",
    "registered_prefix": "registered_prefixes",
    "registered_asn": "registered_asns",
    "attestation": "attestations",
    "waiver": "waivers",
    "maintenance": "maintenance",
    "peer_asn": "peer_asns",
    "contact": "contacts",
    "peering_service": "peering_services",
    "service_prefix": "service_prefixes",
    "provider": "providers",
}
#: The keys of attributes that have another name in the file.
KEYS: Final = {attribute: key for key, attribute in _TABLES.items()}
#: The classes of the tables in the file.
_CLASSES: Final = (
    Session, RegisteredPrefix, RegisteredAsn, Connection, Peering, Attestation, Waiver,
    MaintenanceWindow, Contact, PeerAsn, ServicePrefix, PeeringService, Provider, Lab, DatedRib,
    Inventory,
)  # fmt: skip


def parse_inventory(text: str, file: str, rules: Mapping[str, bool] | None = None) -> Inventory:
    """Read the text of an inventory file.

    Args:
        text: the text of the file (TOML).
        file: the name of the file, for errors.
        rules: whether each rule can be attested, by rule id; attestations and waivers must name
            one of these rules. None to accept all rules and scopes.

    Raises:
        InventoryError: the file has mistakes: TOML syntax, unknown keys, wrong types, invalid
            values, names and addresses used twice, attestations, waivers and maintenance windows
            whose rule or scope does not exist, or that end before they begin.
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


def _rib(value: object, _: object) -> str | DatedRib:
    if isinstance(value, str):
        return values.read_text(value, _)
    if isinstance(value, Mapping):
        return _CONVERTER.structure(value, DatedRib)
    expected = 'the name of a dump, or { file = "...", taken = 2026-11-21T10:00:00Z }'
    raise values.ExpectedError(expected, value)


def _list_of(kind: Any, converter: Converter) -> Callable[[object, object], object]:  # noqa: ANN401  # what cattrs calls it with
    """Return a hook that reads TOML arrays: a string is no list of letters, a table no list."""
    item = get_args(kind)[0]
    structure_item = converter.get_structure_hook(item)

    def structure(value: object, _: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            tables = attrs.has(item)
            raise values.ExpectedError(
                "tables in [[double brackets]]" if tables else "a list", value
            )
        done: list[object] = []
        errors: list[Exception] = []
        for index, element in enumerate(value):
            try:
                done.append(structure_item(element, item))
            except (BaseValidationError, ForbiddenExtraKeysError, values.ExpectedError) as error:
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
    converter.register_structure_hook(str, values.read_text)
    converter.register_structure_hook(bool, values.read_boolean)
    converter.register_structure_hook(int, values.read_number)
    converter.register_structure_hook(Asn, values.read_asn)
    converter.register_structure_hook(Key, values.read_key)
    converter.register_structure_hook(date, values.read_date)
    converter.register_structure_hook(datetime, values.read_time)
    converter.register_structure_hook(Role, values.read_word)
    converter.register_structure_hook(Egress, values.read_word)
    converter.register_structure_hook_func(
        lambda kind: IPv4Address in get_args(kind), values.read_address
    )
    converter.register_structure_hook_func(lambda kind: kind == str | DatedRib, _rib)
    converter.register_structure_hook_func(
        lambda kind: MaxAge in get_args(kind), values.read_max_age
    )
    converter.register_structure_hook_func(
        lambda kind: QuietTime in get_args(kind), values.read_quiet_time
    )
    special = {
        (Connection, "bandwidth"): values.read_mbits,
        (Connection, "provisioned_bandwidth"): values.read_mbits,
        (Connection, "utilization"): values.read_percent,
        (Peering, "profile"): values.read_profile,
        (Lab, "allow"): values.read_allow,
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
    """Yield the mistakes of an error tree; `data` and `place` are those of the error's value."""
    if isinstance(error, BaseValidationError):
        if not isinstance(data, (Mapping, list)):
            yield _mistake(place, "", "a table", data)
            return
        for inner in error.exceptions:
            yield from _inner_mistakes(inner, data, place, key)
    elif isinstance(error, ForbiddenExtraKeysError):
        yield from _unknown_keys(error, data, place)
    elif isinstance(error, values.ExpectedError):
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
            yield _mistake(place, name, "a value: the key is required", None)
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
        # A user may have put the MD5 key of a session where only its existence is declared.
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
