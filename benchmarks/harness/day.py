"""A service that is watched for days, without the days: the real recorder on a made-up clock."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perftui.budgets.alert_rules import DEFAULTS
from perftui.model.alert import NOTIFY, AlertRule
from perftui.model.frame import Frame
from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, ThreadLook, ThreadLooks
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.session import OutputChunk
from perftui.recording.intake import Observed
from perftui.recording.plan import RecordingPlan
from perftui.recording.update import Phase
from perftui.recording.watch_plan import WatchPlan
from perftui.recording.watcher import Watcher
from perftui.storage.locations import new_id
from perftui.units import Unit

DAY_S = 86_400.0
WORKERS, THREADS, SERIES = 6, 12, 20
RESPAWN_S = 1_800.0
"""A worker is replaced after so long, as servers do it."""
MOMENTS_S = 3_600.0
"""A rush hour comes once in this time, and with it an alert."""
ALERTS = (AlertRule("cpu_percent", "cpu_percent", Unit.PERCENT, 600.0, 700.0, 10.0, 20.0, (NOTIFY,), (NOTIFY,)),)


@dataclass(slots=True)
class Service:
    """A server with workers, threads that wait, and metrics of its own: what its observers see at a moment."""

    chance: random.Random
    looked: bool = True
    workers: dict[int, Process] = field(default_factory=dict)
    counters: list[float] = field(default_factory=lambda: [0.0] * SERIES)
    next_pid: int = 1_000
    names: tuple[Series, ...] = tuple(
        Series(
            f"service_{number}_total" if number % 2 else f"service_{number}",
            kind=SeriesKind.COUNTER if number % 2 else SeriesKind.GAUGE,
            labels=(("handler", f"/v1/{number}"),),
        )
        for number in range(SERIES)
    )

    def at(self, at_s: float) -> Iterator[Observed]:
        """Yield what is seen at a moment."""
        busy = 40 + 35 * math.sin(at_s / 900) + self.chance.random() * 20
        if at_s % MOMENTS_S < 120:
            busy += 110
        yield ResourceReading(
            at_s,
            cpu_percent=round(busy * WORKERS, 2),
            rss_bytes=float(4096 * int(50_000 + busy * 40 + self.chance.randrange(300))),
            uss_bytes=None,
            threads=float(THREADS * WORKERS),
            open_files=float(120 + self.chance.randrange(40)),
            read_bytes_per_s=round(self.chance.expovariate(1e-5), 1),
            write_bytes_per_s=round(self.chance.expovariate(1e-5), 1),
            context_switches_per_s=round(busy * 40, 1),
            processes=float(WORKERS + 1),
            system_cpu_percent=round(min(60.0, busy), 2),
            load_1=round(busy / 20, 2),
            memory_used_bytes=float(4096 * int(2_000_000 + self.chance.randrange(50_000))),
            memory_percent=45.0 + round(self.chance.random(), 1),
            swap_used_bytes=0.0,
            disk_read_bytes_per_s=round(self.chance.expovariate(1e-6), 1),
            disk_write_bytes_per_s=round(self.chance.expovariate(1e-6), 1),
            net_received_bytes_per_s=round(self.chance.expovariate(1e-6), 1),
            net_sent_bytes_per_s=round(self.chance.expovariate(1e-6), 1),
        )
        yield self._processes(at_s, busy)
        yield self._series(at_s, busy)
        if self.looked:
            yield self._looks(at_s)
        if self.chance.random() < 0.05:
            yield OutputChunk(at_s, f"{at_s:.0f} GET /v1/{self.chance.randrange(SERIES)} 200\n".encode())

    def _processes(self, at_s: float, busy: float) -> ProcessReadings:
        news = []
        for slot in range(WORKERS):
            old = self.workers.get(slot)
            if old is None or at_s - old.created_s > RESPAWN_S + 60 * slot:
                if old is not None:
                    news.append(
                        Process(old.pid, old.created_s, old.parent, old.name, old.command, ended_s=at_s, exit_code=0)
                    )
                self.next_pid += 1
                command = ("python", "-m", "service", "--worker", str(slot))
                self.workers[slot] = Process(self.next_pid, at_s, 1_000, "python", command)
                news.append(self.workers[slot])
        readings = tuple(
            ProcessReading(
                worker.key,
                round(busy + self.chance.random(), 2),
                round((at_s - worker.created_s) * busy / 100, 2),
                float(4096 * self.chance.randrange(20_000, 30_000)),
                float(THREADS),
            )
            for worker in self.workers.values()
        )
        return ProcessReadings(at_s, tuple(news), readings)

    def _series(self, at_s: float, busy: float) -> SeriesValues:
        for number in range(SERIES):
            if number % 2:
                self.counters[number] += self.chance.randrange(0, 50)
            else:
                self.counters[number] = round(busy + self.chance.random() * 5, 3)
        return SeriesValues(at_s, tuple(zip(self.names, self.counters, strict=True)))

    def _looks(self, at_s: float) -> ThreadLooks:
        pid = self.workers[0].pid
        waits = tuple(Frame(f"wait_{depth}", "/srv/app/pool.py", 10 + depth) for depth in range(6))
        looks = []
        for number in range(THREADS):
            active = self.chance.random() < 0.3
            name = f"worker-{number}"
            thread = Thread(pid, pid + number, name)
            looks.append(ThreadLook(thread, active, active and number == 0, () if active else waits[: 2 + number % 5]))
        return ThreadLooks(at_s, tuple(looks))


class DayWatcher(Watcher):
    """A watch whose moments are told, in place of passing."""

    now_s = 0.0

    def _clock(self) -> float:
        return self.now_s

    def watch(self, service: Service, *, until_s: float, every_s: float | None = None) -> Iterator[float]:
        """Let it go on to a moment, reading every so many seconds, or as its intervals ask for; yield each moment."""
        read_s = self.now_s
        while self.now_s < until_s:
            # The commits of a second in which nothing was seen are left out where that is said of them.
            self.now_s = min(until_s, self.now_s + 1.0)
            if self.now_s >= read_s:
                read_s = self.now_s + (every_s or self.interval_s)
                for observed in service.at(self.now_s):
                    self._accept(observed)
            self._keep_up(Phase.RUNNING, judge=True)
            self.feed.take()
            yield self.now_s

    def begin(self) -> None:
        """Begin to record this very process, without any source."""
        self._id = new_id()
        self._run.start(self._id)
        self._start_session()
        self._note_surroundings()

    def finish(self) -> Path:
        """End the watch, and return its last part."""
        self._ledger.end()
        self._wind_up()
        self._ledger.publish(Phase.ENDING)
        self._ledger.finish(self._meta_of_run())
        self._ledger.close(failed=False)
        assert self.path is not None
        return self.path


def day_watcher(directory: Path, watch: WatchPlan) -> DayWatcher:
    """Return a watch of this process that saves in a directory."""
    plan = RecordingPlan(
        directory, attach_pid=os.getpid(), name="service", samples=False, usual_alerts=(*ALERTS, *DEFAULTS)
    )
    watcher = DayWatcher(plan, watch)
    watcher.begin()
    return watcher
