"""A long session, written as a recording writes it: eight threads of a service that goes through phases."""

from __future__ import annotations

import random
from array import array
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.model.frame import Frame
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, WindowRecord
from perftui.model.session import Event, EventKind, OutputChunk, SessionKind, SessionMeta, SessionState
from perftui.storage.session_file import SessionWriter

WINDOW_S = 0.5
PHASES = 12
FILES = 60
DEEPEST = 40
SHALLOWEST = 12
PID = 4_000
_ID = "20261120-081500-b0b0"
# Few stacks are seen often and most seldom, as in any program: the greater, the steeper.
_SKEW = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a session is."""

    seconds: int = 3_600
    rate_hz: int = 100
    threads: int = 8
    stacks: int = 20_000
    functions: int = 3_000

    @property
    def samples(self) -> int:
        """Samples of all threads."""
        return self.seconds * self.rate_hz * self.threads


def write_session(directory: Path, shape: Shape) -> Path:
    """Write a session of a shape, the same one at every call, and return its file."""
    dice = random.Random(7)
    frames, nodes, leaves = _stacks(dice, shape)
    meta = SessionMeta(
        id=_ID,
        name="an hour",
        kind=SessionKind.LAUNCHED,
        state=SessionState.RECORDING,
        created="2026-11-20T08:15:00+00:00",
        command=("python", "-m", "service"),
        cwd="/srv/service",
        pid=PID,
        requested_hz=float(shape.rate_hz),
    )
    writer = SessionWriter.create(directory, meta, clock=lambda: 0.0)
    threads = tuple(Thread(PID, PID + number, f"worker-{number}") for number in range(shape.threads))
    windows = int(shape.seconds / WINDOW_S)
    for number in range(windows):
        first = number == 0
        start_s = number * WINDOW_S
        writer.add_window(
            WindowRecord(
                start_s=start_s,
                end_s=start_s + WINDOW_S,
                interval_s=1 / shape.rate_hz,
                frames=frames if first else (),
                nodes=nodes if first else (),
                threads=threads if first else (),
                samples=_samples(dice, shape, leaves, number * PHASES // windows),
            )
        )
        if number % 2 == 0:
            _beside(writer, dice, start_s)
        if number % 400 == 399:
            writer.commit()
    return writer.finalise(replace(writer.meta, state=SessionState.COMPLETE, duration_s=float(shape.seconds)))


def _stacks(dice: random.Random, shape: Shape) -> tuple[tuple[Frame, ...], tuple[tuple[int, int], ...], array[int]]:
    """Return frames, (parent, frame) of nodes, and the leaf of each stack; stacks share their beginnings."""
    frames = tuple(
        Frame(f"Class{number % 97}.method_{number}", f"/srv/service/part_{number % FILES}.py", 10 + number % 900)
        for number in range(shape.functions)
    )
    nodes: list[tuple[int, int]] = []
    known: dict[tuple[int, int], int] = {}
    paths: list[list[int]] = []
    leaves: dict[int, None] = {}
    while len(leaves) < shape.stacks:
        before = paths[int(len(paths) * dice.random())] if paths else []
        path = before[: int(len(before) * (0.75 + 0.25 * dice.random()))]
        depth = dice.randint(SHALLOWEST, DEEPEST)
        while len(path) < depth:
            key = (path[-1] if path else 0, int(shape.functions * dice.random() ** 2))
            node = known.get(key)
            if node is None:
                nodes.append(key)
                node = known[key] = len(nodes)
            path.append(node)
        paths.append(path)
        leaves.setdefault(path[-1])
    return frames, tuple(nodes), array("I", leaves)


def _samples(dice: random.Random, shape: Shape, leaves: array[int], phase: int) -> tuple[tuple[int, array[int]], ...]:
    """Return the samples of one window: each phase has its own favourites."""
    stacks, each = len(leaves), int(shape.rate_hz * WINDOW_S)
    first = phase * stacks // PHASES
    draw = dice.random
    return tuple(
        (thread, array("I", [leaves[(first + int(stacks * draw() ** _SKEW)) % stacks] for _ in range(each)]))
        for thread in range(shape.threads)
    )


def _beside(writer: SessionWriter, dice: random.Random, at_s: float) -> None:
    """Add what a recording has beside samples: a reading and a line of output a second, now and then an event."""
    writer.add_reading(
        ResourceReading(
            at_s=at_s,
            cpu_percent=700 + 100 * dice.random(),
            rss_bytes=(400 + at_s / 10) * 2**20,
            threads=9.0,
            processes=1.0,
            load_1=8.0,
        )
    )
    writer.add_output(OutputChunk(at_s, f"{at_s:8.1f} s: handled {dice.randint(100, 900)} requests\n".encode()))
    if dice.random() < 0.02:
        writer.add_event(Event(at_s, EventKind.MARK, f"batch {int(at_s)}"))
