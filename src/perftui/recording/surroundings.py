"""What is known of a session at its beginning: what was asked for, and the facts that a fair comparison needs."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from perftui import __version__
from perftui.analysis.command_name import command_name
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.workload import RecordMode, Retention
from perftui.recording.checkout import git_changes, git_facts
from perftui.recording.metric_facts import metric_facts
from perftui.recording.plan import INGESTS, STARTED_AS, RecordingPlan
from perftui.recording.speed_variables import SPEED_VARIABLES
from perftui.sources.gate import Gate, Visitor
from perftui.sources.meters_psutil import machine_facts
from perftui.sources.processes_psutil import process_facts
from perftui.storage.redaction import redact

_OTHER_VARIABLES = ("CI", "GITHUB_SHA")
"""They name a CI; beside these and those of speed nothing of the environment is noted."""


def begun(plan: RecordingPlan, session_id: str, pid: int) -> SessionMeta:
    """Return the meta data of a recording that begins now with the target `pid`."""
    workload = plan.workload
    facts = None if workload else process_facts(pid)
    command = redact(workload.argv if workload else facts.command if facts else ())
    cwd = str((workload and workload.cwd) or Path.cwd()) if workload or facts is None else facts.cwd
    samples = _samples(plan)
    return SessionMeta(
        id=session_id,
        name=plan.name or session_name(command, plan.profile, pid),
        kind=SessionKind.LAUNCHED if workload else SessionKind.ATTACHED,
        state=SessionState.RECORDING,
        created=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        command=command,
        cwd=cwd,
        pid=pid,
        tags=plan.tags,
        pinned=plan.pinned,
        baseline=plan.baseline,
        workload=plan.profile,
        requested_hz=float(plan.sampling.rate_hz) if samples else 0.0,
        sampling_mode=plan.sampling.mode.value if samples else "",
        mode=RecordMode.BOTH.value if plan.two_pass else plan.mode.value,
        two_pass=plan.two_pass,
        keeps_captures=plan.memory.retention is Retention.KEEP,
        keeps_sources=plan.keep_sources,
        budget=str(plan.budget_path or ""),
        group=plan.group,
        repeat_index=plan.repeat_index,
        side=plan.side,
        environment=environment_facts(cwd=cwd)
        | _options(plan)
        | ({STARTED_AS: plan.started_as} if plan.started_as else {})
        | ({INGESTS: str(plan.ingest)} if plan.ingest is not None else {})
        | metric_facts(plan),
    )


def environment_facts(environ: Mapping[str, str] = os.environ, *, cwd: str = "") -> dict[str, str]:
    """Return versions, the machine's facts, an allow-list of variables, and what is checked out at `cwd`."""
    facts = {"perftui": __version__, "python": platform.python_version()}
    for package in ("py-spy", "memray", "psutil"):
        facts[package] = _version(package)
    facts |= machine_facts()
    facts |= git_facts(Path(cwd)) if cwd else {}
    facts |= {name: environ[name] for name in (*SPEED_VARIABLES, *_OTHER_VARIABLES) if name in environ}
    return facts


class LaterFacts:
    """What takes too long to be known before the first sample, found out beside it: what is changed at `cwd`."""

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self._found: dict[str, str] = {}
        threading.Thread(target=self._look, name="surroundings", daemon=True).start()

    def added_to(self, facts: Mapping[str, str], gate: Gate | None) -> dict[str, str]:
        """Return facts with those that are known by now, and with what the first interpreter said of itself."""
        return {**facts, **self._found, **interpreter_facts(gate.first if gate is not None else None)}

    def _look(self) -> None:
        self._found = git_changes(Path(self._cwd)) if self._cwd else {}


def interpreter_facts(visitor: Visitor | None) -> dict[str, str]:
    """Return version and build of the interpreter that a launched command runs in, as it said itself at the gate."""
    if visitor is None:
        return {}
    version = ".".join(map(str, visitor.version))
    # The rest is longer than anybody reads, and tells debug and free-threaded builds and compilers apart.
    build = " ".join(visitor.build.replace("?", " ").removeprefix(version).split())
    return {"workload_python": version} | ({"workload_build": build} if build else {})


def _options(plan: RecordingPlan) -> dict[str, str]:
    """Return how it is sampled, as far as no field of its own says that."""
    if not _samples(plan):
        return {}
    children = plan.sampling.follow_children
    return {
        "sampling_native": _yes_no(plan.sampling.native),
        "sampling_children": "as soon as there are any" if children is None else _yes_no(children),
    }


def _samples(plan: RecordingPlan) -> bool:
    return plan.samples and (plan.two_pass or plan.mode.cpu)


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def session_name(command: Sequence[str], profile: str, pid: int) -> str:
    """Return a name for a session that was given none: the profile's, the script's or module's, or the pid's."""
    return profile or command_name(command) or f"pid-{pid}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
