"""CPU samples without a gap from the stock py-spy: each recorder is relieved at the moment that the next one samples.

A state machine over selectors, without threads. `poll` must be called again soon after it returns: what happens
between two calls is seen, and dated, only at the next.
"""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable, Sequence
from dataclasses import replace

from perftui.errors import ObserveError, UsageError
from perftui.model.workload import SamplingOptions
from perftui.sources import processes
from perftui.sources.base import Clock, SourceEvent, SourceState, SourceStatus
from perftui.sources.gate import Gate
from perftui.sources.pyspy_chain import RecorderChain
from perftui.sources.pyspy_command import Failure, FailureKind, classify, find_pyspy, record_argv
from perftui.sources.pyspy_governor import MIN_RATE_HZ
from perftui.sources.pyspy_looks import EVERY_S, Looker
from perftui.sources.pyspy_notes import Note, Notes
from perftui.sources.pyspy_output import OutputError
from perftui.sources.pyspy_policy import Policy
from perftui.sources.pyspy_recorder import Goal, Phase, Pipes, Recorder
from perftui.sources.pyspy_retries import Retries
from perftui.sources.pyspy_targets import Targets
from perftui.sources.recorder_process import ToolStarter

MIN_RATE, MAX_RATE = 1, 1000
"""At 0 Hz py-spy hangs and ignores every request to end."""
# The dead man's switch: a recorder that nobody relieves or ends does so itself.
_CAP_WINDOWS = 10
_LEAST_CAP_S = 20
# On a saturated machine single starts take up to 3 s.
_START_LIMIT_S = 12.0
# After so long somebody wonders why there is nothing to see.
_SLOW_START_S = 3.0
_LAST_WINDOW_S = 1.0
# After the target has ended py-spy notices it at its next look.
_NOTICE_S = 0.3
_REAP_S = 0.002
_NEVER_SAMPLED = "No Python interpreter ran long enough to be sampled."
_NOT_BEGUN = "py-spy was started but does not begin to sample."
_UNREADABLE = "The sampler's output could not be read"


