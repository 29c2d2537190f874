"""The one door to the Textual front end: everything else in this room works without importing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.cli import console
from perftui.cli.against import settled
from perftui.errors import ExitCode, UsageError
from perftui.recording.early_look import begin_look
from perftui.recording.plan import RecordingPlan
from perftui.recording.starter import Starter
from perftui.settings.options import OPTIONS
from perftui.settings.preferences import read_settings
from perftui.settings.spec import Settings
from perftui.sources.shell_job import stay_behind

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder

_THIS_RUN = "flag or profile of this run"
SAY_AFTER_S = 0.4
"""A person who waits longer than this wants to know for what."""


def watch(plan: RecordingPlan, *, as_json: bool) -> int:
    """Record and watch; the first paint comes before anything is started."""
    stay_behind()
    from perftui.ui import watch_recording

    settings = _with_plan(read_settings(), plan)
    starter = Starter(plan)
    return _until_saved(starter, lambda: watch_recording(starter, settings=settings), as_json=as_json)


def pick(plan: RecordingPlan, *, as_json: bool) -> int:
    """Let the person choose the process that is observed."""
    stay_behind()
    from perftui.ui import pick_process

    settings = _with_plan(read_settings(), plan)
    starter = Starter()
    return _until_saved(starter, lambda: pick_process(plan, starter, settings=settings), as_json=as_json)


def view(path: Path) -> int:
    """Open a saved session."""
    _need_terminal("perftui show REF prints a session without one")
    stay_behind()
    from perftui.ui import view_session

    settings = read_settings()
    starter = Starter()
    return _until_saved(starter, lambda: view_session(path, starter, settings=settings))


def _until_saved(starter: Starter, show: Callable[[], int | None], *, as_json: bool = False) -> int:
    """Show a screen; what was started from it is saved and summed up before this returns the exit code."""
    failure: Exception | None = None
    signalled = None
    try:
        signalled = show()
    except Exception as error:  # noqa: BLE001 (the screen's own failure: the session is saved first, then it is told)
        failure = error
    finally:
        if not starter.close(SAY_AFTER_S):
            _wait_for(starter)
    if starter.recorder is None:
        if failure is not None:
            raise failure
        return 0 if signalled is None else 128 + signalled
    # Only now: the first picture waits for nothing of it.
    from perftui.cli.tidy import begin_tidying, tell_tidying

    tidying = begin_tidying(starter.recorder.plan.sessions)
    code = _farewell(starter, as_json=as_json, signalled=signalled)
    tell_tidying(tidying)
    if failure is not None:
        raise failure
    return code


def view_capture(capture: Path, sessions: Path) -> int:
    """Import a capture and show it while it is read."""
    _need_terminal("perftui import FILE makes a session of it without one")
    stay_behind()
    from perftui.recording.capture_import import CaptureImport
    from perftui.ui import watch_import

    settings = read_settings()
    running = CaptureImport(capture, sessions, preview=True)
    running.start()
    try:
        signalled = watch_import(running, settings=settings)
    finally:
        running.stop()
        running.wait()
    if running.was_stopped:
        console.say("the capture was not read to its end, so nothing was saved")
    else:
        model = running.result()
        console.say(f"imported as {model.meta.name}")
        console.next_command(f"perftui open {model.meta.id}")
    return 0 if signalled is None else 128 + signalled


def compare(baseline: Sequence[Path], current: Sequence[Path]) -> int:
    """Open the runs of two sides side by side."""
    _need_terminal("perftui compare A B --json works without one")
    settings = read_settings()
    stay_behind()
    # Before the screen is loaded: meanwhile another processor makes the first picture.
    look = begin_look(baseline, current)
    from perftui.ui import compare_sessions

    return compare_sessions(baseline, current, look, settings=settings)


def home(sessions: Path) -> int:
    """Open the home screen."""
    _need_terminal("perftui --help lists what works without one")
    stay_behind()
    from perftui.ui import show_home

    code = show_home(sessions, settings=read_settings())
    from perftui.cli.tidy import begin_tidying, tell_tidying

    tell_tidying(begin_tidying(sessions))
    return code


def _with_plan(settings: Settings, plan: RecordingPlan) -> Settings:
    """Return the settings with what flags and the workload profile say for this run."""
    run = replace(settings, sampling=plan.sampling, memory=plan.memory, mode=plan.mode)
    other = {option.key for option in OPTIONS if option.value(run) != option.value(settings)}
    return replace(run, origins={**settings.origins, **dict.fromkeys(other, _THIS_RUN)})


def _wait_for(starter: Starter) -> None:
    """Wait until all sessions are saved; Ctrl-C leaves the captures to whoever opens the sessions."""
    from perftui.cli.progress import progress_bar
    from perftui.cli.signals import EndSignals

    for recorder in starter.recorders:
        with EndSignals(recorder):
            while not recorder.wait(SAY_AFTER_S):
                progress = recorder.model.progress
                text = "saving the session …" if progress is None else progress_bar(progress)
                console.progress(text if progress is None else f"{text} (Ctrl-C leaves that for later)")
    console.clear_progress()


def _farewell(starter: Starter, *, as_json: bool, signalled: int | None) -> int:
    from perftui.cli.headless import describe_exit
    from perftui.recording.summary import document, exit_code

    *earlier, recorder = starter.recorders
    model, plan = recorder.model, recorder.plan
    paths = () if recorder.path is None else (recorder.path,)
    sound = signalled is None and exit_code(model) is ExitCode.OK and recorder.failure is None
    if as_json:
        held = settled(plan, paths, as_json=True, sound=sound)
        console.document({**document(model, recorder.path), **held})
    else:
        _sum_up(recorder, earlier)
        settled(plan, paths, as_json=False, sound=sound)
    if recorder.failure is not None:
        # What was seen is shown all the same.
        raise recorder.failure
    if signalled is not None:
        return 128 + signalled
    code = exit_code(model, plan.budget)
    if code is ExitCode.WORKLOAD_FAILED:
        console.say(f"the workload failed: {describe_exit(model.meta.exit_code)}", colour="red")
    return int(code)


def _sum_up(recorder: Recorder, earlier: Sequence[Recorder]) -> None:
    """Show how the last recording went, and which others there were."""
    from perftui.cli.farewell import Farewell
    from perftui.storage.listing import read_meta, scan
    from perftui.storage.locations import sessions_directory

    model, path = recorder.model, recorder.path
    if path is not None:
        # It may have been named since it was saved.
        model.meta = read_meta(path)
    usual = sessions_directory(read_settings().sessions_dir)
    farewell = Farewell(
        model,
        path,
        entries=scan(path.parent) if path is not None else (),
        by_path=path is not None and path.parent.absolute() != usual.absolute(),
        earlier=[read_meta(each.path) for each in earlier if each.path is not None],
    )
    console.styled(farewell.lines(console.columns()))


def _need_terminal(hint: str) -> None:
    if not console.has_screen():
        raise UsageError("this needs a terminal", hint=hint)
