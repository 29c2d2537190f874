"""Sessions from the results of benchmark tools: operations alone, without a profile."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.formats.operations.base import ToolReport
from perftui.model.operation import Operation
from perftui.model.session import BENCHMARK_TOOL, SessionKind, SessionMeta, SessionState
from perftui.recording.surroundings import environment_facts
from perftui.storage.locations import new_id
from perftui.storage.redaction import redact
from perftui.storage.session_file import SessionWriter

_OF_OURS = ("python", "py-spy", "memray", "psutil")
"""Facts of the recorder, which had no part in what another tool has measured."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """A session that was made of a result."""

    path: Path
    meta: SessionMeta
    operations: tuple[Operation, ...]
    notes: tuple[str, ...]
    """What could not be taken over, one sentence each."""


def ingest(
    report: ToolReport,
    sessions: Path,
    *,
    name: str,
    origin: str,
    workload: str = "",
    tags: Sequence[str] = (),
    elsewhere: bool = False,
    beforehand: Callable[[SessionMeta], None] | None = None,
) -> Ingested:
    """Make a session of a tool's result.

    Args:
        report: What the tool has measured.
        sessions: Directory that the session is saved in.
        name: Of the session.
        origin: Where the result was read from, for a person.
        workload: What tells it from results of other benchmarks of the project, each of which has baselines of its own;
            empty where the tool does.
        tags: Of the session.
        elsewhere: It was measured on another machine, so that nothing is noted of this one.
        beforehand: Is told what the session will be before anything is written; what it raises leaves nothing behind.

    Raises:
        SessionWriteError: The session cannot be written.
    """
    here = {} if elsewhere else environment_facts(cwd=str(Path.cwd()))
    tools = ", ".join(sorted({operation.tool for operation in report.operations}))
    meta = SessionMeta(
        id=new_id(),
        name=report.name or name,
        kind=SessionKind.IMPORTED,
        state=SessionState.RECORDING,
        created=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        cwd=str(Path.cwd()),
        workload=workload,
        tags=tuple(tags),
        note=f"ingested from {origin}",
        environment=facts_of(here, report.facts) | {BENCHMARK_TOOL: tools},
    )
    if beforehand is not None:
        beforehand(meta)
    operations = without_secrets(report.operations)
    writer = SessionWriter.create(sessions, meta, clock=time.monotonic)
    try:
        writer.set_operations(operations)
        meta = replace(writer.meta, state=SessionState.COMPLETE)
        return Ingested(writer.finalise(meta), meta, operations, report.notes)
    except BaseException:
        writer.discard()
        raise


def facts_of(here: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of a measurement: what its tool told, and of this machine what does not contradict that."""
    kept = {key: value for key, value in here.items() if key not in _OF_OURS}
    if "cpu" in told and kept.get("cpu", told["cpu"]) != told["cpu"]:
        # Measured elsewhere: nothing of this machine says anything about it.
        kept = {}
    commit = told.get("git_commit", "")
    if commit and not kept.get("git_commit", "").startswith(commit):
        kept = {key: value for key, value in kept.items() if not key.startswith("git_")}
    return {**kept, **told}


def without_secrets(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Return operations whose names are no command lines with passwords in them."""
    return tuple(replace(operation, name=_redacted(operation.name)) for operation in operations)


def _redacted(name: str) -> str:
    if " " not in name and "=" not in name and ":" not in name:
        return name
    try:
        words = shlex.split(name)
    except ValueError:
        words = name.split(" ")
    safe = redact(words)
    # A name in which nothing is hidden stays as it is written, with its quotes and its spaces.
    return name if tuple(words) == safe else " ".join(safe)
