"""Fuzzing of the decoders: any octets give a value or a `PeerlintError`."""
