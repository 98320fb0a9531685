"""No secret leaves the program: keys, passwords and signatures, wherever somebody put them."""

from __future__ import annotations

import json
import logging
import re
import shutil
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.cli import main as program
from peerlint.errors import PeerlintError
from peerlint.redaction import is_secret_name
from peerlint.report.json import render_json

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples" / "maps"
PEERING: Final = (EXAMPLE / "peering.toml").read_text(encoding="utf-8")
GUID: Final = "deadbeef-1111-4222-8333-c0ffeec0ffee"
PASSWORD: Final = "hunter2-Sup3rS3cretMd5"  # noqa: S105  # of nobody
NUMBER: Final = "8123456789123"
TAG: Final = "[[peering.registered_prefix]]\n"
#: Nobody listens there: what is read of it fails with the name in the message.
URL: Final = f"http://noc:{PASSWORD}@127.0.0.1:9/rib.gz?sig={PASSWORD}&sv=2022#{PASSWORD}"
SPELLINGS: Final = (
    GUID, GUID.upper(), GUID.replace("-", ""), PASSWORD, PASSWORD.upper(), PASSWORD[:12], NUMBER,
    "hunter2%2D",
)  # fmt: skip
Run = Callable[..., tuple[int, str]]


@pytest.fixture(name="run")
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the program in a folder with the example's dump; return its status and all it says."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE / "microsoft.mrt", tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        status = program.run(arguments)
        said = capfd.readouterr()
        written = Path("out.txt")
        text = written.read_text(encoding="utf-8") if written.exists() else ""
        written.unlink(missing_ok=True)
        return status, said.out + said.err + text

    return run


def leaks(text: str) -> list[str]:
    """Return the secrets that a text shows."""
    return [each for each in SPELLINGS if each in text]


def md5(value: str) -> str:
    """Return the example with this value of a session's `md5_set`."""
    return PEERING.replace("md5_set = false", f"md5_set = {value}")


def statement(value: str) -> str:
    """Return the example with a waiver that has this in every place."""
    return (
        f'{PEERING}\n[[waiver]]\nrule = "{value}"\nscope = "{value}"\nreason = "{value}"\n'
        f'by = "{value}"\nuntil = 2031-01-01\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        md5(f'"{PASSWORD}"'),
        md5(f'["{PASSWORD}"]'),
        md5(f'{{v="{PASSWORD}"}}'),
        md5(f'{{"{PASSWORD}"=1}}'),
        md5(f'[[{{a=["{PASSWORD}"]}}]]'),
        md5(NUMBER),
        md5(f'"{PASSWORD}"').replace('"Amsterdam"', f'["{PASSWORD}"]'),
        md5(f'"{PASSWORD}"\n"{PASSWORD}" = 1'),
        md5(f'"{PASSWORD}"').replace('profile = "maps"', f'profile = "{PASSWORD}.toml"', 1),
        md5(f'false\n"md5-key" = "{PASSWORD}"\nbfd = "{PASSWORD}"'),
        PEERING.replace(TAG, f"{TAG}key = {NUMBER}\n"),
        PEERING.replace(TAG, f'{TAG}key = ["{GUID}"]\n'),
        PEERING.replace(TAG, f'{TAG}key = {{ "{GUID}" = "{PASSWORD}" }}\n'),
        f'["{GUID}"]\n["{GUID}"]\n',
        f'["{PASSWORD}"]\n["{PASSWORD}"]\n',
        f'[x]\nkey = "{PASSWORD}"\n["{PASSWORD}"]\n["{PASSWORD}"]\n',
        f'"{PASSWORD}" = 1\n"{PASSWORD}" = 2\n',
        f'["a(b) {PASSWORD}"]\n["a(b) {PASSWORD}"]\n',
        f'["it\'s {PASSWORD}"]\n["it\'s {PASSWORD}"]\n',
        f'x = {{ "{PASSWORD}" = 1, "{PASSWORD}" = 2 }}\n',
        f'a."{GUID}" = 1\na."{GUID}".b = 2\n',
        f'md5 = "{PASSWORD}\n',
        f"md5 = {PASSWORD}\n",
        PEERING.replace('profile = "maps"', f'profile = "{GUID}.toml"', 1),
        PEERING.replace('profile = "maps"', f'profile = "{GUID}"', 1),
        PEERING.replace('["microsoft.mrt"]', f'["{GUID}.mrt", "{GUID}/rib@received"]'),
        PEERING.replace('["microsoft.mrt"]', f'[["{GUID}"]]'),
        PEERING.replace('["microsoft.mrt"]', f'["{URL}", "edge1.ams={URL}@received"]'),
        statement(GUID),
    ],
)
@pytest.mark.parametrize(
    "arguments", [("check", "k.toml"), ("check", "k.toml", "--format", "json")]
)
def test_errors_of_an_inventory(run: Run, text: str, arguments: tuple[str, ...]) -> None:
    """A secret of any type, in any place of a file with mistakes, is in no message."""
    Path("k.toml").write_text(text, encoding="utf-8")

    status, said = run(*arguments)

    assert [] == leaks(said)
    assert status in (1, 2, 3)


