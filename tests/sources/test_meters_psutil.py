"""Which processes belong to the tree, and what becomes of a look when one of them goes or refuses."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from perftui.sources.looks import ProcessLook
from perftui.sources.meters_psutil import (
    Pacer,
    TreeWatch,
    _exit_code,
    look_at_machine,
    machine_facts,
    own_cost,
)
from perftui.sources.processes_psutil import alive, process_facts

# Above the largest id that Linux hands out, so that no real process answers in their place.
TARGET, CHILD, GRANDCHILD, STRANGER = 4_200_000, 4_200_001, 4_200_002, 4_200_003


@dataclass
class Living:
    """A process of the simulated machine; a figure that is an exception is raised."""

    parent: int
    born_s: float = 1e6
    status: str = psutil.STATUS_SLEEPING
    rss_bytes: int = 1 << 20
    figures: dict[str, Any] = field(default_factory=dict)


class Machine:
    """Stands in for psutil's view of the machine."""

    def __init__(self) -> None:
        self.processes = {TARGET: Living(1), STRANGER: Living(1)}
        self.asked: Counter[tuple[str, int]] = Counter()

    def process(self, pid: int) -> FakeProcess:
        self.asked["opened", pid] += 1
        if pid not in self.processes:
            raise psutil.NoSuchProcess(pid)
        return FakeProcess(self, pid)


