"""Secrets are masked by their form and by their value, within one run."""

from __future__ import annotations

import contextvars
from datetime import UTC, date, datetime
from threading import Thread

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from peerlint.display import displayed_quote
from peerlint.errors import FeedError, InputError, PeerlintError
from peerlint.redaction import (
    Secrets,
    collected,
    guarded,
    is_secret_name,
    masked,
    redacted,
    without_credentials,
    without_keys,
    without_url_secrets,
)
from peerlint.wording import shown

GUID = "deadbeef-1111-4222-8333-c0ffeec0ffee"
PASSWORD = "hunter2-Sup3rS3cretMd5"  # noqa: S105  # of no account


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("rib.mrt", "rib.mrt"),
        ("edge1=rib.mrt@received", "edge1=rib.mrt@received"),
        ("https://192.0.2.1/rib.gz", "https://192.0.2.1/rib.gz"),
        ("https://192.0.2.1:8443/a@b", "https://192.0.2.1:8443/a@b"),
        ("https://user:pw@192.0.2.1/rib.gz", "https://...@192.0.2.1/rib.gz"),
        ("https://token@192.0.2.1/rib.gz", "https://...@192.0.2.1/rib.gz"),
        ("HTTPS://user:pw@h", "HTTPS://...@h"),
        ("https://user:p/w?#x@h/rib", "https://...@h/rib"),
        ("https://user:p@w@h/rib", "https://...@h/rib"),
        ("https://h/rib?sv=2022&sig=a%2Fb", "https://h/rib?sv=...&sig=..."),
        ("https://h/rib?a;b=2", "https://h/rib?a;b=..."),
        ("https://h/rib?sig=a;b&c", "https://h/rib?sig=...;...&..."),
        ("https://h/rib?c2VjcmV0c2VjcmV0", "https://h/rib?..."),
        ("https://h/rib#access_token=x", "https://h/rib#..."),
        ("https://h/a;jsessionid=1/rib", "https://h/a;jsessionid=.../rib"),
        ("edge1=https://u:p@[2001:db8::1]/r@sent", "edge1=https://...@[2001:db8::1]/r@sent"),
        ("http:/u:p@h/rib?sig=x", "http:/...@h/rib?sig=..."),
        ("s3://key:secret@bucket/rib", "s3://...@bucket/rib"),
        ("rib.gz?sig=x", "rib.gz?sig=..."),
        ("//user:pw@192.0.2.1/rib", "//...@192.0.2.1/rib"),
        ("edge1=//user:pw@192.0.2.1/rib", "edge1=//...@192.0.2.1/rib"),
        ("https:\\\\user:pw@h\\rib", "https:\\\\...@h\\rib"),
        ("//server/share/a@b", "//server/share/a@b"),
        ("C:\\Users\\noc\\a@b.mrt", "C:\\Users\\noc\\a@b.mrt"),
        ("\\\\server\\share\\a@b", "\\\\server\\share\\a@b"),
        ("/srv//ribs/a@b:c", "/srv//ribs/a@b:c"),
    ],
)  # fmt: skip
def test_names_of_sources(name: str, shown: str) -> None:
    """Scheme, host, path and parameter names are kept; credentials are masked (RFC 3986)."""
    assert shown == without_credentials(name)
    assert shown == without_credentials(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("403, url='https://u:p@h/x?sig=abc'", "403, url='https://...@h/x?sig=...'"),
        ("<https://u:p@h/x>, twice", "<https://...@h/x>, twice"),
        ("see https://h/x?sig=abc.", "see https://h/x?sig=...."),
        ("https://u:p@h/x?sig=abc: no such file", "https://...@h/x?sig=...: no such file"),
    ],
)
def test_urls_in_messages(text: str, shown: str) -> None:
    """A URL in the message of another library is masked."""
    assert shown == without_url_secrets(text)


@given(st.text())
@example("https://https://a@b?c=d#!@f")
def test_masking_twice(text: str) -> None:
    """Masking a masked text changes nothing."""
    shown = without_url_secrets(text)

    assert shown == without_url_secrets(shown)


@given(st.from_regex(r"[A-Za-z0-9+/%=!$;:,.~-]{8,40}", fullmatch=True))
@example(";0000000")
@example(";0000000=")
def test_any_password(password: str) -> None:
    """A masked URL contains neither its password nor its signature."""
    shown = without_credentials(f"https://noc:{password}@192.0.2.1/rib?sig={password}#{password}")

    assert password not in shown
    assert "192.0.2.1/rib?sig" in shown


