"""Live events of routers that speak BMP (RFC 7854)."""

from peerlint.feeds.bmp.listener import BmpListener, Limits
from peerlint.feeds.bmp.remarks import Remark, RemarkCounts, RemarkKind
from peerlint.feeds.bmp.router import RouterStream
from peerlint.feeds.bmp.selection import RouteSelection

__all__ = [
    "BmpListener",
    "Limits",
    "Remark",
    "RemarkCounts",
    "RemarkKind",
    "RouteSelection",
    "RouterStream",
]
