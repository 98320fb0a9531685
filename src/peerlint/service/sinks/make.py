"""Make sinks from what the user gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from peerlint.feeds.clock import microseconds_now
from peerlint.monitor.alert_document import alert_document
from peerlint.service.sinks.alertmanager import PATH, Alertmanager
from peerlint.service.sinks.argument import SinkArgument, SinkKind
from peerlint.service.sinks.http import HttpClient, HttpLimits
from peerlint.service.sinks.jsonl import JsonLines
from peerlint.service.sinks.sink import DocumentOf, Sink
from peerlint.service.sinks.webhook import SECRET_VARIABLE, Webhook


def make_sink(
    argument: SinkArgument,
    document: DocumentOf = alert_document,
    *,
    environ: Mapping[str, str],
    page: str | None = None,
    limits: HttpLimits | None = None,
    now: Callable[[], int] = microseconds_now,
) -> Sink:
    """Return a sink; nothing is opened or connected yet.

    Args:
        argument: what the user gives.
        document: returns the document of a notice.
        environ: the environment, which has the secrets.
        page: the URL of the status page, for links; None if there is none.
        limits: of requests.
        now: the clock, in microseconds since 1970.

    Raises:
        InputError: the extra `live` is not installed, and the sink needs it.
    """
    if argument.kind is SinkKind.JSONL:
        return JsonLines(argument.name, argument.target, document)
    url = argument.target
    if argument.kind is SinkKind.ALERTMANAGER:
        url = url.rstrip("/").removesuffix(PATH) + PATH
    token = environ.get(argument.kind.token_variable)
    client = HttpClient(url, token=token, limits=limits, now=now)
    if argument.kind is SinkKind.ALERTMANAGER:
        return Alertmanager(argument.name, client, page=page, now=now)
    secret = environ.get(SECRET_VARIABLE)
    return Webhook(argument.name, client, document, secret=secret, now=now)
