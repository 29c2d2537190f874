"""`perftui compare`: two sessions side by side, on a screen or as a report."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.cli.completion import resolve_runs
from perftui.cli.options import ref_argument, sessions_dir_of, sessions_option
from perftui.cli.progress import progress_bar
from perftui.cli.report_options import EXIT_CODES, ReportOptions, asked_for, report_options
from perftui.storage.baselines import names_baseline
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.storage.names import REF_HELP


@click.command(epilog=f"{REF_HELP}\n\n{EXIT_CODES.format(also='')}")
@ref_argument("baseline")
@ref_argument("current")
@click.option("--single", is_flag=True, help="Only the newest run of each side, where several were recorded together.")
@report_options()
@sessions_option
@click.pass_context
def compare(
    ctx: click.Context, /, baseline: str, current: str, single: bool, sessions_dir: str | None, **options: Any
) -> int:
    """Compare session CURRENT with session BASELINE: CPU and memory, as far as both hold them.

    `@baseline` is the session that is pinned as the baseline of CURRENT's workload. Of runs that were recorded together
    (`group:ID`, or the name that they share) all are compared. Either side may also be a file of another tool:
    collapsed stacks, speedscope JSON, pprof or a memray capture, compared as it counts and imported nowhere.
    """
    from perftui.recording.compared_files import ComparedFiles

    asked = asked_for(options)
    catalogue = Catalogue(sessions_dir_of(ctx, sessions_dir))
    with ComparedFiles(on_progress=lambda progress: console.progress(progress_bar(progress))) as files:
        after = [files.session_of(path) for path in resolve_runs(catalogue, current, single=single)]
        # Which baseline is meant follows from what is held against it.
        beside = read_meta(after[-1]) if names_baseline(baseline) else None
        runs = resolve_runs(catalogue, baseline, single=single, beside=beside)
        before = [files.session_of(path) for path in runs]
        console.clear_progress()
        for note in files.notes:
            console.say(f"note: {note}")
        return show_comparison(before, after, (shlex.quote(baseline), shlex.quote(current)), asked)


def show_comparison(before: Sequence[Path], after: Sequence[Path], refs: tuple[str, str], asked: ReportOptions) -> int:
    """Show the runs of two sides on a screen where there is one, or write a report; return the exit code.

    Args:
        before: Session files of the baseline's side.
        after: Session files of the current side.
        refs: What a person types for each side.
        asked: In which format, where to, for whom, and what is a failure.
    """
    if not asked.wants_report and console.has_screen():
        from perftui.cli.dashboard import compare as compare_on_screen

        return compare_on_screen(before, after)
    from perftui.cli.comparison_output import write_comparison
    from perftui.recording.comparison import compare_paths

    code = write_comparison(compare_paths(before, after), asked)
    if asked.format is None and asked.output is None:
        console.next_command(f"perftui compare {refs[0]} {refs[1]}   (in a terminal: both flames side by side)")
    return code
