"""Alerts, clocks and receivers for the tests of the service."""
