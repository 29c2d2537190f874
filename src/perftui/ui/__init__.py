"""The Textual front end; the text front end opens it through these four doors."""

from __future__ import annotations

from pathlib import Path

from perftui.recording.comparison import compare_paths
from perftui.recording.playback import open_playback
from perftui.recording.recorder import Recorder
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.home import HomeScreen


def watch_recording(recorder: Recorder) -> int | None:
    """Show a recording until the person leaves; return the number of the signal that ended the app, if one did."""
    return PerftuiApp(DashboardScreen.live(recorder)).run_to_signal()


def view_session(path: Path) -> int:
    """Show a saved session."""
    return _code(PerftuiApp(DashboardScreen.saved(open_playback(path))))


def compare_sessions(baseline: Path, current: Path) -> int:
    """Show two sessions side by side."""
    return _code(PerftuiApp(CompareScreen(compare_paths(baseline, current))))


def show_home(sessions: Path) -> int:
    """Show the home screen; whatever was started from it is saved before this returns."""
    screen = HomeScreen(sessions)
    try:
        return _code(PerftuiApp(screen))
    finally:
        screen.wait_for_recorders()


def _code(app: PerftuiApp) -> int:
    signalled = app.run_to_signal()
    return 0 if signalled is None else 128 + signalled
