"""The real dashboard on the real recorder, which is given a made-up load; notes how long each frame took to draw."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from harness.heavy import HeavySource
from harness.processes import peak_bytes, rss_bytes
from perftui.model.workload import SamplingOptions, Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder
from perftui.sources.base import Source
from perftui.sources.meters_psutil import PsutilMeters
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen


class HeavyRecorder(Recorder):
    """A recorder whose sampler is a made-up load."""

    load: HeavySource
    load_bytes: int
    """Memory of what the load made up beforehand."""

    def __init__(self, plan: RecordingPlan, options: argparse.Namespace) -> None:
        super().__init__(plan)
        before = rss_bytes(os.getpid())
        self.load = HeavySource(self._clock, options.seconds, options.processes, options.threads, options.rate)
        self.load.prepare()
        self.load_bytes = rss_bytes(os.getpid()) - before

    def _sources(self) -> list[Source]:
        if self._run.target.gate is not None:
            self._run.target.gate.close()
        return [self.load, PsutilMeters(self._run.target.pid, clock=self._clock, interval_s=1.0)]


class TimedDashboard(DashboardScreen):
    """The dashboard, with a watch on what it does."""

    drawn_s: list[float]
    ticked_s: list[float]

    def _compositor_refresh(self) -> None:
        began_s = time.perf_counter()
        super()._compositor_refresh()
        took_s = time.perf_counter() - began_s
        # Nothing to draw takes no time at all.
        if took_s > 0.0002:
            self.drawn_s.append(took_s)

    def _round(self) -> Iterator[None]:
        steps = super()._round()
        while True:
            began_s = time.perf_counter()
            try:
                next(steps)
            except StopIteration:
                return
            finally:
                self.ticked_s.append(time.perf_counter() - began_s)
            yield


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--rate", type=int, default=250)
    parser.add_argument("--sessions", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args()
    idle = Workload((sys.executable, "-c", f"import time; time.sleep({options.seconds + 3600})"))
    plan = RecordingPlan(
        options.sessions, workload=idle, sampling=SamplingOptions(rate_hz=options.rate), name="heavy", terminal=True
    )
    recorder = HeavyRecorder(plan, options)
    recorder.start()
    screen = TimedDashboard.live(recorder)
    screen.drawn_s, screen.ticked_s = [], []
    PerftuiApp(screen).run_to_signal(last_resort=recorder.stop)
    recorder.stop(at_once=True)
    recorder.wait()
    report = {
        "emitted": recorder.load.emitted,
        "late_s": recorder.load.slowest_s,
        "load_bytes": recorder.load_bytes,
        "peak_bytes": peak_bytes(os.getpid()),
        "path": str(recorder.path),
        "drawn_s": screen.drawn_s,
        "ticked_s": screen.ticked_s,
        "nodes": len(recorder.model.aggregate.tree),
        "failure": str(recorder.failure or ""),
    }
    options.report.write_text(json.dumps(report), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
