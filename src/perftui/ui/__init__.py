"""The Textual front end; the text front end opens it through four doors, each of which loads what is behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.ui.app import PerftuiApp

if TYPE_CHECKING:
    from perftui.analysis.delta_tree import DeltaTree
    from perftui.recording.base import Recording
    from perftui.recording.comparison import Comparison
    from perftui.recording.plan import RecordingPlan
    from perftui.recording.starter import Starter
    from perftui.settings.spec import Settings


def watch_recording(starter: Starter, *, settings: Settings) -> int | None:
    """Start a recording and show it until the person leaves; return the signal that ended the app, if one did.

    Raises what kept the recording from starting, or what made the screen fail.
    """
    from perftui.ui.screens.boot import BootScreen

    app = PerftuiApp(BootScreen(starter), settings=settings)
    return app.run_to_signal(last_resort=lambda: starter.close(10.0))


def pick_process(plan: RecordingPlan, starter: Starter, *, settings: Settings) -> int | None:
    """Let the person choose a process and observe it; return the signal that ended the app, if one did."""
    from perftui.ui.screens.picker import PickerScreen

    app = PerftuiApp(PickerScreen(plan, starter), settings=settings)
    return app.run_to_signal(last_resort=lambda: starter.close(10.0))


def view_session(path: Path, starter: Starter, *, settings: Settings) -> int | None:
    """Show a saved session, which may be run again; return the signal that ended the app, if one did."""
    from perftui.recording.playback import open_playback
    from perftui.ui.screens.dashboard import DashboardScreen

    playback = open_playback(path)
    screen = DashboardScreen.saved(playback, starter=starter, keep=playback.keep_view)
    return PerftuiApp(screen, settings=settings).run_to_signal(last_resort=lambda: starter.close(10.0))


def watch_import(recording: Recording, *, settings: Settings) -> int | None:
    """Show a capture while it is read; return the signal that ended the app, if one did."""
    from perftui.ui.screens.dashboard import DashboardScreen

    return PerftuiApp(DashboardScreen.live(recording), settings=settings).run_to_signal()


def compare_sessions(
    baseline: Sequence[Path], current: Sequence[Path], look: Callable[[], DeltaTree | None], *, settings: Settings
) -> int:
    """Show the runs of two sides side by side; `look` waits for a first picture of large ones."""
    from perftui.ui.screens.comparing import ComparingScreen

    def load() -> Comparison:
        from perftui.recording.comparison import compare_paths

        return compare_paths(baseline, current)

    return _code(PerftuiApp(ComparingScreen(load, look, (baseline, current)), settings=settings))


def show_home(sessions: Path, *, settings: Settings) -> int:
    """Show the home screen; whatever was started from it is saved before this returns."""
    from perftui.ui.screens.home import HomeScreen

    screen = HomeScreen(sessions)
    try:
        return _code(PerftuiApp(screen, settings=settings))
    finally:
        screen.wait_for_recorders()


def _code(app: PerftuiApp) -> int:
    signalled = app.run_to_signal()
    return 0 if signalled is None else 128 + signalled
