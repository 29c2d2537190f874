"""`perftui check`: one or several sessions held against a budget and a baseline, with an exit code for CI."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.cli.checking import Asked, checked
from perftui.cli.options import json_option, ref_argument, sessions_dir_of, sessions_option
from perftui.cli.report_files import output_options, written_to
from perftui.errors import ExitCode
from perftui.recording.check import Check
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import REF_HELP

EXIT_CODES = (
    "Exit codes: 0 nothing failed, 1 a rule failed (--strict: or nothing measured it; --fail-on warn: or it warns), 2 "
    "the command line or the budget is wrong, 4 no such session or baseline, a rule about a change has no baseline at "
    "all, or nothing that the budget names was measured, 6 a session cannot be read."
)
FORMATS = ("text", "md", "html", "csv", "json")


@click.command(epilog=f"{REF_HELP} {EXIT_CODES}")
@ref_argument("refs", nargs=-1, metavar="[REF]...")
@click.option(
    "--budget", help="A budget file, or the name of one in budgets/ [the session's own, or the project's only one]."
)
@click.option("--baseline", help="What changes are held against: a baseline's name, any other REF, or a .json file.")
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
    baseline: str | None,
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
    result = checked(
        catalogue,
        refs or ("@latest",),
        Asked(budget, baseline, missing_fails=strict, warn_fails=fail_on == "warn"),
    )
    from perftui.cli.check_output import write_check

    write_check(result, output, junit)
    if output.to_person:
        console.next_command(_next(refs or ("@latest",), baseline, keeps=_is_sound(result)))
    return int(result.exit_code)


def _is_sound(result: Check) -> bool:
    """Say whether these runs could be a baseline: none of them failed, and neither did the check."""
    return result.exit_code is ExitCode.OK and not result.remarks


def _next(refs: tuple[str, ...], baseline: str | None, *, keeps: bool) -> str:
    """Return what helps most after a check: a look at what failed, or keeping what passed."""
    last, all_of = shlex.quote(refs[-1]), shlex.join(refs)
    if keeps and baseline is None:
        return f"perftui baseline save main {all_of}"
    return f"perftui compare {last} --baseline {shlex.quote(baseline)}" if baseline else f"perftui open {last}"
