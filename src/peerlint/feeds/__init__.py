"""Read files, pipes, URLs and Azure, and follow live feeds. This package knows no rules."""

from peerlint.feeds.dumps import Dump, OnChunk, OnWait, is_descriptor
from peerlint.feeds.files import LARGEST, exists, open_descriptor, read_octets, read_text

__all__ = [
    "LARGEST",
    "Dump",
    "OnChunk",
    "OnWait",
    "exists",
    "is_descriptor",
    "open_descriptor",
    "read_octets",
    "read_text",
]