def with_key_everywhere(key: str) -> str:
    """Return the example with a key that also is a name, a metro, a router and a path."""
    text = re.sub(r'\nkey = "[^"]*"', f'\nkey = "{key}"', PEERING)
    text = text.replace('"Amsterdam"', f'"metro {key}"').replace('"contoso-ams"', f'"n {key}"')
    text = text.replace('"edge1.ams"', f'"{key}"').replace('"ams-2"', f'"{key}-2"')
    return text.replace('["microsoft.mrt"]', f'["microsoft.mrt", "{key}.mrt", "{URL}"]')


@pytest.mark.parametrize("key", [GUID, PASSWORD, NUMBER])
@pytest.mark.parametrize(
    "arguments",
    [
        *(("check", "k.toml", "--format", each) for each in ("text", "junit", "sarif", "csv")),
        ("check", "k.toml", "--format", "html"),
        ("check", "k.toml", "--format", "prometheus"),
        ("check", "k.toml", "--format", "json", "-o", "out.txt"),
        ("check", "k.toml", "--verbose"),
        ("check", "k.toml", "--quiet"),
        ("check", "k.toml", "--without", "router=KEY"),
        ("check", "k.toml", "--without", "router=KEY", "--format", "json"),
        ("check", "k.toml", "--without", "router=KEYx"),
        ("check", "k.toml", "--profile", "KEY.toml"),
        ("keys", "k.toml"),
        ("keys", "k.toml", "--format", "json"),
    ],
)
def test_a_key_as_a_name(run: Run, key: str, arguments: tuple[str, ...]) -> None:
    """A key that is a name too is masked in every format; machine formats can be read back."""
    Path("k.toml").write_text(with_key_everywhere(key), encoding="utf-8")

    _, said = run(*(each.replace("KEY", key) for each in arguments))

    assert [] == leaks(said)
    assert "Traceback" not in said


