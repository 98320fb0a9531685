"""Redaction of secrets, which are known by value, by the form of a key, or by their place in a URL.

A run (a command of the program, or a call of the library) has one `Secrets`. Readers add the
secrets that they read, whatever their type; messages and reports mask these values. Nothing is kept
from one run to the next.
"""

from peerlint.redaction.keys import is_secret_name, masked, without_keys
from peerlint.redaction.run import collected, guarded, redacted
from peerlint.redaction.urls import shown_repr, without_credentials, without_url_secrets
from peerlint.redaction.values import Secrets

__all__ = [
    "Secrets",
    "collected",
    "guarded",
    "is_secret_name",
    "masked",
    "redacted",
    "shown_repr",
    "without_credentials",
    "without_keys",
    "without_url_secrets",
]
