"""What a tree of processes uses is counted once, whoever inherits it."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from perftui.sources.tree_ledger import Count, ProcessKey, TreeLedger

ROOT: ProcessKey = (1, 0.0)
CHILD: ProcessKey = (2, 0.0)
GRANDCHILD: ProcessKey = (3, 0.0)


def test_the_first_look_at_what_ran_before_grows_nothing() -> None:
    assert TreeLedger().grow({ROOT: Count(40, 2)}, {ROOT: None}, old={ROOT}) == 0


def test_a_process_that_is_new_counts_from_its_start() -> None:
    ledger = TreeLedger()
    ledger.grow({ROOT: Count(5)}, {ROOT: None}, old={ROOT})
    assert ledger.grow({ROOT: Count(6), CHILD: Count(3)}, {ROOT: None, CHILD: ROOT}) == 1 + 3


def test_a_child_that_was_waited_for_counts_once() -> None:
    ledger = TreeLedger()
    ledger.grow({ROOT: Count(0), CHILD: Count(10)}, {ROOT: None, CHILD: ROOT}, old={ROOT, CHILD})
    assert ledger.grow({ROOT: Count(0, 12)}, {ROOT: None}) == 2


def test_a_child_that_came_and_went_between_two_looks_counts() -> None:
    ledger = TreeLedger()
    ledger.grow({ROOT: Count(0)}, {ROOT: None}, old={ROOT})
    assert ledger.grow({ROOT: Count(0, 7)}, {ROOT: None}) == 7


def test_what_a_whole_branch_had_counted_is_taken_from_its_nearest_living_ancestor() -> None:
    ledger = TreeLedger()
    parents = {ROOT: None, CHILD: ROOT, GRANDCHILD: CHILD}
    ledger.grow({ROOT: Count(0), CHILD: Count(4), GRANDCHILD: Count(5)}, parents, old=set(parents))
    assert ledger.grow({ROOT: Count(1, 4 + 5 + 3)}, {ROOT: None}) == 1 + 3


def test_a_parent_that_ignores_its_children_keeps_its_own_growth() -> None:
    ledger = TreeLedger()
    ledger.grow({ROOT: Count(0), CHILD: Count(100)}, {ROOT: None, CHILD: ROOT}, old={ROOT, CHILD})
    assert ledger.grow({ROOT: Count(3, 2)}, {ROOT: None}) == 5


def test_a_child_of_nobody_here_is_taken_from_nobody() -> None:
    ledger = TreeLedger()
    ledger.grow({ROOT: Count(0), CHILD: Count(1)}, {ROOT: None, CHILD: None}, old={ROOT, CHILD})
    assert ledger.grow({ROOT: Count(0, 9)}, {ROOT: None}) == 9


def test_a_count_that_cannot_be_read_for_a_while_is_not_counted_again() -> None:
    ledger = TreeLedger()
    parents = {ROOT: None, CHILD: ROOT}
    ledger.grow({ROOT: Count(0), CHILD: Count(10)}, parents, old=set(parents))
    assert ledger.grow({ROOT: Count(0)}, parents) == 0
    assert ledger.grow({ROOT: Count(0, 11)}, {ROOT: None}) == 1


def test_an_id_used_anew_is_another_process() -> None:
    ledger = TreeLedger()
    ledger.grow({ROOT: Count(0), (2, 0.0): Count(50)}, {ROOT: None, (2, 0.0): ROOT}, old={ROOT, (2, 0.0)})
    assert ledger.grow({ROOT: Count(0, 50), (2, 9.0): Count(1)}, {ROOT: None, (2, 9.0): ROOT}) == 1


def test_rounding_within_the_tolerance_still_recognises_an_inheritance() -> None:
    ledger = TreeLedger(tolerance=0.02)
    ledger.grow({ROOT: Count(0), CHILD: Count(1.0)}, {ROOT: None, CHILD: ROOT}, old={ROOT, CHILD})
    assert ledger.grow({ROOT: Count(0, 0.99)}, {ROOT: None}) == 0


def test_parents_in_a_ring_end_the_search() -> None:
    ledger = TreeLedger()
    ledger.grow({CHILD: Count(1), GRANDCHILD: Count(1)}, {CHILD: GRANDCHILD, GRANDCHILD: CHILD})
    assert ledger.grow({ROOT: Count(1)}, {ROOT: None}) == 1


@dataclass
class Alike:
    """A process as the kernel keeps it."""

    parent: int | None
    own: int = 0
    reaped: int = 0
    zombie: bool = False


class WellKeptTree(RuleBasedStateMachine):
    """A tree in which every parent waits for its children, looked at whenever it pleases."""

    orphans = False

    @initialize(own=st.integers(0, 50), reaped=st.integers(0, 50))
    def begin(self, own: int, reaped: int) -> None:
        self.processes = {0: Alike(None, own, reaped)}
        self.next_pid = 1
        self.done = 0
        self.grown = 0.0
        self.ledger = TreeLedger()
        self.look(first=True)

    def look(self, *, first: bool = False) -> None:
        counts = {(pid, 0.0): Count(each.own, each.reaped) for pid, each in self.processes.items()}
        parents: dict[ProcessKey, ProcessKey | None] = {
            (pid, 0.0): None if each.parent is None else (each.parent, 0.0) for pid, each in self.processes.items()
        }
        self.grown += self.ledger.grow(counts, parents, old=set(counts) if first else ())

    def living(self) -> list[int]:
        return [pid for pid, each in self.processes.items() if not each.zombie]

    def children(self, pid: int) -> list[int]:
        return [child for child, each in self.processes.items() if each.parent == pid]

    @rule(data=st.data())
    def fork(self, data: st.DataObject) -> None:
        parent = data.draw(st.sampled_from(self.living()))
        self.processes[self.next_pid] = Alike(parent)
        self.next_pid += 1

    @rule(data=st.data(), amount=st.integers(1, 100))
    def work(self, data: st.DataObject, amount: int) -> None:
        self.processes[data.draw(st.sampled_from(self.living()))].own += amount
        self.done += amount

    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        may_end = [pid for pid in self.living() if pid and (self.orphans or not self.children(pid))]
        if not may_end:
            return
        pid = data.draw(st.sampled_from(may_end))
        for child in self.children(pid):
            self.processes[child].parent = None
            if self.processes[child].zombie:
                del self.processes[child]
        if self.processes[pid].parent is None:
            del self.processes[pid]
        else:
            self.processes[pid].zombie = True

    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        zombies = [pid for pid, each in self.processes.items() if each.zombie]
        if not zombies:
            return
        ended = self.processes.pop(data.draw(st.sampled_from(zombies)))
        assert ended.parent is not None
        self.processes[ended.parent].reaped += ended.own + ended.reaped

    @rule()
    def look_again(self) -> None:
        self.look()
        self.check()

    def check(self) -> None:
        assert self.grown == self.done

    @precondition(lambda self: hasattr(self, "grown"))
    @invariant()
    def never_more_than_was_done(self) -> None:
        assert self.grown <= self.done


class TreeWithOrphans(WellKeptTree):
    """The same, but parents end before their children: what nobody inherits may be lost, never doubled."""

    orphans = True

    def check(self) -> None:
        assert 0 <= self.grown <= self.done


TestWellKeptTree = WellKeptTree.TestCase
TestTreeWithOrphans = TreeWithOrphans.TestCase
