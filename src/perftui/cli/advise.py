"""`perftui advise`: what a session shows to cost more than it need, and what a faster part would change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from perftui.cli import console
from perftui.cli.completion import resolve_complete
from perftui.cli.options import json_option, redact_option, ref_argument, sessions_dir_of, sessions_option
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import REF_HELP

if TYPE_CHECKING:
    from perftui.recording.advising import Advice


def _checked_times(_ctx: click.Context, _option: click.Parameter, value: float) -> float:
    # Every comparison with NaN is false, so that no range refuses it.
    if math.isnan(value):
        raise click.BadParameter("nan is no number.")
    return value


@click.command(epilog=REF_HELP)
@ref_argument(default="@latest")
@click.option("--top", type=click.IntRange(min=0), default=10, show_default=True, help="So many bottlenecks.")
@click.option(
    "--times",
    type=click.FloatRange(min=1, min_open=True, max=1e6),
    callback=_checked_times,
    default=5.0,
    show_default=True,
    help="How many times faster a bottleneck is imagined to become.",
)
@click.option(
    "--operations",
    metavar="N|COUNTER",
    help="How many operations the run did, or the series that counted them: tells the cost for each. Without it, what "
    "a benchmark tool or the workload counted.",
)
@redact_option
@json_option
@sessions_option
@click.pass_context
def advise(
    ctx: click.Context,
    ref: str,
    top: int,
    times: float,
    operations: str | None,
    redacted: bool,
    as_json: bool,
    sessions_dir: str | None,
) -> int:
    """Print findings about session REF, each with what was measured and where, and its bottlenecks.

    A rule speaks only where the samples show it beyond chance. Bottlenecks tell how long everything would take, were
    that function alone faster.
    """
    from perftui.recording.advising import advice_document, advice_of, counted_operations
    from perftui.recording.playback import open_playback
    from perftui.recording.redaction import redacted_playback

    path = resolve_complete(Catalogue(sessions_dir_of(ctx, sessions_dir)), ref)
    model = (redacted_playback(path) if redacted else open_playback(path)).model
    counted = None if operations is None else counted_operations(model, operations)
    found = advice_of(model, top=top, times=times, operations=counted)
    if as_json:
        console.document(advice_document(model, found))
        return 0
    console.data(advice_text(found))
    console.next_command(f"perftui open {model.meta.id}")
    return 0


def advice_text(found: Advice) -> str:
    """Return advice for a person: findings first, bottlenecks below, then where threads wait."""
    return "\n\n".join(part for part in (_findings(found), _bottlenecks(found), _waiting(found)) if part)


def _findings(found: Advice) -> str:
    from perftui.text import printable
    from perftui.units import format_percent

    if not found.findings:
        return "no finding: no rule saw more of what it looks for than chance would give"
    parts = []
    for finding in found.findings:
        lines = [f"{finding.severity.value.upper():<6}  {printable(finding.title)}"]
        if finding.place is not None:
            place = f"{finding.place.file}:{finding.place.line}"
            of_it = f"  ({format_percent(100 * finding.place_share)} of it)"
            lines.append(f"        at {printable(finding.place.function)}  {printable(place)}{of_it}")
        lines += [f"        {printable(finding.evidence)}", f"        {printable(finding.suggestion)}"]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _bottlenecks(found: Advice) -> str:
    from perftui.analysis.operation_count import MANY, count_words
    from perftui.text import printable
    from perftui.units import format_count, format_percent, format_seconds, format_short_seconds

    if not found.bottlenecks:
        return ""
    counted = found.operations
    heads = ["total %", "self %", "self", "samples", f"{found.times:g}× faster", "saves", "function", "place"]
    rows = []
    for row in found.bottlenecks:
        cells = [
            format_percent(100 * row.total_share),
            format_percent(100 * row.self_share),
            format_seconds(row.self_s),
            format_count(row.samples),
            f"{format_seconds(found.sampled_s)} → {format_seconds(row.whole_after_s)}",
            format_percent(100 * row.gain),
            row.frame.function,
            f"{row.frame.file}:{row.frame.line}" if row.frame.line else row.frame.file,
        ]
        if row.per_operation_s is not None:
            cells[4:4] = [format_short_seconds(row.per_operation_s), format_short_seconds(MANY * row.per_operation_s)]
        rows.append(cells)
    if counted:
        heads[4:4] = ["per operation", f"× {MANY:,}"]
    numbers = tuple(range(len(heads) - 2))
    note = "totals overlap: a function's time is also its callers'. Self times add up to the whole."
    notes = [note, *([printable(count_words(counted, found.sampled_s))] if counted else [])]
    return "\n".join((console.table(tuple(heads), rows, right=numbers), *notes))


def _waiting(found: Advice) -> str:
    from perftui.recording.advising import why_no_waiting
    from perftui.units import format_percent

    if not found.waiting:
        return why_no_waiting(found)
    rows = []
    for row in found.waiting:
        at = row.own or row.leaf
        rows.append(
            (
                f"{row.threads:.2f}",
                f"{row.found} ({format_percent(100 * row.found / found.looks)})",
                str(row.crowded),
                at.function,
                f"{at.file}:{at.line}" if at.line else at.file,
                row.leaf.function,
            )
        )
    heads = ("threads wait", f"of {found.looks} looks", "at least 2", "function", "place", "in")
    return console.table(heads, rows, right=(0, 1, 2))
