"""The recorder: starts the target and the sources, follows them to the end, and reads the captures they leave.

One thread a source; everything that is mutable belongs to the control thread, which takes their events from one queue
into the ledger. A viewer that stalls, or a slow disk, never holds a source up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from perftui.errors import PerftuiError
from perftui.model.session import SessionMeta, SessionState
from perftui.model.workload import RecordMode
from perftui.recording.annotations import Annotations
from perftui.recording.feed import RELAYED_OUTPUT_BYTES, SHOWN_OUTPUT_BYTES, Feed
from perftui.recording.intake import POLL_S, Intake, Observed
from perftui.recording.ledger import Ledger
from perftui.recording.output_reader import LAST_OUTPUT_S
from perftui.recording.plan import RecordingPlan
from perftui.recording.run import Run
from perftui.recording.serving import Serving
from perftui.recording.session_model import SessionModel
from perftui.recording.surroundings import LaterFacts, begun
from perftui.recording.update import Phase
from perftui.sources.base import Progress, Source, SourceState, SourceStatus
from perftui.sources.diagnosis import explain_launch
from perftui.sources.launch import Exit
from perftui.storage.locations import new_id

COMMIT_EVERY_S = 1.0
"""At most this much is lost when the recording is killed."""
PUBLISH_EVERY_S = 0.1
LAST_SAMPLES_S = 3.0
"""How long the sampler may take to hand over its last window once the target has ended."""
GRACE_S = 2.0
"""Time between asking a workload to end and making it end."""
CPU, HEAP = "cpu", "heap"


class Recorder:
    """One recording, from the launch or the attachment to the saved session.

    `start` raises `WorkloadError` or `ObserveError` before anything is saved; after it, trouble is a status in `feed`.
    """

    def __init__(self, plan: RecordingPlan) -> None:
        self.plan = plan
        # A screen shows the last lines only; without one, everything that is printed goes on to stderr.
        self.feed = Feed(output_bytes=SHOWN_OUTPUT_BYTES if plan.terminal else RELAYED_OUTPUT_BYTES)
        self._run = Run(plan, RecordMode.CPU if plan.two_pass else plan.mode)
        self._intake = Intake(self._clock)
        self._every: Callable[[], float] | None = None
        """Tells the seconds from one reading of the meters to the next; None for the plan's."""
        self._stop_asked = threading.Event()
        self._skip_reading = threading.Event()
        self._reading = False
        self._done = threading.Event()
        self._failure: PerftuiError | None = None
        self._next_publish_s = self._next_commit_s = 0.0
        self._began = 0.0
        self._began_epoch_s = 0.0
        self._grace_s = GRACE_S
        self._trouble = ""
        """What went wrong with a second run."""
        self._said = Annotations()
        self.serving = Serving()
        """Where other tools read figures of the recording."""

    # The interface of front ends.

    def start(self) -> None:
        """Start the workload, or attach; then record in the background."""
        samples = self.plan.samples and (self.plan.two_pass or self.plan.mode.cpu)
        if self.plan.workload is not None and samples and (problem := explain_launch()) is not None:
            # Said before the sampler fails for that reason; meters, budgets and output go on without it. And found out
            # before anything is launched: a tool that hangs must not keep the workload waiting.
            self._intake.put(SourceStatus(CPU, SourceState.DEGRADED, problem.message, problem.hint))
        self.serving.start(self.plan, self.feed, self._intake.put)
        try:
            self._id = new_id()
            self._run.start(self._id)
            self._start_session()
        except BaseException:
            self._run.target.close()
            self.serving.close()
            raise
        self._start_sources()
        self._note_surroundings()
        threading.Thread(target=self._control, name="recorder", daemon=True).start()

    def stop(self, *, at_once: bool = False) -> None:
        """Ask for the end of the recording; `wait` tells when it is saved.

        `at_once` leaves the workload no grace, and the captures for whoever opens the session to read.
        """
        if at_once:
            self._grace_s = 0.0
            self._skip_reading.set()
            self._run.target.hasten()
        self._stop_asked.set()

    def skip_reading(self) -> None:
        """Leave the captures for whoever opens the session to read."""
        self._skip_reading.set()

    def annotate(self, *, name: str, pinned: bool, baseline: str) -> bool:
        """Give the session another name and pin it, at once and when it is saved; say whether it was not too late."""
        return self._said.say(name=name, pinned=pinned, baseline=baseline)

    def keep_view(self, view: str) -> None:
        """Keep what a person chose to see with the session; raises `PerftuiError` where that refuses it."""
        self._ledger.keep_view(view)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the session is saved and nothing that was started is left; say whether that is so."""
        return self._done.wait(timeout_s)

    @property
    def done(self) -> bool:
        """Whether the session is saved."""
        return self._done.is_set()

    @property
    def reads_captures(self) -> bool:
        """Whether the run is over and what the tracer left is being read."""
        return self._reading

    @property
    def ends_workload(self) -> bool:
        """Whether stopping now would end a workload."""
        target = self._run.target
        return target.launched is not None and not self.plan.keep_target and not target.has_ended

    @property
    def exit(self) -> Exit | None:
        """How the workload ended; of two runs, the one that is running or ran last."""
        return self._run.target.exit

    @property
    def meta(self) -> SessionMeta:
        """What is known of the session now."""
        return self._ledger.meta

    @property
    def session_file(self) -> Path:
        """The file that the session is written to: the saved one, once it is done."""
        return self.path or self._ledger.writer.path

    @property
    def path(self) -> Path | None:
        """The saved session, once it is done."""
        return self._ledger.path

    def result(self) -> SessionModel:
        """Return the finished session, or raise what ended the recording."""
        if self._failure is not None:
            raise self._failure
        return self.model

    @property
    def model(self) -> SessionModel:
        """What was recorded, as far as it came; unlike `result` also after a failure. Samples are in it at the end."""
        model = self._ledger.model
        if self._done.is_set():
            model.catch_up()
        return model

    @property
    def failure(self) -> PerftuiError | None:
        """What went wrong with the recording as a whole: it ended it, or kept it from being saved."""
        return self._failure

    # Beginning.

    def _clock(self) -> float:
        return time.monotonic() - self._began

    def _start_session(self) -> None:
        self._began, self._began_epoch_s = self._run.target.began, time.time()
        self._ledger = self._new_ledger(self._begun(), clock=self._clock)
        self._announce_capture()

    def _begun(self) -> SessionMeta:
        return begun(self.plan, self._id, self._run.target.pid)

    def _new_ledger(self, meta: SessionMeta, *, clock: Callable[[], float], after: Ledger | None = None) -> Ledger:
        """Begin a session file; `clock` tells the seconds since its recording began."""
        # Nothing of a new part may hold on to the part before: a watch has thousands of them.
        first = after is None
        return Ledger(
            self.plan,
            meta,
            feed=self.feed,
            clock=clock,
            # What runs on from part to part was let through the gate in the first.
            gated=lambda: first and self._run.was_gated,
            stop=self._stop_asked.set,
            after=after,
        )

    def _note_surroundings(self) -> None:
        self._later_facts = LaterFacts(self._ledger.meta.cwd)

    def _announce_capture(self) -> None:
        """Note where the capture lies, for whoever recovers a recording that was killed."""
        capture = self._run.announced
        if capture is not None:
            self._ledger.announce(capture)

    def _start_sources(self) -> None:
        for source in self._sources():
            self._intake.run(source)
        if self._run.target.launched is not None:
            self._intake.read(self._run.target.launched.output_fd)

    def _sources(self) -> list[Source]:
        """Return what observes the target in its present run."""
        metered = not self._ledger.drops_output
        return self._run.sources(self._clock, epoch_s=self._epoch_s, cwd=self._cwd, metered=metered, every=self._every)

    @property
    def _cwd(self) -> Path:
        return Path(self._ledger.meta.cwd or "/")

    @property
    def _epoch_s(self) -> float:
        """The time of day at which the present run began."""
        return self._began_epoch_s + self._run.target.began - self._began

    # The control thread.

    def _control(self) -> None:
        try:
            self._follow()
            self._end_run()
            self._wind_up()
            self._ledger.read_operations(self._began_epoch_s)
            meta = self._meta_of_run()
            if self.plan.two_pass:
                self._run_again()
            self._read_captures()
            # A second run can have failed by itself.
            meta = replace(meta, trouble=meta.trouble or self._trouble)
            self._ledger.finish(self._said.closed(meta), self._skip_reading.is_set)
            self._failure = self._run.target.lost
        except PerftuiError as error:
            self._failure = error
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            self._failure = PerftuiError(f"internal error while recording: {error!r}")
        finally:
            self._intake.stop_sources()
            self._intake.stop_output()
            self._run.target.close()
            self._ledger.close(failed=self._failure is not None)
            self.serving.close()
            self._done.set()

    def _follow(self) -> None:
        while not self._is_over():
            self._take(POLL_S)
            self._keep_up(Phase.RUNNING, judge=True)

    def _keep_up(self, phase: Phase, *, judge: bool) -> None:
        """Publish, judge and save what is due."""
        now, ledger = self._clock(), self._ledger
        ledger.meta = self._said.over(ledger.meta)
        if now >= self._next_publish_s:
            self._next_publish_s = now + PUBLISH_EVERY_S
            ledger.publish(phase)
        if now >= self._next_commit_s:
            self._next_commit_s = now + COMMIT_EVERY_S
            if judge:
                ledger.judge(final=False)
            if not self._reading:
                self._announce_capture()
            ledger.measure_self()
            ledger.save()

    def _is_over(self) -> bool:
        if self._run.is_over(observed=bool(self._intake.running)):
            return True
        limit = self.plan.duration_s
        return self._stop_asked.is_set() or (limit is not None and self._run.target.clock() >= limit)

    def _end_run(self) -> None:
        """End the sources and the workload of the present run, and take in what was still on the way."""
        target, ledger = self._run.target, self._ledger
        if ledger.ended_s is None:
            ledger.end()
        ledger.publish(Phase.ENDING)
        if target.has_ended:
            # The sampler sees by itself that the target ended, and its last window is whole.
            self._take_while(lambda: CPU in self._intake.running, LAST_SAMPLES_S)
        self._intake.stop_sources()
        self._take_while(lambda: bool(self._intake.running), LAST_SAMPLES_S)
        target.end(self._grace_s)
        # Only now: what it prints while it ends is read, and it never waits for a reader that has gone.
        self._intake.stop_output()
        self._take_while(lambda: self._intake.output_open, LAST_OUTPUT_S * 2)
        ledger.publish(Phase.ENDING)

    def _meta_of_run(self) -> SessionMeta:
        target, ledger = self._run.target, self._ledger
        return replace(
            ledger.model.meta,
            state=SessionState.COMPLETE,
            duration_s=ledger.elapsed_s,
            exit_code=target.exit.code if target.exit is not None else None,
            ended_by_us=target.ended_by_us,
            cpu_s=target.exit.user_s + target.exit.system_s if target.exit is not None else None,
            trouble=self._trouble_of_run(),
            environment=self._later_facts.added_to(ledger.model.meta.environment, target.gate),
        )

    def _trouble_of_run(self) -> str:
        if self._run.target.lost is not None:
            return self._run.target.lost.message
        statuses = self._ledger.model.statuses.values()
        return next((status.message for status in statuses if status.state is SourceState.FAILED), "")

    # The second of two runs.

    def _run_again(self) -> None:
        """Run the workload once more under the tracer; what fails here leaves the first run as it is."""
        first = self._run.target
        if self._stop_asked.is_set() or first.lost is not None:
            self._trouble = "the second run, for memory, did not take place"
            return
        if first.exit is not None and first.exit.code and not first.ended_by_us:
            self._trouble = "the workload failed, so it was not run again for memory"
            return
        self._ledger.drops_output = True
        first.close()
        self._run = Run(self.plan, RecordMode.MEMORY)
        self._run.start(self._id, again=True)
        self._announce_capture()
        self._start_sources()
        self._follow_again(self._ledger.elapsed_s)
        self._end_run()
        target = self._run.target
        if target.exit is not None and target.exit.code and not target.ended_by_us:
            self._trouble = f"the second run, for memory, ended with exit code {target.exit.code}"

    def _follow_again(self, first_s: float) -> None:
        while not self._is_over():
            self._take(POLL_S)
            passed = self._run.target.clock()
            share = passed / first_s if first_s > passed else None
            self._ledger.show_progress(Progress(HEAP, "second run, allocations", share))
            self._keep_up(Phase.RUNNING, judge=False)

    # What the tracer left.

    def _read_captures(self) -> None:
        """Read the captures to their end, unless somebody is in a hurry, or the target still writes them."""
        reader = self._run.capture_reader(epoch_s=self._epoch_s, cwd=self._cwd)
        if reader is None:
            return
        self._announce_capture()
        self._reading = True
        self._intake.run(reader)
        while self._intake.running and not self._skip_reading.is_set():
            self._take(POLL_S)
            self._keep_up(Phase.ENDING, judge=False)
        self._intake.stop_sources()
        self._take_while(lambda: bool(self._intake.running), LAST_SAMPLES_S)
        self._reading = False

    def _take_while(self, waiting: Callable[[], bool], limit_s: float) -> None:
        deadline = self._clock() + limit_s
        while waiting() and self._clock() < deadline:
            self._take(POLL_S)
        while not self._intake.is_empty():
            self._take(0)

    def _take(self, timeout_s: float) -> None:
        observed = self._intake.take(timeout_s)
        if observed is not None:
            self._accept(observed)

    def _accept(self, observed: Observed) -> None:
        self._ledger.take(observed)

    def _wind_up(self) -> None:
        """Do what is due between the end of the run and that of the recording."""
