"""The service: what watches runs besides the monitor, and how it is seen from outside."""
