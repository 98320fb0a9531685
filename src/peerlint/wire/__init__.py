"""Decode and encode MRT (RFC 6396, RFC 8050), BMP (RFC 7854), BGP (RFC 4271), RTR (RFC 8210).

No I/O.

Every `decode_*` function takes a buffer. It returns a value, or raises `peerlint.errors.WireError`
with the offset in that buffer. Every `encode_*` function returns octets that decode to an equal
value.
"""
