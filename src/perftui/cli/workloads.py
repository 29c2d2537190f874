"""`perftui workloads`: the workload profiles that `run NAME` finds."""

from __future__ import annotations

import shlex

import click

from perftui.cli import console
from perftui.cli.options import json_option
from perftui.settings.profiles import list_profiles


@click.command()
@json_option
def workloads(as_json: bool) -> int:
    """List the workload profiles that can be run by name."""
    profiles = list_profiles()
    if as_json:
        console.document(
            {
                "schema": "perftui.workloads/1",
                "workloads": [
                    {
                        "name": p.name,
                        "path": str(p.path),
                        "description": p.description,
                        "command": list(p.workload.argv),
                    }
                    for p in profiles
                ],
            }
        )
        return 0
    console.data(
        console.table(
            ("name", "description", "command"), [(p.name, p.description, shlex.join(p.workload.argv)) for p in profiles]
        )
    )
    console.next_command("perftui run NAME")
    return 0