class FakeProcess:
    """As much of `psutil.Process` as the meters use."""

    def __init__(self, machine: Machine, pid: int) -> None:
        self.machine = machine
        self.pid = pid
        self.living = machine.processes[pid]

    def is_running(self) -> bool:
        return self.machine.processes.get(self.pid) is self.living

    def oneshot(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def create_time(self) -> float:
        return self.living.born_s

    def ppid(self) -> int:
        return int(self._answer("ppid", self.living.parent))

    def status(self) -> str:
        return str(self._answer("status", self.living.status))

    def name(self) -> str:
        return str(self._answer("name", "python"))

    def cmdline(self) -> list[str]:
        return list(self._answer("cmdline", ["python", f"{self.pid}.py"]))

    def cpu_times(self) -> Any:
        return self._answer(
            "cpu_times", SimpleNamespace(user=1.0, system=0.5, children_user=0.25, children_system=0.25)
        )

    def memory_info(self) -> Any:
        return self._answer("memory_info", SimpleNamespace(rss=self.living.rss_bytes))

    def memory_full_info(self) -> Any:
        return self._answer("memory_full_info", SimpleNamespace(uss=self.living.rss_bytes // 2))

    def num_threads(self) -> int:
        return int(self._answer("num_threads", 3))

    def num_fds(self) -> int:
        return int(self._answer("num_fds", 5))

    def io_counters(self) -> Any:
        return self._answer("io_counters", SimpleNamespace(read_bytes=10, write_bytes=20))

    def _answer(self, question: str, usual: Any) -> Any:
        self.machine.asked[question, self.pid] += 1
        if not self.is_running():
            raise psutil.NoSuchProcess(self.pid)
        answer = self.living.figures.get(question, usual)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    simulated = Machine()
    monkeypatch.setattr(psutil, "Process", simulated.process)
    monkeypatch.setattr(psutil, "pids", lambda: list(simulated.processes))
    return simulated


def looked(watch: TreeWatch) -> dict[int, ProcessLook]:
    return {look.key[0]: look for look in watch.look()}


def test_descendants_belong_to_the_tree_and_strangers_do_not(machine: Machine) -> None:
    machine.processes[GRANDCHILD] = Living(CHILD)
    machine.processes[CHILD] = Living(TARGET)
    looks = looked(TreeWatch(TARGET))
    assert looks.keys() == {TARGET, CHILD, GRANDCHILD}
    assert looks[GRANDCHILD].parent == looks[CHILD].key
    assert looks[TARGET].parent is None


def test_a_descendant_that_loses_its_parent_stays(machine: Machine) -> None:
    machine.processes |= {CHILD: Living(TARGET), GRANDCHILD: Living(CHILD)}
    watch = TreeWatch(TARGET)
    watch.look()
    del machine.processes[CHILD]
    machine.processes[GRANDCHILD].parent = 1
    looks = looked(watch)
    assert looks.keys() == {TARGET, GRANDCHILD}
    assert looks[GRANDCHILD].parent is None


def test_what_the_adopter_inherits_belongs_to_the_tree(machine: Machine) -> None:
    adopter = 4_200_009
    machine.processes |= {adopter: Living(1), GRANDCHILD: Living(adopter)}
    assert looked(TreeWatch(TARGET)).keys() == {TARGET}
    assert looked(TreeWatch(TARGET, adopter=adopter)).keys() == {TARGET, GRANDCHILD}


def test_perftui_is_not_of_the_tree_even_when_the_target_started_it(machine: Machine) -> None:
    machine.processes |= {os.getpid(): Living(TARGET), CHILD: Living(os.getpid())}
    assert looked(TreeWatch(TARGET)).keys() == {TARGET}


def test_a_stranger_is_asked_for_its_parent_once(machine: Machine) -> None:
    watch = TreeWatch(TARGET)
    for _ in range(5):
        watch.look()
    assert machine.asked["ppid", STRANGER] == 1


def test_a_stranger_s_id_that_passes_to_a_child_is_found_in_the_end(machine: Machine) -> None:
    watch = TreeWatch(TARGET)
    watch.look()
    machine.processes[STRANGER] = Living(TARGET)
    assert STRANGER in [pid for _ in range(31) for pid in looked(watch)]


def test_a_child_s_id_that_passes_to_a_stranger_leaves_the_tree(machine: Machine) -> None:
    machine.processes[CHILD] = Living(TARGET)
    watch = TreeWatch(TARGET)
    assert CHILD in looked(watch)
    machine.processes[CHILD] = Living(1, born_s=2e6)
    assert CHILD not in looked(watch)


@pytest.mark.parametrize("end", ["gone", "reused", "zombie"])
def test_the_tree_ends_with_its_root(machine: Machine, end: str) -> None:
    machine.processes[CHILD] = Living(TARGET)
    watch = TreeWatch(TARGET)
    assert looked(watch)
    if end == "gone":
        del machine.processes[TARGET]
    elif end == "reused":
        machine.processes[TARGET] = Living(1, born_s=2e6)
    else:
        machine.processes[TARGET].status = psutil.STATUS_ZOMBIE
    assert looked(watch) == {}


def test_a_root_that_was_never_there_is_an_empty_tree(machine: Machine) -> None:
    assert looked(TreeWatch(GRANDCHILD)) == {}


def test_a_child_that_goes_during_the_look_is_left_out(machine: Machine) -> None:
    machine.processes[CHILD] = Living(TARGET, figures={"memory_info": psutil.NoSuchProcess(CHILD)})
    assert looked(TreeWatch(TARGET)).keys() == {TARGET}


def test_a_zombie_child_tells_only_what_it_used(machine: Machine) -> None:
    machine.processes[CHILD] = Living(TARGET, status=psutil.STATUS_ZOMBIE)
    look = looked(TreeWatch(TARGET))[CHILD]
    assert look.ended
    assert look.cpu_s is not None
    assert (look.rss_bytes, look.threads, look.open_files) == (None, None, None)


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("cpu_times", "cpu_s"),
        ("memory_info", "rss_bytes"),
        ("num_threads", "threads"),
        ("num_fds", "open_files"),
        ("io_counters", "read_bytes"),
    ],
)
def test_a_refused_figure_is_none_and_noted(machine: Machine, question: str, figure: str) -> None:
    machine.processes[TARGET].figures[question] = psutil.AccessDenied(TARGET)
    look = looked(TreeWatch(TARGET))[TARGET]
    assert getattr(look, figure) is None
    assert look.denied


@pytest.mark.parametrize(
    "trouble", [OSError(5, "I/O"), NotImplementedError(), RuntimeError("empty"), ValueError("odd")]
)
def test_a_figure_that_the_system_lacks_is_none_and_no_refusal(machine: Machine, trouble: Exception) -> None:
    machine.processes[TARGET].figures["io_counters"] = trouble
    look = looked(TreeWatch(TARGET))[TARGET]
    assert look.read_bytes is None
    assert not look.denied


def test_the_unique_set_size_is_read_at_first_and_then_seldom(machine: Machine) -> None:
    watch = TreeWatch(TARGET)
    read = [looked(watch)[TARGET].uss_bytes is not None for _ in range(11)]
    assert [n for n, there in enumerate(read) if there] == [0, 5, 10]


def test_the_unique_set_size_is_read_anew_when_less_than_it_is_resident(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every look is a dear one, so the next is far away.
    monkeypatch.setattr("perftui.sources.meters_psutil._USS_DEAR_S", -1.0)
    watch = TreeWatch(TARGET)
    resident = machine.processes[TARGET].rss_bytes
    read = []
    for n in range(30):
        machine.processes[TARGET].rss_bytes = resident if n < 20 else resident // 4
        read.append(looked(watch)[TARGET].uss_bytes is not None)
    assert [n for n, there in enumerate(read) if there] == [0, 10, 20]


def test_the_unique_set_size_of_a_large_tree_is_not_read(machine: Machine) -> None:
    machine.processes[TARGET].rss_bytes = 2 << 30
    assert looked(TreeWatch(TARGET))[TARGET].uss_bytes is None
    assert machine.asked["memory_full_info", TARGET] == 0


def test_the_unique_set_size_that_one_process_refuses_is_none_and_no_trouble(machine: Machine) -> None:
    machine.processes[TARGET].figures["memory_full_info"] = psutil.AccessDenied(TARGET)
    look = looked(TreeWatch(TARGET))[TARGET]
    assert look.uss_bytes is None
    assert not look.denied


def beats(pacer: Pacer, cost_s: float, times: int) -> list[int]:
    due = []
    for n in range(times):
        if pacer.due():
            due.append(n)
            pacer.took(cost_s)
    return due


def test_a_dear_look_becomes_seldom_and_a_cheap_one_frequent_again() -> None:
    pacer = Pacer(every=5, seldom=40, dear_s=0.02)
    assert beats(pacer, 0.05, 160) == [0, 10, 30, 70, 110, 150]
    assert beats(pacer, 0.001, 100) == [30, 50, 60, 65, 70, 75, 80, 85, 90, 95]


@pytest.mark.parametrize(
    "question", ["cpu_times", "virtual_memory", "swap_memory", "getloadavg", "disk_io_counters", "net_io_counters"]
)
def test_a_meter_that_the_machine_lacks_leaves_the_others(monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    def lacking(**_: object) -> None:
        raise FileNotFoundError(2, "no such file", "/proc/something")

    monkeypatch.setattr(psutil, question, lacking)
    look = look_at_machine()
    assert any(getattr(look, name) is None for name in look.__dataclass_fields__)
    assert any(getattr(look, name) is not None for name in look.__dataclass_fields__)


def test_a_machine_without_disks_has_no_disk_meter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: None)
    assert look_at_machine().disk_read_bytes is None


def test_the_loopback_is_not_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = {name: SimpleNamespace(bytes_recv=n, bytes_sent=n) for name, n in [("lo", 1000), ("eth0", 3), ("wlan0", 4)]}
    monkeypatch.setattr(psutil, "net_io_counters", lambda **_: cards)
    assert look_at_machine().net_received_bytes == 7


def test_time_of_guests_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {"user": 10.0, "system": 5.0, "idle": 80.0, "iowait": 5.0, "guest": 4.0, "guest_nice": 1.0}
    monkeypatch.setattr(psutil, "cpu_times", lambda: SimpleNamespace(_asdict=lambda: times))
    look = look_at_machine()
    assert (look.cpu_busy_s, look.cpu_total_s) == (15.0, 100.0)


def test_our_own_facts_are_known() -> None:
    facts = process_facts(os.getpid())
    assert facts is not None
    assert (facts.pid, facts.python, facts.is_ours) == (os.getpid(), True, True)
    assert facts.command
    cpu_s, rss_bytes = own_cost()
    assert cpu_s > 0
    assert rss_bytes > 1 << 20


@pytest.mark.parametrize("pid", [-1, TARGET, 2**40])
def test_of_nobody_there_are_no_facts(pid: int) -> None:
    assert process_facts(pid) is None
    assert not alive(pid, 0.0)


def test_alive_asks_for_the_same_process_and_not_for_the_same_number() -> None:
    facts = process_facts(os.getpid())
    assert facts is not None
    assert alive(os.getpid(), facts.create_time_s)
    assert not alive(os.getpid(), facts.create_time_s - 100)


def test_the_machine_is_described_without_naming_it() -> None:
    facts = machine_facts()
    assert {"host", "system", "cpu", "cores", "memory_bytes"} <= facts.keys()
    assert os.uname().nodename not in facts.values()
    assert all(facts.values())


def test_a_process_is_asked_for_its_command_while_it_may_still_become_another_program(machine: Machine) -> None:
    watch = TreeWatch(TARGET)
    found = [watch.look()[0] for _ in range(5)]
    assert [look.command for look in found] == [("python", f"{TARGET}.py")] * 3 + [()] * 2
    later = [watch.look()[0].command for _ in range(6)]
    assert later.count(("python", f"{TARGET}.py")) == 1, "an older one is asked now and then"
    machine.processes[CHILD] = Living(TARGET, figures={"cmdline": psutil.AccessDenied(CHILD)})
    [child] = [look for look in watch.look() if look.key[0] == CHILD]
    assert (child.name, child.command) == ("python", ())


def test_how_a_child_ended_that_nobody_has_waited_for_is_told() -> None:
    pid = os.fork()
    if not pid:
        os._exit(3)
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert _exit_code(pid) == 3
        assert _exit_code(os.getpid()) is None
    finally:
        os.waitpid(pid, 0)
    assert _exit_code(pid) is None
