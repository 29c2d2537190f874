"""Reads workload profiles and settings files; whatever is wrong with one is said with file, line, table and key."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli

from perftui.model.scrape import Scrape
from perftui.model.workload import BenchmarkResult, RecordMode, Workload
from perftui.settings.directories import BUDGETS, PROFILES, expanded, find_budget, home_of, is_directory, is_file
from perftui.settings.spec import Settings, WorkloadProfile
from perftui.settings.tables import MOST_REPEATS, MOST_WARMUPS, memory_table, mode_of, sampling_table, settings_of
from perftui.toml.scrapes import read_scrapes
from perftui.toml.table import Table, parse_document, read_document, read_text, shown
from perftui.units import Unit

PYTHON = "{python}"
"""Stands in a command for the interpreter that perftui runs in."""

_LONGEST_RUN_S = 30 * 86_400.0
_MOST_ARGUMENTS = 1_000


def load_profile(path: Path, *, settings: Settings | None = None) -> WorkloadProfile:
    """Read a workload profile; `settings` hold where the profile says nothing. Raises `ConfigError`."""
    return _profile(read_document(path, tomli.loads), settings or Settings())


def load_settings(path: Path, base: Settings) -> Settings:
    """Return `base` with what a settings file says laid over it; raises `ConfigError`."""
    return settings_of(read_document(path, tomli.loads), base)


def check_settings(text: str, path: Path) -> None:
    """Raise `ConfigError` where a text would be no settings file."""
    settings_of(parse_document(text, path, tomli.loads), Settings())


def values_of(text: str, path: Path) -> Mapping[str, Any]:
    """Return what a TOML text holds, unchecked; raises `ConfigError` where it is none."""
    parse_document(text, path, tomli.loads)
    return tomli.loads(text)


def load_project_table(path: Path, base: Settings) -> Settings:
    """Return `base` with what `[tool.perftui]` of a pyproject.toml says laid over it; raises `ConfigError`."""
    # A file without such a table is not ours to complain about.
    if "perftui" not in read_text(path):
        return base
    return settings_of(read_document(path, tomli.loads).table("tool").table("perftui"), base)


def _profile(top: Table, usual: Settings) -> WorkloadProfile:
    workload = top.table("workload")
    run = top.table("run")
    home = home_of(top.file)
    mode, two_pass = _passes(top, usual.mode)
    profile = WorkloadProfile(
        name=top.text("name") or top.file.stem,
        path=top.file,
        workload=_workload(workload, home),
        description=top.text("description") or workload.text("description"),
        stdin=_existing_file(workload, "stdin", home),
        terminal=workload.flag("terminal", default=False),
        sampling=sampling_table(top.table("sampling"), usual.sampling),
        mode=mode,
        memory=memory_table(top.table("memory"), usual.memory),
        two_pass=two_pass,
        duration_s=run.quantity("duration", Unit.SECONDS, above_zero=True, at_most=_LONGEST_RUN_S),
        repeat=run.whole("repeat", above_zero=True, at_most=MOST_REPEATS) or 1,
        warmup=run.whole("warmup", at_most=MOST_WARMUPS) or 0,
        keep_target=run.flag("keep_target", default=False),
        keep_sources=run.flag("keep_sources", default=usual.keep_sources),
        ingest=_benchmark_result(run),
        scrapes=read_scrapes(top.table("scrape"), Scrape.checked),
        lines=run.flag("lines", default=False),
        budget=_budget(top, home),
        tags=top.texts("tags"),
    )
    for table in (workload, run, top):
        table.close()
    if profile.two_pass and profile.keep_target:
        raise run.error("keep_target", "a workload that runs twice cannot be left running", hint="keep one of the two")
    return profile


def _workload(table: Table, home: Path) -> Workload:
    argv = tuple(part.replace(PYTHON, sys.executable) for part in _command(table))
    written = table.text("cwd")
    cwd = home / expanded(written) if written else home
    if not is_directory(cwd):
        raise table.error("cwd", f'there is no directory "{shown(str(cwd))}"', hint="it is relative to the project")
    return Workload(argv, cwd, _environment(table.table("env")))


def _command(table: Table) -> tuple[str, ...]:
    value = table.value("command")
    hint = f'write command = ["{PYTHON}", "-m", "package"]'
    if value is None:
        table.value("description")
        raise table.error("command", "there is no command", hint=hint)
    if isinstance(value, str):
        try:
            argv = tuple(shlex.split(table.text("command")))
        except ValueError as error:
            message = f"cannot be split into arguments: {str(error).lower()}"
            raise table.error("command", message, hint=f"close the quotes, or {hint}") from None
    else:
        argv = table.texts("command")
    if not argv or not argv[0].strip():
        raise table.error("command", "the command is empty", hint=hint)
    if len(argv) > _MOST_ARGUMENTS:
        raise table.error("command", f"more than {_MOST_ARGUMENTS} arguments", hint="put them into a file")
    return argv


def _environment(table: Table) -> Mapping[str, str]:
    variables = {}
    for name in table.names():
        if not name or "=" in name or "\0" in name:
            raise table.error(name, "is no name of an environment variable", hint="letters, digits and _")
        variables[name] = table.text(name)
    return variables


def _passes(top: Table, usual: RecordMode) -> tuple[RecordMode, bool]:
    """Return what is recorded, and whether in two runs of the workload."""
    mode, two_pass = mode_of(top, usual), top.flag("two_pass", default=False)
    if not two_pass:
        return mode, False
    if "mode" in top:
        raise top.error(
            "two_pass", "records CPU and memory, so that there is no mode to choose", hint="keep one of them"
        )
    return RecordMode.BOTH, True


def _budget(top: Table, home: Path) -> Path | None:
    name = top.text("budget")
    if not name:
        return None
    beside = top.file.absolute().parent
    # A profile and its budget often share their name, so budgets/ comes first.
    places = [beside.parent / BUDGETS / name] if beside.name == PROFILES else []
    places += [beside / name, home / name] if "/" in name else []
    found = next((place for place in places if is_file(place)), None) or find_budget(name, start=home)
    if found is None:
        hint = "a name is looked for in budgets/, a path from this file and from the project"
        raise top.error("budget", f'there is no budget "{shown(name)}"', hint=hint)
    return found


def _benchmark_result(table: Table) -> BenchmarkResult | None:
    written = table.text("ingest")
    if "ingest" not in table:
        return None
    try:
        return BenchmarkResult.parse(written)
    except ValueError as error:
        message, hint = error.args
        raise table.error("ingest", message, hint=hint) from None


def _existing_file(table: Table, key: str, home: Path) -> Path | None:
    written = table.text(key)
    path = home / expanded(written) if written else None
    if path is not None and not is_file(path):
        raise table.error(key, f'there is no file "{shown(str(path))}"', hint="it is relative to the project")
    return path
