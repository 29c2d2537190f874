"""Sessions to press keys at: replayed recordings that can be stopped and started again, with no process anywhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

import pytest
from scenes import (
    DEMO,
    MEMORY,
    MEMORY_NEXT,
    NEXT,
    ROOT,
    RUNNING,
    Running,
    compared_operations,
    comparison,
    operations,
    picker,
    with_source,
)
from textual.screen import Screen

from perftui.budgets.load import load_budget
from perftui.model.workload import Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.replay import Replay
from perftui.recording.starter import Starter
from perftui.recording.update import Phase, Update
from perftui.storage.session_file import SavedSession, open_session
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.home import HomeScreen
from perftui.ui.screens.trend_screen import TrendScreen
from tests.ui.heap_stage import capture, finished, held, memory_playback

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder

BOTH = "both"


class Played(Replay):
    """A replay with what a screen needs of a recorder."""

    def __init__(self, plan: RecordingPlan, file: Path) -> None:
        saved = open_session(file)
        super().__init__(saved, budget=load_budget(ROOT / "budgets" / f"{_budget_of(file)}.toml"))
        self.plan = plan
        self.path = self.session_file = file
        self.failure = None
        self.done = False
        self.at_s = 0.0
        self._lasts_s = saved.meta.duration_s

    def go_on(self, seconds: float) -> None:
        """Record a little more; the end where it was asked for, or where the session ends."""
        if self.done:
            return
        self.at_s += seconds
        if self.stopped or self.at_s >= self._lasts_s:
            self.done = True
            self.finish()
        elif seconds:
            self.advance(self.at_s)

    def skip_reading(self) -> None:
        """There is no capture to read."""

    def wait(self, timeout_s: float | None = None) -> bool:
        """Nothing has to be waited for."""
        return True

    def annotate(self, *, name: str, pinned: bool, baseline: str) -> bool:
        """Take the name while there is something to be named."""
        if not self.done:
            self.meta = replace(self.meta, name=name, pinned=pinned, baseline=baseline)
        return not self.done


class PlayedBoth(Played):
    """The demo with pictures of a heap beside it."""

    def __init__(self, plan: RecordingPlan, file: Path) -> None:
        super().__init__(plan, file)
        self.meta = replace(self.meta, mode=BOTH)
        self._saved = cast(SavedSession, _InMode(self._saved, BOTH))
        self._looks = 0

    def go_on(self, seconds: float) -> None:
        """Look at the heap, which grows and shrinks, before anything else is recorded."""
        if not self.done and seconds:
            self._looks += 1
            self._heap.snapshot(held(0.4 + 0.1 * (self._looks % 7), self.at_s + seconds / 2))
            if self.stopped or self.at_s + seconds >= self._lasts_s:
                for snapshot in finished():
                    self._heap.snapshot(snapshot)
            heap, _, _ = self._heap.take()
            captures, pictures = (capture(complete=False),), self._heap.take_pictures()
            update = Update(self.meta, Phase.RUNNING, self.at_s, heap=heap, captures=captures, pictures=pictures)
            self._publish(update, self.at_s)
        super().go_on(seconds)


class _InMode:
    """A saved session that says it was recorded in another mode."""

    def __init__(self, saved: SavedSession, mode: str) -> None:
        self._saved = saved
        self.meta = replace(saved.meta, mode=mode)

    def __getattr__(self, name: str) -> object:
        return getattr(self._saved, name)


class PlayedStarter(Starter):
    """Starts nothing: whatever is to be recorded, a session is played."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def start(self, plan: RecordingPlan | None = None) -> Recorder | None:
        """Begin to play the session again."""
        chosen = plan or self.plan
        assert chosen is not None
        played = Played(chosen, self.file)
        played.go_on(0.3)
        return self.add(played)

    def add(self, played: Played) -> Recorder:
        """Take a recording for one that was started here."""
        recorder = cast("Recorder", played)
        self.recorders.append(recorder)
        return recorder


