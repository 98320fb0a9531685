"""The family `activation`: service prefixes, which customers activate with a key."""
