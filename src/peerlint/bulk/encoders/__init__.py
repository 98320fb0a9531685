"""Encoders of routes: batches into a binary file as Parquet, CSV or JSON lines, one module each.

The caller opens the file, and closes it after the encoder.
"""

from peerlint.bulk.encoders.encoder import FORMATS, RouteEncoder, route_encoder

__all__ = ["FORMATS", "RouteEncoder", "route_encoder"]
