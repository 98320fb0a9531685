"""The family `ops`: running a peering."""
