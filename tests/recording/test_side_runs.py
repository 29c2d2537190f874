"""Several runs as one side: absolute figures are those of one run, wherever the runs lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perftui.errors import NoDataError
from perftui.model.change import ChangeVerdict
from perftui.recording.compare_document import compare_document
from perftui.recording.comparison import compare_paths
from perftui.recording.side_runs import open_side
from tests.recording.test_run_counting import FRAMES, session

BASE = [1] * 20 + [2] * 50 + [3] * 30
"""One second of main, work and rest."""


def runs(directory: Path, number: int, seconds: int = 6, **meta: Any) -> list[Path]:
    """So many runs of so many seconds, each shifted a little against the others."""
    paths = []
    for run in range(number):
        turned = BASE[run:] + BASE[:run]
        windows = [(float(second), second + 1.0, turned) for second in range(seconds)]
        paths.append(session(directory / f"run-{run}", windows, **meta).path)
    return paths


def test_weights_are_those_of_a_run_and_counts_those_of_all(tmp_path: Path) -> None:
    side = open_side(runs(tmp_path, 3))
    assert side.tree.weight == pytest.approx(6.0)
    assert side.tree.count == 1800
    assert [run.counts.samples for run in side.runs] == [600, 600, 600]
    assert side.tree.function_self_weight[side.tree.function_ids["/app/a.py", "work"]] == pytest.approx(3.0)


def test_runs_of_several_directories_are_of_one_program(tmp_path: Path) -> None:
    paths = []
    for place in ("/one/app", "/two/app"):
        frames = tuple(replace(frame, file=f"{place}/a.py") for frame in FRAMES)
        paths.append(session(tmp_path / place[1:4], [(0.0, 1.0, BASE)], frames, cwd=place).path)
    side = open_side(paths)
    assert [frame.file for frame in side.tree.functions] == ["a.py", "a.py", "a.py"]
    assert all(("a.py", "work") in run.counts.functions for run in side.runs)


def test_five_runs_against_five_of_twice_the_time_are_slower_as_a_whole_and_in_no_function(tmp_path: Path) -> None:
    before, after = runs(tmp_path / "a", 5), runs(tmp_path / "b", 5, seconds=12)
    found = compare_paths(before, after)
    assert (found.total.verdict, found.total.runs) == (ChangeVerdict.SLOWER, (5, 5))
    document = compare_document(found)
    assert (document["totals"]["baseline_s"], document["totals"]["current_s"]) == (6.0, 12.0)
    assert document["totals"]["ci"] == [2.0, 2.0]
    assert len(document["baseline"]["runs"]) == 5
    assert document["totals"]["shared_ratio"] == pytest.approx(2.0, rel=0.01)
    assert document["summary"]["slower"] == 0
    assert not document["summary"]["advisory"]
    assert compare_document(compare_paths(before[0], after))["summary"]["advisory"]


def test_runs_that_count_different_things_are_no_side(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="count different things"):
        open_side([*runs(tmp_path / "a", 1), *runs(tmp_path / "b", 1, unit="bytes")])