@pytest.mark.parametrize(
    "value",
    [
        PASSWORD,
        [PASSWORD],
        {"v": PASSWORD},
        {PASSWORD: 1},
        [[{"a": (PASSWORD,)}]],
        8123456789,
        -8123456789.5,
        date(2031, 11, 2),
        datetime(2031, 11, 2, 10, 0, tzinfo=UTC),
        GUID,
    ],
)
def test_a_value_of_any_type(value: object) -> None:
    """A secret of any type is masked as text, also in a list or table."""
    texts = {PASSWORD: PASSWORD, GUID: GUID}
    text = texts.get(str(value)) or (PASSWORD if PASSWORD in str(value) else None)
    text = text or (value.isoformat() if isinstance(value, date) else str(value))
    with collected() as secrets:
        secrets.add(value)

        assert text not in redacted(f"a name {text} and {text}x")


@pytest.mark.parametrize("text", [GUID, GUID.upper(), GUID.replace("-", "")])
def test_a_guid_in_any_spelling(text: str) -> None:
    """A key is recognised in upper and lower case, with and without hyphens."""
    with collected() as secrets:
        secrets.add(GUID)

        assert masked(text) == redacted(text) == guarded(text)


@pytest.mark.parametrize("text", ["a/b+c=12345", "a%2Fb%2Bc%3D12345", "a%2fb%2bc%3d12345"])
def test_percent_encoded(text: str) -> None:
    """A secret of a URL is recognised percent-encoded and decoded (RFC 3986 section 2.1)."""
    with collected() as secrets:
        secrets.add_name(f"https://h/rib?sig={text}")

        assert "12345" in text
        assert not any(
            each in redacted(f"<{each}>")
            for each in ("a/b+c=12345", "a%2Fb%2Bc%3D12345", "a%2fb%2bc%3d12345")
        )


@pytest.mark.parametrize(
    "secret",
    ["pa\\ss\"w'0rd1", "it's-a-secret", 'a "quoted" one', "two\nlines", "zero\u200bwidth"],
)
def test_quoted(secret: str) -> None:
    """A secret is recognised in Python's quotes, with escaped characters."""
    with collected() as secrets:
        secrets.add(secret)
        start = secret[: len(secret) // 2]

        for text in (shown(secret), shown([secret]), f"{secret!r}", repr(f"\"'{secret}")):
            assert repr(start)[1:-1] not in redacted(text)
            assert start not in redacted(text)


def test_long_values() -> None:
    """A secret is masked before a message is cut: its beginning would not be recognised."""
    with collected() as secrets:
        secrets.add("x9" * 2000)

        assert "x9x9x9" not in redacted(shown("x9" * 2000))


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("Sup3rS3cret", "\u0130stanbul Sup3rS3cret"),
        ("Sup3r\u0130S3cret", "a Sup3r\u0130S3cret"),
        ("s3cret\u039f\u03a3", "a s3cret\u039f\u03a3\u0391"),
    ],
)
def test_letters_with_unusual_lower_case(secret: str, text: str) -> None:
    """A Turkish or Greek letter does not prevent the masking of a secret after it."""
    with collected() as secrets:
        secrets.add(secret)

        assert secret not in redacted(text)
        assert secret not in guarded(text)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a", "aB", "ab.", "9", "=", "a=", "?", "/", "a/", "://", "-"])
