"""The family `route`: presence, communities, AS paths, and consistency between sessions."""
