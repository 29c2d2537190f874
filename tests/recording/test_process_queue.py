from __future__ import annotations

from dataclasses import replace

import pytest

from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.recording import process_queue
from perftui.recording.process_queue import ProcessQueue


def test_a_viewer_that_stalls_gets_every_process_and_the_latest_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_queue, "MAX_PENDING_ROWS", 10)
    queue = ProcessQueue()
    everyone = [Process(pid, 0.0) for pid in range(5)]
    for at, process in enumerate(everyone):
        queue.extend([ProcessReadings(float(at), (process,), tuple(ProcessReading(p.key) for p in everyone))])
    gone = replace(everyone[0], ended_s=5.0)
    queue.extend([ProcessReadings(5.0, (gone,))])
    looks = queue.take()
    assert sum(len(look.readings) for look in looks) <= 10
    known: dict[int, Process] = {}
    for look in looks:
        known |= {process.pid: process for process in look.news}
    assert known == {0: gone} | {process.pid: process for process in everyone[1:]}
    assert [look.at_s for look in looks] == sorted(look.at_s for look in looks)
    assert queue.take() == ()
