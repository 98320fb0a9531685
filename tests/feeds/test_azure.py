"""Azure itself, through the SDK's own client: only the server is ours, and on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from threading import Thread
from typing import Any, ClassVar, Final, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from peerlint.errors import ExportError, FeedError
from peerlint.feeds import azure
from peerlint.inventory import (
    Connection,
    Inventory,
    Key,
    PeerAsn,
    Peering,
    PeeringService,
    Provider,
    RegisteredAsn,
    RegisteredPrefix,
    ServicePrefix,
    Session,
)
from peerlint.inventory.azure import merge, read_export
from peerlint.model import Asn
from peerlint.testing.azure import azure_exports

pytest.importorskip("azure.mgmt.peering", reason="needs the extra [azure]")

from azure.core.pipeline.policies import SansIOHTTPPolicy  # only with the extra
from azure.mgmt.peering import PeeringManagementClient  # likewise

_SESSION: Final = Session(
    IPv4Address("192.0.2.1"), IPv4Address("192.0.2.0"), state="Established", max_advertised=20_000
)
INVENTORY: Final = Inventory(
    (
        Peering(
            "contoso-ams",
            "maps",
            Asn(64500),
            "Amsterdam",
            "Premium_Direct_Free",
            connections=(
                Connection(
                    "contoso-ams-1",
                    bandwidth=10_000,
                    state="Active",
                    sessions=(_SESSION,),
                    peering_service=True,
                    facility=26,
                    identifier="11111111-1111-1111-1111-111111111111",
                ),
                Connection("contoso-ams-2", state="PendingApproval", identifier="2"),
            ),
            registered_prefixes=(
                RegisteredPrefix("203.0.113.0/24", "sbc-1", key=Key("k-1"), state="Verified"),
                RegisteredPrefix("198.51.100.0/24", "sbc-2", state="Failed", error="no community"),
                RegisteredPrefix("198.18.0.0/24", "sbc-3", state="Quarantined"),
            ),
            kind="Direct",
            network="Edge",
            provisioning_state="Succeeded",
            subscription="0000",
            resource_group="net",
            peer_asn="contoso",
        ),
        Peering(
            "contoso-rs",
            "route-server",
            Asn(64500),
            "Frankfurt",
            registered_asns=(RegisteredAsn(Asn(64501), "customer-a", Key("k-2"), "Succeeded"),),
            kind="Direct",
            network="IxRs",
            subscription="0000",
            resource_group="net",
            peer_asn="contoso",
        ),
    ),
    peer_asns=(PeerAsn("contoso", Asn(64500), "Contoso", "Approved", subscription="0000"),),
    peering_services=(
        PeeringService(
            "maps",
            "Hesse",
            "Contoso",
            "Frankfurt",
            None,
            "0000",
            (ServicePrefix("203.0.113.0/24", "sbc-1", Key("k-1"), "Verified", "ViaSession"),),
        ),
    ),
    providers=(Provider("Contoso", ("Amsterdam", "Frankfurt")), Provider("Fabrikam")),
)


class _Answers(BaseHTTPRequestHandler):
    """Answers lists of one inventory, one item a page; anything but GET is refused."""

    lists: ClassVar[dict[str, list[Any]]] = {}
    refused: ClassVar[dict[str, tuple[int, str]]] = {}

    def do_GET(self) -> None:  # the name that the server asks for
        parts = urlsplit(self.path)
        end = parts.path.casefold()
        for word, (status, code) in self.refused.items():
            if end.endswith(word):
                self._answer(status, {"error": {"code": code, "message": f"{code}: no"}})
                return
        items = next((each for key, each in self.lists.items() if end.endswith(key)), [])
        at = int(parse_qs(parts.query).get("skip", ["0"])[0])
        page: dict[str, Any] = {"value": items[at : at + 1]}
        if at + 1 < len(items):
            host, port = self.server.server_address[:2]
            page["nextLink"] = f"http://{host!s}:{port}{parts.path}?skip={at + 1}"
        self._answer(200, page)

    def _answer(self, status: int, body: object) -> None:
        octets = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


@pytest.fixture(name="answers")
def _answers() -> type[_Answers]:
    """Hold the inventory as Azure would, with nothing refused."""
    files = {name: json.loads(text)["value"] for name, text in azure_exports(INVENTORY).items()}
    lists = {
        "/peerasns": files["peer-asns.json"],
        "/peerings": files["peerings.json"],
        "/peerings/contoso-ams/registeredprefixes": files["registered-prefixes-1.json"],
        "/peerings/contoso-rs/registeredasns": files["registered-asns-2.json"],
        "/peeringservices": files["services.json"],
        "/peeringservices/maps/prefixes": files["service-prefixes-1.json"],
        "/peeringserviceproviders": files["providers.json"],
    }
    return type("Answers", (_Answers,), {"lists": lists, "refused": {}})


@pytest.fixture(name="client")
def _client(answers: type[_Answers]) -> Iterator[azure.PeeringClient]:
    """Make the SDK's client of a server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), answers) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))  # seconds to its end
        thread.start()
        with sdk(server.server_port) as client:
            yield client
        server.shutdown()
        thread.join()


