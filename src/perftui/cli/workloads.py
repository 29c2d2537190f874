"""`perftui workloads`: the workload profiles that `run NAME` finds."""

from __future__ import annotations

import shlex

import click

from perftui.cli import console
from perftui.cli.options import json_option
from perftui.settings.profiles import list_entries
from perftui.settings.spec import ProfileEntry


@click.command()
@json_option
def workloads(as_json: bool) -> int:
    """List the workload profiles that can be run by name."""
    entries = list_entries()
    if as_json:
        console.document({"schema": "perftui.workloads/1", "workloads": [_document(entry) for entry in entries]})
        return 0
    console.data(
        console.table(
            ("name", "from", "description", "command"),
            [(entry.name, entry.origin, entry.description or entry.error, _command(entry)) for entry in entries],
        )
    )
    console.next_command("perftui run NAME")
    return 0


def _command(entry: ProfileEntry) -> str:
    return shlex.join(entry.profile.workload.argv) if entry.profile else ""


def _document(entry: ProfileEntry) -> dict[str, object]:
    return {
        "name": entry.name,
        "path": str(entry.path),
        "origin": entry.origin,
        "description": entry.description,
        "command": list(entry.profile.workload.argv) if entry.profile else None,
        "error": entry.error or None,
    }
