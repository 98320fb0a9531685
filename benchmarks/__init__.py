"""Benchmarks: each contender in its own process, time and peak memory side by side."""
