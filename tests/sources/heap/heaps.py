"""Builders that speak of heaps: stacks with bytes and counts, the lines of a reader, and tools that only pretend."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perftui.model.heap import HeapSnapshot
from perftui.sources.heap.records import Records
from perftui.sources.heap.stacks import Pruning, RawFrame
from perftui.sources.recorder_process import RecorderExit

ALL = Pruning(share=0.0, nodes=10**6, functions=10**6)


@dataclass
class FakeRecord:
    """What memray would tell of the allocations of one stack."""

    stack: list[RawFrame]
    size: int
    n_allocations: int = 1
    tid: int = 1
    stack_id: int = 0
    thread_name: str = "MainThread"

    def stack_trace(self) -> list[RawFrame]:
        return self.stack


def leaf_first(text: str) -> list[RawFrame]:
    """`main;load@lib.py:3` as memray has it."""
    return [_frame(part) for part in reversed(text.split(";")) if part]


def records(text: str) -> list[FakeRecord]:
    """`main;load 200x2`: 200 bytes in two allocations, one stack a line; a line may end with `[thread 2]`."""
    found = []
    for row in filter(None, (each.strip() for each in text.split("\n"))):
        stack, _, rest = row.partition(" ")
        figures, _, thread = rest.partition(" [thread ")
        size, _, count = figures.partition("x")
        tid = int(thread.rstrip("]") or 1)
        found.append(FakeRecord(leaf_first(stack), int(size), int(count or 1), tid, stack_id=hash(stack)))
    return found


def message(text: str, *, view: str = "held", pid: int = 7, pruning: Pruning = ALL, **more: Any) -> dict[str, Any]:
    """The message of a reader that saw these stacks."""
    told = Records(pid, "").message(view, records(text), pruning)
    return {**told, "at": 1000.0, "exact": True, "rss": 5, "cpu_s": 0.25, "sent": 10, "size": 20, "last": False, **more}


def line(**message: Any) -> bytes:
    return json.dumps(message).encode()


def collapsed(snapshot: HeapSnapshot) -> list[str]:
    """A snapshot as lines like those of `records`, sorted."""
    paths = [""]
    for parent, frame in snapshot.nodes:
        name = snapshot.frames[frame].function
        paths.append(f"{paths[parent]};{name}" if paths[parent] else name)
    return sorted(f"{paths[node]} {size}x{count}" for _, node, size, count in snapshot.cells)


def _frame(text: str) -> RawFrame:
    function, _, place = text.partition("@")
    file, _, number = place.partition(":")
    return function, file or "/app.py", int(number or 1)


class FakeTool:
    """A reader process of which the test holds the other ends of its pipes."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.stdout_fd, self._stdout = os.pipe()
        self.stderr_fd, self._stderr = os.pipe()
        for descriptor in (self.stdout_fd, self.stderr_fd):
            os.set_blocking(descriptor, False)
        self.interrupted = False
        self.closed = False
        self.code = 0

    def say(self, *messages: dict[str, Any]) -> None:
        for each in messages:
            os.write(self._stdout, line(**each) + b"\n")

    def say_raw(self, data: bytes) -> None:
        os.write(self._stdout, data)

    def end(self, code: int = 0) -> None:
        self.code = code
        os.close(self._stdout)
        os.close(self._stderr)
        self._stdout = self._stderr = -1

    def interrupt(self) -> None:
        self.interrupted = True

    def kill(self) -> None:
        self.closed = True

    def poll(self) -> RecorderExit | None:
        return RecorderExit(self.code, 0.0) if self._stdout < 0 else None

    def close(self) -> RecorderExit:
        if not self.closed:
            self.closed = True
            for descriptor in (self.stdout_fd, self.stderr_fd, self._stdout, self._stderr):
                if descriptor >= 0:
                    os.close(descriptor)
        return RecorderExit(self.code, 0.0)


@dataclass
class FakeKeeper:
    """Starts tools that only pretend."""

    tools: list[FakeTool] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    refuses: bool = False

    def start_recorder(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> FakeTool:
        if self.refuses:
            raise OSError(12, "Cannot allocate memory")
        self.commands.append(list(argv))
        self.tools.append(FakeTool(10_000 + len(self.tools)))
        return self.tools[-1]

    def orders(self, number: int) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.commands[number][-1])
        return told
