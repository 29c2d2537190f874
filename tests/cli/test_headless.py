"""What is said to a person while a recording without a screen runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.analysis.alerting import AlertMachine
from perftui.cli.headless import price_of, progress_line, tell
from perftui.cli.progress import progress_bar
from perftui.model.alert import AlertRule
from perftui.model.heap import HeapView
from perftui.model.reading import ResourceReading
from perftui.model.workload import MemoryOptions, RecordMode, Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.update import Phase, Update
from perftui.sources.base import Progress
from perftui.units import Unit
from tests.heaps import heap, heap_deltas
from tests.recording.test_summary import META

PLAN = RecordingPlan(sessions=Path("/nowhere"), workload=Workload(("true",)))


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (replace(PLAN, mode=RecordMode.MEMORY), "1.2 to 4 times slower, the more so the more it calls and allocates"),
        (replace(PLAN, mode=RecordMode.BOTH), "CPU seconds hold that price"),
        (replace(PLAN, mode=RecordMode.BOTH, two_pass=True), "so that the CPU seconds are without that"),
        (replace(PLAN, mode=RecordMode.MEMORY, memory=MemoryOptions(native=True, pymalloc=True)), "2 to 18 times"),
    ],
)
def test_the_price_of_tracing_is_said_before_it_is_paid(plan: RecordingPlan, told: str) -> None:
    assert told in price_of(plan)


def test_alerts_are_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    change = AlertMachine(AlertRule("cpu\x1b", "queue", Unit.COUNT, 5.0, None)).read(1.0, 7.0)
    assert change is not None
    tell(Update(META, Phase.STARTING, 1.0, alerts=(change,)), set())
    assert capsys.readouterr().err == "alert: cpu␛ WARN: 7 > 5\n"


def test_the_progress_line_holds_what_is_held() -> None:
    update = Update(
        META,
        Phase.RUNNING,
        2.0,
        readings=(ResourceReading(1.0, cpu_percent=50.0, rss_bytes=2048.0),),
        heap=heap_deltas(heap("main;load 4096 1", HeapView.HELD)),
    )
    assert progress_line(update) == "recording 2.00 s · CPU 50 % · RSS 2.00 KiB · heap 4.00 KiB"


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "reading …"),
        (0.0, "[........................]   0 % reading"),
        (0.5, "[############............]  50 % reading"),
        (1.7, "[########################] 100 % reading"),
    ],
)
def test_a_bar_says_how_far_it_is(share: float | None, shown: str) -> None:
    assert progress_bar(Progress("capture", "reading", share)) == shown
