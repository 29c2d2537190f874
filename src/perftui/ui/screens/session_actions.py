"""What is done to saved sessions from their list: renamed, tagged, pinned, compared, thrown away.

A row may stand for several runs that were recorded together: then it is done to all of them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from perftui.errors import PerftuiError
from perftui.model.session import SessionMeta
from perftui.recording.comparison import compare_paths
from perftui.recording.early_look import begin_look
from perftui.recording.naming import Naming, name_saved, suggested_names, usual_naming
from perftui.storage.catalogue import Catalogue, SessionEntry
from perftui.storage.groups import Runs
from perftui.text import printable
from perftui.ui.screens.base import BaseScreen
from perftui.ui.screens.comparing import ComparingScreen
from perftui.ui.screens.dialogs import AskText, AskYes
from perftui.ui.screens.pin_dialog import PinDialog


class SessionActions(BaseScreen):
    """A screen with a list of sessions, one of which is chosen."""

    _catalogue: Catalogue
    _entries: list[SessionEntry]

    def __init__(self) -> None:
        super().__init__()
        self._baseline: tuple[Path, ...] = ()
        """The runs that were marked to compare others with."""

    @abstractmethod
    def _chosen(self) -> Runs | None:
        """Return the session, or the runs, that a command is for."""

    @abstractmethod
    def _show_sessions(self) -> None:
        """Draw the list."""

    @abstractmethod
    def action_refresh_list(self) -> object:
        """Read the list again."""

    def action_rename(self) -> None:
        """Ask for a new name."""
        runs, meta = self._readable()
        if runs is None or meta is None:
            return

        def rename(name: str) -> None:
            if name:
                self._catalogue.rename(runs.ref, name)

        self._ask(f"Rename {_what(runs)}", meta.name, rename)

    def action_tag(self) -> None:
        """Ask for tags."""
        runs, meta = self._readable()
        if runs is None or meta is None:
            return

        def tag(text: str) -> None:
            self._catalogue.tag(runs.ref, tuple(text.replace(",", " ").split()))

        many = f" of {_what(runs)}" if runs.times > 1 else ""
        self._ask(f"Tags{many}, separated by blanks", " ".join(meta.tags), tag)

    def _ask(self, question: str, value: str, accept: Callable[[str], object]) -> None:
        """Ask for a line and do what it is for, then show what has become of the list."""

        def answered(line: str | None) -> None:
            if line is not None:
                self.action_refresh_list()

        self.app.push_screen(AskText(question, value, accept=accept), answered)

    def action_name(self) -> None:
        """Name the session, and pin it as the baseline."""
        runs, meta = self._readable()
        if runs is None or meta is None:
            return
        path, ref = runs.newest.path, runs.ref

        def answer(naming: Naming | None) -> None:
            if naming is not None:
                self._change(lambda: self._tell_former(naming, name_saved(path, naming, ref=ref)))

        names = suggested_names(meta, {each.name for each in self._entries})
        self.app.push_screen(PinDialog(usual_naming(meta), names, what=meta.workload), answer)

    def _tell_former(self, naming: Naming, former: object) -> None:
        for entry in former if isinstance(former, list) else ():
            told = f"{entry.name} was the baseline {naming.baseline} before; it stays pinned"
            self.notify(printable(told), timeout=5, markup=False)

    def action_delete(self) -> None:
        """Ask, then move the session to the trash folder."""
        runs = self._chosen()
        if runs is None:
            return
        meta = runs.newest.meta
        name = printable(meta.name if meta else runs.newest.path.name)
        if runs.times > 1:
            name = f"{_what(runs)} of {name}"

        def delete(yes: bool | None) -> None:
            if yes:
                self._change(lambda: self._catalogue.delete_all([run.path for run in runs.entries], pinned=True))

        it = "them" if runs.times > 1 else "it"
        question = f"Move {name} to the trash folder?"
        pinned = [entry.meta for entry in runs.entries if entry.meta is not None and entry.meta.pinned]
        if pinned:
            baseline = next((each.baseline for each in reversed(pinned) if each.baseline), "")
            as_what = f" as the baseline {printable(baseline)}" if baseline else ""
            which = name if len(pinned) == runs.times else f"{len(pinned)} of {name}"
            are = "are" if len(pinned) > 1 else "is"
            question = f"{which} {are} pinned{as_what}. Move {it} to the trash folder all the same?"
        self.app.push_screen(AskYes(question, yes=f"move {it}", no=f"keep {it}", asked_by="d"), delete)

    def action_compare(self) -> None:
        """Compare with the marked session, or with the pinned baseline; without either, mark this one."""
        runs, meta = self._readable()
        if runs is None or meta is None:
            return
        baseline = self._baseline or self._catalogue.baseline_runs_for(meta)
        if not baseline:
            self._baseline = runs.complete
            self.notify(f"{printable(runs.title)} is the baseline: select another and press c", markup=False)
            self._show_sessions()
        elif self._baseline == runs.complete:
            self._baseline = ()
            self._show_sessions()
        else:
            self._compare(baseline, runs.complete)

    def _compare(self, baseline: Sequence[Path], current: Sequence[Path]) -> None:
        self.app.push_screen(
            ComparingScreen(
                lambda: compare_paths(baseline, current),
                lambda: begin_look(baseline, current)(),
                (baseline, current),
            )
        )

    def _readable(self) -> tuple[Runs | None, SessionMeta | None]:
        """Return what a command is for, with what is known of its newest run; nothing where that cannot be read."""
        runs = self._chosen()
        return runs, runs.newest.meta if runs is not None else None

    def _change(self, change: Callable[[], object]) -> None:
        try:
            change()
        except PerftuiError as error:
            self.tell(error)
        self.action_refresh_list()


def _what(runs: Runs) -> str:
    return f"all {runs.times} {'parts' if runs.is_watch else 'runs'}" if runs.times > 1 else "the session"
