"""`--more N GROUP`: runs that are added to a group that there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from perftui.cli.options import AFTER_DASHES, sessions_dir_of
from perftui.cli.run import input_of
from perftui.errors import UsageError
from perftui.model.session import RunSide
from perftui.recording.more_runs import MoreRuns, is_of_both_sides, more_runs, runs_to_add_to
from perftui.storage.catalogue import Catalogue
from perftui.storage.groups import group_ref
from perftui.storage.listing import read_meta

_ALSO = {
    *("words", "more", "warmup", "ignore_failure", "quiet", "as_json", "sessions_dir", "durable", "against"),
    "save_baseline",
    *("format_name", "output", "as_text", "fail_on", "top", "redacted", "memory_view"),
}
"""What can be said beside it: everything else is as it was for the runs before."""


def runs_to_add(
    ctx: click.Context, words: tuple[str, ...], options: dict[str, Any], *, both_sides: bool
) -> tuple[Path, Mapping[RunSide, MoreRuns]]:
    """Return where sessions live, and what is to be recorded for each side of the group that is named.

    Raises `UsageError` where the group is one of another kind, or options speak against it.
    """
    _refuse_others(ctx)
    if len(words) != 1 or ctx.meta.get(AFTER_DASHES):
        raise UsageError(
            "say which group gets more runs, and nothing else: its command is known",
            hint="perftui sessions list   shows groups with how many runs they have",
        )
    sessions = sessions_dir_of(ctx, options["sessions_dir"])
    catalogue = Catalogue(sessions)
    meta = read_meta(catalogue.resolve(words[0]))
    entries = runs_to_add_to(catalogue.list(), meta)
    if is_of_both_sides(entries) is not both_sides:
        verb = "record" if both_sides else "ab"
        sides = "one side" if both_sides else "both sides of a comparison"
        raise UsageError(
            f"{words[0]} holds {sides}", hint=f"perftui {verb} --more {options['more']} {group_ref(meta.group)}"
        )
    found = more_runs(entries, options["more"], sessions)
    if both_sides and len(found) < len((RunSide.BASE, RunSide.CURRENT)):
        raise UsageError(f"{words[0]} has runs of one side only", hint="record both anew: perftui ab")
    return sessions, {side: _with_options(more, options) for side, more in found.items()}


def _with_options(more: MoreRuns, options: dict[str, Any]) -> MoreRuns:
    plan = more.plan
    warmup = plan.warmup if options["warmup"] is None else options["warmup"]
    stdin = plan.stdin if plan.stdin is not None else input_of()
    return replace(more, plan=replace(plan, warmup=warmup, durable=options["durable"], stdin=stdin))


def _refuse_others(ctx: click.Context) -> None:
    for parameter in ctx.command.params:
        name = parameter.name or ""
        if name not in _ALSO and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(
                f"{parameter.opts[0]} cannot be said with --more: runs of one group are recorded alike",
                hint="leave it out, or record a new group",
            )
