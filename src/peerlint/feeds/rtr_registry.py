"""VRPs of an RTR cache as registry data."""

from __future__ import annotations

import asyncio
from typing import Final

import numpy as np

from peerlint.errors import FeedError
from peerlint.feeds.rtr import RtrFeed
from peerlint.registry import (
    Prefixes,
    Registry,
    RegistryInputs,
    SourceInfo,
    SourceKind,
    VrpColumns,
)
from peerlint.registry.columns import NO_TIME
from peerlint.registry.rtr import VrpSet, VrpsReceived

#: Seconds in which the first complete answer of a cache has to be there.
WAIT: Final = 300.0


def vrp_registry(vrps: VrpSet, received: int, name: str) -> Registry:
    """Return the VRPs of a cache as registry data, as of the cache's last complete answer.

    The protocol says neither the trust anchor of a VRP nor when it expires.

    Args:
        vrps: the VRPs.
        received: when the answer was complete, in microseconds since 1970.
        name: the name of the cache, which takes the place of a trust anchor.
    """
    count = len(vrps)
    columns = VrpColumns(
        Prefixes(vrps.family, vrps.prefix_hi, vrps.prefix_lo, vrps.length),
        vrps.max_length,
        vrps.asn,
        np.zeros(count, np.uint8),
        np.full(count, NO_TIME, np.int64),
        (name,),
    )
    source = SourceInfo(SourceKind.VRPS, name, received, count)
    return Registry.of(RegistryInputs(received, (source,), vrps=(columns,)))


async def first_vrps(feed: RtrFeed, wait: float = WAIT) -> tuple[Registry, tuple[str, ...]]:
    """Return the first complete data of a cache, and what is unusual in words; close the feed.

    Raises:
        FeedError: the cache cannot be reached, or sends no complete data in time.
    """
    remarks: list[str] = []
    try:
        async with asyncio.timeout(wait):
            async for event in feed:
                if isinstance(event, VrpsReceived):
                    found = (f"{feed.name}: {each}" for each in event.remarks)
                    registry = vrp_registry(event.vrps, event.time, feed.name)
                    return registry, (*remarks, *found)
    except TimeoutError:
        pass
    raise FeedError(feed.name, f"expected all VRPs in {wait:g} seconds, found half an answer")
