"""Counts of a saved session by second add up to what the session holds, wherever its windows begin and end."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.model.frame import Frame
from perftui.model.sample import Thread, WindowRecord
from perftui.model.session import SessionState
from perftui.recording import run_counting
from perftui.recording.run_counting import counts_of_saved
from perftui.storage.session_file import SavedSession, SessionWriter, open_session
from tests.recording.test_summary import META

FRAMES = (Frame("main", "/app/a.py"), Frame("work", "/app/a.py"), Frame("rest", "/app/b.py"))
NODES = ((0, 0), (1, 1), (1, 2))
"""main, main;work, main;rest."""


def session(
    directory: Path, windows: list[tuple[float, float, list[int]]], frames: tuple[Frame, ...] = FRAMES, **meta: Any
) -> SavedSession:
    """A session of windows (start, end, leaves of one thread)."""
    known = replace(META, **meta)
    writer = SessionWriter.create(directory, replace(known, state=SessionState.RECORDING), clock=lambda: 0.0)
    for number, (start_s, end_s, leaves) in enumerate(windows):
        first = number == 0
        writer.add_window(
            WindowRecord(
                start_s=start_s,
                end_s=end_s,
                interval_s=0.01,
                frames=frames if first else (),
                nodes=NODES if first else (),
                threads=(Thread(1, 1),) if first else (),
                samples=((0, array("I", leaves)),),
            )
        )
    done = replace(known, state=SessionState.COMPLETE, duration_s=max(end for _, end, _ in windows))
    return open_session(writer.finalise(done))


def test_samples_fall_into_the_seconds_that_they_were_taken_in(tmp_path: Path) -> None:
    # Half of the second window lies in the second second.
    saved = session(tmp_path, [(0.0, 0.5, [2] * 50), (0.5, 1.5, [3] * 50 + [2] * 50), (1.5, 2.0, [2] * 50)], cpu_s=1.9)
    counts = counts_of_saved(saved)
    work, rest = counts.functions["/app/a.py", "work"], counts.functions["/app/b.py", "rest"]
    assert (work.samples, work.blocks) == (150, (50, 100))
    assert (rest.samples, rest.blocks) == (50, (50, 0))
    assert (counts.block_count, counts.cpu_s) == (2, 1.9)
    assert counts.interval_s == pytest.approx(0.01)
    assert counts.weight == pytest.approx(2.0)
    assert ("/app/a.py", "main") not in counts.functions, "it has no samples of its own"


def test_seconds_that_were_not_sampled_as_a_whole_are_no_blocks(tmp_path: Path) -> None:
    counts = counts_of_saved(session(tmp_path, [(0.4, 1.0, [2] * 60), (1.0, 2.0, [2] * 90), (2.0, 2.3, [2] * 30)]))
    assert counts.functions["/app/a.py", "work"].blocks == (90,)
    endless = counts_of_saved(session(tmp_path / "endless", [(0.0, 1e9, [2] * 60)]))
    assert (endless.block_count, endless.samples) == (0, 60)


def test_a_long_session_is_looked_at_in_stretches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_counting, "MOST_BLOCKS", 16)
    saved = session(tmp_path, [(float(second), second + 1.0, [2] * (10 + second)) for second in range(100)])
    work = counts_of_saved(saved).functions["/app/a.py", "work"]
    assert len(work.blocks) == 16
    assert (work.blocks[0], work.blocks[-1]) == (10, 109)
    assert work.samples == sum(range(10, 110))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 2.5), st.lists(st.sampled_from([1, 2, 3]), max_size=40)), min_size=1, max_size=8)
)
def test_blocks_never_hold_more_than_the_session_does(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[tuple[float, list[int]]]
) -> None:
    windows, start_s = [], 0.0
    for length_s, leaves in lengths:
        windows.append((start_s, start_s + length_s, leaves))
        start_s += length_s
    counts = counts_of_saved(session(tmp_path_factory.mktemp("run"), windows))
    assert counts.samples == sum(len(leaves) for _, leaves in lengths)
    for function in counts.functions.values():
        assert sum(function.blocks) <= function.samples
        assert len(function.blocks) in (0, counts.block_count)
