"""`perftui run` and `perftui record`: launch a workload and observe it, on a screen or without one."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.cli.options import AFTER_DASHES, CommandAfterDashes, recording_options, sessions_dir_of
from perftui.errors import UsageError
from perftui.model.workload import SamplingMode, SamplingOptions, Workload
from perftui.recording.plan import RecordingPlan
from perftui.settings.profiles import WorkloadProfile, find_profile, list_profiles

_USAGE = "[OPTIONS] (PROFILE | -- COMMAND ...)"


@click.command(cls=CommandAfterDashes, options_metavar=_USAGE, subcommand_metavar="")
@click.argument("words", nargs=-1, metavar="")
@recording_options(launches=True)
@click.pass_context
def run(ctx: click.Context, words: tuple[str, ...], **options: Any) -> int:
    r"""Launch a command or a workload profile and watch it in the dashboard.

    \b
    perftui run -- python app.py --port 8000
    perftui run demo
    """
    plan = plan_of(ctx, words, options)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from perftui.cli.headless import record_headless

        console.say("no terminal here: recording without a screen")
        return record_headless(plan, as_json=options["as_json"], quiet=options["quiet"])
    from perftui.cli.dashboard import watch

    return watch(replace(plan, terminal=True, stdin=None), as_json=options["as_json"])


@click.command(cls=CommandAfterDashes, options_metavar=_USAGE, subcommand_metavar="")
@click.argument("words", nargs=-1, metavar="")
@recording_options(launches=True)
@click.pass_context
def record(ctx: click.Context, words: tuple[str, ...], **options: Any) -> int:
    r"""Launch a command or a workload profile, record it without a screen, print a summary.

    The workload's own output goes to stderr, so that stdout holds the summary alone.

    \b
    perftui record --duration 30 --json -- python app.py
    """
    from perftui.cli.headless import record_headless

    return record_headless(plan_of(ctx, words, options), as_json=options["as_json"], quiet=options["quiet"])


def plan_of(ctx: click.Context, words: tuple[str, ...], options: dict[str, Any]) -> RecordingPlan:
    """Return what the command line asks for; flags are stronger than the profile."""
    command: tuple[str, ...] = ctx.meta.get(AFTER_DASHES, ())
    if command and words:
        raise UsageError("give a workload profile or a command after `--`, not both", hint="perftui run -- COMMAND ...")
    profile = None if command else _profile(words)
    workload = Workload(command or words) if profile is None else profile.workload
    sampling = profile.sampling if profile else SamplingOptions()
    budget_path = options["budget"] or (profile.budget if profile else None)
    duration_s = options["duration"]
    if duration_s is None and profile is not None:
        duration_s = profile.duration_s
    return RecordingPlan(
        sessions=sessions_dir_of(ctx, options["sessions_dir"]),
        workload=workload,
        sampling=sampling_of(sampling, options),
        name=options["name"],
        tags=(*(profile.tags if profile else ()), *options["tags"]),
        profile=profile.name if profile else "",
        budget=budget_of(budget_path),
        budget_path=Path(budget_path) if budget_path else None,
        duration_s=duration_s,
        keep_target=options["keep_target"] or bool(profile and profile.keep_target),
        stdin=None if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty() else sys.stdin.fileno(),
        durable=options["durable"],
    )


def sampling_of(base: SamplingOptions, options: dict[str, Any]) -> SamplingOptions:
    """Return the sampling options with what the command line overrides."""
    if options["rate"] is not None:
        base = replace(base, rate_hz=options["rate"])
    if options["sampling"] is not None:
        base = replace(base, mode=SamplingMode(options["sampling"]))
    if options["subprocesses"] is not None:
        base = replace(base, follow_children=options["subprocesses"])
    return base


def budget_of(path: str | Path | None) -> Any:
    """Return the budget in a file, or None where there is no file."""
    if path is None:
        return None
    from perftui.budgets.load import load_budget

    return load_budget(Path(path))


def _profile(words: tuple[str, ...]) -> WorkloadProfile | None:
    if not words:
        names = ", ".join(profile.name for profile in list_profiles()) or "none here"
        raise UsageError(
            "say what to run: a workload profile, or a command after `--`",
            hint=f"perftui run -- python app.py   (profiles: {names})",
        )
    if len(words) == 1:
        found = find_profile(words[0])
        if found is not None:
            return found
    if shutil.which(words[0]) or Path(words[0]).exists():
        return None
    names = [profile.name for profile in list_profiles()]
    raise UsageError(
        f"no workload profile and no command called {words[0]!r}",
        hint=f"profiles here: {', '.join(names) or 'none'}; a command goes after `--`",
    )
