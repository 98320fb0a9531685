"""Azure's API, read-only: the same lists that `az peering ... list` prints.

Needs `pip install peerlint[azure]`. The credential is that of `az login`, of a managed identity, or
of the environment (azure-identity).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from peerlint.errors import ExportError, FeedError, Mistake
from peerlint.wording import Words, shown

#: What Azure answers where a kind of peering has no such list.
_NOT_FOR_THIS_KIND: Final = "OperationNotSupported"
_SOURCE: Final = "Azure"
_A_PAGE: Final = "a page: an object with a list `value`, and a string `nextLink` if there are more"
_GROUPS: Final = "resourcegroups"
_AN_ID: Final = "/subscriptions/ID/resourceGroups/GROUP/providers/.../NAME"
_Files = Iterator[tuple[str, bytes]]


class _Model(Protocol):
    """A resource, as every model of the SDK is."""

    def as_dict(self) -> dict[str, Any]:
        """Return the resource as in ARM's JSON."""


class PeeringClient(Protocol):
    """The parts of `azure.mgmt.peering.PeeringManagementClient` that are used: lists only."""

    peer_asns: Any
    peerings: Any
    registered_prefixes: Any
    registered_asns: Any
    peering_services: Any
    prefixes: Any
    peering_service_providers: Any


def connect(subscription: str) -> PeeringClient:
    """Return a client of one subscription.

    Raises:
        FeedError: the SDK is not installed.
    """
    try:
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415  # an extra
        from azure.mgmt.peering import PeeringManagementClient  # noqa: PLC0415
    except ImportError as error:
        raise FeedError(
            _SOURCE, f"{error.name} is not installed; pip install 'peerlint[azure]'"
        ) from None
    client: PeeringClient = PeeringManagementClient(DefaultAzureCredential(), subscription)
    return client


def azure_files(client: PeeringClient) -> _Files:
    """Yield a subscription's lists as files of ARM's JSON, each with a name that says what it is.

    Raises:
        FeedError: Azure cannot be reached, or refuses.
        ExportError: an answer is not what Azure's API promises.
    """
    yield _file("peer ASNs", client.peer_asns.list_by_subscription)
    name, octets = _file("peerings", client.peerings.list_by_subscription)
    yield name, octets
    for group, peering in _names(name, octets):
        for what, lists in (
            ("registered prefixes", client.registered_prefixes),
            ("registered ASNs", client.registered_asns),
        ):
            yield _file(f"{what} of {peering}", lists.list_by_peering, group, peering)
    name, octets = _file("peering services", client.peering_services.list_by_subscription)
    yield name, octets
    for group, service in _names(name, octets):
        lists = client.prefixes
        yield _file(f"prefixes of {service}", lists.list_by_peering_service, group, service)
    yield _file("providers", client.peering_service_providers.list)


def _file(what: str, ask: Callable[..., Iterable[_Model]], *arguments: str) -> tuple[str, bytes]:
    """Return all pages of one list as a file."""
    from azure.core.exceptions import AzureError, HttpResponseError  # noqa: PLC0415  # an extra

    name = f"{_SOURCE}, {what}"
    try:
        items = _listed(name, ask, arguments)
    except HttpResponseError as error:
        if error.error is None or error.error.code != _NOT_FOR_THIS_KIND:
            raise FeedError(name, f"refused: {_first_line(error)}") from error
        items = []
    except AzureError as error:
        raise FeedError(name, f"cannot be read: {_first_line(error)}") from error
    return name, json.dumps(items).encode()


def _listed(
    name: str, ask: Callable[..., Iterable[_Model]], arguments: tuple[str, ...]
) -> list[Mapping[str, Any]]:
    """Return the items of all pages of one list, as in JSON."""
    try:
        models = list(ask(*arguments))
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        # The SDK does not check answers, and fails if a page has another form.
        found = Words(f"what the SDK cannot read ({_first_line(error)})")
        raise _misfit(name, "the answer", "value", _A_PAGE, found) from error
    items: list[Mapping[str, Any]] = []
    for number, model in enumerate(models, start=1):
        where = f"item {number}"
        as_dict = getattr(model, "as_dict", None)
        if as_dict is None:
            raise _misfit(name, where, "", "an object", model)
        try:
            item = as_dict()
            json.dumps(item)
        except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
            found = Words(f"what the SDK cannot read ({_first_line(error)})")
            raise _misfit(name, where, "", "a resource", found) from error
        if not isinstance(item, Mapping):
            raise _misfit(name, where, "", "an object", item)
        items.append(item)
    return items


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _names(name: str, octets: bytes) -> Iterator[tuple[str, str]]:
    """Yield resource group and name of every resource of a file."""
    items: list[Mapping[str, object]] = json.loads(octets)
    for number, item in enumerate(items, start=1):
        words = str(item.get("id")).split("/")
        lower = [word.casefold() for word in words]
        at = lower.index(_GROUPS) + 1 if _GROUPS in lower else len(words)
        # After the group's name there is at least a type, then the resource's name.
        if at + 2 >= len(words) or not (words[at] and words[-1]):
            raise _misfit(name, f"item {number}", "id", _AN_ID, item.get("id"))
        yield words[at], words[-1]


def _misfit(name: str, where: str, key: str, expected: str, found: object) -> ExportError:
    """Return the error of an answer that is not what Azure's API promises."""
    return ExportError(name, (Mistake(where, key, expected, shown(found)),))
