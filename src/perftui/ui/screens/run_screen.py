"""Runs one after the other in one screen: restarted, run again to be compared, named and pinned."""

from __future__ import annotations

import shlex
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.worker import get_current_worker

from perftui.errors import PerftuiError
from perftui.model.session import SessionMeta
from perftui.recording.base import Recording
from perftui.recording.naming import Naming, name_live, name_saved, suggested_names, usual_naming
from perftui.recording.plan import RecordingPlan
from perftui.recording.rerun import duration_to_equal, plan_again, plan_of_session, what_differs
from perftui.recording.session_model import SessionModel
from perftui.recording.starter import Starter
from perftui.recording.update import Phase
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import SessionEntry, read_meta, taken_names
from perftui.text import printable
from perftui.ui.screens.dialogs import AskYes
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.screens.pin_dialog import PinDialog
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.header_bar import HeaderBar
from perftui.ui.widgets.run_strip import RunStrip, RunText

if TYPE_CHECKING:
    from perftui.recording.comparison import Comparison
    from perftui.recording.recorder import Recorder

_ENDING = "ending this run and saving it; the next one starts then"
_STARTING = "starting it again"
_NOTHING_TO_RUN = "there is nothing here that could be run again"
_NOT_SAVED = "this cannot be named from here: it is no saved session, or only looked at"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a run is compared with as soon as it is complete."""

    runs: tuple[Path, ...]
    """One session, or all runs of a baseline that was recorded several times."""
    meta: SessionMeta
    """Of one of them, which stands for all."""


class RunScreen(FlameScreen):
    """A screen with a session whose workload may be run again."""

    _model: SessionModel
    _recorder: Recording | None

    def __init__(self, view: ViewState) -> None:
        super().__init__(view)
        self._starter: Starter | None = None
        self._path: Path | None = None
        """The file of a saved session."""
        self._run = 1
        """Which run it is in this screen."""
        self._goal: Goal | None = None
        self._comparison: Comparison | None = None
        """What waits to be shown."""
        self._under_way = ""
        """What is being done to run it again."""

    @property
    def _started(self) -> Recorder | None:
        """The recording that is shown, where it was started here."""
        return self._starter.recorder_of(self._recorder) if self._starter is not None else None

    # Again.

    def action_restart(self) -> None:
        """End this run, save it, and start the next one."""
        self._run_again(compare=False, key="R")

    def action_again(self) -> None:
        """Run it again and compare; in a run that is made to be compared, end it and compare now."""
        recorder = self._started
        if self._goal is not None and recorder is not None and not recorder.done:
            recorder.stop()
            self._draw_run()
        else:
            self._run_again(compare=True, key="A")

    def on_run_strip_pressed(self, _message: RunStrip.Pressed) -> None:
        """Do what the key does."""
        self.action_again()

    def _run_again(self, *, compare: bool, key: str) -> None:
        recorder = self._started
        if self._under_way:
            return
        try:
            plan = self._plan_again(recorder)
        except PerftuiError as error:
            self.tell(error)
            return
        if plan is None:
            self.notify(_NOTHING_TO_RUN, markup=False)
        elif recorder is not None:
            self._begin(plan, compare=compare)
        else:
            self._ask_to_run(plan, compare=compare, key=key)

    def _plan_again(self, recorder: Recorder | None) -> RecordingPlan | None:
        if recorder is not None:
            return plan_again(recorder.plan)
        if self._starter is None or self._path is None:
            return None
        return plan_of_session(self._model.meta, self._path.parent)

    def _ask_to_run(self, plan: RecordingPlan, *, compare: bool, key: str) -> None:
        """Ask before a command of a saved session is started: whoever opened it may only have wanted to look."""
        assert plan.workload is not None

        def answer(agreed: bool | None) -> None:
            if agreed:
                self._begin(plan, compare=compare)

        command = printable(shlex.join(plan.workload.argv))
        where = f" in {printable(str(plan.workload.cwd))}" if plan.workload.cwd else ""
        question = f"Run this now{where}?\n\n{command}\n\n{what_differs(self._model.meta)}".rstrip()
        self.app.push_screen(AskYes(question, yes="run it", no="only look", asked_by=key), answer)

    def _begin(self, plan: RecordingPlan, *, compare: bool) -> None:
        recorder = self._started
        running = recorder is not None and not recorder.done
        self._under_way = _ENDING if running else _STARTING
        self._draw_run()
        self._start_next(plan, compare=compare, recorder=recorder)

    @work(thread=True, exit_on_error=False, group="again", exclusive=True)
    def _start_next(self, plan: RecordingPlan, *, compare: bool, recorder: Recorder | None) -> None:
        worker = get_current_worker()
        try:
            if recorder is not None:
                if not compare:
                    # Whoever restarts waits for the next run, and not for figures of the last.
                    recorder.skip_reading()
                recorder.stop()
                recorder.wait()
            goal = self._goal_of(recorder) if compare else None
            if goal is not None and plan.duration_s is None:
                plan = replace(plan, duration_s=duration_to_equal(goal.meta))
            if worker.is_cancelled or self._starter is None:
                return
            following = self._starter.start(plan)
        except PerftuiError as error:
            self.app.call_from_thread(self._stay, error)
            return
        if following is not None:
            self.app.call_from_thread(self._make_room, following, goal)

    def _goal_of(self, recorder: Recorder | None) -> Goal:
        """Return what the next run is compared with: the pinned baseline of its workload, or else this run."""
        path = self._path if recorder is None else recorder.path
        if path is None:
            raise PerftuiError("this run could not be saved, so nothing can be compared with it")
        meta = read_meta(path)
        pinned = () if meta.baseline else Catalogue(path.parent).baseline_runs_for(meta)
        return Goal(pinned, read_meta(pinned[-1])) if pinned else Goal((path,), meta)

    def _stay(self, error: PerftuiError) -> None:
        self._under_way = ""
        self._draw_run()
        self.tell(error)

    def _make_room(self, recorder: Recorder, goal: Goal | None) -> None:
        """Show the next run where this one was."""
        if self not in self.app.screen_stack:
            return
        while self.app.screen is not self:
            # A question about the run that has ended.
            self.app.pop_screen()
        following = self._following(recorder)
        following._run, following._goal = self._run + 1, goal
        self.app.switch_screen(following)
        saved = printable(self._model.meta.name)
        following.notify(f"run {following._run}; the one before is saved as {saved}", timeout=4, markup=False)

    @abstractmethod
    def _following(self, recorder: Recorder) -> RunScreen:
        """Return the screen of the next run, which looks at it as this one does."""

    # Comparing.

    def _compare_when_ended(self) -> None:
        """Open the comparison that this run was made for."""
        self._draw_run()
        recorder = self._started
        if self._goal is not None and recorder is not None:
            self._compare(recorder, self._goal)

    @work(thread=True, exit_on_error=False, group="compare", exclusive=True)
    def _compare(self, recorder: Recorder, goal: Goal) -> None:
        from perftui.recording.capture_completion import complete_captures  # noqa: PLC0415 (seldom needed)
        from perftui.recording.comparison import compare_paths  # noqa: PLC0415
        from perftui.storage.captures import raw_captures  # noqa: PLC0415

        worker = get_current_worker()
        try:
            recorder.wait()
            if recorder.path is None:
                raise recorder.failure or PerftuiError("this run could not be saved, so it cannot be compared")
            for path in goal.runs:
                if raw_captures(path.parent, path.name.partition(".")[0]):
                    complete_captures(path, on_progress=lambda _progress: None)
            comparison = compare_paths(goal.runs, recorder.path)
        except PerftuiError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.tell, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_comparison, comparison)

    def _show_comparison(self, comparison: Comparison) -> None:
        from perftui.ui.screens.compare import CompareScreen  # noqa: PLC0415 (only now is it needed)

        if self.is_current:
            self.app.push_screen(CompareScreen(comparison))
        else:
            # A question is being answered, or something else is looked at.
            self._comparison = comparison

    def on_screen_resume(self) -> None:
        """Open the comparison that came while something else was in front."""
        comparison, self._comparison = self._comparison, None
        if comparison is not None:
            self._show_comparison(comparison)

    def _draw_run(self) -> None:
        """Say which run this is, and what it is compared with."""
        goal, recorder = self._goal, self._started
        live = goal is not None and recorder is not None and self._model.phase is not Phase.DONE
        limit_s = recorder.plan.duration_s if recorder is not None else None
        left_s = None if limit_s is None else max(0.0, limit_s - self._model.elapsed_s)
        text = RunText(self._run, printable(goal.meta.name), left_s) if live and goal is not None else RunText()
        self.query_one(RunStrip).show(replace(text, what=self._under_way))

    # Another process.

    def action_attach(self) -> None:
        """Choose among all running Python processes."""
        from perftui.ui.screens.picker import PickerScreen  # noqa: PLC0415 (only now is it needed)

        recorder = self._started
        sessions = recorder.plan.sessions if recorder is not None else self._path.parent if self._path else None
        if sessions is None or self._starter is None:
            self.notify("nothing can be attached to from here: perftui attach", markup=False)
        else:
            settings = self.settings
            plan = RecordingPlan(
                sessions=sessions,
                sampling=settings.sampling,
                memory=settings.memory,
                keep_sources=settings.keep_sources,
            )
            self.app.push_screen(PickerScreen(plan, self._starter))

    # Naming.

    def on_header_bar_title_clicked(self, _message: HeaderBar.TitleClicked) -> None:
        """Ask for another name."""
        self.action_name()

    def action_name(self) -> None:
        """Name the session, and pin it as the baseline."""
        recorder = self._started
        path = recorder.session_file if recorder is not None else self._path
        if path is None:
            self.notify(_NOT_SAVED, markup=False)
        else:
            self._look_up_names(path, recorder)

    @work(thread=True, exit_on_error=False, group="names", exclusive=True)
    def _look_up_names(self, path: Path, recorder: Recorder | None) -> None:
        meta = self._model.meta if recorder is None else recorder.meta
        try:
            taken = taken_names(path.parent)
        except PerftuiError:
            taken = set()
        self.app.call_from_thread(self._ask_name, path, recorder, meta, suggested_names(meta, taken))

    def _ask_name(self, path: Path, recorder: Recorder | None, meta: SessionMeta, names: Sequence[str]) -> None:
        def answer(naming: Naming | None) -> None:
            if naming is not None:
                self._apply_naming(path, recorder, naming)

        if self.is_current:
            self.app.push_screen(PinDialog(usual_naming(meta), names, what=meta.workload), answer)

    @work(thread=True, exit_on_error=False, group="names")
    def _apply_naming(self, path: Path, recorder: Recorder | None, naming: Naming) -> None:
        try:
            if recorder is not None:
                former = name_live(recorder, naming)
                path = recorder.path or path
            else:
                former = name_saved(path, naming)
        except PerftuiError as error:
            self.app.call_from_thread(self.tell, error)
        else:
            self.app.call_from_thread(self._show_name, naming, former)

    def _show_name(self, naming: Naming, former: Sequence[SessionEntry]) -> None:
        meta = self._model.meta
        baseline = naming.baseline if naming.pinned else ""
        self._model.meta = replace(meta, name=naming.name, pinned=naming.pinned, baseline=baseline)
        self._draw_header()
        told = f"pinned as the baseline {baseline}" if baseline else "not pinned"
        for entry in former:
            told += f"; {entry.name} was that before, and stays pinned"
        self.notify(printable(f"{naming.name}: {told}"), timeout=5, markup=False)

    @abstractmethod
    def _draw_header(self) -> None:
        """Draw the head of the session."""
