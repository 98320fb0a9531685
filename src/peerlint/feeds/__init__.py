"""Where octets enter. No rules here; everything here may fail for reasons outside of peerlint."""

from peerlint.feeds.dumps import Dump, is_descriptor

__all__ = ["Dump", "is_descriptor"]
