"""Which editor a person uses, and how it is told the line to open a file at."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

_FALLBACK = "vi"
_WITH_PLUS = frozenset({
    "emacs", "emacsclient", "gvim", "hx", "joe", "kak", "mg", "micro", "nano", "ne", "nvim", "vi", "view", "vim",
})  # fmt: skip
"""`+LINE FILE`, as vi has it."""
_WITH_GOTO = frozenset({"code", "code-insiders", "codium", "cursor", "vscodium", "windsurf"})
"""`-g FILE:LINE`."""
_WITH_COLON = frozenset({"subl", "sublime_text", "zed"})
"""`FILE:LINE`."""


def editor_command(environment: Mapping[str, str], path: str, line: int) -> list[str] | None:
    """Return the command that opens a file at a line in the person's editor; None where there is no editor.

    `$VISUAL` goes before `$EDITOR`, and vi is there where neither is set. A variable may hold options as well.
    """
    editor = _editor(environment)
    if editor is None:
        return None
    name = Path(editor[0]).name
    if name in _WITH_PLUS:
        return [*editor, f"+{line}", path]
    if name in _WITH_GOTO:
        return [*editor, "-g", f"{path}:{line}"]
    return [*editor, f"{path}:{line}" if name in _WITH_COLON else path]


def _editor(environment: Mapping[str, str]) -> list[str] | None:
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(variable, ""))
        except ValueError:
            # A quotation mark without its partner: the next one may do.
            continue
        if words:
            return words if shutil.which(words[0], path=environment.get("PATH")) else None
    return [_FALLBACK] if shutil.which(_FALLBACK, path=environment.get("PATH")) else None
