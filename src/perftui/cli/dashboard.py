"""The one door to the Textual front end: everything else in this room works without importing it."""

from __future__ import annotations

import sys
from pathlib import Path

from perftui.cli import console
from perftui.errors import ExitCode, UsageError
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder
from perftui.recording.summary import document, exit_code


SAY_AFTER_S = 0.4
"""A person who waits longer than this wants to know for what."""


def watch(plan: RecordingPlan, *, as_json: bool) -> int:
    """Record and watch; the workload starts before the screen is there, so that nothing waits for it."""
    recorder = Recorder(plan)
    recorder.start(guard_terminal=sys.stdin.fileno())
    failure: Exception | None = None
    signalled = None
    try:
        from perftui.ui import watch_recording

        signalled = watch_recording(recorder)
    except Exception as error:  # noqa: BLE001 (the screen's own failure: the session is saved first, then it is told)
        failure = error
    finally:
        recorder.stop()
        if not recorder.wait(SAY_AFTER_S):
            console.say("saving the session…")
            recorder.wait()
    code = _farewell(recorder, as_json=as_json, signalled=signalled)
    if failure is not None:
        raise failure
    return code


def view(path: Path) -> int:
    """Open a saved session."""
    _need_terminal("perftui show REF prints a session without one")
    from perftui.ui import view_session

    return view_session(path)


def compare(baseline: Path, current: Path) -> int:
    """Open two sessions side by side."""
    _need_terminal("perftui compare A B --json works without one")
    from perftui.ui import compare_sessions

    return compare_sessions(baseline, current)


def home(sessions: Path) -> int:
    """Open the home screen."""
    _need_terminal("perftui --help lists what works without one")
    from perftui.ui import show_home

    return show_home(sessions)


def _farewell(recorder: Recorder, *, as_json: bool, signalled: int | None) -> int:
    from perftui.cli.headless import describe_exit
    from perftui.cli.report import session_text

    model = recorder.result()
    if as_json:
        console.document(document(model, recorder.path))
    else:
        console.data(session_text(model, recorder.path, top=3))
        console.next_command(f"perftui open {model.meta.id}")
    if signalled is not None:
        return 128 + signalled
    code = exit_code(model)
    if code is ExitCode.WORKLOAD_FAILED:
        console.say(f"the workload failed: {describe_exit(model.meta.exit_code)}", colour="red")
    return int(code)


def _need_terminal(hint: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this needs a terminal", hint=hint)
