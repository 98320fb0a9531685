"""What a running watch does: it keeps its state, delivers alerts, and answers requests."""
