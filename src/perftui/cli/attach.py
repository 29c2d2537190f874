"""`perftui attach`: observe a process that is already running; it is never ended."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from perftui.cli import console
from perftui.cli.options import recording_options, sessions_dir_of
from perftui.cli.run import with_options
from perftui.errors import UsageError
from perftui.model.workload import RecordMode
from perftui.recording.plan import RecordingPlan
from perftui.settings.preferences import read_settings
from perftui.sources.attach_remarks import remarks_on
from perftui.sources.diagnosis import explain_target


@click.command()
@click.argument("pid", type=click.IntRange(min=1), required=False)
@click.option("--headless", is_flag=True, help="Record without a screen and print a summary.")
@click.option(
    "--yes",
    "-y",
    is_flag=True,
    help="Attach memray without asking: a debugger stops the process for up to half a second, and tracing slows it.",
)
@recording_options(launches=False)
@click.pass_context
def attach(ctx: click.Context, /, pid: int | None, headless: bool, yes: bool, **options: Any) -> int:
    """Watch the running process PID; it lives on when the dashboard closes.

    Without PID all running Python processes are shown, to choose one of them.

    Memory is recorded only where --mode asks for it: memray is then attached by a debugger, and detached at the end.
    """
    settings = read_settings()
    plan = RecordingPlan(
        sessions=sessions_dir_of(ctx, options["sessions_dir"]),
        attach_pid=pid,
        sampling=settings.sampling,
        memory=settings.memory,
        keep_sources=settings.keep_sources,
    )
    plan = with_options(plan, options, budget_file=settings.budget_file)
    if pid is None:
        return _pick(plan, headless=headless, as_json=options["as_json"])
    problem = explain_target(pid, mode=plan.sampling.mode) if plan.mode.cpu else None
    if problem is not None:
        raise problem
    for remark in remarks_on(pid):
        console.say(remark)
    if plan.mode.memory:
        plan = _with_consent(plan, pid, yes=yes)
    if headless or not console.has_screen():
        from perftui.cli.headless import record_headless

        if not headless:
            console.say("no terminal here: recording without a screen")
        return record_headless(plan, as_json=options["as_json"], quiet=options["quiet"])
    from perftui.cli.dashboard import watch

    return watch(replace(plan, terminal=True), as_json=options["as_json"])


def _pick(plan: RecordingPlan, *, headless: bool, as_json: bool) -> int:
    """Let the person choose a process on a screen."""
    if headless or not console.has_screen():
        raise UsageError("say which process to attach to", hint="perftui attach PID; in a terminal it lists them")
    from perftui.cli.dashboard import pick

    return pick(plan, as_json=as_json)


def _with_consent(plan: RecordingPlan, pid: int, *, yes: bool) -> RecordingPlan:
    """Return the plan as it is possible and wanted: without memory, CPU and meters still go on.

    Raises:
        ObserveError: Memory alone was asked for, and memray cannot be attached.
        UsageError: Nobody is there to agree.
    """
    from perftui.sources.heap.attachable import why_not

    problem = why_not(pid)
    if problem is None:
        if yes or _agrees(pid, plan.mode):
            return plan
        if not plan.mode.cpu:
            raise click.Abort
        console.say("memray is not attached: recording CPU and meters")
    elif not plan.mode.cpu:
        raise problem
    else:
        console.trouble(problem)
        console.say("recording CPU and meters without memory")
    return replace(plan, mode=RecordMode.CPU)


def _agrees(pid: int, mode: RecordMode) -> bool:
    """Say what attaching memray risks, and ask."""
    from perftui.sources.heap.attachable import named, risks

    if not _is_somebody_there():
        raise UsageError(
            "attaching memray stops the process for a moment and slows it, and nobody is here to agree to that",
            hint=f"perftui attach {pid} --mode {mode.value} --yes",
        )
    console.say("Before memray is attached:")
    for risk in risks(pid):
        console.say(f"  - {risk}")
    return click.confirm(f"attach memray to {named(pid)}?", default=False, err=True)


def _is_somebody_there() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
