"""Where octets enter. Nothing here judges; everything here may fail for reasons outside of us."""

from peerlint.feeds.dumps import Dump, is_descriptor

__all__ = ["Dump", "is_descriptor"]
