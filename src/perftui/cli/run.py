"""`perftui run` and `perftui record`: launch a workload and observe it, on a screen or without one."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.cli.against import with_baseline
from perftui.cli.options import AFTER_DASHES, CommandAfterDashes, recording_options, sessions_dir_of
from perftui.errors import UsageError
from perftui.model.workload import MemoryOptions, RecordMode, Retention, SamplingMode, SamplingOptions, Workload
from perftui.recording.plan import RecordingPlan, plan_of_profile, with_budget
from perftui.settings.directories import find_budget, is_file
from perftui.settings.preferences import read_settings
from perftui.settings.profiles import find_profile, list_entries
from perftui.settings.spec import Settings, WorkloadProfile

_USAGE = "[OPTIONS] (PROFILE | -- COMMAND ...)"
_MEMORY_ONLY = {
    "native_allocations": "--native-allocations",
    "trace_pymalloc": "--trace-pymalloc",
    "follow_forks": "--follow-forks",
    "capture": "--capture",
}
_SAMPLING_ONLY = {"rate": "--rate", "sampling": "--sampling", "subprocesses": "--subprocesses"}


@click.command(cls=CommandAfterDashes, options_metavar=_USAGE)
@click.argument("words", nargs=-1, metavar="")
@recording_options(launches=True)
@click.pass_context
def run(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Launch a command or a workload profile and watch it in the dashboard.

    \b
    perftui run -- python app.py --port 8000
    perftui run demo
    """  # noqa: D301 (click wants the character, not its escape)
    plan = _wanted(ctx, words, options)
    if is_repeated(plan):
        return _run_repeated(plan, options)
    if not console.has_screen():
        from perftui.cli.headless import record_headless

        console.say("no terminal here: recording without a screen")
        return record_headless(plan, as_json=options["as_json"], quiet=options["quiet"])
    from perftui.cli.dashboard import watch

    return watch(replace(plan, terminal=True), as_json=options["as_json"])


