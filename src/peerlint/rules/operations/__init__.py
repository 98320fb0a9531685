"""The family `ops`: rules about the operation of a peering."""
