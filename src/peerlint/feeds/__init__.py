"""Everything that is opened to be read: files, pipes, URLs, Azure. Nothing here knows a rule."""

from peerlint.feeds.dumps import Dump, OnChunk, is_descriptor
from peerlint.feeds.files import LARGEST, exists, read_octets, read_text

__all__ = ["LARGEST", "Dump", "OnChunk", "exists", "is_descriptor", "read_octets", "read_text"]