class PySpySource:
    """Observes a process, and its children where asked, through a chain of py-spy recorders.

    With a gate the process is one that perftui launched: it may hold no Python interpreter, or several in a row.
    """

    name = "cpu"

    def __init__(
        self,
        pid: int,
        *,
        options: SamplingOptions,
        clock: Clock,
        keeper: ToolStarter,
        gate: Gate | None = None,
        look_every: Callable[[], float] = lambda: EVERY_S,
    ) -> None:
        if not MIN_RATE <= options.rate_hz <= MAX_RATE:
            raise UsageError(
                f"A sampling rate of {options.rate_hz} Hz is not possible.",
                hint=f"Choose {MIN_RATE} to {MAX_RATE} Hz.",
            )
        self._pid = pid
        self._options = options
        self._clock = clock
        self._keeper = keeper
        self._gate = gate
        self._targets = Targets(pid, follow_children=options.follow_children, launched=gate is not None)
        self._policy = Policy(options)
        self._pyspy = ""
        self._looker: Looker | None = None
        self._look_every = look_every
        self._selector = selectors.DefaultSelector()
        self._recorders = RecorderChain(keeper, self._selector)
        self._events: list[SourceEvent] = []
        self._notes = Notes(self.name)
        self._said: SourceStatus | None = None
        self._started_s = 0.0
        self._rotate_at_s = 0.0
        self._retries = Retries(launched=self._targets.launched)
        self._windows = 0
        self._hand_overs = 0
        self._target_ended_s: float | None = None
        self._over = False

    # The promises of a source.

    def start(self) -> None:
        """Begin to observe; raises `ObserveError` where there is nothing that could be observed."""
        self._pyspy = find_pyspy()
        self._started_s = self._clock()
        if self._gate is not None:
            self._selector.register(self._gate, selectors.EVENT_READ, self._gate)
        else:
            self._refuse_impossible()
        self._looker = Looker(self._pyspy, self._keeper, every=self._look_every)
        self._targets.look(self._started_s)
        self._say_status()
        self._step()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Wait at most `timeout_s` and return what has come."""
        if self._over:
            return self._take_events()
        deadline_s = self._clock() + timeout_s
        self._step()
        while True:
            now_s = self._clock()
            wait_s = 0.0 if self._events else max(0.0, min(deadline_s, self._next_due_s(now_s)) - now_s)
            self._serve(wait_s)
            self._step()
            if self._events or self._clock() >= deadline_s:
                return self._take_events()

    def stop(self) -> Sequence[SourceEvent]:
        """End all recorders, return their last windows, and let everybody at the gate go."""
        if self._looker is None:
            # It never began, and why has been said.
            self._over = True
            if self._gate is not None:
                self._gate.close()
        elif not self._over:
            self._end(SourceState.ENDED, "", "")
        self._selector.close()
        return self._take_events()

    def _take_events(self) -> Sequence[SourceEvent]:
        events, self._events = self._events, []
        return events

    # One round.

    def _refuse_impossible(self) -> None:
        if self._pid == os.getpid():
            raise ObserveError("perftui cannot observe itself.", hint="Give the pid of another process.")
        if self._pid <= 0 or not processes.alive(self._pid):
            failure = classify("no such process", self._pid)
            raise ObserveError(failure.message, hint=failure.hint)

    def _step(self) -> None:
        """Do whatever is due now."""
        if self._over:
            return
        now_s = self._clock()
        self._targets.look_if_due(now_s)
        if self._targets.take_replaced():
            self._notes.say(Note.REPLACED, "The target replaced itself by another program: sampling begins anew.")
            self._policy.forget()
            self._rotate_at_s = now_s
        self._collect(now_s)
        if self._over:
            return
        if self._targets.ended:
            self._follow_end(now_s)
            return
        self._check_stalls(now_s)
        if self._over:
            return
        self._release(now_s, self._recorders.current)
        self._relieve(now_s)
        if not self._over:
            self._look(now_s)
            self._say_status()

    def _serve(self, wait_s: float) -> None:
        """Read what has come within `wait_s`."""
        for key, _ in self._selector.select(wait_s):
            now_s = self._clock()
            match key.data:
                case Gate() as gate:
                    self._welcome(gate, now_s)
                case Recorder() as recorder:
                    self._read(recorder, key.fd, now_s)
                case Pipes() as pipes if not pipes.read(key.fd):
                    self._selector.unregister(key.fd)

    def _next_due_s(self, now_s: float) -> float:
        if self._over:
            return float("inf")
        due = [self._targets.due_s]
        if self._recorders.anything_closed:
            due.append(now_s + _REAP_S)
        if self._looker is not None:
            due.append(self._looker.due_s(now_s))
        if self._recorders.newest_starts is None and self._targets.wanted() is not None:
            due.append(max(self._rotate_at_s, self._retries.at_s))
        return max(min(due), now_s)

    # The gate.

    def _welcome(self, gate: Gate, now_s: float) -> None:
        for visitor in gate.arrivals():
            if self._targets.welcome(visitor.pid, now_s):
                self._retries.at_s = self._rotate_at_s = now_s
            else:
                gate.release(1)
        if gate.deserted:
            self._selector.unregister(gate)

    def _release(self, now_s: float, recorder: Recorder | None) -> None:
        """Let the visitors go for whom `recorder` was started, and those who waited too long."""
        if self._gate is None:
            return
        covering = (recorder.goal, recorder.started_s) if recorder is not None else None
        leaving = self._targets.leaving(now_s, covering)
        if leaving:
            self._gate.release(leaving)

    # Recorders.

    def _relieve(self, now_s: float) -> None:
        """Start the next recorder when it is time, or when something else is to be sampled."""
        if self._recorders.newest_starts is not None or now_s < self._retries.at_s:
            return
        wanted = self._targets.wanted()
        if wanted is None:
            return
        current = self._recorders.current
        due = now_s >= self._rotate_at_s or self._targets.somebody_waits
        if current is None or due or (current.goal.pid, current.goal.subprocesses) != wanted:
            pid, subprocesses = wanted
            self._start_recorder(self._goal(pid, subprocesses, now_s), now_s)

    def _goal(self, pid: int, subprocesses: bool, now_s: float) -> Goal:
        stopped_before = not self._policy.nonblocking
        reason = self._policy.choose_mode(pid, now_s, self._recorders.pids)
        approximate = f"{reason}: it is sampled without a stop, so stacks are approximate." if reason else ""
        self._notes.say(Note.APPROXIMATE, approximate)
        if reason and stopped_before:
            # What failed is not tried any more.
            self._notes.take_back(Note.FAILING)
        nonblocking = self._policy.nonblocking
        return Goal(pid, subprocesses, nonblocking, self._policy.rate_hz, gil_only=self._policy.holder_only(pid))

    def _start_recorder(self, goal: Goal, now_s: float) -> None:
        argv = record_argv(
            self._pyspy,
            goal.pid,
            rate_hz=goal.rate_hz,
            cap_s=max(_LEAST_CAP_S, int(_CAP_WINDOWS * self._options.window_s) + 1),
            subprocesses=goal.subprocesses,
            nonblocking=goal.nonblocking,
            native=self._options.native,
            gil=goal.gil_only,
        )
        try:
            self._recorders.start(argv, goal, now_s)
        except OSError as error:
            self._fail_once(Failure(FailureKind.OTHER, f"py-spy could not be started: {error.strerror}.", ""), now_s)

    def _read(self, recorder: Recorder, descriptor: int, now_s: float) -> None:
        before = recorder.phase
        more = recorder.read(descriptor, now_s)
        if before is Phase.STARTING and recorder.start_s is not None:
            self._hand_over(recorder, now_s)
        if recorder.target_ended:
            self._targets.look(now_s)
        if not more:
            self._selector.unregister(descriptor)

    def _hand_over(self, newcomer: Recorder, now_s: float) -> None:
        """The newcomer samples: whoever sampled before ends at this very moment."""
        self._recorders.leave_to(newcomer, now_s)
        self._release(now_s, newcomer)
        newcomer.start_cpu_s = processes.cpu_so_far_s(newcomer.tool.pid)
        self._hand_overs += 1
        self._rotate_at_s = now_s + self._policy.relieve_in_s(now_s - newcomer.started_s)

    def _check_stalls(self, now_s: float) -> None:
        for recorder in self._recorders:
            starts_for_s = now_s - recorder.started_s if recorder.phase is Phase.STARTING else 0.0
            if starts_for_s > _SLOW_START_S and self._hand_overs == 0:
                self._notes.say(Note.FAILING, _NOT_BEGUN, "perftui doctor tells more.")
            if starts_for_s > _START_LIMIT_S:
                self._recorders.drop(recorder)
                self._fail_once(Failure(FailureKind.OTHER, "py-spy does not begin to sample.", ""), now_s, recorder)
        self._recorders.abandon_stalled(now_s)

    def _collect(self, now_s: float) -> None:
        """Take the windows of recorders that have ended, in the order of time."""
        for recorder in self._recorders:
            if recorder.check_ended() and recorder.start_s is None:
                self._recorders.drop(recorder)
                if recorder.asked_s is None and self._targets.is_there(recorder.goal.pid, now_s):
                    self._fail_once(classify(recorder.complaint, recorder.goal.pid), now_s, recorder)
                if self._over:
                    return
        while (oldest := self._recorders.oldest) is not None and oldest.exit is not None:
            self._recorders.drop(oldest)
            self._take_window(oldest, now_s)

    def _take_window(self, recorder: Recorder, now_s: float) -> None:
        try:
            window = recorder.window()
        except OutputError as error:
            self._events.append(recorder.empty_window())
            self._notes.say(Note.LOST, f"{_UNREADABLE} ({error}): one window is lost.")
            self._fail_once(Failure(FailureKind.OTHER, f"{_UNREADABLE}: {error}.", ""), now_s)
            return
        self._windows += 1
        self._events.append(window)
        if not window.blind:
            self._retries.succeed()
            self._notes.take_back(Note.FAILING, Note.LOST, Note.REPLACED)
        else:
            # The usual reason is that the process runs another program now, of which py-spy knows nothing.
            self._notes.say(
                Note.REPLACED, "No look succeeded: the target may have replaced itself. Sampling begins anew."
            )
            self._rotate_at_s = now_s
        self._policy.learn(window, recorder.goal.rate_hz, recorder.start_cpu_s)
        self._notes.say(Note.SLOWED, self._policy.slowed, "Allow a higher overhead, or sample without a stop.")

    # Failure and fallback.

    def _fail_once(self, failure: Failure, now_s: float, recorder: Recorder | None = None) -> None:
        """A recorder failed: the one before goes on, and another is tried a little later."""
        self._targets.look(now_s)
        # Who came after it was started waits for the next: this one may have failed for want of an interpreter.
        self._release(now_s, recorder)
        if self._targets.ended:
            return
        self._policy.learn_failure(failure.kind)
        if not self._retries.fail(failure, now_s, seen=self._windows > 0):
            self._end(SourceState.FAILED, failure.message, failure.hint)
        elif self._retries.repeated:
            self._notes.say(Note.FAILING, failure.message, failure.hint)

    # Looks at the threads.

    def _look(self, now_s: float) -> None:
        """Look at the threads about once a second, beside the recorders."""
        looker, current = self._looker, self._recorders.current
        if looker is None:
            return
        looks = looker.step(now_s)
        if looks is not None:
            self._events.append(looks)
        if current is not None and looker.may_start(now_s):
            pipes = looker.start(current.goal.pid, subprocesses=current.goal.subprocesses, now_s=now_s)
            for descriptor in pipes.open if pipes is not None else ():
                self._selector.register(descriptor, selectors.EVENT_READ, pipes)

    # What is said.

    def _say_status(self) -> None:
        self._say(
            self._notes.status(
                sampled=self._hand_overs > 0,
                has_interpreter=self._targets.wanted() is not None,
                since_s=self._clock() - self._started_s,
            )
        )

    def _say(self, status: SourceStatus) -> None:
        if status != self._said:
            self._said = status
            self._events.append(status)

    # The end.

    def _follow_end(self, now_s: float) -> None:
        """The target ended: its last window is on the way, and nothing new begins."""
        if self._target_ended_s is None:
            self._target_ended_s = now_s
            self._recorders.drop_starting()
        if not self._recorders or now_s - self._target_ended_s > _NOTICE_S:
            sampled = self._windows or self._recorders
            self._end(SourceState.ENDED, "" if sampled else _NEVER_SAMPLED, "")

    def _end(self, state: SourceState, message: str, hint: str) -> None:
        """End all recorders, collect what they saw, and say the last word."""
        self._over = True
        if self._gate is not None:
            with_gate = self._selector.get_map() or {}
            if not self._gate.deserted and self._gate.fileno() in with_gate:
                self._selector.unregister(self._gate)
            self._gate.close()
        if self._looker is not None and (pipes := self._looker.close()) is not None:
            for descriptor in pipes.open:
                self._selector.unregister(descriptor)
        self._end_recorders()
        failing = self._notes.about(Note.FAILING)
        if state is SourceState.ENDED and self._windows == 0 and failing is not None:
            # Whoever waited for samples that never came is told why.
            message, hint = failing
            state = SourceState.ENDED if self._retries.may_lack_python else SourceState.FAILED
        self._say(SourceStatus(self.name, state, message, hint))

    def _end_recorders(self) -> None:
        now_s = self._clock()
        self._recorders.end_all(now_s)
        slowest_hz = min((recorder.goal.rate_hz for recorder in self._recorders), default=MIN_RATE_HZ)
        deadline_s = now_s + _LAST_WINDOW_S + 2 / slowest_hz
        while self._recorders and self._clock() < deadline_s:
            self._serve(
                min(0.02, max(0.0, deadline_s - self._clock())) if not self._recorders.anything_closed else _REAP_S
            )
            self._collect_last()
        for recorder in self._recorders:
            self._recorders.drop(recorder)
            self._lose(recorder)

    def _collect_last(self) -> None:
        while (recorder := self._recorders.oldest) is not None and recorder.check_ended():
            self._recorders.drop(recorder)
            if recorder.start_s is None:
                continue
            try:
                self._events.append(recorder.window())
                self._windows += 1
            except OutputError:
                self._lose(recorder)

    def _lose(self, recorder: Recorder) -> None:
        if recorder.start_s is not None:
            self._events.append(replace(recorder.empty_window(), late_s=0.0))
