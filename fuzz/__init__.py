"""Fuzzing of decoders: any octets give a value or a `PeerlintError`."""
