"""How threads and processes look, live and saved, apart and merged, at three widths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from scenes import demo_replay, live, saved

from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.recording.update import Phase, Update
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.themes import DARK, LIGHT
from tests.ui.test_snapshots import pressing


def looks(pids: list[int], *, seconds: int) -> tuple[ProcessReadings, ...]:
    """What the meters say of the processes of the demo, and of a child that came and went."""
    command = ("python3", "-m", "demo")
    main = Process(pids[0], 0.0, None, "python3", command)
    processes = [main, *(Process(pid, 0.5, main.pid, "python3", command) for pid in pids[1:])]
    gone = Process(pids[-1] + 3, 1.0, pids[0], "sh", ("sh", "-c", "du -sh /srv/shop"))
    found = [ProcessReadings(0.5, (*processes, gone))]
    for at in range(1, seconds):
        readings = tuple(
            ProcessReading(process.key, (97.0, 41.0, 12.5)[i % 3], 0.5 * at, (5 - i) * 24e6, 1.0 + 3 * (not i))
            for i, process in enumerate(processes)
        )
        news = (replace(gone, ended_s=float(at), exit_code=2),) if at == 3 else ()
        found.append(ProcessReadings(float(at), news, readings))
    return tuple(found)


def processes_of(screen: DashboardScreen) -> list[int]:
    return sorted({share.thread.pid for share in screen._model.aggregate.threads})


def saved_with_processes() -> DashboardScreen:
    screen = saved()
    for look in looks(processes_of(screen), seconds=8):
        screen._model.processes.apply(look)
    return screen


def live_with_processes() -> DashboardScreen:
    replay = demo_replay()
    replay.feed.publish(Update(replay.meta, Phase.RUNNING, 8.0, processes=looks(processes_of(saved()), seconds=8)))
    return live(replay)


@pytest.mark.parametrize(
    ("screen", "theme", "size", "keys"),
    [
        (live_with_processes, DARK, (160, 50), ["3", "down"]),
        (live_with_processes, LIGHT, (80, 24), ["3"]),
        (saved_with_processes, LIGHT, (120, 35), ["3", "down", "down", "X"]),
        (saved_with_processes, DARK, (120, 35), ["t", "t", "3", "s"]),
        (saved_with_processes, DARK, (120, 35), ["4", "right", "right"]),
    ],
    ids=["live-160x50", "live-80x24", "left-out-120x35", "by-name-120x35", "meters-120x35"],
)
def test_threads_look_as_they_did(
    snap_compare: Any, screen: Callable[[], DashboardScreen], theme: str, size: tuple[int, int], keys: list[str]
) -> None:
    assert snap_compare(PerftuiApp(screen(), theme=theme), terminal_size=size, run_before=pressing(keys))
