"""What memray observes: who holds memory, who allocated it, and what a capture says of a whole run."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from perftui.model.frame import Frame
from perftui.model.heap_view import HeapView
from perftui.model.sample import ProfileDelta, Thread

__all__ = [
    "NO_PYTHON",
    "PSEUDO",
    "SMALLER",
    "Capture",
    "FunctionHeap",
    "FunctionRow",
    "HeapDelta",
    "HeapSnapshot",
    "HeapTimeline",
    "HeapTotals",
    "HeapView",
    "is_pseudo",
]

NO_PYTHON = "(no Python frame)"
"""Function of the pseudo frame for memory that was allocated without a Python frame on the stack; its file is empty."""
SMALLER = "(smaller stacks)"
"""Function of the pseudo frame below a node for what is too small to be listed; its file is empty."""

PSEUDO = frozenset({NO_PYTHON, SMALLER})


def is_pseudo(frame: Frame) -> bool:
    """Say whether a frame stands for memory that has no place in Python code."""
    return not frame.file and frame.function in PSEUDO


@dataclass(frozen=True, slots=True)
class FunctionHeap:
    """What one function has allocated, itself and through what it called; recursion counts once a stack."""

    frame: int
    """Index into the snapshot's frames; its line is the one with the most self bytes."""
    self_bytes: int
    total_bytes: int
    self_count: int
    """Number of allocations."""
    total_count: int


@dataclass(frozen=True, slots=True)
class HeapSnapshot:
    """One view of one process at one moment: a pruned tree of stacks, and exact figures for its functions.

    The tree holds what is large enough to be drawn. What was left out stands below its nearest listed ancestor as a
    node of the pseudo frame `SMALLER`, so cells always add up to `total_bytes` and `allocations`.
    """

    view: HeapView
    at_s: float
    """Seconds of the recording's clock."""
    pid: int
    total_bytes: int
    allocations: int
    stacks: int
    """Number of distinct stacks behind it, listed or not."""
    frames: tuple[Frame, ...]
    nodes: tuple[tuple[int, int], ...]
    """(parent node, frame index) of node 1 and on, parents first; node 0 is the root, which has no frame."""
    threads: tuple[Thread, ...]
    cells: tuple[tuple[int, int, int, int], ...]
    """(thread index, node, self bytes, self allocations): each pair of thread and node at most once, none of zero."""
    functions: tuple[FunctionHeap, ...]
    """Exact, however small their stacks; the greatest by self and by total bytes where there are very many."""
    exact: bool = True
    """False for a picture of a capture that is still being read, and for a high watermark that was only sampled."""
    reader_rss_bytes: int = 0
    """Resident memory of the process that made this picture; 0 where it was not measured."""
    refresh_s: float = 0.0
    """CPU time that making this picture took."""


@dataclass(frozen=True, slots=True)
class HeapTimeline:
    """Heap and resident memory over a run, from the capture; columns of equal length, rising in time."""

    pid: int
    at_s: array[float]
    """Seconds of the recording's clock (type code "d")."""
    heap_bytes: array[float]
    rss_bytes: array[float]


@dataclass(frozen=True, slots=True)
class Capture:
    """A memray capture file and what it says of the whole run of one process."""

    pid: int
    file: str = ""
    """Name in the `captures` directory beside the session; empty where it was dropped or never was."""
    sha256: str = ""
    size_bytes: int = 0
    complete: bool = False
    """Whether it was read to its end; otherwise the figures below are missing (None)."""
    high_watermark_bytes: int | None = None
    high_watermark_at_s: float | None = None
    total_allocated_bytes: int | None = None
    allocations: int | None = None
    leaked_bytes: int | None = None
    leaked_allocations: int | None = None
    stackless_bytes: int | None = None
    """Of the high watermark, what was allocated without a Python frame on the stack."""
    python_allocator: str = ""
    """As memray names it: pymalloc, malloc, ..."""
    native: bool = False
    """Native frames were recorded."""
    pymalloc: bool = False
    """Python's own small allocations were traced one by one, not as arenas."""
    trouble: str = ""
    """Why it could not be read, or only in part, in one sentence."""


@dataclass(frozen=True, slots=True)
class HeapTotals:
    """What one process holds, or held, in one view."""

    at_s: float
    total_bytes: int
    allocations: int
    stacks: int
    exact: bool
    reader_rss_bytes: int = 0
    refresh_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function of the allocation table, its frame spelt out."""

    frame: Frame
    self_bytes: int
    total_bytes: int
    self_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class HeapDelta:
    """What changed in one view since the delta before it; deltas merge."""

    profile: ProfileDelta
    """New frames, nodes and threads of this view, and differences of bytes and counts: negative where memory was
    freed."""
    totals: Mapping[int, HeapTotals] = field(default_factory=dict)
    """By process; the newest."""
    functions: Mapping[int, tuple[FunctionRow, ...]] = field(default_factory=dict)
    """By process; the newest whole table."""
