"""What stands in the terminal after the dashboard: short, whole, and never wider than it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from scenes import DEMO, MEMORY, NEXT

from perftui.cli import console
from perftui.cli.farewell import Farewell, own_functions, width_of
from perftui.model.operation import Operation
from perftui.model.session import SessionKind
from perftui.recording.playback import open_playback
from perftui.recording.session_model import SessionModel
from perftui.storage.listing import scan
from perftui.storage.session_file import read_meta


def model_of(session: Path) -> SessionModel:
    return open_playback(session).model


def text_of(farewell: Farewell, columns: int = 80) -> str:
    return "\n".join("".join(text for text, _ in line) for line in farewell.lines(columns))


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("session", [DEMO, MEMORY])
def test_no_line_is_wider_than_the_terminal_or_80_columns(session: Path, columns: int) -> None:
    long = Path("/home/somebody/a very long place") / ("deep/" * 30) / "20260101-000000-aaaa.perftui"
    told = Farewell(model_of(session), long).lines(columns)
    shown = [line for line in told if not any("perftui " in text for text, _ in line)]
    assert 0 < width_of(shown) <= min(80, columns)


def test_it_says_how_it_went_where_it_lies_and_what_to_type(tmp_path: Path) -> None:
    path = Path(shutil.copy(NEXT, tmp_path / NEXT.name))
    shutil.copy(DEMO, tmp_path / DEMO.name)
    model = model_of(path)
    last = replace(read_meta(tmp_path / DEMO.name), id="20200101-000000-aaaa")
    entries = [replace(entry, meta=last) if entry.path.name == DEMO.name else entry for entry in scan(tmp_path)]
    model.meta = replace(model.meta, command=last.command, cwd=last.cwd, workload=last.workload, environment={})
    entries = [replace(e, meta=replace(e.meta, environment={})) for e in entries if e.meta is not None]
    text = text_of(Farewell(model, path, entries))
    assert model.meta.name in text.splitlines()[0]
    for word in ("samples", "of the time covered", "RSS peak", "your own functions", "saved", path.name):
        assert word in text
    assert f"open      perftui open {model.meta.id}" in text
    assert f"last run  perftui compare 20200101-000000-aaaa {model.meta.id}" in text

    pinned = [replace(e, meta=replace(e.meta, baseline="main", pinned=True)) for e in entries if e.meta is not None]
    assert "baseline  perftui compare" in text_of(Farewell(model, path, pinned)), (
        "the baseline comes before the last run"
    )
    runs = [replace(e, meta=replace(e.meta, group="g", repeat_index=1)) for e in pinned if e.meta is not None]
    assert "baseline  perftui compare group:g " in text_of(Farewell(model, path, runs)), "all of its runs, not one"
    assert "perftui baseline save main" in text_of(Farewell(model, path, ())), "with nothing to compare: how to begin"
    assert f"perftui open {path}" in text_of(Farewell(model, path, by_path=True)), "an id is found at home only"


def test_only_own_functions_are_named_and_they_carry_their_libraries() -> None:
    model = model_of(DEMO)
    rows, unit, what = own_functions(model)
    assert (len(rows), unit.value) == (3, "s")
    assert "libraries" in what
    assert all("site-packages" not in row.frame.file and "/lib/python" not in row.frame.file for row in rows)
    assert sum(row.self_weight for row in rows) <= model.aggregate.tree.weight * 1.000001
    memory, of_memory, _ = own_functions(model_of(MEMORY))
    assert memory
    assert of_memory.value in ("s", "B", "bytes")


def test_how_it_ended_is_said_once_and_trouble_too() -> None:
    model = model_of(DEMO)
    model.meta = replace(model.meta, exit_code=-9, ended_by_us=False, trouble="the sampler\x1b[31m failed")
    text = text_of(Farewell(model, None))
    assert "ended by signal 9" in text
    assert "could not be finished" in text
    assert "perftui open" not in text
    assert "\x1b" not in text
    model.meta = replace(model.meta, kind=SessionKind.ATTACHED, pid=77)
    assert "attached to pid 77" in text_of(Farewell(model, None))


def test_colours_stay_in_terminals_that_want_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = Farewell(model_of(DEMO), None).lines(80)
    console.styled(lines)
    assert "\x1b" not in capsys.readouterr().out, "this is no terminal"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    console.styled(lines)
    assert "\x1b[1m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    console.styled(lines)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_what_makes_the_figures_doubtful_is_never_cut(columns: int) -> None:
    model = model_of(DEMO)
    model.aggregate.approximate = True
    model.meta = replace(model.meta, mode="both", two_pass=False)
    assert model.meta.perturbed
    assert "approximate · slowed by tracing" in text_of(Farewell(model, None), columns)


def test_what_benchmark_tools_measured_is_counted() -> None:
    model = model_of(DEMO)
    model.operations = (Operation("", "a", tool="go"), Operation("", "b", tool="go"))
    assert "measured  2 operations by go" in text_of(Farewell(model, DEMO))
