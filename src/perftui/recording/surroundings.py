"""What is known of a session at its beginning: what was asked for, and the facts that a fair comparison needs."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from perftui import __version__
from perftui.analysis.command_name import command_name
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.workload import RecordMode, Retention
from perftui.recording.checkout import git_facts
from perftui.recording.plan import RecordingPlan
from perftui.sources.meters_psutil import machine_facts
from perftui.sources.processes_psutil import process_facts
from perftui.storage.redaction import redact

# Never the whole environment: only variables that change how fast a Python program runs, and those that name a CI.
_VARIABLES = ("PYTHONHASHSEED", "PYTHONMALLOC", "PYTHONOPTIMIZE", "PYTHONDEVMODE", "PYTHON_GIL", "CI", "GITHUB_SHA")
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def begun(plan: RecordingPlan, session_id: str, pid: int) -> SessionMeta:
    """Return the meta data of a recording that begins now with the target `pid`."""
    workload = plan.workload
    facts = None if workload else process_facts(pid)
    command = redact(workload.argv if workload else facts.command if facts else ())
    cwd = str((workload and workload.cwd) or Path.cwd()) if workload or facts is None else facts.cwd
    samples = plan.two_pass or plan.mode.cpu
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
        environment=environment_facts(cwd=cwd),
    )


def environment_facts(environ: Mapping[str, str] = os.environ, *, cwd: str = "") -> dict[str, str]:
    """Return versions, the machine's facts, an allow-list of variables, and what is checked out at `cwd`."""
    facts = {"perftui": __version__, "python": platform.python_version()}
    for package in ("py-spy", "memray", "psutil"):
        facts[package] = _version(package)
    facts |= machine_facts()
    facts |= git_facts(Path(cwd)) if cwd else {}
    facts |= {name: environ[name] for name in (*_VARIABLES, *_THREAD_VARIABLES) if name in environ}
    return facts


def session_name(command: Sequence[str], profile: str, pid: int) -> str:
    """Return a name for a session that was given none: the profile's, the script's or module's, or the pid's."""
    return profile or command_name(command) or f"pid-{pid}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