def sdk(port: int) -> PeeringManagementClient:
    """Make the SDK's client, without a login and without patience."""
    return PeeringManagementClient(
        cast("Any", object()),
        "0000",
        base_url=f"http://127.0.0.1:{port}",
        authentication_policy=SansIOHTTPPolicy(),
        retry_total=0,
    )


def test_a_subscription(client: azure.PeeringClient) -> None:
    """All pages of all lists, as the SDK reads them, are the inventory."""
    export = read_export(azure.azure_files(client))

    assert () == (*export.remarks, *export.unfinished)
    assert INVENTORY == merge(Inventory(), export).inventory


def test_kinds_without_a_list(client: azure.PeeringClient, answers: type[_Answers]) -> None:
    """A peering that has no registered ASNs says so with an error; then there are none."""
    answers.refused["/contoso-ams/registeredasns"] = (400, "OperationNotSupported")

    assert INVENTORY == merge(Inventory(), read_export(azure.azure_files(client))).inventory


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AuthorizationFailed"), (404, "SubscriptionNotFound")]
)
def test_refused(
    client: azure.PeeringClient, answers: type[_Answers], status: int, code: str
) -> None:
    """What Azure refuses is an error that names the list and Azure's reason."""
    answers.refused["/peerings"] = (status, code)

    with pytest.raises(FeedError) as caught:
        list(azure.azure_files(client))

    assert str(caught.value).startswith("Azure, peerings: refused: ")
    assert code in str(caught.value)


_GROUP: Final = "/subscriptions/0000/resourceGroups"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (None, "item 2: expected an object, found nothing"),
        ("x", "item 2: expected an object, found 'x'"),
        ([1], "item 2: expected an object, found [1]"),
        ({}, "item 2, key id: expected /subscriptions/"),
        ({"id": None}, "item 2, key id: expected /subscriptions/"),
        ({"id": 5}, "NAME, found 5"),
        ({"id": ["x"]}, "NAME, found ['x']"),
        ({"id": ""}, "NAME, found an empty string"),
        ({"id": "contoso-ams"}, "NAME, found 'contoso-ams'"),
        ({"id": _GROUP}, f"NAME, found '{_GROUP}'"),
        ({"id": f"{_GROUP}/net"}, f"NAME, found '{_GROUP}/net'"),
        ({"id": f"{_GROUP}/net/peerings/"}, f"NAME, found '{_GROUP}/net/peerings/'"),
    ],
)
@pytest.mark.parametrize("name", ["/peerings", "/peeringservices"])
def test_an_item_that_is_no_resource(
    client: azure.PeeringClient, answers: type[_Answers], name: str, item: object, said: str
) -> None:
    """An item whose lists cannot be asked for is an error that names it, and its field."""
    answers.lists[name] = [answers.lists[name][0], item]

    with pytest.raises(ExportError) as caught:
        list(azure.azure_files(client))

    assert str(caught.value).startswith("Azure, peering")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "page",
    [[], None, "x", {"value": None}, {"value": 5}, {"value": {"a": 1}}, {"nextLink": 5}],
    ids=repr,
)
def test_an_answer_that_is_no_page(
    client: azure.PeeringClient,
    answers: type[_Answers],
    monkeypatch: pytest.MonkeyPatch,
    page: object,
) -> None:
    """An answer of another form than a page of a list is an error that names the list."""
    answer = answers._answer
    monkeypatch.setattr(answers, "_answer", lambda self, status, _: answer(self, status, page))

    with pytest.raises(ExportError) as caught:
        list(azure.azure_files(client))

    assert str(caught.value).startswith("Azure, peer ASNs: the answer, key value: expected a page")


def test_unreachable() -> None:
    """A server that does not answer is an error of the feed."""
    nowhere = sdk(port=9)

    with pytest.raises(FeedError) as caught:
        list(azure.azure_files(nowhere))

    assert str(caught.value).startswith("Azure, peer ASNs: cannot be read: ")
