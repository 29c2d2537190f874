"""The rows of the list of sessions: sessions, and groups of runs that can be shown one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from perftui.storage.groups import Runs, listed_runs
from perftui.storage.listing import SessionEntry
from perftui.ui.widgets.session_text import run_row, session_row


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list."""

    runs: Runs
    """What it stands for."""
    unfolded: bool = False
    """Whether its runs follow, one by one."""
    inner: bool = False
    """Whether it is a run below its group."""

    def cells(self, baseline: Collection[Path]) -> list[Text]:
        """Return its cells; `baseline` are the runs that were marked to compare others with."""
        marked = self.runs.complete == tuple(baseline)
        if self.inner:
            return run_row(self.runs.newest, is_baseline=marked)
        return session_row(self.runs, is_baseline=marked, unfolded=self.unfolded)


def list_rows(entries: Iterable[SessionEntry], wanted: str, unfolded: Collection[str]) -> list[Row]:
    """Return the rows of sessions, the newest first, that hold a text in lower case.

    Args:
        entries: All sessions, the newest first.
        wanted: What is searched for; a group is there where one of its runs holds it.
        unfolded: References to groups whose runs are shown one by one.
    """
    rows: list[Row] = []
    for runs in listed_runs(entries):
        if not any(wanted in entry.search_text for entry in runs.entries):
            continue
        opened = runs.times > 1 and runs.ref in unfolded
        rows.append(Row(runs, opened))
        rows += [Row(Runs((entry,)), inner=True) for entry in runs.entries] if opened else []
    return rows
