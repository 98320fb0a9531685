"""Octets to values and back: MRT (RFC 6396, RFC 8050) and BGP (RFC 4271). No I/O.

Every `decode_*` takes a buffer and gives a value or raises `peerlint.errors.WireError` with the
offset in that buffer; every `encode_*` gives the octets that decode to an equal value.
"""
