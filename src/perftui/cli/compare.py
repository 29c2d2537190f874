"""`perftui compare`: two sessions side by side, on a screen or as data."""

from __future__ import annotations

import click

from perftui.cli import console
from perftui.cli.options import json_option, sessions_dir_of, sessions_option
from perftui.recording.comparison import Comparison, compare_document, compare_paths
from perftui.storage.catalogue import Catalogue
from perftui.units import format_percent, format_value


@click.command()
@click.argument("baseline")
@click.argument("current")
@click.option("--top", type=click.IntRange(min=0), default=None, help="So many functions, the greatest change first.")
@click.option("--text", "as_text", is_flag=True, help="Print a table instead of opening the screen.")
@json_option
@sessions_option
@click.pass_context
def compare(
    ctx: click.Context,
    baseline: str,
    current: str,
    top: int | None,
    as_text: bool,
    as_json: bool,
    sessions_dir: str | None,
) -> int:
    """Compare session CURRENT with session BASELINE."""
    catalogue = Catalogue(sessions_dir_of(ctx, sessions_dir))
    before, after = catalogue.resolve(baseline), catalogue.resolve(current)
    if not (as_json or as_text) and console.has_screen():
        from perftui.cli.dashboard import compare as compare_on_screen

        return compare_on_screen(before, after)
    comparison = compare_paths(before, after)
    if as_json:
        console.document(compare_document(comparison, top=top))
    else:
        console.data(_text(comparison, 20 if top is None else top))
        console.next_command(f"perftui compare {baseline} {current}   (in a terminal: both flames side by side)")
    return 0


def _text(comparison: Comparison, top: int) -> str:
    unit = comparison.unit
    before, after = comparison.baseline.meta, comparison.current.meta
    heading = (
        f"baseline  {before.name} ({before.id})  {format_value(comparison.baseline_weight, unit)}\n"
        f"current   {after.name} ({after.id})  {format_value(comparison.current_weight, unit)}"
    )
    rows = [
        (
            format_value(row.delta, unit) if row.delta < 0 else "+" + format_value(row.delta, unit),
            format_value(row.baseline, unit),
            format_value(row.current, unit),
            format_percent(100 * row.baseline_share),
            format_percent(100 * row.current_share),
            row.kind.value,
            row.frame.function,
            row.frame.file,
        )
        for row in comparison.deltas[:top]
    ]
    headings = ("delta", "baseline", "current", "base %", "cur %", "kind", "function", "file")
    return heading + "\n\n" + console.table(headings, rows, right=(0, 1, 2, 3, 4))
