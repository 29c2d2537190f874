"""`perftui watch`: follow a process for days without a screen, in parts of bounded size."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from perftui.budgets.alert_rules import DEFAULTS
from perftui.cli.options import (
    AFTER_DASHES,
    CommandAfterDashes,
    checked_name,
    checked_tags,
    json_option,
    scrape_option,
    serve_metrics_option,
    sessions_dir_of,
    sessions_option,
)
from perftui.cli.run import budget_path, plan_of_words
from perftui.errors import ObserveError, UsageError
from perftui.model.workload import RecordMode
from perftui.recording.plan import RecordingPlan, with_budget
from perftui.recording.watch_plan import DAY_S, Keep, WatchPlan
from perftui.settings.preferences import read_settings
from perftui.settings.spec import Settings
from perftui.sources.processes_psutil import process_facts
from perftui.text import printable
from perftui.units import Unit, format_bytes, parse_value

_USAGE = "[OPTIONS] (PID | PROFILE | -- COMMAND ...)"
_NEVER = "never"
_BARE = re.compile(r"[0-9._]+(e[-+]?[0-9]+)?", re.IGNORECASE)
_MOST_DIGITS = 12
_LEAST_BYTES = 512 << 10
_HINTS = {
    "--for": "write it like 7d or 12h",
    "--rotate": "write it like 24h or 100MB, or never",
    "--keep": "write it like 30 (parts), 2GB or 30d",
}
_WINDOW_S = 5.0
"""A sampler that follows for days hands its samples over less often, which costs less."""


@click.command(cls=CommandAfterDashes, options_metavar=_USAGE)
@click.argument("words", nargs=-1, metavar="")
@click.option("--budget", help="Budget with [alerts] and [intervals]: a file, or the name of one in budgets/.")
@click.option("--for", "for_", metavar="TIME", help="End after this time: 7d, 12h [until it ends, or Ctrl-C].")
@click.option(
    "--rotate",
    multiple=True,
    metavar="TIME|SIZE",
    help="Begin another part after this time, or when the file is so large (write it twice for both), or never [24h].",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="N|SIZE|TIME",
    help="Remove the oldest parts beyond so many, so much or so old; never what is pinned or a baseline [all stay].",
)
@click.option("--cpu", type=click.IntRange(1, 1000), metavar="HZ", help="Sample stacks too, so often a second [off].")
@scrape_option
@click.option("--name", default="", callback=checked_name, help="Name of the watch.")
@click.option("--tag", "tags", multiple=True, callback=checked_tags, help="Tag its sessions; may be given again.")
@click.option("--keep-target", is_flag=True, help="Leave a launched workload running when the watch ends.")
@serve_metrics_option
@click.option("--durable", is_flag=True, help="Survive a power cut too: sync every commit.")
@json_option
@click.option("--quiet", "-q", is_flag=True, help="No status lines and no workload output; alerts are still told.")
@sessions_option
@click.pass_context
def watch(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Follow a process for days: meters and alerts, without a screen, a line a minute.

    The meters are read every 30 s while all is calm, every 5 s under a warning and every second under a critical
    alert ([intervals] of the budget). Each part is a session of its own that `open` shows, also while it is recorded.
    """
    from perftui.cli.watching import follow

    plan = _plan(ctx, words, options)
    rotate_s, rotate_bytes = _rotation(options["rotate"])
    watch_plan = WatchPlan(rotate_s, rotate_bytes, _keep(options["keep"]))
    return follow(plan, watch_plan, as_json=options["as_json"], quiet=options["quiet"])


def _plan(ctx: click.Context, words: tuple[str, ...], options: dict[str, Any]) -> RecordingPlan:
    settings = read_settings()
    plan = _target(ctx, words, sessions_dir_of(ctx, options["sessions_dir"]), settings)
    given = options["budget"]
    path = budget_path(given) if given else plan.budget_path or settings.budget_file
    if path != plan.budget_path:
        plan = with_budget(plan, path)
    hertz = options["cpu"]
    sampling = plan.sampling if hertz is None else replace(plan.sampling, rate_hz=hertz, window_s=_WINDOW_S)
    return replace(
        plan,
        sampling=sampling,
        samples=hertz is not None,
        usual_alerts=DEFAULTS,
        mode=RecordMode.CPU,
        two_pass=False,
        repeat=1,
        warmup=0,
        ingest=None,
        scrapes=(*options["scrapes"], *plan.scrapes),
        name=options["name"],
        tags=(*plan.tags, *options["tags"]),
        duration_s=_seconds(options["for_"], "--for") if options["for_"] else plan.duration_s,
        keep_target=plan.keep_target or options["keep_target"],
        durable=options["durable"],
        serve_metrics=options["serve_metrics"],
    )


def _target(ctx: click.Context, words: tuple[str, ...], sessions: Path, settings: Settings) -> RecordingPlan:
    """Return the plan of a process that runs, or of what is to be started."""
    command = ctx.meta.get(AFTER_DASHES, ())
    if not words and not command:
        raise UsageError("say what to watch", hint="perftui watch PID, or perftui watch -- python service.py")
    if command or len(words) != 1 or not words[0].isdecimal():
        return plan_of_words(ctx, words, sessions, settings)
    pid = int(words[0][:_MOST_DIGITS])
    if process_facts(pid) is None:
        raise ObserveError(f"there is no process {pid}", hint="`perftui` lists the Python processes that run")
    return RecordingPlan(sessions=sessions, attach_pid=pid, sampling=settings.sampling)


def _rotation(written: tuple[str, ...]) -> tuple[float | None, int | None]:
    """Return after which time, and at which size in bytes, another part begins."""
    if not written:
        return DAY_S, None
    if written == (_NEVER,):
        return None, None
    rotate_s: float | None = None
    rotate_bytes: int | None = None
    for text in written:
        if (size := _measured(text, Unit.BYTES)) is not None:
            rotate_bytes = int(size)
        else:
            rotate_s = _seconds(text, "--rotate")
    if rotate_bytes is not None and rotate_bytes < _LEAST_BYTES:
        raise UsageError(f"--rotate: an empty session is {format_bytes(_LEAST_BYTES / 2)}", hint="write 1MB or more")
    if rotate_s is not None and rotate_s < 1.0:
        raise UsageError("--rotate: a part lasts a second at least", hint="write it like 24h or 100MB")
    return rotate_s, rotate_bytes


def _keep(written: tuple[str, ...]) -> Keep:
    """Return how much of the watch stays."""
    keep = Keep()
    for text in written:
        if text.isdecimal():
            keep = replace(keep, parts=max(1, int(text[:_MOST_DIGITS])))
        elif (size := _measured(text, Unit.BYTES)) is not None:
            keep = replace(keep, size_bytes=int(size))
        else:
            keep = replace(keep, age_s=_seconds(text, "--keep"))
    return keep


def _measured(text: str, unit: Unit) -> float | None:
    """Return a quantity of a unit; None for what is none, or a bare number, also such as 30.0 or 1e5."""
    if _BARE.fullmatch(text.strip()):
        return None
    try:
        return parse_value(text, unit)
    except ValueError:
        return None


def _seconds(text: str, option: str) -> float:
    seconds = _measured(text, Unit.SECONDS)
    if seconds is None or seconds <= 0:
        what = "no time" if option == "--for" else "neither a size nor a time"
        raise UsageError(f"{option}: {printable(text)!r} is {what}", hint=_HINTS[option])
    return seconds
