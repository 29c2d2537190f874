"""One run of a recording's target, with what observes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.model.heap import Capture
from perftui.model.workload import RecordMode
from perftui.recording.plan import RecordingPlan
from perftui.recording.target import Target
from perftui.sources.base import Source
from perftui.sources.cpu_pyspy import PySpySource
from perftui.sources.meters_psutil import PsutilMeters
from perftui.sources.pyspy_looks import EVERY_S
from perftui.sources.told import ToldMetrics

if TYPE_CHECKING:
    from perftui.recording.heap_run import HeapRun


class Run:
    """The target from its start to its end; `target.hasten` may be called from any thread, the rest from one."""

    def __init__(self, plan: RecordingPlan, mode: RecordMode) -> None:
        self.target = Target(plan)
        self.mode = mode
        """What is looked at."""
        self.heap: HeapRun | None = None
        self._plan = plan

    def start(self, session_id: str, *, again: bool = False) -> None:
        """Launch the workload, or attach; `again` where it has run before. Raises `WorkloadError` where that fails."""
        self.heap = self._heap_run(session_id) if self.mode.memory else None
        self.target.start(tracing=self.heap.tracing if self.heap else None, again=again)
        if not self._sampled and self.target.gate is not None:
            # Nobody samples, so nobody has to be waited for.
            self.target.gate.close()

    @property
    def was_gated(self) -> bool:
        """Whether the workload waited for the sampler."""
        return self.target.gate is not None and self.target.gate.visited

    @property
    def announced(self) -> Capture | None:
        """What is known of the capture before it is read."""
        return self.heap.announced(self.target) if self.heap is not None else None

    def sources(
        self,
        clock: Callable[[], float],
        *,
        epoch_s: float,
        cwd: Path,
        metered: bool,
        every: Callable[[], float] | None = None,
    ) -> list[Source]:
        """Return what observes the target.

        Args:
            clock: Seconds since the recording began.
            epoch_s: The time of day at which this run began.
            cwd: Where the target was started.
            metered: Whether the meters are read.
            every: Tells the seconds from one reading and one look to the next; None for the plan's.
        """
        found: list[Source] = []
        target, plan = self.target, self._plan
        if self._sampled:
            found.append(
                PySpySource(
                    target.pid,
                    options=plan.sampling,
                    clock=clock,
                    keeper=target.keeper,
                    gate=target.gate,
                    look_every=every or (lambda: EVERY_S),
                )
            )
        if self.heap is not None:
            found.append(self.heap.source(target, epoch_s=epoch_s, cwd=cwd))
        if metered:
            found.append(PsutilMeters(target.pid, clock=clock, interval_s=every or plan.meter_interval_s))
            found += self._scrapers(clock, every)
        if target.telling is not None:
            telling = target.telling
            found.append(
                ToldMetrics(
                    telling.channel, clock=clock, coarsest_s=every or plan.meter_interval_s, problem=telling.problem
                )
            )
        return found

    def capture_reader(self, *, epoch_s: float, cwd: Path) -> Source | None:
        """Return what reads the captures to their end; None where there are none, or the target still writes them."""
        heap = self.heap
        if heap is None or heap.is_written(self.target):
            return None
        reader = heap.reader(self.target, epoch_s=epoch_s, cwd=cwd)
        heap.forget_report()
        return reader

    def is_over(self, *, observed: bool) -> bool:
        """Say whether the target has ended, or (where it was attached to) nothing observes it any more."""
        if self.target.launched is not None:
            return self.target.look()
        return not observed or not self.target.lives

    @property
    def _sampled(self) -> bool:
        return self.mode.cpu and self._plan.samples

    def _heap_run(self, session_id: str) -> HeapRun:
        # A recording of CPU alone does not pay for it.
        from perftui.recording.heap_run import HeapRun  # noqa: PLC0415

        return HeapRun(self._plan, session_id)

    def _scrapers(self, clock: Callable[[], float], every: Callable[[], float] | None) -> list[Source]:
        scrapes = self._plan.all_scrapes
        if not scrapes:
            return []
        # Only a run with endpoints pays for it.
        from perftui.sources.scrape import Scraper  # noqa: PLC0415

        interval_s = every or self._plan.meter_interval_s
        return [Scraper(scrape, clock=clock, interval_s=interval_s) for scrape in scrapes]
