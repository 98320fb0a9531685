"""The family `asn`: the partner's AS, its customers' and the origins of routes."""
