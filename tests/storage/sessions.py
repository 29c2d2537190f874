"""Builders for sessions on disk: small recordings that hold one of everything."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from perftui.analysis.stack_table import StackTable
from perftui.model.frame import Frame
from perftui.model.operation import Operation
from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, Thread, ThreadLook, ThreadLooks, ThreadSamples, WindowRecord
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.session import Event, EventKind, OutputChunk, SessionKind, SessionMeta, SessionState
from perftui.model.source_file import SourceFile
from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.storage.session_file import SessionWriter
from perftui.storage.source_table import pack_source
from perftui.storage.stored_text import storable
from perftui.units import Unit
from tests.storage.heap_sessions import MAIN, capture, heap, timeline

WORKER = Thread(100, 101, "worker")


def meta(session_id: str = "20260102-030405-abcd", name: str = "demo", **changes: object) -> SessionMeta:
    """What is known of a small launched session at its beginning."""
    begun = SessionMeta(
        id=session_id,
        name=name,
        kind=SessionKind.LAUNCHED,
        state=SessionState.RECORDING,
        created="2026-01-02T03:04:05+0000",
        command=("python", "demo.py"),
        requested_hz=100.0,
        environment={"python": "3.11"},
    )
    return replace(begun, **changes)  # type: ignore[arg-type]


class Recording:
    """Windows of a recording whose ids continue, one a call."""

    def __init__(self) -> None:
        self._table = StackTable()
        self._number = 0

    def window(self, *stacks: str, thread: Thread = MAIN) -> WindowRecord:
        """The next half second, with one sample a stack: `main;work`."""
        start_s = self._number * 0.5
        self._number += 1
        names = sorted({name for stack in stacks for name in stack.split(";")})
        ids = {name: i for i, name in enumerate(names)}
        distinct = sorted(set(stacks))
        return self._table.intern(
            SampleWindow(
                start_s=start_s,
                end_s=start_s + 0.5,
                interval_s=0.01,
                frames=tuple(Frame(name, "app.py", 1) for name in names),
                threads=(
                    ThreadSamples(
                        thread,
                        tuple(tuple(ids[name] for name in stack.split(";")) for stack in distinct),
                        array("I", [distinct.index(stack) for stack in stacks]),
                    ),
                ),
                failed=self._number % 2,
                late_s=0.25,
                sampler_cpu_s=0.02,
            )
        )


def verdict(current: float = 5.0) -> RuleVerdict:
    """A rule that was broken."""
    return RuleVerdict(
        "resources.cpu_percent",
        "CPU",
        "cpu_percent",
        Unit.PERCENT,
        current,
        None,
        4.0,
        Verdict.FAIL,
        "too much",
        True,
        1.5,
    )


def looks(at_s: float = 0.7) -> ThreadLooks:
    """One look at two threads."""
    return ThreadLooks(at_s, (ThreadLook(MAIN, True, True), ThreadLook(WORKER, False, False)))


def process_looks() -> tuple[ProcessReadings, ...]:
    """Three looks at a process and its child, which ends."""
    main = Process(100, -1.5, None, "python", ("python", "demo.py"))
    child = Process(101, 0.25, 100, "python", ("python", "-c", "work()\n'\udc80'"))
    return (
        ProcessReadings(0.1, (main,), (ProcessReading(main.key, None, 1.5, 1e6, 1.0),)),
        ProcessReadings(
            1.1,
            (child,),
            (ProcessReading(main.key, 50.0, 2.0, 1e6, 2.0), ProcessReading(child.key, 12.5, 0.125, None, 1.0)),
            left_out=3,
        ),
        ProcessReadings(2.1, (replace(child, ended_s=2.1, exit_code=-9),), ()),
    )


def series_values(at_s: float = 1.2) -> SeriesValues:
    """What a gauge of the workload and a scraped counter were."""
    return SeriesValues(
        at_s,
        (
            (Series("queue", unit=Unit.BYTES), 12.5),
            (Series("requests_total", "shop", SeriesKind.COUNTER, (("code", "200"), ("path", 'a"b\n'))), 1e12),
        ),
    )


TEXT = b"def work():\n    return 1\n"


def source_files() -> tuple[SourceFile, SourceFile]:
    """A source file whose text is kept, and one that is only known."""
    digest = hashlib.sha256(TEXT).hexdigest()
    return (
        SourceFile("/srv/shop.py", digest, len(TEXT), True, pack_source(TEXT)),
        SourceFile("/srv/cart.py", digest, len(TEXT), False),
    )


def as_stored(given_looks: Sequence[ProcessReadings]) -> tuple[ProcessReadings, ...]:
    """Looks with texts as a file can hold them."""
    return tuple(
        replace(look, news=tuple(replace(p, command=tuple(map(storable, p.command))) for p in look.news))
        for look in given_looks
    )


def operations() -> tuple[Operation, ...]:
    """An operation with everything that there can be, and one that only its name is known of."""
    full = Operation(
        "scheduler",
        "build dag",
        "100",
        runs=((1e-6, 1.25e-6), (1.5e-6,)),
        weights=((1000, 2000), (3000,)),
        told={"mean": 1.25e-6, "p99": 2e-6},
        ok=5999,
        failed=1,
        errors={"timed out": 1},
        work=4096.0,
        work_unit=Unit.BYTES,
        tool="criterion",
        tool_version="0.5",
    )
    return full, Operation("", "größe", unit=Unit.BYTES, lower_is_better=False)


def held_verdict() -> RuleVerdict:
    """A rule about a change that was judged."""
    held = HeldAgainst(1e-6, Unit.SECONDS, 1.25e-6, "baseline:main", 25.0, (20.5, 29.5), 0.001, (10, 12))
    return replace(verdict(25.0), rule="operations.scheduler.build_dag_100", held_against=held)


def fill(writer: SessionWriter, windows: int = 3) -> list[WindowRecord]:
    """Give a writer one of everything and return the windows."""
    recording = Recording()
    records = [recording.window("main;work", f"main;step{i}", "main;work") for i in range(windows)]
    writer.add_reading(ResourceReading(0.1, cpu_percent=50.0, rss_bytes=1e6))
    for record in records:
        writer.add_window(record)
    writer.add_looks(looks())
    writer.add_reading(ResourceReading(0.9, cpu_percent=None, threads=2.0))
    writer.add_event(Event(0.5, EventKind.MARK, "half way", "demo"))
    writer.add_output(OutputChunk(0.3, b"hello \xff\n"))
    writer.add_heap(heap("main;load 200 3", "main;parse;item 50 10", at_s=1.1))
    writer.add_timeline(timeline())
    writer.set_captures([capture()])
    for look in process_looks():
        writer.add_processes(look)
    writer.add_series(series_values())
    for source in source_files():
        writer.add_source(source)
    writer.set_verdicts([verdict(), held_verdict()])
    writer.set_operations(operations())
    return records


def begin(directory: Path, session_id: str = "20260102-030405-abcd", **changes: object) -> SessionWriter:
    """A writer whose clock stands still."""
    return SessionWriter.create(directory, meta(session_id, **changes), clock=lambda: 0.0)  # type: ignore[arg-type]


def finish(writer: SessionWriter, **changes: object) -> Path:
    """Finish a recording as complete."""
    return writer.finalise(replace(writer.meta, state=SessionState.COMPLETE, **changes))  # type: ignore[arg-type]


def saved(directory: Path, session_id: str = "20260102-030405-abcd", **changes: object) -> Path:
    """A finished session with one of everything."""
    writer = begin(directory, session_id, **changes)
    fill(writer)
    return finish(writer, duration_s=1.5)
