"""`perftui doctor`: can this machine observe a process?"""

from __future__ import annotations

import os
import shutil
import sys

import click

from perftui.cli import console
from perftui.cli.options import json_option, sessions_dir_of, sessions_option
from perftui.errors import ExitCode
from perftui.sources.diagnosis import CheckVerdict, diagnose_machine, terminal_checks


@click.command()
@json_option
@sessions_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, sessions_dir: str | None) -> int:
    """Check py-spy, memray, permissions, the container and the terminal; each trouble with its remedy."""
    size = shutil.get_terminal_size()
    checks = [
        *diagnose_machine(sessions=sessions_dir_of(ctx, sessions_dir)),
        *terminal_checks(
            environ=dict(os.environ),
            is_terminal=sys.stdout.isatty(),
            columns=size.columns,
            lines=size.lines,
            encoding=sys.stdout.encoding or "",
        ),
    ]
    failed = any(check.verdict is CheckVerdict.FAIL for check in checks)
    if as_json:
        console.document(
            {
                "schema": "perftui.doctor/1",
                "checks": [
                    {"name": c.name, "verdict": c.verdict.value, "finding": c.finding, "remedy": c.remedy}
                    for c in checks
                ],
            }
        )
    else:
        for check in checks:
            console.data(f"{check.verdict.value.upper():4}  {check.name}: {check.finding}")
            if check.remedy:
                console.data(f"      remedy: {check.remedy}")
        console.next_command("perftui run demo")
    return int(ExitCode.CANNOT_OBSERVE if failed else ExitCode.OK)
