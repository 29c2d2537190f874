"""`perftui report --site`: a static site of trends, written into a directory or brought up to date there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perftui.cli import console
from perftui.errors import NoDataError, UsageError
from perftui.storage.listing import SessionEntry
from perftui.text import printable

_MARK = "· perftui</title>"
"""Stands in every page that we write; a page without it is somebody else's."""
_HEAD = 4_096
_FUNCTIONS = 10


def write_site(entries: Sequence[SessionEntry], directory: Path) -> int:
    """Write the pages of all workloads; other files of the directory stay as they are.

    Raises:
        NoDataError: There are no complete sessions.
        UsageError: The directory cannot be written, or a page would replace a file that is none of ours.
    """
    from perftui.recording.period import followed_trends
    from perftui.recording.trends import read_series
    from perftui.recording.workload_series import all_series
    from perftui.reports.trend_site import INDEX, site_pages

    try:
        read = [(series, read_series(series, progress=console.reading_sessions)) for series in all_series(entries)]
    finally:
        console.clear_progress()
    workloads = [(series.workload, series.host, followed_trends(each, functions=_FUNCTIONS)) for series, each in read]
    told = [row for row in workloads if row[2]]
    if not told:
        hint = "`perftui sessions list` shows what there is"
        raise NoDataError("there are no complete sessions to tell of", hint=hint)
    pages = site_pages(told)
    for name in pages:
        _refuse_foreign(directory / name)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {directory}: {error.strerror}", hint="choose another directory") from None
    # The index last: until then it leads to what is there.
    for name in sorted(pages, key=lambda name: name == INDEX):
        console.write_file(directory / name, (pages[name],))
    console.say(f"{len(pages)} pages written to {printable(str(directory))}")
    console.next_command(f"open {printable(str(directory / INDEX))} in a browser")
    return 0


def _refuse_foreign(path: Path) -> None:
    try:
        with path.open(encoding="utf-8", errors="replace") as page:
            # The style that stands behind the title is long.
            ours = _MARK in page.read(_HEAD)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="choose another directory") from None
    if not ours:
        raise UsageError(f"{path} is no page of ours", hint="choose another directory, or move that file away")
