"""`perftui attach`: observe a process that is already running; it is never ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from perftui.cli import console
from perftui.cli.options import recording_options, sessions_dir_of
from perftui.cli.run import with_options
from perftui.recording.plan import RecordingPlan
from perftui.settings.preferences import read_settings
from perftui.sources.diagnosis import explain_target


@click.command()
@click.argument("pid", type=click.IntRange(min=1))
@click.option("--headless", is_flag=True, help="Record without a screen and print a summary.")
@recording_options(launches=False)
@click.pass_context
def attach(ctx: click.Context, /, pid: int, headless: bool, **options: Any) -> int:
    """Watch the running process PID; it lives on when the dashboard closes."""
    settings = read_settings()
    plan = RecordingPlan(
        sessions=sessions_dir_of(ctx, options["sessions_dir"]), attach_pid=pid, sampling=settings.sampling
    )
    plan = with_options(plan, options, budget_file=settings.budget_file)
    problem = explain_target(pid, mode=plan.sampling.mode)
    if problem is not None:
        raise problem
    if headless or not console.has_screen():
        from perftui.cli.headless import record_headless

        if not headless:
            console.say("no terminal here: recording without a screen")
        return record_headless(plan, as_json=options["as_json"], quiet=options["quiet"])
    from perftui.cli.dashboard import watch

    return watch(replace(plan, terminal=True), as_json=options["as_json"])