@click.command(cls=CommandAfterDashes, options_metavar=_USAGE)
@click.argument("words", nargs=-1, metavar="")
@recording_options(launches=True)
@click.pass_context
def record(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Launch a command or a workload profile, record it without a screen, print a summary.

    The workload's own output goes to stderr, so that stdout holds the summary alone.

    \b
    perftui record --duration 30 --json -- python app.py
    perftui record --more 5 group:ID
    """  # noqa: D301 (click wants the character, not its escape)
    plan = _wanted(ctx, words, options)
    if is_repeated(plan):
        return _record_repeated(plan, options)[0]
    from perftui.cli.headless import record_headless

    return record_headless(plan, as_json=options["as_json"], quiet=options["quiet"])


def _wanted(ctx: click.Context, words: tuple[str, ...], options: dict[str, Any]) -> RecordingPlan:
    """Return the plan of a command or a workload profile, or of more runs for a group."""
    if options["more"] is None:
        return with_baseline(plan_of(ctx, words, options), options)
    from perftui.cli.more import runs_to_add
    from perftui.model.session import RunSide

    _, more = runs_to_add(ctx, words, options, both_sides=False)
    return with_baseline(more[RunSide.NONE].plan, options)


def is_repeated(plan: RecordingPlan) -> bool:
    """Say whether more than one run is wanted, or one for a group."""
    return plan.repeat > 1 or plan.warmup > 0 or bool(plan.group)


def _record_repeated(plan: RecordingPlan, options: dict[str, Any]) -> tuple[int, str]:
    from perftui.cli.repeated import record_repeated

    return record_repeated(
        plan, as_json=options["as_json"], quiet=options["quiet"], ignore_failure=options["ignore_failure"]
    )


def _run_repeated(plan: RecordingPlan, options: dict[str, Any]) -> int:
    """Record several runs without a screen, which would take its share of the machine; then show the last one."""
    code, ref = _record_repeated(plan, options)
    if code or not ref or options["as_json"] or not console.has_screen():
        return code
    from perftui.cli.dashboard import view
    from perftui.storage.catalogue import Catalogue

    return view(Catalogue(plan.sessions).resolve(ref))


def plan_of(ctx: click.Context, words: tuple[str, ...], options: dict[str, Any]) -> RecordingPlan:
    """Return what the command line asks for; flags are stronger than the profile, the profile than the settings."""
    settings = read_settings()
    plan = plan_of_words(ctx, words, sessions_dir_of(ctx, options["sessions_dir"]), settings)
    return with_options(plan, options, budget_file=settings.budget_file)


def plan_of_words(ctx: click.Context, words: tuple[str, ...], sessions: Path, settings: Settings) -> RecordingPlan:
    """Return the plan of a command or of a workload profile, before any flag is laid over it."""
    command: tuple[str, ...] = ctx.meta.get(AFTER_DASHES, ())
    if command and words:
        raise UsageError("give a workload profile or a command after `--`, not both", hint="perftui run -- COMMAND ...")
    profile = None if command else _profile(words, settings)
    if profile is None:
        return RecordingPlan(
            sessions=sessions,
            workload=Workload(command or words),
            sampling=settings.sampling,
            mode=settings.mode,
            memory=settings.memory,
            keep_sources=settings.keep_sources,
            stdin=input_of(),
        )
    return plan_of_profile(profile, sessions)


def with_options(plan: RecordingPlan, options: dict[str, Any], *, budget_file: Path | None) -> RecordingPlan:
    """Return the plan with what the command line overrides."""
    path = budget_path(options["budget"]) if options["budget"] else plan.budget_path or budget_file
    if path != plan.budget_path:
        plan = with_budget(plan, path)
    plan = _with_memory(plan, options)
    _check_sampling(plan, options)
    keep_target = plan.keep_target or options.get("keep_target", False)
    if plan.two_pass and keep_target:
        raise UsageError(
            "the workload runs twice, one after the other: neither can be left running",
            hint="leave out --two-pass or --keep-target",
        )
    if plan.two_pass:
        plan = replace(plan, stdin=_readable_twice(plan.stdin))
    plan = _with_repeats(plan, options)
    if keep_target and is_repeated(plan):
        raise UsageError(
            "of several runs none can be left running",
            hint="leave out --keep-target, or --repeat and --warmup, here or in the profile",
        )
    return replace(
        plan,
        sampling=_sampling(plan.sampling, options),
        name=options["name"],
        tags=(*plan.tags, *options["tags"]),
        duration_s=plan.duration_s if options["duration"] is None else options["duration"],
        keep_target=keep_target,
        keep_sources=plan.keep_sources if options["keep_sources"] is None else options["keep_sources"],
        durable=options["durable"],
        serve_metrics=options["serve_metrics"],
        ingest=options.get("ingest") or plan.ingest,
        scrapes=(*options["scrapes"], *plan.scrapes),
        lines=plan.lines or options.get("lines", False),
    )


def _with_repeats(plan: RecordingPlan, options: dict[str, Any]) -> RecordingPlan:
    """Return the plan with how often the command line wants it to be run."""
    repeat, warmup = options.get("repeat"), options.get("warmup")
    return replace(
        plan, repeat=plan.repeat if repeat is None else repeat, warmup=plan.warmup if warmup is None else warmup
    )


def budget_path(written: str) -> Path:
    """Return the budget of a name or of a path; what is neither is left to the reader, who says that it is missing."""
    path = Path(written)
    return path if is_file(path) else find_budget(written) or path


def _with_memory(plan: RecordingPlan, options: dict[str, Any]) -> RecordingPlan:
    """Return the plan with what the command line says of memory."""
    two_pass, mode = options.get("two_pass", False), options["mode"]
    if two_pass and mode is not None:
        raise UsageError(
            "--two-pass records CPU and memory, so that there is no mode to choose",
            hint="leave out --mode, or --two-pass for a single run",
        )
    if two_pass:
        plan = replace(plan, mode=RecordMode.BOTH, two_pass=True)
    elif mode is not None:
        plan = replace(plan, mode=RecordMode(mode), two_pass=False)
    asked = [name for option, name in _MEMORY_ONLY.items() if options[option]]
    if asked and not plan.mode.memory:
        raise UsageError(
            f"{asked[0]} is about allocations, and none are traced",
            hint="add --mode memory, or --mode both" + (", or --two-pass" if plan.workload else ""),
        )
    return replace(plan, memory=_memory(plan.memory, options))


def _check_sampling(plan: RecordingPlan, options: dict[str, Any]) -> None:
    """Refuse options of a sampler where there will be none."""
    asked = [name for option, name in _SAMPLING_ONLY.items() if options[option] is not None]
    if asked and not plan.mode.cpu:
        raise UsageError(
            f"{asked[0]} is about CPU samples, and --mode memory takes none",
            hint=f"leave out {asked[0]}, or sample beside it: --mode both",
        )


def _memory(base: MemoryOptions, options: dict[str, Any]) -> MemoryOptions:
    return MemoryOptions(
        native=base.native or options["native_allocations"],
        pymalloc=base.pymalloc or options["trace_pymalloc"],
        children=base.children or options["follow_forks"],
        retention=Retention(options["capture"]) if options["capture"] else base.retention,
    )


def _sampling(base: SamplingOptions, options: dict[str, Any]) -> SamplingOptions:
    if options["rate"] is not None:
        base = replace(base, rate_hz=options["rate"])
    if options["sampling"] is not None:
        base = replace(base, mode=SamplingMode(options["sampling"]))
    if options["subprocesses"] is not None:
        base = replace(base, follow_children=options["subprocesses"])
    return base


def _profile(words: tuple[str, ...], settings: Settings) -> WorkloadProfile | None:
    if not words:
        listed = ", ".join(entry.name for entry in list_entries()) or "none here"
        raise UsageError(
            "say what to run: a workload profile, or a command after `--`",
            hint=f"perftui run -- python app.py   (profiles: {listed})",
        )
    found = find_profile(words[0], settings=settings) if len(words) == 1 else None
    if found is not None or shutil.which(words[0]) or os.path.lexists(words[0]):
        return found
    from difflib import get_close_matches

    names = [entry.name for entry in list_entries()]
    similar = get_close_matches(words[0], names, n=1)
    hint = f"did you mean `{similar[0]}`?" if similar else "a command goes after `--`: perftui run -- python app.py"
    raise UsageError(f"no workload profile and no command called {words[0]!r}", hint=hint)


def input_of() -> int | None:
    """Return what the workload reads: our own input where it is a file or a pipe, never the terminal or the browser."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty() or console.is_served():
        return None
    return sys.stdin.fileno()


def _readable_twice(stdin: int | Path | None) -> int | Path | None:
    """Return the input of two runs: a file is opened for each of them, whoever has read it before."""
    if not isinstance(stdin, int) or not stat.S_ISREG(os.fstat(stdin).st_mode):
        return stdin
    return Path(f"/dev/fd/{stdin}") if os.lseek(stdin, 0, os.SEEK_CUR) == 0 else stdin