def test_reports_that_are_read_back(run: Run) -> None:
    """A report with a URL's secrets, of an earlier version, shows none in `diff` and `explain`."""
    Path("k.toml").write_text(with_key_everywhere(GUID), encoding="utf-8")
    _, said = run("check", "k.toml", "--format", "json", "-q")
    report = json.loads(said)
    report["sources"][-1]["name"] = report["sources"][-1]["remarks"] = URL
    report["sources"][-1]["remarks"] = [URL]
    report["findings"][0]["message"] = f"found {URL}, wanted {PASSWORD}"
    Path("old.json").write_text(json.dumps(report), encoding="utf-8")
    report["findings"] = []
    Path("new.json").write_text(json.dumps(report), encoding="utf-8")

    for arguments in (
        ("diff", "old.json", "new.json"),
        ("diff", "new.json", "old.json", "--format", "json"),
        ("explain", "203.0.113.0/24", "--report", "old.json"),
    ):
        _, said = run(*arguments)
        assert [] == leaks(said)


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", URL),
        ("scan", URL, "--format", "json"),
        ("scan", URL, URL, "--jobs", "2"),
        ("dump", URL),
        ("dump", URL, "--format", "json"),
        ("check", "peering.toml", "--rib", URL),
        ("check", "peering.toml", "--rib", f"edge1.ams={URL}@received", "--format", "json"),
        ("check", URL),
        ("diff", URL, URL),
        ("explain", URL),
        ("explain", "203.0.113.0/24", "--report", URL),
        ("keys", URL),
        ("init", URL),
        ("init", "maps", "-o", f"{URL}/x"),
        ("route", URL),
        ("rules", "--profile", URL),
        ("rules", "--profile", f"{GUID}.toml"),
        ("import", "azure", URL),
        ("scan", "--prefix", URL, "x.mrt"),
        ("scan", "x.mrt", "--out", URL),
        ("scan", f"--no-such-option={URL}"),
        ("scan", "x.mrt", "--jobs", URL),
        (URL,),
    ],
)  # fmt: skip
def test_urls(run: Run, arguments: tuple[str, ...]) -> None:
    """A URL's user information, its parameters and its fragment are in no output."""
    Path("peering.toml").write_text(PEERING, encoding="utf-8")

    _, said = run(*arguments)

    assert [] == leaks(said)
    assert "Traceback" not in said


def test_the_name_of_a_source_can_be_recognised(run: Run) -> None:
    """Scheme, host, path and names of parameters stay."""
    _, said = run("scan", URL)

    assert "http://...@127.0.0.1:9/rib.gz?sig=...&sv=...#..." in said


PEERING_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Peering/peerings/contoso"


