"""Rules about how a partner is connected."""
