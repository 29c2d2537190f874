from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.workload import Workload
from perftui.settings.spec import ProfileEntry, WorkloadProfile
from perftui.storage.groups import Runs
from perftui.storage.listing import SessionEntry
from perftui.ui.widgets.session_list import list_rows
from perftui.ui.widgets.session_text import profile_details, repeats_text, runs_details, session_details, session_row

META = SessionMeta(
    "20260101-000000-aaaa", "run", SessionKind.LAUNCHED, SessionState.COMPLETE, "2026-01-01T10:20:30+00:00"
)


def alone(meta: SessionMeta | None, trouble: str = "") -> Runs:
    return Runs((entry(meta, trouble),))


def together(*metas: SessionMeta) -> Runs:
    placed = (replace(meta, group="g", repeat_index=number) for number, meta in enumerate(metas, start=1))
    return Runs(tuple(SessionEntry(Path(f"/s/{meta.repeat_index}.perftui"), meta) for meta in placed))


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
    assert session_row(alone(meta), is_baseline=False)[0].plain == mark
    assert session_row(alone(meta), is_baseline=True)[0].plain == "B"


def test_an_unreadable_file_is_a_row_with_its_trouble() -> None:
    row = session_row(alone(None, "not a \x1b session"), is_baseline=False)
    assert row[0].plain == "✗"
    assert "\x1b" not in row[-1].plain


def test_a_result_of_a_benchmark_tool_is_not_said_to_have_looked_at_the_cpu() -> None:
    meta = replace(META, kind=SessionKind.IMPORTED, environment={"benchmark_tool": "hyperfine"})
    *_, mode, _, command = (each.plain for each in session_row(alone(meta), is_baseline=False))
    assert (mode, command) == ("ops", "hyperfine")
    assert "operations that hyperfine measured" in session_details(entry(meta)).plain
    assert session_row(alone(META), is_baseline=False)[4].plain == "cpu"


def test_names_are_text_and_never_markup() -> None:
    hostile = replace(META, name="[red]x[/]\x1b[2J", command=("a\nb",))
    row = session_row(alone(hostile), is_baseline=False)
    assert row[1].plain.startswith("[red]x[/]")
    assert "\x1b" not in row[1].plain
    assert "exit code 3" in session_details(entry(replace(META, exit_code=3))).plain


def test_several_runs_are_one_row_with_their_number_and_the_mark_of_what_went_wrong() -> None:
    runs = together(replace(META, duration_s=1.0), replace(META, duration_s=3.0, exit_code=1))
    row = session_row(runs, is_baseline=False)
    assert [row[0].plain, row[1].plain, row[3].plain] == ["▲", "run ×2", "2.00 s"]
    fine = together(META, META)
    assert [session_row(fine, is_baseline=False, unfolded=each)[0].plain for each in (False, True)] == ["▸", "▾"]
    long = together(
        replace(META, name="a-name-that-is-far-too-long"), replace(META, name="a-name-that-is-far-too-long")
    )
    assert session_row(long, is_baseline=False)[1].plain.endswith("… ×2"), "how many there are is never cut"
    told = runs_details(runs).plain
    assert "2, complete, 1 failed" in told
    assert "2.00 s (1.00 s … 3.00 s)" in told
    assert "group:g" in told


def test_a_group_is_unfolded_into_its_runs_and_found_by_any_of_them() -> None:
    runs = together(replace(META, tags=("odd",)), META)
    entries = [*reversed(runs.entries), entry(replace(META, id="20250101-000000-aaaa", name="other"))]
    assert [row.runs.times for row in list_rows(entries, "", ())] == [2, 1]
    rows = list_rows(entries, "", {runs.ref})
    assert [(row.unfolded, row.inner) for row in rows] == [(True, False), (False, True), (False, True), (False, False)]
    assert [row.cells(())[1].plain.strip() for row in rows] == ["run ×2", "run 1", "run 2", "other"]
    assert [row.cells((runs.entries[0].path,))[0].plain for row in rows] == ["▾", "B", "✓", "✓"]
    assert len(list_rows(entries, "odd", ())) == 1


def test_a_profile_with_several_runs_says_what_makes_them() -> None:
    one = WorkloadProfile("bench", Path("bench.toml"), Workload(("python", "bench.py")))
    several = replace(one, repeat=5, warmup=1)
    told = [ProfileEntry("bench", one.path, "project", profile) for profile in (one, several)]
    assert repeats_text(told[0]) == ""
    assert repeats_text(told[1]).startswith("one here; `perftui record bench` records all 5 after 1 to warm up")
    assert "records all 5" in profile_details(told[1]).plain
