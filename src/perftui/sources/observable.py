"""Every Python process that runs, with what a person chooses it by, and why it may not be observed where that is so."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from perftui.errors import ObserveError
from perftui.model.running import RunningProcess
from perftui.model.workload import SamplingMode
from perftui.sources.attach_remarks import remarks_on, tracer_of
from perftui.sources.diagnosis import explain_target, who_is
from perftui.sources.heap.attachable import environment_of, program_of
from perftui.sources.interpreter import by_program_name, interpreter_of
from perftui.sources.probe import Probe, SystemProbe
from perftui.sources.processes_psutil import ProcessFacts, ProcessGlance, PythonWatch

_ASK_AGAIN_LOOKS = 5
"""Whether a process may be observed is asked at each so many looks: a tracer comes and goes."""
_MOST_ASKED = 40
"""Questions of that kind in one look; each reads a memory map."""
_USUAL_VENV_NAMES = (".venv", "venv", ".env", "env", ".virtualenv")


class Watch(Protocol):
    """What finds the processes."""

    def look(self) -> list[ProcessGlance]:
        """Return the Python processes that run now."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What stays as it is while a process lives."""

    create_time_s: float
    version: str
    venv: str


@dataclass(frozen=True, slots=True)
class _Answer:
    problem: ObserveError | None
    remark: str
    look: int
    """Number of the look that it was given at."""


class ObservableProcesses:
    """Looks at all Python processes again and again, in a thread of the caller's.

    Args:
        mode: How they would be sampled: exact samples need a process that nobody else traces.
        probe: What the machine is asked by.
        watch: What finds the processes.
        epoch: Seconds since 1970.
    """

    def __init__(
        self,
        *,
        mode: SamplingMode = SamplingMode.AUTO,
        probe: Probe | None = None,
        watch: Watch | None = None,
        epoch: Callable[[], float] = time.time,
    ) -> None:
        self._mode = mode
        self._probe = probe or SystemProbe()
        self._watch = watch or PythonWatch()
        self._epoch = epoch
        self._facts: dict[int, _Facts] = {}
        self._answers: dict[int, _Answer] = {}
        self._looks = 0

    def look(self) -> list[RunningProcess]:
        """Return every Python process that runs now."""
        self._looks += 1
        glances = self._watch.look()
        listed = {glance.facts.pid for glance in glances}
        self._forget(glances)
        self._ask(glances)
        return [self._process(glance, listed) for glance in glances]

    def _forget(self, glances: list[ProcessGlance]) -> None:
        born = {glance.facts.pid: glance.facts.create_time_s for glance in glances}
        self._facts = {pid: facts for pid, facts in self._facts.items() if born.get(pid) == facts.create_time_s}
        self._answers = {pid: answer for pid, answer in self._answers.items() if pid in self._facts}

    def _ask(self, glances: list[ProcessGlance]) -> None:
        """Ask of those that were not asked for longest whether they may be observed; of new ones always."""
        due = []
        for glance in glances:
            pid = glance.facts.pid
            answer = self._answers.get(pid)
            if answer is None:
                self._answers[pid] = self._answer(glance.facts)
            elif self._looks - answer.look >= _ASK_AGAIN_LOOKS:
                due.append((answer.look, glance.facts))
        for _, facts in sorted(due, key=lambda each: each[0])[:_MOST_ASKED]:
            self._answers[facts.pid] = self._answer(facts)

    def _answer(self, facts: ProcessFacts) -> _Answer:
        pid = facts.pid
        if facts.is_ours:
            return _Answer(_our_own(facts, self._probe), "", self._looks)
        problem = explain_target(pid, mode=self._mode, probe=self._probe)
        remarks = [*remarks_on(pid, probe=self._probe)]
        if tracer := tracer_of(pid, probe=self._probe):
            remarks.append(
                f"traced by process {tracer} already: stacks would be approximate, and memray cannot be attached"
            )
        return _Answer(problem, " ".join(remarks), self._looks)

    def _process(self, glance: ProcessGlance, listed: set[int]) -> RunningProcess:
        facts = glance.facts
        lasting = self._facts.get(facts.pid)
        if lasting is None:
            lasting = self._facts[facts.pid] = _Facts(
                facts.create_time_s, _version(facts, self._probe), venv_of(facts.pid, self._probe)
            )
        answer = self._answers[facts.pid]
        problem = answer.problem
        return RunningProcess(
            pid=facts.pid,
            parent=next((pid for pid in glance.ancestors if pid in listed), 0),
            user=facts.username,
            command=facts.command or (facts.name,),
            cwd=facts.cwd,
            version=lasting.version,
            venv=lasting.venv,
            cpu_percent=glance.cpu_percent,
            rss_bytes=glance.rss_bytes,
            age_s=max(0.0, self._epoch() - facts.create_time_s) if facts.create_time_s else 0.0,
            refusal="" if problem is None else self._in_short(facts.pid, problem),
            why="" if problem is None else problem.message,
            remedy="" if problem is None else problem.hint,
            remark=answer.remark,
        )

    def _in_short(self, pid: int, problem: ObserveError) -> str:
        """Return a reason as words that follow the name of the process."""
        text = problem.message
        for name in (who_is(self._probe, pid), f"Process {pid}"):
            text = text.removeprefix(f"{name} ")
        return text.removeprefix("cannot be observed: ").rstrip(".")


def venv_of(pid: int, probe: Probe) -> str:
    """Return the name of the virtual environment that a process runs in, as its interpreter lies; empty for none."""
    program = program_of(pid, probe)
    prefix = PurePosixPath(program).parent.parent if program else None
    if prefix is not None and probe.exists(f"{prefix}/pyvenv.cfg"):
        return _venv_name(prefix)
    environment = environment_of(pid, probe)
    conda = environment.get("CONDA_PREFIX", "")
    if conda and program.startswith(f"{conda}/"):
        return environment.get("CONDA_DEFAULT_ENV") or PurePosixPath(conda).name
    # Only where the interpreter cannot be told: a shell hands its own environment on to everything.
    return _venv_name(PurePosixPath(environment["VIRTUAL_ENV"])) if not program and "VIRTUAL_ENV" in environment else ""


def _venv_name(prefix: PurePosixPath) -> str:
    return f"{prefix.parent.name}/{prefix.name}" if prefix.name in _USUAL_VENV_NAMES else prefix.name


def _version(facts: ProcessFacts, probe: Probe) -> str:
    found = interpreter_of(probe, facts.pid).version
    if found is None:
        found = next((v for word in (*facts.command[:1], facts.name) if (v := by_program_name(word).version)), None)
    return "" if found is None else ".".join(str(part) for part in found)


def _our_own(facts: ProcessFacts, probe: Probe) -> ObserveError:
    if facts.pid == probe.pid:
        return ObserveError(f"{who_is(probe, facts.pid)} is perftui itself.", hint="Choose another process.")
    return ObserveError(f"{who_is(probe, facts.pid)} works for perftui.", hint="Choose another process.")
