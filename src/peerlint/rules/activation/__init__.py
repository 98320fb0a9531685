"""The family `activation`: rules about service prefixes, which customers activate with a key."""
