"""The workload profile and the budget that a project begins with, as commented TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perftui.analysis.starter_limits import StarterLimit, figure_limit, function_limits
from perftui.errors import SessionError
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.recording.checkout import git_facts
from perftui.recording.run_figures import figures_of_sessions
from perftui.settings.load import PYTHON
from perftui.settings.project import Candidate
from perftui.storage.catalogue import Catalogue
from perftui.storage.redaction import redact
from perftui.units import tidy

SCHEMAS = Path(".perftui")
"""Where the schemas of both files go in a project."""
MOST_SESSIONS = 10
"""The newest sessions of the workload tell its limits."""
_SHOWN = 3
_NOTES_AT = 34
_NOTED = re.compile(r"(.*\S)\s{2,}(# .*)")
"""A line whose comment stands at least two blanks behind its value."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_S = 60
_UNREADABLE = re.compile(r"[^\x20-\x7e\u00a1-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Seen:
    """What sessions of the workload have measured already."""

    figures: RunFigures
    sessions: tuple[str, ...]
    """Their names and ids, the newest first."""


def profile_text(name: str, chosen: Candidate, others: Sequence[Candidate]) -> str:
    """Return a workload profile of a command; `others` stand in it as comments."""
    return "\n".join(map(_aligned, _profile_lines(name, chosen, others))) + "\n"


def budget_text(name: str, seen: Seen | None, root: Path) -> str:
    """Return a budget: with limits of what was seen, or with one that holds for most programs.

    Args:
        name: Of the workload profile.
        seen: What was measured before; None for nothing.
        root: Top of the project: only what lies in it is worth a limit of a function.
    """
    return "\n".join(map(_aligned, _budget_lines(name, seen, root))) + "\n"


def seen_before(catalogue: Catalogue, name: str, command: Sequence[str], root: Path) -> Seen | None:
    """Return what complete sessions of a workload, or of the same command in the project, have measured."""
    project = git_facts(root).get("git_project") or str(root)
    wanted = {(project, name), (project, *_program(redact(command)))}
    found = []
    for entry in catalogue.list():
        meta = entry.meta
        fits = meta is not None and meta.state is SessionState.COMPLETE and meta.kind is SessionKind.LAUNCHED
        if fits and meta is not None and meta.exit_code in (0, None) and _key(meta) in wanted:
            found.append((entry.path, f"{meta.name} ({meta.id})"))
    if not found:
        return None
    newest = found[:MOST_SESSIONS]
    try:
        figures = figures_of_sessions([path for path, _ in newest])
    except SessionError:
        # A damaged session must not keep anybody from beginning.
        return None
    return Seen(figures, tuple(title for _, title in newest))


def _key(meta: SessionMeta) -> tuple[str, ...]:
    """Return what tells a workload from others, whatever interpreter it ran in."""
    what = (meta.workload,) if meta.workload else _program(meta.command)
    return meta.environment.get("git_project") or meta.cwd, *what


def _program(command: Sequence[str]) -> tuple[str, ...]:
    program, *arguments = command or ("",)
    known = program.rpartition("/")[2]
    return "python" if known.startswith(("python", PYTHON)) else known, *arguments


def _profile_lines(name: str, chosen: Candidate, others: Sequence[Candidate]) -> Iterator[str]:
    yield f"#:schema ../{SCHEMAS}/profile.schema.json"
    yield f"# A workload profile: what to start and how to observe it. `perftui run {name}` shows it live,"
    yield f"# `perftui record {name}` records it without a screen."
    yield f"description = {_string(f'Chosen because {chosen.why}')}"
    yield f'budget = "{name}.toml"               # in budgets/'
    yield '# mode = "both"                    # trace allocations too, which makes the workload 1.2 to 4 times slower'
    yield "# tags = []"
    yield ""
    yield "[workload]                         # it runs in the directory that holds profiles/"
    yield f"command = {_list(chosen.command)}"
    if PYTHON in chosen.command:
        yield f"# {PYTHON} is the interpreter that perftui itself runs in"
    for other in others:
        yield f"# command = {_list(other.command)}    # {_comment(other.why)}"
    if chosen.path:
        yield f"env = {{ PYTHONPATH = {_string(chosen.path)} }}    # it need not be installed"
    else:
        yield '# env = { PYTHONHASHSEED = "0" }'
    yield '# stdin = "requests.txt"'
    yield ""
    yield "[sampling]"
    yield "rate_hz = 100                      # looks a second"
    yield "# follow_children = true           # left out: as soon as there are any"
    yield ""
    yield "[run]"
    if not chosen.ends:
        yield f'duration = "{_LONGEST_S}s"                   # it is ended then, unless it ends by itself before'
    yield "# repeat = 5                       # so many runs as one group: percent rules of a budget need five"
    yield "# warmup = 1                       # before them, so many that are thrown away"
    if chosen.ingest:
        yield f"ingest = {_string(chosen.ingest)}    # read what it has measured into the session"
    else:
        yield '# ingest = "pytest-benchmark"      # read what a benchmark tool has measured into the session'


def _budget_lines(name: str, seen: Seen | None, root: Path) -> Iterator[str]:
    yield f"#:schema ../{SCHEMAS}/budget.schema.json"
    yield f"# What `{name}` may use. `perftui run {name}` judges by it live, `perftui check --budget {name}` in CI."
    if seen is None:
        yield "# There was no session to take limits from, so they are wide. Once there are some,"
        yield f"# `perftui init {name} --dry-run` prints limits that fit them."
    else:
        more = f" and {len(seen.sessions) - _SHOWN} more" if len(seen.sessions) > _SHOWN else ""
        yield f"# Limits are taken from {', '.join(map(_comment, seen.sessions[:_SHOWN]))}{more}:"
        yield "# a quarter above the worst of them warns, half as much again fails. Tighten them as you learn."
    yield ""
    yield "[performance_budget]"
    yield "allowed_regression = 5             # percent that an operation may lose where it has no limit of its own"
    yield "min_runs = 5                       # of each side, before a percentage may fail"
    yield 'on_inconclusive = "warn"           # pass, warn or fail, where the samples cannot tell'
    yield ""
    yield from _resources(seen)
    yield from _memory(seen)
    yield from _functions(seen, root)
    yield from _operations(seen)


def _resources(seen: Seen | None) -> Iterator[str]:
    wall = figure_limit(seen.figures, "wall_s") if seen else None
    rss = figure_limit(seen.figures, "rss_bytes.max") if seen else None
    if wall is not None:
        yield f"[resources.wall]                   # {wall.seen}"
        yield from _limits(wall, "s", 1.0)
    else:
        yield "# [resources.wall]                 # how long it may run"
        yield '# limit = "30s"'
    yield ""
    if rss is not None:
        yield f"[resources.rss]                    # {rss.seen}: the system's figure, not the same in the next run"
        yield from _limits(rss, "MB", 1e6)
    else:
        yield "[resources.rss]                    # resident memory of the process tree"
        yield 'target = "1GB"                     # warns above it'
        yield 'limit = "4GB"                      # fails above it'
    yield ""
    yield "# [resources.cpu_percent]          # 100 is one core"
    yield "# limit = 150"
    yield '# for = "10s"                      # only when it lasts that long without a break'
    yield ""


def _memory(seen: Seen | None) -> Iterator[str]:
    peak = figure_limit(seen.figures, "heap_peak_bytes") if seen else None
    if peak is None:
        yield '# [memory]                         # needs mode = "memory" or "both" in the profile'
        yield '# source = "heap"'
        yield "# runtime_peak_mb = 100"
    else:
        yield f"[memory]                           # {peak.seen}, exactly"
        yield 'source = "heap"'
        yield f"warn_runtime_peak_mb = {_number(peak.warn / 1e6)}"
        yield f"runtime_peak_mb = {_number(peak.fail / 1e6)}"
    yield ""


def _functions(seen: Seen | None, root: Path) -> Iterator[str]:
    limits = list(function_limits(seen.figures, lambda file: _is_own(file, root))) if seen else []
    for limit in limits:
        yield f"[functions.{_string(limit.name)}]    # {limit.seen}"
        yield f"warn_share_pct = {_number(limit.warn)}"
        yield f"max_share_pct = {_number(limit.fail)}"
        yield ""
    if not limits:
        yield '# [functions."package/module.py:Class.method"]'
        yield "# max_share_pct = 25               # of all samples, with what it calls"
        yield "# max_increase_pct = 10            # over a baseline: `perftui check --baseline main`"
        yield ""


def _operations(seen: Seen | None) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for operation in seen.figures.operations.values() if seen else ():
        name = f"{operation.name}[{operation.parameter}]" if operation.parameter else operation.name
        groups.setdefault(operation.group or "benchmarks", []).append(name)
    if groups:
        yield "# Held against a baseline: `perftui baseline save main`, then `perftui check --baseline main`."
    for group, names in groups.items():
        yield f"[operations.{_key_text(group)}]"
        for name in dict.fromkeys(names):
            yield f"{_key_text(name)} = {{ max_increase_pct = 5 }}"
        yield ""
    if not groups:
        yield "# [operations.GROUP]               # what benchmarks measure: `perftui ingest`"
        yield '# NAME = { max_increase_pct = 8, p95_ms = 60, reason = "why it may be slower" }'


def _limits(limit: StarterLimit, unit: str, factor: float) -> Iterator[str]:
    yield f'target = "{_number(limit.warn / factor)}{unit}"' + "  # warns above it"
    yield f'limit = "{_number(limit.fail / factor)}{unit}"' + "  # fails above it"


def _aligned(line: str) -> str:
    """Return a line with the comment behind its value where those of other lines stand."""
    found = _NOTED.fullmatch(line)
    return line if found is None else f"{found[1]:<{_NOTES_AT}} {found[2]}"


def _number(value: float) -> str:
    value = tidy(value)
    return str(int(value)) if value == int(value) else f"{value:f}".rstrip("0")


def _is_own(file: str, root: Path) -> bool:
    return not file.startswith(("<", "…")) and (root / file).is_file()


def _string(text: str) -> str:
    """Return text as TOML writes it; what JSON escapes, TOML reads in the same way."""
    return json.dumps(_UNREADABLE.sub("?", text), ensure_ascii=False)


def _key_text(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_string, words))}]"


def _comment(text: str) -> str:
    return _UNREADABLE.sub("?", text)
