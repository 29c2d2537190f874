"""`perftui compare`: two sessions side by side, on a screen or as data."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from perftui.cli import console
from perftui.cli.completion import resolve_runs
from perftui.cli.options import json_option, memory_view_option, sessions_dir_of, sessions_option
from perftui.model.change import FunctionChange
from perftui.model.heap import HeapView
from perftui.recording.compare_document import compare_document
from perftui.recording.comparison import Comparison, compare_paths, memory_lens
from perftui.storage.baselines import names_baseline
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.units import Unit, format_count, format_percent, format_value

_USUAL_TOP = 20


@click.command()
@click.argument("baseline")
@click.argument("current")
@click.option("--top", type=click.IntRange(min=0), default=None, help="So many functions, the greatest change first.")
@click.option("--text", "as_text", is_flag=True, help="Print tables instead of opening the screen.")
@click.option("--single", is_flag=True, help="Only the newest run of each side, where several were recorded together.")
@memory_view_option
@json_option
@sessions_option
@click.pass_context
def compare(
    ctx: click.Context,
    baseline: str,
    current: str,
    top: int | None,
    as_text: bool,
    single: bool,
    memory_view: HeapView | None,
    as_json: bool,
    sessions_dir: str | None,
) -> int:
    """Compare session CURRENT with session BASELINE: CPU and memory, as far as both hold them.

    `@baseline` is the session that is pinned as the baseline of CURRENT's workload. Of runs that were recorded together
    (`group:ID`, or the name that they share) all are compared.
    """
    catalogue = Catalogue(sessions_dir_of(ctx, sessions_dir))
    after = resolve_runs(catalogue, current, single=single)
    # Which baseline is meant follows from what is held against it.
    beside = read_meta(after[-1]) if names_baseline(baseline) else None
    before = resolve_runs(catalogue, baseline, single=single, beside=beside)
    refs = (shlex.quote(baseline), shlex.quote(current))
    return show_comparison(before, after, refs, top=top, view=memory_view, as_json=as_json, as_text=as_text)


def show_comparison(
    before: Sequence[Path],
    after: Sequence[Path],
    refs: tuple[str, str],
    *,
    top: int | None = None,
    view: HeapView | None = None,
    as_json: bool,
    as_text: bool,
) -> int:
    """Show the runs of two sides on a screen where there is one, or print them; return the exit code.

    Args:
        before: Session files of the baseline's side.
        after: Session files of the current side.
        refs: What a person types for each side.
        top: So many functions.
        view: Which view of the heap; only printed.
        as_json: Print the document.
        as_text: Print tables, also where there is a screen.
    """
    if not (as_json or as_text or view) and console.has_screen():
        from perftui.cli.dashboard import compare as compare_on_screen

        return compare_on_screen(before, after)
    comparison = compare_paths(before, after)
    if as_json:
        console.document(compare_document(comparison, top=top, view=view))
    else:
        console.data(comparison_text(comparison, view, _USUAL_TOP if top is None else top))
        console.next_command(f"perftui compare {refs[0]} {refs[1]}   (in a terminal: both flames side by side)")
    return 0


def comparison_text(comparison: Comparison, view: HeapView | None, top: int) -> str:
    """Return both sides, what is to be known about them, and a table for each thing that both hold."""
    memory = view or memory_lens(comparison)
    lenses = ([comparison.of(None)] if None in comparison.lenses else []) + ([comparison.of(memory)] if memory else [])
    before, after = comparison.baseline.meta, comparison.current.meta
    heading = (
        f"baseline  {before.name} ({before.id})  {', '.join(_weight(lens, lens.baseline_weight) for lens in lenses)}\n"
        f"current   {after.name} ({after.id})  {', '.join(_weight(lens, lens.current_weight) for lens in lenses)}"
    )
    remarks = "\n".join(f"note      {remark}" for remark in comparison.remarks)
    return "\n\n".join(part for part in (heading, remarks, *(_table(lens, top) for lens in lenses)) if part)


def _weight(lens: Comparison, weight: float) -> str:
    return format_value(weight, lens.unit) + (f" {_name(lens.view)}" if lens.view else "")


def _name(view: HeapView) -> str:
    return view.value.replace("_", " ")


def _table(lens: Comparison, top: int) -> str:
    of = "function" if lens.view is None else f"function ({_name(lens.view)}, {'exact' if lens.exact else 'sampled'})"
    headings = ["delta", "baseline", "current", "base %", "cur %", "verdict", of, "file"]
    if lens.view is not None:
        headings[5:5] = ["allocations"]
    return console.table(headings, [_cells(row, lens) for row in lens.changes[:top]], right=(0, 1, 2, 3, 4))


def _cells(row: FunctionChange, lens: Comparison) -> tuple[str, ...]:
    unit: Unit = lens.unit
    counts = (f"{format_count(row.baseline_count)} → {format_count(row.current_count)}",) if lens.view else ()
    return (
        format_value(row.delta, unit) if row.delta < 0 else "+" + format_value(row.delta, unit),
        format_value(row.baseline, unit),
        format_value(row.current, unit),
        format_percent(100 * row.baseline_share),
        format_percent(100 * row.current_share),
        *counts,
        row.verdict.value,
        row.frame.function,
        row.frame.file,
    )
