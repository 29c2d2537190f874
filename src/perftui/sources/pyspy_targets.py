"""Which processes of the tree are to be sampled: interpreters that came to the gate or were found by looking."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.sources import processes
from perftui.sources.pyspy_recorder import Goal

_LOOK_S = 0.1
# A child that has just been forked looks like its parent until it executes something else.
_FORK_S = 0.03
# Nobody waits at the gate for longer, whatever happens.
_GATE_LIMIT_S = 3.0
# An interpreter that ignores the gate (python -I) is found by looking for it; the others take less to reach it.
_GATE_PATIENCE_S = 0.25
# A program may load the interpreter's library late; reading its memory map is too dear to ask each time.
_ASK_AGAIN_S = 2.0
_MOST_REMEMBERED = 1_000


@dataclass(slots=True)
class _Interpreter:
    """A process that is sampled for its own sake."""

    identity: int | None
    image: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Guess:
    """Whether a process looked like an interpreter, and when that was found out."""

    image: tuple[bytes, ...]
    python: bool
    at_s: float


class Targets:
    """The interpreters of one command, and whether they have children worth following."""

    def __init__(self, root: int, *, follow_children: bool | None, launched: bool) -> None:
        self._root = root
        self._root_identity = processes.identity(root)
        self._follow = follow_children
        self.launched = launched
        # Orphans of a launched command become children of its keeper.
        self._family = (processes.parent(root) if launched else 0) or root
        self._interpreters: dict[int, _Interpreter] = {}
        self._waiting: dict[int, float] = {}
        """Visitors at the gate, and when they came."""
        self._guesses: dict[int, _Guess] = {}
        self._candidates: dict[int, float] = {}
        """Processes that may turn out to be interpreters, and when they were first seen."""
        self._children_seen = False
        self._replaced = False
        self._now_s = 0.0
        self.ended = False
        """Whether the command itself has ended."""
        self.due_s = 0.0
        """When the next look is due."""

    def wanted(self) -> tuple[int, bool] | None:
        """Return the process to sample and whether its children too; None while there is no interpreter."""
        if not self._interpreters:
            return None
        if len(self._interpreters) > 1:
            return self._root, True
        pid = next(iter(self._interpreters))
        return pid, self._follow is True or self._children_seen

    def welcome(self, pid: int, now_s: float) -> bool:
        """Take in a visitor of the gate; tells whether it is one of the command's processes.

        In a container of its own it knows itself by a number that is another's here.
        """
        if processes.HAS_PROC and pid not in processes.descendants(self._family):
            return False
        self._waiting[pid] = now_s
        self._add(pid)
        return True

    def leaving(self, now_s: float, covering: tuple[Goal, float] | None) -> int:
        """Return how many visitors may go: all at once, since any of them may take the sign of another.

        They go when a recorder that was started after the last of them came samples them (or failed), or when the
        first has waited too long.
        """
        if not self._waiting:
            return 0
        overdue = now_s - min(self._waiting.values()) > _GATE_LIMIT_S
        if not (overdue or (covering is not None and self._covered(*covering))):
            return 0
        leaving = sum(1 for pid in self._waiting if processes.alive(pid))
        self._waiting.clear()
        return leaving

    @property
    def somebody_waits(self) -> bool:
        """Whether a visitor stands at the gate."""
        return bool(self._waiting)

    def is_there(self, pid: int, now_s: float) -> bool:
        """Tell whether a process is still to be sampled, by a fresh look."""
        self.look(now_s)
        return not self.ended and (pid == self._root or pid in self._interpreters)

    def take_replaced(self) -> bool:
        """Tell whether an interpreter has executed another program since the last call."""
        replaced, self._replaced = self._replaced, False
        return replaced

    def look_if_due(self, now_s: float) -> None:
        """Look at the tree, a few times a second."""
        if now_s >= self.due_s:
            self.look(now_s)

    def look(self, now_s: float) -> None:
        """Look at the tree: who is gone, who is new, who has become another."""
        self._now_s = now_s
        self.due_s = now_s + _LOOK_S
        for memory in (self._guesses, self._candidates):
            if len(memory) > _MOST_REMEMBERED:
                memory.clear()
        if not processes.alive(self._root) or processes.identity(self._root) != self._root_identity:
            self.ended = True
            return
        self._check_interpreters()
        if self.launched or not self._interpreters:
            self._find_interpreters(now_s)
        if self._follow is None and not self._children_seen:
            self._find_children(now_s)

    def _covered(self, goal: Goal, started_s: float) -> bool:
        whole_tree = goal.pid == self._root and goal.subprocesses
        return all(came_s <= started_s and (whole_tree or pid == goal.pid) for pid, came_s in self._waiting.items())

    def _add(self, pid: int) -> None:
        self._interpreters[pid] = _Interpreter(processes.identity(pid), processes.image(pid))

    def _check_interpreters(self) -> None:
        for pid, known in list(self._interpreters.items()):
            if not processes.alive(pid) or processes.identity(pid) != known.identity:
                del self._interpreters[pid]
                self._waiting.pop(pid, None)
                continue
            image = processes.image(pid)
            if image and not known.image:
                known.image = image
            if image and image != known.image:
                self._replaced = True
                if self.launched and not self._is_python(pid):
                    del self._interpreters[pid]
                else:
                    known.image = image

    def _find_interpreters(self, now_s: float) -> None:
        """Find interpreters that did not come to the gate, but not the children of those that are known."""
        if not self.launched and not self._is_python(self._root):
            found = self._topmost(self._root)
            # What does not look like an interpreter may be one still: the sampler will tell.
            for pid in found or [self._root]:
                self._add(pid)
            return
        if not self.launched:
            self._add(self._root)
            return
        tops = [pid for child in processes.children(self._family) for pid in self._topmost(child)]
        found = [pid for pid in tops if pid not in self._interpreters]
        passing_by = [pid for pid in found if processes.ignores_gate(pid)]
        coming = [pid for pid in found if pid not in passing_by]
        for pid in passing_by + self._matured(coming, now_s, _GATE_PATIENCE_S):
            self._add(pid)

    def _topmost(self, pid: int) -> list[int]:
        if pid in self._interpreters or self._is_python(pid):
            return [pid]
        return [python for child in processes.children(pid) for python in self._topmost(child)]

    def _find_children(self, now_s: float) -> None:
        below = [
            pid
            for interpreter in self._interpreters
            for pid in processes.descendants(interpreter)
            if self._is_python(pid)
        ]
        if self._matured(below, now_s, _FORK_S):
            self._children_seen = True

    def _matured(self, pids: list[int], now_s: float, age_s: float) -> list[int]:
        """Return those that were interpreters already some time ago, and come back soon for the others."""
        mature = [pid for pid in pids if now_s - self._candidates.setdefault(pid, now_s) >= age_s]
        if len(mature) < len(pids):
            self.due_s = min(self.due_s, now_s + _FORK_S)
        return mature

    def _is_python(self, pid: int) -> bool:
        image = processes.image(pid)
        known = self._guesses.get(pid)
        if known is None or known.image != image or (not known.python and self._now_s - known.at_s > _ASK_AGAIN_S):
            known = self._guesses[pid] = _Guess(image, processes.is_python(pid), self._now_s)
        return known.python
