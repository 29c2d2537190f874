"""A budget file that may be edited while it is in use."""

from __future__ import annotations

from pathlib import Path

from perftui.budgets.load import load_budget
from perftui.budgets.spec import Budget
from perftui.errors import ConfigError


class BudgetFile:
    """The budget of a file, read again when the file has changed; a broken edit leaves the last good one in force."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises `ConfigError`."""
        self.path = path
        self._stamp = self._look()
        self.budget: Budget = load_budget(path)
        self.error = ""
        """What is wrong with the file as it is now; empty when all is well."""
        self.hint = ""

    def changed(self) -> bool:
        """Read the file again where it has changed; say whether `budget` or `error` is another one now."""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        before = (self.budget, self.error)
        try:
            self.budget = load_budget(self.path)
        except ConfigError as error:
            self.error, self.hint = error.message, error.hint
        else:
            self.error = self.hint = ""
        return (self.budget, self.error) != before

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        # An editor that writes a new file and renames it gives another inode, even within one tick of the clock.
        return found.st_mtime_ns, found.st_size, found.st_ino
