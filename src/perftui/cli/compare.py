"""`perftui compare`: two sessions side by side, on a screen or as a report."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.cli.completion import resolve_runs
from perftui.cli.options import ref_argument, sessions_dir_of, sessions_option
from perftui.cli.progress import progress_bar
from perftui.cli.report_options import EXIT_CODES, ReportFormat, ReportOptions, asked_for, report_options
from perftui.errors import NoDataError, UsageError
from perftui.model.run_figures import RunFigures
from perftui.storage.baselines import names_baseline
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.storage.names import REF_HELP
from perftui.storage.references import names_facts
from perftui.text import printable


class _TwoSides(click.Command):
    """Refuses what names no two sides with the other mistakes of a command line: before anything is looked up."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let click read the words, then count them."""
        rest = super().parse_args(ctx, args)
        refs, named = ctx.params["refs"], ctx.params["named"]
        if named and len(refs) != 1:
            msg = f"with --baseline one session is named: perftui compare @latest --baseline {named}"
            raise click.UsageError(msg, ctx)
        if not named and len(refs) != len(("baseline", "current")):
            msg = "name two sessions, the baseline and the current one: perftui compare @latest~1 @latest"
            raise click.UsageError(msg, ctx)
        return rest


@click.command(cls=_TwoSides, epilog=f"{REF_HELP}\n\n{EXIT_CODES.format(also='')}")
@ref_argument("refs", nargs=-1, metavar="[BASELINE] CURRENT")
@click.option(
    "--baseline", "named", default="", help="In place of BASELINE: a baseline by its name, or its .json file."
)
@click.option("--single", is_flag=True, help="Only the newest run of each side, where several were recorded together.")
@report_options()
@sessions_option
@click.pass_context
def compare(
    ctx: click.Context, /, refs: tuple[str, ...], named: str, single: bool, sessions_dir: str | None, **options: Any
) -> int:
    """Compare session CURRENT with session BASELINE: CPU and memory, as far as both hold them.

    `@baseline` is the session that is pinned as the baseline of CURRENT's workload. Of runs that were recorded together
    (`group:ID`, or the name that they share) all are compared. Either side may also be a file of another tool:
    collapsed stacks, speedscope JSON, pprof or a memray capture, compared as it counts and imported nowhere. Of a
    baseline's .json there are figures alone, as a table or with --json.

    \b
    perftui compare before after
    perftui compare @latest --baseline main
    """  # noqa: D301 (click wants the character, not its escape)
    from perftui.recording.compared_files import ComparedFiles

    current = refs[-1]
    baseline = named or refs[0]
    asked = asked_for(options)
    catalogue = Catalogue(sessions_dir_of(ctx, sessions_dir))
    if named:
        from perftui.recording.named_figures import file_of_baseline, session_ref

        if (file := file_of_baseline(catalogue, named)) is not None:
            return _compare_figures(catalogue, file, current, asked)
        baseline = session_ref(catalogue, named)
    with ComparedFiles(on_progress=lambda progress: console.progress(progress_bar(progress))) as files:
        after = [files.session_of(path) for path in resolve_runs(catalogue, current, single=single)]
        # Which baseline is meant follows from what is held against it.
        beside = read_meta(after[-1]) if names_baseline(baseline) or names_facts(baseline) else None
        runs = resolve_runs(catalogue, baseline, single=single, beside=beside)
        before = [files.session_of(path) for path in runs]
        console.clear_progress()
        for note in files.notes:
            console.say(f"note: {note}")
        return show_comparison(before, after, (shlex.quote(baseline), shlex.quote(current)), asked)


def _compare_figures(catalogue: Catalogue, file: Path, current: str, asked: ReportOptions) -> int:
    """Compare with a committed baseline, of which there are figures alone."""
    from perftui.formats.baseline_reader import read_baseline
    from perftui.recording.named_figures import figures_of_refs

    shown = printable(str(file))
    _check_figures_can(asked, f"{shown} holds figures alone", (shlex.quote(shown), shlex.quote(current)))
    return _print_changes(read_baseline(file, ref=os.path.relpath(file)), figures_of_refs(catalogue, [current]), asked)


def _check_figures_can(asked: ReportOptions, why: str, refs: tuple[str, str]) -> None:
    """Raise `UsageError` for reports that need more than figures."""
    if asked.format not in (None, ReportFormat.TEXT, ReportFormat.JSON) or asked.output or asked.fails_on_regression:
        raise UsageError(
            f"{why}: they are a table, or JSON",
            hint=f"`perftui check {refs[1]} --baseline {refs[0]}` writes reports, and can fail",
        )


def _print_changes(before: RunFigures, after: RunFigures, asked: ReportOptions) -> int:
    from perftui.cli.change_table import changes_document, changes_text

    if asked.format is ReportFormat.JSON:
        console.document({"schema": "perftui.figures/1", **changes_document(before, after)})
    else:
        console.data(changes_text(before, after))
    return 0


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
    from perftui.recording.held_operations import operations_of

    try:
        comparison = compare_paths(before, after)
    except NoDataError:
        old, new = operations_of(before), operations_of(after)
        if old is None or new is None:
            raise
        _check_figures_can(asked, "both hold operations alone", refs)
        return _print_changes(old, new, asked)
    code = write_comparison(comparison, asked)
    if asked.format is None and asked.output is None:
        console.next_command(f"perftui compare {refs[0]} {refs[1]}   (in a terminal: both flames side by side)")
    return code
