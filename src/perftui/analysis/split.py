"""How flames are split: what their first level stands for, and how a branch of it is kept or left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from perftui.analysis.scope import (
    OnlyProcess,
    OnlyThread,
    OnlyThreadsNamed,
    Part,
    Scope,
    WithoutProcess,
    WithoutThread,
    WithoutThreadsNamed,
    folded_name,
)
from perftui.model.frame import Frame
from perftui.model.sample import Thread


class Split(Enum):
    """What stands at the first level of the tree."""

    NONE = "merged"
    THREAD = "by thread"
    NAME = "by thread name"
    """Threads of one name, of all processes together; numbers in names are folded."""
    PROCESS = "by process"

    @property
    def apart(self) -> bool:
        """Whether it keeps anything apart."""
        return self is not Split.NONE

    @property
    def next(self) -> Split:
        """The one after this; after the last the first."""
        every = list(Split)
        return every[(every.index(self) + 1) % len(every)]


@dataclass(frozen=True, slots=True)
class Branch:
    """One thread, the threads of one name, or one process."""

    split: Split
    pid: int = 0
    tid: int = 0
    name: str = ""

    @property
    def only(self) -> Part:
        """What keeps it and leaves all others out."""
        match self.split:
            case Split.THREAD:
                return OnlyThread(self.pid, self.tid)
            case Split.PROCESS:
                return OnlyProcess(self.pid)
            case _:
                return OnlyThreadsNamed(self.name)

    @property
    def without(self) -> Part:
        """What leaves it out."""
        match self.split:
            case Split.THREAD:
                return WithoutThread(self.pid, self.tid)
            case Split.PROCESS:
                return WithoutProcess(self.pid)
            case _:
                return WithoutThreadsNamed(self.name)

    def holds(self, thread: Thread) -> bool:
        """Say whether a thread belongs to it."""
        return branch_of(thread, self.split) == self


def branch_of(thread: Thread, split: Split) -> Branch:
    """Return the branch that a thread belongs to."""
    match split:
        case Split.THREAD:
            return Branch(split, thread.pid, thread.tid)
        case Split.PROCESS:
            return Branch(split, thread.pid)
        case _:
            return Branch(split, name=folded_name(thread_name(thread)))


def branch_frame(thread: Thread, split: Split, processes: Mapping[int, str] | None = None) -> Frame:
    """Return the frame that stands for a thread's branch; `processes` are commands in a few words, by process id."""
    # Brackets keep the names of branches apart from those of functions.
    match split:
        case Split.THREAD:
            return Frame(f"{thread_name(thread)} [{thread.pid}/{thread.tid}]")
        case Split.PROCESS:
            return Frame(f"{(processes or {}).get(thread.pid) or 'process'} [{thread.pid}]")
        case _:
            return Frame(f"{folded_name(thread_name(thread))} [threads]")


def thread_name(thread: Thread) -> str:
    """Return what a thread is called on screen."""
    return thread.name or ("MainThread" if thread.tid == thread.pid else f"thread {thread.tid}")


def toggled_out(scope: Scope, branch: Branch, threads: Iterable[Thread]) -> Scope:
    """Return a scope that leaves a branch out, or one that does not any more; `threads` are all that are known."""
    mine = [thread for thread in threads if branch.holds(thread)]
    if _is_seen(scope, branch, mine):
        scope = scope.without(branch.only)
        return scope.added(branch.without) if _is_seen(scope, branch, mine) else scope
    scope = scope.without(branch.without)
    for thread in mine:
        for split in (Split.THREAD, Split.PROCESS, Split.NAME):
            scope = scope.without(branch_of(thread, split).without)
    return scope if _is_seen(scope, branch, mine) else scope.added(branch.only)


def _is_seen(scope: Scope, branch: Branch, threads: Sequence[Thread]) -> bool:
    """Say whether any of a branch is looked at; of one without threads, whether it is not left out itself."""
    if not threads:
        return branch.without not in scope.parts
    return any(scope.keeps_thread(thread.pid, thread.tid, thread_name(thread)) for thread in threads)
