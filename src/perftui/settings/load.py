"""Reads workload profiles and settings files; whatever is wrong with one is said with file, line, table and key."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import tomli

from perftui.model.workload import MemoryOptions, RecordMode, Retention, SamplingMode, SamplingOptions, Workload
from perftui.settings.directories import BUDGETS, PROFILES, expanded, find_budget, home_of, is_directory, is_file
from perftui.settings.spec import Settings, ViewOptions, WorkloadProfile
from perftui.toml.table import Table, read_document, read_text, shown
from perftui.units import Unit

PYTHON = "{python}"
"""Stands in a command for the interpreter that perftui runs in."""

SLOWEST_REFRESH_HZ, FASTEST_REFRESH_HZ = 0.2, 10.0
# py-spy's own cost grows with the rate; at a thousand looks a second a target mostly stands still.
MOST_HZ = 1_000
_LONGEST_VIEW_S = 3_600.0
_SHORTEST_VIEW_S = 0.5
_LONGEST_WINDOW_S = 60.0
_SHORTEST_WINDOW_S = 0.1
_LONGEST_RUN_S = 30 * 86_400.0
_MOST_REPEATS = 1_000
_MOST_ARGUMENTS = 1_000


def load_profile(path: Path, *, settings: Settings | None = None) -> WorkloadProfile:
    """Read a workload profile; `settings` hold where the profile says nothing. Raises `ConfigError`."""
    return _profile(read_document(path, tomli.loads), settings or Settings())


def load_settings(path: Path, base: Settings) -> Settings:
    """Return `base` with what a settings file says laid over it; raises `ConfigError`."""
    return _settings(read_document(path, tomli.loads), base)


def load_project_table(path: Path, base: Settings) -> Settings:
    """Return `base` with what `[tool.perftui]` of a pyproject.toml says laid over it; raises `ConfigError`."""
    # A file without such a table is not ours to complain about.
    if "perftui" not in read_text(path):
        return base
    return _settings(read_document(path, tomli.loads).table("tool").table("perftui"), base)


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
        sampling=_sampling(top.table("sampling"), usual.sampling),
        mode=mode,
        memory=_memory(top.table("memory"), usual.memory),
        two_pass=two_pass,
        duration_s=run.quantity("duration", Unit.SECONDS, above_zero=True, at_most=_LONGEST_RUN_S),
        repeat=run.whole("repeat", above_zero=True, at_most=_MOST_REPEATS) or 1,
        keep_target=run.flag("keep_target", default=False),
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


def _sampling(table: Table, usual: SamplingOptions) -> SamplingOptions:
    rate_hz = table.whole("rate_hz", above_zero=True, at_most=MOST_HZ)
    window_s = table.quantity("window", Unit.SECONDS, at_most=_LONGEST_WINDOW_S)
    if window_s is not None and window_s < _SHORTEST_WINDOW_S:
        raise table.error(table.key_of("window", Unit.SECONDS), "must be at least 100 ms", hint="0.5 s is usual")
    mode = table.choice("mode", [mode.value for mode in SamplingMode], usual.mode.value)
    follow = table.maybe_flag("follow_children")
    overhead = table.quantity("overhead", Unit.PERCENT, above_zero=True, at_most=100.0)
    native = table.flag("native", default=usual.native)
    table.close()
    return replace(
        usual,
        rate_hz=rate_hz or usual.rate_hz,
        window_s=window_s or usual.window_s,
        mode=SamplingMode(mode),
        follow_children=usual.follow_children if follow is None else follow,
        overhead_percent=overhead or usual.overhead_percent,
        native=native,
    )


def _mode(top: Table, usual: RecordMode) -> RecordMode:
    return RecordMode(top.choice("mode", [mode.value for mode in RecordMode], usual.value))


def _passes(top: Table, usual: RecordMode) -> tuple[RecordMode, bool]:
    """Return what is recorded, and whether in two runs of the workload."""
    mode, two_pass = _mode(top, usual), top.flag("two_pass", default=False)
    if not two_pass:
        return mode, False
    if "mode" in top:
        raise top.error(
            "two_pass", "records CPU and memory, so that there is no mode to choose", hint="keep one of them"
        )
    return RecordMode.BOTH, True


def _memory(table: Table, usual: MemoryOptions) -> MemoryOptions:
    options = MemoryOptions(
        native=table.flag("native", default=usual.native),
        pymalloc=table.flag("pymalloc", default=usual.pymalloc),
        children=table.flag("children", default=usual.children),
        retention=Retention(
            table.choice("capture", [retention.value for retention in Retention], usual.retention.value)
        ),
    )
    table.close()
    return options


def _view(table: Table, usual: ViewOptions) -> ViewOptions:
    window_s = _view_seconds(table, "window", usual.window_s)
    half_life_s = _view_seconds(table, "half_life", usual.half_life_s)
    shares = ("threshold_percent", "warn_percent", "critical_percent")
    threshold, warn, critical = (table.number(key, at_most=100.0) for key in shares)
    table.close()
    options = ViewOptions(
        window_s=window_s,
        half_life_s=half_life_s,
        threshold_percent=usual.threshold_percent if threshold is None else threshold,
        warn_percent=usual.warn_percent if warn is None else warn,
        critical_percent=usual.critical_percent if critical is None else critical,
    )
    if options.warn_percent > options.critical_percent:
        key = "warn_percent" if "warn_percent" in table else "critical_percent"
        message = f"a warning from {options.warn_percent:g} % would come after critical, {options.critical_percent:g} %"
        raise table.error(key, message, hint="warn_percent must be at most critical_percent")
    return options


def _view_seconds(table: Table, key: str, usual: float) -> float:
    seconds = table.quantity(key, Unit.SECONDS, at_most=_LONGEST_VIEW_S)
    if seconds is not None and seconds < _SHORTEST_VIEW_S:
        raise table.error(table.key_of(key, Unit.SECONDS), "must be at least 500 ms", hint="10 s is usual")
    return usual if seconds is None else seconds


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


def _existing_file(table: Table, key: str, home: Path) -> Path | None:
    written = table.text(key)
    path = home / expanded(written) if written else None
    if path is not None and not is_file(path):
        raise table.error(key, f'there is no file "{shown(str(path))}"', hint="it is relative to the project")
    return path


def _settings(top: Table, base: Settings) -> Settings:
    refresh_hz = top.number("refresh_hz", at_most=FASTEST_REFRESH_HZ)
    if refresh_hz is not None and refresh_hz < SLOWEST_REFRESH_HZ:
        raise top.error("refresh_hz", f"must be at least {SLOWEST_REFRESH_HZ:g}", hint="4 is usual")
    inner = {key: top.table(key) for key in ("sampling", "memory", "view")}
    settings = replace(
        base,
        theme=_theme(top) or base.theme,
        refresh_hz=refresh_hz or base.refresh_hz,
        sessions_dir=_path(top, "sessions_dir") or base.sessions_dir,
        budget_file=_path(top, "budget_file") or base.budget_file,
        sampling=_sampling(inner["sampling"], base.sampling),
        mode=_mode(top, base.mode),
        memory=_memory(inner["memory"], base.memory),
        view=_view(inner["view"], base.view),
    )
    top.close()
    said = [key for key in top.names() if key not in inner]
    said += [f"{name}.{key}" for name, table in inner.items() for key in table.names()]
    return replace(settings, origins={**base.origins, **dict.fromkeys(said, str(top.file))})


def _theme(top: Table) -> str:
    theme = top.text("theme")
    if "theme" in top and not theme.strip():
        raise top.error("theme", "is empty", hint='"perftui-dark" and "perftui-light" are there')
    return theme


def _path(top: Table, key: str) -> Path | None:
    written = top.text(key)
    if key in top and not written:
        raise top.error(key, "is empty", hint="leave the key out for the usual place")
    return top.file.absolute().parent / expanded(written) if written else None
