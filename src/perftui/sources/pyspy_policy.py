"""How the next recorder samples: how often, for how long, and whether it stops the target for each look."""

from __future__ import annotations

from collections.abc import Collection

from perftui.model.sample import SampleWindow
from perftui.model.workload import SamplingMode, SamplingOptions
from perftui.sources import processes
from perftui.sources.pyspy_command import FailureKind
from perftui.sources.pyspy_governor import USUAL_START_CPU_S, Governor

FIRST_WINDOW_S = 0.2
"""So that the first picture comes soon."""
CALM_WINDOW_S = 1.0
"""With many threads or on a busy machine starts are slow, so there are fewer of them."""
_MANY_BUSY_THREADS = 6
_CROWDED_THREADS = 16
_CROWDED_RATE_HZ = 20
# Of a window, before it is made longer; and how much one start weighs in the mean.
_LEAD_SHARE = 0.4
_LEAD_WEIGHT = 0.3
_USUAL_LEAD_S = 0.03
_SHORTEST_WINDOW_S = 0.05
_FAILURES_FOR_FALLBACK = 2
_FALLBACK_S = 30.0
# Without stopping the target the price is only our own CPU.
_NONBLOCKING_PERCENT = 50.0
# Up to this version a look without a stop cannot tell a sleeping thread from a running one.
_LAST_WITHOUT_THREAD_IDS = (3, 10)


class Policy:
    """Learns from the windows and the failures, and decides."""

    def __init__(self, options: SamplingOptions) -> None:
        self._options = options
        self.nonblocking = options.mode is SamplingMode.NONBLOCKING
        self._governor = self._new_governor()
        self._starts = 0
        self._lead_s = _USUAL_LEAD_S
        self._busy_threads = 0
        self._blocking_failures = 0
        self._blocking_from_s = 0.0
        self._crowded = False

    @property
    def rate_hz(self) -> int:
        """The rate of the next window."""
        return self._governor.rate_hz

    @property
    def slowed(self) -> str:
        """Why the rate is lower than asked, empty where it is not."""
        if not self._governor.lowered:
            return ""
        return (
            f"Sampling at {self.rate_hz} Hz instead of {self._options.rate_hz}: "
            f"its stacks are so deep or so many that more would cost over {self._allowed_percent:g} %."
        )

    def relieve_in_s(self, start_took_s: float) -> float:
        """Take note of a start, and return how long that recorder samples before the next one is started."""
        self._lead_s += _LEAD_WEIGHT * (start_took_s - self._lead_s)
        window_s = self._window_s()
        self._starts += 1
        return max(_SHORTEST_WINDOW_S, window_s - self._lead_s)

    def learn(self, window: SampleWindow, rate_hz: int, start_cpu_s: float | None) -> None:
        """Draw conclusions from a window."""
        if not window.blind:
            self._blocking_failures = 0
        duration_s = window.end_s - window.start_s
        self._busy_threads = sum(1 for part in window.threads if len(part.order) > duration_s * rate_hz / 2)
        self._governor.learn(
            cpu_s=window.sampler_cpu_s - (USUAL_START_CPU_S if start_cpu_s is None else start_cpu_s),
            duration_s=duration_s,
            rate_hz=rate_hz,
            processes=len({part.thread.pid for part in window.threads}),
        )

    def learn_failure(self, kind: FailureKind) -> None:
        """Count failures that stopping the target may have caused."""
        self._blocking_failures += kind in (FailureKind.TRACED, FailureKind.OTHER)

    def forget(self) -> None:
        """Begin anew with another program in the target."""
        self._governor.forget()

    def choose_mode(self, pid: int, now_s: float, ours: Collection[int]) -> str:
        """Decide for the next recorder of `pid`; returns why it does not stop the target where that was not asked."""
        reason = ""
        if self._options.mode is SamplingMode.AUTO:
            reason = self._reason_not_to_stop(pid, now_s, ours)
            if bool(reason) != self.nonblocking:
                self.nonblocking = bool(reason)
                self._governor = self._new_governor()
        return reason

    def holder_only(self, pid: int) -> bool:
        """Tell whether only the thread that holds the GIL can be known to run."""
        version = processes.python_version(pid) if self.nonblocking else None
        return version is not None and version <= _LAST_WITHOUT_THREAD_IDS

    @property
    def _allowed_percent(self) -> float:
        return _NONBLOCKING_PERCENT if self.nonblocking else self._options.overhead_percent

    def _new_governor(self) -> Governor:
        return Governor(self._options.rate_hz, self._allowed_percent)

    def _window_s(self) -> float:
        asked_s = self._options.window_s
        if self._starts == 0:
            return min(FIRST_WINDOW_S, asked_s)
        slow = self._lead_s > _LEAD_SHARE * asked_s
        if slow or self._busy_threads > _MANY_BUSY_THREADS or processes.saturated():
            return max(CALM_WINDOW_S, asked_s)
        return asked_s

    def _reason_not_to_stop(self, pid: int, now_s: float, ours: Collection[int]) -> str:
        tracer = processes.foreign_tracer(pid, ours)
        if tracer:
            return f"Process {tracer} traces the target"
        if self._blocking_failures >= _FAILURES_FOR_FALLBACK and not self.nonblocking:
            self._blocking_from_s = now_s + _FALLBACK_S
        if now_s < self._blocking_from_s:
            return "The target cannot be stopped for a look"
        if self._crowded or self.rate_hz < min(_CROWDED_RATE_HZ, self._options.rate_hz):
            self._crowded = processes.thread_count(pid) > _CROWDED_THREADS
        return "Stopping that many threads would take too long" if self._crowded else ""
