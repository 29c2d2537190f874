"""What is done to a saved session from the list of sessions: renamed, tagged, pinned, compared, thrown away."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from perftui.errors import PerftuiError
from perftui.recording.comparison import compare_paths
from perftui.recording.naming import Naming, name_saved, suggested_names, usual_naming
from perftui.storage.catalogue import Catalogue, SessionEntry
from perftui.text import printable
from perftui.ui.screens.base import BaseScreen
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dialogs import AskText, AskYes
from perftui.ui.screens.pin_dialog import PinDialog


class SessionActions(BaseScreen):
    """A screen with a list of sessions, one of which is chosen."""

    _catalogue: Catalogue
    _entries: list[SessionEntry]

    def __init__(self) -> None:
        super().__init__()
        self._baseline: Path | None = None
        """The session that was marked to compare others with."""

    @abstractmethod
    def _chosen(self) -> SessionEntry | None:
        """Return the session that a command is for."""

    @abstractmethod
    def _show_sessions(self) -> None:
        """Draw the list."""

    @abstractmethod
    def action_refresh_list(self) -> object:
        """Read the list again."""

    def action_rename(self) -> None:
        """Ask for a new name."""
        entry = self._chosen()
        if entry is None or entry.meta is None:
            return

        def rename(name: str) -> None:
            if name:
                self._catalogue.rename(str(entry.path), name)

        self._ask("Rename the session", entry.meta.name, rename)

    def action_tag(self) -> None:
        """Ask for tags."""
        entry = self._chosen()
        if entry is None or entry.meta is None:
            return

        def tag(text: str) -> None:
            self._catalogue.tag(str(entry.path), tuple(text.replace(",", " ").split()))

        self._ask("Tags, separated by blanks", " ".join(entry.meta.tags), tag)

    def _ask(self, question: str, value: str, accept: Callable[[str], object]) -> None:
        """Ask for a line and do what it is for, then show what has become of the list."""

        def answered(line: str | None) -> None:
            if line is not None:
                self.action_refresh_list()

        self.app.push_screen(AskText(question, value, accept=accept), answered)

    def action_name(self) -> None:
        """Name the session, and pin it as the baseline."""
        entry = self._chosen()
        if entry is None or entry.meta is None:
            return

        def answer(naming: Naming | None) -> None:
            if naming is not None:
                self._change(lambda: self._tell_former(naming, name_saved(entry.path, naming)))

        names = suggested_names(entry.meta, {each.name for each in self._entries})
        self.app.push_screen(PinDialog(usual_naming(entry.meta), names, what=entry.meta.workload), answer)

    def _tell_former(self, naming: Naming, former: object) -> None:
        for entry in former if isinstance(former, list) else ():
            told = f"{entry.name} was the baseline {naming.baseline} before; it stays pinned"
            self.notify(printable(told), timeout=5, markup=False)

    def action_delete(self) -> None:
        """Ask, then move the session to the trash folder."""
        entry = self._chosen()
        if entry is None:
            return
        meta = entry.meta
        name = printable(meta.name if meta else entry.path.name)

        def delete(yes: bool | None) -> None:
            if yes:
                self._change(lambda: self._catalogue.delete(str(entry.path), pinned=True))

        question = f"Move {name} to the trash folder?"
        if meta is not None and meta.pinned:
            as_what = f" as the baseline {printable(meta.baseline)}" if meta.baseline else ""
            question = f"{name} is pinned{as_what}. Move it to the trash folder all the same?"
        self.app.push_screen(AskYes(question, yes="move it", no="keep it", asked_by="d"), delete)

    def action_compare(self) -> None:
        """Compare with the marked session, or with the pinned baseline; without either, mark this one."""
        entry = self._chosen()
        if entry is None or entry.meta is None:
            return
        pinned = self._catalogue.baseline_for(entry.meta) if self._baseline is None else None
        if self._baseline is None and pinned is None:
            self._baseline = entry.path
            self.notify(f"{printable(entry.meta.name)} is the baseline: select another and press c", markup=False)
            self._show_sessions()
        elif self._baseline == entry.path:
            self._baseline = None
            self._show_sessions()
        else:
            self._compare(pinned.path if pinned is not None else self._baseline or entry.path, entry.path)

    def _compare(self, baseline: Path, current: Path) -> None:
        try:
            self.app.push_screen(CompareScreen(compare_paths(baseline, current)))
        except PerftuiError as error:
            self.tell(error)

    def _change(self, change: Callable[[], object]) -> None:
        try:
            change()
        except PerftuiError as error:
            self.tell(error)
        self.action_refresh_list()
