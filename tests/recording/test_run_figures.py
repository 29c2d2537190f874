"""The figures of one side: what a budget and a committed baseline need of its runs, and nothing of where they lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.analysis.measures import FunctionSubject
from perftui.analysis.time_order import TimeOrder
from perftui.errors import NoDataError
from perftui.model.session import SessionKind
from perftui.recording.playback import open_playback
from perftui.recording.run_figures import figures_of_model, figures_of_sessions
from perftui.units import Unit
from tests.recording.test_run_counting import FRAMES, session
from tests.recording.test_side_runs import BASE, runs
from tests.storage.sessions import saved


def test_each_run_has_its_entry_in_every_tuple(tmp_path: Path) -> None:
    figures = figures_of_sessions(runs(tmp_path, 3), "@latest")
    assert (figures.ref, figures.runs, figures.samples) == ("@latest", 3, (600, 600, 600))
    assert figures.seconds == pytest.approx((6.0, 6.0, 6.0))
    rows = {row.function: row for row in figures.functions}
    assert rows["main"].samples == (600, 600, 600), "what it calls holds it, too"
    assert rows["main"].self_s == pytest.approx((1.2, 1.2, 1.2))
    assert rows["work"].total_s == rows["work"].self_s == pytest.approx((3.0, 3.0, 3.0))
    assert figures.figures["wall_s"].values == (6.0, 6.0, 6.0)


def test_self_seconds_of_all_functions_add_up_to_the_seconds_of_the_run(tmp_path: Path) -> None:
    figures = figures_of_sessions(runs(tmp_path, 2))
    for run in range(2):
        assert sum(row.self_s[run] for row in figures.functions) == pytest.approx(figures.seconds[run])


def test_files_are_called_the_same_wherever_the_project_lies(tmp_path: Path) -> None:
    found = []
    for place in ("/home/ann/shop", "/builds/7/shop"):
        frames = (
            replace(FRAMES[0], file=f"{place}/shop/main.py"),
            replace(FRAMES[1], file=f"{place}/.venv/lib/python3.12/site-packages/lib/work.py"),
            replace(FRAMES[2], file="/home/ann/tools/far/rest.py"),
        )
        facts = {"git_root": place, "git_project": place, "cores": "4"}
        path = session(tmp_path / place[1:4], [(0.0, 1.0, BASE)], frames, cwd=f"{place}/bench", environment=facts).path
        found.append(figures_of_sessions([path], "side"))
    assert [row.file for row in found[0].functions] == ["lib/work.py", "shop/main.py", "…/far/rest.py"]
    assert found[0] == found[1]
    assert "git_root" not in found[0].environment


def test_functions_that_cost_little_are_kept_where_somebody_named_them(tmp_path: Path) -> None:
    paths = runs(tmp_path, 1)
    assert [row.function for row in figures_of_sessions(paths, top=1).functions] == ["main", "work"]
    named = [FunctionSubject.parse("b.py:rest")]
    assert [row.function for row in figures_of_sessions(paths, top=1, named=named).functions] == [
        "main",
        "work",
        "rest",
    ]


def test_samples_that_come_in_bursts_are_more_dispersed_than_even_ones(tmp_path: Path) -> None:
    even = [(float(second), second + 1.0, BASE) for second in range(30)]
    bursts = [(float(at), at + 1.0, [2] * 100 if at % 2 else [3] * 100) for at in range(30)]
    found = []
    for name, windows in (("even", even), ("bursts", bursts)):
        figures = figures_of_sessions([session(tmp_path / name, windows).path])
        found.append(next(row.dispersion for row in figures.functions if row.function == "work"))
    assert found[0] == 1.0
    assert found[1] > 50
    short = figures_of_sessions([session(tmp_path / "short", even[:5]).path])
    assert {row.dispersion for row in short.functions} == {2.0}, "supposed, where few seconds tell"


def test_meters_and_memory_are_figures_of_the_run(tmp_path: Path) -> None:
    figures = figures_of_sessions([saved(tmp_path, cpu_s=1.25)]).figures
    assert figures["cpu_percent.max"].values == (50.0,)
    assert figures["cpu_s"].unit is Unit.SECONDS
    assert figures["rss_bytes.mean"].unit is Unit.BYTES
    assert all(len(figure.values) == 1 for figure in figures.values())


def test_what_a_run_did_not_measure_has_no_value_for_it(tmp_path: Path) -> None:
    one = session(tmp_path / "a", [(0.0, 1.0, BASE)], cpu_s=0.9).path
    other = session(tmp_path / "b", [(0.0, 1.0, BASE)], kind=SessionKind.ATTACHED, cpu_s=0.7).path
    figures = figures_of_sessions([one, other])
    assert figures.figures["cpu_s"].values == (0.9,)
    assert "kind" not in figures.environment, "the runs differ in it"


def test_a_live_model_says_the_same_as_the_session_but_for_the_dispersion(tmp_path: Path) -> None:
    path = saved(tmp_path)
    kept = figures_of_sessions([path], "x")
    live = figures_of_model(open_playback(path).model, "x")
    assert live == replace(kept, functions=tuple(replace(row, dispersion=2.0) for row in kept.functions))


def test_a_live_model_that_has_the_order_of_its_samples_says_exactly_what_the_session_does(tmp_path: Path) -> None:
    bursts = [(float(at), at + 1.0, [2] * 100 if at % 2 else [3] * 100) for at in range(30)]
    saved_one = session(tmp_path, bursts)
    model = open_playback(saved_one.path).model
    kept = figures_of_sessions([saved_one.path], "x")
    assert figures_of_model(model, "x", order=TimeOrder(saved_one.windows)) == kept
    assert figures_of_model(model, "x", order=TimeOrder()) != kept, "of an empty one nothing is known"


def test_runs_that_count_different_things_are_no_side(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="count different things"):
        figures_of_sessions([*runs(tmp_path / "a", 1), *runs(tmp_path / "b", 1, unit="bytes")])


def test_bytes_are_no_seconds(tmp_path: Path) -> None:
    figures = figures_of_sessions([session(tmp_path, [(0.0, 1.0, BASE)], unit="bytes").path])
    assert (figures.functions, figures.samples, figures.seconds) == ((), (), ())
