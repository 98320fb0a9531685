"""For users' tests: Hypothesis strategies, dump builders, and scenes in one-line notation."""
