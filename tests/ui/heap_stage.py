"""Sessions with memory, made by hand: pictures of the heap written as collapsed stacks, and screens that show them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import replace
from math import sin

from scenes import DEMO, demo_replay

from perftui.analysis.heap_fold import HeapFold
from perftui.model.frame import Frame, Stack
from perftui.model.heap import (
    NO_PYTHON,
    SMALLER,
    Capture,
    FunctionHeap,
    HeapDelta,
    HeapSnapshot,
    HeapTimeline,
    HeapView,
)
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.recording.comparison import compare_models
from perftui.recording.feed import Feed
from perftui.recording.playback import Playback, open_playback
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.sources.base import Progress
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from tests.builders import stack

MIB = 1 << 20
PID = 4711
MAIN, WORKER = Thread(PID, PID, "MainThread"), Thread(PID, PID + 3, "importer")

_APP = "main@/srv/shop/app.py:12"
_HELD = f"""{_APP};load@/srv/shop/store.py:31;array@/v/lib/python3.12/site-packages/numpy/core/numeric.py:136 200MiB 4
{_APP};load@/srv/shop/store.py:33 24MiB 210
{_APP};parse@/srv/shop/feed.py:8;loads@/usr/lib/python3.12/json/__init__.py:346 38MiB 51200
{_APP};parse@/srv/shop/feed.py:11 12MiB 3100
{_APP};serve@/srv/shop/http.py:70;cache@/srv/shop/cache.py:19 30MiB 960
{_APP};serve@/srv/shop/http.py:74;render@/srv/shop/views.py:5 3MiB 4210
{_APP};{SMALLER}@: 2MiB 811
{NO_PYTHON}@: 9MiB 77"""
_IMPORTER = """run@/srv/shop/importer.py:5;read@/srv/shop/importer.py:9 18MiB 300
run@/srv/shop/importer.py:5;index@/srv/shop/importer.py:21 6MiB 12000"""
_LEAKED = f"{_APP};serve@/srv/shop/http.py:70;cache@/srv/shop/cache.py:19 30MiB 960\n{NO_PYTHON}@: 1MiB 9"
_TEMPORARY = f"{_APP};parse@/srv/shop/feed.py:8;loads@/usr/lib/python3.12/json/__init__.py:346 410MiB 98000"


def snapshot(
    view: HeapView,
    stacks: str,
    *,
    importer: str = "",
    at_s: float = 12.3,
    exact: bool = True,
    factor: float = 1.0,
    pid: int = PID,
) -> HeapSnapshot:
    """A picture of collapsed lines: `main;work@app.py:3 12MiB 40`, bytes and allocations of a stack."""
    rows = [(0, *_row(line, factor)) for line in stacks.split("\n") if line]
    rows += [(1, *_row(line, factor)) for line in importer.split("\n") if line]
    frames: dict[Frame, int] = {}
    nodes: dict[tuple[int, int], int] = {}
    cells: list[tuple[int, int, int, int]] = []
    for thread, path, size, count in rows:
        node = 0
        for frame in path:
            node = nodes.setdefault((node, frames.setdefault(frame, len(frames))), len(nodes) + 1)
        cells.append((thread, node, size, count))
    threads = (replace(MAIN, pid=pid), replace(WORKER, pid=pid))
    return HeapSnapshot(
        view=view,
        at_s=at_s,
        pid=pid,
        total_bytes=sum(size for _, _, size, _ in rows),
        allocations=sum(count for _, _, _, count in rows),
        stacks=len(rows),
        frames=tuple(frames),
        nodes=tuple(nodes),
        threads=threads[: 2 if importer else 1],
        cells=tuple(cells),
        functions=tuple(_functions(frames, ((path, size, count) for _, path, size, count in rows))),
        exact=exact,
        reader_rss_bytes=46 * MIB,
        refresh_s=0.031,
    )


def _row(line: str, factor: float) -> tuple[Stack, int, int]:
    path, size, count = line.rsplit(" ", 2)
    found = tuple(replace(frame, file="") if frame.function in (SMALLER, NO_PYTHON) else frame for frame in stack(path))
    return found, int(float(size.removesuffix("MiB")) * MIB * factor), max(1, int(int(count) * factor))


def _functions(frames: dict[Frame, int], rows: Iterable[tuple[Stack, int, int]]) -> Iterable[FunctionHeap]:
    figures = {index: [0, 0, 0, 0] for index in frames.values()}
    for path, size, count in rows:
        leaf = figures[frames[path[-1]]]
        leaf[0] += size
        leaf[2] += count
        for index in {frames[frame] for frame in path}:
            figures[index][1] += size
            figures[index][3] += count
    # The rest below a node is no function: the table is exact without it.
    named = {index for frame, index in frames.items() if frame.function != SMALLER}
    return (FunctionHeap(index, *numbers) for index, numbers in figures.items() if index in named)


def held(factor: float = 1.0, at_s: float = 12.3) -> HeapSnapshot:
    """What is held at a moment, more or less of it."""
    return snapshot(HeapView.HELD, _HELD, importer=_IMPORTER, at_s=at_s, factor=factor)


def watermark(*, exact: bool = True) -> HeapSnapshot:
    """The high watermark."""
    return snapshot(HeapView.HIGH_WATERMARK, _HELD, importer=_IMPORTER, at_s=9.8, factor=1.25, exact=exact)


def finished() -> tuple[HeapSnapshot, ...]:
    """What a capture that was read gives."""
    return (
        watermark(),
        snapshot(HeapView.LEAKED, _LEAKED, at_s=24.0),
        snapshot(HeapView.TEMPORARY, _TEMPORARY, at_s=24.0),
        snapshot(HeapView.ALLOCATED, _HELD, importer=_IMPORTER, at_s=24.0, factor=7.0),
    )


def folded(snapshots: Iterable[HeapSnapshot]) -> dict[HeapView, HeapDelta]:
    """Changes by view, from nothing."""
    return {each.view: HeapFold(each.view).fold(each) for each in snapshots}


def readings(until_s: int = 24, *, heap: bool = True) -> tuple[ResourceReading, ...]:
    """A reading a second: the heap rises, falls and rises again, and RSS stays above it."""
    found = []
    for second in range(until_s):
        size = (120 + 110 * sin(second / 4)) * MIB
        found.append(
            ResourceReading(
                at_s=float(second),
                cpu_percent=60 + 35 * sin(second / 2),
                rss_bytes=max(160 * MIB, size * 1.15 + 22 * MIB),
                heap_bytes=size if heap else None,
                threads=4.0,
                processes=1.0,
                load_1=1.2,
            )
        )
    return tuple(found)


def timeline() -> HeapTimeline:
    """Heap and resident memory as a capture has them."""
    at_s = array("d", [i / 10 for i in range(240)])
    heap = array("d", [(222 + 205 * sin(second / 4)) * MIB for second in at_s])
    rss = array("d", [max(160 * MIB, size * 1.15 + 22 * MIB) for size in heap])
    return HeapTimeline(PID, at_s, heap, rss)


def capture(*, complete: bool = True, pymalloc: bool = False) -> Capture:
    """What is known of the capture of the run."""
    if not complete:
        return Capture(PID, "20261120-081500-abcd.bin", pymalloc=pymalloc)
    return Capture(
        PID,
        "5f.bin",
        sha256="5f",
        size_bytes=18 * MIB,
        complete=True,
        high_watermark_bytes=int(342 * 1.25 * MIB),
        high_watermark_at_s=9.8,
        total_allocated_bytes=2400 * MIB,
        allocations=1_204_211,
        leaked_bytes=31 * MIB,
        leaked_allocations=969,
        stackless_bytes=9 * MIB,
        python_allocator="pymalloc",
        pymalloc=pymalloc,
    )


def meta(mode: str = "memory", *, two_pass: bool = False, saved: bool = False) -> SessionMeta:
    """A session of a shop."""
    return SessionMeta(
        id="20261120-081500-abcd",
        name="shop",
        kind=SessionKind.LAUNCHED,
        state=SessionState.COMPLETE if saved else SessionState.RECORDING,
        created="2026-11-20T08:15:00+00:00",
        command=("python", "-m", "shop.server", "--port", "8000"),
        cwd="/srv/shop",
        pid=PID,
        exit_code=0 if saved else None,
        duration_s=24.0 if saved else 0.0,
        mode=mode,
        two_pass=two_pass,
        requested_hz=0.0 if mode == "memory" else 100.0,
    )


class HandMade:
    """A recording whose updates are written by hand."""

    def __init__(self, its_meta: SessionMeta) -> None:
        self.feed = Feed()
        self.meta = its_meta
        self.ends_workload = True
        self.stopped: list[bool] = []
        self.view = ""
        self._folds: dict[HeapView, HeapFold] = {}

    def keep_view(self, view: str) -> None:
        """Note what the viewer asked to be kept."""
        self.view = view

    def stop(self, *, at_once: bool = False) -> None:
        """Note that the viewer asked for the end."""
        self.stopped.append(at_once)

    def publish(
        self,
        *snapshots: HeapSnapshot,
        phase: Phase = Phase.RUNNING,
        elapsed_s: float = 12.5,
        progress: Progress | None = None,
        captures: tuple[Capture, ...] | None = None,
        timelines: tuple[HeapTimeline, ...] = (),
        read: tuple[ResourceReading, ...] = (),
    ) -> None:
        """Publish pictures of the heap and what else is new."""
        for each in snapshots:
            fold = self._folds.setdefault(each.view, HeapFold(each.view))
            self.feed.publish(Update(self.meta, phase, elapsed_s, heap={each.view: fold.fold(each)}, progress=progress))
        self.feed.publish(
            Update(
                self.meta,
                phase,
                elapsed_s,
                captures=captures,
                timelines=timelines,
                readings=read,
                progress=progress,
                own_cpu_percent=4.2,
            )
        )


def live_recording(mode: str = "memory", *, two_pass: bool = False) -> HandMade:
    """A recording that has a picture of the heap."""
    recording = HandMade(meta(mode, two_pass=two_pass))
    recording.publish(held(0.8, 11.8), captures=(capture(complete=False),), read=readings(12))
    recording.publish(held(), watermark(exact=False))
    return recording


def memory_live() -> DashboardScreen:
    """Memory alone, while it is recorded."""
    return DashboardScreen.live(live_recording())


def memory_saved() -> DashboardScreen:
    """Memory alone, saved, with all that the capture gave."""
    return DashboardScreen.saved(memory_playback())


def memory_playback(mode: str = "memory") -> Playback:
    """A saved session with memory."""
    its_meta = meta(mode, saved=True)
    update = Update(
        its_meta,
        Phase.DONE,
        24.0,
        heap=folded((held(at_s=23.8), *finished())),
        captures=(capture(),),
        timelines=(timeline(),),
        readings=readings(),
    )
    model = SessionModel(its_meta)
    model.apply(update)
    return Playback(model, update, DEMO)


def memory_comparison() -> CompareScreen:
    """A session with CPU and memory against one that holds more of the latter."""
    return CompareScreen(compare_models(_both(1.0), _both(1.3, more_leaks=True)))


def _both(factor: float, *, more_leaks: bool = False) -> SessionModel:
    model = open_playback(DEMO).model
    leaks = _LEAKED + (f"\n{_APP};serve@/srv/shop/http.py:80;log@/srv/shop/log.py:3 44MiB 12" if more_leaks else "")
    views = (
        snapshot(HeapView.HIGH_WATERMARK, _HELD, importer=_IMPORTER if more_leaks else "", at_s=9.8, factor=factor),
        snapshot(HeapView.LEAKED, leaks, at_s=24.0),
    )
    its_meta = replace(model.meta, mode="both", cwd="/srv/shop")
    model.apply(Update(its_meta, Phase.DONE, 24.0, heap=folded(views)))
    return model


def reading_capture() -> DashboardScreen:
    """The workload has ended, and its capture is being read."""
    recording = live_recording()
    recording.ends_workload = False
    recording.publish(phase=Phase.ENDING, elapsed_s=14.0, progress=Progress("capture", "reading the capture", 0.43))
    return DashboardScreen.live(recording)


def both_live() -> DashboardScreen:
    """CPU of the demo, with memory beside it."""
    replay = demo_replay()
    replay.meta = replace(replay.meta, mode="both")
    screen = DashboardScreen.live(replay)
    replay.feed.publish(
        Update(
            replay.meta,
            Phase.RUNNING,
            8.0,
            heap=folded((held(), watermark(exact=False))),
            captures=(capture(complete=False),),
            readings=(ResourceReading(at_s=7.9, heap_bytes=345.0 * MIB, rss_bytes=380.0 * MIB),),
        )
    )
    return screen
