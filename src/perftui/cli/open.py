"""`perftui open`: a saved session in the dashboard, with time frozen; a memray capture becomes one on the way."""

from __future__ import annotations

from pathlib import Path

import click

from perftui.cli.completion import resolve_complete
from perftui.cli.options import ref_argument, sessions_dir_of, sessions_option
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import REF_HELP


@click.command("open", epilog=REF_HELP)
@ref_argument(default="@latest")
@sessions_option
@click.pass_context
def open_session(ctx: click.Context, ref: str, sessions_dir: str | None) -> int:
    """Open session REF: a path, a name, an id or its beginning, or @latest; or a capture of memray's."""
    sessions = sessions_dir_of(ctx, sessions_dir)
    if _is_capture(ref):
        from perftui.cli.dashboard import view_capture

        return view_capture(Path(ref), sessions)
    path = resolve_complete(Catalogue(sessions), ref)
    from perftui.cli.dashboard import view

    return view(path)


def _is_capture(ref: str) -> bool:
    if ref.startswith("@"):
        return False
    from perftui.sources.heap.header import looks_like_capture

    return looks_like_capture(Path(ref))
