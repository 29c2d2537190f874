"""`perftui schema`: the JSON Schema of budgets or workload profiles, for editors and other programs."""

from __future__ import annotations

from importlib.resources import files

import click

from perftui.cli import console

KINDS = ("budget", "profile")
_FOLDER = "bundled/schemas"


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
def schema(kind: str) -> int:
    """Print the JSON Schema of budgets or of workload profiles: editors complete and check files by it."""
    console.pieces([schema_text(kind)])
    return 0


def schema_text(kind: str) -> str:
    """Return the schema of a kind of file, one of `KINDS`."""
    return files("perftui").joinpath(f"{_FOLDER}/{kind}.schema.json").read_text(encoding="utf-8")
