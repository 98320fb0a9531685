"""Events of archives: MRT files, recorded BMP streams and recordings of RIS Live."""

from peerlint.feeds.archive.feed import Archive, ArchiveFeed
from peerlint.feeds.archive.readings import ArchiveKind, ArchiveReading

__all__ = ["Archive", "ArchiveFeed", "ArchiveKind", "ArchiveReading"]