def exported(connections: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return Azure's export of a peering, and of its AS."""
    peering = {
        "id": PEERING_ID, "name": "contoso", "kind": "Direct", "type": "Microsoft.Peering/peerings",
        "properties": {
            "direct": {"peerAsn": {"id": "/peerAsns/a"}, "connections": connections},
            "peeringLocation": "Amsterdam",
        },
    }  # fmt: skip
    asn = {
        "id": "/subscriptions/s/providers/Microsoft.Peering/peerAsns/a", "name": "a",
        "type": "Microsoft.Peering/peerAsns", "properties": {"peerAsn": 64500},
    }  # fmt: skip
    return [peering, asn]


@pytest.mark.parametrize(
    "extra",
    [
        {"peeringServicePrefixKey": [GUID]},
        {"peeringServicePrefixKey": {"v": PASSWORD}, "prefixValidationState": PASSWORD},
        {"peeringServicePrefixKey": int(NUMBER), "errorMessage": NUMBER},
        {"peeringServicePrefixKey": PASSWORD, "provisioningState": [PASSWORD], "name": PASSWORD},
        {"prefix": GUID},
        {"prefix": PASSWORD, "md5AuthenticationKey": PASSWORD},
        {"errorMessage": f"the key {GUID} does not fit"},
        {PASSWORD: 1, "sharedKey": PASSWORD},
    ],
)
def test_exports_of_azure(run: Run, extra: dict[str, object]) -> None:
    """A key of any type, or in a field of another name, is in no remark or output."""
    peering, asn = exported([])
    prefix = {
        "id": f"{PEERING_ID}/registeredPrefixes/p", "name": "p",
        "type": "Microsoft.Peering/peerings/registeredPrefixes",
        "properties": {"prefix": "203.0.113.0/24", **extra},
    }  # fmt: skip
    Path("a.json").write_text(json.dumps([peering, asn, prefix]), encoding="utf-8")
    Path("b.json").write_text(json.dumps(extra)[:-1], encoding="utf-8")

    for arguments in (
        ("import", "azure", "a.json"),
        ("import", "azure", "a.json", "-o", "new.toml"),
        ("import", "azure", "b.json"),
        ("check", "new.toml", "--received", "a.json"),
    ):
        _, said = run(*arguments)
        assert [] == leaks(said), arguments
    if any(map(is_secret_name, extra)) and Path("new.toml").exists():
        # The inventory keeps a prefix key, in its own field only.
        lines = Path("new.toml").read_text(encoding="utf-8").splitlines()
        assert [] == leaks("\n".join(line for line in lines if not line.startswith("key = ")))


@pytest.mark.parametrize("field", ["connectionIdentifier", "errorMessage", "sessionPrefixV4"])
def test_an_md5_key_is_never_written(run: Run, field: str) -> None:
    """Not even where the export repeats it in a field that the inventory has."""
    session = {"md5AuthenticationKey": PASSWORD, "peerSessionIPv4Address": "192.0.2.0"}
    connection: dict[str, object] = {"bandwidthInMbps": 10000, "bgpSession": session}
    (session if field.startswith("session") else connection)[field] = f"it is {PASSWORD}"
    Path("a.json").write_text(json.dumps(exported([connection])), encoding="utf-8")

    run("import", "azure", "a.json", "-o", "new.toml")

    written = Path("new.toml").read_text(encoding="utf-8")
    assert "md5_set = true" in written
    assert [] == leaks(written)


def test_our_own_mistake(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback of a mistake of ours shows no secret, and starts no line of its own."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"\n::error::{GUID} {URL}\nVerified 5 of 5")

    monkeypatch.setattr("peerlint.cli.commands.keys.list_keys", fail)
    Path("k.toml").write_text(with_key_everywhere(GUID), encoding="utf-8")

    status, said = run("keys", "k.toml")

    assert 70 == status
    assert [] == leaks(said)
    assert not re.search(r"^\s*(::error|Verified)", said, re.MULTILINE)


@pytest.mark.parametrize("key", [GUID, PASSWORD, NUMBER])
def test_the_library(tmp_path: Path, key: str) -> None:
    """Without a command line, reports, errors, reprs and tracebacks show no secret either."""
    shutil.copy(EXAMPLE / "microsoft.mrt", tmp_path)
    (tmp_path / "k.toml").write_text(with_key_everywhere(key), encoding="utf-8")
    inventory = peerlint.load_inventory(tmp_path / "k.toml")
    report = peerlint.check(inventory)
    before, _ = peerlint.check_without(inventory, [f"router={key}"], iter([URL]))

    assert [] == leaks(f"{report!r} {render_json(report)} {before!r}")
    for call in (
        lambda: peerlint.check(inventory, [URL], on_damage="raise"),
        lambda: list(peerlint.scan(URL)),
        lambda: list(peerlint.dump(URL)),
        lambda: peerlint.check(inventory, profile=f"{key}.toml"),
        lambda: peerlint.check_without(inventory, [f"router={key}x"]),
    ):
        with pytest.raises(PeerlintError) as caught:
            call()
        said = "".join(traceback.format_exception(caught.value))
        # The last lines: before them stand the lines of this file.
        said = said[said.rindex("peerlint.errors.") :]
        assert [] == leaks(f"{said} {caught.value!r} {caught.value.args} {vars(caught.value)}")


def test_one_run_does_not_mask_the_next(run: Run) -> None:
    """What is a key in one run is a name in the next."""
    Path("k.toml").write_text(
        PEERING.replace(TAG, f'{TAG}key = "Amsterdam"\n', 1), encoding="utf-8"
    )
    Path("plain.toml").write_text(PEERING, encoding="utf-8")

    assert "...rdam" in run("check", "k.toml")[1] or "key" in run("check", "k.toml")[1]
    assert "Amsterdam" in run("check", "plain.toml")[1]


def test_logs(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of it is logged, at any level that a program shows by itself."""
    caplog.set_level(logging.INFO)

    run("scan", URL)

    assert [] == leaks(caplog.text)
