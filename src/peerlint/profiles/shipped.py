"""The five shipped profiles as data: parameters, severities and requirement levels.

There is one profile for each source document of Microsoft's. Their names are those of
`peerlint.inventory.peering.PROFILES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from peerlint.rules.numbers import MIN_CONNECTIONS_ROUTE_SERVER

#: The values of each profile that differ from the defaults of `Profile`, in the keys of a user's
#: file.
SHIPPED: Final[Mapping[str, Mapping[str, object]]] = {
    "direct": {
        "title": "Direct interconnect with Peering Service",
        "source": "000",
    },
    "partner": {
        "title": "Peering Service partner, Operator Connect",
        "source": "001",
        "parameters": {"prefixes": "announced", "address_provider": "Microsoft"},
    },
    "route-server": {
        "title": "Internet exchange with a route server",
        "source": "002",
        "parameters": {
            "network": "IxRs",
            "min_connections": MIN_CONNECTIONS_ROUTE_SERVER.value,
            "address_provider": "Peer",
        },
    },
    "maps": {
        "title": "Azure Peering Service (MAPS) partner",
        "source": "003",
    },
    "voice": {
        "title": "Voice services",
        "source": "004",
        "parameters": {"network": "Voice", "address_provider": "Microsoft"},
    },
}
#: Severities in place of the rule's own, by profile and rule.
SEVERITIES: Final[Mapping[tuple[str, str], str]] = {
    ("direct", "topology.agreement-signed"): "error",
    ("partner", "topology.bandwidth-equal"): "warning",
    ("partner", "topology.geo-redundancy"): "error",
}
#: The requirement level of each rule in each profile, in the order of the catalogue; see
#: `Requirement`.
LEVELS: Final = """\
rule                               direct         partner        route-server   maps           voice
topology.peering-type              must           must           must           must           must
topology.microsoft-network         must           must           must           must           must
topology.sku                       must           must           must           must           must
topology.use-for-peering-service   must           must           must           must           must
topology.session-address-provider  off            must           must           off            must
topology.facility-valid            must           must           must           must           must
topology.metro-selected            must           off            must           off            must
topology.basics-immutable          must           off            must           must           must
topology.agreement-signed          must           must-linked    must-linked    must-linked    must-linked
topology.deployed                  must           derived        must           must           must
topology.min-connections           must           derived        must           must           must
topology.local-redundancy          must           must           must           must           must
topology.router-diversity          must           must-linked    must           must           must
topology.router-circuit-ratio      off            must           off            off            off
topology.backup-not-local          must           off            must           must           must
topology.active-active             info           must           info           info           info
topology.bandwidth-equal           must           must-linked    must           must           must
topology.geo-redundancy            should         must           should         should         should
topology.bandwidth-min             must           must           must           must           must
topology.lacp                      must           must           must           must           must
topology.bfd                       off            must           off            off            must
topology.stateful-firewall         must           must           must           must           must
topology.rate-limit                must           must           must           must           must
topology.session-addresses         derived        derived        must           derived        derived
topology.rs-mesh                   off            off            must           off            off
topology.connection-active         must           must-linked    must           must           must
topology.session-established       must           must           must           must           must
topology.md5-set                   should-linked  should-linked  should-linked  should-linked  should-linked
topology.type-change               should-linked  should-linked  should-linked  should-linked  should-linked
asn.public                         must           must           must           must           must
asn.own                            must           must           must           must           must
asn.associated                     must           must           must           must           must
asn.approved                       must-linked    must-linked    must-linked    must-linked    must-linked
asn.peeringdb-profile              must-linked    must-linked    must-linked    must-linked    must-linked
asn.peer-name                      should-linked  should-linked  should-linked  should-linked  should-linked
asn.noc-contact                    must-linked    must-linked    must-linked    must-linked    must-linked
asn.customer-registered            off            off            must           off            off
asn.customer-public                off            off            derived        off            off
asn.duplicate-registration         off            off            must           off            off
asn.customer-name                  off            off            must           off            off
asn.origin-registered              must           must-linked    must-linked    must           must
asn.origin-not-associated          must-linked    must-linked    off            must-linked    must-linked
prefix.valid                       must           must-linked    must-linked    must           must
prefix.ipv4-only                   must           must           must           must           must
prefix.host-bits                   derived        derived        derived        derived        derived
prefix.private-range               must           must-linked    must-linked    must           must
prefix.own-routable                must           must           must           must           must
prefix.traffic-class               info           must           off            must           info
prefix.longer-than-24              info           must           info           info           must
prefix.too-short                   derived        derived        derived        derived        derived
registration.missing               must           must           off            must           must
registration.single-peering        must           off            off            must           must
registration.overlap               derived        derived        derived        derived        derived
registration.name                  must           off            off            must           must
registration.state                 must           must-linked    off            must           must
registration.internal-error        must-linked    must-linked    must-linked    must-linked    must-linked
registration.key-present           must           must           must           must           must
route.not-received                 must           must-linked    must-linked    must           must
route.covering-only                derived        derived        derived        derived        derived
route.more-specifics-only          derived        derived        derived        derived        derived
route.more-specific-unregistered   derived        derived        derived        derived        derived
route.ipv6-ignored                 derived        derived        derived        derived        derived
route.max-prefixes-advertised      derived        derived        derived        derived        derived
route.rs-blocked                   off            off            derived        off            off
route.export-truncated             derived        derived        derived        derived        derived
route.community-missing            must           must           must           must           must
route.community-wrong-type         derived        derived        derived        derived        derived
route.community-conflict           derived        derived        derived        derived        derived
route.empty-path                   derived        derived        derived        derived        derived
route.confed-leak                  derived        derived        derived        derived        derived
route.as-path-loop                 derived        derived        derived        derived        derived
route.as-path-length               must           must           must           must           must
route.private-asn                  must           must           must           must           must
route.bogon-asn                    derived        derived        derived        derived        derived
route.prepending                   must           must-linked    must-linked    must           must
route.as-set                       derived        derived        derived        derived        derived
route.first-as                     derived        derived        off            derived        derived
route.origin-inconsistent          should-linked  should-linked  should-linked  should-linked  should-linked
route.inconsistent-locations       should-linked  should-linked  should-linked  should-linked  should-linked
route.asymmetric-local             derived        derived        derived        derived        derived
route.next-hop                     derived        derived        info           derived        derived
route.irr-route                    must-linked    must-linked    must-linked    must-linked    must-linked
route.rpki-invalid                 must-linked    must-linked    must-linked    must-linked    must-linked
route.rpki-notfound                should-linked  should-linked  should-linked  should-linked  should-linked
activation.fields                  must-linked    must           must-linked    must-linked    must
activation.overlap                 must-linked    must-linked    must-linked    must-linked    must-linked
activation.multi-provider          must-linked    must-linked    must-linked    must-linked    must-linked
activation.missing                 should         must           should         should         must
activation.not-registered          must-linked    must           must-linked    must-linked    must
activation.not-received            must-linked    must-linked    must-linked    must-linked    must
activation.key-mismatch            must-linked    must           must-linked    must-linked    must
activation.key-scope               off            info           off            must           info
activation.primary-sessions        must-linked    must-linked    must-linked    must-linked    must-linked
activation.backup-sessions         must-linked    must-linked    must-linked    must-linked    must-linked
activation.backup-none             should-linked  should         should-linked  should-linked  should
activation.backup-same-location    derived        derived        derived        derived        derived
activation.provider                must-linked    must           must-linked    must-linked    must
activation.location-alignment      must-linked    must           must-linked    must-linked    must
activation.state                   must-linked    must-linked    must-linked    must-linked    must
activation.immutable               must-linked    must-linked    must-linked    must-linked    must-linked
activation.customer-eligibility    must-linked    must-linked    must-linked    must-linked    must-linked
ops.utilization                    must           must           must           must           must
ops.max-prefix                     should         should         should         should         should
ops.lead-time                      should         should         should         should         should
ops.no-readvertise                 must           must           must           must           must
ops.microsoft-routes               must           must           must           must           must
ops.session-ip-pending             must           must           must           must           must
ops.status-by-mail                 must           must           must           must           must
ops.cross-connect-cost             must           must           must           must           must
ops.portal-only                    must           must           must           must           must
ops.as12076-filter                 must-linked    must-linked    must-linked    must-linked    must-linked
ops.noc-24x7                       must-linked    must-linked    must-linked    must-linked    must-linked
ops.maintenance-alerts             should-linked  should-linked  should-linked  should-linked  should-linked
ops.no-static-default              must-linked    must-linked    must-linked    must-linked    must-linked
ops.ipv6-session                   should-linked  should-linked  should-linked  should-linked  should-linked
"""  # noqa: E501  # a table
