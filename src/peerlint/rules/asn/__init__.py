"""The family `asn`: rules about the partner's AS, those of its customers, and origins of routes."""
