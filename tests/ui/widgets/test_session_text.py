from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.storage.listing import SessionEntry
from perftui.ui.widgets.session_text import session_details, session_row

META = SessionMeta(
    "20260101-000000-aaaa", "run", SessionKind.LAUNCHED, SessionState.COMPLETE, "2026-01-01T10:20:30+00:00"
)


def entry(meta: SessionMeta | None, trouble: str = "") -> SessionEntry:
    return SessionEntry(Path("/s/a.perftui"), meta, trouble)


@pytest.mark.parametrize(
    ("meta", "mark"),
    [
        (META, "✓"),
        (replace(META, exit_code=7), "▲"),
        (replace(META, exit_code=-15, ended_by_us=True), "✓"),
        (replace(META, trouble="no permission"), "▲"),
        (replace(META, state=SessionState.INTERRUPTED), "!"),
        (replace(META, state=SessionState.RECORDING), "●"),
    ],
)
def test_the_mark_says_how_a_session_ended(meta: SessionMeta, mark: str) -> None:
    assert session_row(entry(meta), is_baseline=False)[0].plain == mark
    assert session_row(entry(meta), is_baseline=True)[0].plain == "B"


def test_an_unreadable_file_is_a_row_with_its_trouble() -> None:
    row = session_row(entry(None, "not a \x1b session"), is_baseline=False)
    assert row[0].plain == "✗"
    assert "\x1b" not in row[-1].plain


def test_names_are_text_and_never_markup() -> None:
    hostile = replace(META, name="[red]x[/]\x1b[2J", command=("a\nb",))
    row = session_row(entry(hostile), is_baseline=False)
    assert row[1].plain.startswith("[red]x[/]")
    assert "\x1b" not in row[1].plain
    assert "exit code 3" in session_details(entry(replace(META, exit_code=3))).plain