def _live(kind: type[Played], file: Path, to_s: float) -> DashboardScreen:
    starter = PlayedStarter(file)
    workload = Workload((sys.executable, "-m", "shop"), cwd=file.parent)
    played = kind(RecordingPlan(file.parent, workload=workload), file)
    played.go_on(to_s)
    return with_source(DashboardScreen.live(starter.add(played), starter=starter))


def _saved(file: Path) -> DashboardScreen:
    playback = open_playback(file)
    return with_source(DashboardScreen.saved(playback, starter=PlayedStarter(file), keep=playback.keep_view))


def _both_saved(folder: Path) -> DashboardScreen:
    # Naming writes into the file that is shown: that must be the copy.
    return DashboardScreen.saved(replace(memory_playback(BOTH), path=folder / DEMO.name))


def _operations(folder: Path) -> DashboardScreen:
    screen = operations()
    # Its trend leads to the copies, which may be written.
    screen._sessions = folder
    return screen


def _home(folder: Path) -> HomeScreen:
    screen = HomeScreen(folder, running=lambda: [RUNNING])
    screen._starter = PlayedStarter(folder / DEMO.name)
    return screen


SCREENS: Mapping[str, Callable[[Path], Screen[None]]] = {
    "CPU live": lambda folder: _live(Played, folder / DEMO.name, 0.5),
    "memory live": lambda folder: _live(Played, folder / MEMORY.name, 1.0),
    "both live": lambda folder: _live(PlayedBoth, folder / DEMO.name, 2.0),
    "nothing yet": lambda folder: _live(Played, folder / DEMO.name, 0.0),
    "CPU saved": lambda folder: _saved(folder / DEMO.name),
    "memory saved": lambda folder: _saved(folder / MEMORY.name),
    "both saved": _both_saved,
    "CPU compared": lambda folder: comparison(folder / DEMO.name, folder / NEXT.name),
    "memory compared": lambda folder: comparison(folder / MEMORY.name, folder / MEMORY_NEXT.name),
    "operations": _operations,
    "operations compared": lambda _: compared_operations(),
    "home": _home,
    "trend": TrendScreen,
    "settings": lambda folder: _live(Played, folder / DEMO.name, 0.5),
    "scope menu": lambda folder: _live(PlayedBoth, folder / DEMO.name, 2.0),
    "picker": lambda folder: picker(folder, PlayedStarter(folder / DEMO.name)),
}
"""By name: makes the first screen over the sessions of a folder."""
OPENED_BY = {"settings": "comma", "scope menu": "S", "operations": "O", "operations compared": "O"}
"""Keys that open, again and again, what a session is named for."""


def screen_of(name: str, folder: Path) -> Screen[None]:
    """Return a first screen over copies of all sessions, made in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (DEMO, NEXT, MEMORY, MEMORY_NEXT):
        shutil.copy(path, folder / path.name)
    return SCREENS[name](folder)


def recorded() -> dict[str, str]:
    """Return a digest of each recorded session of the tests, which nothing that is pressed may change."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(DEMO.parent.glob("*.perftui"))}


def cut_off_processes(patch: pytest.MonkeyPatch) -> None:
    """Let nothing reach a process: neither an editor, nor a debugger, nor a signal."""

    def refuse(*_args: object, **_more: object) -> NoReturn:
        raise AssertionError("a process was to be started or signalled")

    patch.setattr("perftui.ui.screens.home.explain_target", lambda _pid: None)
    patch.setattr("perftui.ui.screens.picker.ObservableProcesses", lambda **_more: Running())
    patch.setattr("perftui.ui.screens.picker.why_not", lambda _pid: None)
    patch.setattr("perftui.ui.screens.picker.risks", lambda _pid: ["[b]it may break[/b]"])
    patch.setattr("perftui.ui.screens.picker.named", lambda pid: f"process {pid}")
    patch.setattr("perftui.ui.screens.source_screen.run_on_terminal", lambda _command: 1)
    patch.setattr("subprocess.Popen.__init__", refuse)
    for name in ("kill", "killpg", "fork", "posix_spawn", "execv", "execve"):
        patch.setattr(f"os.{name}", refuse)


def _budget_of(file: Path) -> str:
    return "memory" if file.name.startswith("memory") else "demo"
