"""Where octets enter. Nothing here judges; everything here may fail for reasons outside of us."""

from peerlint.feeds.dumps import Dump

__all__ = ["Dump"]
