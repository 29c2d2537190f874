"""What a person reads of several runs: which one is under way, and what they have in common."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from perftui.cli.repeated import spread_text, summary_text, without_pipe
from perftui.cli.series_progress import SeriesProgress, describe
from perftui.model.session import RunSide
from perftui.model.workload import Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.repeats import Turn, turns_of
from perftui.recording.series_summary import SeriesSummary, Spread
from tests.recording.test_summary import META

BOTH = (RunSide.BASE, RunSide.CURRENT)
PLAN = RecordingPlan(sessions=Path("/nowhere"), workload=Workload(("true",)))


@dataclass(frozen=True)
class Run:
    turn: Turn
    failed: bool = False
    cut: bool = False


def test_a_run_is_named_by_its_side_and_its_place() -> None:
    turns = turns_of(BOTH, repeat=3, warmup=1)
    assert [describe(turn, turns) for turn in turns[:5]] == [
        "base, warm-up 1 of 1",
        "current, warm-up 1 of 1",
        "base, run 1 of 3",
        "current, run 1 of 3",
        "current, run 2 of 3",
    ]
    alone = turns_of((RunSide.NONE,), repeat=2, warmup=0)
    assert describe(alone[1], alone) == "run 2 of 2"


def test_without_a_terminal_each_run_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    turns = turns_of((RunSide.NONE,), repeat=2, warmup=0)
    with SeriesProgress(turns, quiet=False) as progress:
        for turn in turns:
            progress.show(turn)
            progress.ended(Run(turn, failed=turn.number == 2))
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("1 of 2: run 1 of 2, ")
    assert second.startswith("2 of 2: run 2 of 2, ")
    assert second.endswith(", failed")
    with SeriesProgress(turns, quiet=True) as progress:
        progress.ended(Run(turns[0]))
    assert capsys.readouterr().err == ""


class Terminal(io.StringIO):
    """A stderr that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_in_a_terminal_a_bar_goes_out_of_the_way_and_never_hides_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    turns = turns_of((RunSide.NONE,), repeat=2, warmup=0)
    with SeriesProgress(turns, quiet=False) as progress:
        progress.show(turns[0])
        assert "run 1 of 2" in terminal.getvalue()
        progress.ended(Run(turns[0]))
        with progress.aside():
            drawn = terminal.getvalue()
            terminal.seek(0)
            terminal.truncate()
            progress.show(turns[1])
            assert terminal.getvalue() == "", "what is said then stands alone"
        progress.show(turns[1])
        assert "run 2 of 2" in terminal.getvalue()
        assert "left" in terminal.getvalue()
    hide_cursor = "\x1b[?25l"
    assert hide_cursor not in drawn + terminal.getvalue(), "whoever is killed cannot show it again"


def test_the_summary_says_how_many_there_are_of_those_asked_for() -> None:
    summary = SeriesSummary("20260101-000000-gggg", failed=1)
    assert summary_text(summary, asked=3) == "no run was recorded to its end"
    for number, seconds in ((1, 1.0), (2, 3.0)):
        summary.metas.append(replace(META, name="bench", repeat_index=number, duration_s=seconds, cpu_s=seconds))
        summary.samples.append(100 * number)
        summary.heap_peaks.append(None)
    lines = summary_text(summary, asked=3).splitlines()
    assert lines[0] == "bench (group:20260101-000000-gggg)  2 of 3 runs, 1 failed"
    assert lines[2].split() == ["run", "id", "duration", "CPU", "samples", "end"], (
        "what was not looked at has no column"
    )
    assert lines[-2] == "duration  2.00 s ± 1.41 s (1.00 s … 3.00 s)"
    assert spread_text(Spread(1.5, None, 1.5, 1.5)) == "1.50 s", "one run has no spread"


def test_runs_of_which_only_memory_is_known_show_their_peaks() -> None:
    summary = SeriesSummary("20260101-000000-gggg")
    summary.metas.append(replace(META, name="bench", repeat_index=1, cpu_s=None))
    summary.samples.append(0)
    summary.heap_peaks.append(2048)
    assert summary_text(summary, asked=1).splitlines()[2].split() == ["run", "id", "duration", "heap", "peak", "end"]
    assert summary.document(asked=1, interrupted=False)["heap_peak_bytes"]["mean"] == 2048


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_a_file_feeds_each_run_and_a_pipe_feeds_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "input").write_text("x")
    with opened(tmp_path / "input") as descriptor:
        assert without_pipe(replace(PLAN, stdin=descriptor), quiet=False).stdin == Path(f"/dev/fd/{descriptor}")
    out, into = os.pipe()
    assert without_pipe(replace(PLAN, stdin=out), quiet=False).stdin is None
    assert "a pipe can feed one run only" in capsys.readouterr().err
    os.close(out)
    os.close(into)
    assert without_pipe(PLAN, quiet=False) is PLAN
