"""`perftui check`: one or several sessions held against a budget and a baseline, with an exit code for CI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perftui.budgets.gate import Strictness
from perftui.budgets.spec import Budget
from perftui.cli import console
from perftui.cli.budget_choice import budget_of
from perftui.cli.options import json_option, sessions_dir_of, sessions_option
from perftui.cli.report_files import OutputFile, output_options, written_to
from perftui.errors import UsageError
from perftui.storage.catalogue import Catalogue

EXIT_CODES = (
    "Exit codes: 0 nothing failed, 1 a rule failed (--strict: or nothing measured it; --fail-on warn: or it warns), 2 "
    "the command line or the budget is wrong, 4 no such session or baseline, a rule about a change has no baseline at "
    "all, or nothing that the budget names was measured, 6 a session cannot be read."
)
FORMATS = ("text", "md", "html", "csv", "json")


@click.command(epilog=EXIT_CODES)
@click.argument("refs", nargs=-1, metavar="[REF]...")
@click.option(
    "--budget", help="A budget file, or the name of one in budgets/ [the session's own, or the project's only one]."
)
@output_options(FORMATS)
@json_option
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML too, one test a rule.")
@click.option("--strict", is_flag=True, help="A rule that nothing measured fails.")
@click.option("--fail-on", type=click.Choice(["warn"]), help="Warnings fail too.")
@sessions_option
@click.pass_context
def check(
    ctx: click.Context,
    /,
    refs: tuple[str, ...],
    budget: str | None,
    junit: Path | None,
    strict: bool,
    fail_on: str | None,
    sessions_dir: str | None,
    **options: Any,
) -> int:
    """Hold sessions against a budget: what passes, what fails, and by how much.

    REF is a session, or several runs of one workload [@latest]. In a workflow of GitHub the verdicts also become its
    step summary, outputs of the step, and annotations at the lines of the budget.
    """
    output = written_to(options, FORMATS, also=junit)
    catalogue = Catalogue(sessions_dir_of(ctx, sessions_dir))
    asked = refs or ("@latest",)
    paths = tuple(dict.fromkeys(path for ref in asked for path in catalogue.runs_of(ref)))
    chosen = budget_of(budget, paths[-1])
    strictness = Strictness(strict, fail_on == "warn", chosen.on_inconclusive)
    return _checked(paths, " ".join(asked), chosen, strictness, output, junit)


def _checked(
    paths: tuple[Path, ...],
    ref: str,
    budget: Budget,
    strictness: Strictness,
    output: OutputFile,
    junit: Path | None,
) -> int:
    from perftui.cli.check_output import write_check
    from perftui.recording.checking import check_sessions

    if not paths:
        raise UsageError("there is no session to check", hint="perftui record -- COMMAND makes one")
    result = check_sessions(paths, ref, budget, strictness=strictness)
    write_check(result, output, junit)
    if output.to_person:
        console.next_command(f"perftui open {paths[-1].name.partition('.')[0]}")
    return int(result.exit_code)
