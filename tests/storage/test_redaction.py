from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.storage.redaction import redact
from tests.storage.sessions import begin, finish

SECRET = "hunter2SECRETvalue"
TOKEN = "ghp_" + "a1B2" * 9
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF_-123"


@pytest.mark.parametrize(
    "argv",
    [
        ["app", f"--token={SECRET}"],
        ["app", "--password", SECRET],
        ["app", "--api-key", SECRET],
        ["app", "--apiKey", SECRET],
        ["app", "--key", SECRET],
        ["app", f"--db.password={SECRET}"],
        ["env", f"API_KEY={SECRET}", "app"],
        ["env", f"AWS_SECRET_ACCESS_KEY={SECRET}", "app"],
        ["env", f"PGPASSWORD_PROD_PASSWORD={SECRET}", "app"],
        ["app", f"postgres://user:{SECRET}@db/name"],
        ["app", f"postgres://user:{SECRET}@with@at@db/name"],
        ["app", f"--dsn=postgres://user:{SECRET}@db/name"],
        ["app", f"https://host/path?user=me&access_token={SECRET}&page=2"],
        ["curl", "-H", f"Authorization: Bearer {SECRET}", "https://host"],
        ["curl", "-H", f"X-Api-Key: {SECRET}", "https://host"],
        ["curl", "-u", f"me:{SECRET}", "https://host"],
        ["python", "-c", f"import os; password = '{SECRET}'; run()"],
        ["app", f'{{"secret": "{SECRET}"}}'],
        ["app", f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----"],
        ["sh", "-c", f"TOKEN={SECRET} app --password={SECRET} --verbose"],
    ],
)
def test_a_secret_is_blotted_out(argv: list[str]) -> None:
    assert SECRET not in " ".join(redact(argv))
    assert "***" in " ".join(redact(argv))


@pytest.mark.parametrize(
    "token",
    [TOKEN, JWT, "AKIAIOSFODNN7EXAMPLE", "glpat-abcdefghij0123456789", "xoxb-1234567890-abcdef", "sk-" + "a1" * 20],
)
def test_a_token_of_a_known_shape_is_blotted_out_wherever_it_stands(token: str) -> None:
    assert redact(["app", f"say {token}, please"]) == ("app", "say ***, please")


@pytest.mark.parametrize(
    "argv",
    [
        ["python", "-m", "app.main:run", "--verbose"],
        ["python", "-u", "app:main"],
        ["sort", "--sort-key", "name", "--key-func=len"],
        ["app", "--max-tokens", "500", "--token-count=5"],
        ["app", "--password-file", "/run/secret", "--no-auth", "script.py"],
        ["app", "--author", "me", "key=value", "monkey=1"],
        ["python", "-c", "sorted(rows, key=lambda row: row.size)"],
        ["app", "https://host/path?page=2", "/usr/bin/passwd", "tokens.py"],
        ["app", "--password", "--verbose"],
        ["pytest", "-k", "test_token and not slow", "--durations=10"],
    ],
)
def test_what_is_no_secret_is_left_alone(argv: list[str]) -> None:
    assert redact(argv) == tuple(argv)


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_command_line_keeps_its_length(argv: list[str]) -> None:
    assert len(redact(argv)) == len(argv)


@given(st.lists(st.text(alphabet="aA=:'\"-{} ;@/tokenpasswordkey", max_size=40), max_size=6))
def test_redacting_twice_is_redacting_once(argv: list[str]) -> None:
    assert redact(redact(argv)) == redact(argv)


def test_planted_secrets_are_not_in_the_file(tmp_path: Path) -> None:
    argv = ["env", f"API_KEY={SECRET}", "app", "--token", SECRET, f"https://me:{SECRET}@host", TOKEN, JWT]
    path = finish(begin(tmp_path, command=redact(argv)))
    content = path.read_bytes()
    assert [planted for planted in (SECRET, TOKEN, JWT) if planted.encode() in content] == []
    assert b"API_KEY=***" in content
