"""Which processes may be observed, and why others may not; on machines that need not exist."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest

from perftui.model.workload import SamplingMode
from perftui.sources.observable import ObservableProcesses
from perftui.sources.processes_psutil import ProcessFacts, ProcessGlance, PythonWatch
from tests.sources.machines import US, SimulatedMachine


def glance(pid: int, *ancestors: int, ours: bool = False) -> ProcessGlance:
    facts = ProcessFacts(pid, "python", ("python", "app.py"), "/srv/shop", "ada", 1000.0, True, ours)
    return ProcessGlance(facts, ancestors, 12.0, 5e6)


class Watched:
    def __init__(self, *glances: ProcessGlance) -> None:
        self.glances = list(glances)

    def look(self) -> list[ProcessGlance]:
        return self.glances


def test_a_process_is_shown_with_parent_version_environment_and_age() -> None:
    machine = SimulatedMachine().with_process(11, program="/srv/shop/.venv/bin/python3.12")
    machine.files["/proc/11/cmdline"] = "/srv/shop/.venv/bin/python\0app.py\0"
    machine.files["/srv/shop/.venv/pyvenv.cfg"] = "home = /usr/bin\n"
    machine.with_process(12)
    source = ObservableProcesses(probe=machine, watch=Watched(glance(12), glance(11, 500, 12)), epoch=lambda: 1060.0)
    parent, child = source.look()
    assert (child.parent, child.version, child.venv, child.age_s) == (12, "3.12", "shop/.venv", 60.0)
    assert (parent.parent, parent.venv, parent.refusal) == (0, "", "")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda machine: machine.with_process(11, uid=1001), "belongs to grace"),
        (lambda machine: machine.with_process(11).with_yama(1), "ptrace_scope"),
        (lambda machine: machine.with_process(11, program="/usr/bin/python3.15"), "runs Python 3.15"),
        (lambda machine: machine.with_process(11, program="/usr/bin/pypy3.10"), "runs PyPy"),
    ],
)
def test_what_may_not_be_observed_says_why_and_what_helps(
    prepare: Callable[[SimulatedMachine], object], said: str
) -> None:
    machine = SimulatedMachine()
    prepare(machine)
    (process,) = ObservableProcesses(probe=machine, watch=Watched(glance(11))).look()
    assert said in process.refusal
    assert not process.refusal.startswith("Process"), "its name stands beside it already"
    assert process.why.endswith(".")
    assert process.remedy


def test_perftui_itself_and_what_works_for_it_are_told() -> None:
    machine = SimulatedMachine().with_process(US).with_process(12)
    source = ObservableProcesses(probe=machine, watch=Watched(glance(US, ours=True), glance(12, US, ours=True)))
    assert [process.refusal for process in source.look()] == ["is perftui itself", "works for perftui"]


def test_another_tracer_is_a_remark_and_a_refusal_only_where_samples_must_be_exact() -> None:
    machine = SimulatedMachine().with_process(11, status={"TracerPid": "77"})
    (process,) = ObservableProcesses(probe=machine, watch=Watched(glance(11))).look()
    assert (process.refusal, "traced by process 77" in process.remark) == ("", True)
    exact = ObservableProcesses(probe=machine, watch=Watched(glance(11)), mode=SamplingMode.BLOCKING)
    assert "traced by process 77" in exact.look()[0].refusal


def test_an_answer_is_kept_for_some_looks_and_given_anew_for_another_process_of_the_number() -> None:
    machine = SimulatedMachine().with_process(11)
    watch = Watched(glance(11))
    source = ObservableProcesses(probe=machine, watch=watch)
    source.look()
    machine.with_process(11, uid=1001)
    assert source.look()[0].refusal == ""
    assert "grace" in [source.look()[0] for _ in range(5)][-1].refusal
    machine.with_process(11)
    watch.glances = [replace(each, facts=replace(each.facts, create_time_s=2000.0)) for each in watch.glances]
    assert source.look()[0].refusal == ""


def test_a_python_that_begins_is_found_and_nobody_is_asked_at_each_look() -> None:
    ticks = iter(range(1_000_000))
    # Time hardly passes, so that nobody comes of age and is asked once more.
    watch = PythonWatch(clock=lambda: next(ticks) / 1000)
    watch.look()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        looks = [{each.facts.pid: each for each in watch.look()} for _ in range(20)]
        found = [look[child.pid] for look in looks if child.pid in look]
        assert found
        assert os.getpid() in found[0].ancestors
        assert found[0].facts.is_ours, "what we started is ours"
        assert found[-1].cpu_percent is not None
        assert found[-1].rss_bytes
        assert watch.asked < 5 * len(psutil.pids())
    finally:
        child.kill()
        child.wait()
    assert child.pid not in {each.facts.pid for each in watch.look()}
