"""The BGP sessions of the lab, with documentation addresses and ASNs."""

from dataclasses import dataclass, replace

MICROSOFT = 8075
CONTOSO = 64500
CUSTOMER = 64501

MICROSOFT_PREFIXES = ("198.18.128.0/24", "198.18.129.0/24", "198.18.130.0/24")


@dataclass(frozen=True, slots=True)
class Core:
    """The link to a second router of Contoso's, which originates Contoso's own prefixes."""

    name: str
    address: str
    contoso_to_core: str


@dataclass(frozen=True, slots=True)
class Session:
    """One eBGP session between Contoso and Microsoft, and the links of its edge router."""

    name: str
    edge: str
    collector: str
    microsoft: str
    contoso: str
    customer: str
    contoso_to_customer: str
    core: Core | None = None

    @property
    def customer_router(self) -> str:
        """The name of the customer's router at this session's edge router."""
        return f"customer.{self.name}"


SESSIONS = (
    Session(
        name="ams-1",
        edge="edge1.ams",
        collector="microsoft.ams",
        microsoft="192.0.2.1",
        contoso="192.0.2.0",
        customer="192.0.2.129",
        contoso_to_customer="192.0.2.128",
    ),
    Session(
        name="ams-2",
        edge="edge2.ams",
        collector="microsoft.ams",
        microsoft="192.0.2.3",
        contoso="192.0.2.2",
        customer="192.0.2.131",
        contoso_to_customer="192.0.2.130",
    ),
    Session(
        name="fra-1",
        edge="edge1.fra",
        collector="microsoft.fra",
        microsoft="192.0.2.5",
        contoso="192.0.2.4",
        customer="192.0.2.133",
        contoso_to_customer="192.0.2.132",
    ),
    Session(
        name="fra-2",
        edge="edge2.fra",
        collector="microsoft.fra",
        microsoft="192.0.2.7",
        contoso="192.0.2.6",
        customer="192.0.2.135",
        contoso_to_customer="192.0.2.134",
        # GoBGP 3.10 writes a route that it originates as a record with a peer index beyond its
        # own peer table, so it learns Contoso's own prefixes over iBGP.
        core=Core("core.fra", address="192.0.2.137", contoso_to_core="192.0.2.136"),
    ),
)


@dataclass(frozen=True, slots=True)
class StationLink:
    """The link of a router that sends BMP to the monitoring station."""

    router: str
    address: str
    station: str


STATION = "station"
STATION_LINKS = (
    StationLink("microsoft.ams", address="192.0.2.192", station="192.0.2.193"),
    StationLink("microsoft.fra", address="192.0.2.194", station="192.0.2.195"),
    StationLink("edge2.ams", address="192.0.2.196", station="192.0.2.197"),
    StationLink("edge2.fra", address="192.0.2.198", station="192.0.2.199"),
)


@dataclass(frozen=True, slots=True)
class Topology:
    """Which routers there are, by their sessions, and which of them send BMP."""

    sessions: tuple[Session, ...]
    station_links: tuple[StationLink, ...]

    @property
    def collectors(self) -> tuple[str, ...]:
        """Microsoft's routers."""
        return tuple(dict.fromkeys(session.collector for session in self.sessions))


TWO_SITES = Topology(SESSIONS, STATION_LINKS)
#: One router of Microsoft's has all sessions, so that one BMP stream shows all of them.
ONE_ROUTER = Topology(
    tuple(replace(session, collector="microsoft") for session in SESSIONS),
    (StationLink("microsoft", address="192.0.2.192", station="192.0.2.193"),),
)
