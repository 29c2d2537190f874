"""`perftui open`: a saved session in the dashboard, with time frozen."""

from __future__ import annotations

import click

from perftui.cli.options import sessions_dir_of, sessions_option
from perftui.storage.catalogue import Catalogue


@click.command("open")
@click.argument("ref", default="@latest")
@sessions_option
@click.pass_context
def open_session(ctx: click.Context, ref: str, sessions_dir: str | None) -> int:
    """Open session REF: a path, a name, an id or its beginning, or @latest."""
    path = Catalogue(sessions_dir_of(ctx, sessions_dir)).resolve(ref)
    from perftui.cli.dashboard import view

    return view(path)
