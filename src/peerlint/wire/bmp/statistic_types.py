"""The statistics of IANA's list "BMP Statistics Types": names, kinds and what they count."""

from __future__ import annotations

from enum import Enum
from typing import Final

import attrs

from peerlint.model import View


class StatisticKind(Enum):
    """Whether a statistic counts events or says how many there are now."""

    COUNTER = "counter"  # 32 bits, never decreases except by wrapping or a reset
    GAUGE = "gauge"  # 64 bits


@attrs.frozen
class StatisticType:
    """A type of statistic.

    Attributes:
        number: its number.
        name: its name.
        kind: counter or gauge.
        is_per_family: whether its value starts with AFI and SAFI.
        view: for the number of all routes of a table, the view of that table; otherwise None.
        is_post_policy: for the number of routes of an Adj-RIB-In, whether it is that after policy;
            None if the type does not say it, and for all other types.
    """

    number: int
    name: str
    kind: StatisticKind = StatisticKind.GAUGE
    is_per_family: bool = False
    view: View | None = None
    is_post_policy: bool | None = None

    @property
    def octets(self) -> int:
        """Octets of its value."""
        return (
            _COUNTER_OCTETS if self.kind is StatisticKind.COUNTER else _OCTETS[self.is_per_family]
        )


_COUNTER_OCTETS: Final = 4
#: Octets of a gauge, alone and with AFI and SAFI.
_OCTETS: Final = {False: 8, True: 11}
_RPKI: Final = "by the RPKI"
_LENGTH: Final = "for the length of AS_PATH"

#: Counters (RFC 7854 section 4.8).
_COUNTERS: Final = {
    0: "prefixes rejected by inbound policy",
    1: "(known) duplicate prefix advertisements",
    2: "(known) duplicate withdraws",
    3: "updates invalidated due to CLUSTER_LIST loop",
    4: "updates invalidated due to AS_PATH loop",
    5: "updates invalidated due to ORIGINATOR_ID",
    6: "updates invalidated due to AS_CONFED loop",
    11: "updates subjected to treat-as-withdraw",
    12: "prefixes subjected to treat-as-withdraw",
    13: "duplicate update messages received",
}
#: Numbers of the routes of a table: alone, per family, the table, its view and policy. RFC 7854
#: section 4.8 (7 to 10), RFC 8671 section 6.2 (14 to 17), RFC 9972 section 3.2 (18 to 21).
_TABLES: Final = (
    (7, 9, "Adj-RIB-In", View.ADJ_RIB_IN, None),
    (8, 10, "Loc-RIB", View.LOC_RIB, None),
    (14, 16, "pre-policy Adj-RIB-Out", View.ADVERTISED, None),
    (15, 17, "post-policy Adj-RIB-Out", View.SENT, None),
    (18, 19, "pre-policy Adj-RIB-In", View.ADJ_RIB_IN, False),
    (20, 21, "post-policy Adj-RIB-In", View.ADJ_RIB_IN, True),
)
#: Numbers of some routes of a table: alone (None if there is only the other), per family, and what
#: they count. RFC 9972 sections 3.2 and 3.3.
_PARTS: Final = (
    (None, 22, "routes of the pre-policy Adj-RIB-In rejected by inbound policy"),
    (None, 23, "routes of the post-policy Adj-RIB-In accepted by inbound policy"),
    (None, 24, "routes selected as primary route"),
    (None, 25, "routes selected as backup route"),
    (None, 26, "routes suppressed by route damping"),
    (None, 27, "routes marked as stale by graceful restart"),
    (None, 28, "routes marked as stale by long-lived graceful restart"),
    (29, 30, "routes of the post-policy Adj-RIB-In left before the received-route threshold"),
    (31, 32, "routes left before the licensed threshold"),
    (33, 34, f"routes of the pre-policy Adj-RIB-In rejected {_LENGTH}"),
    (None, 35, f"routes of the post-policy Adj-RIB-In invalidated {_RPKI}"),
    (None, 36, f"routes of the post-policy Adj-RIB-In validated {_RPKI}"),
    (None, 37, f"routes of the post-policy Adj-RIB-In not found {_RPKI}"),
    (None, 38, "routes of the pre-policy Adj-RIB-Out rejected by outbound policy"),
    (39, 40, f"routes of the pre-policy Adj-RIB-Out filtered {_LENGTH}"),
    (None, 41, f"routes of the post-policy Adj-RIB-Out invalidated {_RPKI}"),
    (None, 42, f"routes of the post-policy Adj-RIB-Out validated {_RPKI}"),
    (None, 43, f"routes of the post-policy Adj-RIB-Out not found {_RPKI}"),
)
_PER_FAMILY: Final = ", per family"


def _types() -> dict[int, StatisticType]:
    found = [
        StatisticType(number, name, StatisticKind.COUNTER) for number, name in _COUNTERS.items()
    ]
    for alone, per_family, table, view, policy in _TABLES:
        name = f"routes of the {table}"
        found.append(StatisticType(alone, name, view=view, is_post_policy=policy))
        found.append(
            StatisticType(
                per_family,
                name + _PER_FAMILY,
                is_per_family=True,
                view=view,
                is_post_policy=policy,
            )
        )
    for single, per_family, name in _PARTS:
        if single is not None:
            found.append(StatisticType(single, name))
        found.append(StatisticType(per_family, name + _PER_FAMILY, is_per_family=True))
    return {each.number: each for each in sorted(found, key=lambda each: each.number)}


#: The types by number: RFC 7854 (0 to 13), RFC 8671 (14 to 17) and RFC 9972 (18 to 43).
STATISTIC_TYPES: Final = _types()
