"""A watch of hours on a made-up clock: the real recorder and its files, in seconds."""

from __future__ import annotations

import gc
import os
import random
import weakref
from itertools import pairwise
from pathlib import Path

import pytest

from harness.day import DayWatcher, Service, day_watcher
from perftui.analysis.alerting import standings
from perftui.errors import SessionWriteError
from perftui.model.alert import AlertLevel
from perftui.recording.ledger import Ledger
from perftui.recording.plan import RecordingPlan, with_budget
from perftui.recording.playback import open_playback
from perftui.recording.watch_plan import WatchPlan
from perftui.recording.watcher import Watcher
from perftui.sources.base import SourceState, SourceStatus
from perftui.storage.session_file import SessionWriter, read_meta, verify

HOUR_S = 3_600.0


def watched(home: Path, *, until_s: float, rotate_s: float, every_s: float | None = None) -> tuple[Watcher, list[Path]]:
    watcher = day_watcher(home, WatchPlan(rotate_s=rotate_s))
    for _ in watcher.watch(Service(random.Random(7)), until_s=until_s, every_s=every_s):
        pass
    watcher.finish()
    return watcher, sorted(home.glob("*.perftui"), key=lambda path: read_meta(path).part)


def test_a_part_is_small_is_cut_where_it_should_be_and_loses_no_reading(tmp_path: Path) -> None:
    watcher, files = watched(tmp_path, until_s=1_199.0, rotate_s=400.0, every_s=5.0)
    assert [read_meta(path).part for path in files] == [1, 2, 3]
    assert [round(read_meta(path).duration_s) for path in files] == [400, 400, 399]
    assert sum(path.stat().st_size for path in files) < 100e6 / 72, "a day in less than 100 MB"
    moments = []
    for number, path in enumerate(files):
        assert not verify(path)
        playback = open_playback(path)
        moments += [400.0 * number + reading.at_s for reading in playback.update.readings]
        series = playback.model.series
        assert len(series) == 20
        assert len(playback.model.processes.by_key) >= 6, "each part knows who runs"
    assert len(moments) == 240
    assert all(later - before == 5.0 for before, later in pairwise(moments))
    # Nobody looks at it meanwhile: what is drawn over time is not kept in memory.
    assert not watcher.model.readings
    assert not watcher.model.processes.by_key


def test_a_part_that_is_finished_is_let_go_of(tmp_path: Path) -> None:
    watcher = day_watcher(tmp_path, WatchPlan(rotate_s=10.0))
    parts: list[weakref.ref[Ledger]] = [weakref.ref(watcher._ledger)]
    for _ in watcher.watch(Service(random.Random(7)), until_s=95.0, every_s=5.0):
        if parts[-1]() is not watcher._ledger:
            parts.append(weakref.ref(watcher._ledger))
    watcher.finish()
    gc.collect()
    alive = [number for number, part in enumerate(parts, start=1) if part() is not None]
    assert len(parts) >= 9
    assert len(alive) <= 2, f"parts {alive} of a watch that may last for months are kept in memory"


def test_it_looks_seldom_while_all_is_calm_and_often_under_an_alert_through_a_cut(tmp_path: Path) -> None:
    # The rush hour lasts the first two minutes of each hour; the cut falls into the second one.
    _, files = watched(tmp_path, until_s=HOUR_S + 240, rotate_s=HOUR_S + 60)
    first, second = (open_playback(path) for path in files)
    at = [reading.at_s for reading in first.update.readings]
    calm = [later - before for before, later in pairwise(at) if 1_000 < before < 3_000]
    rush = [later - before for before, later in pairwise(at) if before > 3_640]
    assert set(calm) == {30.0}
    assert max(rush) <= 5.0
    began = [event for event in second.model.events if event.at_s == 0.0 and "still" in event.text]
    assert len(began) == 1
    again = [reading.at_s for reading in second.update.readings]
    assert again[1] - again[0] <= 5.0, "the pace goes on where it stood"
    assert {stand.level for stand in standings(second.model.events)} == {AlertLevel.OK}


def test_an_edit_of_the_intervals_does_not_wait_for_the_next_reading(tmp_path: Path) -> None:
    file = tmp_path / "b.toml"
    file.write_text("[intervals]\nnormal = 900")
    plan = RecordingPlan(tmp_path / "s", attach_pid=os.getpid(), samples=False)
    watcher = DayWatcher(with_budget(plan, file), WatchPlan(rotate_s=None))
    watcher.begin()
    for now_s in watcher.watch(Service(random.Random(7)), until_s=120.0):
        if now_s == 100.0:
            assert watcher.interval_s == 900.0
            file.write_text("[intervals]\nnormal = 45")
        if now_s == 103.0:
            assert watcher.interval_s == 45.0
    watcher.finish()


def test_what_does_not_work_is_told_in_each_part(tmp_path: Path) -> None:
    watcher = day_watcher(tmp_path, WatchPlan(rotate_s=50.0))
    for now_s in watcher.watch(Service(random.Random(7)), until_s=80.0, every_s=5.0):
        if now_s == 10.0:
            watcher._accept(SourceStatus("cpu", SourceState.FAILED, "this is no Python"))
    watcher.finish()
    for path in tmp_path.glob("*.perftui"):
        assert [event.text for event in open_playback(path).model.events if event.subject == "cpu"] == [
            "this is no Python"
        ]


def test_where_no_part_can_be_begun_the_one_before_goes_on_and_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = day_watcher(tmp_path, WatchPlan(rotate_s=100.0))

    def refuse(*_: object, **__: object) -> SessionWriter:
        raise SessionWriteError("the disk is full", hint="make room")

    told = []
    for now_s in watcher.watch(Service(random.Random(7)), until_s=200.0, every_s=5.0):
        if now_s == 90.0:
            monkeypatch.setattr(SessionWriter, "create", refuse)
        if now_s == 110.0:
            monkeypatch.undo()
            told = [status.told for status in watcher.model.statuses.values()]
            assert watcher.part == 1
    watcher.finish()
    assert any("no new part: the disk is full" in text for text in told)
    files = sorted(tmp_path.glob("*.perftui"), key=lambda path: read_meta(path).part)
    assert [(read_meta(path).part, round(read_meta(path).duration_s)) for path in files] == [(1, 160), (2, 40)]
    assert sum(len(open_playback(path).update.readings) for path in files) == 40
