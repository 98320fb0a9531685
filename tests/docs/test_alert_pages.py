"""The pages on alerts: their examples run, and their tables are those of the code."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from tests.service.doubles.alerts import alert, opening

from peerlint.errors import InputError
from peerlint.monitor.alert_document import alert_document
from peerlint.schemas import shipped_schema
from peerlint.service.delivery import MAX_REFUSALS, DeliveryTimes
from peerlint.service.sinks import DeliveryError, SinkKind, make_sink, parse_sink, signature
from peerlint.service.sinks.alertmanager import LIFETIME, alert_labels, posted_alert
from peerlint.service.sinks.http import _REFUSED, HttpLimits
from peerlint.service.store import Retention

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
REFERENCE: Final = (DOCS / "reference" / "alerts.md").read_text(encoding="utf-8")
ALERTMANAGER: Final = (DOCS / "how-to" / "send-alerts-to-alertmanager.md").read_text(
    encoding="utf-8"
)
WEBHOOK: Final = (DOCS / "how-to" / "receive-a-webhook.md").read_text(encoding="utf-8")
SECRET: Final = "of the test"  # noqa: S105  # no secret
#: Seconds after which something that should happen at once counts as hanging.
LIMIT: Final = 60


def blocks(page: str, language: str) -> list[str]:
    """Return the examples in a language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def cells(page: str, heading: str) -> list[list[str]]:
    """Return the names in the first column of the first table below a heading, by row."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = re.findall(r"^\| (.*?) \|", section, re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) for row in rows]


def test_every_form_has_a_row() -> None:
    """Forms and environment variables are those of the code."""
    forms = set(re.findall(r"^\| `([a-z]+):", REFERENCE, re.MULTILINE))

    assert set(SinkKind) == forms
    for kind in (SinkKind.ALERTMANAGER, SinkKind.WEBHOOK):
        assert f"| `{kind.token_variable}` |" in REFERENCE
    with pytest.raises(InputError, match="user or password"):
        parse_sink("webhook:https://user@noc.example/")


def test_every_field_has_a_row() -> None:
    """The table has the fields of the schema, in its order."""
    listed = [name for row in cells(REFERENCE, "The document") for name in row]

    assert [*shipped_schema("alert")["properties"]] == listed


def test_times_and_limits_are_those_of_the_code() -> None:
    """Retries, limits of requests, the lifetime of alerts, and what is kept."""
    times, retention = DeliveryTimes(), Retention()
    refused = ", ".join(map(str, sorted(_REFUSED)[:-1]))

    assert (times.first, times.longest, times.longest_asked) == (1.0, 300.0, 3600.0)
    assert "after a second, then after twice the time, up to 5 minutes" in REFERENCE
    assert "`Retry-After` is honoured, up to an hour" in REFERENCE
    assert MAX_REFUSALS == 3
    assert f"(HTTP status {refused} or {max(_REFUSED)}) gets it three times" in REFERENCE
    assert f"A request ends after {HttpLimits().total:g} seconds" in REFERENCE
    assert LIFETIME == 300.0
    assert f"every {LIFETIME / 3:g} seconds" in REFERENCE
    assert f"every {LIFETIME / 3:g} seconds" in ALERTMANAGER
    assert retention.age == 30 * retention.absence
    assert f"after 30 days, and if there are more than {retention.rows:,} of each" in REFERENCE


def test_labels_and_annotations_have_a_row() -> None:
    """Those of an alert are all on the page."""
    one = posted_alert(alert(), now=0, ends=0, page="https://noc.example/")
    annotations = one["annotations"]
    assert isinstance(annotations, dict)
    section = REFERENCE.split("\n## Alertmanager\n")[1]

    for name in (*alert_labels(alert()), *annotations, *({*one} - {"labels", "annotations"})):
        assert f"`{name}`" in section


def test_the_verification_takes_what_is_genuine_only() -> None:
    """Another secret, body, time or signature is refused, and so is what is old."""
    (code,) = blocks(REFERENCE, "python")
    names: dict[str, Any] = {}
    exec(compile(code, "alerts.md", "exec"), names)  # noqa: S102  # our own page
    is_genuine: Callable[[str, str, str, bytes], bool] = names["is_genuine"]
    now, old = str(int(time.time())), str(int(time.time()) - 400)
    signed = signature(SECRET, now, b"{}")

    assert is_genuine(SECRET, now, signed, b"{}")
    assert not is_genuine("another", now, signed, b"{}")
    assert not is_genuine(SECRET, now, signed, b"{} ")
    assert not is_genuine(SECRET, str(int(now) + 1), signed, b"{}")
    assert not is_genuine(SECRET, now, "", b"{}")
    assert not is_genuine(SECRET, old, signature(SECRET, old, b"{}"), b"{}")
    assert not is_genuine(SECRET, "now", signature(SECRET, "now", b"{}"), b"{}")


@pytest.mark.slow
def test_the_receiver_runs(tmp_path: Path) -> None:
    """It keeps what is signed, once, and refuses the rest."""
    pytest.importorskip("aiohttp", reason="the extra `live`")
    (code,) = blocks(WEBHOOK, "python")
    script = tmp_path / "receiver.py"
    shown = 'server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)\n'
    shown += "print(server.server_port, flush=True)\nserver.serve_forever()"
    listening = 'ThreadingHTTPServer(("127.0.0.1", 8080), Receiver).serve_forever()'
    assert listening in code
    script.write_text(code.replace(listening, shown), encoding="utf-8")
    environ = {**os.environ, "PEERLINT_WEBHOOK_SECRET": SECRET}

    async def deliver(url: str, secret: str) -> None:
        sink = make_sink(parse_sink(f"webhook:{url}"), environ={"PEERLINT_WEBHOOK_SECRET": secret})
        try:
            await sink.deliver([opening(alert())])
        finally:
            await sink.close()

    with subprocess.Popen(
        [sys.executable, script],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}/"
        asyncio.run(deliver(url, SECRET))
        asyncio.run(deliver(url, SECRET))
        with pytest.raises(DeliveryError, match="401"):
            asyncio.run(deliver(url, "another"))
        assert process.stdout.readline() == b"opened: ams-1 is down\n"
        process.kill()

    (kept,) = (tmp_path / "alerts").iterdir()
    assert kept.name == "a-1.json"
    sent = json.dumps(alert_document(opening(alert())))
    assert sent == kept.read_text(encoding="utf-8")


@pytest.mark.slow
def test_alertmanager_and_prometheus_accept_their_examples(tmp_path: Path) -> None:
    """As their own programs check them; skipped where those are not installed."""
    config, rules = blocks(ALERTMANAGER, "yaml")
    for program, words, text in (
        ("amtool", ["check-config"], config),
        ("promtool", ["check", "rules"], rules),
    ):
        path = shutil.which(program)
        if path is None:
            pytest.skip(f"{program} is not installed")
        file = tmp_path / f"{program}.yml"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([path, *words, file], check=False, capture_output=True, timeout=LIMIT)
        assert done.returncode == 0, done.stdout + done.stderr
