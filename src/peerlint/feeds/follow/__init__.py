"""Live events of a folder of MRT files that routers and collectors write."""

from peerlint.feeds.follow.feed import FolderFeed

__all__ = ["FolderFeed"]
