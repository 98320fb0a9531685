"""Sinks: where alerts are delivered."""

from peerlint.service.sinks.alertmanager import Alertmanager
from peerlint.service.sinks.argument import SinkArgument, SinkKind, parse_sink
from peerlint.service.sinks.http import HttpClient, HttpLimits
from peerlint.service.sinks.jsonl import JsonLines
from peerlint.service.sinks.make import make_sink
from peerlint.service.sinks.signature import signature
from peerlint.service.sinks.sink import DeliveryError, DocumentOf, Sink
from peerlint.service.sinks.webhook import SECRET_VARIABLE, Webhook

__all__ = [
    "SECRET_VARIABLE",
    "Alertmanager",
    "DeliveryError",
    "DocumentOf",
    "HttpClient",
    "HttpLimits",
    "JsonLines",
    "Sink",
    "SinkArgument",
    "SinkKind",
    "Webhook",
    "make_sink",
    "parse_sink",
    "signature",
]