@pytest.mark.parametrize("end", ["", "//", "://", "=", "?sig"])
def test_long_words(unit: str, end: str) -> None:
    """A word of a million letters is searched once: quadratic work would take hours."""
    text = unit * (1_000_000 // len(unit)) + end
    secrets = Secrets()
    secrets.add_from_text(text)

    assert without_keys(without_url_secrets(without_credentials(text)))


def test_short_values() -> None:
    """A short value is masked as a separate word; one of three characters is not masked."""
    with collected() as secrets:
        secrets.add(["cisco", "abc"])

        assert "Francisco ...co abc" == redacted("Francisco cisco abc")


def test_the_format_of_an_output_is_kept() -> None:
    """The last step does not mask numbers and words, which may be part of JSON's syntax."""
    with collected() as secrets:
        secrets.add(["location", "12345678", PASSWORD])

        assert f'{{"location": 12345678, "a": "{masked(PASSWORD)}"}}' == guarded(
            f'{{"location": 12345678, "a": "{PASSWORD}"}}'
        )


@pytest.mark.slow
def test_a_large_output_with_many_keys() -> None:
    """Twenty thousand keys are searched for in one pass."""
    keys = [f"{number:08x}-1111-4222-8333-c0ffeec0ffee" for number in range(20_000)]
    with collected() as secrets:
        secrets.add(keys)
        text = guarded(f"{'x' * (1 << 20)}{keys[7]} {keys[19_999]}")

    assert not any(each in text for each in keys)


def test_secrets_of_a_run() -> None:
    """A run inside a run shares its secrets; the next run does not have them."""
    with collected() as outer:
        with collected() as inner:
            inner.add(PASSWORD)
        assert outer is inner
        assert PASSWORD not in redacted(PASSWORD)

    assert PASSWORD == redacted(PASSWORD)


def test_runs_of_threads() -> None:
    """A run in one thread does not mask the secrets of another thread."""
    found: list[str] = []
    with collected() as secrets:
        secrets.add(PASSWORD)
        thread = Thread(target=contextvars.Context().run, args=(_redact_into, found))
        thread.start()
        thread.join()

    assert [PASSWORD] == found


def _redact_into(found: list[str]) -> None:
    found.append(redacted(PASSWORD))


@pytest.mark.parametrize(
    "text",
    [
        f'md5 = "{PASSWORD}"',
        f"md5 = '{PASSWORD}'",
        f'md5 = "{PASSWORD}',
        f"md5 = {PASSWORD}",
        f'"md5-key"="{PASSWORD}"',
        f'key = ["x", "{PASSWORD}"]',
        f'secret = {{ v = "{PASSWORD}" }}',
        f'{{"sharedKey": "{PASSWORD}", "a": [}}',
    ],
)
def test_a_file_that_cannot_be_parsed(text: str) -> None:
    """In invalid TOML or JSON, the text after the name of a secret is masked."""
    secrets = Secrets()
    secrets.add_from_text(text)

    assert masked(PASSWORD) == secrets.hide(PASSWORD)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("key", True), ("md5_set", True), ("peeringServicePrefixKey", True), ("Pass-Word", True),
        ("md5AuthenticationKey", True), ("access_token", True), ("name", False), ("peer", False),
    ],
)  # fmt: skip
def test_names_of_secrets(name: str, expected: bool) -> None:
    """Keys, passwords and tokens are recognised by their names in any notation."""
    assert expected == is_secret_name(name)


@pytest.mark.parametrize(
    "error",
    [
        PeerlintError(f"https://u:{PASSWORD}@h/{GUID}"),
        FeedError(f"https://u:{PASSWORD}@h/{GUID}", f"https://h/?sig={PASSWORD}"),
        FeedError(f"https://u:a {PASSWORD}@h/", "a password with a blank"),
        InputError("profile", expected="a name", found=f"{GUID}.toml"),
    ],
)
def test_errors(error: PeerlintError) -> None:
    """An error has no secret in its message, its `repr` and its arguments."""
    texts = f"{error} {error!r} {error.args}"

    assert GUID not in texts
    assert PASSWORD not in texts


@pytest.mark.parametrize(
    "name",
    [
        "/data/routeviews/collectors/year=2026",
        "rib-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.mrt",
        "rib-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b.mrt",
        "rib-12345678901234567890.mrt",
        "rib-1234567890123456789012345678901234567890.mrt",
        "https://data.ris.ripe.net/rrc00/2026.11/bview.20261129.0000.gz",
        "http://archive.routeviews.org/bgpdata/2026.11/RIBS/rib.20261129.0000.bz2",
    ],
)
def test_names_that_are_no_keys(name: str) -> None:
    """Folders named like partitions are not Base64; longer numbers and hashes are not GUIDs."""
    assert name == without_keys(name) == redacted(name)


def test_paths_are_no_keys() -> None:
    """Folders named like partitions are not Base64."""
    assert "/data/routeviews/collectors/year=2026" == without_keys(
        "/data/routeviews/collectors/year=2026"
    )


#: Repeated beginnings of patterns: a search that restarts at each letter would not end.
_LONG = 1_000_000
LONG_TEXTS = [
    "a" * _LONG,
    "9" * _LONG,
    "a+" * (_LONG // 2),
    "a=" * (_LONG // 2),
    "?a" * (_LONG // 2),
    "http://" + "@" * _LONG,
    "http://x/" + ";a=" * (_LONG // 3),
    "a:/" * (_LONG // 3),
    'key = "' + '\\"' * (_LONG // 2),
    "key = ['" * (_LONG // 8),
    "deadbeef-" * (_LONG // 9),
    "x" + " " * _LONG + "x",
    "##" * (_LONG // 2),
    "::" * (_LONG // 2),
]


@pytest.mark.slow
@pytest.mark.parametrize("text", LONG_TEXTS, ids=lambda text: text[:9].strip())
def test_long_texts_are_searched_once(text: str) -> None:
    """Names, messages and invalid files of a million letters are searched in linear time."""
    secrets = Secrets()
    secrets.add_name(text)
    secrets.add_from_text(text)

    for each in (without_keys(text), redacted(text), displayed_quote(text)):
        assert each
